/* treechange.c - the ratchet tree: changes, resolutions and paths. */
#include "mls/tree.h"
#include "mls/treechange.h"

/* A changed node changes the tree hash of each node above it, and its own. */
static void hashes_forget(struct mls_tree *tree, uint32_t node)
{
	uint32_t root = tm_root(tree->width);

	for (;;) {
		tree->slots[node].has_hash = false;
		if (node == root)
			return;
		node = tm_parent(node);
	}
}

void mls_tree_set_leaf(struct mls_tree *tree, uint32_t index,
    struct mls_leaf *leaf)
{
	mls_leaf_unref(tree->slots[2 * index].leaf);
	tree->slots[2 * index].leaf = leaf;
	hashes_forget(tree, 2 * index);
}

void mls_tree_set_parent(struct mls_tree *tree, uint32_t node,
    struct mls_parent *parent)
{
	mls_parent_unref(tree->slots[node].parent);
	tree->slots[node].parent = parent;
	hashes_forget(tree, node);
}

void mls_tree_blank_path(struct mls_tree *tree, uint32_t leaf)
{
	uint32_t root = tm_root(tree->width);
	uint32_t node = 2 * leaf;

	while (node != root) {
		node = tm_parent(node);
		mls_tree_set_parent(tree, node, NULL);
	}
}

void mls_tree_update(struct mls_tree *tree, uint32_t index,
    struct mls_leaf *leaf)
{
	mls_tree_set_leaf(tree, index, leaf);
	mls_tree_blank_path(tree, index);
}

static bool right_half_is_blank(const struct mls_tree *tree)
{
	for (uint32_t i = tree->width / 2; i < tree->width; i++) {
		if (tree->slots[2 * i].leaf)
			return false;
	}
	return true;
}

/* RFC 9420, 7.7: drops the right half as long as it has no leaf. */
static void tree_truncate(struct mls_tree *tree)
{
	while (tree->width > 1 && right_half_is_blank(tree)) {
		uint32_t keep = tm_node_count(tree->width / 2);

		for (uint32_t i = keep; i < tm_node_count(tree->width); i++) {
			mls_parent_unref(tree->slots[i].parent);
			tree->slots[i] = (struct mls_slot){ 0 };
		}
		tree->width /= 2;
	}
}

void mls_tree_remove(struct mls_tree *tree, uint32_t index)
{
	mls_tree_update(tree, index, NULL);
	tree_truncate(tree);
}

/* Puts a leaf into a parent's unmerged list, in order. */
static enum kk_err unmerged_insert(struct mls_tree *tree, uint32_t node,
    uint32_t leaf)
{
	const struct mls_parent *old = tree->slots[node].parent;
	struct mls_parent *parent;
	uint32_t *list, n = 0;
	enum kk_err err;

	list = kk_calloc(old->unmerged_count + 1, sizeof(*list));
	if (!list)
		return KK_ENOMEM;
	while (n < old->unmerged_count && old->unmerged[n] < leaf) {
		list[n] = old->unmerged[n];
		n++;
	}
	list[n] = leaf;
	for (; n < old->unmerged_count; n++)
		list[n + 1] = old->unmerged[n];
	err = mls_parent_new(&parent, old->encryption_key, old->parent_hash,
	    list, old->unmerged_count + 1);
	kk_free(list);
	if (!err)
		mls_tree_set_parent(tree, node, parent);
	return err;
}

static enum kk_err unmerged_insert_above(struct mls_tree *tree, uint32_t leaf)
{
	uint32_t root = tm_root(tree->width);
	uint32_t node = 2 * leaf;
	enum kk_err err;

	while (node != root) {
		node = tm_parent(node);
		if (!tree->slots[node].parent)
			continue;
		err = unmerged_insert(tree, node, leaf);
		if (err)
			return err;
	}
	return KK_OK;
}

enum kk_err mls_tree_add(struct mls_tree *tree, struct mls_leaf *leaf,
    uint32_t *index)
{
	uint32_t place = 0;
	enum kk_err err;

	while (place < tree->width && tree->slots[2 * place].leaf)
		place++;
	if (place == tree->width) {
		err = mls_tree_widen(tree);
		if (err)
			return err;
	}
	err = unmerged_insert_above(tree, place);
	if (err)
		return err;
	mls_tree_set_leaf(tree, place, leaf);
	*index = place;
	return KK_OK;
}

/* Appends the resolution of node (RFC 9420, 4.1.1); recursion is as deep as
 * the tree, at most MLS_PATH_MAX. */
static void resolution_append(const struct mls_tree *tree, uint32_t node,
    struct mls_node_list *list)
{
	const struct mls_slot *slot = &tree->slots[node];

	if (slot->leaf || slot->parent)
		list->at[list->count++] = node;
	if (slot->parent) {
		for (uint32_t i = 0; i < slot->parent->unmerged_count; i++)
			list->at[list->count++] = 2 * slot->parent->unmerged[i];
	} else if (!tm_is_leaf(node)) {
		resolution_append(tree, tm_left(node), list);
		resolution_append(tree, tm_right(node), list);
	}
}

/* How much room a resolution takes; unmerged lists of an unchecked tree may
 * be longer than there are leaves below, so it is counted, not computed. */
static size_t resolution_count(const struct mls_tree *tree, uint32_t node)
{
	const struct mls_slot *slot = &tree->slots[node];

	if (slot->parent)
		return 1 + (size_t)slot->parent->unmerged_count;
	if (slot->leaf)
		return 1;
	if (tm_is_leaf(node))
		return 0;
	return resolution_count(tree, tm_left(node)) +
	    resolution_count(tree, tm_right(node));
}

enum kk_err mls_tree_resolution(const struct mls_tree *tree, uint32_t node,
    struct mls_node_list *list)
{
	*list = (struct mls_node_list){ 0 };
	list->at = kk_calloc(resolution_count(tree, node), sizeof(*list->at));
	if (!list->at)
		return KK_ENOMEM;
	resolution_append(tree, node, list);
	return KK_OK;
}

bool mls_tree_has_resolution(const struct mls_tree *tree, uint32_t node)
{
	if (!mls_tree_is_blank(tree, node))
		return true;
	return !tm_is_leaf(node) &&
	    (mls_tree_has_resolution(tree, tm_left(node)) ||
		mls_tree_has_resolution(tree, tm_right(node)));
}

enum kk_err mls_tree_filtered_path(const struct mls_tree *tree, uint32_t leaf,
    struct mls_path *path)
{
	uint32_t node = 2 * leaf;

	*path = (struct mls_path){ 0 };
	if (leaf >= tree->width)
		return KK_EINVAL;
	while (node != tm_root(tree->width)) {
		uint32_t sibling = tm_sibling(node);

		node = tm_parent(node);
		if (!mls_tree_has_resolution(tree, sibling))
			continue;
		path->node[path->count] = node;
		path->copath[path->count] = sibling;
		path->count++;
	}
	return KK_OK;
}
