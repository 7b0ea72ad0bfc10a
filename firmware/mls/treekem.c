/* treekem.c - update paths: what sender and receiver derive alike. */
#include "mls/treekem.h"

#include <string.h>

#include "mls/treehash.h"
#include "mls/treekem_path.h"

/* The key pair of a node from its path secret (RFC 9420, 7.4). */
enum kk_err mls_treekem_node_key(const struct crypto_suite *suite,
    const struct mls_secret *path_secret, struct crypto_key **keyp)
{
	struct mls_secret node;
	enum kk_err err;

	err = crypto_derive_secret(suite,
	    kk_view_of(path_secret->data, suite->hash_bytes), "node",
	    node.data);
	if (!err)
		err = crypto_kem_key_derive(keyp, suite->kem,
		    kk_view_of(node.data, suite->hash_bytes));
	kk_wipe(&node, sizeof(node));
	return err;
}

/* The secret of the next node above, or the commit secret after the last. */
enum kk_err mls_treekem_next_secret(const struct crypto_suite *suite,
    const struct mls_secret *path_secret, struct mls_secret *next)
{
	return crypto_derive_secret(suite,
	    kk_view_of(path_secret->data, suite->hash_bytes), "path",
	    next->data);
}

/*
 * Sets the public keys of a path, from the top down because each node carries
 * the hash of the one above (7.9.1); parent_hash receives the leaf's.
 */
enum kk_err mls_treekem_set_parents(struct mls_tree *tree,
    const struct mls_path *path, const struct kk_view *keys,
    struct mls_secret *parent_hash, size_t *parent_hash_bytes)
{
	*parent_hash_bytes = 0;
	for (unsigned int i = path->count; i-- > 0;) {
		struct mls_parent *parent;
		enum kk_err err = mls_parent_new(&parent, keys[i],
		    kk_view_of(parent_hash->data, *parent_hash_bytes), NULL, 0);

		if (err)
			return err;
		mls_tree_set_parent(tree, path->node[i], parent);
		err = mls_tree_parent_hash(tree, path->node[i], path->copath[i],
		    parent_hash->data);
		if (err)
			return err;
		*parent_hash_bytes = tree->suite->hash_bytes;
	}
	return KK_OK;
}

/* The nodes that a path's secret is encrypted to: the resolution of the
 * copath child without the leaves that come in by the same commit. */
enum kk_err mls_treekem_targets(const struct mls_tree *tree, uint32_t copath,
    struct mls_leaf_list without, struct mls_node_list *list)
{
	enum kk_err err = mls_tree_resolution(tree, copath, list);
	size_t kept = 0;

	if (err)
		return err;
	for (size_t i = 0; i < list->count; i++) {
		uint32_t node = list->at[i];
		bool is_new = false;

		for (size_t k = 0; k < without.count; k++)
			is_new |= node == 2 * without.at[k];
		if (!is_new)
			list->at[kept++] = node;
	}
	list->count = kept;
	return KK_OK;
}

static enum kk_err node_key_take(const struct mls_tree *tree, uint32_t node,
    const struct mls_secret *secret, struct mls_keyring *ring)
{
	struct crypto_key *key;
	enum kk_err err = mls_treekem_node_key(tree->suite, secret, &key);

	if (err)
		return err;
	if (!kk_view_equal(crypto_key_public(key),
		mls_tree_public(tree, node))) {
		crypto_key_free(key);
		return KK_EAUTH;
	}
	return mls_keyring_put(ring, node, key);
}

/* Derives keys from path node number first upwards; secret ends as the
 * commit secret. */
static enum kk_err derive_upwards(const struct mls_tree *tree,
    const struct mls_path *path, unsigned int first, struct mls_secret *secret,
    struct mls_keyring *ring)
{
	for (unsigned int i = first; i < path->count; i++) {
		struct mls_secret next = { 0 };
		enum kk_err err;

		err = node_key_take(tree, path->node[i], secret, ring);
		if (!err)
			err = mls_treekem_next_secret(tree->suite, secret,
			    &next);
		if (!err)
			*secret = next;
		kk_wipe(&next, sizeof(next));
		if (err)
			return err;
	}
	return KK_OK;
}

enum kk_err mls_treekem_merge(struct mls_tree *tree, uint32_t leaf,
    const struct mls_update_path *up, struct mls_path *path)
{
	struct kk_view keys[MLS_PATH_MAX];
	struct mls_secret hash = { 0 };
	struct mls_path_node node;
	struct mls_leaf *fresh;
	struct kk_reader r;
	size_t hash_bytes;
	enum kk_err err = mls_tree_filtered_path(tree, leaf, path);

	if (err)
		return err;
	if (up->node_count != path->count)
		return KK_EFORMAT;
	kk_reader_init(&r, up->nodes);
	for (unsigned int i = 0; i < path->count; i++) {
		mls_path_node_read(&r, &node);
		keys[i] = node.encryption_key;
		if (keys[i].bytes != tree->suite->kem_public_bytes)
			kk_reader_fail(&r, KK_EFORMAT);
	}
	err = kk_reader_end(&r);
	if (err)
		return err;
	mls_tree_blank_path(tree, leaf);
	err = mls_treekem_set_parents(tree, path, keys, &hash, &hash_bytes);
	if (err)
		return err;
	if (!kk_view_equal(up->leaf.parent_hash,
		kk_view_of(hash.data, hash_bytes)))
		return KK_EAUTH;
	err = mls_leaf_new(&fresh, up->leaf.raw);
	if (!err)
		mls_tree_set_leaf(tree, leaf, fresh);
	return err;
}

/* The path's lowest node above own_leaf, or path->count. */
static unsigned int path_meet(const struct mls_path *path, uint32_t own_leaf)
{
	unsigned int i = 0;

	while (i < path->count &&
	    !tm_is_in_subtree(path->node[i], 2 * own_leaf))
		i++;
	return i;
}

static enum kk_err path_node_at(const struct mls_update_path *up,
    unsigned int index, struct mls_path_node *node)
{
	struct kk_reader r;

	kk_reader_init(&r, up->nodes);
	for (unsigned int i = 0; i <= index; i++)
		mls_path_node_read(&r, node);
	return kk_reader_err(&r);
}

/* Finds the copy made for one of our keys: the n-th ciphertext belongs to the
 * n-th target. */
static enum kk_err copy_find(const struct mls_keyring *ring,
    const struct mls_node_list *targets, struct kk_view ciphertexts,
    struct crypto_key **keyp, struct mls_hpke_ciphertext *copy)
{
	struct mls_hpke_ciphertext c = { 0 };
	struct kk_reader r;

	*keyp = NULL;
	kk_reader_init(&r, ciphertexts);
	for (size_t i = 0; i < targets->count; i++) {
		struct crypto_key *key = mls_keyring_get(ring, targets->at[i]);

		mls_hpke_ciphertext_read(&r, &c);
		if (!key || *keyp)
			continue;
		*keyp = key;
		*copy = c;
	}
	if (kk_reader_end(&r))
		return KK_EFORMAT;
	return *keyp ? KK_OK : KK_ENOKEY;
}

static enum kk_err secret_open(const struct mls_tree *tree,
    const struct mls_keyring *ring, const struct mls_node_list *targets,
    struct kk_view ciphertexts, struct kk_view context,
    struct mls_secret *secret)
{
	struct mls_hpke_ciphertext copy = { 0 };
	struct kk_bytes plain;
	struct crypto_key *key;
	enum kk_err err;

	err = copy_find(ring, targets, ciphertexts, &key, &copy);
	if (err)
		return err;
	err = crypto_decrypt_with_label(tree->suite, key, "UpdatePathNode",
	    context, copy.kem_output, copy.ciphertext, &plain);
	if (err)
		return err;
	if (plain.bytes == tree->suite->hash_bytes)
		memcpy(secret->data, plain.data, plain.bytes);
	else
		err = KK_EFORMAT;
	kk_bytes_clear(&plain);
	return err;
}

enum kk_err mls_treekem_decrypt(const struct mls_tree *tree,
    const struct mls_path *path, const struct mls_update_path *up,
    uint32_t own_leaf, struct kk_view context, struct mls_leaf_list without,
    struct mls_keyring *ring, struct mls_secret *commit)
{
	unsigned int meet = path_meet(path, own_leaf);
	struct mls_node_list targets;
	struct mls_path_node node;
	struct mls_secret secret;
	enum kk_err err;

	if (meet == path->count)
		return KK_ENOKEY;
	err = path_node_at(up, meet, &node);
	if (err)
		return err;
	err = mls_treekem_targets(tree, path->copath[meet], without, &targets);
	if (err)
		return err;
	err = secret_open(tree, ring, &targets, node.ciphertexts, context,
	    &secret);
	kk_free(targets.at);
	if (!err)
		err = derive_upwards(tree, path, meet, &secret, ring);
	if (!err)
		*commit = secret;
	kk_wipe(&secret, sizeof(secret));
	return err;
}

enum kk_err mls_treekem_join(const struct mls_tree *tree, uint32_t signer,
    uint32_t own_leaf, struct kk_view path_secret, struct mls_keyring *ring)
{
	struct mls_secret secret = { 0 };
	struct mls_path path;
	enum kk_err err = mls_tree_filtered_path(tree, signer, &path);
	unsigned int meet;

	if (err)
		return err;
	meet = path_meet(&path, own_leaf);
	if (meet == path.count || path_secret.bytes != tree->suite->hash_bytes)
		return KK_EFORMAT;
	memcpy(secret.data, path_secret.data, path_secret.bytes);
	err = derive_upwards(tree, &path, meet, &secret, ring);
	kk_wipe(&secret, sizeof(secret));
	return err;
}
