/*
 * secrettree_private.h - the inside of a secret tree, for secrettree*.c and
 * their tests only.
 *
 * Each leaf is covered by exactly one thing: its own ratchets, or the secret
 * of one node above it (or its own).  Everything rests on this.
 */
#pragma once
#include "mls/secrettree.h"

struct skipped_key { /* of a message that has not come yet */
	uint32_t generation;
	struct mls_message_key key;
};

struct ratchet {
	struct mls_secret secret; /* of generation head */
	uint32_t head; /* UINT32_MAX: spent, secret is wiped */
	uint32_t skipped_count;
	uint32_t skipped_room;
	struct skipped_key *skipped; /* ascending, all below head */
};

struct leaf_ratchets {
	struct ratchet ratchets[2]; /* by enum mls_ratchet */
};

struct mls_secret_tree {
	const struct crypto_suite *suite;
	uint32_t width;
	uint32_t max_forward;
	struct mls_secret *nodes; /* tm_node_count(width) */
	bool *has_secret; /* the same number */
	struct leaf_ratchets **leaves; /* width; NULL until first used */
};

/* A tree without any secret.  Errors: KK_ENOMEM, KK_EINVAL. */
MUST_CHECK enum kk_err mls_secret_tree_new_empty(struct mls_secret_tree **treep,
    const struct crypto_suite *suite, uint32_t width, uint32_t max_forward);

/* The node that covers a leaf without ratchets. */
uint32_t mls_secret_tree_cover(const struct mls_secret_tree *tree,
    uint32_t leaf);

/*
 * One ratchet of a tree; the three calls are those of secrettree.h.
 */
MUST_CHECK enum kk_err mls_ratchet_next(const struct mls_secret_tree *tree,
    struct ratchet *r, struct mls_message_key *key, uint32_t *generation);
MUST_CHECK enum kk_err mls_ratchet_peek(const struct mls_secret_tree *tree,
    const struct ratchet *r, uint32_t generation, struct mls_message_key *key);
MUST_CHECK enum kk_err mls_ratchet_consume(const struct mls_secret_tree *tree,
    struct ratchet *r, uint32_t generation);

/*
 * Makes room for count skipped keys in all, of max_count that there may ever
 * be.  The keys stay.  Errors: KK_ENOMEM.
 */
MUST_CHECK enum kk_err mls_ratchet_reserve(struct ratchet *r, uint32_t count,
    uint32_t max_count);
