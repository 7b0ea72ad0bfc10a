/*
 * session.h - the RTP session of a link: sealing, reports, what was lost.
 * Internal.  The link's thread's alone.
 */
#pragma once
#include <glib.h>

#include "estimate/estimate.h"
#include "hop/history.h"
#include "hop/keyframe.h"
#include "hop/rtx.h"
#include "hop/rx.h"
#include "hop/rx_twcc.h"
#include "hop/tx.h"
#include "pipelines/link/link.h"
#include "srtp/srtp.h"
#include "wire/rtp.h"

enum {
	LINK_EXT_BYTES = 8, /* with the transport-wide number */
	LINK_PLAIN_MAX_BYTES = LINK_PACKET_MAX_BYTES + LINK_EXT_BYTES +
	    HOP_RTX_OVERHEAD_BYTES,
	LINK_SEALED_MAX_BYTES = LINK_PLAIN_MAX_BYTES + SRTP_OVERHEAD_BYTES,
	LINK_REPORT_EVERY_US = 1000000, /* RFC 3550, 6.2 allows 360/kbit/s */
	LINK_WANTED_EVERY_US =
	    250000, /* key frames that encoders are told of */
	/* A sender's numbers that jump this far are those of another one. */
	LINK_JUMP_MAX = 512
};

struct link_tx { /* a sender */
	struct link_sender is;
	struct hop_tx tx;
	struct hop_history *history; /* plain packets; NULL: no RTX */
	struct hop_resent resent;
	uint16_t rtx_seq; /* of the next one */
	bool has_sent, has_wanted;
	uint16_t shift; /* of the caller's numbers to ours */
	uint64_t top_seq; /* extended */
	uint64_t wanted_us;
	uint64_t rtt_us; /* 0: not known */
	uint8_t fraction_lost;
};

struct link_rx { /* a receiver */
	struct link_receiver is;
	struct hop_rx rx;
	struct hop_keyframe keyframe;
	uint64_t given_up; /* that a key frame was asked for */
};

struct link_measure { /* measure.c */
	struct estimate *estimate; /* of the way there; NULL: none */
	uint64_t told_bps, told_us; /* to the callback */
	uint64_t resend_bits,
	    resend_us; /* that may be sent again, as of when */
	uint64_t resent_bits, resent_us; /* that were, since when */
	uint64_t resent_bps; /* before that */
	struct hop_rx_twcc rx; /* of the way back */
};

struct link_session {
	struct link_measure measure;
	struct link_tx senders[LINK_SENDERS_MAX];
	size_t sender_count;
	struct link_rx *receivers; /* LINK_RECEIVERS_MAX */
	size_t receiver_count;

	struct srtp_tx *tx; /* NULL: not connected */
	struct srtp_rx *rx;
	uint32_t ssrc; /* of our RTCP */
	uint64_t report_us; /* when the next is due */
	bool has_heard; /* something authentic, ever */
	/* Since when we have sent and not heard; 0: we have not sent. */
	uint64_t unheard_us;
	uint64_t ticked_us; /* the last tick */
	GSource *source; /* at the next time that something is due */
};

MUST_CHECK enum kk_err link_session_init(struct link *link);
void link_session_clear(struct link *link);

/* Takes the handshake's keys.  Errors: KK_ENOMEM, KK_ECRYPTO. */
struct dtls_srtp_keys;
MUST_CHECK enum kk_err link_session_begin(struct link *link,
    const struct dtls_srtp_keys *keys);
/* The keys are gone after it. */
void link_session_end(struct link *link, bool says_bye);

void link_session_rtp(struct link *link, struct kk_view sealed);
void link_session_rtcp(struct link *link, struct kk_view sealed);
void link_session_send(struct link *link, struct kk_view packet);
void link_session_ask(struct link *link, uint32_t ssrc); /* a key frame */
void link_session_arm(struct link *link); /* sets the time of source */

/* session_tx.c */
struct link_tx *link_tx_find(struct link *link, uint32_t ssrc);
void link_tx_nack(struct link *link, struct link_tx *tx, uint16_t seq);
void link_tx_wanted(struct link *link, struct link_tx *tx);

/* session_rx.c */
struct link_rx *link_rx_find(struct link *link, uint32_t ssrc);
void link_rx_given_up(struct link_rx *rx); /* then a key frame helps */

/* measure.c.  Errors: KK_EINVAL the bounds, KK_ENOMEM. */
MUST_CHECK enum kk_err link_measure_init(struct link *link);
void link_measure_clear(struct link *link);
/* Writes the packet as it goes out, LINK_PLAIN_MAX_BYTES at most. */
size_t link_measure_write(struct link *link, const struct wire_rtp *rtp,
    struct kk_view packet, uint8_t *out, uint64_t now_us);
/* Whether there is room to send so much again now, which it counts. */
bool link_measure_resend(struct link *link, size_t bytes, uint64_t now_us);
void link_measure_feedback(struct link *link, const struct wire_rtcp_fb *fb);
void link_measure_came(struct link *link, const struct wire_rtp *rtp,
    uint64_t now_us);
int64_t link_measure_wait_us(const struct link *link,
    uint64_t now_us); /* -1: never */
void link_measure_tick(struct link *link, uint64_t now_us);

/* rtcp.c */
void link_rtcp_take(struct link *link, struct kk_view compound);
/* A report, when it is time; what is missing; key frames. */
void link_rtcp_tick(struct link *link, uint64_t now_us);
void link_rtcp_bye(struct link *link);
