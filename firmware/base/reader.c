/* reader.c - a bounded reader of the TLS presentation language. */
#include "base/reader.h"

void kk_reader_init(struct kk_reader *r, struct kk_view in)
{
	*r = (struct kk_reader){ in.data, in.bytes, KK_OK };
}

void kk_reader_fail(struct kk_reader *r, enum kk_err err)
{
	if (!r->err)
		r->err = err;
}

struct kk_view kk_read_raw(struct kk_reader *r, size_t bytes)
{
	struct kk_view v = { r->p, bytes };

	if (!r->err && bytes > r->left_bytes)
		r->err = KK_ETRUNC;
	if (r->err || bytes == 0)
		return (struct kk_view){ 0 };
	r->p += bytes;
	r->left_bytes -= bytes;
	return v;
}

static uint64_t read_number(struct kk_reader *r, size_t bytes)
{
	struct kk_view v = kk_read_raw(r, bytes);
	uint64_t n = 0;

	for (size_t i = 0; i < v.bytes; i++)
		n = n << 8 | v.data[i];
	return n;
}

uint8_t kk_read_u8(struct kk_reader *r)
{
	return (uint8_t)read_number(r, 1);
}

uint16_t kk_read_u16(struct kk_reader *r)
{
	return (uint16_t)read_number(r, 2);
}

uint32_t kk_read_u32(struct kk_reader *r)
{
	return (uint32_t)read_number(r, 4);
}

uint64_t kk_read_u64(struct kk_reader *r)
{
	return read_number(r, 8);
}

uint32_t kk_read_varint(struct kk_reader *r)
{
	uint8_t first = kk_read_u8(r);
	unsigned int prefix = first >> 6;
	uint32_t n = first & 0x3f;

	if (prefix == 3) {
		kk_reader_fail(r, KK_EFORMAT);
	} else if (prefix == 2) {
		n = n << 24 | (uint32_t)read_number(r, 3);
		if (n < 0x4000)
			kk_reader_fail(r, KK_EMINIMAL);
	} else if (prefix == 1) {
		n = n << 8 | (uint32_t)read_number(r, 1);
		if (n < 0x40)
			kk_reader_fail(r, KK_EMINIMAL);
	}
	return r->err ? 0 : n;
}

bool kk_read_present(struct kk_reader *r)
{
	uint8_t octet = kk_read_u8(r);

	if (octet > 1)
		kk_reader_fail(r, KK_EFORMAT);
	return !r->err && octet == 1;
}

struct kk_view kk_read_vec(struct kk_reader *r)
{
	uint32_t bytes = kk_read_varint(r);

	return kk_read_raw(r, bytes);
}

struct kk_reader kk_read_sub(struct kk_reader *r)
{
	struct kk_view v = kk_read_vec(r);

	return (struct kk_reader){ v.data, v.bytes, r->err };
}

void kk_read_sub_end(struct kk_reader *r, const struct kk_reader *sub)
{
	if (sub->err)
		kk_reader_fail(r, sub->err);
	else if (sub->left_bytes > 0)
		kk_reader_fail(r, KK_ETRAIL);
}

void kk_read_vec_copy(struct kk_reader *r, struct kk_bytes *out)
{
	struct kk_view v = kk_read_vec(r);
	enum kk_err err = kk_bytes_copy(out, v);

	if (err)
		kk_reader_fail(r, err);
}

bool kk_reader_more(const struct kk_reader *r)
{
	return !r->err && r->left_bytes > 0;
}

enum kk_err kk_reader_err(const struct kk_reader *r)
{
	return r->err;
}

enum kk_err kk_reader_end(const struct kk_reader *r)
{
	if (r->err)
		return r->err;
	return r->left_bytes > 0 ? KK_ETRAIL : KK_OK;
}
