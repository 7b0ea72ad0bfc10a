/* treecheck.c - is a whole tree acceptable? (RFC 9420, 7.9.2, 12.4.3.1) */
#include "mls/treecheck.h"

#include <stdlib.h>

#include "mls/treehash.h"

static int view_order(const void *a, const void *b)
{
	return kk_view_compare(*(const struct kk_view *)a,
	    *(const struct kk_view *)b);
}

static enum kk_err views_are_distinct(struct kk_view *views, size_t count)
{
	qsort(views, count, sizeof(*views), view_order);
	for (size_t i = 1; i < count; i++) {
		if (kk_view_equal(views[i - 1], views[i]))
			return KK_EEXIST;
	}
	return KK_OK;
}

static enum kk_err encryption_keys_check(const struct mls_tree *tree,
    struct kk_view *room)
{
	size_t count = 0;

	for (uint32_t n = 0; n < tm_node_count(tree->width); n++) {
		if (!mls_tree_is_blank(tree, n))
			room[count++] = mls_tree_public(tree, n);
	}
	return views_are_distinct(room, count);
}

static enum kk_err signature_keys_check(const struct mls_tree *tree,
    struct kk_view *room)
{
	size_t count = 0;

	for (uint32_t i = 0; i < tree->width; i++) {
		const struct mls_leaf_fields *f = mls_tree_leaf(tree, i);

		if (f)
			room[count++] = f->signature_key;
	}
	return views_are_distinct(room, count);
}

/* The credential types in use, at most the two that can be read. */
static void credential_types(const struct mls_tree *tree, bool *basic,
    bool *x509)
{
	*basic = *x509 = false;
	for (uint32_t i = 0; i < tree->width; i++) {
		const struct mls_leaf_fields *f = mls_tree_leaf(tree, i);

		*basic |= f && f->credential.type == MLS_CREDENTIAL_BASIC;
		*x509 |= f && f->credential.type == MLS_CREDENTIAL_X509;
	}
}

enum kk_err mls_tree_check_support(const struct mls_tree *tree,
    struct kk_view extensions)
{
	struct mls_required_capabilities need;
	bool basic, x509;
	enum kk_err err = mls_required_capabilities_get(extensions, &need);

	if (err)
		return err;
	credential_types(tree, &basic, &x509);
	for (uint32_t i = 0; i < tree->width; i++) {
		const struct mls_leaf_fields *f = mls_tree_leaf(tree, i);

		if (!f)
			continue;
		if (basic &&
		    !mls_leaf_supports_credential(f, MLS_CREDENTIAL_BASIC))
			return KK_EUNSUP;
		if (x509 &&
		    !mls_leaf_supports_credential(f, MLS_CREDENTIAL_X509))
			return KK_EUNSUP;
		if (!mls_leaf_supports_all(f, extensions) ||
		    !mls_leaf_has_required(f, &need))
			return KK_EUNSUP;
	}
	return KK_OK;
}

enum kk_err mls_tree_check_members(const struct mls_tree *tree,
    struct kk_view context_extensions)
{
	struct kk_view *room;
	enum kk_err err;

	room = kk_calloc(tm_node_count(tree->width), sizeof(*room));
	if (!room)
		return KK_ENOMEM;
	err = encryption_keys_check(tree, room);
	if (!err)
		err = signature_keys_check(tree, room);
	kk_free(room);
	return err ? err : mls_tree_check_support(tree, context_extensions);
}

static bool list_has(const struct mls_parent *parent, uint32_t leaf)
{
	for (uint32_t i = 0; i < parent->unmerged_count; i++) {
		if (parent->unmerged[i] == leaf)
			return true;
	}
	return false;
}

/* An unmerged leaf exists, and is unmerged in each parent on the way down. */
static bool unmerged_leaf_fits(const struct mls_tree *tree, uint32_t node,
    uint32_t leaf)
{
	uint32_t n = 2 * leaf;

	if (leaf >= tree->width || !tree->slots[n].leaf ||
	    !tm_is_in_subtree(node, n))
		return false;
	for (n = tm_parent(n); n != node; n = tm_parent(n)) {
		const struct mls_parent *parent = tree->slots[n].parent;

		if (parent && !list_has(parent, leaf))
			return false;
	}
	return true;
}

static enum kk_err unmerged_check(const struct mls_tree *tree, uint32_t node)
{
	const struct mls_parent *parent = tree->slots[node].parent;

	for (uint32_t i = 0; i < parent->unmerged_count; i++) {
		if (!unmerged_leaf_fits(tree, node, parent->unmerged[i]))
			return KK_EFORMAT;
	}
	return KK_OK;
}

static uint32_t unmerged_below(const struct mls_parent *parent, uint32_t node)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < parent->unmerged_count; i++)
		count += tm_is_in_subtree(node, 2 * parent->unmerged[i]);
	return count;
}

static struct kk_view node_parent_hash(const struct mls_tree *tree,
    uint32_t node)
{
	if (tm_is_leaf(node))
		return tree->slots[node].leaf->f.parent_hash;
	return tree->slots[node].parent->parent_hash;
}

/*
 * The one node of child's resolution that is not unmerged in parent: it was
 * there when parent was set.  MLS_NO_LEAF when there are more, or none.
 */
static enum kk_err sole_descendant(const struct mls_tree *tree, uint32_t parent,
    uint32_t child, int64_t *found)
{
	const struct mls_parent *p = tree->slots[parent].parent;
	struct mls_node_list res;
	size_t merged = 0;
	enum kk_err err;

	*found = MLS_NO_LEAF;
	err = mls_tree_resolution(tree, child, &res);
	if (err)
		return err;
	for (size_t i = 0; i < res.count; i++) {
		if (tm_is_leaf(res.at[i]) && list_has(p, res.at[i] / 2))
			continue;
		*found = res.at[i];
		merged++;
	}
	if (merged != 1 || res.count - 1 != unmerged_below(p, child))
		*found = MLS_NO_LEAF;
	kk_free(res.at);
	return KK_OK;
}

static enum kk_err parent_hash_fits(struct mls_tree *tree, uint32_t parent,
    uint32_t child, uint32_t sibling, bool *fits)
{
	uint8_t hash[MLS_HASH_MAX_BYTES];
	int64_t below;
	enum kk_err err;

	*fits = false;
	err = sole_descendant(tree, parent, child, &below);
	if (err || below == MLS_NO_LEAF)
		return err;
	err = mls_tree_parent_hash(tree, parent, sibling, hash);
	if (err)
		return err;
	*fits = kk_view_equal(node_parent_hash(tree, (uint32_t)below),
	    kk_view_of(hash, tree->suite->hash_bytes));
	return KK_OK;
}

static enum kk_err parent_check(struct mls_tree *tree, uint32_t node)
{
	uint32_t left = tm_left(node), right = tm_right(node);
	enum kk_err err = unmerged_check(tree, node);
	bool fits = false;

	if (!err &&
	    tree->slots[node].parent->encryption_key.bytes !=
		tree->suite->kem_public_bytes)
		err = KK_EFORMAT;
	if (!err)
		err = parent_hash_fits(tree, node, left, right, &fits);
	if (!err && !fits)
		err = parent_hash_fits(tree, node, right, left, &fits);
	if (err)
		return err;
	return fits ? KK_OK : KK_EAUTH;
}

enum kk_err mls_tree_check_parents(struct mls_tree *tree)
{
	for (uint32_t n = 1; n < tm_node_count(tree->width); n += 2) {
		enum kk_err err;

		if (!tree->slots[n].parent)
			continue;
		err = parent_check(tree, n);
		if (err)
			return err;
	}
	return KK_OK;
}

enum kk_err mls_tree_check(struct mls_tree *tree,
    const struct mls_leaf_rules *rules, struct crypto_checks *checks)
{
	enum kk_err err = mls_tree_check_parents(tree);

	if (!err)
		err = mls_tree_check_members(tree, rules->extensions);
	for (uint32_t i = 0; !err && i < tree->width; i++) {
		const struct mls_leaf_fields *f = mls_tree_leaf(tree, i);

		if (f)
			err = mls_leaf_check(f, rules, i, checks);
	}
	return err;
}
