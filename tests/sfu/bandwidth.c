/* bandwidth.c - tests of links whose path is measured. */
#include <string.h>

#include "harness/tap.h"
#include "hop/rtx.h"
#include "hop/rx_twcc.h"
#include "mock/alloc.h"
#include "sfu/world.h"

enum { KBPS = 1000, TWCC_ID = 3, S = 1000000 };

static const uint64_t t0 = WORLD_START_US;
static const struct estimate_config config = { 300 * KBPS, 50 * KBPS,
	5000 * KBPS };

struct call { /* alice's camera and microphone in slots of bob's */
	struct sfu_counts counts;
	struct world_peer alice, bob;
	struct world_stream cam, mic;
	struct hop_rx_twcc rx; /* bob's */
	size_t seen; /* of what bob was sent */
	uint64_t numbers; /* that came, in order */
	uint64_t later_us; /* how much later packets come now */
	uint64_t padding_bytes;
	uint64_t want_bps; /* 0: as sharing has it */
};

static void call_open(struct call *c)
{
	memset(c, 0, sizeof(*c));
	world_peer_open(&c->alice, &c->counts);
	world_peer_open(&c->bob, &c->counts);
	CHECK_OK(sfu_link_measure(c->bob.link, TWCC_ID, &config, t0));
	world_publish(&c->cam, &c->alice, SFU_VIDEO, 1000);
	world_publish(&c->mic, &c->alice, SFU_AUDIO, 2000);
	CHECK_OK(sfu_slot_watch(world_slot(&c->bob, SFU_VIDEO, 10),
	    c->cam.source, t0));
	CHECK_OK(sfu_slot_watch(world_slot(&c->bob, SFU_AUDIO, 20),
	    c->mic.source, t0));
	hop_rx_twcc_init(&c->rx);
}

static void call_close(struct call *c)
{
	world_peer_close(&c->alice);
	world_peer_close(&c->bob);
}

static uint16_t number_of(const struct wire_rtp *rtp)
{
	struct kk_view data;

	CHECK_OK(wire_rtp_ext_find(rtp, TWCC_ID, &data));
	CHECK_EQ(data.bytes, 2);
	return wire_get_u16(data.data);
}

/* Bob takes what has been sent to him, and tells of it. */
static void bob_runs(struct call *c, uint64_t now_us)
{
	uint8_t out[1200];
	struct wire_rtp rtp;
	struct wire_out w;

	for (; world_rtp_at(&c->bob, c->seen, &rtp); c->seen++) {
		CHECK_EQ(number_of(&rtp), (uint16_t)c->numbers++);
		if (rtp.payload.bytes == 0)
			c->padding_bytes += rtp.padding_bytes;
		hop_rx_twcc_packet(&c->rx, number_of(&rtp),
		    now_us + c->later_us);
	}
	world_out_clear(&c->bob);
	c->seen = 0;
	wire_out_init(&w, out, sizeof(out));
	while (hop_rx_twcc_write(&c->rx, &w, 1, 10, now_us + c->later_us)) {
		CHECK_OK(sfu_link_rtcp(c->bob.link, wire_out_view(&w), now_us));
		wire_out_init(&w, out, sizeof(out));
	}
}

/* Frames of five packets, 25 a second; steps of 10 ms. */
static void call_run(struct call *c, uint64_t from_us, uint64_t until_us,
    uint64_t grow_us)
{
	for (uint64_t us = from_us; us < until_us; us += 10 * WORLD_MS) {
		if (us % (40 * WORLD_MS) == 0)
			world_frame(&c->cam, us == from_us, 5, us);
		c->later_us += grow_us;
		/* More than its slots show. */
		if (c->want_bps)
			sfu_link_want(c->bob.link, 0, c->want_bps);
		sfu_link_tick(c->bob.link, us);
		bob_runs(c, us);
		world_out_clear(&c->alice);
	}
}

TEST(a_link_that_is_not_measured_sends_no_numbers)
{
	struct world_peer carol;
	struct wire_rtp rtp;
	struct call c;

	call_open(&c);
	world_peer_open(&carol, &c.counts);
	CHECK_OK(sfu_slot_watch(world_slot(&carol, SFU_VIDEO, 10), c.cam.source,
	    t0));
	world_frame(&c.cam, true, 1, t0);
	CHECK(world_rtp_at(&carol, 0, &rtp));
	CHECK(!rtp.has_ext);
	CHECK(!sfu_link_is_measured(carol.link));
	CHECK_EQ(sfu_link_estimate(carol.link).bps, 0);
	sfu_link_want(carol.link, 1, 1);
	world_peer_close(&carol);
	call_close(&c);
}

TEST(every_packet_of_a_measured_link_has_the_next_number)
{
	const struct world_frame word = { .fill = 9 };
	const uint16_t seqs[] = { 65500 };
	uint8_t plain[WORLD_PACKET_BYTES];
	struct hop_rtx to = { .ssrc = 10, .payload_type = 96 };
	struct wire_rtp rtp;
	struct wire_out w;
	struct call c;

	call_open(&c);
	world_frame(&c.cam, true, 2, t0);
	world_send(&c.mic, &word, t0);
	world_nack(&c.bob, 10, seqs, 1, t0 + 1);
	for (unsigned i = 0; i < 4; i++) {
		CHECK(world_rtp_at(&c.bob, i, &rtp));
		CHECK_EQ(number_of(&rtp), i);
	}
	CHECK(!world_rtp_at(&c.bob, 4, &rtp));
	CHECK_EQ(rtp.ssrc, 11); /* by RTX */
	wire_out_init(&w, plain, sizeof(plain));
	CHECK_OK(hop_rtx_unwrap(&w, world_out_at(&c.bob, 3), &to));
	CHECK_EQ(to.seq, 65500);
	/* The same behind the header. */
	CHECK_MEM(plain + 20, world_out_at(&c.bob, 0).data + 20, w.bytes - 20);
	call_close(&c);
}

TEST(probes_are_padding_that_nobody_takes_for_a_packet)
{
	uint8_t plain[WORLD_PACKET_BYTES];
	struct hop_rtx to = { .ssrc = 10, .payload_type = 96 };
	struct wire_rtp rtp;
	struct wire_out w;
	struct call c;
	size_t count = 0;

	call_open(&c);
	world_frame(&c.cam, true, 2, t0);
	for (unsigned i = 0; i < 10; i++)
		sfu_link_tick(c.bob.link, t0 + i * 10 * WORLD_MS);
	for (size_t i = 2; world_rtp_at(&c.bob, i, &rtp); i++, count++) {
		CHECK_EQ(rtp.ssrc, 11);
		CHECK_EQ(rtp.seq, (uint16_t)(65534 + i - 2));
		CHECK_EQ(rtp.payload.bytes, 0);
	}
	CHECK(count >= 10); /* 900 kbit/s over 30 ms are 3.4 kB */
	CHECK(count <= 20);
	wire_out_init(&w, plain, sizeof(plain));
	CHECK_ERR(hop_rtx_unwrap(&w, world_out_at(&c.bob, c.bob.out->count - 1),
		      &to),
	    KK_ENOENT);
	CHECK_EQ(sfu_link_estimate(c.bob.link).probes, 1);
	call_close(&c);
}

TEST(there_is_no_padding_where_nothing_was_sent_yet)
{
	const struct world_frame word = { .fill = 9 };
	struct wire_rtp rtp;
	struct call c;

	call_open(&c);
	world_send(&c.mic, &word, t0); /* sound alone has no RTX */
	for (unsigned i = 0; i < 300; i++)
		sfu_link_tick(c.bob.link, t0 + i * 10 * WORLD_MS);
	CHECK(world_rtp_at(&c.bob, 0, &rtp));
	CHECK(!world_rtp_at(&c.bob, 1, &rtp));
	/* The probe has waited. */
	world_frame(&c.cam, true, 1, t0 + 3 * S);
	sfu_link_tick(c.bob.link, t0 + 3 * S);
	CHECK(world_rtp_at(&c.bob, 2, &rtp));
	CHECK_EQ(rtp.ssrc, 11);
	call_close(&c);
}

TEST(feedback_makes_an_estimate_that_follows_the_path)
{
	struct estimate_state state;
	struct call c;

	call_open(&c);
	CHECK(!sfu_link_estimate(c.bob.link).is_known);
	c.want_bps = 2000 * KBPS;
	call_run(&c, t0, t0 + 5 * S, 0);
	state = sfu_link_estimate(c.bob.link);
	CHECK(state.is_known);
	CHECK_EQ(state.refused, 0);
	CHECK(state.bps >= 1900 * KBPS); /* by probes: little is sent */
	CHECK(state.bps <= 2300 * KBPS);
	CHECK(c.padding_bytes > 0);
	/* Each tick comes 2 ms later than the one before. */
	call_run(&c, t0 + 5 * S, t0 + 7 * S, 2 * WORLD_MS);
	CHECK(sfu_link_estimate(c.bob.link).bps < 300 * KBPS);
	call_close(&c);
}

TEST(feedback_that_is_malformed_is_dropped_and_a_lie_ignored)
{
	uint8_t out[64];
	struct wire_twcc_arrival never = { 1000, 0 };
	struct wire_out w;
	struct call c;
	size_t taken;

	call_open(&c);
	world_frame(&c.cam, true, 2, t0);
	wire_out_init(&w, out, sizeof(out));
	wire_twcc_write(&w, 1, 10, 0, &never, 1, &taken);
	CHECK_EQ(taken, 1);
	CHECK_OK(sfu_link_rtcp(c.bob.link, wire_out_view(&w), t0));
	CHECK_EQ(sfu_link_estimate(c.bob.link).refused, 1);
	CHECK_EQ(c.counts.dropped, 0);
	wire_put_u16(out + 14, 0); /* tells of no packet */
	CHECK_ERR(sfu_link_rtcp(c.bob.link, wire_out_view(&w), t0), KK_EFORMAT);
	CHECK_EQ(c.counts.dropped, 1);
	CHECK(!sfu_link_estimate(c.bob.link).is_known);
	call_close(&c);
}

TEST(a_link_is_measured_once_with_an_id_that_fits)
{
	struct sfu_counts counts = { 0 };
	struct world_peer bob;
	enum kk_err err;

	world_peer_open(&bob, &counts);
	CHECK_ERR(sfu_link_measure(bob.link, 0, &config, t0), KK_EINVAL);
	CHECK_ERR(sfu_link_measure(bob.link, 15, &config, t0), KK_EINVAL);
	CHECK_ERR(sfu_link_measure(bob.link, 1,
		      &(struct estimate_config){ 1, 2, 3 }, t0),
	    KK_EINVAL);
	ALLOC_FAULT_LOOP(err, sfu_link_measure(bob.link, 1, &config, t0));
	CHECK_OK(err);
	CHECK_ERR(sfu_link_measure(bob.link, 1, &config, t0), KK_ESTATE);
	world_peer_close(&bob);
}
