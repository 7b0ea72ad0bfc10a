/* tree.c - the ratchet tree: making, reading and asking. */
#include "mls/tree.h"
#include "mls/treechange.h"

#include <string.h>

enum { NODE_LEAF = 1, NODE_PARENT = 2 }; /* RFC 9420, 7.8 */

static uint32_t power_of_two_above(uint32_t n)
{
	uint32_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

enum kk_err mls_tree_new(struct mls_tree **treep,
    const struct crypto_suite *suite, uint32_t max_leaves)
{
	struct mls_tree *tree;

	if (max_leaves == 0 || max_leaves > MLS_LEAVES_MAX)
		return KK_EINVAL;
	tree = kk_calloc(1, sizeof(*tree));
	if (!tree)
		return KK_ENOMEM;
	tree->suite = suite;
	tree->max_width = power_of_two_above(max_leaves);
	*treep = tree;
	return KK_OK;
}

static void slots_ref(struct mls_slot *slots, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (slots[i].leaf)
			slots[i].leaf->refs++;
		if (slots[i].parent)
			slots[i].parent->refs++;
	}
}

enum kk_err mls_tree_clone(struct mls_tree **treep, const struct mls_tree *from)
{
	uint32_t count = tm_node_count(from->width);
	struct mls_tree *tree = kk_calloc(1, sizeof(*tree));

	if (!tree)
		return KK_ENOMEM;
	*tree = *from;
	tree->slots = kk_calloc(count, sizeof(*tree->slots));
	if (!tree->slots) {
		kk_free(tree);
		return KK_ENOMEM;
	}
	if (count > 0)
		memcpy(tree->slots, from->slots, count * sizeof(*tree->slots));
	slots_ref(tree->slots, count);
	*treep = tree;
	return KK_OK;
}

void mls_tree_free(struct mls_tree *tree)
{
	if (!tree)
		return;
	for (uint32_t i = 0; i < tm_node_count(tree->width); i++) {
		mls_leaf_unref(tree->slots[i].leaf);
		mls_parent_unref(tree->slots[i].parent);
	}
	kk_free(tree->slots);
	kk_free(tree);
}

enum kk_err mls_parent_new(struct mls_parent **parentp,
    struct kk_view encryption_key, struct kk_view parent_hash,
    const uint32_t *unmerged, uint32_t unmerged_count)
{
	size_t list_bytes = unmerged_count * sizeof(*unmerged);
	struct mls_parent *parent;
	uint8_t *tail;

	parent = kk_calloc(1,
	    sizeof(*parent) + list_bytes + encryption_key.bytes +
		parent_hash.bytes);
	if (!parent)
		return KK_ENOMEM;
	tail = (uint8_t *)(parent + 1);
	if (list_bytes > 0)
		memcpy(tail, unmerged, list_bytes);
	parent->refs = 1;
	parent->unmerged = (const uint32_t *)(void *)tail;
	parent->unmerged_count = unmerged_count;
	tail += list_bytes;
	parent->encryption_key = kk_view_of(tail, encryption_key.bytes);
	if (encryption_key.bytes > 0)
		memcpy(tail, encryption_key.data, encryption_key.bytes);
	tail += encryption_key.bytes;
	parent->parent_hash = kk_view_of(tail, parent_hash.bytes);
	if (parent_hash.bytes > 0)
		memcpy(tail, parent_hash.data, parent_hash.bytes);
	*parentp = parent;
	return KK_OK;
}

void mls_parent_unref(struct mls_parent *parent)
{
	if (parent && --parent->refs == 0)
		kk_free(parent);
}

void mls_parent_write(struct kk_writer *w, const struct mls_parent *parent)
{
	size_t at;

	kk_write_vec(w, parent->encryption_key);
	kk_write_vec(w, parent->parent_hash);
	at = kk_write_vec_begin(w);
	for (uint32_t i = 0; i < parent->unmerged_count; i++)
		kk_write_u32(w, parent->unmerged[i]);
	kk_write_vec_end(w, at);
}

/* The list stands sorted on the wire: RFC 9420, 7.1. */
static void unmerged_read(struct kk_reader *r, uint32_t *list, uint32_t *count)
{
	struct kk_reader sub = kk_read_sub(r);

	*count = 0;
	while (kk_reader_more(&sub)) {
		uint32_t leaf = kk_read_u32(&sub);

		if (sub.err)
			break;
		if (leaf >= MLS_LEAVES_MAX ||
		    (*count > 0 && leaf <= list[*count - 1])) {
			kk_reader_fail(&sub, KK_EFORMAT);
			break;
		}
		list[(*count)++] = leaf;
	}
	kk_read_sub_end(r, &sub);
}

static void parent_read(struct kk_reader *r, struct mls_parent **parentp)
{
	struct kk_view key = kk_read_vec(r);
	struct kk_view hash = kk_read_vec(r);
	struct kk_reader peek = *r;
	uint32_t *list, count;
	enum kk_err err;

	/* Strictly ascending, so the room is bounded by what is left. */
	list = kk_calloc(kk_read_vec(&peek).bytes / 4 + 1, sizeof(*list));
	if (!list) {
		kk_reader_fail(r, KK_ENOMEM);
		return;
	}
	unmerged_read(r, list, &count);
	if (!r->err) {
		err = mls_parent_new(parentp, key, hash, list, count);
		if (err)
			kk_reader_fail(r, err);
	}
	kk_free(list);
}

static void leaf_read(struct kk_reader *r, struct mls_leaf **leafp)
{
	struct mls_leaf_fields f;
	enum kk_err err;

	mls_leaf_read(r, &f);
	if (r->err)
		return;
	err = mls_leaf_new(leafp, f.raw);
	if (err)
		kk_reader_fail(r, err);
}

static void slot_read(struct kk_reader *r, struct mls_slot *slot, bool is_leaf)
{
	uint8_t type;

	if (!kk_read_present(r))
		return;
	type = kk_read_u8(r);
	if (type != (is_leaf ? NODE_LEAF : NODE_PARENT))
		kk_reader_fail(r, KK_EFORMAT);
	else if (is_leaf)
		leaf_read(r, &slot->leaf);
	else
		parent_read(r, &slot->parent);
}

/* Makes the tree twice as wide: old slots stay where they are. */
static enum kk_err tree_grow(struct mls_tree *tree, uint32_t width)
{
	uint32_t old_count = tm_node_count(tree->width);
	struct mls_slot *slots;

	if (width > tree->max_width)
		return KK_ELIMIT;
	slots = kk_regrow(tree->slots, old_count, tm_node_count(width),
	    sizeof(*slots));
	if (!slots)
		return KK_ENOMEM;
	tree->slots = slots;
	tree->width = width;
	return KK_OK;
}

/* Unmerged leaves stand below their parent, so that walks stay inside. */
static bool unmerged_are_below(const struct mls_tree *tree)
{
	for (uint32_t n = 1; n < tm_node_count(tree->width); n += 2) {
		const struct mls_parent *p = tree->slots[n].parent;

		for (uint32_t i = 0; p && i < p->unmerged_count; i++) {
			if (p->unmerged[i] < tm_first_leaf(n) ||
			    p->unmerged[i] >= tm_end_leaf(n))
				return false;
		}
	}
	return true;
}

static enum kk_err tree_read_slots(struct mls_tree *tree, struct kk_view in)
{
	struct kk_reader outer, r;
	enum kk_err err = KK_OK;
	uint32_t node = 0;

	kk_reader_init(&outer, in);
	r = kk_read_sub(&outer);
	while (!err && kk_reader_more(&r)) {
		if (node >= tm_node_count(tree->width))
			err = tree_grow(tree,
			    tree->width ? 2 * tree->width : 1);
		if (err)
			break;
		slot_read(&r, &tree->slots[node], tm_is_leaf(node));
		node++;
	}
	if (err)
		return err;
	kk_read_sub_end(&outer, &r);
	err = kk_reader_end(&outer);
	if (err)
		return err;
	/* RFC 9420, 12.4.3.3: the last node is not blank. */
	if (node == 0 || mls_tree_is_blank(tree, node - 1))
		return KK_EFORMAT;
	/* An even count ends in a parent, whose right leaves would be blank. */
	if (node % 2 == 0)
		return KK_EFORMAT;
	return unmerged_are_below(tree) ? KK_OK : KK_EFORMAT;
}

enum kk_err mls_tree_read(struct mls_tree **treep,
    const struct crypto_suite *suite, uint32_t max_leaves, struct kk_view in)
{
	struct mls_tree *tree;
	enum kk_err err = mls_tree_new(&tree, suite, max_leaves);

	if (err)
		return err;
	err = tree_read_slots(tree, in);
	if (err) {
		mls_tree_free(tree);
		return err;
	}
	*treep = tree;
	return KK_OK;
}

void mls_tree_write(struct kk_writer *w, const struct mls_tree *tree)
{
	uint32_t count = tm_node_count(tree->width);
	size_t at = kk_write_vec_begin(w);

	while (count > 0 && mls_tree_is_blank(tree, count - 1))
		count--;
	for (uint32_t i = 0; i < count; i++) {
		kk_write_u8(w, !mls_tree_is_blank(tree, i));
		if (mls_tree_is_blank(tree, i))
			continue;
		kk_write_u8(w, tm_is_leaf(i) ? NODE_LEAF : NODE_PARENT);
		if (tm_is_leaf(i))
			kk_write_raw(w, tree->slots[i].leaf->f.raw);
		else
			mls_parent_write(w, tree->slots[i].parent);
	}
	kk_write_vec_end(w, at);
}

const struct mls_leaf_fields *mls_tree_leaf(const struct mls_tree *tree,
    uint32_t leaf)
{
	if (leaf >= tree->width || !tree->slots[2 * leaf].leaf)
		return NULL;
	return &tree->slots[2 * leaf].leaf->f;
}

const struct mls_parent *mls_tree_parent(const struct mls_tree *tree,
    uint32_t node)
{
	if (node >= tm_node_count(tree->width))
		return NULL;
	return tree->slots[node].parent;
}

bool mls_tree_is_blank(const struct mls_tree *tree, uint32_t node)
{
	return !tree->slots[node].leaf && !tree->slots[node].parent;
}

struct kk_view mls_tree_public(const struct mls_tree *tree, uint32_t node)
{
	const struct mls_slot *slot = &tree->slots[node];

	if (slot->leaf)
		return slot->leaf->f.encryption_key;
	if (slot->parent)
		return slot->parent->encryption_key;
	return (struct kk_view){ 0 };
}

uint32_t mls_tree_member_count(const struct mls_tree *tree)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < tree->width; i++)
		count += tree->slots[2 * i].leaf != NULL;
	return count;
}

enum kk_err mls_tree_widen(struct mls_tree *tree)
{
	return tree_grow(tree, tree->width ? 2 * tree->width : 1);
}
