/* forward.c - tests of what a decoder of a slot sees. */
#include <string.h>

#include "harness/tap.h"
#include "sfu/world.h"
#include "wire/seq.h"

static const uint64_t t0 = WORLD_START_US;

struct call {
	struct sfu_counts counts;
	struct world_peer alice, bob, carol;
};

static void call_open(struct call *c)
{
	memset(c, 0, sizeof(*c));
	world_peer_open(&c->alice, &c->counts);
	world_peer_open(&c->bob, &c->counts);
	world_peer_open(&c->carol, &c->counts);
}

static void call_close(struct call *c)
{
	world_peer_close(&c->alice);
	world_peer_close(&c->bob);
	world_peer_close(&c->carol);
}

TEST(audio_goes_on_at_once_with_the_slots_numbers_and_nothing_of_the_senders)
{
	const struct world_frame word = { .fill = 9 };
	struct world_stream mic;
	struct wire_rtp rtp;
	struct call c;

	call_open(&c);
	world_publish(&mic, &c.alice, SFU_AUDIO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&c.bob, SFU_AUDIO, 10), mic.source,
	    t0));
	world_send(&mic, &word, t0);
	mic.timestamp += 960;
	world_send(&mic, &word, t0 + 20 * WORLD_MS);
	CHECK(world_rtp_at(&c.bob, 0, &rtp));
	CHECK_EQ(rtp.ssrc, 10);
	CHECK_EQ(rtp.payload_type, 111);
	CHECK_EQ(rtp.seq, 65500);
	CHECK(rtp.has_marker); /* a talk spurt begins */
	CHECK(!rtp.has_ext);
	CHECK_EQ(rtp.csrc_count, 0);
	CHECK_EQ(rtp.payload.bytes, 41);
	CHECK_EQ(rtp.payload.data[40], 9);
	CHECK(world_rtp_at(&c.bob, 1, &rtp));
	CHECK_EQ(rtp.seq, 65501);
	CHECK(!rtp.has_marker);
	CHECK_EQ(rtp.timestamp, (uint32_t)(0xfffff000 + 960 + 960));
	CHECK_EQ(c.alice.out->count, 0);
	call_close(&c);
}

TEST(video_begins_with_a_key_frame_that_is_asked_for_once)
{
	struct world_stream cam;
	struct wire_rtcp_fb fb;
	struct wire_rtp rtp;
	struct call c;

	call_open(&c);
	world_publish(&cam, &c.alice, SFU_VIDEO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&c.bob, SFU_VIDEO, 10), cam.source,
	    t0));
	CHECK_OK(sfu_slot_watch(world_slot(&c.carol, SFU_VIDEO, 10), cam.source,
	    t0));
	CHECK(world_fb_at(&c.alice, 0, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	CHECK_EQ(fb.media_ssrc, 1000);
	CHECK(!world_fb_at(&c.alice, 1, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
	    &fb));
	for (unsigned i = 0; i < 5; i++)
		world_frame(&cam, false, 2, t0 + i);
	CHECK(!world_rtp_at(&c.bob, 0, &rtp));
	world_frame(&cam, true, 3, t0 + 10);
	CHECK(world_rtp_at(&c.bob, 2, &rtp));
	CHECK(world_rtp_at(&c.carol, 2, &rtp));
	CHECK(!world_rtp_at(&c.bob, 3, &rtp));
	CHECK(world_rtp_at(&c.bob, 0, &rtp));
	CHECK_EQ(rtp.seq, 65500);
	CHECK_EQ(rtp.payload.data[0] & 0x10, 0x10); /* starts a partition */
	call_close(&c);
}

TEST(a_slot_begins_when_its_receiver_can_be_reached)
{
	struct world_stream cam;
	struct world_peer late;
	struct wire_rtp rtp;
	struct call c;

	call_open(&c);
	world_peer_make(&late, &c.counts);
	world_publish(&cam, &c.alice, SFU_VIDEO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&late, SFU_VIDEO, 10), cam.source,
	    t0));
	CHECK_EQ(c.alice.out->count, 0); /* no key frame for nobody */
	world_frame(&cam, true, 1, t0);
	CHECK(!world_rtp_at(&late, 0, &rtp));
	sfu_link_open(late.link, t0);
	CHECK_EQ(c.alice.out->count, 1);
	world_frame(&cam, false, 1, t0);
	CHECK(!world_rtp_at(&late, 0, &rtp));
	world_frame(&cam, true, 1, t0);
	CHECK(world_rtp_at(&late, 0, &rtp));
	CHECK_EQ(rtp.seq, 65500);
	world_peer_close(&late);
	call_close(&c);
}

TEST(a_lost_request_for_a_key_frame_is_repeated_while_packets_come)
{
	struct world_stream cam;
	struct wire_rtcp_fb fb;
	struct call c;
	size_t requests = 0;

	call_open(&c);
	world_publish(&cam, &c.alice, SFU_VIDEO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&c.bob, SFU_VIDEO, 10), cam.source,
	    t0));
	for (unsigned i = 0; i < 600; i++) { /* 20 s */
		world_frame(&cam, false, 1, t0 + i * 33 * WORLD_MS);
		sfu_link_tick(c.alice.link, t0 + i * 33 * WORLD_MS);
	}
	while (world_fb_at(&c.alice, requests, WIRE_RTCP_PSFB,
	    WIRE_RTCP_PSFB_PLI, &fb))
		requests++;
	CHECK(requests >= 40 && requests <= 50);
	call_close(&c);
}

struct decoder { /* takes a slot's packets in the order they are sent */
	bool has_begun;
	uint64_t seq, first_seq;
	uint32_t timestamp;
	uint16_t picture_id;
	uint8_t tl0;
	uint64_t packets, frames;
	uint8_t seen[400000];
};

/* Newer packets go on where the last ended; nothing comes twice. */
static void decode(struct decoder *d, const struct wire_rtp *rtp)
{
	uint64_t seq = d->has_begun ? wire_seq_extend(d->seq, rtp->seq) :
				      65536 + (uint64_t)rtp->seq;
	struct wire_vp8 vp8;
	bool is_new_frame = rtp->timestamp != d->timestamp;

	CHECK_OK(wire_vp8_parse(&vp8, rtp->payload));
	CHECK(vp8.has_picture_id && vp8.is_picture_id_long);
	if (!d->has_begun) {
		CHECK(wire_vp8_is_key_frame(&vp8, rtp->payload));
		d->first_seq = seq;
	}
	CHECK(!d->seen[seq - d->first_seq]);
	d->seen[seq - d->first_seq] = 1;
	d->packets++;
	if (d->has_begun && seq < d->seq)
		return;
	if (d->has_begun && is_new_frame) {
		CHECK(wire_ts_is_newer(rtp->timestamp, d->timestamp));
		CHECK_EQ(vp8.picture_id, (d->picture_id + 1) & 0x7fff);
		CHECK_EQ(vp8.tl0_index, (uint8_t)(d->tl0 + 1));
	}
	d->frames += is_new_frame;
	d->has_begun = true;
	d->seq = seq;
	d->timestamp = rtp->timestamp;
	d->picture_id = vp8.picture_id;
	d->tl0 = vp8.tl0_index;
}

static void decode_all(struct decoder *d, struct world_peer *peer)
{
	struct wire_rtp rtp;

	for (size_t i = 0; world_rtp_at(peer, i, &rtp); i++)
		decode(d, &rtp);
	world_out_clear(peer);
}

TEST(a_decoder_sees_one_stream_over_all_switches_and_wraps)
{
	static struct decoder d;
	struct world_stream cams[3];
	struct sfu_slot *slot;
	struct call c;
	uint64_t now = t0;

	call_open(&c);
	memset(&d, 0, sizeof(d));
	world_publish(&cams[0], &c.alice, SFU_VIDEO, 1000);
	world_publish(&cams[1], &c.alice, SFU_VIDEO, 2000);
	world_publish(&cams[2], &c.bob, SFU_VIDEO, 3000);
	cams[1].is_short = true;
	slot = world_slot(&c.carol, SFU_VIDEO, 10);
	for (unsigned turn = 0; turn < 400; turn++) {
		CHECK_OK(sfu_slot_watch(slot, cams[turn % 3].source, now));
		for (unsigned i = 0; i < 90; i++, now += 33 * WORLD_MS) {
			for (unsigned j = 0; j < 3; j++)
				world_frame(&cams[j], i % 89 == 7, 3, now);
		}
		decode_all(&d, &c.carol);
		world_out_clear(&c.alice);
		world_out_clear(&c.bob);
	}
	CHECK_EQ(d.packets, 400 * (90 - 7) * 3); /* no hole either */
	CHECK_EQ(d.seq - d.first_seq + 1, d.packets);
	CHECK_EQ(d.frames, 400 * (90 - 7));
	call_close(&c);
}

/* Packets are kept back and come in another order; some never come. */
TEST(a_decoder_gets_late_packets_in_their_place_and_none_twice)
{
	static struct decoder d;
	static uint8_t late[8][WORLD_PACKET_BYTES];
	size_t late_bytes[8] = { 0 };
	struct world_stream cam;
	struct call c;
	uint32_t x = 7;
	unsigned lost = 0, sent = 0;

	call_open(&c);
	memset(&d, 0, sizeof(d));
	world_publish(&cam, &c.alice, SFU_VIDEO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&c.bob, SFU_VIDEO, 10), cam.source,
	    t0));
	world_frame(&cam, true, 1, t0);
	for (unsigned i = 0; i < 100000; i++) {
		const struct world_frame f = { false, true, true, 0 };
		size_t at = x >> 29;

		x = x * 1664525 + 1013904223;
		if (late_bytes[at] > 0 &&
		    sfu_link_rtp(c.alice.link,
			kk_view_of(late[at], late_bytes[at]), t0 + i))
			lost++;
		late_bytes[at] = world_packet(&cam, &f, late[at]);
		cam.timestamp += 3000;
		cam.picture_id++;
		cam.tl0++;
		sent++;
		if (x >> 16 & 1) {
			late_bytes[at] = 0; /* never comes */
			lost++;
		}
		if (i % 500 == 0)
			world_out_clear(&c.alice);
		/* The order of frames is not the decoder's check here. */
		for (size_t j = 0; j < c.bob.out->count; j++) {
			struct wire_rtp rtp;
			uint64_t seq;

			CHECK_OK(wire_rtp_parse(&rtp, world_out_at(&c.bob, j)));
			seq = d.has_begun ? wire_seq_extend(d.seq, rtp.seq) :
					    65536 + (uint64_t)rtp.seq;
			if (!d.has_begun)
				d.first_seq = seq;
			d.has_begun = true;
			CHECK(!d.seen[seq - d.first_seq]);
			d.seen[seq - d.first_seq] = 1;
			CHECK_EQ(rtp.timestamp - 0xfffff000 - 1800,
			    (uint32_t)(seq - d.first_seq) * 3000);
			if (seq > d.seq)
				d.seq = seq;
			d.packets++;
		}
		world_out_clear(&c.bob);
	}
	CHECK(d.packets + lost + 8 >= sent && d.packets > 40000);
	call_close(&c);
}

TEST(time_goes_on_in_a_slot_that_was_empty_for_a_while)
{
	const struct world_frame word = { .fill = 9 };
	struct world_stream a, b;
	struct sfu_slot *slot;
	struct wire_rtp one, two;
	struct call c;

	call_open(&c);
	world_publish(&a, &c.alice, SFU_AUDIO, 1000);
	world_publish(&b, &c.bob, SFU_AUDIO, 2000);
	slot = world_slot(&c.carol, SFU_AUDIO, 10);
	CHECK_OK(sfu_slot_watch(slot, a.source, t0));
	world_send(&a, &word, t0);
	CHECK_OK(sfu_slot_watch(slot, NULL, t0));
	CHECK(!sfu_slot_source(slot));
	world_send(&a, &word, t0 + 20 * WORLD_MS); /* not shown */
	CHECK_OK(sfu_slot_watch(slot, b.source, t0));
	world_send(&b, &word, t0 + 3000 * WORLD_MS);
	CHECK(world_rtp_at(&c.carol, 0, &one));
	CHECK(world_rtp_at(&c.carol, 1, &two));
	CHECK(!world_rtp_at(&c.carol, 2, &two) && two.seq == 65501);
	CHECK_EQ(two.timestamp - one.timestamp, 3 * 48000);
	call_close(&c);
}

TEST(a_source_that_ends_leaves_its_slots_empty_and_they_go_on_with_another)
{
	struct world_stream a, b;
	struct sfu_slot *slots[3];
	struct wire_rtp rtp;
	struct call c;

	call_open(&c);
	world_publish(&a, &c.alice, SFU_VIDEO, 1000);
	world_publish(&b, &c.alice, SFU_VIDEO, 2000);
	for (unsigned i = 0; i < 3; i++) {
		slots[i] = world_slot(&c.bob, SFU_VIDEO, 10 + 2 * i);
		CHECK_OK(sfu_slot_watch(slots[i], a.source, t0));
	}
	sfu_slot_free(slots[1]);
	world_frame(&a, true, 1, t0);
	sfu_source_free(a.source);
	CHECK(!sfu_slot_source(slots[0]));
	CHECK(!sfu_slot_source(slots[2]));
	CHECK_OK(sfu_slot_watch(slots[2], b.source, t0));
	world_frame(&b, true, 1, t0 + 1);
	CHECK(world_rtp_at(&c.bob, 2, &rtp));
	CHECK_EQ(rtp.ssrc, 14);
	CHECK_EQ(rtp.seq, 65501);
	CHECK(!world_rtp_at(&c.bob, 3, &rtp));
	world_peer_close(&c.bob); /* with slots that show alice */
	world_frame(&b, true, 1, t0 + 2);
	world_peer_open(&c.bob, &c.counts);
	call_close(&c);
}

TEST(a_probe_without_payload_goes_no_further_and_leaves_no_hole)
{
	uint8_t out[64];
	struct world_stream cam;
	struct wire_rtp rtp = { .payload_type = 120,
		.ssrc = 1000,
		.padding_bytes = 30 };
	struct wire_out w;
	struct call c;

	call_open(&c);
	world_publish(&cam, &c.alice, SFU_VIDEO, 1000);
	CHECK_OK(sfu_slot_watch(world_slot(&c.bob, SFU_VIDEO, 10), cam.source,
	    t0));
	world_frame(&cam, true, 1, t0);
	rtp.seq = cam.seq++;
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(sfu_link_rtp(c.alice.link, wire_out_view(&w), t0));
	world_frame(&cam, false, 1, t0);
	CHECK(world_rtp_at(&c.bob, 1, &rtp));
	CHECK(rtp.payload.bytes > 0);
	CHECK_EQ(rtp.seq, 65501);
	call_close(&c);
}
