/* paths.c - tests of what is counted of all ways together. */
#include <string.h>

#include "harness/tap.h"
#include "hop/rx_twcc.h"
#include "sfu/world.h"

enum { S = 1000000, FRAMES = 50, TWCC_ID = 3 };

static const uint64_t t0 = WORLD_START_US;
static const struct estimate_config estimate = { 300000, 50000, 5000000 };

struct call { /* alice's camera in a slot of bob's */
	struct sfu_counts counts;
	struct world_peer alice, bob;
	struct world_stream cam;
};

static void call_open(struct call *c, bool is_measured)
{
	memset(c, 0, sizeof(*c));
	world_peer_open(&c->alice, &c->counts);
	world_peer_open(&c->bob, &c->counts);
	if (is_measured)
		CHECK_OK(sfu_link_measure(c->bob.link, TWCC_ID, &estimate, t0));
	world_publish(&c->cam, &c->alice, SFU_VIDEO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&c->bob, SFU_VIDEO, 10),
	    c->cam.source, t0));
	world_frame(&c->cam, true, 1, t0);
	for (unsigned i = 1; i < FRAMES; i++)
		world_frame(&c->cam, false, 1, t0 + i);
}

static void call_close(struct call *c)
{
	world_peer_close(&c->alice);
	world_peer_close(&c->bob);
}

static void bob_reports(struct call *c, uint32_t ssrc, unsigned fraction,
    int32_t lost, uint64_t now_us)
{
	const struct wire_rtcp_report report = { .ssrc = ssrc,
		.fraction_lost = (uint8_t)fraction,
		.lost_count = lost };
	uint8_t out[WORLD_PACKET_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_rr_write(&w, 1, &report, 1);
	CHECK_OK(sfu_link_rtcp(c->bob.link, wire_out_view(&w), now_us));
}

static uint64_t total(const struct sfu_spread *spread)
{
	uint64_t sum = 0;

	for (size_t i = 0; i <= SFU_STEPS_MAX; i++)
		sum += spread->counts[i];
	return sum;
}

TEST(what_receivers_report_lost_is_counted_by_size_and_in_packets)
{
	static const struct {
		unsigned fraction;
		size_t bucket;
	} reports[] = { { 0, 0 }, { 1, 1 }, { 2, 1 }, { 3, 2 }, { 12, 3 },
		{ 13, 4 }, { 51, 5 }, { 128, 6 }, { 129, 7 }, { 255, 7 } };
	const struct sfu_spread *loss;
	uint64_t sum = 0;
	struct call c;

	call_open(&c, false);
	loss = &c.counts.paths.loss_out;
	for (size_t i = 0; i < KK_ARRAY_LEN(reports); i++) {
		uint64_t before = loss->counts[reports[i].bucket];

		bob_reports(&c, 10, reports[i].fraction, (int32_t)i,
		    t0 + i * S);
		CHECK_EQ(loss->counts[reports[i].bucket], before + 1);
		sum += reports[i].fraction;
	}
	CHECK_EQ(total(loss), KK_ARRAY_LEN(reports));
	CHECK_EQ(loss->sum, sum);
	CHECK_EQ(c.counts.paths.lost_out, KK_ARRAY_LEN(reports) - 1);
	call_close(&c);
}

TEST(a_receiver_that_lies_counts_no_more_than_others)
{
	const struct sfu_paths *paths;
	struct call c;

	call_open(&c, false);
	paths = &c.counts.paths;
	for (unsigned i = 0; i < 1000; i++)
		bob_reports(&c, 10, 255, 8388607, t0 + i);
	CHECK_EQ(total(&paths->loss_out), 1);
	CHECK_EQ(paths->lost_out, FRAMES); /* all that it was sent */
	bob_reports(&c, 10, 255, -8388608, t0 + S);
	bob_reports(&c, 10, 255, 8388607, t0 + 2 * S);
	CHECK_EQ(paths->lost_out, FRAMES);
	/* Others' streams, and repetitions. */
	bob_reports(&c, 1000, 255, 5, t0 + 3 * S);
	bob_reports(&c, 11, 255, 5, t0 + 3 * S);
	CHECK_EQ(total(&paths->loss_out), 3);
	call_close(&c);
}

TEST(what_publishers_lose_and_are_asked_for_is_counted)
{
	const struct sfu_paths *paths;
	struct call c;

	call_open(&c, false);
	paths = &c.counts.paths;
	sfu_link_tick(c.alice.link, t0 + S / 2);
	CHECK_EQ(total(&paths->loss_in), 1);
	CHECK_EQ(paths->loss_in.counts[0], 1);
	c.cam.seq += 50;
	world_frame(&c.cam, false, 1, t0 + S);
	sfu_link_tick(c.alice.link, t0 + S + S / 2);
	CHECK_EQ(total(&paths->loss_in), 2);
	CHECK(paths->loss_in.sum > 200); /* 50 of 51 */
	CHECK(paths->nacks_in > 0);
	/* Nothing comes any more. */
	sfu_link_tick(c.alice.link, t0 + 3 * S);
	CHECK_EQ(total(&paths->loss_in), 2);
	call_close(&c);
}

TEST(key_frames_that_receivers_ask_for_are_counted)
{
	struct call c;

	call_open(&c, false);
	world_pli(&c.bob, 10, t0 + S);
	world_pli(&c.bob, 10, t0 + S + 1);
	world_pli(&c.bob, 77, t0 + S + 2); /* no slot */
	CHECK_EQ(c.counts.paths.plis_out, 2);
	call_close(&c);
}

static void bob_tells(struct call *c, struct hop_rx_twcc *rx, size_t *seen,
    uint64_t now_us)
{
	uint8_t out[1200];
	struct kk_view number;
	struct wire_rtp rtp;
	struct wire_out w;

	for (; world_rtp_at(&c->bob, *seen, &rtp); ++*seen) {
		CHECK_OK(wire_rtp_ext_find(&rtp, TWCC_ID, &number));
		hop_rx_twcc_packet(rx, wire_get_u16(number.data), now_us);
	}
	wire_out_init(&w, out, sizeof(out));
	while (hop_rx_twcc_write(rx, &w, 1, 10, now_us)) {
		CHECK_OK(sfu_link_rtcp(c->bob.link, wire_out_view(&w), now_us));
		wire_out_init(&w, out, sizeof(out));
	}
}

TEST(an_estimate_counts_once_a_second_from_the_first_feedback_on)
{
	struct hop_rx_twcc rx;
	struct call c;
	size_t seen = 0;

	call_open(&c, true);
	hop_rx_twcc_init(&rx);
	sfu_link_tick(c.bob.link, t0 + S);
	sfu_link_tick(c.bob.link, t0 + 2 * S);
	CHECK_EQ(total(&c.counts.paths.estimate), 0);
	for (unsigned ms = 0; ms < 3000; ms += 10) {
		uint64_t now_us = t0 + 2 * S + (uint64_t)ms * WORLD_MS;

		world_frame(&c.cam, false, 1, now_us);
		sfu_link_tick(c.bob.link, now_us);
		bob_tells(&c, &rx, &seen, now_us);
		world_out_clear(&c.bob);
		seen = 0;
	}
	CHECK_EQ(total(&c.counts.paths.estimate), 2);
	CHECK(c.counts.paths.estimate.sum >= 2 * 50000);
	CHECK(c.counts.paths.estimate.sum <= 2 * 5000000);
	/* One that is not measured has none. */
	sfu_link_tick(c.alice.link, t0 + 10 * S);
	CHECK_EQ(total(&c.counts.paths.estimate), 2);
	call_close(&c);
}
