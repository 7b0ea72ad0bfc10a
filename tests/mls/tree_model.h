/* tree_model.h - the ratchet tree in its plainest form, to compare with. */
#pragma once
#include "mls/tree.h"

enum { MODEL_LEAVES = 64, MODEL_NODES = 2 * MODEL_LEAVES };

/* A node is named by its place in the array; unmerged leaves are flags. */
struct tree_model {
	uint32_t width;
	bool leaf[MODEL_LEAVES];
	bool parent[MODEL_NODES];
	bool unmerged[MODEL_NODES][MODEL_LEAVES];
};

struct tree_model_list {
	size_t count;
	uint32_t at[MODEL_NODES + MODEL_LEAVES];
};

uint32_t tree_model_add(struct tree_model *m); /* the place */
void tree_model_update(struct tree_model *m, uint32_t leaf);
void tree_model_remove(struct tree_model *m, uint32_t leaf);
void tree_model_set_path(struct tree_model *m, uint32_t leaf);

/* Of the node over size leaves from first on. */
void tree_model_resolution(const struct tree_model *m, uint32_t first,
    uint32_t size, struct tree_model_list *list);
void tree_model_filtered_path(const struct tree_model *m, uint32_t leaf,
    struct mls_path *path);
uint32_t tree_model_node(uint32_t first, uint32_t size);
