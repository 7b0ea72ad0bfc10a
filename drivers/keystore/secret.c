/* secret.c - memory that stays in memory. */
#define _GNU_SOURCE /* MADV_DONTDUMP, MADV_WIPEONFORK */
#include <sys/mman.h>

#include "drivers/keystore/keystore_internal.h"

void *keystore_secret_new(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	/* Each is a better effort: limits and old kernels may refuse. */
	(void)mlock(p, bytes);
	(void)madvise(p, bytes, MADV_DONTDUMP);
	(void)madvise(p, bytes, MADV_WIPEONFORK);
	return p;
}

void keystore_secret_free(void *p, size_t bytes)
{
	if (!p)
		return;
	kk_wipe(p, bytes);
	(void)munmap(p, bytes); /* unlocks too */
}
