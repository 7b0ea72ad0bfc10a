/* sframe_header.c - tests of the clear header of a sealed frame. */
#include "wire/sframe_header.h"

#include <string.h>

#include "harness/tap.h"

static const uint64_t edges[] = { 0, 1, 7, 8, 0xff, 0x100, 0xffff, 0x10000,
	0xffffff, 0x1000000, 0xffffffff, 0x100000000, 0xffffffffff,
	0x10000000000, 0xffffffffffff, 0x1000000000000, 0xffffffffffffff,
	0x100000000000000, UINT64_MAX };

/* RFC 9605, 4.3: three bits in the config byte, otherwise whole bytes. */
static size_t number_bytes(uint64_t n)
{
	size_t bytes = 0;

	if (n < 8)
		return 0;
	for (; n; n >>= 8)
		bytes++;
	return bytes;
}

static enum kk_err parse(struct wire_sframe *hdr, const void *in, size_t bytes)
{
	return wire_sframe_parse(hdr, kk_view_of(in, bytes));
}

TEST(header_of_rfc_example_has_the_bytes_of_appendix_c)
{
	static const uint8_t want[] = { 0x99, 0x01, 0x23, 0x45, 0x67 };
	uint8_t out[WIRE_SFRAME_MAX_BYTES];

	CHECK_EQ(wire_sframe_write(0x0123, 0x4567, out), sizeof(want));
	CHECK_MEM(out, want, sizeof(want));
}

TEST(header_comes_back_as_written_and_as_short_as_it_can_be)
{
	for (size_t k = 0; k < KK_ARRAY_LEN(edges); k++) {
		for (size_t c = 0; c < KK_ARRAY_LEN(edges); c++) {
			uint8_t out[WIRE_SFRAME_MAX_BYTES + 1];
			struct wire_sframe hdr;
			size_t bytes;

			memset(out, 0xa5, sizeof(out));
			bytes = wire_sframe_write(edges[k], edges[c], out);
			CHECK_EQ(bytes,
			    1 + number_bytes(edges[k]) +
				number_bytes(edges[c]));
			CHECK_EQ(out[bytes], 0xa5);
			CHECK_OK(parse(&hdr, out, sizeof(out)));
			CHECK_EQ(hdr.kid, edges[k]);
			CHECK_EQ(hdr.ctr, edges[c]);
			CHECK_EQ(hdr.bytes, bytes);
		}
	}
}

TEST(header_cut_anywhere_is_truncated_and_changes_nothing)
{
	for (size_t k = 0; k < KK_ARRAY_LEN(edges); k++) {
		uint8_t out[WIRE_SFRAME_MAX_BYTES];
		size_t bytes = wire_sframe_write(edges[k], UINT64_MAX, out);

		for (size_t cut = 0; cut < bytes; cut++) {
			struct wire_sframe hdr = { 11, 22, 33 };

			CHECK_ERR(parse(&hdr, out, cut), KK_ETRUNC);
			CHECK_EQ(hdr.kid, 11);
			CHECK_EQ(hdr.ctr, 22);
			CHECK_EQ(hdr.bytes, 33);
		}
	}
}

TEST(header_with_a_small_number_in_a_byte_is_not_minimal)
{
	for (unsigned n = 0; n < 8; n++) {
		struct wire_sframe hdr = { 11, 22, 33 };
		const uint8_t long_kid[] = { 0x80, (uint8_t)n };
		const uint8_t long_ctr[] = { 0x08, (uint8_t)n };

		CHECK_ERR(parse(&hdr, long_kid, 2), KK_EMINIMAL);
		CHECK_ERR(parse(&hdr, long_ctr, 2), KK_EMINIMAL);
		CHECK_EQ(hdr.kid, 11);
	}
}

TEST(header_with_a_leading_zero_is_not_minimal)
{
	for (unsigned bytes = 2; bytes <= 8; bytes++) {
		uint8_t in[WIRE_SFRAME_MAX_BYTES];
		struct wire_sframe hdr;

		memset(in, 0xff, sizeof(in));
		in[1] = 0;
		in[0] = (uint8_t)(0x80 | (bytes - 1) << 4);
		CHECK_ERR(parse(&hdr, in, sizeof(in)), KK_EMINIMAL);
		in[0] = (uint8_t)(0x08 | (bytes - 1));
		CHECK_ERR(parse(&hdr, in, sizeof(in)), KK_EMINIMAL);
		in[1] = 1;
		CHECK_OK(parse(&hdr, in, sizeof(in)));
	}
}

/* Whatever two bytes and a run of ones say, a header that parses is the one
 * that would be written for its numbers: there is no second form. */
TEST(header_has_no_second_form)
{
	size_t parsed_count = 0;

	for (unsigned start = 0; start <= 0xffff; start++) {
		uint8_t in[WIRE_SFRAME_MAX_BYTES];
		uint8_t out[WIRE_SFRAME_MAX_BYTES];
		struct wire_sframe hdr;

		memset(in, start & 1 ? 0 : 0xff, sizeof(in));
		in[0] = (uint8_t)(start >> 8);
		in[1] = (uint8_t)start;
		if (parse(&hdr, in, sizeof(in)))
			continue;
		parsed_count++;
		CHECK_EQ(wire_sframe_write(hdr.kid, hdr.ctr, out), hdr.bytes);
		CHECK_MEM(in, out, hdr.bytes);
	}
	CHECK(parsed_count > 0x8000);
}

TEST(header_of_no_bytes_is_truncated)
{
	struct wire_sframe hdr;

	CHECK_ERR(parse(&hdr, NULL, 0), KK_ETRUNC);
}
