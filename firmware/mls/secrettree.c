/* secrettree.c - message keys of one epoch. */
#include "mls/secrettree.h"

#include <string.h>

#include "mls/secrettree_private.h"
#include "mls/treemath.h"

static struct kk_view secret_view(const struct mls_secret_tree *tree,
    const struct mls_secret *secret)
{
	return kk_view_of(secret->data, tree->suite->hash_bytes);
}

enum kk_err mls_secret_tree_new_empty(struct mls_secret_tree **treep,
    const struct crypto_suite *suite, uint32_t width, uint32_t max_forward)
{
	struct mls_secret_tree *tree;

	if (!width || width > MLS_LEAVES_MAX || width & (width - 1))
		return KK_EINVAL;
	tree = kk_calloc(1, sizeof(*tree));
	if (!tree)
		return KK_ENOMEM;
	tree->suite = suite;
	tree->width = width;
	tree->max_forward = max_forward;
	tree->nodes = kk_calloc(tm_node_count(width), sizeof(*tree->nodes));
	tree->has_secret = kk_calloc(tm_node_count(width),
	    sizeof(*tree->has_secret));
	tree->leaves = kk_calloc(width, sizeof(struct leaf_ratchets *));
	if (!tree->nodes || !tree->has_secret || !tree->leaves) {
		mls_secret_tree_free(tree);
		return KK_ENOMEM;
	}
	*treep = tree;
	return KK_OK;
}

enum kk_err mls_secret_tree_new(struct mls_secret_tree **treep,
    const struct crypto_suite *suite, const struct mls_secret *encryption,
    uint32_t width, uint32_t max_forward)
{
	struct mls_secret_tree *tree;
	enum kk_err err;

	err = mls_secret_tree_new_empty(&tree, suite, width, max_forward);
	if (err)
		return err;
	memcpy(tree->nodes[tm_root(width)].data, encryption->data,
	    suite->hash_bytes);
	tree->has_secret[tm_root(width)] = true;
	*treep = tree;
	return KK_OK;
}

static void leaf_ratchets_free(struct leaf_ratchets *leaf)
{
	if (!leaf)
		return;
	for (size_t i = 0; i < KK_ARRAY_LEN(leaf->ratchets); i++) {
		struct ratchet *r = &leaf->ratchets[i];

		kk_free_wiped(r->skipped,
		    r->skipped_room * sizeof(*r->skipped));
	}
	kk_free_wiped(leaf, sizeof(*leaf));
}

void mls_secret_tree_free(struct mls_secret_tree *tree)
{
	if (!tree)
		return;
	for (uint32_t i = 0; tree->leaves && i < tree->width; i++)
		leaf_ratchets_free(tree->leaves[i]);
	kk_free(tree->leaves);
	kk_free(tree->has_secret);
	kk_free_wiped(tree->nodes,
	    tm_node_count(tree->width) * sizeof(*tree->nodes));
	kk_free(tree);
}

static void node_wipe(struct mls_secret_tree *tree, uint32_t node)
{
	kk_wipe(&tree->nodes[node], sizeof(tree->nodes[node]));
	tree->has_secret[node] = false;
}

/* Hands a node's secret down to its children and deletes it. */
static enum kk_err node_split(struct mls_secret_tree *tree, uint32_t node)
{
	const uint32_t left = tm_left(node), right = tm_right(node);
	const struct kk_view secret = secret_view(tree, &tree->nodes[node]);
	const size_t bytes = tree->suite->hash_bytes;
	enum kk_err err;

	err = crypto_expand_with_label(tree->suite, secret, "tree",
	    kk_view_text("left"), tree->nodes[left].data, bytes);
	if (!err)
		err = crypto_expand_with_label(tree->suite, secret, "tree",
		    kk_view_text("right"), tree->nodes[right].data, bytes);
	if (err) {
		node_wipe(tree, left);
		node_wipe(tree, right);
		return err;
	}
	tree->has_secret[left] = true;
	tree->has_secret[right] = true;
	node_wipe(tree, node);
	return KK_OK;
}

uint32_t mls_secret_tree_cover(const struct mls_secret_tree *tree,
    uint32_t leaf)
{
	uint32_t node = 2 * leaf;

	while (!tree->has_secret[node])
		node = tm_parent(node);
	return node;
}

/* Starts both ratchets of a leaf and deletes its secret. */
static enum kk_err leaf_start(struct mls_secret_tree *tree, uint32_t leaf)
{
	const struct kk_view secret = secret_view(tree, &tree->nodes[2 * leaf]);
	struct leaf_ratchets *r = kk_calloc(1, sizeof(*r));
	enum kk_err err;

	if (!r)
		return KK_ENOMEM;
	err = crypto_derive_secret(tree->suite, secret, "handshake",
	    r->ratchets[MLS_RATCHET_HANDSHAKE].secret.data);
	if (!err)
		err = crypto_derive_secret(tree->suite, secret, "application",
		    r->ratchets[MLS_RATCHET_APPLICATION].secret.data);
	if (err) {
		leaf_ratchets_free(r);
		return err;
	}
	tree->leaves[leaf] = r;
	node_wipe(tree, 2 * leaf);
	return KK_OK;
}

static enum kk_err ratchet_get(struct mls_secret_tree *tree, uint32_t leaf,
    enum mls_ratchet which, struct ratchet **ratchetp)
{
	enum kk_err err = KK_OK;

	if (leaf >= tree->width ||
	    (which != MLS_RATCHET_HANDSHAKE &&
		which != MLS_RATCHET_APPLICATION))
		return KK_EINVAL;
	if (!tree->leaves[leaf]) {
		uint32_t node = mls_secret_tree_cover(tree, leaf);

		while (node != 2 * leaf && !err) {
			err = node_split(tree, node);
			node = 2 * leaf < node ? tm_left(node) : tm_right(node);
		}
		if (!err)
			err = leaf_start(tree, leaf);
	}
	if (!err)
		*ratchetp = &tree->leaves[leaf]->ratchets[which];
	return err;
}

enum kk_err mls_secret_tree_next(struct mls_secret_tree *tree, uint32_t leaf,
    enum mls_ratchet ratchet, struct mls_message_key *key, uint32_t *generation)
{
	struct ratchet *r;
	enum kk_err err;

	err = ratchet_get(tree, leaf, ratchet, &r);
	if (err)
		return err;
	return mls_ratchet_next(tree, r, key, generation);
}

enum kk_err mls_secret_tree_peek(struct mls_secret_tree *tree, uint32_t leaf,
    enum mls_ratchet ratchet, uint32_t generation, struct mls_message_key *key)
{
	struct ratchet *r;
	enum kk_err err;

	err = ratchet_get(tree, leaf, ratchet, &r);
	if (err)
		return err;
	return mls_ratchet_peek(tree, r, generation, key);
}

enum kk_err mls_secret_tree_consume(struct mls_secret_tree *tree, uint32_t leaf,
    enum mls_ratchet ratchet, uint32_t generation)
{
	struct ratchet *r;
	enum kk_err err;

	err = ratchet_get(tree, leaf, ratchet, &r);
	if (err)
		return err;
	return mls_ratchet_consume(tree, r, generation);
}

static enum kk_err sender_data_expand(const struct crypto_suite *suite,
    struct kk_view secret, struct kk_view sample, struct mls_message_key *key)
{
	enum kk_err err;

	err = crypto_expand_with_label(suite, secret, "key", sample, key->key,
	    suite->aead_key_bytes);
	if (err)
		return err;
	return crypto_expand_with_label(suite, secret, "nonce", sample,
	    key->nonce, CRYPTO_AEAD_NONCE_BYTES);
}

enum kk_err mls_sender_data_key(const struct crypto_suite *suite,
    const struct mls_secret *sender_data, struct kk_view ciphertext,
    struct mls_message_key *key)
{
	struct kk_view sample = ciphertext;

	if (sample.bytes > suite->hash_bytes)
		sample.bytes = suite->hash_bytes;
	return sender_data_expand(suite,
	    kk_view_of(sender_data->data, suite->hash_bytes), sample, key);
}
