/*
 * transform.h - SRTP's own transform over crypto engines.  Internal.
 *
 * Source: RFC 3711, 3.3, 3.4, 4.1.1, 4.2 and 4.3; RFC 7714, 8, 9 and 11.
 */
#pragma once
#include "drivers/crypto-engine/engine.h"
#include "srtp/backend.h"

struct srtp_transform { /* one master key in one direction */
	const struct srtp_params *params;
	struct engine_set *engines; /* borrowed */
	bool is_gcm;
	struct engine_key *rtp, *rtcp;
	uint8_t rtp_salt[SRTP_SALT_MAX_BYTES], rtcp_salt[SRTP_SALT_MAX_BYTES];
};

/*
 * Lays a packet out for the engine: job's memory is out and iv, which lives as
 * long.  The index is used up, whatever comes of it.
 * Errors: KK_EREPLAY, KK_ESPENT.
 */
MUST_CHECK enum kk_err srtp_transform_seal_begin(struct srtp_transform *t,
    struct srtp_stream *stream, struct kk_view header, struct kk_view payload,
    uint8_t *out, uint8_t iv[ENGINE_CM_IV_BYTES], struct engine_job *job);
