/* treekem_path.h - what the sending and the receiving half of TreeKEM share. */
#pragma once
#include "mls/treekem.h"

MUST_CHECK enum kk_err mls_treekem_node_key(const struct crypto_suite *suite,
    const struct mls_secret *path_secret, struct crypto_key **keyp);
MUST_CHECK enum kk_err mls_treekem_next_secret(const struct crypto_suite *suite,
    const struct mls_secret *path_secret, struct mls_secret *next);
MUST_CHECK enum kk_err mls_treekem_set_parents(struct mls_tree *tree,
    const struct mls_path *path, const struct kk_view *keys,
    struct mls_secret *parent_hash, size_t *parent_hash_bytes);
MUST_CHECK enum kk_err mls_treekem_targets(const struct mls_tree *tree,
    uint32_t copath, struct mls_leaf_list without, struct mls_node_list *list);
