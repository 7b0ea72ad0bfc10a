/* rtp.c - packets there and back, lost ones, reports, key frames. */
#include <string.h>

#include "base/base.h"
#include "hop/tx.h"
#include "world.h"

enum { MANY = 300, CLOCK_HZ = 90000 };

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

static void packets_until(struct world *w, size_t want)
{
	w->want = want;
	world_until(w, world_has_packets);
}

TEST(packets_sent_arrive_and_open_to_what_they_were)
{
	struct world *w = world_new("127.0.0.1");
	uint8_t packet[LINK_PACKET_MAX_BYTES], payload[1200];
	struct peer_rtp rtp = { WORLD_SENDER, WORLD_VP8, 65535, 77,
		kk_view_of(payload, sizeof(payload)) };
	size_t bytes;

	world_connect(w);
	memset(payload, 0xa5, sizeof(payload));
	bytes = peer_rtp_write(packet, sizeof(packet), &rtp);
	CHECK_OK(link_send_rtp(w->link, kk_view_of(packet, bytes)));
	peer_rtp_until(w, 1);
	CHECK_EQ(w->peer->opened.bytes, bytes);
	CHECK_MEM(w->peer->opened.data, packet, bytes);
	world_free(w);
}

TEST(packets_in_numbers_arrive_all_and_in_order_over_a_wrap)
{
	struct world *w = world_new("127.0.0.1");
	struct link_counts counts;
	uint16_t first = 65536 - MANY / 2;

	world_connect(w);
	for (unsigned i = 0; i < MANY; i++)
		CHECK_OK(world_send(w, (uint16_t)(first + i)));
	peer_rtp_until(w, MANY);
	for (unsigned i = 0; i < MANY; i++)
		CHECK_EQ(w->peer->seqs[i], (uint16_t)(first + i));
	counts = link_counts(w->link);
	CHECK_EQ(counts.out_packets, MANY);
	CHECK_EQ(counts.unsent + counts.overflows, 0);
	world_free(w);
}

TEST(numbers_go_on_when_a_payloader_is_made_anew)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	CHECK_OK(world_send(w, 1000));
	CHECK_OK(world_send(w, 1001));
	CHECK_OK(world_send(w, 40000)); /* another one's first */
	CHECK_OK(world_send(w, 40002)); /* 40001 was lost before us */
	peer_rtp_until(w, 4);
	CHECK_EQ(w->peer->seqs[2], 1002);
	CHECK_EQ(w->peer->seqs[3], 1004);
	world_free(w);
}

TEST(packets_received_come_to_the_callback_of_their_ssrc)
{
	struct world *w = world_new("127.0.0.1");
	struct link_counts counts;

	world_connect(w);
	world_peer_send(w, 0x55555555, 1); /* of nobody */
	world_peer_send(w, WORLD_AUDIO_SLOT, 1);
	world_peer_send(w, WORLD_AUDIO_SLOT, 2);
	for (uint16_t seq = 1; seq <= MANY; seq++)
		world_peer_send(w, WORLD_SLOT, seq);
	packets_until(w, MANY);
	CHECK_EQ(w->audio_count, 2);
	for (unsigned i = 0; i < MANY; i++)
		CHECK_EQ(w->seqs[i], i + 1);
	counts = link_counts(w->link);
	CHECK_EQ(counts.refused, 1);
	CHECK_EQ(counts.in_packets, MANY + 3);
	world_free(w);
}

TEST(packets_that_are_not_authentic_or_came_before_are_refused)
{
	struct world *w = world_new("127.0.0.1");
	uint8_t packet[SRTP_PACKET_MAX_BYTES], sealed[SRTP_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { WORLD_SLOT, WORLD_VP8, 5, 0,
		kk_view_of("\0\1sealed", 8) };
	size_t bytes = sizeof(sealed);
	struct link_counts counts;

	world_connect(w);
	CHECK_OK(srtp_tx_seal_rtp(w->peer->tx,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp)),
	    sealed, &bytes));
	for (size_t i = 12; i < bytes; i++) {
		sealed[i] ^= 1;
		peer_send_raw(w->peer, kk_view_of(sealed, bytes));
		sealed[i] ^= 1;
	}
	peer_send_raw(w->peer, kk_view_of(sealed, bytes));
	peer_send_raw(w->peer, kk_view_of(sealed, bytes));
	world_peer_send(w, WORLD_SLOT, 6);
	packets_until(w, 2);
	CHECK_EQ(w->seqs[0], 5);
	CHECK_EQ(w->seqs[1], 6);
	counts = link_counts(w->link);
	CHECK_EQ(counts.refused, bytes - 12 + 1);
	CHECK_EQ(link_state(w->link), LINK_CONNECTED);
	world_free(w);
}

/* --- lost on the way to us ------------------------------------------------ */

static bool peer_was_asked(void *arg)
{
	struct world *w = arg;

	return w->peer->nack_count >= w->want;
}

TEST(missing_packets_are_asked_for_and_taken_from_rtx)
{
	struct world *w = world_new("127.0.0.1");
	struct link_counts counts;

	world_connect(w);
	for (uint16_t seq = 10; seq <= 20; seq++)
		if (seq != 13 && seq != 14)
			world_peer_send(w, WORLD_SLOT, seq);
	w->want = 2;
	CHECK(peer_until(w->peer, peer_was_asked, w));
	CHECK_EQ(w->peer->nacks[0], 13);
	CHECK_EQ(w->peer->nacks[1], 14);
	world_peer_resend(w, 100, 13);
	world_peer_resend(w, 101, 14);
	world_peer_resend(w, 102, 14); /* once more: nobody waits */
	packets_until(w, 11);
	CHECK_EQ(w->seqs[9], 13);
	CHECK_EQ(w->seqs[10], 14);
	CHECK_EQ(wire_get_u32(w->packet.data + 8), WORLD_SLOT);
	CHECK_EQ(w->packet.data[1], WORLD_VP8);
	CHECK_EQ(w->packet.data[w->packet.bytes - 1], 14);
	world_peer_send(w, WORLD_SLOT, 21);
	packets_until(w, 12);
	CHECK_EQ(w->seqs[11], 21);
	counts = link_counts(w->link);
	CHECK_EQ(counts.recovered, 2);
	CHECK_EQ(counts.refused, 0);
	world_free(w);
}

static void vp9_send(struct world *w, uint32_t ssrc, uint8_t type, uint16_t seq,
    struct kk_view payload)
{
	uint8_t packet[LINK_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { ssrc, type, seq, 0, payload };

	peer_send_rtp(w->peer,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp)));
}

TEST(a_slot_takes_vp9_too_and_its_retransmissions_have_a_type_of_their_own)
{
	/* RFC 9628, 4.2: begins and ends a frame; in RTX, behind the number. */
	static const uint8_t resent[] = { 0, 11, 0x0c, 0xaa };
	const struct kk_view payload = kk_view_of(resent + 2, 2);
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	vp9_send(w, WORLD_SLOT, WORLD_VP9, 10, payload);
	vp9_send(w, WORLD_SLOT, WORLD_VP9, 12, payload);
	w->want = 1;
	CHECK(peer_until(w->peer, peer_was_asked, w));
	CHECK_EQ(w->peer->nacks[0], 11);
	vp9_send(w, WORLD_SLOT_RTX, WORLD_VP9_RTX, 100,
	    kk_view_of(resent, sizeof(resent)));
	packets_until(w, 3);
	CHECK_EQ(w->seqs[2], 11);
	CHECK_EQ(w->packet.data[1], WORLD_VP9);
	CHECK_EQ(link_counts(w->link).recovered, 1);
	CHECK_EQ(link_counts(w->link).refused, 0);
	vp9_send(w, WORLD_SLOT, 100, 13, payload); /* nobody's type */
	vp9_send(w, WORLD_SLOT, WORLD_VP9, 14, payload);
	packets_until(w, 4);
	CHECK_EQ(w->seqs[3], 14);
	CHECK_EQ(link_counts(w->link).refused, 1);
	world_free(w);
}

TEST(packets_out_of_order_are_handed_on_each_once)
{
	static const uint16_t order[] = { 1, 3, 2, 6, 5, 4, 7 };
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		world_peer_send(w, WORLD_SLOT, order[i]);
	packets_until(w, G_N_ELEMENTS(order));
	for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
		CHECK_EQ(w->seqs[i], order[i]);
	CHECK_EQ(link_counts(w->link).lost, 0);
	world_free(w);
}

TEST(padding_on_the_rtx_stream_is_neither_handed_on_nor_refused)
{
	struct world *w = world_new("127.0.0.1");
	uint8_t packet[LINK_PACKET_MAX_BYTES];
	struct peer_rtp rtp = { WORLD_SLOT_RTX, WORLD_VP8_RTX, 1, 0,
		kk_view_of(NULL, 0) };

	world_connect(w);
	world_peer_send(w, WORLD_SLOT, 1);
	peer_send_rtp(w->peer,
	    kk_view_of(packet, peer_rtp_write(packet, sizeof(packet), &rtp)));
	world_peer_send(w, WORLD_SLOT, 2);
	packets_until(w, 2);
	CHECK_EQ(w->packet_count, 2);
	CHECK_EQ(link_counts(w->link).refused, 0);
	world_free(w);
}

/* --- key frames ----------------------------------------------------------- */

static void peer_pli(struct world *w)
{
	uint8_t plain[128];
	struct wire_out out;

	wire_out_init(&out, plain, sizeof(plain));
	wire_rtcp_pli_write(&out, 1, WORLD_SENDER);
	peer_send_rtcp(w->peer, &out);
}

static bool is_wanted(struct world *w)
{
	return w->wanted >= w->want;
}

static bool is_heard(struct world *w)
{
	return w->audio_count >= w->want;
}

TEST(a_key_frame_that_the_forwarder_wants_is_told_once_for_many_requests)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	for (unsigned i = 0; i < 5; i++)
		peer_pli(w);
	world_peer_send(w, WORLD_AUDIO_SLOT, 1); /* behind all of them */
	w->want = 1;
	world_until(w, is_heard);
	CHECK_EQ(w->wanted, 1);
	CHECK_EQ(w->wanted_ssrc, WORLD_SENDER);
	CHECK_EQ(link_counts(w->link).key_frames_wanted, 5);
	world_free(w);
}

TEST(a_full_intra_request_is_understood_too)
{
	struct world *w = world_new("127.0.0.1");
	struct wire_rtcp_fir fir = { WORLD_SENDER, 1 };
	uint8_t plain[128];
	struct wire_out out;

	world_connect(w);
	wire_out_init(&out, plain, sizeof(plain));
	wire_rtcp_rr_write(&out, 1, NULL, 0);
	wire_rtcp_fir_write(&out, 1, &fir, 1);
	peer_send_rtcp(w->peer, &out);
	w->want = 1;
	world_until(w, is_wanted);
	CHECK_EQ(w->wanted_ssrc, WORLD_SENDER);
	world_free(w);
}

static bool peer_has_plis(void *arg)
{
	struct world *w = arg;

	return w->peer->pli_count >= w->want;
}

TEST(a_key_frame_is_asked_for_until_one_comes)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	link_key_frame_ask(w->link, WORLD_SLOT);
	link_key_frame_ask(w->link, WORLD_SLOT);
	link_key_frame_ask(w->link, 0x55555555); /* of nobody */
	w->want = 2;
	CHECK(peer_until(w->peer, peer_has_plis, w));
	CHECK_EQ(w->peer->pli_ssrc, WORLD_SLOT);
	world_peer_frame(w, 1, false);
	w->want = 3;
	CHECK(peer_until(w->peer, peer_has_plis, w));
	world_peer_frame(w, 2, true);
	packets_until(w, 2);
	/* It stops: the next one is of a new asking. */
	CHECK_EQ(link_counts(w->link).key_frames_asked, 3);
	link_key_frame_ask(w->link, WORLD_SLOT);
	w->want = 4;
	CHECK(peer_until(w->peer, peer_has_plis, w));
	CHECK_EQ(link_counts(w->link).key_frames_asked, 4);
	world_free(w);
}

TEST(a_key_picture_of_vp9_ends_the_asking_too)
{
	static const uint8_t delta[] = { 0x4c, 0xaa }, key[] = { 0x0c, 0xaa };
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	link_key_frame_ask(w->link, WORLD_SLOT);
	vp9_send(w, WORLD_SLOT, WORLD_VP9, 1, kk_view_of(delta, 2));
	w->want = 2;
	CHECK(peer_until(w->peer, peer_has_plis, w));
	vp9_send(w, WORLD_SLOT, WORLD_VP9, 2, kk_view_of(key, 2));
	packets_until(w, 2);
	link_key_frame_ask(w->link, WORLD_SLOT);
	w->want = 3;
	CHECK(peer_until(w->peer, peer_has_plis, w));
	/* The third one is of the new asking. */
	CHECK_EQ(link_counts(w->link).key_frames_asked, 3);
	world_free(w);
}

TEST(a_packet_that_never_comes_makes_us_ask_for_a_key_frame)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	world_peer_send(w, WORLD_SLOT, 1);
	world_peer_send(w, WORLD_SLOT, 3);
	w->want = 1;
	CHECK(peer_until(w->peer, peer_has_plis, w));
	CHECK(w->peer->nack_count > 1);
	CHECK_EQ(link_counts(w->link).lost, 1);
	world_free(w);
}

/* --- reports -------------------------------------------------------------- */

static bool peer_has_reports(void *arg)
{
	struct world *w = arg;

	return w->peer->sr_count >= 1 && w->peer->report_count >= 1;
}

TEST(reports_tell_what_was_sent_and_what_was_lost)
{
	struct world *w = world_new("127.0.0.1");

	world_connect(w);
	for (uint16_t seq = 1; seq <= 8; seq++)
		CHECK_OK(world_send(w, seq));
	world_peer_send(w, WORLD_AUDIO_SLOT, 1);
	world_peer_send(w, WORLD_AUDIO_SLOT, 3);
	world_peer_send(w, WORLD_AUDIO_SLOT, 4);
	w->want = 3;
	world_until(w, is_heard);
	CHECK(peer_until(w->peer, peer_has_reports, w));
	CHECK_EQ(w->peer->sr.ssrc, WORLD_SENDER);
	CHECK_EQ(w->peer->sr.packet_count, 8);
	CHECK_EQ(w->peer->report.ssrc, WORLD_AUDIO_SLOT);
	CHECK_EQ(w->peer->report.lost_count, 1);
	CHECK_EQ(w->peer->report.fraction_lost, 64);
	CHECK_EQ(w->peer->report.top_seq, 4);
	CHECK_STR(w->peer->cname, "roomroomroom");
	world_free(w);
}

static bool peer_has_sr(void *arg)
{
	return ((struct world *)arg)->peer->sr_count > 0;
}

TEST(answers_to_our_reports_tell_round_trip_and_loss)
{
	struct world *w = world_new("127.0.0.1");
	struct wire_rtcp_report block = { .ssrc = WORLD_SENDER,
		.fraction_lost = 12,
		.since_last_sr = 0 };
	struct link_counts counts;
	uint8_t plain[128];
	struct wire_out out;

	world_connect(w);
	CHECK_OK(world_send(w, 1));
	CHECK(peer_until(w->peer, peer_has_sr, w));
	/* As if it had been on its way for 200 ms more than it was. */
	block.last_sr = (uint32_t)(w->peer->sr.ntp >> 16) - 65536 / 5;
	wire_out_init(&out, plain, sizeof(plain));
	wire_rtcp_rr_write(&out, 1, &block, 1);
	peer_send_rtcp(w->peer, &out);
	world_peer_send(w, WORLD_AUDIO_SLOT, 1);
	w->want = 1;
	world_until(w, is_heard);
	counts = link_counts(w->link);
	CHECK(counts.round_trip_ms >= 199);
	CHECK_EQ(counts.fraction_lost, 12);
	world_free(w);
}

static bool is_reported(struct world *w)
{
	return w->reported > 0;
}

TEST(a_senders_report_comes_to_the_callback_of_its_slot)
{
	struct world *w = world_new("127.0.0.1");
	struct wire_rtcp_sr sr = { .ssrc = WORLD_SLOT,
		.ntp = 0x0123456789abcdef,
		.timestamp = 4711 };
	uint8_t plain[128];
	struct wire_out out;

	world_connect(w);
	wire_out_init(&out, plain, sizeof(plain));
	wire_rtcp_sr_write(&out, &sr, NULL, 0);
	peer_send_rtcp(w->peer, &out);
	world_until(w, is_reported);
	CHECK(w->ntp == sr.ntp);
	CHECK_EQ(w->timestamp, 4711);
	world_free(w);
}
