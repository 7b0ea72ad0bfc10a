/* feedback.c - tests of loss, key frames and reports on both sides. */
#include <string.h>

#include "harness/tap.h"
#include "hop/keyframe.h"
#include "hop/rtx.h"
#include "hop/tx.h"
#include "sfu/world.h"
#include "wire/twcc.h"

static const uint64_t t0 = WORLD_START_US;

struct call { /* alice's camera and microphone in slots of bob's */
	struct sfu_counts counts;
	struct world_peer alice, bob;
	struct world_stream cam, mic;
	struct sfu_slot *video, *audio;
};

static void call_open(struct call *c)
{
	memset(c, 0, sizeof(*c));
	world_peer_open(&c->alice, &c->counts);
	world_peer_open(&c->bob, &c->counts);
	world_publish(&c->cam, &c->alice, SFU_VIDEO, 1000);
	world_publish(&c->mic, &c->alice, SFU_AUDIO, 2000);
	c->video = world_slot(&c->bob, SFU_VIDEO, 10);
	c->audio = world_slot(&c->bob, SFU_AUDIO, 20);
	CHECK_OK(sfu_slot_watch(c->video, c->cam.source, t0));
	CHECK_OK(sfu_slot_watch(c->audio, c->mic.source, t0));
	world_frame(&c->cam, true, 1, t0);
}

static void call_close(struct call *c)
{
	world_peer_close(&c->alice);
	world_peer_close(&c->bob);
}

TEST(what_a_receiver_misses_comes_again_by_rtx_as_it_was)
{
	const uint16_t seqs[] = { 65500, 65530, 3, 9 };
	uint8_t plain[WORLD_PACKET_BYTES];
	struct hop_rtx to = { .ssrc = 10, .payload_type = 96 };
	struct wire_rtp rtp;
	struct wire_out w;
	struct call c;

	call_open(&c);
	for (unsigned i = 0; i < 50; i++)
		world_frame(&c.cam, false, 1, t0 + i);
	CHECK_EQ(c.bob.out->count, 51);
	world_nack(&c.bob, 10, seqs, 4, t0 + 100);
	CHECK_EQ(c.bob.out->count, 55);
	CHECK_EQ(c.counts.nacks, 4);
	CHECK_EQ(c.counts.retransmissions, 4);
	for (size_t i = 0; i < 4; i++) {
		size_t at = (uint16_t)(seqs[i] - 65500);

		CHECK(world_rtp_at(&c.bob, 51 + i, &rtp));
		CHECK_EQ(rtp.ssrc, 11);
		CHECK_EQ(rtp.payload_type, 97);
		CHECK_EQ(rtp.seq, (uint16_t)(65534 + i));
		wire_out_init(&w, plain, sizeof(plain));
		CHECK_OK(hop_rtx_unwrap(&w, world_out_at(&c.bob, 51 + i), &to));
		CHECK_EQ(to.seq, seqs[i]);
		CHECK_EQ(w.bytes, c.bob.out->list[at].bytes);
		CHECK_MEM(plain, c.bob.out->list[at].data, w.bytes);
	}
	call_close(&c);
}

TEST(a_receiver_gets_nothing_again_that_it_never_had_or_just_got)
{
	const uint16_t never[] = { 65499, 100, 30000 }, once[] = { 65500 };
	struct call c;

	call_open(&c);
	world_out_clear(&c.bob);
	world_nack(&c.bob, 10, never, 3, t0);
	world_nack(&c.bob, 999, once, 1, t0); /* no slot of its */
	world_nack(&c.alice, 10, once, 1, t0); /* somebody else's */
	world_nack(&c.bob, 20, once, 1, t0); /* audio has no RTX */
	CHECK_EQ(c.bob.out->count, 0);
	world_nack(&c.bob, 10, once, 1, t0);
	world_nack(&c.bob, 10, once, 1, t0 + 50 * WORLD_MS);
	CHECK_EQ(c.bob.out->count, 1);
	world_nack(&c.bob, 10, once, 1, t0 + 150 * WORLD_MS);
	CHECK_EQ(c.bob.out->count, 2);
	world_nack(&c.bob, 10, once, 1, t0 + 5000 * WORLD_MS); /* too old */
	CHECK_EQ(c.bob.out->count, 2);
	call_close(&c);
}

TEST(a_receiver_gets_nothing_of_the_source_before_again)
{
	const uint16_t once[] = { 65500 };
	struct world_stream other;
	struct call c;

	call_open(&c);
	world_publish(&other, &c.alice, SFU_VIDEO, 3000);
	CHECK_OK(sfu_slot_watch(c.video, other.source, t0));
	world_nack(&c.bob, 10, once, 1, t0);
	world_frame(&other, true, 1, t0);
	world_nack(&c.bob, 10, once, 1, t0);
	CHECK_EQ(c.counts.retransmissions, 0);
	call_close(&c);
}

TEST(retransmissions_have_a_budget)
{
	uint16_t seqs[400];
	struct call c;

	call_open(&c);
	for (unsigned i = 0; i < 400; i++) {
		world_frame(&c.cam, false, 1, t0);
		seqs[i] = (uint16_t)(65501 + i);
	}
	for (unsigned i = 0; i < 9; i++) /* every 100 ms, all of them */
		world_nack(&c.bob, 10, seqs, 400,
		    t0 + (1 + i * 100) * WORLD_MS);
	CHECK(c.counts.retransmissions >= 1300);
	CHECK(c.counts.retransmissions <=
	    SFU_RESEND_BURST + SFU_RESEND_PER_S * 8 / 10);
	call_close(&c);
}

TEST(a_publisher_is_asked_for_what_is_missing_and_its_rtx_takes_its_place)
{
	const struct world_frame f = { false, true, true, 3 };
	uint8_t lost[WORLD_PACKET_BYTES], out[WORLD_PACKET_BYTES];
	struct hop_rtx to = { 1001, 121, 77 };
	struct wire_rtcp_nack_iter it;
	struct wire_rtcp_fb fb;
	struct wire_rtp rtp;
	struct wire_out w;
	uint16_t seq;
	size_t bytes;
	struct call c;

	call_open(&c);
	bytes = world_packet(&c.cam, &f, lost);
	world_send(&c.cam, &f, t0);
	sfu_link_tick(c.alice.link, t0 + 5 * WORLD_MS);
	CHECK(!world_fb_at(&c.alice, 0, WIRE_RTCP_RTPFB, WIRE_RTCP_RTPFB_NACK,
	    &fb));
	sfu_link_tick(c.alice.link, t0 + 10 * WORLD_MS);
	CHECK(world_fb_at(&c.alice, 0, WIRE_RTCP_RTPFB, WIRE_RTCP_RTPFB_NACK,
	    &fb));
	CHECK_EQ(fb.media_ssrc, 1000);
	CHECK_OK(wire_rtcp_nack_begin(&it, &fb));
	CHECK(wire_rtcp_nack_next(&it, &seq));
	CHECK_EQ(seq, (uint16_t)(c.cam.seq - 2));
	wire_out_init(&w, out, sizeof(out));
	hop_rtx_wrap(&w, kk_view_of(lost, bytes), &to);
	CHECK_OK(sfu_link_rtp(c.alice.link, wire_out_view(&w), t0 + 40));
	CHECK(world_rtp_at(&c.bob, 2, &rtp));
	CHECK_EQ(rtp.ssrc, 10);
	CHECK_EQ(rtp.seq, 65501);
	/* Again, as a probe, and late: one is enough. */
	to.seq++;
	wire_out_init(&w, out, sizeof(out));
	hop_rtx_wrap(&w, kk_view_of(lost, bytes), &to);
	CHECK_OK(sfu_link_rtp(c.alice.link, wire_out_view(&w), t0 + 45));
	CHECK_ERR(sfu_link_rtp(c.alice.link, kk_view_of(lost, bytes), t0 + 50),
	    KK_EREPLAY);
	CHECK_EQ(c.bob.out->count, 3);
	call_close(&c);
}

TEST(many_who_need_a_key_frame_make_one_request)
{
	struct wire_rtcp_fb fb;
	struct world_peer peers[8];
	struct call c;
	uint64_t now = t0 + 1000 * WORLD_MS;

	call_open(&c);
	for (unsigned i = 0; i < 8; i++) {
		world_peer_open(&peers[i], &c.counts);
		CHECK_OK(sfu_slot_watch(world_slot(&peers[i], SFU_VIDEO, 10),
		    c.cam.source, t0));
	}
	world_frame(&c.cam, true, 1, t0);
	world_out_clear(&c.alice);
	for (unsigned i = 0; i < 8; i++)
		world_pli(&peers[i], 10, now + i * 20 * WORLD_MS);
	CHECK(world_fb_at(&c.alice, 0, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	CHECK_EQ(c.alice.out->count, 1);
	world_frame(&c.cam, true, 1, now + 200 * WORLD_MS);
	sfu_link_tick(c.alice.link, now + 900 * WORLD_MS);
	CHECK(!world_fb_at(&c.alice, 1, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	world_pli(&peers[0], 99, now + 2000 * WORLD_MS); /* no slot of its */
	world_pli(&c.alice, 10, now + 2000 * WORLD_MS);
	CHECK(!world_fb_at(&c.alice, 1, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	for (unsigned i = 0; i < 8; i++)
		world_peer_close(&peers[i]);
	call_close(&c);
}

TEST(who_joins_soon_after_another_waits_no_half_a_second)
{
	const uint64_t gap_us = HOP_KEYFRAME_GAP_MIN_US;
	uint64_t now = t0 + 3000 * WORLD_MS;
	struct world_peer late;
	struct call c;

	call_open(&c);
	world_frame(&c.cam, true, 1, t0);
	world_out_clear(&c.alice);
	world_pli(&c.bob, 10, now);
	CHECK_EQ(c.alice.out->count, 1);
	world_frame(&c.cam, true, 1, now + 20 * WORLD_MS);
	world_peer_open(&late, &c.counts);
	CHECK_OK(sfu_slot_watch(world_slot(&late, SFU_VIDEO, 10), c.cam.source,
	    now + 30 * WORLD_MS));
	world_frame(&c.cam, false, 1, now + gap_us - 1);
	CHECK_EQ(c.alice.out->count, 1);
	world_frame(&c.cam, false, 1, now + gap_us);
	CHECK_EQ(c.alice.out->count, 2);
	world_peer_close(&late);
	call_close(&c);
}

TEST(a_fir_is_a_request_too)
{
	const struct wire_rtcp_fir firs[] = { { 10, 1 }, { 999, 1 } };
	uint8_t out[64];
	struct wire_rtcp_fb fb;
	struct wire_out w;
	struct call c;

	call_open(&c);
	world_out_clear(&c.alice);
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_fir_write(&w, 1, firs, 2);
	CHECK_OK(sfu_link_rtcp(c.bob.link, wire_out_view(&w),
	    t0 + 1000 * WORLD_MS));
	CHECK(world_fb_at(&c.alice, 0, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	call_close(&c);
}

TEST(transport_feedback_tells_of_every_packet_of_the_link)
{
	const struct world_frame f = { false, true, true, 3 };
	uint8_t lost[WORLD_PACKET_BYTES];
	struct wire_rtcp_fb fb;
	struct wire_twcc twcc;
	struct call c;

	call_open(&c); /* numbers 0 of cam; mic goes on with 1 */
	c.mic.twcc = 1;
	world_send(&c.mic, &f, t0 + 1 * WORLD_MS);
	c.cam.twcc = 2;
	(void)world_packet(&c.cam, &f, lost);
	c.mic.twcc = 3;
	world_send(&c.mic, &f, t0 + 20 * WORLD_MS);
	sfu_link_tick(c.alice.link, t0 + 50 * WORLD_MS);
	CHECK(world_fb_at(&c.alice, 0, WIRE_RTCP_RTPFB, WIRE_RTCP_RTPFB_TWCC,
	    &fb));
	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	CHECK_EQ(twcc.base_seq, 0);
	CHECK_EQ(twcc.status_count, 4);
	CHECK_EQ(twcc.deltas.bytes, 3); /* one is lost */
	CHECK(!world_fb_at(&c.bob, 0, WIRE_RTCP_RTPFB, WIRE_RTCP_RTPFB_TWCC,
	    &fb));
	call_close(&c);
}

static bool sr_find(const struct world_peer *peer, uint32_t ssrc,
    struct wire_rtcp_sr *sr)
{
	for (size_t i = 0; i < peer->out->count; i++) {
		struct wire_rtcp_iter it;
		struct wire_rtcp packet;

		if (!peer->out->list[i].is_rtcp)
			continue;
		CHECK_OK(wire_rtcp_begin(&it, world_out_at(peer, i), true));
		CHECK(wire_rtcp_next(&it, &packet));
		if (packet.type != WIRE_RTCP_SR)
			continue;
		CHECK_OK(wire_rtcp_sr_parse(sr, &packet));
		if (sr->ssrc == ssrc)
			return true;
	}
	return false;
}

/* When, by the slot's reports, a packet of it was captured. */
static int64_t capture_us(const struct world_peer *peer, uint32_t ssrc,
    uint32_t timestamp, int64_t hz)
{
	struct wire_rtcp_sr sr = { 0 };

	CHECK(sr_find(peer, ssrc, &sr));
	return (int64_t)hop_ntp_to_us(sr.ntp) +
	    (int32_t)(timestamp - sr.timestamp) * 1000000LL / hz;
}

TEST(reports_of_slots_keep_sound_and_picture_of_a_participant_together)
{
	/* The publisher's clock is elsewhere, its reports come late. */
	const uint64_t there = 1700000000000000;
	const struct world_frame word = { .fill = 9 };
	struct wire_rtp video, audio;
	struct call c;
	int64_t a, v;

	call_open(&c);
	world_sr(&c.cam, hop_ntp_of(there), c.cam.timestamp,
	    t0 + 30 * WORLD_MS);
	world_sr(&c.mic, hop_ntp_of(there + 500 * WORLD_MS),
	    c.mic.timestamp + 24000, t0 + 590 * WORLD_MS);
	/* Both are captured 1 s after the first report. */
	c.cam.timestamp += 90000;
	c.mic.timestamp += 48000;
	world_frame(&c.cam, false, 1, t0 + 1030 * WORLD_MS);
	world_send(&c.mic, &word, t0 + 1050 * WORLD_MS);
	sfu_link_tick(c.bob.link, t0 + 1100 * WORLD_MS);
	CHECK(world_rtp_at(&c.bob, 1, &video));
	CHECK(world_rtp_at(&c.bob, 2, &audio));
	CHECK_EQ(audio.ssrc, 20);
	v = capture_us(&c.bob, 10, video.timestamp, 90000);
	a = capture_us(&c.bob, 20, audio.timestamp, 48000);
	CHECK(v - a > -100 && v - a < 100);
	call_close(&c);
}

TEST(reports_tell_publishers_how_they_arrive)
{
	const struct world_frame f = { false, true, true, 3 };
	uint8_t lost[WORLD_PACKET_BYTES];
	struct wire_rtcp_report r;
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;
	struct wire_rtcp_rr rr;
	struct kk_view name;
	struct call c;

	call_open(&c);
	(void)world_packet(&c.cam, &f, lost);
	world_frame(&c.cam, false, 2, t0);
	world_out_clear(&c.alice);
	sfu_link_tick(c.alice.link, t0);
	CHECK(c.alice.out->count > 0);
	CHECK_OK(wire_rtcp_begin(&it,
	    world_out_at(&c.alice, c.alice.out->count - 1), false));
	CHECK(wire_rtcp_next(&it, &packet));
	CHECK_OK(wire_rtcp_rr_parse(&rr, &packet));
	CHECK_EQ(wire_rtcp_report_count(rr.reports), 1); /* mic: nothing yet */
	r = wire_rtcp_report_get(rr.reports, 0);
	CHECK_EQ(r.ssrc, 1000);
	CHECK_EQ(r.lost_count, 1);
	CHECK_EQ(r.fraction_lost, 64);
	CHECK(wire_rtcp_next(&it, &packet));
	CHECK_OK(wire_rtcp_cname_find(&packet, 0x5f5f, &name));
	CHECK(kk_view_equal(name, kk_view_text("konklave")));
	call_close(&c);
}

TEST(the_round_trip_of_a_slot_is_learnt_from_its_reports)
{
	const uint16_t once[] = { 65500 };
	struct wire_rtcp_report r = { .ssrc = 10 };
	struct wire_rtcp_sr sr = { 0 };
	uint8_t out[64];
	struct wire_out w;
	struct call c;
	uint64_t now = t0 + 1000 * WORLD_MS;

	call_open(&c);
	world_sr(&c.cam, hop_ntp_of(now), 0, t0);
	sfu_link_tick(c.bob.link, now);
	CHECK(sr_find(&c.bob, 10, &sr));
	r.last_sr = (uint32_t)(sr.ntp >> 16);
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_rr_write(&w, 1, &r, 1);
	CHECK_OK(sfu_link_rtcp(c.bob.link, wire_out_view(&w),
	    now + 30 * WORLD_MS));
	world_nack(&c.bob, 10, once, 1, now + 40 * WORLD_MS);
	world_nack(&c.bob, 10, once, 1, now + 60 * WORLD_MS);
	CHECK_EQ(c.counts.retransmissions, 1);
	world_nack(&c.bob, 10, once, 1, now + 75 * WORLD_MS);
	CHECK_EQ(c.counts.retransmissions, 2);
	call_close(&c);
}
