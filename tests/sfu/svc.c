/* svc.c - tests of VP9's layers, by the dependency descriptor. */
#include <string.h>

#include "harness/tap.h"
#include "hop/rx_twcc.h"
#include "sfu/layered.h"
#include "wire/dd_make.h"

enum { TWCC_ID = 3 };

static void every_switch(const struct dd_template *svc)
{
	struct layered_frames f;
	struct layered_call c;

	layered_call_open(&c, svc);
	layered_call_run(&c, 10);
	for (unsigned from = 0; from < 9; from++) {
		for (unsigned to = 0; to < 9; to++) {
			uint8_t spatial = 9, temporal = 9;

			sfu_slot_target(c.slot, (uint8_t)(from / 3),
			    (uint8_t)(from % 3), c.now);
			layered_call_run(&c, 19 + to % 4);
			sfu_slot_target(c.slot, (uint8_t)(to / 3),
			    (uint8_t)(to % 3), c.now);
			layered_call_run(&c, 31);
			CHECK(sfu_slot_layers(c.slot, &spatial, &temporal));
			CHECK_EQ(spatial, to / 3);
			CHECK_EQ(temporal, to % 3);
			f = layered_call_check(&c);
			CHECK_EQ(f.last_spatial, to / 3);
			CHECK_EQ(f.last_temporal_max, to % 3);
		}
		layered_view_close(&c.view);
		layered_view_open(&c.view, &c.bob, 10);
		/* A decoder that begins here needs a key frame. */
		c.cam.encodings[0].needs_key = true;
	}
	layered_call_close(&c);
}

TEST(every_switch_of_l3t3_leaves_a_stream_that_decodes)
{
	every_switch(dd_l3t3);
}

TEST(every_switch_of_l3t3_key_leaves_a_stream_that_decodes)
{
	every_switch(dd_l3t3_key);
}

TEST(l3t3_key_shows_one_spatial_layer_between_key_frames)
{
	struct layered_frames f;
	struct layered_call c;

	layered_call_open(&c, dd_l3t3_key);
	layered_call_run(&c, 40);
	f = layered_call_check(&c);
	CHECK_EQ(f.by_layer[0][0], 1);
	CHECK_EQ(f.by_layer[1][0], 1);
	CHECK_EQ(f.by_layer[2][0], 10);
	CHECK_EQ(f.by_layer[2][2], 20);
	layered_call_close(&c);
}

TEST(l3t3_goes_down_without_a_key_frame_and_up_with_one)
{
	uint64_t requests;
	struct layered_call c;

	layered_call_open(&c, dd_l3t3);
	layered_call_run(&c, 10);
	requests = c.counts.keyframe_requests;
	sfu_slot_target(c.slot, 0, 1, c.now);
	layered_call_run(&c, 10);
	CHECK_EQ(c.counts.keyframe_requests, requests);
	CHECK_EQ(layered_call_check(&c).last_spatial, 0);
	sfu_slot_target(c.slot, 2, 1, c.now);
	layered_call_run(&c, 30);
	CHECK_EQ(c.counts.keyframe_requests, requests + 1);
	CHECK_EQ(layered_call_check(&c).last_spatial, 2);
	layered_call_close(&c);
}

TEST(what_a_receiver_of_vp9_lost_comes_again_as_it_was)
{
	struct layered_frames f;
	struct layered_call c;
	unsigned lost = 0;

	layered_call_open(&c, dd_l3t3);
	c.view.lose_every = 7;
	for (unsigned i = 0; i < 40; i++) {
		sfu_slot_target(c.slot, (uint8_t)(i % 3), (uint8_t)(i * 7 % 3),
		    c.now);
		layered_call_run(&c, 8);
		lost += (unsigned)c.view.lost_count;
		layered_view_nack(&c.view, c.now);
		layered_view_take(&c.view);
	}
	CHECK(lost > 50);
	CHECK_EQ(c.counts.retransmissions, lost);
	f = layered_call_check(&c);
	CHECK(f.frames > 150);
	layered_call_close(&c);
}

TEST(a_slot_without_a_type_for_vp9_does_not_watch_it)
{
	const struct sfu_slot_config config = { .kind = SFU_VIDEO, .ssrc = 90 };
	struct sfu_slot *slot = NULL;
	struct layered_call c;

	layered_call_open(&c, dd_l3t3);
	CHECK_OK(sfu_slot_new(&slot, c.bob.link, &config));
	CHECK_ERR(sfu_slot_watch(slot, c.cam.source, c.now), KK_EUNSUP);
	CHECK(!sfu_slot_source(slot));
	layered_call_close(&c);
}

/* Bob tells of all that he was sent. */
static void feedback_give(struct layered_call *c, struct hop_rx_twcc *rx)
{
	struct wire_rtp rtp;
	uint8_t out[1200];
	struct wire_out w;

	for (size_t i = 0; world_rtp_at(&c->bob, i, &rtp); i++) {
		struct kk_view data;

		CHECK_OK(wire_rtp_ext_find(&rtp, TWCC_ID, &data));
		hop_rx_twcc_packet(rx, wire_get_u16(data.data), c->now);
	}
	wire_out_init(&w, out, sizeof(out));
	while (hop_rx_twcc_write(rx, &w, 1, 10, c->now)) {
		CHECK_OK(sfu_link_rtcp(c->bob.link, wire_out_view(&w), c->now));
		wire_out_init(&w, out, sizeof(out));
	}
}

static void measured_run(struct layered_call *c, struct hop_rx_twcc *rx,
    unsigned pictures)
{
	for (unsigned i = 0; i < pictures; i++) {
		layered_pictures(&c->cam, 1, &c->now);
		feedback_give(c, rx);
		layered_view_take(&c->view);
		sfu_link_tick(c->bob.link, c->now);
	}
}

TEST(layers_of_vp9_follow_the_estimate_and_the_stream_decodes)
{
	/* All nine take more than twice as much. */
	const struct estimate_config path = { 30000, 30000, 30000 };
	struct layered_frames before, after;
	struct hop_rx_twcc rx;
	struct layered_call c;
	uint8_t spatial = 9, temporal = 9;

	layered_call_open(&c, dd_l3t3);
	hop_rx_twcc_init(&rx);
	CHECK_OK(sfu_link_measure(c.bob.link, TWCC_ID, &path, c.now));
	measured_run(&c, &rx, 90);
	before = layered_call_check(&c);
	/* Until it was known what it costs. */
	CHECK(before.by_layer[2][0] > 0);
	CHECK(sfu_slot_layers(c.slot, &spatial, &temporal));
	CHECK(spatial < 2);
	measured_run(&c, &rx, 90);
	after = layered_call_check(&c);
	CHECK_EQ(after.by_layer[2][0], before.by_layer[2][0]);
	CHECK(after.by_layer[0][0] > before.by_layer[0][0]);
	layered_call_close(&c);
}
