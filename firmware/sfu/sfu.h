/*
 * sfu.h - forwarding of sealed media: which source goes into which slot, so
 * that who decodes a slot notices no change.  Zone: forward.
 *
 * A link is one transport's hop: sources come in over it, slots go out over
 * it.  Packets are hop plaintext; what is inside is sealed end to end and never
 * looked into, but for the VP8 descriptor and the bit behind it that tells a
 * key frame (RFC 7741, 4.3), the VP9 descriptor, and header extensions, which
 * stay clear.  Links know nothing of meetings: the caller says which source a
 * slot may show.
 *
 * A source of video has layers.  Spatial ones are its encodings (simulcast), or
 * with VP9 the layers of its one encoding, as the dependency descriptor names
 * them.  A slot shows at most the layers that it was told to, and switches
 * where its decoder can: between encodings at key frames, between temporal
 * layers where one can be joined.  What is left out leaves no hole in its
 * numbers.
 *
 * No socket, no clock: now_us never goes back.  All links that show each
 * other's sources belong to one thread.  Packets take no
 * heap, but for the first that a slot's receiver asks for again.
 *
 * Source: RFC 3550, 6.4 and 7; RFC 4585; RFC 4588; RFC 5104, 3.5.1; RFC 7741;
 * RFC 8852 (rid); RFC 9628; the dependency descriptor: wire/dd.h.
 */
#pragma once
#include "estimate/estimate.h"
#include "sfu/loud.h"
#include "sfu/paths.h"

enum {
	SFU_LINK_SOURCES_MAX = 3,
	SFU_LINK_SLOTS_MAX = 32,
	SFU_CNAME_MAX_BYTES = 32,
	SFU_ENCODINGS_MAX = 3,
	SFU_NAME_MAX_BYTES = 16, /* a rid, a MID */
	SFU_LAYERS_ALL = 255, /* of a target: the highest that there is */
	SFU_PACKET_MAX_BYTES = 1500, /* longer ones are refused */
	/* The store of a video source: a second of 4 Mbit/s. */
	SFU_HISTORY_PACKETS = 512,
	SFU_HISTORY_BYTES = 512 * 1024,
	SFU_REPORT_EVERY_US = 1000000,
	SFU_WANTED_HOLD_US = 2000000, /* before a size is no more wanted */
	/* A link's retransmissions, so that a hostile receiver gets no more out
	 * of its asking: so many at once, and in a second. */
	SFU_RESEND_BURST = 500,
	SFU_RESEND_PER_S = 1000
};

enum sfu_kind { SFU_AUDIO, SFU_VIDEO }; /* Opus at 48 kHz; VP8, VP9 */
enum sfu_codec { SFU_VP8, SFU_VP9 }; /* of video */

struct sfu_counts { /* they only grow */
	uint64_t nacks; /* packets asked for by receivers */
	uint64_t retransmissions; /* sent to them */
	uint64_t keyframe_requests; /* sent to publishers */
	uint64_t dropped; /* packets in that belong nowhere or are malformed */
	uint64_t levels; /* packets that told how loud they are */
	struct sfu_paths paths;
};

struct sfu_link;
struct sfu_source;
struct sfu_slot;

/*
 * Packets that came together.  A link that has a burst keeps what
 * sfu_link_rtp() is given, by reference, and shows nothing of it until
 * sfu_burst_end(): then each receiver gets all that it sees of it in a row,
 * each slot's packets as they came.  So the end comes before any of them goes,
 * and before what is called next but for sfu_link_rtp() and sfu_link_rtcp().
 * A burst that is full, a key frame, and what is sent again end what was there
 * before by themselves.
 *
 * Errors: KK_ENOMEM.
 */
struct sfu_burst;
MUST_CHECK enum kk_err sfu_burst_new(struct sfu_burst **burstp);
void sfu_burst_free(struct sfu_burst *burst); /* behind its links */
void sfu_burst_end(struct sfu_burst *burst);

struct sfu_link_config {
	uint32_t rtcp_ssrc; /* our own */
	const char *cname; /* copied; at most SFU_CNAME_MAX_BYTES */
	/* Seals and sends; the packet is valid during the call.  It must not
	 * call back. */
	void (*send)(void *arg, struct kk_view packet, bool is_rtcp);
	void *arg;
	struct sfu_counts *counts; /* borrowed */
	/* Borrowed; of all links that show each other's sources.  NULL: what
	 * comes is shown at once. */
	struct sfu_burst *burst;
};

/* Errors: KK_EINVAL the name; KK_ENOMEM. */
MUST_CHECK enum kk_err sfu_link_new(struct sfu_link **linkp,
    const struct sfu_link_config *config);
/*
 * The peer can be sent to: slots begin from now on, those of video with a key
 * frame.  Before, nothing is shown in them, whatever they watch.
 */
void sfu_link_open(struct sfu_link *link, uint64_t now_us);

/* Frees its sources and slots, too.  NULL is fine. */
void sfu_link_free(struct sfu_link *link);

/*
 * From now on each packet of its slots carries a number in the header extension
 * twcc_id (hop/rx_twcc.h), and the peer's feedback about them makes an estimate
 * of the path.  Probes are padding in a video slot's RTX stream.  Slots show
 * what the path has room for (sfu/allocate.h), from the first packet on: those
 * of which not even the lowest layer has, nothing.  So the start is small, and
 * probes, which begin with the first feedback, make it grow.  Where a second
 * goes by without any, the peer tells nothing, and gets all.
 * Errors: KK_EINVAL an id that is not 1 to 14, the bounds; KK_ESTATE twice;
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err sfu_link_measure(struct sfu_link *link, uint8_t twcc_id,
    const struct estimate_config *config, uint64_t now_us);
bool sfu_link_is_measured(const struct sfu_link *link);
/* All zero where it is not measured. */
struct estimate_state sfu_link_estimate(const struct sfu_link *link);
/* What its slots could use; sharing says it, from the first feedback on. */
void sfu_link_want(struct sfu_link *link, uint64_t next_bps, uint64_t most_bps);

struct sfu_encoding_config {
	uint32_t ssrc; /* 0: its packets say which it is, by rid */
	uint32_t rtx_ssrc; /* 0: none; retransmissions come as they were */
	uint16_t max_width, max_height; /* 0: not known */
	char rid[SFU_NAME_MAX_BYTES + 1]; /* "": none */
};

struct sfu_source_config {
	enum sfu_kind kind;
	enum sfu_codec codec;
	bool is_screen; /* sharp rather than smooth, where room is short */
	uint8_t payload_type;
	uint8_t rtx_payload_type;
	uint8_t twcc_id; /* extension of hop/rx_twcc.h; 0: none */
	uint8_t dd_id; /* of wire/dd.h; 0: none */
	uint8_t level_id; /* of audio: RFC 6464; 0: none */
	uint8_t mid_id, rid_id, repaired_rid_id; /* 0: none */
	/* "": none.  Else its packets are told by it, too: rids are the same in
	 * all sources. */
	char mid[SFU_NAME_MAX_BYTES + 1];
	/* From small to large; one of audio, and of VP9. */
	struct sfu_encoding_config encodings[SFU_ENCODINGS_MAX];
	size_t encoding_count;
};

/*
 * A source belongs to its link, until it is freed by either.  Errors: KK_EINVAL
 * an SSRC of 0 without a rid, one twice, a payload type, or how many encodings;
 * KK_EEXIST the link has a source of such an SSRC; KK_ELIMIT; KK_ENOMEM.
 */
MUST_CHECK enum kk_err sfu_source_new(struct sfu_source **sourcep,
    struct sfu_link *link, const struct sfu_source_config *config);
void sfu_source_free(struct sfu_source *source); /* empties slots */
/* Whether an SSRC is one of its sources', RTX included. */
bool sfu_link_has_source(const struct sfu_link *link, uint32_t ssrc);
/*
 * The lowest spatial layer that fills a tile of this size; SFU_LAYERS_ALL where
 * none does, sizes are not known, or the tile's is 0.
 */
uint8_t sfu_source_fit(const struct sfu_source *source, unsigned width,
    unsigned height);
/*
 * How many of its encodings, from the smallest on, the tiles of its slots call
 * for, whatever there is room for; the smallest one always.  Who publishes the
 * source may leave out the others.
 */
size_t sfu_source_wanted(const struct sfu_source *source);
/* Whether the publisher is to be told of that: of more at once, of fewer when
 * it was so for SFU_WANTED_HOLD_US.  At first it knows that all are wanted. */
bool sfu_source_wants(struct sfu_source *source, uint64_t now_us,
    size_t *wanted);
/* How loud it is; all zero where it does not tell.  Borrowed. */
const struct sfu_level *sfu_source_level(const struct sfu_source *source);

struct sfu_slot_config {
	enum sfu_kind kind;
	uint32_t ssrc;
	uint8_t payload_type;
	uint32_t rtx_ssrc; /* 0: no retransmission */
	uint8_t rtx_payload_type;
	uint8_t vp9_type, vp9_rtx_type; /* 0: it cannot show VP9 */
	/* Where the numbers begin: random (RFC 3550, 5.1). */
	uint16_t seq, rtx_seq, picture_id;
	uint32_t timestamp;
};

/* A slot belongs to its link.  Errors: as above. */
MUST_CHECK enum kk_err sfu_slot_new(struct sfu_slot **slotp,
    struct sfu_link *link, const struct sfu_slot_config *config);
void sfu_slot_free(struct sfu_slot *slot);

/*
 * Shows source, or with NULL nothing, from now on: audio at once, video from
 * its next key frame, which is asked for.  Errors: KK_EINVAL the kinds differ;
 * KK_EUNSUP the slot has no type for VP9; KK_ENOMEM.
 */
MUST_CHECK enum kk_err sfu_slot_watch(struct sfu_slot *slot,
    struct sfu_source *source, uint64_t now_us);
struct sfu_source *sfu_slot_source(const struct sfu_slot *slot);

/*
 * Shows at most these layers of whatever it watches, from where it can; at
 * first all.  What is shown goes on until then.  Any number is good: one above
 * what there is means the highest.  Where the peer tells of what comes (see
 * sfu_link_measure()), the link does this itself.
 */
void sfu_slot_target(struct sfu_slot *slot, uint8_t spatial, uint8_t temporal,
    uint64_t now_us);
/*
 * The size at which it is shown: a smaller picture is taken where that is
 * enough, whatever the target.  0: any.
 */
void sfu_slot_tile(struct sfu_slot *slot, uint16_t width, uint16_t height,
    uint64_t now_us);
/* Who comes first where there is no room for all: the highest.  At first 0. */
void sfu_slot_priority(struct sfu_slot *slot, uint8_t priority);
/* What is shown now.  False: nothing yet. */
bool sfu_slot_layers(const struct sfu_slot *slot, uint8_t *spatial,
    uint8_t *temporal);

/*
 * One authentic packet of a link's peer, without its SRTP.  What is refused is
 * counted as dropped.  Errors: KK_ENOENT of no source; KK_EREPLAY came before
 * or too late; KK_ELIMIT too long; KK_EFORMAT, KK_ETRUNC.
 */
MUST_CHECK enum kk_err sfu_link_rtp(struct sfu_link *link,
    struct kk_view packet, uint64_t now_us);

/*
 * Likewise; a compound or of reduced size.  Packets in front of a malformed one
 * have had their effect.  What is about others' streams is ignored.
 */
MUST_CHECK enum kk_err sfu_link_rtcp(struct sfu_link *link,
    struct kk_view packet, uint64_t now_us);

/* Sends what is due: NACK, PLI, feedback, reports.  Every 10 ms is right. */
void sfu_link_tick(struct sfu_link *link, uint64_t now_us);
