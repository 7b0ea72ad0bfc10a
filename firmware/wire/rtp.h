/*
 * rtp.h - RTP packets and their header extensions.  No state, no keys.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +---+-+-+-------+-+-------------+-------------------------------+
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     +---+-+-+-------+-+-------------+-------------------------------+
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *     |                        CSRC, 0 to 15                          |
 *     +-------------------------------+-------------------------------+
 *     |  profile (with X): 0xBEDE,    |  length in words              |
 *     |  or 0x100 and 4 bits          |                               |
 *     +-------------------------------+-------------------------------+
 *
 * Source: RFC 3550, 5.1 and 5.3.1; RFC 8285, 4.2 and 4.3.
 */
#pragma once
#include "wire/out.h"

/* How loud a packet's sound is, in clear: RFC 6464, 4; RFC 6465, 4. */
#define WIRE_RTP_LEVEL_URI "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
#define WIRE_RTP_LEVELS_URI "urn:ietf:params:rtp-hdrext:csrc-audio-level"

/* Extensions that say which stream a packet is of: RFC 8843, 15.2; RFC 8852,
 * 6. */
#define WIRE_RTP_MID_URI "urn:ietf:params:rtp-hdrext:sdes:mid"
#define WIRE_RTP_RID_URI "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
#define WIRE_RTP_REPAIRED_RID_URI \
	"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"

enum {
	WIRE_RTP_LEVEL_ID = 7, /* of the first one, in all that is ours */
	WIRE_RTP_FIXED_BYTES = 12,
	WIRE_RTP_CSRCS_MAX = 15,
	WIRE_RTP_PADDING_MAX_BYTES = 255,
	WIRE_RTP_EXT_ONE_BYTE = 0xbede, /* RFC 8285, 4.2 */
	WIRE_RTP_EXT_TWO_BYTE = 0x1000, /* 4.3; the low 4 bits are "appbits" */
	WIRE_RTP_EXT_ONE_BYTE_ID_MAX = 14, /* 4.2: 15 is reserved */
	WIRE_RTP_EXT_ONE_BYTE_DATA_MAX = 16
};

struct wire_rtp {
	bool has_marker;
	uint8_t payload_type; /* 0 to 127 */
	uint16_t seq;
	uint32_t timestamp;
	uint32_t ssrc;
	uint8_t csrc_count;
	uint32_t csrcs[WIRE_RTP_CSRCS_MAX];
	bool has_ext;
	uint16_t ext_profile;
	struct kk_view ext; /* behind profile and length; whole words */
	struct kk_view payload; /* without padding */
	bool has_padding; /* the P bit */
	uint8_t padding_bytes; /* its count included; 0 when not known */
	size_t header_bytes; /* set by parsing only */
};

/*
 * Reads a plain packet.  Views point into in.  On error *rtp is left alone.
 * Errors: KK_ETRUNC in ends inside the header or has less than its padding;
 * KK_EFORMAT version is not 2, or a padding count of 0.
 */
MUST_CHECK enum kk_err wire_rtp_parse(struct wire_rtp *rtp, struct kk_view in);

/*
 * Reads the header of an SRTP packet: its padding count is not readable yet, so
 * the payload goes to the end of in.  Errors as above, but for the padding.
 */
MUST_CHECK enum kk_err wire_rtp_header_parse(struct wire_rtp *rtp,
    struct kk_view in);

/*
 * Appends the header, or the whole packet with payload and padding_bytes of
 * padding.  The P bit of the header alone follows has_padding, that of the
 * packet padding_bytes.  header_bytes is not used.  On error *w has its old
 * length and the error sticks.
 * Errors: KK_EINVAL payload type, CSRC count or extension length out of range;
 * KK_ENOSPC.
 */
void wire_rtp_header_write(struct wire_out *w, const struct wire_rtp *rtp);
void wire_rtp_write(struct wire_out *w, const struct wire_rtp *rtp);

/* What a forwarder changes in a packet of its own copy. */
struct wire_rtp_rewrite {
	uint8_t payload_type; /* 0 to 127 */
	uint16_t seq;
	uint32_t timestamp;
	uint32_t ssrc;
};

/*
 * Changes the four fields in place; all else, marker included, stays.
 * Errors: KK_ETRUNC fewer than 12 bytes; KK_EFORMAT version is not 2;
 * KK_EINVAL payload type.
 */
MUST_CHECK enum kk_err wire_rtp_rewrite(uint8_t *packet, size_t bytes,
    const struct wire_rtp_rewrite *to);
MUST_CHECK enum kk_err wire_rtp_marker_set(uint8_t *packet, size_t bytes,
    bool has_marker);

/* --- header extensions --------------------------------------------------- */

struct wire_rtp_ext {
	uint8_t id; /* 1 to 14, or 1 to 255 in the two-byte form */
	struct kk_view data;
};

struct wire_rtp_ext_iter { /* opaque */
	const uint8_t *data;
	size_t bytes, at;
	bool is_two_byte;
	enum kk_err err;
};

/*
 * Goes through the extensions of a packet in their order.  A packet without
 * any, or of another profile, has none.  wire_rtp_ext_next() is false at the
 * end; wire_rtp_ext_err() then tells KK_ETRUNC if an element reached beyond the
 * block.  In the one-byte form id 15, and id 0 with a length, end the block,
 * as RFC 8285, 4.2 has it.
 */
void wire_rtp_ext_begin(struct wire_rtp_ext_iter *it,
    const struct wire_rtp *rtp);
bool wire_rtp_ext_next(struct wire_rtp_ext_iter *it, struct wire_rtp_ext *ext);
MUST_CHECK enum kk_err wire_rtp_ext_err(const struct wire_rtp_ext_iter *it);

/*
 * The first extension with this id.  *data is written on success only.
 * Errors: KK_ENOENT.
 */
MUST_CHECK enum kk_err wire_rtp_ext_find(const struct wire_rtp *rtp, uint8_t id,
    struct kk_view *data);

/*
 * Appends a block of extensions, padded to whole words, to be used as
 * wire_rtp.ext with *profile.  The one-byte form is taken where all fit it.
 * On error *w has its old length, the error sticks and *profile is unchanged.
 * Errors: KK_EINVAL id 0 or data over 255 bytes; KK_ENOSPC.
 */
void wire_rtp_ext_write(struct wire_out *w, const struct wire_rtp_ext *exts,
    size_t count, uint16_t *profile);

/*
 * Gives the extensions of a packet other ids, in place: map[old] is the new
 * one, 0 blanks the element with padding.  On error nothing has changed.
 * Errors: those of wire_rtp_header_parse() and wire_rtp_ext_err(); KK_EINVAL
 * the new id does not fit the packet's form.
 */
MUST_CHECK enum kk_err wire_rtp_ext_rewrite(uint8_t *packet, size_t bytes,
    const uint8_t map[256]);

/*
 * Overwrites the data of one extension, in place (abs-send-time, the
 * transport-wide number, MID).  Errors: those of wire_rtp_header_parse();
 * KK_ENOENT; KK_EINVAL data has another length.
 */
MUST_CHECK enum kk_err wire_rtp_ext_set(uint8_t *packet, size_t bytes,
    uint8_t id, struct kk_view data);
