/* simulcast.c - tests of switching between encodings and temporal layers. */
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "hop/tx.h"
#include "sfu/layered.h"

static void target(struct layered_call *c, uint8_t spatial, uint8_t temporal)
{
	sfu_slot_target(c->slot, spatial, temporal, c->now);
}

TEST(a_slot_shows_the_largest_encoding_until_it_is_told_otherwise)
{
	struct layered_frames f;
	struct layered_call c;
	uint8_t spatial, temporal;

	layered_call_open(&c, NULL);
	CHECK(!sfu_slot_layers(c.slot, &spatial, &temporal));
	layered_call_run(&c, 40);
	f = layered_call_check(&c);
	CHECK(sfu_slot_layers(c.slot, &spatial, &temporal));
	CHECK_EQ(spatial, 2);
	CHECK_EQ(temporal, 3);
	/* The small ones were shown until it came, in the same instant. */
	CHECK(f.frames >= 40 && f.frames <= 42);
	CHECK(f.by_layer[2][0] == 10 && f.by_layer[2][2] == 20);
	CHECK_EQ(f.fillers, 0);
	layered_call_close(&c);
}

TEST(every_switch_of_layers_leaves_a_stream_that_decodes)
{
	struct layered_frames f;
	struct layered_call c;

	layered_call_open(&c, NULL);
	layered_call_run(&c, 10);
	for (unsigned from = 0; from < 9; from++) {
		for (unsigned to = 0; to < 9; to++) {
			uint8_t spatial = 9, temporal = 9;

			target(&c, (uint8_t)(from / 3), (uint8_t)(from % 3));
			layered_call_run(&c, 13 + to % 4);
			target(&c, (uint8_t)(to / 3), (uint8_t)(to % 3));
			layered_call_run(&c, 22);
			CHECK(sfu_slot_layers(c.slot, &spatial, &temporal));
			CHECK_EQ(spatial, to / 3);
			CHECK_EQ(temporal, to % 3);
			f = layered_call_check(&c);
			CHECK_EQ(f.last_spatial, to / 3);
			CHECK_EQ(f.last_temporal_max, to % 3);
		}
	}
	CHECK_EQ(f.fillers, 0);
	layered_call_close(&c);
}

/* Chromium sends it with simulcast where an answer takes it. */
TEST(dependency_descriptors_of_vp8_change_nothing)
{
	struct layered_frames f;
	struct layered_call c;

	layered_call_open(&c, NULL);
	c.cam.has_dd = true;
	layered_call_run(&c, 40);
	target(&c, 0, 1);
	layered_call_run(&c, 40);
	f = layered_call_check(&c);
	CHECK_EQ(f.last_spatial, 0);
	CHECK_EQ(f.last_temporal_max, 1);
	CHECK_EQ(c.counts.dropped, 0);
	layered_call_close(&c);
}

TEST(the_old_encoding_is_shown_until_a_key_frame_of_the_new_one_comes)
{
	struct layered_frames f;
	struct wire_rtcp_fb fb;
	struct layered_call c;

	layered_call_open(&c, NULL);
	layered_call_run(&c, 8);
	target(&c, 0, 2);
	CHECK(world_fb_at(&c.alice, 0, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	CHECK_EQ(fb.media_ssrc, 1000);
	world_out_clear(&c.alice); /* the request is lost */
	layered_call_run(&c, 12);
	f = layered_call_check(&c);
	CHECK_EQ(f.last_spatial, 2);
	layered_call_run(&c, 20); /* it was repeated */
	f = layered_call_check(&c);
	CHECK_EQ(f.last_spatial, 0);
	CHECK(f.frames >= 40 && f.frames <= 42);
	layered_call_close(&c);
}

TEST(numbers_go_on_over_all_their_wraps_while_layers_are_left_out)
{
	struct layered_frames f;
	struct layered_call c;
	unsigned frames;

	layered_call_open(&c, NULL);
	c.cam.packets = 4;
	c.cam.is_short = true;
	target(&c, 1, 1);
	layered_call_run(&c, 3000); /* 12000 numbers of each encoding */
	f = layered_call_check(&c);
	frames = f.by_layer[1][0] + f.by_layer[1][1];
	CHECK(frames >= 1499 && frames <= 1501);
	CHECK_EQ(f.by_layer[1][2], 0);
	CHECK(c.view.top - c.view.first + 1 <= 6020);
	layered_call_close(&c);
}

TEST(an_encoding_that_stops_is_replaced_by_the_next_smaller_and_comes_back)
{
	struct layered_frames f;
	struct layered_call c;

	layered_call_open(&c, NULL);
	layered_call_run(&c, 20);
	c.cam.is_stopped[2] = true;
	layered_call_run(&c, 60); /* 2 s */
	f = layered_call_check(&c);
	CHECK_EQ(f.last_spatial, 1);
	c.cam.is_stopped[2] = false;
	layered_call_run(&c, 30);
	f = layered_call_check(&c);
	CHECK_EQ(f.last_spatial, 2);
	layered_call_close(&c);
}

/* --- loss on the way to the forwarder ------------------------------------ */

enum { KEPT_MAX = 4096 };

struct kept { /* packets that did not come */
	unsigned encoding, every, count, seen;
	bool is_late; /* they come some packets later; else by RTX */
	struct {
		uint8_t data[600];
		size_t bytes;
	} list[KEPT_MAX];
};

static bool keep_some(void *arg, struct kk_view raw, unsigned encoding)
{
	struct kept *k = arg;

	if (encoding != k->encoding || ++k->seen % k->every != 0)
		return true;
	CHECK(k->count < KEPT_MAX && raw.bytes <= sizeof(k->list[0].data));
	memcpy(k->list[k->count].data, raw.data, raw.bytes);
	k->list[k->count++].bytes = raw.bytes;
	return false;
}

static void kept_give(struct layered_call *c, struct kept *k)
{
	for (size_t i = 0; i < k->count; i++) {
		struct kk_view raw = kk_view_of(k->list[i].data,
		    k->list[i].bytes);

		if (k->is_late)
			layered_give(&c->cam, raw, c->now);
		else
			layered_give_rtx(&c->cam, raw, c->now);
	}
	k->count = 0;
}

static struct kept *keep(struct layered_call *c, unsigned encoding,
    unsigned every)
{
	struct kept *k = calloc(1, sizeof(*k));

	CHECK(k);
	k->encoding = encoding;
	k->every = every;
	c->cam.pass = keep_some;
	c->cam.arg = k;
	return k;
}

static void late_try(unsigned every, uint8_t temporal, bool is_late)
{
	struct layered_frames f;
	struct layered_call c;
	struct kept *k;

	layered_call_open(&c, NULL);
	target(&c, 1, temporal);
	c.cam.packets = 3; /* so that each in a frame is lost at times */
	layered_call_run(&c, 9);
	k = keep(&c, 1, every);
	k->is_late = is_late;
	for (unsigned i = 0; i < 200; i++) {
		layered_call_run(&c, 1 + i % 3);
		kept_give(&c, k);
		layered_view_take(&c.view);
	}
	f = layered_view_decode(&c.view, false);
	CHECK_EQ(f.holes, 0);
	CHECK_EQ(f.broken, 0);
	CHECK_EQ(f.times_wrong, 0);
	CHECK_EQ(f.markers_wrong, 0);
	CHECK_EQ(f.by_layer[1][2] > 0, temporal == 2);
	CHECK_EQ(f.by_layer[1][1] > 0, temporal > 0);
	/* What would not have been shown fills its number with nothing. */
	if (temporal == 2) {
		CHECK_EQ(f.fillers, 0);
		CHECK_EQ(f.ids_wrong, 0);
	} else {
		CHECK(f.fillers > 0);
	}
	free(k);
	layered_call_close(&c);
}

TEST(late_and_resent_packets_take_their_place_and_leave_no_number_open)
{
	for (uint8_t temporal = 0; temporal < 3; temporal++) {
		for (unsigned every = 2; every < 12; every += 3) {
			late_try(every, temporal, false);
			late_try(every, temporal, true);
		}
	}
}

TEST(what_never_comes_is_a_hole_and_no_frame_is_shown_that_needs_a_dropped_one)
{
	struct layered_frames f;
	struct layered_call c;
	struct kept *k;

	layered_call_open(&c, NULL);
	target(&c, 0, 2);
	layered_call_run(&c, 9);
	k = keep(&c, 0, 97);
	for (unsigned i = 0; i < 60; i++) {
		target(&c, 0, (uint8_t)(i % 3));
		layered_call_run(&c, 11);
	}
	f = layered_view_decode(&c.view, false);
	CHECK(k->count > 0);
	CHECK(f.holes > 0 && f.holes <= k->count);
	CHECK_EQ(f.times_wrong, 0);
	free(k);
	layered_call_close(&c);
}

TEST(a_switch_whose_first_packet_was_lost_begins_when_it_comes_again)
{
	struct layered_frames f;
	struct layered_call c;
	struct kept *k;

	layered_call_open(&c, NULL);
	c.cam.packets = 5;
	layered_call_run(&c, 8);
	target(&c, 0, 2);
	k = keep(&c, 0, 1000000);
	k->seen = 1000000 - 1; /* the key frame's first one */
	layered_call_run(&c, 3);
	CHECK_EQ(k->count, 1);
	f = layered_call_check(&c);
	CHECK_EQ(f.last_spatial, 2);
	kept_give(&c, k);
	layered_view_take(&c.view);
	layered_call_run(&c, 12);
	f = layered_call_check(&c);
	CHECK_EQ(f.last_spatial, 0);
	free(k);
	layered_call_close(&c);
}

/* --- loss on the way to the receiver ------------------------------------- */

TEST(what_a_receiver_lost_before_and_after_a_switch_comes_again_as_it_was)
{
	struct layered_frames f;
	struct layered_call c;
	unsigned lost = 0;

	layered_call_open(&c, NULL);
	c.view.lose_every = 7;
	for (unsigned i = 0; i < 100; i++) {
		target(&c, (uint8_t)(i % 3), (uint8_t)(i * 7 % 3));
		layered_call_run(&c,
		    11); /* a switch stands between loss and asking */
		lost += (unsigned)c.view.lost_count;
		layered_view_nack(&c.view, c.now);
		layered_view_take(&c.view);
	}
	CHECK(lost > 100);
	CHECK_EQ(c.counts.retransmissions, lost);
	f = layered_call_check(&c);
	CHECK(f.by_layer[0][0] && f.by_layer[1][0] && f.by_layer[2][0]);
	layered_call_close(&c);
}

TEST(a_receiver_gets_nothing_of_the_source_before_again_with_layers_either)
{
	struct layered other;
	struct layered_call c;

	layered_call_open(&c, NULL);
	layered_publish(&other, &c.alice, 2000, NULL);
	c.view.lose_every = 2;
	layered_call_run(&c, 4);
	CHECK(c.view.lost_count > 0);
	CHECK_OK(sfu_slot_watch(c.slot, other.source, c.now));
	layered_view_nack(&c.view, c.now);
	CHECK_EQ(c.counts.retransmissions, 0);
	layered_call_close(&c);
}

/* --- time --------------------------------------------------------- */

static void reports_give(struct layered_call *c, int64_t skew_us)
{
	for (size_t i = 0; i < 3; i++) {
		const struct wire_rtcp_sr sr = {
			.ssrc = c->cam.encodings[i].ssrc,
			.ntp = hop_ntp_of(c->now + 90000000 +
			    (i == 2 ? (uint64_t)skew_us : 0)),
			.timestamp = c->cam.encodings[i].timestamp
		};
		uint8_t out[64];
		struct wire_out w;

		wire_out_init(&w, out, sizeof(out));
		wire_rtcp_sr_write(&w, &sr, NULL, 0);
		CHECK_OK(sfu_link_rtcp(c->alice.link, wire_out_view(&w),
		    c->now));
	}
}

static uint32_t last_timestamp(const struct layered_call *c)
{
	const struct layered_seen *s =
	    &c->view.seen[c->view.top - c->view.first];
	struct wire_rtp rtp;

	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(s->data, s->bytes)));
	return rtp.timestamp;
}

TEST(encodings_are_brought_to_one_time_by_their_reports)
{
	uint32_t before, expected;
	struct layered_call c;

	layered_call_open(&c, NULL);
	layered_call_run(&c, 8);
	reports_give(&c, 0);
	before = last_timestamp(&c);
	expected = before;
	for (unsigned i = 0; i < 30; i++) {
		target(&c, (uint8_t)(i % 3), 2);
		c.now += (i % 5) * 3000; /* packets come when they can */
		layered_call_run(&c, 20);
		expected += 20 * LAYERED_STEP;
		/* A millisecond where both had one of the same instant. */
		CHECK(last_timestamp(&c) - expected <= 2 * 90);
	}
	layered_call_close(&c);
}

TEST(without_sound_reports_time_goes_on_by_arrival)
{
	struct layered_frames f;
	uint32_t before, after;
	struct layered_call c;

	for (int64_t skew_s = -3; skew_s <= 3; skew_s += 3) {
		layered_call_open(&c, NULL);
		if (skew_s)
			reports_give(&c, skew_s * 1000000);
		target(&c, 0, 2);
		layered_call_run(&c, 12);
		before = last_timestamp(&c);
		target(&c, 2, 2);
		layered_call_run(&c, 30);
		after = last_timestamp(&c);
		f = layered_call_check(&c);
		CHECK_EQ(f.last_spatial, 2);
		CHECK(after - before >= 29 * LAYERED_STEP &&
		    after - before <= 31 * LAYERED_STEP);
		layered_call_close(&c);
	}
}

TEST(a_slot_follows_the_size_of_its_tile_below_its_target)
{
	uint8_t spatial = 9, temporal;
	struct layered_call c;

	layered_call_open(&c, NULL);
	sfu_slot_tile(c.slot, 640, 360, c.now);
	layered_call_run(&c, 20);
	CHECK(sfu_slot_layers(c.slot, &spatial, &temporal) && spatial == 1);
	target(&c, 0, 2);
	layered_call_run(&c, 20);
	CHECK(sfu_slot_layers(c.slot, &spatial, &temporal) && spatial == 0);
	target(&c, 2, 2);
	sfu_slot_tile(c.slot, 0, 0, c.now);
	layered_call_run(&c, 20);
	CHECK(sfu_slot_layers(c.slot, &spatial, &temporal) && spatial == 2);
	(void)layered_call_check(&c);
	layered_call_close(&c);
}

/* --- sizes --------------------------------------------------------------- */

TEST(a_tile_gets_the_smallest_encoding_that_fills_it)
{
	struct layered_call c;

	layered_call_open(&c, NULL); /* 320x180, 640x360, 1280x720 */
	CHECK_EQ(sfu_source_fit(c.cam.source, 100, 100), 0);
	CHECK_EQ(sfu_source_fit(c.cam.source, 320, 180), 0);
	CHECK_EQ(sfu_source_fit(c.cam.source, 350, 197), 0);
	CHECK_EQ(sfu_source_fit(c.cam.source, 400, 225), 1);
	CHECK_EQ(sfu_source_fit(c.cam.source, 640, 360), 1);
	CHECK_EQ(sfu_source_fit(c.cam.source, 1000, 180), 0); /* a wide one */
	CHECK_EQ(sfu_source_fit(c.cam.source, 1280, 720), 2);
	CHECK_EQ(sfu_source_fit(c.cam.source, 3840, 2160), SFU_LAYERS_ALL);
	CHECK_EQ(sfu_source_fit(c.cam.source, 0, 0), SFU_LAYERS_ALL);
	layered_call_close(&c);
}
