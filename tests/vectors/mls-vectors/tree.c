/* tree.c - tree-operations, tree-validation. */
#include "kinds.h"

#include <string.h>

#include "mls/proposal.h"
#include "mls/treecheck.h"
#include "mls/treehash.h"
#include "vectree.h"

struct mls_tree *vec_tree_read(struct vec *v, struct kk_view encoded)
{
	struct mls_tree *tree;

	if (!vec_ok(v, mls_tree_read(&tree, v->suite, MLS_LEAVES_MAX, encoded),
		"tree"))
		return NULL;
	return tree;
}

bool vec_tree_hash_is(struct vec *v, struct mls_tree *tree,
    const struct json *c, const char *key)
{
	struct mls_secret hash;

	return vec_ok(v, mls_tree_root_hash(tree, hash.data), key) &&
	    vec_expect_secret(v, c, key, &hash);
}

struct kk_view vec_tree_encode(struct vec *v, const struct mls_tree *tree)
{
	struct kk_writer w;

	kk_writer_init(&w);
	mls_tree_write(&w, tree);
	return vec_hold_writer(v, &w);
}

static enum kk_err add_apply(struct mls_tree *tree, struct kk_view leaf_raw)
{
	struct mls_leaf *leaf;
	uint32_t index;
	enum kk_err err = mls_leaf_new(&leaf, leaf_raw);

	if (err)
		return err;
	err = mls_tree_add(tree, leaf, &index);
	if (err)
		mls_leaf_unref(leaf);
	return err;
}

static enum kk_err update_apply(struct mls_tree *tree, struct kk_view leaf_raw,
    uint32_t sender)
{
	struct mls_leaf *leaf;
	enum kk_err err = KK_EINVAL;

	if (mls_tree_leaf(tree, sender))
		err = mls_leaf_new(&leaf, leaf_raw);
	if (!err)
		mls_tree_update(tree, sender, leaf);
	return err;
}

static enum kk_err proposal_apply(struct mls_tree *tree,
    const struct mls_proposal *p, uint32_t sender)
{
	switch (p->type) {
	case MLS_PROPOSAL_ADD:
		return add_apply(tree, p->add.leaf.raw);
	case MLS_PROPOSAL_UPDATE:
		return update_apply(tree, p->update.raw, sender);
	case MLS_PROPOSAL_REMOVE:
		if (!mls_tree_leaf(tree, p->remove))
			return KK_EINVAL;
		mls_tree_remove(tree, p->remove);
		return KK_OK;
	default:
		return KK_EUNSUP;
	}
}

void vec_run_tree_operations(struct vec *v, const struct json *c)
{
	const struct kk_view before = vec_hex(v, c, "tree_before");
	const uint32_t sender = vec_u32(v, c, "proposal_sender");
	struct mls_proposal proposal;
	struct mls_tree *tree;
	struct kk_reader r;

	kk_reader_init(&r, vec_hex(v, c, "proposal"));
	mls_proposal_read(&r, &proposal);
	if (vec_failed(v) || !vec_ok(v, kk_reader_end(&r), "proposal"))
		return;
	tree = vec_tree_read(v, before);
	if (!tree)
		return;
	if (vec_equal(v, before, vec_tree_encode(v, tree), "tree_before") &&
	    vec_tree_hash_is(v, tree, c, "tree_hash_before") &&
	    vec_ok(v, proposal_apply(tree, &proposal, sender), "proposal") &&
	    vec_expect(v, c, "tree_after", vec_tree_encode(v, tree)))
		(void)vec_tree_hash_is(v, tree, c, "tree_hash_after");
	mls_tree_free(tree);
}

static void node_hash_check(struct vec *v, struct mls_tree *tree, uint32_t node,
    const struct json *want)
{
	const struct kk_view hash = vec_hex_of(v, want, "tree_hashes");
	struct mls_secret got;

	if (vec_ok(v, mls_tree_hash(tree, node, got.data), "tree hash"))
		(void)vec_equal(v, hash, vec_secret_view(v, &got), "tree hash");
}

static void resolution_check(struct vec *v, const struct mls_tree *tree,
    uint32_t node, const struct json *want)
{
	struct mls_node_list list;

	(void)vec_true(v, json_is_array(want), "resolutions");
	if (!vec_ok(v, mls_tree_resolution(tree, node, &list), "resolution"))
		return;
	(void)vec_true(v, list.count == json_len(want), "resolution length");
	for (size_t i = 0; i < list.count && !vec_failed(v); i++)
		(void)vec_true(v,
		    vec_u32_of(v, json_at(want, i), "resolutions") ==
			list.at[i],
		    "resolution");
	kk_free(list.at);
}

bool vec_leaf_signature_is_valid(struct vec *v,
    const struct mls_leaf_fields *leaf, struct kk_view group_id, uint32_t index)
{
	struct kk_writer w;
	bool is_valid;

	kk_writer_init(&w);
	mls_leaf_write_tbs(&w, leaf, group_id, index);
	is_valid = vec_ok(v, w.err, "leaf") &&
	    vec_ok(v,
		crypto_verify_with_label(v->suite->sig, leaf->signature_key,
		    "LeafNodeTBS", kk_writer_view(&w), leaf->signature),
		"leaf's signature");
	kk_writer_clear(&w);
	return is_valid;
}

/*
 * What the official text asks of a tree, and no more: a joiner also checks
 * capabilities, which some official leaves do not keep.
 */
static void tree_check(struct vec *v, struct mls_tree *tree,
    struct kk_view group_id)
{
	(void)vec_ok(v, mls_tree_check_parents(tree), "parent hashes");
	for (uint32_t i = 0; i < tree->width && !vec_failed(v); i++) {
		const struct mls_leaf_fields *leaf = mls_tree_leaf(tree, i);

		if (leaf)
			(void)vec_leaf_signature_is_valid(v, leaf, group_id, i);
	}
}

void vec_run_tree_validation(struct vec *v, const struct json *c)
{
	const struct kk_view encoded = vec_hex(v, c, "tree");
	const struct kk_view group_id = vec_hex(v, c, "group_id");
	const struct json *hashes = vec_array(v, c, "tree_hashes");
	const struct json *resolutions = vec_array(v, c, "resolutions");
	struct mls_tree *tree;
	uint32_t count;

	if (vec_failed(v))
		return;
	tree = vec_tree_read(v, encoded);
	if (!tree)
		return;
	count = tm_node_count(tree->width);
	(void)vec_true(v,
	    json_len(hashes) == count && json_len(resolutions) == count,
	    "number of nodes");
	for (uint32_t node = 0; node < count && !vec_failed(v); node++) {
		node_hash_check(v, tree, node, json_at(hashes, node));
		resolution_check(v, tree, node, json_at(resolutions, node));
	}
	tree_check(v, tree, group_id);
	mls_tree_free(tree);
}
