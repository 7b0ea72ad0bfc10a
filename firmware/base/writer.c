/* writer.c - a growing, bounded writer of the TLS presentation language. */
#include "base/writer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/reader.h"

enum { FIRST_ROOM_BYTES = 128 };

void kk_writer_init(struct kk_writer *w)
{
	*w = (struct kk_writer){ 0 };
}

void kk_writer_clear(struct kk_writer *w)
{
	kk_free_wiped(w->data, w->room_bytes);
	*w = (struct kk_writer){ 0 };
}

void kk_writer_fail(struct kk_writer *w, enum kk_err err)
{
	if (!w->err)
		w->err = err;
}

/* Returns where more_bytes may be written, or NULL after an error. */
static uint8_t *writer_extend(struct kk_writer *w, size_t more_bytes)
{
	size_t room = w->room_bytes ? w->room_bytes : FIRST_ROOM_BYTES;
	uint8_t *grown;

	if (w->err)
		return NULL;
	if (more_bytes > KK_WRITER_MAX_BYTES - w->bytes) {
		w->err = KK_ELIMIT;
		return NULL;
	}
	while (room < w->bytes + more_bytes)
		room *= 2;
	if (room > w->room_bytes) {
		grown = kk_regrow(w->data, w->room_bytes, room, 1);
		if (!grown) {
			w->err = KK_ENOMEM;
			return NULL;
		}
		w->data = grown;
		w->room_bytes = room;
	}
	w->bytes += more_bytes;
	return w->data + w->bytes - more_bytes;
}

static void write_number(struct kk_writer *w, uint64_t n, size_t bytes)
{
	uint8_t *p = writer_extend(w, bytes);

	for (size_t i = 0; p && i < bytes; i++)
		p[i] = (uint8_t)(n >> 8 * (bytes - 1 - i));
}

void kk_write_u8(struct kk_writer *w, uint8_t n)
{
	write_number(w, n, 1);
}

void kk_write_u16(struct kk_writer *w, uint16_t n)
{
	write_number(w, n, 2);
}

void kk_write_u32(struct kk_writer *w, uint32_t n)
{
	write_number(w, n, 4);
}

void kk_write_u64(struct kk_writer *w, uint64_t n)
{
	write_number(w, n, 8);
}

static size_t varint_bytes(size_t n)
{
	if (n < 0x40)
		return 1;
	return n < 0x4000 ? 2 : 4;
}

/* Writes n at p in its shortest form; the prefix tells 1, 2 or 4 bytes. */
static void varint_put(uint8_t *p, size_t n)
{
	size_t bytes = varint_bytes(n);

	for (size_t i = 0; i < bytes; i++)
		p[i] = (uint8_t)(n >> 8 * (bytes - 1 - i));
	p[0] |= bytes == 4 ? 0x80 : bytes == 2 ? 0x40 : 0;
}

void kk_write_varint(struct kk_writer *w, size_t n)
{
	uint8_t *p;

	if (n > KK_VARINT_MAX) {
		kk_writer_fail(w, KK_ELIMIT);
		return;
	}
	p = writer_extend(w, varint_bytes(n));
	if (p)
		varint_put(p, n);
}

void kk_write_raw(struct kk_writer *w, struct kk_view v)
{
	uint8_t *p = writer_extend(w, v.bytes);

	if (p && v.bytes > 0)
		memcpy(p, v.data, v.bytes);
}

void kk_write_vec(struct kk_writer *w, struct kk_view v)
{
	kk_write_varint(w, v.bytes);
	kk_write_raw(w, v);
}

size_t kk_write_vec_begin(struct kk_writer *w)
{
	return w->bytes;
}

void kk_write_vec_end(struct kk_writer *w, size_t at)
{
	size_t content = w->bytes - at;
	size_t head = varint_bytes(content);

	if (content > KK_VARINT_MAX) {
		kk_writer_fail(w, KK_ELIMIT);
		return;
	}
	if (!writer_extend(w, head))
		return;
	memmove(w->data + at + head, w->data + at, content);
	varint_put(w->data + at, content);
}

struct kk_view kk_writer_view(const struct kk_writer *w)
{
	return kk_view_of(w->data, w->bytes);
}

enum kk_err kk_writer_take(struct kk_writer *w, struct kk_bytes *out)
{
	enum kk_err err = w->err;

	*out = (struct kk_bytes){ 0 };
	if (err || w->bytes == 0) {
		kk_writer_clear(w);
		return err;
	}
	/* The slack behind the text may hold moved secrets. */
	kk_wipe(w->data + w->bytes, w->room_bytes - w->bytes);
	*out = (struct kk_bytes){ w->data, w->bytes };
	*w = (struct kk_writer){ 0 };
	return KK_OK;
}
