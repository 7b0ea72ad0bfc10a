/* rx.c - tests of what a receiver keeps of one stream. */
#include "hop/rx.h"

#include "harness/tap.h"

enum { HZ = 90000, MS = 1000, S = 1000000, START_US = 5 * S };

static enum hop_arrival put(struct hop_rx *rx, unsigned seq, uint64_t at_us)
{
	uint64_t extended;

	return hop_rx_packet(rx, (uint16_t)seq, seq * 3000, false, at_us,
	    &extended);
}

TEST(rx_gives_extended_numbers_over_two_wraps)
{
	struct hop_rx rx;
	uint64_t got, want = 0;

	hop_rx_init(&rx, HZ);
	for (unsigned i = 0; i < 150000; i++) {
		CHECK_EQ(hop_rx_packet(&rx, (uint16_t)(65000 + i), i, false,
			     START_US + i, &got),
		    HOP_NEW);
		CHECK(i == 0 || got == want + 1);
		want = got;
	}
	CHECK_EQ(want, 65536 + 65000 + 149999);
}

TEST(rx_tells_new_missed_and_old_packets_apart)
{
	struct hop_rx rx;

	hop_rx_init(&rx, HZ);
	CHECK_EQ(put(&rx, 10, START_US), HOP_NEW);
	CHECK_EQ(put(&rx, 13, START_US), HOP_NEW);
	CHECK_EQ(put(&rx, 12, START_US), HOP_MISSED);
	CHECK_EQ(put(&rx, 12, START_US), HOP_OLD);
	CHECK_EQ(put(&rx, 9, START_US), HOP_OLD);
	CHECK_EQ(put(&rx, 11, START_US), HOP_MISSED);
}

TEST(rx_asks_after_a_short_wait_then_by_the_round_trip_rarer_and_gives_up)
{
	static const unsigned at_ms[HOP_ASKS_MAX] = { 10, 30, 50, 90, 130, 210,
		290, 450, 610, 930 };
	struct hop_rx rx;
	uint16_t seqs[8];
	uint64_t now = START_US;
	unsigned asks = 0;

	hop_rx_init(&rx, HZ);
	CHECK_EQ(hop_rx_wait_us(&rx, now), -1);
	put(&rx, 1, now);
	put(&rx, 3, now);
	CHECK_EQ(hop_rx_nacks(&rx, now, seqs, 8), 0);
	CHECK_EQ(hop_rx_wait_us(&rx, now), HOP_ASK_FIRST_US);
	hop_rx_rtt_set(&rx, 16 * MS);
	while (hop_rx_wait_us(&rx, now) >= 0) {
		now += (uint64_t)hop_rx_wait_us(&rx, now);
		if (hop_rx_nacks(&rx, now, seqs, 8) == 0)
			break;
		CHECK(asks < HOP_ASKS_MAX);
		CHECK_EQ(now, START_US + at_ms[asks] * MS);
		CHECK_EQ(seqs[0], 2);
		asks++;
	}
	CHECK_EQ(asks, HOP_ASKS_MAX);
	CHECK_EQ(hop_rx_given_up(&rx), 1);
	CHECK_EQ(hop_rx_wait_us(&rx, now), -1);
}

TEST(rx_gives_up_what_is_a_second_old)
{
	struct hop_rx rx;
	uint16_t seqs[8];

	hop_rx_init(&rx, HZ);
	put(&rx, 1, START_US);
	put(&rx, 3, START_US);
	CHECK_EQ(hop_rx_nacks(&rx, START_US + HOP_LOST_AGE_US, seqs, 8), 0);
	CHECK_EQ(hop_rx_given_up(&rx), 1);
}

TEST(rx_learns_the_round_trip_from_the_answer_to_its_first_asking)
{
	struct hop_rx rx;
	uint16_t seqs[8];

	hop_rx_init(&rx, HZ);
	put(&rx, 1, START_US);
	put(&rx, 3, START_US);
	CHECK_EQ(hop_rx_nacks(&rx, START_US + 10 * MS, seqs, 8), 1);
	CHECK_EQ(put(&rx, 2, START_US + 90 * MS), HOP_MISSED);
	put(&rx, 5, START_US + 100 * MS);
	CHECK_EQ(hop_rx_nacks(&rx, START_US + 110 * MS, seqs, 8), 1);
	CHECK_EQ(hop_rx_wait_us(&rx, START_US + 110 * MS), 100 * MS);
}

TEST(rx_keeps_a_bounded_list_and_counts_what_falls_out_of_it)
{
	struct hop_rx rx;
	uint16_t seqs[HOP_LOST_MAX + 1];

	hop_rx_init(&rx, HZ);
	put(&rx, 0, START_US);
	put(&rx, 301, START_US); /* 300 missing, 44 too many */
	CHECK_EQ(hop_rx_given_up(&rx), 300 - HOP_LOST_MAX);
	CHECK_EQ(hop_rx_nacks(&rx, START_US + 10 * MS, seqs, HOP_LOST_MAX + 1),
	    HOP_LOST_MAX);
	CHECK_EQ(seqs[0], 301 - HOP_LOST_MAX);
	put(&rx, 303, START_US);
	CHECK_EQ(hop_rx_given_up(&rx), 300 - HOP_LOST_MAX + 1);
	put(&rx, 303 + HOP_GAP_MAX + 2, START_US); /* nothing to be mended */
	CHECK_EQ(hop_rx_given_up(&rx), 301);
	CHECK_EQ(hop_rx_wait_us(&rx, START_US), -1);
}

TEST(rx_asks_over_the_wrap_in_order_and_no_more_than_there_is_room)
{
	struct hop_rx rx;
	uint16_t seqs[3];

	hop_rx_init(&rx, HZ);
	put(&rx, 65533, START_US);
	put(&rx, 65536 + 2, START_US);
	CHECK_EQ(hop_rx_nacks(&rx, START_US + 10 * MS, seqs, 3), 3);
	CHECK_EQ(seqs[0], 65534);
	CHECK_EQ(seqs[1], 65535);
	CHECK_EQ(seqs[2], 0);
	CHECK_EQ(hop_rx_nacks(&rx, START_US + 10 * MS, seqs, 3), 1);
	CHECK_EQ(seqs[0], 1);
}

TEST(report_counts_losses_since_the_last_one_and_of_all_time)
{
	struct hop_rx rx;
	struct wire_rtcp_report r;

	hop_rx_init(&rx, HZ);
	CHECK(!hop_rx_report(&rx, 7, START_US, &r));
	for (unsigned i = 0; i < 100; i++) {
		if (i % 4 != 1)
			put(&rx, 65500 + i, START_US);
	}
	CHECK(hop_rx_report(&rx, 7, START_US, &r));
	CHECK_EQ(r.ssrc, 7);
	CHECK_EQ(r.lost_count, 25);
	CHECK_EQ(r.fraction_lost, 64);
	CHECK_EQ(r.top_seq, 65599); /* one wrap, and 63 */
	CHECK_EQ(r.last_sr, 0);
	for (unsigned i = 100; i < 200; i++)
		put(&rx, 65500 + i, START_US);
	CHECK(hop_rx_report(&rx, 7, START_US, &r));
	CHECK_EQ(r.lost_count, 25);
	CHECK_EQ(r.fraction_lost, 0);
}

TEST(report_tells_how_long_ago_the_senders_report_came)
{
	const struct wire_rtcp_sr sr = { .ntp = 0x1122334455667788 };
	struct hop_rx rx;
	struct wire_rtcp_report r;

	hop_rx_init(&rx, HZ);
	put(&rx, 1, START_US);
	hop_rx_sr(&rx, &sr, START_US);
	CHECK(hop_rx_report(&rx, 7, START_US + 1500 * MS, &r));
	CHECK_EQ(r.last_sr, 0x33445566);
	CHECK_EQ(r.since_last_sr, 65536 + 32768);
}

TEST(report_counts_what_came_by_rtx_alone_as_lost)
{
	struct wire_rtcp_report r;
	struct hop_rx rx;
	uint64_t seq;

	hop_rx_init(&rx, HZ);
	put(&rx, 1, START_US);
	put(&rx, 3, START_US);
	CHECK_EQ(hop_rx_packet(&rx, 2, 0, true, START_US, &seq), HOP_MISSED);
	CHECK_EQ(hop_rx_packet(&rx, 1, 0, true, START_US, &seq), HOP_OLD);
	CHECK(hop_rx_report(&rx, 7, START_US, &r));
	CHECK_EQ(r.lost_count, 1);
}

TEST(jitter_is_zero_for_an_even_stream_and_grows_towards_the_unevenness)
{
	struct hop_rx rx;
	struct wire_rtcp_report r;
	uint64_t seq;

	hop_rx_init(&rx, HZ);
	for (unsigned i = 0; i < 1000; i++) /* 90 units a millisecond */
		hop_rx_packet(&rx, (uint16_t)i, 0xffffff00 + i * 900, false,
		    START_US + i * 10 * MS, &seq);
	CHECK(hop_rx_report(&rx, 7, START_US, &r));
	CHECK_EQ(r.jitter, 0);
	for (unsigned i = 1000; i < 2000; i++) /* each second one 4 ms late */
		hop_rx_packet(&rx, (uint16_t)i, 0xffffff00 + i * 900, false,
		    START_US + i * 10 * MS + i % 2 * 4 * MS, &seq);
	CHECK(hop_rx_report(&rx, 7, START_US, &r));
	CHECK(r.jitter > 340 && r.jitter <= 360);
	for (unsigned i = 2000; i < 3000; i++) /* sent again: tells nothing */
		hop_rx_packet(&rx, (uint16_t)i, 0, true, START_US, &seq);
	CHECK(hop_rx_report(&rx, 7, START_US, &r));
	CHECK(r.jitter > 340 && r.jitter <= 360);
}
