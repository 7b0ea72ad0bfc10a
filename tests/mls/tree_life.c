/* tree_life.c - random changes of the tree against the model of it. */
#include <string.h>

#include "harness/tap.h"
#include "life_random.h"
#include "mls/treehash.h"
#include "mls/treekem.h"
#include "tree_model.h"

/* A leaf that nobody signed: the tree does not look. */
static struct mls_leaf *leaf_new(void)
{
	uint8_t key[65], numbers[2] = { 0, 1 };
	struct mls_leaf_fields f = {
		.encryption_key = { key, sizeof(key) },
		.signature_key = { key, sizeof(key) },
		.credential = { .type = MLS_CREDENTIAL_BASIC },
		.capabilities = { .versions = { { numbers, 2 } } },
		.source = MLS_LEAF_UPDATE,
	};
	struct mls_leaf *leaf = NULL;
	struct kk_writer w;

	CHECK_OK(crypto_random(key, sizeof(key)));
	kk_writer_init(&w);
	mls_leaf_write(&w, &f);
	CHECK_OK(mls_leaf_new(&leaf, kk_writer_view(&w)));
	kk_writer_clear(&w);
	return leaf;
}

static struct mls_parent *parent_new(void)
{
	struct mls_parent *parent = NULL;
	uint8_t key[65];

	CHECK_OK(crypto_random(key, sizeof(key)));
	CHECK_OK(mls_parent_new(&parent, kk_view_of(key, sizeof(key)),
	    kk_view_of(key, 32), NULL, 0));
	return parent;
}

static void set_path(struct mls_tree *tree, uint32_t leaf)
{
	struct mls_path path;

	CHECK_OK(mls_tree_filtered_path(tree, leaf, &path));
	mls_tree_blank_path(tree, leaf);
	for (unsigned int i = 0; i < path.count; i++)
		mls_tree_set_parent(tree, path.node[i], parent_new());
	mls_tree_set_leaf(tree, leaf, leaf_new());
}

static void check_node(const struct mls_tree *tree, const struct tree_model *m,
    uint32_t first, uint32_t size)
{
	uint32_t node = tree_model_node(first, size);
	struct tree_model_list want = { 0 };
	struct mls_node_list got;

	CHECK_EQ(mls_tree_is_blank(tree, node),
	    size == 1 ? !m->leaf[first] : !m->parent[node]);
	tree_model_resolution(m, first, size, &want);
	CHECK_OK(mls_tree_resolution(tree, node, &got));
	CHECK_EQ(got.count, want.count);
	CHECK_MEM(got.at, want.at, want.count * sizeof(*want.at));
	kk_free(got.at);
}

static void check_paths(const struct mls_tree *tree, const struct tree_model *m)
{
	for (uint32_t i = 0; i < m->width; i++) {
		struct mls_path want, got;

		tree_model_filtered_path(m, i, &want);
		CHECK_OK(mls_tree_filtered_path(tree, i, &got));
		CHECK_EQ(got.count, want.count);
		CHECK_MEM(got.node, want.node, got.count * sizeof(*got.node));
		CHECK_MEM(got.copath, want.copath,
		    got.count * sizeof(*got.copath));
	}
}

static void check_shape(const struct mls_tree *tree, const struct tree_model *m)
{
	uint32_t members = 0;

	CHECK_EQ(tree->width, m->width);
	for (uint32_t size = 1; size <= m->width; size *= 2) {
		for (uint32_t at = 0; at < m->width; at += size)
			check_node(tree, m, at, size);
	}
	for (uint32_t i = 0; i < m->width; i++)
		members += m->leaf[i];
	CHECK_EQ(mls_tree_member_count(tree), members);
	check_paths(tree, m);
}

/* A tree that was read from its encoding has computed nothing yet. */
static void check_hash(struct mls_tree *tree)
{
	uint8_t kept[MLS_HASH_MAX_BYTES], fresh[MLS_HASH_MAX_BYTES];
	struct kk_writer w, again;
	struct mls_tree *copy;

	kk_writer_init(&w);
	kk_writer_init(&again);
	mls_tree_write(&w, tree);
	CHECK_OK(mls_tree_read(&copy, tree->suite, MODEL_LEAVES,
	    kk_writer_view(&w)));
	mls_tree_write(&again, copy);
	CHECK(kk_view_equal(kk_writer_view(&w), kk_writer_view(&again)));
	CHECK_OK(mls_tree_root_hash(tree, kept));
	CHECK_OK(mls_tree_root_hash(copy, fresh));
	CHECK_MEM(kept, fresh, tree->suite->hash_bytes);
	kk_writer_clear(&w);
	kk_writer_clear(&again);
	mls_tree_free(copy);
}

static uint32_t some_leaf(const struct tree_model *m, struct life_random *r)
{
	uint32_t leaf;

	do
		leaf = life_random_below(r, m->width);
	while (!m->leaf[leaf]);
	return leaf;
}

static void change(struct mls_tree *tree, struct tree_model *m,
    struct life_random *r)
{
	uint32_t members = mls_tree_member_count(tree);
	uint32_t choice = life_random_below(r, 8);
	uint32_t leaf, place;

	if (members < 2 || (choice < 3 && members < MODEL_LEAVES)) {
		place = tree_model_add(m);
		CHECK_OK(mls_tree_add(tree, leaf_new(), &leaf));
		CHECK_EQ(leaf, place);
		return;
	}
	leaf = some_leaf(m, r);
	if (choice < 5) {
		tree_model_remove(m, leaf);
		mls_tree_remove(tree, leaf);
	} else if (choice < 6) {
		tree_model_update(m, leaf);
		mls_tree_update(tree, leaf, leaf_new());
	} else {
		tree_model_set_path(m, leaf);
		set_path(tree, leaf);
	}
}

/* Changes of one clone must not be seen in the other. */
static void change_clone(struct mls_tree **treep, struct tree_model *m,
    struct life_random *r)
{
	struct mls_tree *clone = NULL;
	struct kk_writer before, after;
	uint8_t hash[MLS_HASH_MAX_BYTES], again[MLS_HASH_MAX_BYTES];

	kk_writer_init(&before);
	kk_writer_init(&after);
	mls_tree_write(&before, *treep);
	CHECK_OK(mls_tree_root_hash(*treep, hash));
	CHECK_OK(mls_tree_clone(&clone, *treep));
	change(clone, m, r);
	mls_tree_write(&after, *treep);
	CHECK(kk_view_equal(kk_writer_view(&before), kk_writer_view(&after)));
	CHECK_OK(mls_tree_root_hash(*treep, again));
	CHECK_MEM(hash, again, (*treep)->suite->hash_bytes);
	kk_writer_clear(&before);
	kk_writer_clear(&after);
	mls_tree_free(*treep);
	*treep = clone;
}

TEST(tree_stays_as_its_model_through_random_changes)
{
	struct life_random r = life_random_new(20261121);
	const uint64_t steps = life_setting("KK_STEPS", 400);
	struct tree_model m = { 0 };
	struct mls_tree *tree = NULL;
	struct mls_leaf *leaf = leaf_new();
	uint32_t at;

	CHECK_OK(crypto_init());
	CHECK_OK(mls_tree_new(&tree, crypto_suite_get(2), MODEL_LEAVES));
	CHECK_OK(mls_tree_add(tree, leaf, &at));
	CHECK_EQ(at, tree_model_add(&m));
	for (uint64_t i = 0; i < steps; i++) {
		if (i % 4 == 0)
			change_clone(&tree, &m, &r);
		else
			change(tree, &m, &r);
		check_shape(tree, &m);
		check_hash(tree);
	}
	mls_tree_free(tree);
}

TEST(tree_refuses_a_leaf_beyond_its_limit_and_stays)
{
	struct mls_leaf *extra = leaf_new();
	struct mls_tree *tree = NULL;
	uint32_t at;

	CHECK_OK(mls_tree_new(&tree, crypto_suite_get(2), 5)); /* means 8 */
	for (uint32_t i = 0; i < 8; i++) {
		CHECK_OK(mls_tree_add(tree, leaf_new(), &at));
		CHECK_EQ(at, i);
	}
	CHECK_ERR(mls_tree_add(tree, extra, &at), KK_ELIMIT);
	CHECK_EQ(tree->width, 8);
	mls_tree_remove(tree, 3);
	CHECK_OK(mls_tree_add(tree, extra, &at));
	CHECK_EQ(at, 3);
	mls_tree_free(tree);
}
