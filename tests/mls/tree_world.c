/* tree_world.c - a true tree: signed leaves, real paths, parent hashes. */
#include "tree_world.h"

#include "harness/tap.h"

static const struct kk_view group_id = { (const uint8_t *)"g", 1 };

struct mls_leaf_fields tree_world_fields(const struct tree_world *w)
{
	static const uint8_t one[] = { 0, 1 }, both[] = { 0, 1, 0, 2 };
	static const uint8_t suites[] = { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0,
		7 };

	(void)w;
	return (struct mls_leaf_fields){
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = { one, 2 } },
		.capabilities = { .versions = { { one, 2 } },
		    .suites = { { suites, sizeof(suites) } },
		    .credentials = { { both, 4 } } },
		.source = MLS_LEAF_UPDATE,
	};
}

struct mls_leaf *tree_world_leaf(struct tree_world *w, uint32_t index,
    const struct mls_leaf_fields *like)
{
	struct mls_leaf_fields f = *like;
	struct crypto_key *key = NULL;
	struct mls_leaf *leaf = NULL;

	CHECK(index < TREE_WORLD_LEAVES);
	if (!w->signer[index])
		CHECK_OK(crypto_sig_key_generate(&w->signer[index],
		    w->suite->sig));
	CHECK_OK(crypto_kem_key_generate(&key, w->suite->kem));
	f.encryption_key = crypto_key_public(key);
	f.signature_key = crypto_key_public(w->signer[index]);
	CHECK_OK(mls_leaf_sign(&leaf, &f, group_id, index, w->signer[index]));
	crypto_key_free(key);
	return leaf;
}

static uint32_t first_blank(const struct mls_tree *tree)
{
	uint32_t i = 0;

	while (mls_tree_leaf(tree, i))
		i++;
	return i;
}

uint32_t tree_world_add(struct tree_world *w)
{
	const struct mls_leaf_fields f = tree_world_fields(w);
	uint32_t at = first_blank(w->tree), got;

	crypto_key_free(w->signer[at]);
	w->signer[at] = NULL;
	CHECK_OK(mls_tree_add(w->tree, tree_world_leaf(w, at, &f), &got));
	CHECK_EQ(got, at);
	return at;
}

void tree_world_remove(struct tree_world *w, uint32_t leaf)
{
	mls_tree_remove(w->tree, leaf);
	crypto_key_free(w->signer[leaf]);
	w->signer[leaf] = NULL;
}

void tree_world_path(struct tree_world *w, uint32_t leaf)
{
	const struct mls_leaf_fields like = tree_world_fields(w);
	struct mls_keyring ring = { 0 };
	struct mls_path_secrets secrets;
	struct mls_path path;

	CHECK_OK(mls_treekem_create(w->tree, leaf, &like, group_id,
	    w->signer[leaf], &ring, &path, &secrets));
	mls_keyring_clear(&ring);
}

void tree_world_init(struct tree_world *w, uint16_t suite, uint32_t count)
{
	CHECK_OK(crypto_init());
	*w = (struct tree_world){ .suite = crypto_suite_get(suite) };
	CHECK(w->suite != NULL);
	CHECK_OK(mls_tree_new(&w->tree, w->suite, TREE_WORLD_LEAVES));
	for (uint32_t i = 0; i < count; i++)
		(void)tree_world_add(w);
	for (uint32_t i = 0; i < count; i++)
		tree_world_path(w, i);
}

void tree_world_clear(struct tree_world *w)
{
	mls_tree_free(w->tree);
	for (size_t i = 0; i < TREE_WORLD_LEAVES; i++)
		crypto_key_free(w->signer[i]);
}

struct mls_leaf_rules tree_world_rules(const struct tree_world *w)
{
	return (struct mls_leaf_rules){ .suite = w->suite,
		.group_id = group_id };
}

enum kk_err tree_world_check(const struct mls_leaf_rules *rules,
    struct mls_tree *tree)
{
	struct crypto_checks *checks = NULL;
	enum kk_err err;

	CHECK_OK(crypto_checks_new(&checks));
	err = mls_tree_check(tree, rules, checks);
	if (!err)
		err = crypto_checks_run(checks);
	crypto_checks_free(checks);
	return err;
}
