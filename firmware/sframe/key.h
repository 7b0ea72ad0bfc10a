/*
 * key.h - key and salt of one KID, and a frame under them.  Internal.
 *
 * No counters here: who seals keeps them (tx.c), who opens checks them (rx.c).
 * Source: RFC 9605, 4.4.
 */
#pragma once
#include "sframe/suite.h"
#include "wire/sframe_header.h"

struct sframe_key;

#define SFRAME_KEY_LABEL "SFrame 1.0 Secret key "
#define SFRAME_SALT_LABEL "SFrame 1.0 Secret salt "
enum { /* the longer text, 8 bytes of KID, 2 of suite (RFC 9605, 4.4.2) */
	SFRAME_LABEL_MAX_BYTES = sizeof(SFRAME_SALT_LABEL) - 1 + 8 + 2
};

enum { /* longest AAD of ours: header and clear prefix */
	SFRAME_AAD_MAX_BYTES = WIRE_SFRAME_MAX_BYTES + SFRAME_CLEAR_MAX_BYTES
};

/* sframe_secret of RFC 9605, 4.4.2; out has params->hash_bytes.  base_key of
 * any length. */
MUST_CHECK enum kk_err sframe_secret_derive(const struct sframe_params *params,
    struct kk_view base_key, uint8_t *out);

/* text, KID and suite; returns the length.  out has SFRAME_LABEL_MAX_BYTES. */
size_t sframe_label_write(const struct sframe_params *params, const char *text,
    uint64_t kid, uint8_t *out);

/* The rest of derive_key_salt(): key has params->key_bytes, salt
 * SFRAME_NONCE_BYTES.  On error both are wiped. */
MUST_CHECK enum kk_err sframe_key_salt_derive(
    const struct sframe_params *params, const uint8_t *secret, uint64_t kid,
    uint8_t *key, uint8_t *salt);

/* Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err sframe_key_new(struct sframe_key **keyp,
    const struct sframe_params *params, const uint8_t *secret, uint64_t kid);
void sframe_key_free(struct sframe_key *key); /* wipes; NULL is fine */

const struct sframe_params *sframe_key_params(const struct sframe_key *key);
uint64_t sframe_key_kid(const struct sframe_key *key);

/* The salt with the counter: out has SFRAME_NONCE_BYTES (RFC 9605, 4.4.3). */
void sframe_key_nonce(const struct sframe_key *key, uint64_t ctr, uint8_t *out);

/* As sframe_aead_seal() and sframe_aead_open(), under the nonce of ctr. */
MUST_CHECK enum kk_err sframe_key_seal(struct sframe_key *key, uint64_t ctr,
    struct kk_view aad, struct kk_view in, uint8_t *out);
MUST_CHECK enum kk_err sframe_key_open(struct sframe_key *key, uint64_t ctr,
    struct kk_view aad, struct kk_view in, uint8_t *out);

/* Puts header and prefix (at most SFRAME_CLEAR_MAX_BYTES) one behind the other
 * into out, which has SFRAME_AAD_MAX_BYTES. */
struct kk_view sframe_aad_join(struct kk_view header, struct kk_view prefix,
    uint8_t *out);
