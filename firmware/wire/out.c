/* out.c - a writer into the caller's buffer. */
#include "wire/out.h"

#include <string.h>

void wire_out_init(struct wire_out *w, uint8_t *data, size_t room_bytes)
{
	*w = (struct wire_out){ data, room_bytes, 0, KK_OK };
}

void wire_out_fail(struct wire_out *w, enum kk_err err)
{
	if (!w->err)
		w->err = err;
}

/* The place of the next bytes, or NULL. */
static uint8_t *room_take(struct wire_out *w, size_t bytes)
{
	uint8_t *at;

	if (!w->err && bytes > w->room_bytes - w->bytes)
		w->err = KK_ENOSPC;
	if (w->err || bytes == 0)
		return NULL;
	at = w->data + w->bytes;
	w->bytes += bytes;
	return at;
}

static void number_write(struct wire_out *w, uint32_t n, size_t bytes)
{
	uint8_t *at = room_take(w, bytes);

	for (size_t i = 0; at && i < bytes; i++)
		at[i] = (uint8_t)(n >> 8 * (bytes - 1 - i));
}

void wire_out_u8(struct wire_out *w, unsigned n)
{
	number_write(w, n, 1);
}

void wire_out_u16(struct wire_out *w, unsigned n)
{
	number_write(w, n, 2);
}

void wire_out_u24(struct wire_out *w, uint32_t n)
{
	number_write(w, n, 3);
}

void wire_out_u32(struct wire_out *w, uint32_t n)
{
	number_write(w, n, 4);
}

void wire_out_raw(struct wire_out *w, struct kk_view v)
{
	uint8_t *at = room_take(w, v.bytes);

	if (at)
		memcpy(at, v.data, v.bytes);
}

void wire_out_zero(struct wire_out *w, size_t bytes)
{
	uint8_t *at = room_take(w, bytes);

	if (at)
		memset(at, 0, bytes);
}

struct kk_view wire_out_view(const struct wire_out *w)
{
	return kk_view_of(w->data, w->bytes);
}

void wire_put_u16(uint8_t *at, unsigned n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

void wire_put_u32(uint8_t *at, uint32_t n)
{
	wire_put_u16(at, n >> 16);
	wire_put_u16(at + 2, n & 0xffff);
}

uint16_t wire_get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t wire_get_u24(const uint8_t *at)
{
	return (uint32_t)at[0] << 16 | wire_get_u16(at + 1);
}

uint32_t wire_get_u32(const uint8_t *at)
{
	return (uint32_t)wire_get_u16(at) << 16 | wire_get_u16(at + 2);
}
