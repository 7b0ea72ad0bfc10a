/*
 * rtx.h - retransmission as a stream of its own.  No state.
 *
 * The packet of a lost one has the RTX stream's SSRC, payload type and sequence
 * number, its old timestamp, marker and extensions, and the old sequence number
 * in front of the payload.  Source: RFC 4588, 4.
 */
#pragma once
#include "wire/rtp.h"

enum { HOP_RTX_OVERHEAD_BYTES = 2 };

struct hop_rtx {
	uint32_t ssrc;
	uint8_t payload_type;
	uint16_t seq; /* wrap: of the RTX packet; unwrap: that it had */
};

/*
 * Appends the RTX packet of a plain one, without padding.  On error *w has its
 * old length and the error sticks.  Errors: those of wire_rtp_parse() and
 * wire_rtp_write().
 */
void hop_rtx_wrap(struct wire_out *w, struct kk_view packet,
    const struct hop_rtx *to);

/*
 * Appends the packet that was lost: to has its SSRC and payload type; its
 * sequence number comes from the packet and is put into to.  On error *w and
 * *to are as before.
 * Errors: those of wire_rtp_parse(); KK_ENOENT there is none in it: padding,
 * by which senders probe; KK_ENOSPC.
 */
MUST_CHECK enum kk_err hop_rtx_unwrap(struct wire_out *w, struct kk_view packet,
    struct hop_rtx *to);
