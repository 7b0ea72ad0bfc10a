/*
 * session_tx.c - senders: packets kept, sealed, sent, sent again.
 *
 * What is kept is plain: a number is sealed once (srtp/srtp.h), so a packet
 * goes out again in the RTX stream, under a number of that.
 */
#include <string.h>

#include "pipelines/link/link_internal.h"
#include "wire/rtp.h"
#include "wire/seq.h"

enum {
	/* Two seconds (hop/history.h) of 720p at 4 Mbit/s. */
	HISTORY_PACKETS = 1024,
	HISTORY_BYTES = 1 << 20,
	SEQ_RANGE = 1 << 16,
	PAYLOAD_TYPE_MAX = 127,
	RTT_DEFAULT_US = 50000 /* until one is known; little, to repeat more */
};

struct link_tx *link_tx_find(struct link *link, uint32_t ssrc)
{
	struct link_session *s = &link->session;

	for (size_t i = 0; i < s->sender_count; i++)
		if (s->senders[i].is.ssrc == ssrc)
			return &s->senders[i];
	return NULL;
}

static bool is_taken(const struct link_session *s, uint32_t ssrc)
{
	for (size_t i = 0; i < s->sender_count && ssrc != 0; i++)
		if (s->senders[i].is.ssrc == ssrc ||
		    s->senders[i].is.rtx_ssrc == ssrc)
			return true;
	return false;
}

struct sender_call {
	const struct link_sender *sender;
	enum kk_err err;
};

static void sender_add(struct link *link, void *arg)
{
	struct sender_call *call = arg;
	const struct link_sender *is = call->sender;
	struct link_session *s = &link->session;
	struct link_tx *tx = &s->senders[s->sender_count];

	if (is_taken(s, is->ssrc) || is_taken(s, is->rtx_ssrc))
		call->err = KK_EEXIST;
	else if (s->sender_count == LINK_SENDERS_MAX)
		call->err = KK_ELIMIT;
	if (call->err)
		return;
	/* RFC 3550, 5.1: numbers begin at random. */
	*tx = (struct link_tx){ .is = *is,
		.rtx_seq = (uint16_t)g_random_int() };
	if (is->rtx_ssrc != 0)
		call->err = hop_history_new(&tx->history, HISTORY_PACKETS,
		    HISTORY_BYTES);
	if (!call->err)
		s->sender_count++;
}

enum kk_err link_sender_add(struct link *link, const struct link_sender *sender)
{
	struct sender_call call = { .sender = sender };

	if (sender->ssrc == 0 || sender->clock_hz == 0 ||
	    sender->ssrc == sender->rtx_ssrc ||
	    sender->rtx_payload_type > PAYLOAD_TYPE_MAX)
		return KK_EINVAL;
	link_run(link, sender_add, &call);
	return call.err;
}

/* Our number of a packet; a sender made anew goes on where the old one was. */
static uint64_t number_of(struct link_tx *tx, uint16_t theirs)
{
	uint16_t seq = (uint16_t)(theirs + tx->shift);
	uint16_t top = (uint16_t)tx->top_seq;
	int32_t ahead;

	if (!tx->has_sent) {
		tx->has_sent = true;
		return SEQ_RANGE + (uint64_t)theirs;
	}
	ahead = wire_seq_diff(seq, top);
	if (ahead > LINK_JUMP_MAX || ahead < -LINK_JUMP_MAX) {
		seq = (uint16_t)(top + 1);
		tx->shift = (uint16_t)(seq - theirs);
	}
	return wire_seq_extend(tx->top_seq, seq);
}

/* Seals a packet that is as it is to arrive but for the extension. */
static void plain_send(struct link *link, struct kk_view packet,
    uint64_t now_us)
{
	uint8_t plain[LINK_PLAIN_MAX_BYTES], sealed[LINK_SEALED_MAX_BYTES];
	size_t bytes = sizeof(sealed), plain_bytes;
	struct wire_rtp rtp = { 0 };

	if (wire_rtp_parse(&rtp, packet))
		return;
	plain_bytes = link_measure_write(link, &rtp, packet, plain, now_us);
	if (srtp_tx_seal_rtp(link->session.tx, kk_view_of(plain, plain_bytes),
		sealed, &bytes)) {
		link->counts.unsent++;
		return;
	}
	if (!link_ice_send(link, kk_view_of(sealed, bytes)))
		return;
	link->counts.out_packets++;
	link->counts.out_bytes += bytes;
}

void link_session_send(struct link *link, struct kk_view packet)
{
	uint8_t own[LINK_PACKET_MAX_BYTES];
	uint64_t now_us = link_now_us(), seq;
	struct wire_rtp rtp = { 0 };
	struct link_tx *tx;

	if (!link->session.tx || wire_rtp_parse(&rtp, packet))
		return;
	tx = link_tx_find(link, rtp.ssrc);
	if (!tx)
		return;
	seq = number_of(tx, rtp.seq);
	if (seq > tx->top_seq)
		tx->top_seq = seq;
	memcpy(own, packet.data, packet.bytes);
	wire_put_u16(own + 2, (uint16_t)seq); /* RFC 3550, 5.1 */
	packet = kk_view_of(own, packet.bytes);
	if (tx->history)
		hop_history_put(tx->history, seq, packet, now_us);
	hop_tx_packet(&tx->tx, rtp.timestamp, rtp.payload.bytes, now_us);
	if (link->session.unheard_us == 0)
		link->session.unheard_us = now_us;
	plain_send(link, packet, now_us);
}

static void rtx_send(struct link *link, struct link_tx *tx,
    struct kk_view packet, uint64_t now_us)
{
	const struct hop_rtx to = { tx->is.rtx_ssrc, tx->is.rtx_payload_type,
		tx->rtx_seq };
	uint8_t out[LINK_PACKET_MAX_BYTES + HOP_RTX_OVERHEAD_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	hop_rtx_wrap(&w, packet, &to);
	if (w.err)
		return;
	tx->rtx_seq++;
	link->counts.resent++;
	plain_send(link, wire_out_view(&w), now_us);
}

void link_tx_nack(struct link *link, struct link_tx *tx, uint16_t seq)
{
	uint64_t number = wire_seq_extend(tx->top_seq, seq);
	uint64_t rtt_us = tx->rtt_us ? tx->rtt_us : RTT_DEFAULT_US;
	uint64_t now_us = link_now_us();
	struct kk_view packet;

	link->counts.nacked++;
	if (rtt_us < HOP_ASK_AGAIN_MIN_US)
		rtt_us = HOP_ASK_AGAIN_MIN_US;
	if (!tx->history ||
	    hop_history_get(tx->history, number, now_us, &packet) ||
	    !hop_resent_may(&tx->resent, number, rtt_us, now_us) ||
	    !link_measure_resend(link, packet.bytes, now_us))
		return;
	rtx_send(link, tx, packet, now_us);
}

void link_tx_wanted(struct link *link, struct link_tx *tx)
{
	uint64_t now_us = link_now_us();

	link->counts.key_frames_wanted++;
	if (tx->has_wanted && now_us - tx->wanted_us < LINK_WANTED_EVERY_US)
		return;
	tx->has_wanted = true;
	tx->wanted_us = now_us;
	if (link->config.key_frame_wanted)
		link->config.key_frame_wanted(link->config.arg, tx->is.ssrc);
}
