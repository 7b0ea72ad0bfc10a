/*
 * mls_tree.c - ratchet trees: byte 0 says what is done with what was read, and
 * to which leaf.
 */
#include <stdlib.h>
#include <string.h>

#include "mls/treecheck.h"
#include "mls/treehash.h"

enum { SUITE = 2, LEAVES_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void check_written(const struct mls_tree *tree, struct kk_view in)
{
	struct kk_writer w;

	kk_writer_init(&w);
	mls_tree_write(&w, tree);
	must(!w.err && kk_view_equal(kk_writer_view(&w), in));
	kk_writer_clear(&w);
}

static void check_all(struct mls_tree *tree)
{
	const struct mls_leaf_rules rules = { .suite = tree->suite,
		.group_id = kk_view_text("fuzz") };
	struct crypto_checks *checks;

	if (crypto_checks_new(&checks))
		return;
	if (!mls_tree_check(tree, &rules, checks) &&
	    crypto_checks_count(checks) < 8 && !crypto_checks_run(checks))
		must(!crypto_checks_done(checks));
	crypto_checks_free(checks);
}

static void check_paths(const struct mls_tree *tree)
{
	for (uint32_t i = 0; i < tree->width; i++) {
		struct mls_path path;

		must(!mls_tree_filtered_path(tree, i, &path));
		for (unsigned int k = 0; k < path.count; k++) {
			struct mls_node_list list;

			if (mls_tree_resolution(tree, path.copath[k], &list))
				continue;
			must(list.count > 0);
			kk_free(list.at);
		}
	}
}

/* A change, and the hash that is kept against one computed anew. */
static void check_change(struct mls_tree *tree, uint8_t how)
{
	uint8_t kept[MLS_HASH_MAX_BYTES], fresh[MLS_HASH_MAX_BYTES];
	struct mls_tree *copy = NULL;
	struct kk_writer w;

	if (mls_tree_leaf(tree, how % tree->width) &&
	    mls_tree_member_count(tree) > 1)
		mls_tree_remove(tree, how % tree->width);
	must(!mls_tree_root_hash(tree, kept));
	kk_writer_init(&w);
	mls_tree_write(&w, tree);
	if (!mls_tree_read(&copy, tree->suite, LEAVES_MAX,
		kk_writer_view(&w))) {
		must(!mls_tree_root_hash(copy, fresh));
		if (copy->width == tree->width)
			must(!memcmp(kept, fresh, tree->suite->hash_bytes));
		mls_tree_free(copy);
	}
	kk_writer_clear(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	uint8_t hash[MLS_HASH_MAX_BYTES];
	struct mls_tree *tree = NULL;
	struct kk_view in;

	if (bytes < 1 || crypto_init())
		return 0;
	in = kk_view_of(data + 1, bytes - 1);
	if (mls_tree_read(&tree, crypto_suite_get(SUITE), LEAVES_MAX, in))
		return 0;
	check_written(tree, in);
	must(!mls_tree_root_hash(tree, hash));
	check_all(tree);
	check_paths(tree);
	check_change(tree, data[0]);
	mls_tree_free(tree);
	return 0;
}
