/*
 * rtcp.h - RTCP compounds: reports, names, farewells, feedback.  No state.
 *
 * Reading: check a compound whole with wire_rtcp_begin(), go through it with
 * wire_rtcp_next(), and hand each packet to the parser of its type.  Parsers
 * return KK_EUNSUP for a packet of another type, so that they can be tried.
 * Writing: each writer appends one whole packet to a wire_out; on error the
 * packets before it stand, and the error sticks.
 *
 * Source: RFC 3550, 6; RFC 5506 (reduced size); RFC 4585, 6; RFC 5104, 4.3.1;
 * draft-alvestrand-rmcat-remb-03.  Transport-wide feedback: wire/twcc.h.
 */
#pragma once
#include "wire/out.h"

enum wire_rtcp_type { /* RFC 3550, 12.1; RFC 4585, 9; RFC 3611, 5 */
	WIRE_RTCP_SR = 200,
	WIRE_RTCP_RR = 201,
	WIRE_RTCP_SDES = 202,
	WIRE_RTCP_BYE = 203,
	WIRE_RTCP_APP = 204,
	WIRE_RTCP_RTPFB = 205,
	WIRE_RTCP_PSFB = 206,
	WIRE_RTCP_XR = 207
};

enum wire_rtcp_fmt {
	WIRE_RTCP_RTPFB_NACK = 1, /* RFC 4585, 6.2.1 */
	WIRE_RTCP_RTPFB_TWCC = 15, /* draft-holmer-rmcat-...-01, 3.1 */
	WIRE_RTCP_PSFB_PLI = 1, /* RFC 4585, 6.3.1 */
	WIRE_RTCP_PSFB_FIR = 4, /* RFC 5104, 4.3.1 */
	WIRE_RTCP_PSFB_AFB = 15 /* RFC 4585, 6.4; REMB */
};

enum {
	WIRE_RTCP_HEADER_BYTES = 4,
	WIRE_RTCP_COUNT_MAX = 31, /* five bits */
	WIRE_RTCP_TEXT_MAX_BYTES = 255, /* of an SDES item, a BYE's reason */
	WIRE_RTCP_NACK_SPAN = 17, /* a PID and 16 bits behind it */
	WIRE_RTCP_REMB_SSRCS_MAX = 255
};

struct wire_rtcp { /* one packet of a compound */
	uint8_t type;
	uint8_t count; /* reports, chunks, sources; of feedback: the format */
	struct kk_view body; /* behind the first word, without padding */
};

struct wire_rtcp_iter { /* opaque */
	struct kk_view left;
};

/*
 * Checks the whole compound: version, lengths, padding on the last packet only
 * (on transport feedback anywhere, as browsers have it), and, unless
 * is_reduced, that an SR or RR stands first (RFC 3550, A.2).
 * On error *it is left alone.
 * Errors: KK_ETRUNC a packet reaches beyond the end, or there is none;
 * KK_EFORMAT.
 */
MUST_CHECK enum kk_err wire_rtcp_begin(struct wire_rtcp_iter *it,
    struct kk_view in, bool is_reduced);
bool wire_rtcp_next(struct wire_rtcp_iter *it, struct wire_rtcp *packet);

/* --- reports (RFC 3550, 6.4) --------------------------------------------- */

struct wire_rtcp_report {
	uint32_t ssrc; /* of the source reported on */
	uint8_t fraction_lost; /* in 1/256 */
	int32_t lost_count; /* 24 bits on the wire; may be negative */
	uint32_t top_seq; /* extended by the wraps in the upper half */
	uint32_t jitter; /* in timestamp units */
	uint32_t last_sr; /* middle 32 bits of the SR's NTP time */
	uint32_t since_last_sr; /* in 1/65536 s */
};

struct wire_rtcp_sr {
	uint32_t ssrc;
	uint64_t ntp; /* RFC 3550, 4: seconds in the upper half */
	uint32_t timestamp; /* RTP's, at the same instant */
	uint32_t packet_count;
	uint32_t octet_count;
	struct kk_view reports;
};

struct wire_rtcp_rr {
	uint32_t ssrc;
	struct kk_view reports;
};

/* Errors: KK_EUNSUP another type; KK_ETRUNC fewer reports than counted. */
MUST_CHECK enum kk_err wire_rtcp_sr_parse(struct wire_rtcp_sr *sr,
    const struct wire_rtcp *packet);
MUST_CHECK enum kk_err wire_rtcp_rr_parse(struct wire_rtcp_rr *rr,
    const struct wire_rtcp *packet);

size_t wire_rtcp_report_count(struct kk_view reports);
/* index is less than the count. */
struct wire_rtcp_report wire_rtcp_report_get(struct kk_view reports,
    size_t index);

/* Sticks KK_EINVAL for more than 31 reports or a loss beyond 24 bits.  The
 * views reports of sr and rr are not used. */
void wire_rtcp_sr_write(struct wire_out *w, const struct wire_rtcp_sr *sr,
    const struct wire_rtcp_report *reports, size_t count);
void wire_rtcp_rr_write(struct wire_out *w, uint32_t ssrc,
    const struct wire_rtcp_report *reports, size_t count);

/* --- SDES and BYE (RFC 3550, 6.5, 6.6) ----------------------------------- */

/*
 * Finds the CNAME of ssrc; an empty one counts as none.  The whole packet is
 * checked; *cname is written on success only.
 * Errors: KK_EUNSUP; KK_ETRUNC; KK_EFORMAT padding is not zero; KK_ENOENT.
 */
MUST_CHECK enum kk_err wire_rtcp_cname_find(const struct wire_rtcp *packet,
    uint32_t ssrc, struct kk_view *cname);
/* One chunk with a CNAME.  Sticks KK_EINVAL for one over 255 bytes. */
void wire_rtcp_cname_write(struct wire_out *w, uint32_t ssrc,
    struct kk_view cname);

struct wire_rtcp_bye {
	struct kk_view ssrcs;
	struct kk_view reason; /* empty when there is none */
};

/* Errors: KK_EUNSUP; KK_ETRUNC. */
MUST_CHECK enum kk_err wire_rtcp_bye_parse(struct wire_rtcp_bye *bye,
    const struct wire_rtcp *packet);
void wire_rtcp_bye_write(struct wire_out *w, const uint32_t *ssrcs,
    size_t count, struct kk_view reason); /* sticks KK_EINVAL */

/* Runs of SSRCs, as in BYE and REMB; index is less than the count. */
size_t wire_rtcp_ssrc_count(struct kk_view ssrcs);
uint32_t wire_rtcp_ssrc_get(struct kk_view ssrcs, size_t index);

/* --- feedback (RFC 4585, 6.1) -------------------------------------------- */

struct wire_rtcp_fb {
	bool is_payload_specific;
	uint8_t fmt; /* enum wire_rtcp_fmt */
	uint32_t sender_ssrc;
	uint32_t media_ssrc; /* 0 in FIR and REMB */
	struct kk_view fci;
};

/* Errors: KK_EUNSUP neither RTPFB nor PSFB; KK_ETRUNC. */
MUST_CHECK enum kk_err wire_rtcp_fb_parse(struct wire_rtcp_fb *fb,
    const struct wire_rtcp *packet);

/*
 * Missing sequence numbers, in the order of the packet.  Each PID and each bit
 * of its mask gives one; so at most 17 for every 4 bytes.
 * Errors: KK_EUNSUP another feedback; KK_EFORMAT no entry, or half a one.
 */
struct wire_rtcp_nack_iter { /* opaque */
	struct kk_view left;
	uint16_t pid;
	uint32_t mask; /* bit 0: the PID itself */
};
MUST_CHECK enum kk_err wire_rtcp_nack_begin(struct wire_rtcp_nack_iter *it,
    const struct wire_rtcp_fb *fb);
bool wire_rtcp_nack_next(struct wire_rtcp_nack_iter *it, uint16_t *seq);

/*
 * Numbers in sending order take the fewest entries; other orders are right,
 * too.  Sticks KK_EINVAL for an empty list.
 */
void wire_rtcp_nack_write(struct wire_out *w, uint32_t sender_ssrc,
    uint32_t media_ssrc, const uint16_t *seqs, size_t count);

/* Errors: KK_EUNSUP another feedback; KK_EFORMAT with an FCI (4585, 6.3.1.2) */
MUST_CHECK enum kk_err wire_rtcp_pli_check(const struct wire_rtcp_fb *fb);
void wire_rtcp_pli_write(struct wire_out *w, uint32_t sender_ssrc,
    uint32_t media_ssrc);

struct wire_rtcp_fir {
	uint32_t ssrc; /* asked for a key frame */
	uint8_t seq; /* of the request; a repeated one has the same */
};

/* Errors: KK_EUNSUP another feedback; KK_EFORMAT no entry, or half a one. */
MUST_CHECK enum kk_err wire_rtcp_fir_count(const struct wire_rtcp_fb *fb,
    size_t *count);
struct wire_rtcp_fir wire_rtcp_fir_get(const struct wire_rtcp_fb *fb,
    size_t index);
void wire_rtcp_fir_write(struct wire_out *w, uint32_t sender_ssrc,
    const struct wire_rtcp_fir *firs, size_t count); /* sticks KK_EINVAL */

struct wire_rtcp_remb {
	uint64_t rate_bps;
	struct kk_view ssrcs;
};

/*
 * Errors: KK_EUNSUP another feedback, or an application's of another name;
 * KK_ETRUNC; KK_ETRAIL; KK_ELIMIT a rate over 64 bits.
 */
MUST_CHECK enum kk_err wire_rtcp_remb_parse(struct wire_rtcp_remb *remb,
    const struct wire_rtcp_fb *fb);
/* The rate is rounded down to the 18 bits that travel.  Sticks KK_EINVAL. */
void wire_rtcp_remb_write(struct wire_out *w, uint32_t sender_ssrc,
    uint64_t rate_bps, const uint32_t *ssrcs, size_t count);

/*
 * For writers of packets: begins one, and ends it by entering the length.  What
 * stands between must be whole words.  At an error the end takes it all back.
 */
size_t wire_rtcp_packet_begin(struct wire_out *w, unsigned type,
    size_t count); /* sticks KK_EINVAL over 31 */
size_t wire_rtcp_fb_begin(struct wire_out *w, unsigned type, unsigned fmt,
    uint32_t sender_ssrc, uint32_t media_ssrc);
void wire_rtcp_packet_end(struct wire_out *w, size_t at);
