/* treehash.h - tree hashes and parent hashes (RFC 9420, 7.8, 7.9). */
#pragma once
#include "mls/tree.h"

/* The tree hash of the subtree under node, kept in the tree until it changes.
 * Writes suite->hash_bytes. */
MUST_CHECK enum kk_err mls_tree_hash(struct mls_tree *tree, uint32_t node,
    uint8_t *out);

/* That of the whole tree. */
MUST_CHECK enum kk_err mls_tree_root_hash(struct mls_tree *tree, uint8_t *out);

/*
 * The parent hash that a child of parent must carry, sibling being the other
 * child: the sibling's tree hash is taken without parent's unmerged leaves.
 * parent must not be blank.
 */
MUST_CHECK enum kk_err mls_tree_parent_hash(struct mls_tree *tree,
    uint32_t parent, uint32_t sibling, uint8_t *out);
