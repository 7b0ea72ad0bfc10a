/* tree_refuse.c - a tree with anything wrong in it is refused. */
#include <string.h>

#include "harness/tap.h"
#include "tree_world.h"

/* Members with paths, then one gone, and two who are unmerged. */
static void world_with_unmerged(struct tree_world *w)
{
	tree_world_init(w, 2, 9);
	tree_world_remove(w, 5);
	tree_world_path(w, 6);
	CHECK_EQ(tree_world_add(w), 5);
	CHECK_EQ(tree_world_add(w), 9);
	tree_world_path(w, 0);
	CHECK_EQ(tree_world_add(w), 10);
}

/* Checks a clone in which one parent is another. */
static enum kk_err try_parent(const struct tree_world *w, uint32_t node,
    struct kk_view key, struct kk_view hash, const uint32_t *unmerged,
    uint32_t count)
{
	struct mls_parent *parent = NULL;
	struct mls_tree *tree = NULL;
	enum kk_err err;

	CHECK_OK(mls_tree_clone(&tree, w->tree));
	CHECK_OK(mls_parent_new(&parent, key, hash, unmerged, count));
	mls_tree_set_parent(tree, node, parent);
	err = mls_tree_check_parents(tree);
	mls_tree_free(tree);
	return err;
}

static void check_key_and_hash(const struct tree_world *w, uint32_t node)
{
	const struct mls_parent *p = mls_tree_parent(w->tree, node);
	struct kk_bytes key, hash;

	CHECK_OK(try_parent(w, node, p->encryption_key, p->parent_hash,
	    p->unmerged, p->unmerged_count));
	CHECK_OK(kk_bytes_copy(&key, p->encryption_key));
	CHECK_OK(kk_bytes_copy(&hash, p->parent_hash));
	key.data[key.bytes - 1] ^= 1;
	CHECK_ERR(try_parent(w, node, kk_bytes_view(&key), p->parent_hash,
		      p->unmerged, p->unmerged_count),
	    KK_EAUTH);
	CHECK_FAIL(try_parent(w, node, kk_view_of(key.data, key.bytes - 1),
	    p->parent_hash, p->unmerged, p->unmerged_count));
	if (hash.bytes > 0)
		hash.data[0] ^= 0x80;
	else
		CHECK_OK(kk_bytes_copy(&hash, kk_view_of(key.data, 32)));
	CHECK_ERR(try_parent(w, node, p->encryption_key, kk_bytes_view(&hash),
		      p->unmerged, p->unmerged_count),
	    KK_EAUTH);
	kk_bytes_clear(&key);
	kk_bytes_clear(&hash);
}

/* Each leaf in turn is put into the list, or taken out of it. */
static void check_unmerged(const struct tree_world *w, uint32_t node)
{
	const struct mls_parent *p = mls_tree_parent(w->tree, node);

	for (uint32_t leaf = 0; leaf < w->tree->width; leaf++) {
		uint32_t list[TREE_WORLD_LEAVES + 1], count = 0, i = 0;
		bool was = false;

		for (; i < p->unmerged_count && p->unmerged[i] < leaf; i++)
			list[count++] = p->unmerged[i];
		was = i < p->unmerged_count && p->unmerged[i] == leaf;
		if (was)
			i++;
		else
			list[count++] = leaf;
		for (; i < p->unmerged_count; i++)
			list[count++] = p->unmerged[i];
		CHECK_FAIL(try_parent(w, node, p->encryption_key,
		    p->parent_hash, list, count));
	}
}

static void for_each_parent(const struct tree_world *w,
    void (*check)(const struct tree_world *w, uint32_t node))
{
	unsigned int parents = 0;

	for (uint32_t n = 1; n < tm_node_count(w->tree->width); n += 2) {
		if (!mls_tree_parent(w->tree, n))
			continue;
		check(w, n);
		parents++;
	}
	CHECK(parents >= 4);
}

TEST(tree_check_accepts_a_true_tree_with_unmerged_leaves)
{
	struct mls_leaf_rules rules;
	struct tree_world w;

	world_with_unmerged(&w);
	rules = tree_world_rules(&w);
	CHECK_OK(tree_world_check(&rules, w.tree));
	CHECK(mls_tree_parent(w.tree, tm_root(16))->unmerged_count == 1);
	tree_world_clear(&w);
}

TEST(tree_check_refuses_another_key_or_hash_in_any_parent)
{
	struct tree_world w;

	world_with_unmerged(&w);
	for_each_parent(&w, check_key_and_hash);
	tree_world_clear(&w);
}

TEST(tree_check_refuses_a_wrong_unmerged_list_in_any_parent)
{
	struct tree_world w;

	world_with_unmerged(&w);
	for_each_parent(&w, check_unmerged);
	tree_world_clear(&w);
}

/* Puts a freshly signed leaf with these fields into a clone and checks it. */
static enum kk_err try_leaf_rules(struct tree_world *w, uint32_t leaf,
    const struct mls_leaf_fields *f, const struct mls_leaf_rules *rules)
{
	struct mls_tree *tree = NULL;
	enum kk_err err;

	CHECK_OK(mls_tree_clone(&tree, w->tree));
	mls_tree_update(tree, leaf, tree_world_leaf(w, leaf, f));
	err = tree_world_check(rules, tree);
	mls_tree_free(tree);
	return err;
}

static enum kk_err try_leaf(struct tree_world *w, uint32_t leaf,
    const struct mls_leaf_fields *f)
{
	const struct mls_leaf_rules rules = tree_world_rules(w);

	return try_leaf_rules(w, leaf, f, &rules);
}

TEST(tree_check_refuses_a_leaf_without_what_it_must_support)
{
	static const uint8_t other[] = { 0, 9 };
	const struct kk_view wrong = { other, 2 };
	struct mls_leaf_fields f;
	struct tree_world w;

	tree_world_init(&w, 2, 4);
	f = tree_world_fields(&w);
	CHECK_OK(try_leaf(&w, 1, &f));
	f.capabilities.versions.raw = wrong;
	CHECK_ERR(try_leaf(&w, 1, &f), KK_EUNSUP);
	f = tree_world_fields(&w);
	f.capabilities.suites.raw = wrong;
	CHECK_ERR(try_leaf(&w, 1, &f), KK_EUNSUP);
	f = tree_world_fields(&w);
	f.capabilities.credentials.raw = wrong;
	CHECK_ERR(try_leaf(&w, 1, &f), KK_EUNSUP);
	f = tree_world_fields(&w);
	f.extensions = kk_view_of((const uint8_t[]){ 0xf0, 1, 0 }, 3);
	CHECK_ERR(try_leaf(&w, 1, &f), KK_EUNSUP);
	f.capabilities.extensions.raw = (struct kk_view){ f.extensions.data,
		2 };
	CHECK_OK(try_leaf(&w, 1, &f));
	tree_world_clear(&w);
}

TEST(tree_check_refuses_members_without_the_groups_requirements)
{
	static const uint8_t needs_extension[] = { 0, 3, 5, 2, 0xf0, 1, 0, 0 };
	static const uint8_t needs_proposal[] = { 0, 3, 5, 0, 2, 0xf0, 1, 0 };
	static const uint8_t needs_credential[] = { 0, 3, 5, 0, 0, 2, 0xf0, 1 };
	static const uint8_t has_extension[] = { 0xf0, 1, 0 };
	static const uint8_t *const bad[] = { needs_extension, needs_proposal,
		needs_credential };
	struct mls_leaf_rules rules;
	struct tree_world w;

	tree_world_init(&w, 2, 3);
	rules = tree_world_rules(&w);
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		rules.extensions = kk_view_of(bad[i], 8);
		CHECK_ERR(tree_world_check(&rules, w.tree), KK_EUNSUP);
	}
	rules.extensions = kk_view_of(has_extension, 3);
	CHECK_ERR(tree_world_check(&rules, w.tree), KK_EUNSUP);
	rules.extensions = kk_view_of((const uint8_t[]){ 0, 3, 3, 0, 0, 0 }, 6);
	CHECK_OK(tree_world_check(&rules, w.tree));
	tree_world_clear(&w);
}

TEST(tree_check_refuses_a_credential_that_somebody_cannot_read)
{
	static const uint8_t basic_only[] = { 0, 1 }, x509_only[] = { 0, 2 };
	struct mls_leaf_fields f;
	struct tree_world w;

	tree_world_init(&w, 2, 3);
	f = tree_world_fields(&w);
	f.credential = (struct mls_credential){ .type = MLS_CREDENTIAL_X509 };
	CHECK_OK(try_leaf(&w, 1, &f));
	f.capabilities.credentials.raw = kk_view_of(x509_only, 2);
	CHECK_ERR(try_leaf(&w, 1, &f), KK_EUNSUP); /* the others are basic */
	f = tree_world_fields(&w);
	f.capabilities.credentials.raw = kk_view_of(basic_only, 2);
	CHECK_OK(try_leaf(&w, 1, &f));
	tree_world_clear(&w);
}

TEST(tree_check_refuses_a_lifetime_that_is_over_or_to_come)
{
	struct mls_leaf_rules rules;
	struct mls_leaf_fields f;
	struct tree_world w;

	tree_world_init(&w, 2, 3);
	rules = tree_world_rules(&w);
	f = tree_world_fields(&w);
	f.source = MLS_LEAF_KEY_PACKAGE;
	f.not_before_s = 1000;
	f.not_after_s = 2000;
	CHECK_OK(try_leaf_rules(&w, 1, &f, &rules)); /* no clock */
	rules.now_s = 1000;
	CHECK_OK(try_leaf_rules(&w, 1, &f, &rules));
	rules.now_s = 2000;
	CHECK_OK(try_leaf_rules(&w, 1, &f, &rules));
	rules.now_s = 999;
	CHECK_ERR(try_leaf_rules(&w, 1, &f, &rules), KK_EEXPIRED);
	rules.now_s = 2001;
	CHECK_ERR(try_leaf_rules(&w, 1, &f, &rules), KK_EEXPIRED);
	tree_world_clear(&w);
}

TEST(tree_check_refuses_a_leaf_signed_for_another_place_or_group)
{
	struct mls_leaf_rules rules;
	struct mls_leaf_fields f;
	struct mls_tree *tree = NULL;
	struct tree_world w;

	tree_world_init(&w, 2, 4);
	rules = tree_world_rules(&w);
	f = tree_world_fields(&w);
	CHECK_OK(mls_tree_clone(&tree, w.tree));
	mls_tree_update(tree, 2, NULL);
	mls_tree_update(tree, 3, tree_world_leaf(&w, 2, &f));
	CHECK_ERR(tree_world_check(&rules, tree), KK_EVERIFY);
	mls_tree_free(tree);
	rules.group_id = kk_view_text("h");
	CHECK_ERR(tree_world_check(&rules, w.tree), KK_EVERIFY);
	tree_world_clear(&w);
}

TEST(tree_check_refuses_a_key_that_stands_twice)
{
	const struct mls_leaf_fields *first;
	struct mls_leaf_rules rules;
	struct mls_leaf_fields f;
	struct mls_leaf *leaf = NULL;
	struct tree_world w;

	tree_world_init(&w, 2, 4);
	rules = tree_world_rules(&w);
	first = mls_tree_leaf(w.tree, 0);
	f = tree_world_fields(&w);
	f.encryption_key = first->encryption_key;
	f.signature_key = crypto_key_public(w.signer[2]);
	CHECK_OK(mls_leaf_sign(&leaf, &f, rules.group_id, 2, w.signer[2]));
	mls_tree_update(w.tree, 2, leaf);
	CHECK_ERR(tree_world_check(&rules, w.tree), KK_EEXIST);
	crypto_key_free(w.signer[2]);
	CHECK_OK(crypto_sig_key_import(&w.signer[2], w.suite->sig,
	    kk_view_of((const uint8_t[32]){ [31] = 1 }, 32)));
	f = tree_world_fields(&w);
	mls_tree_update(w.tree, 2, tree_world_leaf(&w, 2, &f));
	CHECK_OK(tree_world_check(&rules, w.tree));
	crypto_key_free(w.signer[1]);
	CHECK_OK(crypto_sig_key_import(&w.signer[1], w.suite->sig,
	    kk_view_of((const uint8_t[32]){ [31] = 1 }, 32)));
	mls_tree_update(w.tree, 1, tree_world_leaf(&w, 1, &f));
	CHECK_ERR(tree_world_check(&rules, w.tree), KK_EEXIST);
	tree_world_clear(&w);
}

static enum kk_err tree_try(struct kk_view in, uint32_t max_leaves)
{
	struct mls_tree *tree = NULL;
	enum kk_err err;

	err = mls_tree_read(&tree, crypto_suite_get(2), max_leaves, in);
	if (!err)
		mls_tree_free(tree);
	return err;
}

TEST(tree_reading_refuses_each_form_that_no_writer_makes)
{
	static const uint8_t blank_only[] = { 1, 0 };
	static const uint8_t present[] = { 1, 2 };
	static const uint8_t parent_first[] = { 6, 1, 2, 1, 9, 0, 0 };
	struct tree_world w;
	struct kk_writer out;

	tree_world_init(&w, 2, 6);
	kk_writer_init(&out);
	mls_tree_write(&out, w.tree);
	CHECK_OK(tree_try(kk_writer_view(&out), 8));
	CHECK_OK(tree_try(kk_writer_view(&out), 5)); /* rounded up to 8 */
	CHECK_ERR(tree_try(kk_writer_view(&out), 4), KK_ELIMIT);
	for (size_t n = 0; n < out.bytes; n++)
		CHECK_ERR(tree_try(kk_view_of(out.data, n), 8), KK_ETRUNC);
	kk_write_u8(&out, 0);
	CHECK_ERR(tree_try(kk_writer_view(&out), 8), KK_ETRAIL);
	CHECK_ERR(tree_try(kk_view_of("", 1), 8), KK_EFORMAT);
	CHECK_ERR(tree_try(kk_view_of(blank_only, 2), 8), KK_EFORMAT);
	CHECK_ERR(tree_try(kk_view_of(present, 2), 8), KK_EFORMAT);
	CHECK_ERR(tree_try(kk_view_of(parent_first, 7), 8), KK_EFORMAT);
	kk_writer_clear(&out);
	tree_world_clear(&w);
}

TEST(tree_check_refuses_every_flipped_byte_of_a_true_tree)
{
	struct mls_leaf_rules rules;
	struct tree_world w;
	struct kk_writer out;

	tree_world_init(&w, 2, 5);
	rules = tree_world_rules(&w);
	kk_writer_init(&out);
	mls_tree_write(&out, w.tree);
	for (size_t i = 0; i < out.bytes; i += 3) {
		struct mls_tree *tree = NULL;
		enum kk_err err;

		out.data[i] ^= 0x11;
		err = mls_tree_read(&tree, w.suite, 8, kk_writer_view(&out));
		if (!err) {
			CHECK_FAIL(tree_world_check(&rules, tree));
			mls_tree_free(tree);
		}
		out.data[i] ^= 0x11;
	}
	kk_writer_clear(&out);
	tree_world_clear(&w);
}
