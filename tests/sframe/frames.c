/* frames.c - tests of frames from a sender to a receiver. */
#include <string.h>

#include "mock/alloc.h"
#include "support.h"

enum { LENGTHS_END = 2001 };

TEST(frames_of_every_length_and_suite_arrive_as_they_were)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		const size_t tag_bytes =
		    sframe_params_get((enum sframe_suite)n)->tag_bytes;
		uint8_t header[WIRE_SFRAME_MAX_BYTES];
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		for (size_t bytes = 0; bytes < LENGTHS_END; bytes++) {
			size_t clear = bytes % (SFRAME_CLEAR_MAX_BYTES + 1);

			if (clear > bytes)
				clear = bytes;
			seal(&s, p.tx, bytes, clear);
			CHECK_EQ(s.len,
			    bytes + tag_bytes +
				wire_sframe_write(sframe_key_kid(p.tx->key),
				    bytes, header));
			CHECK_OK(open_sealed(p.rx, &s));
		}
		CHECK_EQ(sframe_rx_stats_get(p.rx)->opened_count, LENGTHS_END);
		pair_clear(&p);
	}
}

TEST(frame_shows_nothing_of_its_plaintext_behind_the_prefix)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 200, 10);
		CHECK_MEM(s.bytes, s.plain, 10);
		for (size_t at = 10; at + 4 <= s.len; at++) {
			for (size_t i = 10; i + 4 <= s.plain_bytes; i++)
				CHECK(memcmp(s.bytes + at, s.plain + i, 4));
		}
		pair_clear(&p);
	}
}

/* The prefix, the header and the tag are as much part of it as the rest. */
TEST(rx_refuses_any_flipped_bit_and_still_opens_the_good_frame_once)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 70, 10);
		for (size_t bit = 0; bit < s.len * 8; bit++) {
			struct sealed bad = s;

			bad.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK_FAIL(open_sealed(p.rx, &bad));
		}
		CHECK_EQ(p.rx->key_count, 0);
		CHECK_OK(open_sealed(p.rx, &s));
		CHECK_ERR(open_sealed(p.rx, &s), KK_EREPLAY);
		pair_clear(&p);
	}
}

TEST(rx_refuses_any_flipped_bit_under_a_key_it_knows)
{
	struct sealed first, s;
	struct pair p;

	pair_init(&p, SFRAME_AES_128_CTR_HMAC_SHA256_80);
	seal(&first, p.tx, 5, 0);
	CHECK_OK(open_sealed(p.rx, &first));
	seal(&s, p.tx, 70, 3);
	for (size_t bit = 0; bit < s.len * 8; bit++) {
		struct sealed bad = s;

		bad.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK_FAIL(open_sealed(p.rx, &bad));
	}
	CHECK_OK(open_sealed(p.rx, &s));
	pair_clear(&p);
}

TEST(rx_refuses_every_shorter_and_longer_frame)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		uint8_t longer[sizeof(((struct sealed *)0)->bytes) + 1];
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 40, 10);
		for (size_t len = 0; len < s.len; len++)
			CHECK_FAIL(open_bytes(p.rx, &s, s.bytes, len));
		memcpy(longer, s.bytes, s.len);
		longer[s.len] = 0;
		CHECK_ERR(open_bytes(p.rx, &s, longer, s.len + 1), KK_EAUTH);
		CHECK_OK(open_sealed(p.rx, &s));
		pair_clear(&p);
	}
}

TEST(rx_refuses_a_prefix_of_another_length)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	seal(&s, p.tx, 40, 10);
	for (size_t clear = 0; clear <= SFRAME_CLEAR_MAX_BYTES; clear++) {
		if (clear == 10)
			continue;
		s.clear_bytes = clear;
		CHECK_FAIL(open_sealed(p.rx, &s));
	}
	s.clear_bytes = 10;
	CHECK_OK(open_sealed(p.rx, &s));
	pair_clear(&p);
}

TEST(rx_names_what_is_wrong_with_a_frame_that_is_none)
{
	static const uint8_t long_kid[24] = { 0x80, 0x07 };
	static const uint8_t zero_ctr[24] = { 0x09, 0x00, 0x10 };
	static const uint8_t kid_only[] = { 0xf0, 1, 2, 3 };
	struct sealed s = { .clear_bytes = 0 };
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	CHECK_ERR(open_bytes(p.rx, &s, long_kid, sizeof(long_kid)),
	    KK_EMINIMAL);
	CHECK_ERR(open_bytes(p.rx, &s, zero_ctr, sizeof(zero_ctr)),
	    KK_EMINIMAL);
	CHECK_ERR(open_bytes(p.rx, &s, kid_only, sizeof(kid_only)), KK_ETRUNC);
	CHECK_ERR(open_bytes(p.rx, &s, NULL, 0), KK_ETRUNC);
	seal(&s, p.tx, 0, 0);
	CHECK_ERR(open_bytes(p.rx, &s, s.bytes, s.len - 1), KK_ETRUNC);
	s.clear_bytes = 10;
	CHECK_ERR(open_bytes(p.rx, &s, kid_only, sizeof(kid_only)), KK_ETRUNC);
	/* All but the one of no bytes. */
	CHECK_EQ(sframe_rx_stats_get(p.rx)->malformed_count, 5);
	pair_clear(&p);
}

TEST(rx_refuses_frames_and_prefixes_over_the_limit)
{
	uint8_t in[1] = { 0 }, out[1];
	const struct kk_view huge = kk_view_of(in,
	    SFRAME_FRAME_MAX_BYTES + SFRAME_OVERHEAD_BYTES + 1);
	size_t bytes = SIZE_MAX; /* neither is touched */
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	CHECK_ERR(sframe_rx_open(p.rx, huge, 0, out, &bytes, NULL), KK_ELIMIT);
	CHECK_EQ(bytes, 0);
	bytes = SIZE_MAX;
	CHECK_ERR(sframe_rx_open(p.rx, huge, SFRAME_CLEAR_MAX_BYTES + 1, out,
		      &bytes, NULL),
	    KK_EINVAL);
	CHECK_EQ(bytes, 0);
	pair_clear(&p);
}

TEST(rx_needs_room_for_the_plaintext_and_keeps_the_frame_fresh)
{
	uint8_t out[60];
	struct sealed s;
	size_t room;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	seal(&s, p.tx, sizeof(out), 10);
	memset(out, 0xa5, sizeof(out));
	for (room = 0; room < sizeof(out); room++) {
		size_t bytes = room;

		CHECK_ERR(sframe_rx_open(p.rx, kk_view_of(s.bytes, s.len), 10,
			      out, &bytes, NULL),
		    KK_ENOSPC);
		CHECK_EQ(bytes, 0);
		CHECK_EQ(out[0], 0xa5);
	}
	room = sizeof(out);
	CHECK_OK(sframe_rx_open(p.rx, kk_view_of(s.bytes, s.len), 10, out,
	    &room, NULL));
	CHECK_EQ(room, sizeof(out));
	pair_clear(&p);
}

TEST(rx_wipes_what_a_forged_frame_would_have_become)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		uint8_t out[80];
		size_t bytes = sizeof(out);
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 60, 0);
		s.bytes[s.len - 1] ^= 1;
		memset(out, 0xa5, sizeof(out));
		CHECK_ERR(sframe_rx_open(p.rx, kk_view_of(s.bytes, s.len), 0,
			      out, &bytes, NULL),
		    KK_EAUTH);
		for (size_t i = 0; i < sizeof(out); i++)
			CHECK_EQ(out[i], i < 60 ? 0 : 0xa5);
		pair_clear(&p);
	}
}

TEST(rx_of_another_suite_opens_nothing)
{
	struct pair p, other;
	struct sealed s;

	pair_init(&p, SFRAME_AES_128_CTR_HMAC_SHA256_80);
	pair_init(&other, SFRAME_AES_128_CTR_HMAC_SHA256_64);
	seal(&s, p.tx, 60, 0);
	CHECK_ERR(open_sealed(other.rx, &s), KK_EAUTH);
	pair_clear(&other);
	pair_clear(&p);
}

TEST(frames_after_the_first_need_no_memory)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 1200, 10);
		CHECK_OK(open_sealed(p.rx, &s));
		mock_alloc_arm(1);
		seal(&s, p.tx, 1200, 10);
		CHECK_OK(open_sealed(p.rx, &s));
		CHECK(!mock_alloc_disarm());
		pair_clear(&p);
	}
}
