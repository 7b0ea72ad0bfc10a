/*
 * uplink.h - what the lines say together, as the conference's members get it:
 * Opus at a constant rate, sealed, RTP.  One thread.
 *
 * Packets of one size come with each tick, whether anybody speaks or not:
 * nobody on the way learns who speaks (docs/protocol.md), but where the
 * forwarder's site has packets tell how loud they are.
 */
#pragma once
#include "base/base.h"
#include "mix/mix.h"
#include "pipelines/elements/vault/vault.h"

enum { UPLINK_PACKET_BYTES = 12 + 8 + 400 + SFRAME_OVERHEAD_BYTES };

struct uplink;

/* vault is borrowed.  Errors: KK_ENOMEM, KK_EIO no randomness. */
MUST_CHECK enum kk_err uplink_new(struct uplink **vp, struct vault *vault);
void uplink_free(struct uplink *v); /* NULL is fine */

struct uplink_stream {
	uint32_t ssrc;
	uint8_t payload_type;
	/* How loud it is, and whether that is speech, is told in clear (RFC
	 * 6464), under WIRE_RTP_LEVEL_ID. */
	bool tells_level, is_speaking;
};

/*
 * The packet of a tick.  *out_bytes is the room on entry, then what was
 * written.  Errors, *out_bytes is 0 and time goes on: KK_ESTATE we may not seal
 * now; those of vault_seal() and codec_tx_encode().
 */
MUST_CHECK enum kk_err uplink_packet(struct uplink *v, const int16_t *pcm,
    const struct uplink_stream *stream, uint8_t *out, size_t *out_bytes);
void uplink_skip(struct uplink *v, uint64_t ticks); /* time goes on alone */
