/*
 * secrettree_state.c - a secret tree as bytes, and back.
 *
 * struct {
 *     uint8 kind;                      one per piece, from leaf 0 on
 *     select (kind) {
 *         case PIECE_NODE: uint32 node; opaque secret[Nh];
 *         case PIECE_LEAF: Ratchet handshake; Ratchet application;
 *     };
 * } Piece;
 *
 * struct {
 *     uint32 head;
 *     opaque secret[Nh];               absent where head is 2^32 - 1
 *     Skipped skipped<V>;              uint32, key[Nk], nonce[12]; ascending
 * } Ratchet;
 *
 * A piece begins at the leaf where the one before it ended, so each leaf is
 * covered once, and a tree has one form.  The last piece ends at width.
 */
#include "mls/secrettree.h"
#include "mls/secrettree_private.h"
#include "mls/treemath.h"

#include <string.h>

enum { PIECE_NODE, PIECE_LEAF };

static void ratchet_write(const struct mls_secret_tree *tree,
    const struct ratchet *r, struct kk_writer *w)
{
	const struct crypto_suite *suite = tree->suite;
	size_t at;

	kk_write_u32(w, r->head);
	if (r->head != UINT32_MAX)
		kk_write_raw(w, kk_view_of(r->secret.data, suite->hash_bytes));
	at = kk_write_vec_begin(w);
	for (uint32_t i = 0; i < r->skipped_count; i++) {
		const struct skipped_key *skipped = &r->skipped[i];

		kk_write_u32(w, skipped->generation);
		kk_write_raw(w,
		    kk_view_of(skipped->key.key, suite->aead_key_bytes));
		kk_write_raw(w,
		    kk_view_of(skipped->key.nonce, CRYPTO_AEAD_NONCE_BYTES));
	}
	kk_write_vec_end(w, at);
}

void mls_secret_tree_write(const struct mls_secret_tree *tree,
    struct kk_writer *w)
{
	uint32_t leaf = 0;

	while (leaf < tree->width && !w->err) {
		const struct leaf_ratchets *r = tree->leaves[leaf];

		if (r) {
			kk_write_u8(w, PIECE_LEAF);
			ratchet_write(tree, &r->ratchets[0], w);
			ratchet_write(tree, &r->ratchets[1], w);
			leaf++;
		} else {
			uint32_t node = mls_secret_tree_cover(tree, leaf);

			kk_write_u8(w, PIECE_NODE);
			kk_write_u32(w, node);
			kk_write_raw(w,
			    kk_view_of(tree->nodes[node].data,
				tree->suite->hash_bytes));
			leaf = tm_end_leaf(node);
		}
	}
}

/* A run of raw bytes, copied; all or nothing. */
static void raw_read(struct kk_reader *r, uint8_t *out, size_t bytes)
{
	struct kk_view v = kk_read_raw(r, bytes);

	if (v.bytes == bytes)
		memcpy(out, v.data, bytes);
}

static void skipped_read(const struct mls_secret_tree *tree,
    struct ratchet *ratchet, struct kk_reader *r)
{
	struct skipped_key *out = &ratchet->skipped[ratchet->skipped_count];
	const uint32_t generation = kk_read_u32(r);

	if (generation >= ratchet->head ||
	    (ratchet->skipped_count && generation <= out[-1].generation))
		kk_reader_fail(r, KK_EFORMAT);
	out->generation = generation;
	raw_read(r, out->key.key, tree->suite->aead_key_bytes);
	raw_read(r, out->key.nonce, CRYPTO_AEAD_NONCE_BYTES);
	ratchet->skipped_count++;
}

/* Keeps the newest where a tighter bound has been set since. */
static void skipped_list_read(const struct mls_secret_tree *tree,
    struct ratchet *ratchet, struct kk_reader *r)
{
	struct kk_reader list = kk_read_sub(r);
	const size_t each_bytes = sizeof(uint32_t) +
	    tree->suite->aead_key_bytes + CRYPTO_AEAD_NONCE_BYTES;
	size_t count = list.left_bytes / each_bytes;
	enum kk_err err;

	if (count > tree->max_forward) {
		(void)kk_read_raw(&list,
		    (count - tree->max_forward) * each_bytes);
		count = tree->max_forward;
	}
	err = mls_ratchet_reserve(ratchet, (uint32_t)count, tree->max_forward);
	if (err)
		kk_reader_fail(&list, err);
	while (!err && ratchet->skipped_count < count && kk_reader_more(&list))
		skipped_read(tree, ratchet, &list);
	kk_read_sub_end(r, &list);
}

static void ratchet_read(const struct mls_secret_tree *tree,
    struct ratchet *ratchet, struct kk_reader *r)
{
	ratchet->head = kk_read_u32(r);
	if (ratchet->head != UINT32_MAX)
		raw_read(r, ratchet->secret.data, tree->suite->hash_bytes);
	skipped_list_read(tree, ratchet, r);
}

/* Returns the leaf at which the next piece begins. */
static uint32_t leaf_read(struct mls_secret_tree *tree, uint32_t leaf,
    struct kk_reader *r)
{
	struct leaf_ratchets *ratchets = kk_calloc(1, sizeof(*ratchets));

	if (!ratchets) {
		kk_reader_fail(r, KK_ENOMEM);
		return leaf;
	}
	tree->leaves[leaf] = ratchets; /* the tree's from now on */
	ratchet_read(tree, &ratchets->ratchets[0], r);
	ratchet_read(tree, &ratchets->ratchets[1], r);
	return leaf + 1;
}

static uint32_t node_read(struct mls_secret_tree *tree, uint32_t leaf,
    struct kk_reader *r)
{
	const uint32_t node = kk_read_u32(r);

	if (node >= tm_node_count(tree->width) || tm_first_leaf(node) != leaf) {
		kk_reader_fail(r, KK_EFORMAT);
		return leaf;
	}
	tree->has_secret[node] = true;
	raw_read(r, tree->nodes[node].data, tree->suite->hash_bytes);
	return tm_end_leaf(node);
}

static uint32_t piece_read(struct mls_secret_tree *tree, uint32_t leaf,
    struct kk_reader *r)
{
	switch (kk_read_u8(r)) {
	case PIECE_NODE:
		return node_read(tree, leaf, r);
	case PIECE_LEAF:
		return leaf_read(tree, leaf, r);
	default:
		kk_reader_fail(r, KK_EFORMAT);
		return leaf;
	}
}

enum kk_err mls_secret_tree_read(struct mls_secret_tree **treep,
    const struct crypto_suite *suite, uint32_t width, uint32_t max_forward,
    struct kk_reader *r)
{
	struct mls_secret_tree *tree;
	uint32_t leaf = 0;
	enum kk_err err;

	err = mls_secret_tree_new_empty(&tree, suite, width, max_forward);
	if (err)
		return err;
	while (leaf < width && !kk_reader_err(r))
		leaf = piece_read(tree, leaf, r);
	err = kk_reader_err(r);
	if (err) {
		mls_secret_tree_free(tree);
		return err;
	}
	*treep = tree;
	return KK_OK;
}
