/* treekem_send.c - update paths: making and encrypting one. */
#include "mls/treekem.h"

#include "mls/treehash.h"
#include "mls/treekem_path.h"

/* Path secrets from a random first one; the last gives the commit secret. */
static enum kk_err secrets_make(const struct crypto_suite *suite,
    unsigned int count, struct mls_path_secrets *secrets)
{
	struct mls_secret *next = count > 0 ? &secrets->at[0] :
					      &secrets->commit;
	enum kk_err err = crypto_random(next->data, suite->hash_bytes);

	for (unsigned int i = 0; !err && i < count; i++) {
		next = i + 1 < count ? &secrets->at[i + 1] : &secrets->commit;
		err = mls_treekem_next_secret(suite, &secrets->at[i], next);
	}
	return err;
}

static enum kk_err keys_make(const struct crypto_suite *suite,
    const struct mls_path *path, const struct mls_path_secrets *secrets,
    struct mls_keyring *ring, struct kk_view *publics)
{
	for (unsigned int i = 0; i < path->count; i++) {
		struct crypto_key *key;
		enum kk_err err;

		err = mls_treekem_node_key(suite, &secrets->at[i], &key);
		if (!err)
			err = mls_keyring_put(ring, path->node[i], key);
		if (err)
			return err;
		publics[i] = crypto_key_public(key);
	}
	return KK_OK;
}

enum kk_err mls_leaf_sign(struct mls_leaf **leafp, struct mls_leaf_fields *f,
    struct kk_view group_id, uint32_t index, struct crypto_key *signer)
{
	struct kk_bytes signature = { 0 };
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_leaf_write_tbs(&w, f, group_id, index);
	err = w.err;
	if (!err)
		err = crypto_sign_with_label(signer, "LeafNodeTBS",
		    kk_writer_view(&w), &signature);
	kk_writer_clear(&w);
	if (err)
		return err;
	f->signature = kk_bytes_view(&signature);
	mls_leaf_write(&w, f);
	f->signature = (struct kk_view){ 0 };
	err = w.err;
	if (!err)
		err = mls_leaf_new(leafp, kk_writer_view(&w));
	kk_writer_clear(&w);
	kk_bytes_clear(&signature);
	return err;
}

/* A fresh leaf key into the ring, and the signed leaf into the tree. */
static enum kk_err leaf_make(struct mls_tree *tree, uint32_t leaf,
    const struct mls_leaf_fields *like, struct kk_view group_id,
    struct crypto_key *signer, struct kk_view parent_hash,
    struct mls_keyring *ring)
{
	struct mls_leaf_fields f = *like;
	struct mls_leaf *fresh;
	struct crypto_key *key;
	enum kk_err err;

	err = crypto_kem_key_generate(&key, tree->suite->kem);
	if (!err)
		err = mls_keyring_put(ring, 2 * leaf, key);
	if (err)
		return err;
	f.encryption_key = crypto_key_public(key);
	f.signature_key = crypto_key_public(signer);
	f.source = MLS_LEAF_COMMIT;
	f.parent_hash = parent_hash;
	err = mls_leaf_sign(&fresh, &f, group_id, leaf, signer);
	if (!err)
		mls_tree_set_leaf(tree, leaf, fresh);
	return err;
}

enum kk_err mls_treekem_create(struct mls_tree *tree, uint32_t leaf,
    const struct mls_leaf_fields *like, struct kk_view group_id,
    struct crypto_key *signer, struct mls_keyring *ring, struct mls_path *path,
    struct mls_path_secrets *secrets)
{
	struct kk_view publics[MLS_PATH_MAX];
	struct mls_secret hash = { 0 };
	size_t hash_bytes = 0;
	enum kk_err err = mls_tree_filtered_path(tree, leaf, path);

	if (!err)
		err = secrets_make(tree->suite, path->count, secrets);
	if (err)
		return err;
	mls_tree_blank_path(tree, leaf);
	mls_keyring_clear(ring); /* every key on our path is replaced */
	err = keys_make(tree->suite, path, secrets, ring, publics);
	if (!err)
		err = mls_treekem_set_parents(tree, path, publics, &hash,
		    &hash_bytes);
	if (!err)
		err = leaf_make(tree, leaf, like, group_id, signer,
		    kk_view_of(hash.data, hash_bytes), ring);
	return err;
}

static void copy_write(struct kk_writer *w, const struct mls_tree *tree,
    uint32_t node, struct kk_view secret,
    const struct crypto_hpke_context *context)
{
	struct kk_bytes enc = { 0 }, ct = { 0 };
	enum kk_err err;

	if (w->err)
		return;
	err = crypto_encrypt_in_context(tree->suite,
	    mls_tree_public(tree, node), context, secret, &enc, &ct);
	if (err) {
		kk_writer_fail(w, err);
		return;
	}
	kk_write_vec(w, kk_bytes_view(&enc));
	kk_write_vec(w, kk_bytes_view(&ct));
	kk_bytes_clear(&enc);
	kk_bytes_clear(&ct);
}

enum kk_err mls_treekem_encrypt(const struct mls_tree *tree,
    const struct mls_path *path, const struct mls_path_secrets *secrets,
    struct kk_view context, struct mls_leaf_list without,
    struct kk_bytes *nodes)
{
	struct crypto_hpke_context made;
	struct kk_writer w;
	enum kk_err failed;

	failed = crypto_encrypt_context(tree->suite, "UpdatePathNode", context,
	    &made);
	if (failed)
		return failed;
	kk_writer_init(&w);
	for (unsigned int i = 0; i < path->count && !w.err; i++) {
		struct mls_node_list targets;
		enum kk_err err;
		size_t at;

		err = mls_treekem_targets(tree, path->copath[i], without,
		    &targets);
		if (err) {
			kk_writer_fail(&w, err);
			break;
		}
		kk_write_vec(&w, mls_tree_public(tree, path->node[i]));
		at = kk_write_vec_begin(&w);
		for (size_t k = 0; k < targets.count; k++)
			copy_write(&w, tree, targets.at[k],
			    kk_view_of(secrets->at[i].data,
				tree->suite->hash_bytes),
			    &made);
		kk_write_vec_end(&w, at);
		kk_free(targets.at);
	}
	return kk_writer_take(&w, nodes);
}
