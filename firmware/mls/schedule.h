/*
 * schedule.h - key schedule, PSKs and transcript hashes (RFC 9420, 8).
 *
 * All secrets have suite->hash_bytes bytes.  Callers wipe what they get.
 */
#pragma once
#include "mls/types.h"

struct mls_epoch_secrets { /* RFC 9420, 8, table 4 */
	struct mls_secret sender_data;
	struct mls_secret encryption;
	struct mls_secret exporter;
	struct mls_secret external;
	struct mls_secret confirmation;
	struct mls_secret membership;
	struct mls_secret resumption;
	struct mls_secret authenticator;
	struct mls_secret init; /* for the next epoch */
};

/* joiner_secret from the last epoch's init secret and the commit secret;
 * context is the encoded GroupContext of the new epoch.  RFC 9420, 8. */
MUST_CHECK enum kk_err mls_schedule_joiner(const struct crypto_suite *suite,
    const struct mls_secret *init, const struct mls_secret *commit,
    struct kk_view context, struct mls_secret *joiner);

/* welcome_secret, and from it key and nonce of the GroupInfo (12.4.3.1).
 * key has aead_key_bytes, nonce CRYPTO_AEAD_NONCE_BYTES. */
MUST_CHECK enum kk_err mls_schedule_welcome(const struct crypto_suite *suite,
    const struct mls_secret *joiner, const struct mls_secret *psk,
    struct mls_secret *welcome, uint8_t *key, uint8_t *nonce);

/* The epoch's secrets from joiner and psk secret (all zero without PSKs). */
MUST_CHECK enum kk_err mls_schedule_epoch(const struct crypto_suite *suite,
    const struct mls_secret *joiner, const struct mls_secret *psk,
    struct kk_view context, struct mls_epoch_secrets *out);

/* The group's external key pair (8.3). */
MUST_CHECK enum kk_err mls_schedule_external_key(
    const struct crypto_suite *suite, const struct mls_secret *external,
    struct crypto_key **keyp);

/* MLS-Exporter (8.5).  Errors: KK_EINVAL too many bytes. */
MUST_CHECK enum kk_err mls_schedule_export(const struct crypto_suite *suite,
    const struct mls_secret *exporter, const char *label,
    struct kk_view context, uint8_t *out, size_t out_bytes);

/* PSKs (8.4).  id is the whole encoded PreSharedKeyID with its nonce. */
struct mls_psk_input {
	struct kk_view id;
	struct kk_view secret;
};

/* All zero for count 0.  Errors: KK_ELIMIT more than 65535. */
MUST_CHECK enum kk_err mls_schedule_psk(const struct crypto_suite *suite,
    const struct mls_psk_input *psks, size_t count, struct mls_secret *out);

/* Transcript hashes (8.2).  interim_before may be empty.  confirmed is empty
 * in epoch 0 (11).  commit_input: the encoded ConfirmedTranscriptHashInput. */
MUST_CHECK enum kk_err mls_schedule_confirmed_hash(
    const struct crypto_suite *suite, struct kk_view interim_before,
    struct kk_view commit_input, struct mls_secret *confirmed);
MUST_CHECK enum kk_err mls_schedule_interim_hash(
    const struct crypto_suite *suite, struct kk_view confirmed,
    struct kk_view confirmation_tag, struct mls_secret *interim);

/* HMAC with an epoch's key: confirmation tag (8.1), membership tag (6.2). */
MUST_CHECK enum kk_err mls_schedule_mac(const struct crypto_suite *suite,
    const struct mls_secret *key, struct kk_view data, struct mls_secret *mac);
