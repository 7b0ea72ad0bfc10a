/*
 * secrettree.h - message keys of one epoch (RFC 9420, 9).
 *
 * Node secrets are deleted as soon as both children are derived, leaf secrets
 * as soon as both ratchets stand, generation secrets as soon as the next one
 * stands.  Looking up a key changes nothing that can be seen: only consuming
 * does, after the message proved authentic.
 */
#pragma once
#include "mls/types.h"

struct mls_secret_tree;

enum mls_ratchet { MLS_RATCHET_HANDSHAKE, MLS_RATCHET_APPLICATION };

struct mls_message_key { /* wiped by who got it */
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES];
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES];
};

/*
 * Takes a copy of the epoch's encryption secret.  width is the number of
 * leaves, a power of two.  max_forward bounds how far a ratchet may be driven
 * ahead by one message and how many skipped keys of a ratchet are kept.
 * Errors: KK_ENOMEM, KK_EINVAL.
 */
MUST_CHECK enum kk_err mls_secret_tree_new(struct mls_secret_tree **treep,
    const struct crypto_suite *suite, const struct mls_secret *encryption,
    uint32_t width, uint32_t max_forward);
void mls_secret_tree_free(struct mls_secret_tree *tree); /* wipes */

/* The next unused key of our own ratchet; the generation is used up by this
 * call.  Errors: KK_ESPENT after 2^32 - 1 generations, KK_ENOMEM, KK_EINVAL. */
MUST_CHECK enum kk_err mls_secret_tree_next(struct mls_secret_tree *tree,
    uint32_t leaf, enum mls_ratchet ratchet, struct mls_message_key *key,
    uint32_t *generation);

/*
 * Finds the key of one generation without using it up.  Errors: KK_EREPLAY
 * it is used up, KK_ELIMIT more than max_forward ahead, KK_EINVAL no such leaf,
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err mls_secret_tree_peek(struct mls_secret_tree *tree,
    uint32_t leaf, enum mls_ratchet ratchet, uint32_t generation,
    struct mls_message_key *key);

/* Uses it up: the key is deleted, keys skipped on the way are kept, the oldest
 * of them dropped beyond max_forward.  On error nothing changed. */
MUST_CHECK enum kk_err mls_secret_tree_consume(struct mls_secret_tree *tree,
    uint32_t leaf, enum mls_ratchet ratchet, uint32_t generation);

/*
 * The state as bytes, for sealing by the caller, and back.  Restoring checks
 * that each leaf is covered once.  Reading stops after the tree's last byte;
 * of more than max_forward skipped keys the newest are kept.
 * Errors: KK_ENOMEM, KK_EINVAL, KK_EFORMAT, KK_ETRUNC, KK_ETRAIL (within).
 */
void mls_secret_tree_write(const struct mls_secret_tree *tree,
    struct kk_writer *w);
MUST_CHECK enum kk_err mls_secret_tree_read(struct mls_secret_tree **treep,
    const struct crypto_suite *suite, uint32_t width, uint32_t max_forward,
    struct kk_reader *r);

/* DeriveTreeSecret (RFC 9420, 9): one step's key, nonce or next secret. */
MUST_CHECK enum kk_err mls_derive_tree_secret(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, uint32_t generation, uint8_t *out,
    size_t out_bytes);

/* What hides the sender, from a sample of the ciphertext (6.3.2). */
MUST_CHECK enum kk_err mls_sender_data_key(const struct crypto_suite *suite,
    const struct mls_secret *sender_data, struct kk_view ciphertext,
    struct mls_message_key *key);
