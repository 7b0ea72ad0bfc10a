/* bytes.c - runs of bytes, borrowed and owned. */
#include "base/bytes.h"

#include <string.h>

#include "base/alloc.h"

struct kk_view kk_view_of(const void *data, size_t bytes)
{
	return (struct kk_view){ data, bytes };
}

struct kk_view kk_view_text(const char *text)
{
	return kk_view_of(text, strlen(text));
}

struct kk_view kk_bytes_view(const struct kk_bytes *b)
{
	return kk_view_of(b->data, b->bytes);
}

bool kk_view_equal(struct kk_view a, struct kk_view b)
{
	return kk_view_compare(a, b) == 0;
}

bool kk_secret_equal(const void *a, const void *b, size_t bytes)
{
	const volatile uint8_t *pa = a, *pb = b;
	uint8_t diff = 0;

	for (size_t i = 0; i < bytes; i++)
		diff |= pa[i] ^ pb[i];
	return diff == 0;
}

int kk_view_compare(struct kk_view a, struct kk_view b)
{
	size_t shared = a.bytes < b.bytes ? a.bytes : b.bytes;
	int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;

	if (order != 0)
		return order;
	return (a.bytes > b.bytes) - (a.bytes < b.bytes);
}

enum kk_err kk_bytes_copy(struct kk_bytes *b, struct kk_view from)
{
	*b = (struct kk_bytes){ 0 };
	if (from.bytes == 0)
		return KK_OK;
	b->data = kk_calloc(1, from.bytes);
	if (!b->data)
		return KK_ENOMEM;
	memcpy(b->data, from.data, from.bytes);
	b->bytes = from.bytes;
	return KK_OK;
}

void kk_bytes_clear(struct kk_bytes *b)
{
	kk_free_wiped(b->data, b->bytes);
	*b = (struct kk_bytes){ 0 };
}

struct kk_bytes kk_bytes_take(struct kk_bytes *b)
{
	struct kk_bytes taken = *b;

	*b = (struct kk_bytes){ 0 };
	return taken;
}
