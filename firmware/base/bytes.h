/* bytes.h - runs of bytes, borrowed and owned. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Borrowed: somebody else's memory, not to be released. */
struct kk_view {
	const uint8_t *data; /* may be NULL when bytes is 0 */
	size_t bytes;
};

/* Owned: heap memory of the struct's holder.  All zero is the empty run. */
struct kk_bytes {
	uint8_t *data; /* NULL when bytes is 0 */
	size_t bytes;
};

struct kk_view kk_view_of(const void *data, size_t bytes);
struct kk_view kk_view_text(const char *text); /* without the final zero */
struct kk_view kk_bytes_view(const struct kk_bytes *b);

bool kk_view_equal(struct kk_view a, struct kk_view b); /* for public data */

/* Compares without telling by its time where the difference is. */
bool kk_secret_equal(const void *a, const void *b, size_t bytes);

/* Orders like memcmp, a shorter run before a longer one with its bytes. */
int kk_view_compare(struct kk_view a, struct kk_view b);

/*
 * Copies a view into owned memory.  *b is overwritten without being released.
 * On error *b is empty.  Errors: KK_ENOMEM.
 */
MUST_CHECK enum kk_err kk_bytes_copy(struct kk_bytes *b, struct kk_view from);

void kk_bytes_clear(struct kk_bytes *b); /* wipes, releases, empties */

/* Gives the memory to the caller of the returned struct; *b becomes empty. */
struct kk_bytes kk_bytes_take(struct kk_bytes *b);
