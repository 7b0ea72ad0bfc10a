/* sfu_internal.h - what the files of sfu/ share.  Internal. */
#pragma once
#include "hop/history.h"
#include "hop/keyframe.h"
#include "hop/rx.h"
#include "hop/rx_twcc.h"
#include "hop/tx.h"
#include "sfu/allocate.h"
#include "sfu/sfu.h"
#include "wire/dd.h"
#include "wire/rtp.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

enum {
	SFU_AUDIO_HZ = 48000, /* RFC 7587, 4.1 */
	SFU_VIDEO_HZ = 90000, /* RFC 7741, 4.1 */
	/* A packet, a longer descriptor, the number in front of RTX, and the
	 * extension with the transport's. */
	SFU_OUT_BYTES = SFU_PACKET_MAX_BYTES + 24,
	SFU_RTCP_OUT_BYTES = 1200,
	SFU_PICTURE_MASK = WIRE_VP8_PICTURE_ID_LONG_MAX,
	/* What a slot remembers of what it has sent.  Powers of two. */
	SFU_NUMBERS_MAX = 512,
	SFU_FRAMES_MAX = 128,
	SFU_RUNS_MAX = 4,
	/* A longer gap in what comes is not kept open. */
	SFU_GAP_MAX = 256,
	SFU_BURST_MAX = 64 /* packets; more are several bursts */
};

struct sfu_packet { /* of a source, as it came; views into the caller's */
	struct wire_rtp rtp;
	uint64_t seq; /* extended */
	bool has_vp8, has_vp9, has_dd;
	struct wire_vp8 vp8;
	struct wire_vp9 vp9;
	struct wire_dd dd;
	bool is_key; /* begins a key frame */
};

struct sfu_encoding {
	struct sfu_source *source;
	uint8_t index;
	struct sfu_encoding_config config;
	struct hop_rx rx;
	struct hop_keyframe keyframe;
	struct hop_history *history; /* of video */
	struct wire_dd_structure *dd; /* of VP9 with dd_id */
	uint32_t dd_active; /* targets that are sent */
	bool has_come;
	uint64_t came_us; /* its newest packet */
	bool has_sr;
	uint64_t sr_us; /* by the publisher's clock */
	uint32_t sr_timestamp;
};

/* --- share.c: who gets how much ------------------------------------------ */

struct sfu_meter { /* rates of a source's layers */
	bool has_begun;
	uint64_t from_us; /* the present window's begin, and what came in it */
	uint64_t bytes[SFU_ALLOCATE_SPATIAL_MAX][SFU_ALLOCATE_TEMPORAL_MAX];
	/* Of decode targets: whole; else each temporal layer's own. */
	uint64_t bps[SFU_ALLOCATE_SPATIAL_MAX][SFU_ALLOCATE_TEMPORAL_MAX];
};

struct sfu_wanted { /* wanted.c */
	size_t told; /* to the publisher */
	bool is_less; /* than it was told, since then */
	uint64_t less_us;
};

struct sfu_source {
	struct sfu_link *link;
	struct sfu_source_config config;
	struct sfu_encoding encodings[SFU_ENCODINGS_MAX];
	uint64_t came_us; /* the newest packet of all encodings */
	struct sfu_slot *watchers;
	struct sfu_meter meter;
	struct sfu_level level; /* of audio */
	struct sfu_wanted wanted;
	/* burst.c: its packets, and the next source. */
	struct sfu_burst_packet *burst_first, **burst_end;
	struct sfu_source *burst_next;
};

/* --- numbers.c: which packet went out as which --------------------------- */

enum { /* flags of a number */
	SFU_NUMBER_MISSING = 1, /* kept open for a packet that has not come */
	SFU_NUMBER_SENT = 2,
	SFU_NUMBER_FILLER = 4, /* it went out empty */
	SFU_NUMBER_MARKER = 8
};

struct sfu_number {
	uint32_t in; /* low bits of the number that came in */
	uint16_t picture_id; /* as it goes out */
	uint8_t tl0_index;
	uint8_t flags; /* 0: none */
};

struct sfu_run { /* a slot shows one encoding, without a switch */
	struct sfu_encoding *encoding;
	uint64_t base_in, first_out; /* its first packet */
	uint64_t top_in; /* newest that came */
	uint32_t timestamp_offset;
	uint32_t timestamp_pushed; /* of it, to come after the run before */
	uint16_t picture_offset; /* of VP9 */
	uint8_t tl0_offset;
};

/* --- layers.c: which frames are shown ------------------------------------ */

enum sfu_frame_state {
	SFU_FRAME_NONE,
	SFU_FRAME_MISSING, /* nothing of it has come */
	SFU_FRAME_SHOWN,
	SFU_FRAME_DROPPED
};

struct sfu_frame { /* by picture id, or by the descriptor's frame number */
	uint16_t number;
	uint16_t picture_id; /* as it goes out */
	uint8_t state; /* enum sfu_frame_state */
	uint8_t limit; /* temporal layer, or decode target, at its time */
};

struct sfu_layers { /* of the run that is on */
	struct sfu_frame frames[SFU_FRAMES_MAX];
	bool has_top;
	uint16_t top; /* newest frame's number */
	uint8_t limit; /* temporal layer; with has_target: decode target */
	bool has_target;
};

struct sfu_video { /* what slots of video have besides */
	struct sfu_number numbers[SFU_NUMBERS_MAX]; /* by the outgoing one */
	struct sfu_layers layers;
};

struct sfu_slot {
	struct sfu_link *link;
	struct sfu_slot_config config;
	struct sfu_source *source; /* NULL: empty */
	struct sfu_slot *next, *prev; /* watchers of the source */
	struct sfu_slot *burst_next; /* of the link; burst.c */
	uint8_t spatial, temporal; /* at most */
	uint16_t width, height; /* of the tile; 0: any */
	uint8_t priority;
	bool is_paused; /* there is no room for anything of it */
	struct sfu_choice choice; /* share.c */
	/* Of the source, oldest first; none: waits for the packet that begins
	 * what is shown. */
	struct sfu_run runs[SFU_RUNS_MAX];
	size_t run_count;
	bool has_sent;
	uint64_t top_seq; /* newest that went out */
	uint32_t timestamp; /* of top_seq */
	uint64_t sent_us;
	uint16_t picture_id; /* newest that went out, or is kept open */
	uint8_t tl0_index; /* newest that went out */
	uint16_t rtx_seq;
	struct hop_tx tx;
	uint64_t rtt_us; /* 0: not known */
	uint64_t reported_us; /* paths.c: the last report */
	uint32_t reported_lost;
	struct hop_resent *resent; /* with the first that comes again */
	struct sfu_video *video; /* of video, while there is a source */
};

struct sfu_link {
	/* Before, a tick has nothing to do: so hundreds of links cost nothing
	 * each time that none of theirs is due. */
	uint64_t due_us;
	struct sfu_link_config config;
	char cname[SFU_CNAME_MAX_BYTES + 1];
	struct sfu_source *sources[SFU_LINK_SOURCES_MAX];
	size_t source_count;
	struct sfu_slot *slots[SFU_LINK_SLOTS_MAX];
	size_t slot_count;
	bool is_open; /* slots can be sent */
	/* Whether its peer tells what comes is seen soon after the first packet
	 * to it: share.c. */
	bool has_begun, is_held, is_told, is_starting;
	uint64_t begun_us, told_us;
	bool has_twcc; /* packets with numbers have come */
	struct hop_rx_twcc *twcc; /* with the first source that has them */
	uint8_t measure_ext[4]; /* id, number, padding; id 0: none */
	struct estimate *estimate; /* NULL: not measured */
	uint64_t share_us, share_bps; /* when it was shared out, and what */
	bool is_shared; /* it is to be, again and again */
	uint64_t report_us; /* of the last reports */
	/* Our clock's lead on the publisher's: one for all its sources, so
	 * that its sound and picture stay together. */
	bool has_clock;
	uint64_t clock_lead_us;
	uint64_t resend_us; /* when the budget was last filled */
	uint64_t resend_budget; /* in millionths of a packet */
	/* burst.c: the slots that show any of it, and the next link. */
	struct sfu_slot *burst_slots, **burst_end;
	struct sfu_link *burst_next;
};

/* Something has happened to it: the next tick looks what is due. */
static inline void sfu_link_wake(struct sfu_link *link)
{
	link->due_us = 0;
}
/* A tick, due or not. */
void sfu_link_tick_all(struct sfu_link *link, uint64_t now_us);

uint32_t sfu_kind_hz(enum sfu_kind kind);
/* By either of its SSRCs. */
struct sfu_encoding *sfu_link_encoding(struct sfu_link *link, uint32_t ssrc);
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
/* Before this time the tick does nothing; UINT64_MAX: ever. */
uint64_t sfu_bandwidth_due_us(const struct sfu_link *link);

/* Without the dependency descriptor.  Errors: those of wire_rtp_parse(),
 * KK_ETRUNC and KK_EFORMAT the payload's descriptor. */
MUST_CHECK enum kk_err sfu_packet_parse(struct sfu_packet *p,
    struct kk_view packet, const struct sfu_source_config *config);

/* To the store and the slots. */
void sfu_encoding_packet(struct sfu_encoding *encoding, struct sfu_packet *p,
    struct kk_view raw, uint64_t now_us);
/* Reads the descriptor, where there is one. */
void sfu_encoding_dd(struct sfu_encoding *encoding, struct sfu_packet *p);
void sfu_encoding_keyframe(struct sfu_encoding *encoding, uint64_t now_us);
void sfu_source_keyframes(struct sfu_source *source, uint64_t now_us);

/* burst.c: what p has views of stays until the burst's end. */
void sfu_burst_add(struct sfu_burst *burst, struct sfu_encoding *encoding,
    const struct sfu_packet *p, uint64_t now_us);

void sfu_slot_packet(struct sfu_slot *slot, struct sfu_encoding *encoding,
    const struct sfu_packet *p, uint64_t now_us);
/* Appends the packet as the run shows it under this number. */
void sfu_slot_write(const struct sfu_slot *slot, const struct sfu_run *run,
    struct wire_out *w, const struct sfu_packet *p, uint64_t seq);
void sfu_slot_begin(struct sfu_slot *slot, uint64_t now_us); /* of its source */
void sfu_slot_leave(struct sfu_slot *slot); /* its source */
/* Shows nothing until it is told otherwise: what comes then begins with a key
 * frame. */
void sfu_slot_pause(struct sfu_slot *slot);
/* NULL: nothing is shown. */
struct sfu_run *sfu_slot_run(struct sfu_slot *slot);
/* Errors: KK_ENOENT not shown here, or not there any more; KK_EUNSUP the slot
 * has no RTX; KK_EREPLAY a moment ago; KK_ELIMIT the link's budget; KK_ENOMEM.
 */
MUST_CHECK enum kk_err sfu_slot_resend(struct sfu_slot *slot, uint16_t seq,
    uint64_t now_us);

/* rid.c: a packet of an SSRC that is not known; NULL: it is nobody's. */
struct sfu_encoding *sfu_link_learn(struct sfu_link *link,
    const struct wire_rtp *rtp);

/* choose.c: the highest spatial layer, by target and size; it has a source. */
uint8_t sfu_slot_spatial(const struct sfu_slot *slot);
/* Whether it comes, as far as anything of its source does. */
bool sfu_encoding_is_alive(const struct sfu_encoding *encoding);
/* The encoding that the slot should show; it has a source. */
struct sfu_encoding *sfu_slot_wanted(const struct sfu_slot *slot);
/* Whether the slot shows this encoding, from this packet on if not before. */
bool sfu_slot_follow(struct sfu_slot *slot, struct sfu_encoding *encoding,
    const struct sfu_packet *p, uint64_t now_us);

/*
 * numbers.c: the number with which a packet of the run goes out, 0 if with
 * none.  One that is not shown takes none, but for that which was kept open for
 * it; what is missing before it is kept open.
 */
uint64_t sfu_number_take(struct sfu_slot *slot, struct sfu_run *run,
    uint64_t seq, bool is_shown);
/* The entry of a number; NULL: forgotten, or never there. */
struct sfu_number *sfu_number_get(const struct sfu_slot *slot, uint64_t out);
/* The run of an outgoing number; NULL: of none that is known. */
const struct sfu_run *sfu_number_run(const struct sfu_slot *slot, uint64_t out);

/* layers.c: whether the packet's frame is shown; then its picture id, where it
 * has one. */
bool sfu_layers_take(struct sfu_slot *slot, const struct sfu_run *run,
    const struct sfu_packet *p, uint64_t now_us, uint16_t *picture_id);
void sfu_layers_begin(struct sfu_slot *slot); /* a run */
/* Whether the picture ends here for who sees so much of it. */
bool sfu_layers_end(const struct sfu_slot *slot, const struct sfu_run *run,
    const struct sfu_packet *p);

/* share.c: measures a packet of so many bytes. */
void sfu_share_packet(struct sfu_encoding *encoding, const struct sfu_packet *p,
    size_t bytes, uint64_t now_us);
void sfu_share_begin(struct sfu_slot *slot,
    uint64_t now_us); /* of its source */
void sfu_share_open(struct sfu_link *link, uint64_t now_us);
void sfu_share_tick(struct sfu_link *link, uint64_t now_us);
uint64_t sfu_share_due_us(const struct sfu_link *link);

void sfu_feedback_tick(struct sfu_link *link, uint64_t now_us);
uint64_t sfu_feedback_due_us(const struct sfu_link *link, uint64_t now_us);

/* paths.c: what is counted of all links together. */
void sfu_paths_tick(struct sfu_link *link); /* once a second */
void sfu_paths_told(const struct sfu_encoding *encoding,
    const struct wire_rtcp_report *report, uint64_t now_us);
void sfu_paths_reported(struct sfu_slot *slot,
    const struct wire_rtcp_report *report, uint64_t now_us);

void sfu_report_tick(struct sfu_link *link, uint64_t now_us);
void sfu_report_sr(struct sfu_encoding *encoding, const struct wire_rtcp_sr *sr,
    uint64_t now_us);
