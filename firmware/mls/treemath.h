/*
 * treemath.h - the array form of a perfect binary tree (RFC 9420, appendix C).
 *
 * width is the number of leaves, a power of two up to MLS_LEAVES_MAX.  Leaf i
 * is node 2 i; odd nodes are parents.  Callers keep node below
 * tm_node_count(width).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

uint32_t tm_node_count(uint32_t width); /* 0 for width 0 */
uint32_t tm_root(uint32_t width);
bool tm_is_leaf(uint32_t node);
unsigned int tm_level(uint32_t node);
uint32_t tm_left(uint32_t node); /* of a parent */
uint32_t tm_right(uint32_t node); /* of a parent */
uint32_t tm_parent(uint32_t node); /* of any node but the root */
uint32_t tm_sibling(uint32_t node); /* of any node but the root */

/* Is node the ancestor of leaf-or-node below, or the same node? */
bool tm_is_in_subtree(uint32_t node, uint32_t below);

/* The lowest node that has both under it. */
uint32_t tm_common_ancestor(uint32_t a, uint32_t b);

/* First and last+1 leaf index (not node index) under a node. */
uint32_t tm_first_leaf(uint32_t node);
uint32_t tm_end_leaf(uint32_t node);
