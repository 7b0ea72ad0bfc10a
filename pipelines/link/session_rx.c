/* session_rx.c - receivers: packets opened, unwrapped and handed on. */
#include <string.h>

#include "hop/rtx.h"
#include "pipelines/link/link_internal.h"
#include "wire/rtp.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

enum { PAYLOAD_TYPE_MAX = 127 };

struct link_rx *link_rx_find(struct link *link, uint32_t ssrc)
{
	struct link_session *s = &link->session;

	for (size_t i = 0; i < s->receiver_count; i++)
		if (s->receivers[i].is.ssrc == ssrc)
			return &s->receivers[i];
	return NULL;
}

static struct link_rx *rtx_find(struct link *link, uint32_t ssrc)
{
	struct link_session *s = &link->session;

	for (size_t i = 0; i < s->receiver_count && ssrc != 0; i++)
		if (s->receivers[i].is.rtx_ssrc == ssrc)
			return &s->receivers[i];
	return NULL;
}

static bool is_taken(struct link *link, uint32_t ssrc)
{
	return link_rx_find(link, ssrc) || rtx_find(link, ssrc);
}

struct receiver_call {
	const struct link_receiver *receiver;
	enum kk_err err;
};

static void receiver_add(struct link *link, void *arg)
{
	struct receiver_call *call = arg;
	const struct link_receiver *is = call->receiver;
	struct link_session *s = &link->session;
	struct link_rx *rx;

	if (is_taken(link, is->ssrc) || is_taken(link, is->rtx_ssrc))
		call->err = KK_EEXIST;
	else if (s->receiver_count == LINK_RECEIVERS_MAX)
		call->err = KK_ELIMIT;
	if (call->err)
		return;
	rx = &s->receivers[s->receiver_count++];
	*rx = (struct link_rx){ .is = *is };
	hop_rx_init(&rx->rx, is->clock_hz);
}

enum kk_err link_receiver_add(struct link *link,
    const struct link_receiver *receiver)
{
	struct receiver_call call = { .receiver = receiver };

	if (receiver->ssrc == 0 || receiver->clock_hz == 0 ||
	    receiver->ssrc == receiver->rtx_ssrc || !receiver->packet ||
	    receiver->payload_type > PAYLOAD_TYPE_MAX ||
	    receiver->rtx_payload_type > PAYLOAD_TYPE_MAX ||
	    receiver->vp9_payload_type > PAYLOAD_TYPE_MAX ||
	    receiver->vp9_rtx_payload_type > PAYLOAD_TYPE_MAX)
		return KK_EINVAL;
	link_run(link, receiver_add, &call);
	return call.err;
}

struct callbacks_call {
	uint32_t ssrc;
	void (*packet)(void *arg, struct kk_view packet);
	void (*reported)(void *arg, uint64_t ntp, uint32_t timestamp);
	void *arg;
	enum kk_err err;
};

static void callbacks_set(struct link *link, void *arg)
{
	struct callbacks_call *call = arg;
	struct link_rx *rx = link_rx_find(link, call->ssrc);

	if (!rx) {
		call->err = KK_ENOENT;
		return;
	}
	rx->is.packet = call->packet;
	rx->is.reported = call->reported;
	rx->is.arg = call->arg;
}

enum kk_err link_receiver_set(struct link *link, uint32_t ssrc,
    void (*packet)(void *arg, struct kk_view packet),
    void (*reported)(void *arg, uint64_t ntp, uint32_t timestamp), void *arg)
{
	struct callbacks_call call = { ssrc, packet, reported, arg, KK_OK };

	link_run(link, callbacks_set, &call);
	return call.err;
}

/* A gap that nobody fills any more. */
void link_rx_given_up(struct link_rx *rx)
{
	uint64_t given_up = hop_rx_given_up(&rx->rx);

	if (rx->is.is_video && given_up != rx->given_up)
		hop_keyframe_want(&rx->keyframe);
	rx->given_up = given_up;
}

static bool is_type(uint8_t type, uint8_t expected)
{
	return expected != 0 && type == expected;
}

static bool is_key_frame(const struct link_rx *rx, const struct wire_rtp *rtp)
{
	struct wire_vp8 vp8;
	struct wire_vp9 vp9;

	if (is_type(rtp->payload_type, rx->is.vp9_payload_type))
		return !wire_vp9_parse(&vp9, rtp->payload) &&
		    wire_vp9_is_key_picture(&vp9);
	return !wire_vp8_parse(&vp8, rtp->payload) &&
	    wire_vp8_is_key_frame(&vp8, rtp->payload);
}

static void hand_on(struct link *link, struct link_rx *rx,
    struct kk_view packet, bool is_resent)
{
	struct wire_rtp rtp = { 0 };
	enum hop_arrival arrival;
	uint64_t seq;

	if (wire_rtp_parse(&rtp, packet) ||
	    (rtp.payload_type != rx->is.payload_type &&
		!is_type(rtp.payload_type, rx->is.vp9_payload_type))) {
		link->counts.refused++;
		return;
	}
	arrival = hop_rx_packet(&rx->rx, rtp.seq, rtp.timestamp, is_resent,
	    link_now_us(), &seq);
	if (is_resent && arrival != HOP_MISSED)
		return; /* it came in the meantime, or nobody waits for it */
	if (is_resent)
		link->counts.recovered++;
	if (rx->is.is_video && is_key_frame(rx, &rtp))
		hop_keyframe_came(&rx->keyframe);
	link_rx_given_up(rx);
	if (rx->is.packet && !link->is_closing)
		rx->is.packet(rx->is.arg, packet);
}

static void rtx_take(struct link *link, struct link_rx *rx,
    struct kk_view packet, uint8_t payload_type)
{
	uint8_t plain[SRTP_PACKET_MAX_BYTES];
	struct hop_rtx to = { .ssrc = rx->is.ssrc,
		.payload_type = rx->is.payload_type };
	struct wire_out w;
	enum kk_err err;

	if (is_type(payload_type, rx->is.vp9_rtx_payload_type)) {
		to.payload_type = rx->is.vp9_payload_type;
	} else if (payload_type != rx->is.rtx_payload_type) {
		link->counts.refused++;
		return;
	}
	wire_out_init(&w, plain, sizeof(plain));
	err = hop_rtx_unwrap(&w, packet, &to);
	if (!err)
		hand_on(link, rx, wire_out_view(&w), true);
	else if (err != KK_ENOENT) /* that is padding, which probes the way */
		link->counts.refused++;
}

void link_session_rtp(struct link *link, struct kk_view sealed)
{
	uint8_t plain[SRTP_PACKET_MAX_BYTES];
	size_t bytes = sizeof(plain);
	struct wire_rtp rtp = { 0 };
	struct link_rx *rx, *rtx;

	if (!link->session.rx)
		return;
	if (sealed.bytes > sizeof(plain) ||
	    srtp_rx_open_rtp(link->session.rx, sealed, plain, &bytes) ||
	    wire_rtp_parse(&rtp, kk_view_of(plain, bytes))) {
		link->counts.refused++;
		return;
	}
	link->counts.in_packets++;
	link->counts.in_bytes += sealed.bytes;
	link_heard(link);
	link_measure_came(link, &rtp, link_now_us());
	rx = link_rx_find(link, rtp.ssrc);
	rtx = rtx_find(link, rtp.ssrc);
	if (rx)
		hand_on(link, rx, kk_view_of(plain, bytes), false);
	else if (rtx)
		rtx_take(link, rtx, kk_view_of(plain, bytes), rtp.payload_type);
	else
		link->counts.refused++;
	link_session_arm(link);
}

void link_session_ask(struct link *link, uint32_t ssrc)
{
	struct link_rx *rx = link_rx_find(link, ssrc);

	if (!rx)
		return;
	hop_keyframe_want(&rx->keyframe);
	link_session_arm(link);
}
