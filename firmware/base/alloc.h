/* alloc.h - the only door to the heap.  Any thread. */
#pragma once
#include <stddef.h>

#include "base/err.h"

/*
 * Zeroed memory for count things of size bytes each, to be released with
 * kk_free() or kk_free_wiped().  NULL when there is none, or when the product
 * overflows.  count or size 0 gives a valid, distinct pointer.
 */
void *kk_calloc(size_t count, size_t size_bytes);

/*
 * Grows an array to new_count things, new ones zeroed.  The old memory is wiped
 * before it is released, so secrets may stand in it.  On NULL the old array is
 * still the caller's, as it was.
 */
void *kk_regrow(void *old, size_t old_count, size_t new_count,
    size_t size_bytes);

void kk_free(void *p); /* NULL is fine */
void kk_free_wiped(void *p, size_t bytes); /* NULL is fine */

/* Overwrites memory in a way that the compiler cannot leave out. */
void kk_wipe(void *p, size_t bytes);
