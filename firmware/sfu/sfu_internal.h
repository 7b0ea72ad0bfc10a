/* sfu_internal.h - what the files of sfu/ share.  Internal. */
#pragma once
#include "hop/history.h"
#include "hop/keyframe.h"
#include "hop/rx.h"
#include "hop/rx_twcc.h"
#include "hop/tx.h"
#include "sfu/sfu.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

enum {
	SFU_AUDIO_HZ = 48000, /* RFC 7587, 4.1 */
	SFU_VIDEO_HZ = 90000, /* RFC 7741, 4.1 */
	/* A packet, a longer descriptor, the number in front of RTX, and the
	 * extension with the transport's. */
	SFU_OUT_BYTES = SFU_PACKET_MAX_BYTES + 24,
	SFU_RTCP_OUT_BYTES = 1200
};

struct sfu_packet { /* of a source, as it came; views into the caller's */
	struct wire_rtp rtp;
	uint64_t seq; /* extended */
	bool has_vp8;
	struct wire_vp8 vp8;
	bool is_key; /* begins a key frame */
};

struct sfu_source {
	struct sfu_link *link;
	struct sfu_source_config config;
	struct hop_rx rx;
	struct hop_keyframe keyframe;
	struct hop_history *history; /* of video */
	struct sfu_slot *watchers;
	bool has_sr;
	uint64_t sr_us; /* by the publisher's clock */
	uint32_t sr_timestamp;
};

struct sfu_slot {
	struct sfu_link *link;
	struct sfu_slot_config config;
	struct sfu_source *source; /* NULL: empty */
	struct sfu_slot *next, *prev; /* watchers of the source */
	bool is_waiting; /* for the packet that begins what is shown */
	bool has_sent;
	/* A number that goes out is that which came in and the offset. */
	uint64_t base_seq; /* that came in first; older ones are not shown */
	uint64_t seq_offset, top_seq; /* top_seq: newest that went out */
	uint32_t timestamp_offset, timestamp; /* timestamp: of top_seq */
	uint64_t sent_us;
	bool has_picture_id;
	uint16_t picture_in; /* newest, 15 bits; for ids of 7 bits */
	uint16_t picture_offset, picture_id;
	uint8_t tl0_offset, tl0_index;
	bool has_tl0;
	uint16_t rtx_seq;
	struct hop_tx tx;
	uint64_t rtt_us; /* 0: not known */
	struct hop_resent resent;
};

struct sfu_link {
	struct sfu_link_config config;
	char cname[SFU_CNAME_MAX_BYTES + 1];
	struct sfu_source *sources[SFU_LINK_SOURCES_MAX];
	size_t source_count;
	struct sfu_slot *slots[SFU_LINK_SLOTS_MAX];
	size_t slot_count;
	bool is_open; /* slots can be sent */
	bool has_twcc;
	struct hop_rx_twcc twcc;
	uint8_t measure_ext[4]; /* id, number, padding; id 0: none */
	struct estimate *estimate; /* NULL: not measured */
	uint64_t report_us; /* of the last reports */
	/* Our clock's lead on the publisher's: one for all its sources, so
	 * that its sound and picture stay together. */
	bool has_clock;
	uint64_t clock_lead_us;
	uint64_t resend_us; /* when the budget was last filled */
	uint64_t resend_budget; /* in millionths of a packet */
};

uint32_t sfu_kind_hz(enum sfu_kind kind);
struct sfu_source *sfu_link_source(struct sfu_link *link, uint32_t ssrc);
struct sfu_slot *sfu_link_slot(struct sfu_link *link, uint32_t ssrc);
void sfu_link_send(struct sfu_link *link, const struct wire_out *w,
    bool is_rtcp); /* nothing after an error */

/* bandwidth.c: the header of what goes out gets room for the number ... */
void sfu_bandwidth_header(const struct sfu_link *link, struct wire_rtp *rtp);
/* ... the number is put into it: the packet goes out now ... */
void sfu_bandwidth_sent(struct sfu_link *link, struct wire_out *w,
    uint64_t now_us);
/* ... and feedback comes.  Errors: those of wire_twcc_parse(); what it tells of
 * other packets is ignored. */
MUST_CHECK enum kk_err sfu_bandwidth_feedback(struct sfu_link *link,
    const struct wire_rtcp_fb *fb, uint64_t now_us);
void sfu_bandwidth_tick(struct sfu_link *link, uint64_t now_us);

/* Errors: those of wire_rtp_parse(), KK_ETRUNC the descriptor. */
MUST_CHECK enum kk_err sfu_packet_parse(struct sfu_packet *p,
    struct kk_view packet, enum sfu_kind kind);

void sfu_source_packet(struct sfu_source *source, const struct sfu_packet *p,
    struct kk_view raw, uint64_t now_us); /* to the store and the slots */
void sfu_source_keyframe(struct sfu_source *source, uint64_t now_us);

void sfu_slot_packet(struct sfu_slot *slot, const struct sfu_packet *p,
    uint64_t now_us);
/* Appends the packet as the slot shows it. */
void sfu_slot_write(const struct sfu_slot *slot, struct wire_out *w,
    const struct sfu_packet *p);
void sfu_slot_begin(struct sfu_slot *slot, uint64_t now_us); /* of its source */
void sfu_slot_leave(struct sfu_slot *slot); /* its source */
/* Errors: KK_ENOENT not shown here, or not there any more; KK_EUNSUP the slot
 * has no RTX; KK_EREPLAY a moment ago; KK_ELIMIT the link's budget. */
MUST_CHECK enum kk_err sfu_slot_resend(struct sfu_slot *slot, uint16_t seq,
    uint64_t now_us);

void sfu_feedback_tick(struct sfu_link *link, uint64_t now_us);
void sfu_report_tick(struct sfu_link *link, uint64_t now_us);
void sfu_report_sr(struct sfu_source *source, const struct wire_rtcp_sr *sr,
    uint64_t now_us);
