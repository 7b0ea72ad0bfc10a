/* measure.c - what a link finds out about the way there, and tells of the way
 * back. */
#include <string.h>

#include "base/base.h"
#include "world.h"

enum {
	KBPS = 1000,
	PACKETS = 40,
	ROUNDS_MAX = 200,
	START_BPS = 1000 * KBPS,
	ARRIVAL_US = 20000 /* between packets, as they are told: a slow path */
};

static struct world *measured_new(void)
{
	struct world *w = world_new("127.0.0.1");

	w->config.start_bps = START_BPS;
	w->config.min_bps = 100 * KBPS;
	w->config.max_bps = 5000 * KBPS;
	return w;
}

static bool has_rtp(void *arg)
{
	struct world *w = arg;

	return w->peer->rtp_count >= w->want;
}

static uint16_t number_of(const struct peer_sealed *packet)
{
	struct wire_rtp rtp = { 0 };
	struct kk_view data;

	CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(packet->data, packet->bytes)));
	CHECK_OK(wire_rtp_ext_find(&rtp, WIRE_TWCC_ID, &data));
	CHECK_EQ(data.bytes, 2);
	return wire_get_u16(data.data);
}

TEST(packets_of_a_measured_link_have_numbers_and_are_else_what_they_were)
{
	struct world *w = measured_new();
	uint8_t packet[LINK_PACKET_MAX_BYTES], payload[LINK_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { WORLD_SENDER, WORLD_VP8, 7, 77,
		kk_view_of(payload, sizeof(payload) - WIRE_RTP_FIXED_BYTES) };
	struct wire_rtp got = { 0 };
	size_t bytes;

	world_connect(w);
	memset(payload, 0xa5, sizeof(payload));
	for (unsigned i = 0; i < 5; i++, rtp.seq++) {
		bytes = peer_rtp_write(packet, sizeof(packet), &rtp);
		CHECK_EQ(bytes, LINK_PACKET_MAX_BYTES); /* the longest */
		CHECK_OK(link_send_rtp(w->link, kk_view_of(packet, bytes)));
		w->want = i + 1;
		CHECK(peer_until(w->peer, has_rtp, w));
		CHECK_EQ(number_of(&w->peer->opened), i);
		CHECK_OK(wire_rtp_parse(&got,
		    kk_view_of(w->peer->opened.data, w->peer->opened.bytes)));
		CHECK_EQ(got.seq, rtp.seq);
		CHECK_EQ(got.timestamp, 77);
		CHECK(kk_view_equal(got.payload, rtp.payload));
	}
	world_free(w);
}

/* Of a voice: its level goes along, and the number behind it. */
TEST(extensions_of_a_packet_stay_and_its_number_comes_behind_them)
{
	struct world *w = measured_new();
	const uint8_t level = 0x80 | 33;
	const struct wire_rtp_ext ext = { WIRE_RTP_LEVEL_ID, { &level, 1 } };
	struct wire_rtp rtp = { .payload_type = WORLD_VP8,
		.seq = 9,
		.ssrc = WORLD_SENDER,
		.has_ext = true,
		.payload = kk_view_text("sealed") };
	struct wire_rtp got = { 0 };
	uint8_t packet[100], exts[8];
	struct wire_out o, e;
	struct kk_view data;

	wire_out_init(&e, exts, sizeof(exts));
	wire_rtp_ext_write(&e, &ext, 1, &rtp.ext_profile);
	rtp.ext = wire_out_view(&e);
	wire_out_init(&o, packet, sizeof(packet));
	wire_rtp_write(&o, &rtp);
	world_connect(w);
	CHECK_OK(link_send_rtp(w->link, wire_out_view(&o)));
	w->want = 1;
	CHECK(peer_until(w->peer, has_rtp, w));
	CHECK_EQ(number_of(&w->peer->opened), 0);
	CHECK_OK(wire_rtp_parse(&got,
	    kk_view_of(w->peer->opened.data, w->peer->opened.bytes)));
	CHECK_EQ(got.ext.bytes, rtp.ext.bytes + 4);
	CHECK_OK(wire_rtp_ext_find(&got, WIRE_RTP_LEVEL_ID, &data));
	CHECK(kk_view_equal(data, ext.data));
	CHECK(kk_view_equal(got.payload, rtp.payload));
	world_free(w);
}

/* The peer tells that the last packets came at an even, slow pace. */
static void arrivals_tell(struct world *w, uint64_t from, uint64_t until)
{
	struct wire_twcc_arrival list[PACKETS];
	uint8_t out[1200];
	struct wire_out o;
	size_t count = 0, taken;

	for (uint64_t seq = from; seq < until; seq++)
		list[count++] = (struct wire_twcc_arrival){ seq,
			(int64_t)seq * ARRIVAL_US };
	wire_out_init(&o, out, sizeof(out));
	wire_rtcp_rr_write(&o, 1, NULL, 0);
	wire_twcc_write(&o, 1, WORLD_SENDER, 0, list, count, &taken);
	CHECK_EQ(taken, count);
	peer_send_rtcp(w->peer, &o);
}

static bool room_is_less(struct world *w)
{
	return w->room_bps > 0 && w->room_bps < START_BPS / 2;
}

TEST(a_way_that_gets_slow_is_told_to_whom_it_may_concern)
{
	struct world *w = measured_new();
	unsigned sent = 0;
	bool is_less = false;

	world_connect(w);
	/* 40 packets at once, 20 ms apart at the other end. */
	for (unsigned i = 0; i < ROUNDS_MAX && !is_less; i++) {
		for (unsigned k = 0; k < PACKETS; k++)
			CHECK_OK(world_send(w, (uint16_t)(1000 + sent++)));
		w->want = sent;
		CHECK(peer_until(w->peer, has_rtp, w));
		arrivals_tell(w, sent - PACKETS, sent);
		peer_step(w->peer, 10);
		g_mutex_lock(&w->mutex);
		is_less = room_is_less(w);
		g_mutex_unlock(&w->mutex);
	}
	world_until(w, room_is_less);
	CHECK(w->room_bps >= 100 * KBPS);
	world_free(w);
}

TEST(a_link_that_is_not_measured_sends_packets_as_they_are)
{
	struct world *w = world_new("127.0.0.1");
	struct wire_rtp rtp = { 0 };

	world_connect(w);
	CHECK_OK(world_send(w, 1));
	w->want = 1;
	CHECK(peer_until(w->peer, has_rtp, w));
	CHECK_OK(wire_rtp_parse(&rtp,
	    kk_view_of(w->peer->opened.data, w->peer->opened.bytes)));
	CHECK(!rtp.has_ext);
	arrivals_tell(w, 0, 1); /* nobody listens */
	CHECK_EQ(w->room_count, 0);
	world_free(w);
}

TEST(bounds_out_of_order_make_no_link)
{
	struct world *w = measured_new();

	w->config.min_bps = 2 * START_BPS;
	CHECK_ERR(link_new(&w->link, &w->config), KK_EINVAL);
	world_free(w);
}

static void numbered_send(struct world *w, uint16_t seq, uint16_t number)
{
	uint8_t ext_data[4], packet[200];
	struct wire_rtp rtp = { .payload_type = WORLD_OPUS,
		.seq = seq,
		.ssrc = WORLD_AUDIO_SLOT,
		.has_ext = true,
		.payload = kk_view_of("sealed", 6) };
	uint8_t data[2];
	struct wire_rtp_ext ext = { WIRE_TWCC_ID, kk_view_of(data, 2) };
	struct wire_out e, o;

	wire_put_u16(data, number);
	wire_out_init(&e, ext_data, sizeof(ext_data));
	wire_rtp_ext_write(&e, &ext, 1, &rtp.ext_profile);
	rtp.ext = wire_out_view(&e);
	wire_out_init(&o, packet, sizeof(packet));
	wire_rtp_write(&o, &rtp);
	CHECK_OK(o.err);
	peer_send_rtp(w->peer, wire_out_view(&o));
}

static bool is_told(void *arg)
{
	struct world *w = arg;

	return w->peer->told_count >= w->want;
}

TEST(what_comes_in_with_numbers_is_told_to_the_forwarder)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	for (uint16_t i = 0; i < 10; i++)
		numbered_send(w, i, (uint16_t)(65530 + i));
	w->want = 10;
	CHECK(peer_until(w->peer, is_told, w));
	CHECK_EQ(w->peer->told_count, 10);
	CHECK_EQ(w->peer->told_last, 3);
	world_free(w);
}
