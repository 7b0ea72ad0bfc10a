/*
 * aead.h - the AEAD of a suite: GCM, or AES-CTR with HMAC.  Internal.
 *
 * Made once for a key, and then used without allocating.
 * Source: RFC 9605, 4.5 and 4.5.1.
 */
#pragma once
#include "sframe/suite.h"

struct sframe_aead;

/* key has params->key_bytes and is borrowed.  Errors: KK_EINVAL, KK_ENOMEM. */
MUST_CHECK enum kk_err sframe_aead_new(struct sframe_aead **aeadp,
    const struct sframe_params *params, struct kk_view key);
void sframe_aead_free(struct sframe_aead *aead); /* wipes; NULL is fine */

/* Writes in.bytes + tag_bytes.  in and out do not overlap. */
MUST_CHECK enum kk_err sframe_aead_seal(struct sframe_aead *aead,
    const uint8_t *nonce, struct kk_view aad, struct kk_view in, uint8_t *out);

/*
 * Writes in.bytes - tag_bytes, or nothing but zeroes on error.
 * Errors: KK_ETRUNC in is shorter than a tag, KK_EAUTH.
 */
MUST_CHECK enum kk_err sframe_aead_open(struct sframe_aead *aead,
    const uint8_t *nonce, struct kk_view aad, struct kk_view in, uint8_t *out);
