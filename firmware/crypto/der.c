/* der.c - ECDSA signatures between DER and r || s. */
#include "crypto/der.h"

#include <string.h>

enum { TAG_INTEGER = 0x02, TAG_SEQUENCE = 0x30, LONG_1 = 0x81 };

/* Reads a tag and a length in its shortest form, below 256. */
static struct kk_view der_read(struct kk_reader *r, uint8_t tag)
{
	size_t bytes;

	if (kk_read_u8(r) != tag)
		kk_reader_fail(r, KK_EFORMAT);
	bytes = kk_read_u8(r);
	if (bytes == LONG_1) {
		bytes = kk_read_u8(r);
		if (bytes < 0x80)
			kk_reader_fail(r, KK_EFORMAT);
	} else if (bytes >= 0x80) {
		kk_reader_fail(r, KK_EFORMAT);
	}
	return kk_read_raw(r, bytes);
}

/* Reads a positive INTEGER into coord_bytes, big-endian. */
static void der_read_number(struct kk_reader *r, size_t coord_bytes,
    uint8_t *out)
{
	struct kk_view v = der_read(r, TAG_INTEGER);

	if (v.bytes == 0 || (v.data[0] & 0x80)) {
		kk_reader_fail(r, KK_EFORMAT);
		return;
	}
	if (v.data[0] == 0) { /* stands there for a set top bit only */
		if (v.bytes < 2 || !(v.data[1] & 0x80)) {
			kk_reader_fail(r, KK_EFORMAT);
			return;
		}
		v = kk_view_of(v.data + 1, v.bytes - 1);
	}
	if (v.bytes > coord_bytes) {
		kk_reader_fail(r, KK_EFORMAT);
		return;
	}
	memset(out, 0, coord_bytes - v.bytes);
	memcpy(out + coord_bytes - v.bytes, v.data, v.bytes);
}

enum kk_err crypto_der_decode(struct kk_view der, size_t coord_bytes,
    uint8_t *raw)
{
	struct kk_reader outer, r;

	kk_reader_init(&outer, der);
	kk_reader_init(&r, der_read(&outer, TAG_SEQUENCE));
	if (kk_reader_end(&outer))
		return KK_EFORMAT;
	der_read_number(&r, coord_bytes, raw);
	der_read_number(&r, coord_bytes, raw + coord_bytes);
	return kk_reader_end(&r) ? KK_EFORMAT : KK_OK;
}

/* Writes one number as INTEGER and returns the bytes written; 0 if it is 0. */
static size_t der_put_number(uint8_t *p, const uint8_t *number, size_t bytes)
{
	size_t pad;

	while (bytes > 0 && *number == 0) {
		number++;
		bytes--;
	}
	if (bytes == 0)
		return 0;
	pad = *number >> 7;
	p[0] = TAG_INTEGER;
	p[1] = (uint8_t)(bytes + pad);
	p[2] = 0;
	memcpy(p + 2 + pad, number, bytes);
	return 2 + pad + bytes;
}

enum kk_err crypto_der_encode(const uint8_t *raw, size_t coord_bytes,
    uint8_t *out, size_t *out_bytes)
{
	uint8_t body[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t head = 0, r_bytes, s_bytes;

	r_bytes = der_put_number(body, raw, coord_bytes);
	s_bytes = der_put_number(body + r_bytes, raw + coord_bytes,
	    coord_bytes);
	*out_bytes = 0;
	if (r_bytes == 0 || s_bytes == 0)
		return KK_EINVAL;
	out[head++] = TAG_SEQUENCE;
	if (r_bytes + s_bytes >= 0x80)
		out[head++] = LONG_1;
	out[head++] = (uint8_t)(r_bytes + s_bytes);
	memcpy(out + head, body, r_bytes + s_bytes);
	*out_bytes = head + r_bytes + s_bytes;
	return KK_OK;
}
