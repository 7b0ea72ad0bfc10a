/* rtx.c - what was lost on the way to the forwarder comes again. */
#include <string.h>

#include "base/base.h"
#include "hop/history.h"
#include "hop/rtx.h"
#include "world.h"

static bool peer_has_rtp(void *arg)
{
	struct world *w = arg;

	return w->peer->rtp_count >= w->want;
}

static void peer_rtp_until(struct world *w, size_t want)
{
	w->want = want;
	CHECK(peer_until(w->peer, peer_has_rtp, w));
}

static bool lose_one(struct peer *peer, enum wire_kind kind, struct kk_view in)
{
	const uint16_t *lost = peer->arg;

	return kind != WIRE_KIND_RTP ||
	    wire_get_u32(in.data + 8) != WORLD_SENDER ||
	    wire_get_u16(in.data + 2) != *lost;
}

static void peer_nack(struct world *w, uint16_t seq)
{
	uint8_t plain[128];
	struct wire_out out;

	wire_out_init(&out, plain, sizeof(plain));
	wire_rtcp_nack_write(&out, 1, WORLD_SENDER, &seq, 1);
	peer_send_rtcp(w->peer, &out);
}

/* The last that came is an RTX packet; returns its own number. */
static uint16_t rtx_check(struct world *w, uint16_t seq)
{
	struct wire_rtp rtp = { 0 };

	CHECK_OK(wire_rtp_parse(&rtp,
	    kk_view_of(w->peer->opened.data, w->peer->opened.bytes)));
	CHECK_EQ(rtp.ssrc, WORLD_SENDER_RTX);
	CHECK_EQ(rtp.payload_type, WORLD_VP8_RTX);
	CHECK_EQ(rtp.timestamp, seq * 3000U);
	CHECK_EQ(wire_get_u16(rtp.payload.data), seq);
	for (size_t i = HOP_RTX_OVERHEAD_BYTES; i < rtp.payload.bytes; i++)
		CHECK_EQ(rtp.payload.data[i], seq & 0xff);
	return rtp.seq;
}

TEST(a_lost_packet_comes_again_in_the_rtx_stream)
{
	struct world *w = world_new("127.0.0.1");
	struct link_counts counts;
	uint16_t lost = 2;

	w->peer->let_in = lose_one;
	w->peer->arg = &lost;
	world_connect(w);
	for (uint16_t seq = 1; seq <= 3; seq++)
		CHECK_OK(world_send(w, seq));
	peer_rtp_until(w, 2);
	CHECK_EQ(w->peer->seqs[1], 3);
	peer_nack(w, 2);
	peer_nack(w, 2); /* within a round trip: answered once */
	peer_nack(w, 9); /* never sent */
	peer_rtp_until(w, 3);
	(void)rtx_check(w, 2);
	CHECK_OK(world_send(w, 4));
	peer_rtp_until(w, 4);
	counts = link_counts(w->link);
	CHECK_EQ(counts.nacked, 3);
	CHECK_EQ(counts.resent, 1);
	CHECK_EQ(w->peer->refused, 0);
	world_free(w);
}

static bool is_nacked(void *arg)
{
	struct world *w = arg;

	return link_counts(w->link).nacked >= w->want;
}

TEST(a_packet_is_sent_again_a_few_times_and_each_time_as_another_one)
{
	struct world *w = world_new("127.0.0.1");
	uint16_t last = 0, seq;
	unsigned asked = 0;

	world_connect(w);
	CHECK_OK(world_send(w, 1));
	peer_rtp_until(w, 1);
	for (unsigned i = 0; i < HOP_RESENT_TIMES_MAX; i++) {
		size_t before = w->peer->rtp_count;

		/* Asked for until a round trip has gone by. */
		do {
			peer_nack(w, 1);
			w->want = ++asked;
			CHECK(peer_until(w->peer, is_nacked, w));
			peer_step(w->peer, 5);
		} while (w->peer->rtp_count == before);
		seq = rtx_check(w, 1);
		CHECK(i == 0 || seq == (uint16_t)(last + 1));
		last = seq;
	}
	for (unsigned i = 0; i < 20; i++) {
		peer_nack(w, 1);
		w->want = ++asked;
		CHECK(peer_until(w->peer, is_nacked, w));
		peer_step(w->peer, 5);
	}
	CHECK_EQ(link_counts(w->link).resent, HOP_RESENT_TIMES_MAX);
	CHECK_EQ(w->peer->refused, 0);
	world_free(w);
}

TEST(what_is_sent_again_stays_within_half_of_the_estimate)
{
	enum { SENT = 400, BUDGET_BPS = 200000 };
	struct world *w = world_new("127.0.0.1");
	struct link_counts counts;
	gint64 from_us;

	w->config.start_bps = w->config.max_bps = 2 * BUDGET_BPS;
	w->config.min_bps = BUDGET_BPS;
	world_connect(w);
	for (uint16_t seq = 1; seq <= SENT; seq++)
		CHECK_OK(world_send(w, seq));
	peer_rtp_until(w, SENT);
	from_us = g_get_monotonic_time();
	for (uint16_t seq = 1; seq <= SENT; seq++)
		peer_nack(w, seq);
	w->want = SENT;
	CHECK(peer_until(w->peer, is_nacked, w));
	counts = link_counts(w->link);
	/* What it may at once, and what the time since then has added. */
	CHECK(counts.resent > 0);
	CHECK(counts.resent * 200 * 8 <= BUDGET_BPS +
		(uint64_t)(g_get_monotonic_time() - from_us) * BUDGET_BPS /
		    1000000);
	world_free(w);
}

TEST(numbers_of_the_way_go_on_over_what_is_sent_again)
{
	struct world *w = world_new("127.0.0.1");
	struct wire_rtp rtp = { 0 };
	struct kk_view data;

	w->config.start_bps = w->config.min_bps = 1000000;
	w->config.max_bps = 2000000;
	world_connect(w);
	CHECK_OK(world_send(w, 1));
	peer_rtp_until(w, 1);
	peer_nack(w, 1);
	peer_rtp_until(w, 2);
	CHECK_OK(wire_rtp_parse(&rtp,
	    kk_view_of(w->peer->opened.data, w->peer->opened.bytes)));
	CHECK_EQ(rtp.ssrc, WORLD_SENDER_RTX);
	CHECK_OK(wire_rtp_ext_find(&rtp, WIRE_TWCC_ID, &data));
	CHECK_EQ(wire_get_u16(data.data), 1);
	world_free(w);
}

TEST(a_sender_without_rtx_sends_nothing_again)
{
	const struct link_sender plain = { .ssrc = 0x77777777,
		.clock_hz = 48000 };
	struct world *w = world_new("127.0.0.1");
	uint8_t packet[128], plain_rtcp[128];
	struct peer_rtp rtp = { 0x77777777, WORLD_OPUS, 5, 0,
		kk_view_text("sealed") };
	struct wire_out out;

	world_connect(w);
	CHECK_OK(link_sender_add(w->link, &plain));
	CHECK_OK(link_send_rtp(w->link,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp))));
	peer_rtp_until(w, 1);
	wire_out_init(&out, plain_rtcp, sizeof(plain_rtcp));
	wire_rtcp_nack_write(&out, 1, 0x77777777, &rtp.seq, 1);
	peer_send_rtcp(w->peer, &out);
	w->want = 1;
	CHECK(peer_until(w->peer, is_nacked, w));
	CHECK_EQ(link_counts(w->link).resent, 0);
	world_free(w);
}
