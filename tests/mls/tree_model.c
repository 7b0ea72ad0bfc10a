/* tree_model.c - the ratchet tree in its plainest form, to compare with. */
#include "tree_model.h"

#include <string.h>

/* The array place of a subtree's head: RFC 9420, appendix C. */
uint32_t tree_model_node(uint32_t first, uint32_t size)
{
	return 2 * first + size - 1;
}

static void blank(struct tree_model *m, uint32_t node)
{
	m->parent[node] = false;
	memset(m->unmerged[node], 0, sizeof(m->unmerged[node]));
}

static void blank_above(struct tree_model *m, uint32_t leaf)
{
	for (uint32_t size = 2; size <= m->width; size *= 2)
		blank(m, tree_model_node(leaf / size * size, size));
}

uint32_t tree_model_add(struct tree_model *m)
{
	uint32_t leaf = 0;

	while (leaf < m->width && m->leaf[leaf])
		leaf++;
	if (leaf == m->width)
		m->width = m->width ? 2 * m->width : 1;
	for (uint32_t size = 2; size <= m->width; size *= 2) {
		uint32_t node = tree_model_node(leaf / size * size, size);

		if (m->parent[node])
			m->unmerged[node][leaf] = true;
	}
	m->leaf[leaf] = true;
	return leaf;
}

void tree_model_update(struct tree_model *m, uint32_t leaf)
{
	blank_above(m, leaf);
}

static bool has_leaf(const struct tree_model *m, uint32_t from, uint32_t end)
{
	for (uint32_t i = from; i < end; i++) {
		if (m->leaf[i])
			return true;
	}
	return false;
}

void tree_model_remove(struct tree_model *m, uint32_t leaf)
{
	m->leaf[leaf] = false;
	blank_above(m, leaf);
	while (m->width > 1 && !has_leaf(m, m->width / 2, m->width)) {
		for (uint32_t n = m->width - 1; n < 2 * m->width - 1; n++)
			blank(m, n);
		m->width /= 2;
	}
}

void tree_model_resolution(const struct tree_model *m, uint32_t first,
    uint32_t size, struct tree_model_list *list)
{
	uint32_t node = tree_model_node(first, size);

	if (size == 1) {
		if (m->leaf[first])
			list->at[list->count++] = node;
	} else if (m->parent[node]) {
		list->at[list->count++] = node;
		for (uint32_t i = 0; i < MODEL_LEAVES; i++) {
			if (m->unmerged[node][i])
				list->at[list->count++] = 2 * i;
		}
	} else {
		tree_model_resolution(m, first, size / 2, list);
		tree_model_resolution(m, first + size / 2, size / 2, list);
	}
}

void tree_model_filtered_path(const struct tree_model *m, uint32_t leaf,
    struct mls_path *path)
{
	*path = (struct mls_path){ 0 };
	for (uint32_t size = 2; size <= m->width; size *= 2) {
		uint32_t half = size / 2;
		uint32_t first = leaf / size * size;
		uint32_t other = leaf / half * half == first ? first + half :
							       first;
		struct tree_model_list list = { 0 };

		tree_model_resolution(m, other, half, &list);
		if (list.count == 0)
			continue;
		path->node[path->count] = tree_model_node(first, size);
		path->copath[path->count] = tree_model_node(other, half);
		path->count++;
	}
}

void tree_model_set_path(struct tree_model *m, uint32_t leaf)
{
	struct mls_path path;

	tree_model_filtered_path(m, leaf, &path);
	blank_above(m, leaf);
	for (unsigned int i = 0; i < path.count; i++)
		m->parent[path.node[i]] = true;
}
