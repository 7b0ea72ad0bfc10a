/* secrettree_support.h - keys of a secret tree worked out in another way. */
#pragma once
#include "mls/secrettree_private.h"

enum { SECRET_TREE_SUITE = 2 };

const struct crypto_suite *secret_tree_suite(void);

/* A tree over a fixed encryption secret; released by the caller. */
struct mls_secret_tree *secret_tree_new(uint32_t width, uint32_t max_forward);

/*
 * A message key straight from the encryption secret by RFC 9420, 9: nothing is
 * kept between calls.
 */
void secret_tree_model_key(uint32_t width, uint32_t leaf, enum mls_ratchet r,
    uint32_t generation, struct mls_message_key *key);

/* A copy of tree by way of its saved bytes. */
struct mls_secret_tree *secret_tree_copy(const struct mls_secret_tree *tree);

/* The saved bytes, to compare states; released by the caller. */
struct kk_bytes secret_tree_bytes(const struct mls_secret_tree *tree);

/* Does any byte run of the tree's memory hold this one? */
bool secret_tree_holds(const struct mls_secret_tree *tree, const void *bytes,
    size_t count);
