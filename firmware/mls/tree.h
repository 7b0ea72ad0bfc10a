/*
 * tree.h - the ratchet tree (RFC 9420, 4.1, 7.7, 7.8, 12.4.3.3).
 *
 * Nodes are immutable and shared between the trees of two epochs by reference
 * count, so cloning a tree copies pointers.  Every change forgets the tree
 * hashes above it.  One thread per family of clones.
 */
#pragma once
#include "mls/leaf.h"
#include "mls/treemath.h"

struct mls_parent {
	unsigned int refs;
	struct kk_view encryption_key;
	struct kk_view parent_hash;
	const uint32_t *unmerged; /* leaf indices, ascending */
	uint32_t unmerged_count;
};

struct mls_slot {
	struct mls_leaf *leaf; /* at even nodes; NULL when blank */
	struct mls_parent *parent; /* at odd nodes; NULL when blank */
	bool has_hash;
	uint8_t hash[MLS_HASH_MAX_BYTES];
};

struct mls_tree {
	const struct crypto_suite *suite;
	uint32_t width; /* leaves, a power of two, or 0 */
	uint32_t max_width; /* no tree grows beyond it */
	struct mls_slot *slots; /* tm_node_count(width) of them */
};

enum { MLS_PATH_MAX = 17 }; /* levels above the leaves of MLS_LEAVES_MAX */

/* A filtered direct path, from below, and the child of each node off the
 * path (RFC 9420, 4.1.2). */
struct mls_path {
	unsigned int count;
	uint32_t node[MLS_PATH_MAX];
	uint32_t copath[MLS_PATH_MAX];
};

struct mls_node_list { /* heap, released with kk_free(at) */
	uint32_t *at;
	size_t count;
};

MUST_CHECK enum kk_err mls_parent_new(struct mls_parent **parentp,
    struct kk_view encryption_key, struct kk_view parent_hash,
    const uint32_t *unmerged, uint32_t unmerged_count);
void mls_parent_unref(struct mls_parent *parent); /* NULL is fine */
void mls_parent_write(struct kk_writer *w, const struct mls_parent *parent);

/* An empty tree.  max_leaves is rounded up to a power of two. */
MUST_CHECK enum kk_err mls_tree_new(struct mls_tree **treep,
    const struct crypto_suite *suite, uint32_t max_leaves);
MUST_CHECK enum kk_err mls_tree_clone(struct mls_tree **treep,
    const struct mls_tree *from);
void mls_tree_free(struct mls_tree *tree); /* NULL is fine */

/* The content of a ratchet_tree extension, and back.  Reading checks form only;
 * treecheck.h checks meaning.  Errors: KK_ELIMIT over max_leaves, others. */
MUST_CHECK enum kk_err mls_tree_read(struct mls_tree **treep,
    const struct crypto_suite *suite, uint32_t max_leaves, struct kk_view in);
void mls_tree_write(struct kk_writer *w, const struct mls_tree *tree);

/* Borrowed; NULL when blank or out of range. */
const struct mls_leaf_fields *mls_tree_leaf(const struct mls_tree *tree,
    uint32_t leaf);
const struct mls_parent *mls_tree_parent(const struct mls_tree *tree,
    uint32_t node);
bool mls_tree_is_blank(const struct mls_tree *tree, uint32_t node);
struct kk_view mls_tree_public(const struct mls_tree *tree, uint32_t node);
uint32_t mls_tree_member_count(const struct mls_tree *tree);

/*
 * Changes.  leaf is taken over on success and still the caller's on error.
 * On error the tree may be half changed: change a clone and drop it.
 */
MUST_CHECK enum kk_err mls_tree_add(struct mls_tree *tree,
    struct mls_leaf *leaf, uint32_t *index);
void mls_tree_update(struct mls_tree *tree, uint32_t index,
    struct mls_leaf *leaf);
void mls_tree_remove(struct mls_tree *tree, uint32_t index);
void mls_tree_set_leaf(struct mls_tree *tree, uint32_t index,
    struct mls_leaf *leaf); /* leaves the path above as it is */
void mls_tree_set_parent(struct mls_tree *tree, uint32_t node,
    struct mls_parent *parent);
void mls_tree_blank_path(struct mls_tree *tree, uint32_t leaf);

MUST_CHECK enum kk_err mls_tree_resolution(const struct mls_tree *tree,
    uint32_t node, struct mls_node_list *list);
MUST_CHECK enum kk_err mls_tree_filtered_path(const struct mls_tree *tree,
    uint32_t leaf, struct mls_path *path);
