/* sframe_header.c - the clear header of a sealed frame. */
#include "wire/sframe_header.h"

enum { /* RFC 9605, 4.3: the halves of the config byte */
	HALF_LONG = 0x8, /* X or Y: the number follows */
	HALF_VALUE = 0x7, /* K or C: the number, or its length less one */
	KID_SHIFT = 4
};

static uint64_t number_read(struct kk_reader *r, unsigned half)
{
	size_t bytes = (half & HALF_VALUE) + 1;
	struct kk_view raw;
	uint64_t n = 0;

	if (!(half & HALF_LONG))
		return half & HALF_VALUE;
	raw = kk_read_raw(r, bytes);
	for (size_t i = 0; i < raw.bytes; i++)
		n = n << 8 | raw.data[i];
	/* One byte may not say what the config byte has room for, and more
	 * bytes may not begin with a zero. */
	if (bytes == 1 ? n <= HALF_VALUE : n >> 8 * (bytes - 1) == 0)
		kk_reader_fail(r, KK_EMINIMAL);
	return n;
}

enum kk_err wire_sframe_parse(struct wire_sframe *hdr, struct kk_view in)
{
	struct wire_sframe parsed;
	struct kk_reader r;
	unsigned config;

	kk_reader_init(&r, in);
	config = kk_read_u8(&r);
	parsed.kid = number_read(&r, config >> KID_SHIFT);
	parsed.ctr = number_read(&r, config);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	parsed.bytes = in.bytes - r.left_bytes;
	*hdr = parsed;
	return KK_OK;
}

/* Appends the number's bytes, if any, and returns its half of the config. */
static unsigned number_write(uint64_t n, uint8_t *out, size_t *out_bytes)
{
	size_t bytes = 1;

	if (n <= HALF_VALUE)
		return (unsigned)n;
	while (bytes < sizeof(n) && n >> 8 * bytes)
		bytes++;
	for (size_t i = 0; i < bytes; i++)
		out[*out_bytes + i] = (uint8_t)(n >> 8 * (bytes - 1 - i));
	*out_bytes += bytes;
	return HALF_LONG | (unsigned)(bytes - 1);
}

size_t wire_sframe_write(uint64_t kid, uint64_t ctr, uint8_t *out)
{
	size_t bytes = 1;
	unsigned kid_half = number_write(kid, out, &bytes);
	unsigned ctr_half = number_write(ctr, out, &bytes);

	out[0] = (uint8_t)(kid_half << KID_SHIFT | ctr_half);
	return bytes;
}
