/* streams.c - tests of what is kept of each source. */
#include "srtp/streams.h"

#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"

static void add(struct srtp_streams *s, uint32_t ssrc)
{
	const struct srtp_stream stream = { .ssrc = ssrc, .rtp_top = ssrc };

	CHECK_OK(srtp_streams_reserve(s));
	srtp_streams_add(s, &stream);
}

static bool has(struct srtp_streams *s, uint32_t ssrc)
{
	const struct srtp_stream *stream = srtp_streams_find(s, ssrc);

	CHECK(!stream || (stream->ssrc == ssrc && stream->rtp_top == ssrc));
	return stream != NULL;
}

TEST(streams_find_what_they_have_up_to_their_limit)
{
	struct srtp_streams s;

	srtp_streams_init(&s, 3, 1);
	CHECK(!has(&s, 0));
	add(&s, 7);
	add(&s, 0);
	CHECK(has(&s, 7) && has(&s, 0) && !has(&s, 8));
	add(&s, 8);
	CHECK_ERR(srtp_streams_reserve(&s), KK_ELIMIT);
	CHECK(has(&s, 7) && has(&s, 0) && has(&s, 8));
	srtp_streams_remove(&s, 7);
	CHECK(!has(&s, 7) && has(&s, 0) && has(&s, 8));
	add(&s, 9);
	CHECK(has(&s, 9));
	srtp_streams_clear(&s);
}

/* Any order of coming and going, against a plain list of marks. */
TEST(streams_come_and_go_in_any_order)
{
	enum { SSRCS = 400, STEPS = 40000 };
	bool is_there[SSRCS] = { false };
	struct srtp_streams s;
	uint32_t random = 1;

	srtp_streams_init(&s, SRTP_SSRCS_MAX, 0x1234);
	for (size_t i = 0; i < STEPS; i++) {
		uint32_t ssrc;

		random = random * 1664525u + 1013904223u;
		ssrc = (random >> 8) % SSRCS;
		CHECK_EQ(has(&s, ssrc), is_there[ssrc]);
		if (is_there[ssrc])
			srtp_streams_remove(&s, ssrc);
		else
			add(&s, ssrc);
		is_there[ssrc] = !is_there[ssrc];
		if (i % 1000)
			continue;
		for (uint32_t other = 0; other < SSRCS; other++)
			CHECK_EQ(has(&s, other), is_there[other]);
	}
	srtp_streams_clear(&s);
}

TEST(streams_without_memory_keep_what_they_have)
{
	struct srtp_streams s;
	enum kk_err err;

	srtp_streams_init(&s, 100, 3);
	for (uint32_t ssrc = 0; ssrc < 50; ssrc++) {
		const struct srtp_stream stream = { .ssrc = ssrc,
			.rtp_top = ssrc };

		ALLOC_FAULT_LOOP(err, srtp_streams_reserve(&s));
		CHECK_OK(err);
		srtp_streams_add(&s, &stream);
		for (uint32_t old = 0; old <= ssrc; old++)
			CHECK(has(&s, old));
	}
	srtp_streams_clear(&s);
}

/* --- indices -------------------------------------------------------------- */

TEST(index_follows_the_number_over_the_wraps_both_ways)
{
	struct srtp_stream stream = { .ssrc = 1 };
	uint64_t index;

	CHECK_OK(srtp_rtp_index(&stream, 0xfffe, &index));
	CHECK_EQ(index, 0xfffe);
	srtp_rtp_mark(&stream, index);
	CHECK_OK(srtp_rtp_index(&stream, 1, &index));
	CHECK_EQ(index, 0x10001);
	srtp_rtp_mark(&stream, index);
	CHECK_OK(srtp_rtp_index(&stream, 0xffff, &index));
	CHECK_EQ(index, 0xffff);
	srtp_rtp_mark(&stream, index);
	CHECK_ERR(srtp_rtp_index(&stream, 0xffff, &index), KK_EREPLAY);
	CHECK_OK(srtp_rtp_index(&stream, 0x8000, &index));
	CHECK_EQ(index, 0x18000);
}

TEST(first_round_has_nothing_before_it)
{
	struct srtp_stream stream = { .ssrc = 1 };
	uint64_t index;

	CHECK_OK(srtp_rtp_index(&stream, 0, &index));
	CHECK_EQ(index, 0);
	srtp_rtp_mark(&stream, 0);
	CHECK_ERR(srtp_rtp_index(&stream, 0, &index), KK_EREPLAY);
	CHECK_OK(srtp_rtp_index(&stream, 0xffff, &index));
	CHECK_EQ(index, 0xffff);
}

TEST(key_is_spent_after_2_to_48_packets)
{
	struct srtp_stream stream = { .ssrc = 1, .rtp_top = 0xfffffffffffe };
	uint64_t index;

	CHECK_OK(srtp_rtp_index(&stream, 0xffff, &index));
	srtp_rtp_mark(&stream, index);
	CHECK_ERR(srtp_rtp_index(&stream, 0, &index), KK_ESPENT);
	CHECK_OK(srtp_rtp_index(&stream, 0xfffe - 5, &index));
}

/* Against the definition: what was marked, and how far back. */
TEST(window_knows_each_index_of_it_through_jumps_of_all_lengths)
{
	enum { SPAN = 200000 };
	static bool is_marked[SPAN];
	struct srtp_stream stream = { .ssrc = 1 };
	uint64_t top = 0;
	uint32_t random = 7;

	memset(is_marked, 0, sizeof(is_marked));
	while (top < SPAN - 3000) {
		uint64_t index, got;
		enum kk_err want = KK_OK;

		random = random * 1664525u + 1013904223u;
		index = top + (random >> 8) % ((random & 0xff) < 3 ? 2500 : 9);
		index = (random & 0x100) && index > 700 ? index - 700 : index;
		if (is_marked[index] ||
		    (index < top && top - index >= SRTP_REPLAY_PACKETS))
			want = KK_EREPLAY;
		CHECK_ERR(srtp_rtp_index(&stream, (uint16_t)index, &got), want);
		CHECK_EQ(got, index);
		if (want)
			continue;
		srtp_rtp_mark(&stream, index);
		is_marked[index] = true;
		top = index > top ? index : top;
	}
}

TEST(rtcp_window_is_that_of_128)
{
	struct srtp_stream stream = { .ssrc = 1 };

	CHECK_OK(srtp_rtcp_check(&stream, 0));
	srtp_rtcp_mark(&stream, 0);
	CHECK_ERR(srtp_rtcp_check(&stream, 0), KK_EREPLAY);
	srtp_rtcp_mark(&stream, 1000);
	CHECK_ERR(srtp_rtcp_check(&stream, 1000), KK_EREPLAY);
	CHECK_OK(srtp_rtcp_check(&stream, 1000 - 127));
	CHECK_ERR(srtp_rtcp_check(&stream, 1000 - 128), KK_EREPLAY);
	srtp_rtcp_mark(&stream, 0x7fffffff);
	CHECK_ERR(srtp_rtcp_check(&stream, 0x7fffffff), KK_EREPLAY);
	CHECK_ERR(srtp_rtcp_check(&stream, 1000), KK_EREPLAY);
}
