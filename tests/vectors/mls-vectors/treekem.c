/*
 * treekem.c - treekem: every path of the file processed at every leaf, and a
 * fresh path made at every leaf and processed by the others.
 */
#include "kinds.h"

#include <string.h>

#include "mls/message.h"
#include "mls/treecheck.h"
#include "mls/treehash.h"
#include "mls/treekem.h"
#include "mls/treekem_path.h"
#include "vectree.h"

/* A member whose private keys the file has. */
struct member {
	uint32_t leaf;
	struct crypto_key *signer;
	struct mls_keyring ring;
};

struct treekem_case {
	struct vec *v;
	struct kk_view group_id;
	uint64_t epoch;
	struct kk_view confirmed_hash;
	struct mls_tree *tree; /* before any path */
	struct member *members;
	size_t member_count;
};

/* A tree after somebody's path. */
struct after {
	struct mls_tree *tree;
	struct mls_path path;
	struct kk_view context; /* encoded, with the new tree hash */
};

static struct kk_view context_of(const struct treekem_case *t,
    struct mls_tree *tree)
{
	struct mls_secret hash;
	struct mls_context context = {
		.version = MLS_VERSION_10,
		.suite = t->v->suite->id,
		.group_id = t->group_id,
		.epoch = t->epoch,
		.confirmed_hash = t->confirmed_hash,
	};
	struct kk_writer w;

	if (!vec_ok(t->v, mls_tree_root_hash(tree, hash.data), "tree hash"))
		return (struct kk_view){ 0 };
	context.tree_hash = vec_secret_view(t->v, &hash);
	kk_writer_init(&w);
	mls_context_write(&w, &context);
	return vec_hold_writer(t->v, &w);
}

static void path_key_read(struct treekem_case *t, struct member *m,
    const struct json *c)
{
	const uint32_t node = vec_u32(t->v, c, "node");
	const struct mls_secret secret = vec_secret(t->v, c, "path_secret");
	struct crypto_key *key;

	if (vec_failed(t->v) ||
	    !vec_true(t->v, node < tm_node_count(t->tree->width), "node") ||
	    !vec_ok(t->v, mls_treekem_node_key(t->v->suite, &secret, &key),
		"path_secret"))
		return;
	(void)vec_equal(t->v, mls_tree_public(t->tree, node),
	    crypto_key_public(key), "key of path_secret");
	(void)vec_ok(t->v, mls_keyring_put(&m->ring, node, key), "keyring");
}

/* The leaf's two private keys, which must be those in the tree. */
static void leaf_keys_read(struct treekem_case *t, struct member *m,
    const struct json *c)
{
	const struct kk_view encryption = vec_hex(t->v, c, "encryption_priv");
	const struct kk_view signature = vec_hex(t->v, c, "signature_priv");
	const struct crypto_suite *suite = t->v->suite;
	const struct mls_leaf_fields *leaf = mls_tree_leaf(t->tree, m->leaf);
	struct crypto_key *key;

	if (vec_failed(t->v) || !vec_true(t->v, leaf, "a leaf at index") ||
	    !vec_ok(t->v, crypto_kem_key_import(&key, suite->kem, encryption),
		"encryption_priv"))
		return;
	(void)vec_equal(t->v, leaf->encryption_key, crypto_key_public(key),
	    "key of encryption_priv");
	if (!vec_ok(t->v, mls_keyring_put(&m->ring, 2 * m->leaf, key),
		"keyring") ||
	    !vec_ok(t->v,
		crypto_sig_key_import(&m->signer, suite->sig, signature),
		"signature_priv"))
		return;
	(void)vec_equal(t->v, leaf->signature_key, crypto_key_public(m->signer),
	    "key of signature_priv");
}

static void member_read(struct treekem_case *t, struct member *m,
    const struct json *c)
{
	const struct json *secrets = vec_array(t->v, c, "path_secrets");

	m->leaf = vec_u32(t->v, c, "index");
	leaf_keys_read(t, m, c);
	for (size_t i = 0; i < json_len(secrets) && !vec_failed(t->v); i++)
		path_key_read(t, m, json_at(secrets, i));
}

/* Merges a received path and checks it; false when the case failed. */
static bool after_merge(struct treekem_case *t, uint32_t sender,
    const struct mls_update_path *up, struct after *after)
{
	if (!vec_ok(t->v, mls_tree_clone(&after->tree, t->tree), "clone"))
		return false;
	(void)vec_leaf_signature_is_valid(t->v, &up->leaf, t->group_id, sender);
	if (vec_ok(t->v,
		mls_treekem_merge(after->tree, sender, up, &after->path),
		"update path"))
		(void)vec_ok(t->v, mls_tree_check_parents(after->tree),
		    "parent hashes after");
	if (!vec_failed(t->v))
		after->context = context_of(t, after->tree);
	if (vec_failed(t->v))
		mls_tree_free(after->tree);
	return !vec_failed(t->v);
}

static void decrypt_check(struct treekem_case *t, const struct member *m,
    const struct after *after, const struct mls_update_path *up,
    const struct mls_secret *commit)
{
	const struct mls_leaf_list nobody = { 0 };
	struct mls_keyring ring = { 0 };
	struct mls_secret got = { 0 };

	mls_keyring_copy(&ring, &m->ring);
	if (vec_ok(t->v,
		mls_treekem_decrypt(after->tree, &after->path, up, m->leaf,
		    after->context, nobody, &ring, &got),
		"path secret"))
		(void)vec_equal(t->v, vec_secret_view(t->v, commit),
		    vec_secret_view(t->v, &got), "commit_secret");
	mls_keyring_clear(&ring);
}

/* The path secret that the file says this leaf gets: the keys of the path, and
 * the commit secret, must follow from it. */
static void path_secret_check(struct treekem_case *t, uint32_t leaf,
    const struct after *after, const struct json *value,
    const struct mls_secret *commit)
{
	const struct kk_view given = vec_hex_of(t->v, value, "path_secrets");
	struct mls_secret secret = { 0 };
	unsigned int i = 0;

	if (!vec_true(t->v, given.bytes == t->v->suite->hash_bytes,
		"path_secrets"))
		return;
	memcpy(secret.data, given.data, given.bytes);
	while (i < after->path.count &&
	    !tm_is_in_subtree(after->path.node[i], 2 * leaf))
		i++;
	for (; i < after->path.count && !vec_failed(t->v); i++) {
		struct mls_secret next = { 0 };
		struct crypto_key *key;

		if (!vec_ok(t->v,
			mls_treekem_node_key(t->v->suite, &secret, &key),
			"path_secrets"))
			return;
		(void)vec_equal(t->v,
		    mls_tree_public(after->tree, after->path.node[i]),
		    crypto_key_public(key), "key of path_secrets");
		crypto_key_free(key);
		(void)vec_ok(t->v,
		    mls_treekem_next_secret(t->v->suite, &secret, &next),
		    "path_secrets");
		secret = next;
	}
	(void)vec_equal(t->v, vec_secret_view(t->v, commit),
	    vec_secret_view(t->v, &secret), "commit of path_secrets");
}

static void given_path_check(struct treekem_case *t, const struct json *c)
{
	const uint32_t sender = vec_u32(t->v, c, "sender");
	const struct mls_secret commit = vec_secret(t->v, c, "commit_secret");
	const struct json *secrets = vec_array(t->v, c, "path_secrets");
	struct mls_update_path up;
	struct after after;
	struct kk_reader r;

	kk_reader_init(&r, vec_hex(t->v, c, "update_path"));
	mls_update_path_read(&r, &up);
	if (vec_failed(t->v) ||
	    !vec_ok(t->v, kk_reader_end(&r), "update_path") ||
	    !vec_true(t->v, mls_tree_leaf(t->tree, sender), "sender") ||
	    !after_merge(t, sender, &up, &after))
		return;
	(void)vec_tree_hash_is(t->v, after.tree, c, "tree_hash_after");
	for (size_t i = 0; i < t->member_count && !vec_failed(t->v); i++) {
		const struct member *m = &t->members[i];

		if (m->leaf == sender)
			continue;
		decrypt_check(t, m, &after, &up, &commit);
		path_secret_check(t, m->leaf, &after, json_at(secrets, m->leaf),
		    &commit);
	}
	mls_tree_free(after.tree);
}

/* Makes a path and encodes it; the tree with it is dropped again. */
static struct kk_view own_path_make(struct treekem_case *t,
    const struct member *m, struct mls_secret *commit)
{
	const struct mls_leaf_list nobody = { 0 };
	struct mls_path_secrets secrets = { 0 };
	struct mls_keyring ring = { 0 };
	struct mls_update_path up = { 0 };
	struct kk_bytes nodes = { 0 };
	struct mls_tree *tree;
	struct mls_path path;
	struct kk_writer w;

	kk_writer_init(&w);
	if (!vec_ok(t->v, mls_tree_clone(&tree, t->tree), "clone"))
		return (struct kk_view){ 0 };
	mls_keyring_copy(&ring, &m->ring);
	if (vec_ok(t->v,
		mls_treekem_create(tree, m->leaf,
		    mls_tree_leaf(t->tree, m->leaf), t->group_id, m->signer,
		    &ring, &path, &secrets),
		"own path") &&
	    vec_ok(t->v,
		mls_treekem_encrypt(tree, &path, &secrets, context_of(t, tree),
		    nobody, &nodes),
		"own path")) {
		up.leaf = *mls_tree_leaf(tree, m->leaf);
		up.nodes = kk_bytes_view(&nodes);
		up.node_count = path.count;
		mls_update_path_write(&w, &up);
		*commit = secrets.commit;
	}
	kk_bytes_clear(&nodes);
	mls_keyring_clear(&ring);
	mls_tree_free(tree);
	kk_wipe(&secrets, sizeof(secrets));
	return vec_hold_writer(t->v, &w);
}

static void own_path_check(struct treekem_case *t, const struct member *sender)
{
	struct mls_secret commit = { 0 };
	const struct kk_view encoded = own_path_make(t, sender, &commit);
	struct mls_update_path up;
	struct after after;
	struct kk_reader r;

	kk_reader_init(&r, encoded);
	mls_update_path_read(&r, &up);
	if (vec_failed(t->v) || !vec_ok(t->v, kk_reader_end(&r), "own path") ||
	    !after_merge(t, sender->leaf, &up, &after))
		return;
	for (size_t i = 0; i < t->member_count && !vec_failed(t->v); i++)
		if (t->members[i].leaf != sender->leaf)
			decrypt_check(t, &t->members[i], &after, &up, &commit);
	mls_tree_free(after.tree);
}

static void members_run(struct treekem_case *t, const struct json *c)
{
	const struct json *privates = vec_array(t->v, c, "leaves_private");
	const struct json *paths = vec_array(t->v, c, "update_paths");

	t->member_count = json_len(privates);
	t->members = kk_calloc(t->member_count, sizeof(*t->members));
	if (!t->members) {
		(void)vec_ok(t->v, KK_ENOMEM, "memory");
		return;
	}
	for (size_t i = 0; i < t->member_count && !vec_failed(t->v); i++)
		member_read(t, &t->members[i], json_at(privates, i));
	for (size_t i = 0; i < json_len(paths) && !vec_failed(t->v); i++)
		given_path_check(t, json_at(paths, i));
	for (size_t i = 0; i < t->member_count && !vec_failed(t->v); i++)
		own_path_check(t, &t->members[i]);
	for (size_t i = 0; i < t->member_count; i++) {
		crypto_key_free(t->members[i].signer);
		mls_keyring_clear(&t->members[i].ring);
	}
	kk_free(t->members);
}

void vec_run_treekem(struct vec *v, const struct json *c)
{
	const struct kk_view tree = vec_hex(v, c, "ratchet_tree");
	struct treekem_case t = {
		.v = v,
		.group_id = vec_hex(v, c, "group_id"),
		.epoch = vec_u64(v, c, "epoch"),
		.confirmed_hash = vec_hex(v, c, "confirmed_transcript_hash"),
	};

	if (vec_failed(v))
		return;
	t.tree = vec_tree_read(v, tree);
	if (!t.tree)
		return;
	members_run(&t, c);
	mls_tree_free(t.tree);
}
