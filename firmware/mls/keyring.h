/*
 * keyring.h - a member's private keys in the ratchet tree: its leaf's and those
 * of nodes above it.  Keys are shared between epochs by reference count.
 */
#pragma once
#include "mls/tree.h"

struct mls_private {
	unsigned int refs;
	struct crypto_key *key;
};

struct mls_keyring {
	unsigned int count;
	uint32_t node[MLS_PATH_MAX + 1];
	struct mls_private *private[MLS_PATH_MAX + 1];
};

/* A shared private key; key is taken over, on error too. */
MUST_CHECK enum kk_err mls_private_new(struct mls_private **privatep,
    struct crypto_key *key);
struct mls_private *mls_private_ref(struct mls_private *private);
void mls_private_unref(struct mls_private *private); /* NULL is fine */

/* Puts key under node, instead of an older one.  key is taken over, on error
 * too. Errors: KK_ENOMEM, KK_ELIMIT full. */
MUST_CHECK enum kk_err mls_keyring_put(struct mls_keyring *ring, uint32_t node,
    struct crypto_key *key);
/* The same with a shared key, of which it takes a reference of its own. */
MUST_CHECK enum kk_err mls_keyring_share(struct mls_keyring *ring,
    uint32_t node, struct mls_private *private);
struct crypto_key *mls_keyring_get(const struct mls_keyring *ring,
    uint32_t node); /* borrowed; NULL when not there */
void mls_keyring_copy(struct mls_keyring *ring, const struct mls_keyring *from);
void mls_keyring_clear(struct mls_keyring *ring); /* wipes what nobody shares */

/* Drops keys of nodes that are blank now or have another public key. */
void mls_keyring_prune(struct mls_keyring *ring, const struct mls_tree *tree);

/* For sealed storage. */
void mls_keyring_write(struct kk_writer *w, const struct mls_keyring *ring);
void mls_keyring_read(struct kk_reader *r, const struct crypto_suite *suite,
    struct mls_keyring *ring);
