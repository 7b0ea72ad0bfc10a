/* treehash.c - tree hashes and parent hashes. */
#include "mls/treehash.h"

#include <string.h>

enum { NODE_LEAF = 1, NODE_PARENT = 2 };

struct leaf_set { /* ascending leaf indices to be taken as blank */
	const uint32_t *at;
	uint32_t count;
};

static bool set_has(struct leaf_set set, uint32_t leaf)
{
	for (uint32_t i = 0; i < set.count; i++) {
		if (set.at[i] == leaf)
			return true;
	}
	return false;
}

/* The part of a set that lies under a node. */
static struct leaf_set set_below(struct leaf_set set, uint32_t node)
{
	while (set.count > 0 && set.at[0] < tm_first_leaf(node)) {
		set.at++;
		set.count--;
	}
	while (set.count > 0 && set.at[set.count - 1] >= tm_end_leaf(node))
		set.count--;
	return set;
}

static enum kk_err hash_written(const struct mls_tree *tree,
    struct kk_writer *w, uint8_t *out)
{
	struct kk_view input = kk_writer_view(w);
	enum kk_err err = w->err;

	if (!err)
		err = crypto_hash(tree->suite->hash, &input, 1, out);
	kk_writer_clear(w);
	return err;
}

static enum kk_err leaf_hash(const struct mls_tree *tree, uint32_t node,
    struct leaf_set without, uint8_t *out)
{
	const struct mls_leaf *leaf = tree->slots[node].leaf;
	struct kk_writer w;

	if (set_has(without, node / 2))
		leaf = NULL;
	kk_writer_init(&w);
	kk_write_u8(&w, NODE_LEAF);
	kk_write_u32(&w, node / 2);
	kk_write_u8(&w, leaf != NULL);
	if (leaf)
		kk_write_raw(&w, leaf->f.raw);
	return hash_written(tree, &w, out);
}

static void parent_write_without(struct kk_writer *w,
    const struct mls_parent *parent, struct leaf_set without)
{
	size_t at;

	kk_write_u8(w, parent != NULL);
	if (!parent)
		return;
	kk_write_vec(w, parent->encryption_key);
	kk_write_vec(w, parent->parent_hash);
	at = kk_write_vec_begin(w);
	for (uint32_t i = 0; i < parent->unmerged_count; i++) {
		if (!set_has(without, parent->unmerged[i]))
			kk_write_u32(w, parent->unmerged[i]);
	}
	kk_write_vec_end(w, at);
}

static enum kk_err parent_node_hash(const struct mls_tree *tree, uint32_t node,
    struct leaf_set without, const uint8_t *left, const uint8_t *right,
    uint8_t *out)
{
	size_t n = tree->suite->hash_bytes;
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_u8(&w, NODE_PARENT);
	parent_write_without(&w, tree->slots[node].parent, without);
	kk_write_vec(&w, kk_view_of(left, n));
	kk_write_vec(&w, kk_view_of(right, n));
	return hash_written(tree, &w, out);
}

static enum kk_err hash_without(struct mls_tree *tree, uint32_t node,
    struct leaf_set without, uint8_t *out);

static enum kk_err hash_compute(struct mls_tree *tree, uint32_t node,
    struct leaf_set without, uint8_t *out)
{
	uint8_t left[MLS_HASH_MAX_BYTES], right[MLS_HASH_MAX_BYTES];
	enum kk_err err;

	if (tm_is_leaf(node))
		return leaf_hash(tree, node, without, out);
	err = hash_without(tree, tm_left(node), without, left);
	if (!err)
		err = hash_without(tree, tm_right(node), without, right);
	if (err)
		return err;
	return parent_node_hash(tree, node, without, left, right, out);
}

/* Recursion is as deep as the tree.  Only hashes of the true tree are kept. */
static enum kk_err hash_without(struct mls_tree *tree, uint32_t node,
    struct leaf_set without, uint8_t *out)
{
	struct mls_slot *slot = &tree->slots[node];
	enum kk_err err;

	without = set_below(without, node);
	if (without.count > 0)
		return hash_compute(tree, node, without, out);
	if (!slot->has_hash) {
		err = hash_compute(tree, node, without, slot->hash);
		if (err)
			return err;
		slot->has_hash = true;
	}
	memcpy(out, slot->hash, tree->suite->hash_bytes);
	return KK_OK;
}

enum kk_err mls_tree_hash(struct mls_tree *tree, uint32_t node, uint8_t *out)
{
	return hash_without(tree, node, (struct leaf_set){ 0 }, out);
}

enum kk_err mls_tree_root_hash(struct mls_tree *tree, uint8_t *out)
{
	if (tree->width == 0)
		return KK_EINVAL;
	return mls_tree_hash(tree, tm_root(tree->width), out);
}

enum kk_err mls_tree_parent_hash(struct mls_tree *tree, uint32_t parent,
    uint32_t sibling, uint8_t *out)
{
	const struct mls_parent *p = tree->slots[parent].parent;
	struct leaf_set without = { p->unmerged, p->unmerged_count };
	uint8_t sibling_hash[MLS_HASH_MAX_BYTES];
	struct kk_writer w;
	enum kk_err err;

	err = hash_without(tree, sibling, without, sibling_hash);
	if (err)
		return err;
	kk_writer_init(&w);
	kk_write_vec(&w, p->encryption_key);
	kk_write_vec(&w, p->parent_hash);
	kk_write_vec(&w, kk_view_of(sibling_hash, tree->suite->hash_bytes));
	return hash_written(tree, &w, out);
}
