/*
 * treemath.c - a perfect binary tree as an array.
 *
 * A node on level k has k trailing ones.  Its subtree is the run of 2^k - 1
 * nodes on either side of it.  Source: RFC 9420, appendix C.
 */
#include "mls/treemath.h"

uint32_t tm_node_count(uint32_t width)
{
	return width ? 2 * width - 1 : 0;
}

uint32_t tm_root(uint32_t width)
{
	return width - 1; /* half of the nodes but one stand before it */
}

bool tm_is_leaf(uint32_t node)
{
	return !(node & 1);
}

unsigned int tm_level(uint32_t node)
{
	unsigned int level = 0;

	while (node >> level & 1)
		level++;
	return level;
}

/* How far the subtree reaches on either side of its node. */
static uint32_t subtree_reach(uint32_t node)
{
	return (UINT32_C(1) << tm_level(node)) - 1;
}

uint32_t tm_left(uint32_t node)
{
	return node - (subtree_reach(node) + 1) / 2;
}

uint32_t tm_right(uint32_t node)
{
	return node + (subtree_reach(node) + 1) / 2;
}

uint32_t tm_parent(uint32_t node)
{
	uint32_t step = subtree_reach(node) + 1;

	/* The bit above the level tells which child a node is. */
	return node & step << 1 ? node - step : node + step;
}

uint32_t tm_sibling(uint32_t node)
{
	uint32_t parent = tm_parent(node);

	return node < parent ? tm_right(parent) : tm_left(parent);
}

bool tm_is_in_subtree(uint32_t node, uint32_t below)
{
	uint32_t apart = below > node ? below - node : node - below;

	return apart <= subtree_reach(node);
}

uint32_t tm_common_ancestor(uint32_t a, uint32_t b)
{
	while (!tm_is_in_subtree(a, b))
		a = tm_parent(a);
	return a;
}

uint32_t tm_first_leaf(uint32_t node)
{
	return (node - subtree_reach(node)) / 2;
}

uint32_t tm_end_leaf(uint32_t node)
{
	return (node + subtree_reach(node)) / 2 + 1;
}
