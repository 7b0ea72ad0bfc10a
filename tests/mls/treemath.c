/* treemath.c - the array form against trees built by recursion. */
#include "mls/treemath.h"

#include <string.h>

#include "harness/tap.h"
#include "mls/types.h"

enum { WIDTH_MAX = 1024, NODES_MAX = 2 * WIDTH_MAX - 1, NONE = UINT16_MAX };

/* A tree as RFC 9420, 4.1.1 defines it: no index is computed, they are dealt
 * out from left to right. */
struct model_node {
	uint32_t left, right, parent;
	unsigned int level;
	uint32_t first_leaf, end_leaf;
};

struct model {
	uint32_t count;
	uint32_t root;
	struct model_node nodes[NODES_MAX];
};

static uint32_t model_build(struct model *m, uint32_t width)
{
	uint32_t left, node, right;

	if (width == 1) {
		node = m->count++;
		m->nodes[node] = (struct model_node){ NONE, NONE, NONE, 0,
			node / 2, node / 2 + 1 };
		return node;
	}
	left = model_build(m, width / 2);
	node = m->count++;
	right = model_build(m, width / 2);
	m->nodes[node] = (struct model_node){ left, right, NONE,
		m->nodes[left].level + 1, m->nodes[left].first_leaf,
		m->nodes[right].end_leaf };
	m->nodes[left].parent = node;
	m->nodes[right].parent = node;
	return node;
}

static void model_init(struct model *m, uint32_t width)
{
	m->count = 0;
	m->root = model_build(m, width);
}

static uint32_t model_sibling(const struct model *m, uint32_t node)
{
	const struct model_node *parent = &m->nodes[m->nodes[node].parent];

	return parent->left == node ? parent->right : parent->left;
}

static bool model_is_in(const struct model *m, uint32_t node, uint32_t below)
{
	while (below != node && below != m->root)
		below = m->nodes[below].parent;
	return below == node;
}

static uint32_t model_common(const struct model *m, uint32_t a, uint32_t b)
{
	while (!model_is_in(m, a, b))
		a = m->nodes[a].parent;
	return a;
}

static void check_node(const struct model *m, uint32_t node)
{
	const struct model_node *want = &m->nodes[node];

	CHECK_EQ(tm_is_leaf(node), want->left == NONE);
	CHECK_EQ(tm_level(node), want->level);
	CHECK_EQ(tm_first_leaf(node), want->first_leaf);
	CHECK_EQ(tm_end_leaf(node), want->end_leaf);
	if (want->left != NONE) {
		CHECK_EQ(tm_left(node), want->left);
		CHECK_EQ(tm_right(node), want->right);
	}
	if (node != m->root) {
		CHECK_EQ(tm_parent(node), want->parent);
		CHECK_EQ(tm_sibling(node), model_sibling(m, node));
	}
}

TEST(tree_math_agrees_with_a_tree_built_by_recursion)
{
	static struct model m;

	for (uint32_t width = 1; width <= WIDTH_MAX; width *= 2) {
		model_init(&m, width);
		CHECK_EQ(tm_node_count(width), m.count);
		CHECK_EQ(tm_root(width), m.root);
		for (uint32_t node = 0; node < m.count; node++)
			check_node(&m, node);
	}
}

TEST(subtrees_and_common_ancestors_agree_for_every_pair)
{
	static struct model m;

	for (uint32_t width = 1; width <= 64; width *= 2) {
		model_init(&m, width);
		for (uint32_t a = 0; a < m.count; a++) {
			for (uint32_t b = 0; b < m.count; b++) {
				CHECK_EQ(tm_is_in_subtree(a, b),
				    model_is_in(&m, a, b));
				CHECK_EQ(tm_common_ancestor(a, b),
				    model_common(&m, a, b));
			}
		}
	}
}

TEST(subtrees_of_a_wide_tree_agree_for_every_leaf)
{
	static struct model m;

	model_init(&m, WIDTH_MAX);
	for (uint32_t node = 0; node < m.count; node++) {
		for (uint32_t leaf = 0; leaf < WIDTH_MAX; leaf++)
			CHECK_EQ(tm_is_in_subtree(node, 2 * leaf),
			    leaf >= m.nodes[node].first_leaf &&
				leaf < m.nodes[node].end_leaf);
	}
}

TEST(tree_math_holds_at_the_hard_bound)
{
	const uint32_t last = 2 * (MLS_LEAVES_MAX - 1);

	CHECK_EQ(tm_node_count(0), 0);
	CHECK_EQ(tm_node_count(MLS_LEAVES_MAX), last + 1);
	CHECK_EQ(tm_root(MLS_LEAVES_MAX), MLS_LEAVES_MAX - 1);
	CHECK_EQ(tm_common_ancestor(0, last), tm_root(MLS_LEAVES_MAX));
	CHECK_EQ(tm_end_leaf(tm_root(MLS_LEAVES_MAX)), MLS_LEAVES_MAX);
	CHECK_EQ(tm_parent(last), last - 1);
	CHECK_EQ(tm_sibling(last), last - 2);
}
