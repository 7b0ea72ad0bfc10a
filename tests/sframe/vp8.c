/* vp8.c - tests of VP8's clear prefix. */
#include <string.h>

#include "support.h"

static size_t clear_bytes(const void *frame, size_t bytes)
{
	size_t clear = 0;

	CHECK_OK(sframe_vp8_clear_bytes(kk_view_of(frame, bytes), &clear));
	return clear;
}

TEST(vp8_key_frame_leaves_ten_bytes_clear_and_others_three)
{
	uint8_t frame[10] = { 0x10 };

	CHECK_EQ(clear_bytes(frame, sizeof(frame)), 10);
	frame[0] = 0x11;
	CHECK_EQ(clear_bytes(frame, sizeof(frame)), 3);
}

TEST(vp8_prefix_is_told_by_the_lowest_bit_alone)
{
	for (unsigned first = 0; first < 256; first++) {
		uint8_t frame[16] = { (uint8_t)first };

		CHECK_EQ(clear_bytes(frame, sizeof(frame)), first & 1 ? 3 : 10);
	}
}

TEST(vp8_frame_shorter_than_its_header_is_truncated)
{
	const uint8_t key[9] = { 0 }, inter[2] = { 1 };
	size_t clear = 77;

	for (size_t i = 0; i <= sizeof(key); i++)
		CHECK_ERR(sframe_vp8_clear_bytes(kk_view_of(key, i), &clear),
		    KK_ETRUNC);
	for (size_t i = 1; i <= sizeof(inter); i++)
		CHECK_ERR(sframe_vp8_clear_bytes(kk_view_of(inter, i), &clear),
		    KK_ETRUNC);
	CHECK_EQ(clear, 77);
}

TEST(vp8_prefix_stays_as_it_was_and_both_sides_find_the_same)
{
	struct pair p;
	struct sealed s;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	for (size_t bytes = 10; bytes < 200; bytes++) {
		size_t clear;

		fill(s.plain, bytes, bytes + 1); /* as seal() will */
		clear = clear_bytes(s.plain, bytes);
		seal(&s, p.tx, bytes, clear);
		CHECK_MEM(s.bytes, s.plain, clear);
		CHECK_EQ(clear_bytes(s.bytes, s.len), clear);
		CHECK_OK(open_sealed(p.rx, &s));
	}
	pair_clear(&p);
}
