/*
 * kept.h - what a box keeps on its data: the file system is put right as at a
 * start, and what is in it taken out.
 */
#pragma once
#include "base/base.h"

struct kept {
	bool is_mended; /* there was more than a journal to replay */
	uint64_t content; /* a number of all files, with their names */
};

/* fd: the file system, decrypted, which is changed; world: a folder, in which
 * /var/lib/konklave comes to kept/konklave, and systemd-creds' secret to
 * kept/secret; runtime: that of a Debian with e2fsck and debugfs. */
struct kept kept_take(int fd, const char *world, const char *runtime);
