/*
 * uplink.h - what the lines say together, as the conference's members get it:
 * Opus at a constant rate, sealed, RTP.  One thread.
 *
 * Packets of one size come with each tick, whether anybody speaks or not:
 * nobody on the way learns who speaks (docs/protocol.md).
 */
#pragma once
#include "base/base.h"
#include "mix/mix.h"
#include "pipelines/elements/vault/vault.h"

enum { UPLINK_PACKET_BYTES = 12 + 400 + SFRAME_OVERHEAD_BYTES };

struct uplink;

/* vault is borrowed.  Errors: KK_ENOMEM, KK_EIO no randomness. */
MUST_CHECK enum kk_err uplink_new(struct uplink **vp, struct vault *vault);
void uplink_free(struct uplink *v); /* NULL is fine */

/*
 * The packet of a tick.  *out_bytes is the room on entry, then what was
 * written.  Errors, *out_bytes is 0 and time goes on: KK_ESTATE we may not seal
 * now; those of vault_seal() and codec_tx_encode().
 */
MUST_CHECK enum kk_err uplink_packet(struct uplink *v, const int16_t *pcm,
    uint32_t ssrc, uint8_t payload_type, uint8_t *out, size_t *out_bytes);
void uplink_skip(struct uplink *v, uint64_t ticks); /* time goes on alone */
