/*
 * memory.h - memory for a ring that another process maps, too.  One thread.
 */
#pragma once
#include "base/base.h"

struct memory { /* all zero but fd -1: none */
	int fd;
	void *data; /* a page's alignment */
	size_t bytes;
};

/*
 * Zeroes, of a size that nobody can change any more: a process that has the
 * descriptor can write, and do no other harm.  On error *m is none.
 * Errors: KK_ENOMEM.
 */
MUST_CHECK enum kk_err memory_open(struct memory *m, size_t bytes);
void memory_close(struct memory *m); /* others keep theirs */
