/* alloc.c - heap and wiping. */
#define _GNU_SOURCE /* explicit_bzero */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *kk_calloc(size_t count, size_t size_bytes)
{
	if (count == 0 || size_bytes == 0)
		return calloc(1, 1);
	if (count > SIZE_MAX / size_bytes) /* whatever the C library does */
		return NULL;
	return calloc(count, size_bytes);
}

void *kk_regrow(void *old, size_t old_count, size_t new_count,
    size_t size_bytes)
{
	void *p = kk_calloc(new_count, size_bytes);
	size_t keep = old_count < new_count ? old_count : new_count;

	if (!p)
		return NULL;
	if (old && keep > 0)
		memcpy(p, old, keep * size_bytes);
	kk_free_wiped(old, old_count * size_bytes);
	return p;
}

void kk_free(void *p)
{
	free(p);
}

void kk_free_wiped(void *p, size_t bytes)
{
	if (!p)
		return;
	kk_wipe(p, bytes);
	free(p);
}

void kk_wipe(void *p, size_t bytes)
{
	if (p && bytes > 0)
		explicit_bzero(p, bytes);
}
