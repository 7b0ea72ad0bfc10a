/* tree_world.h - a true tree: signed leaves, real paths, parent hashes. */
#pragma once
#include "mls/treecheck.h"
#include "mls/treekem.h"

enum { TREE_WORLD_LEAVES = 16 };

struct tree_world {
	const struct crypto_suite *suite;
	struct mls_tree *tree;
	struct crypto_key *signer[TREE_WORLD_LEAVES];
};

/* count members, each of whom made a path. */
void tree_world_init(struct tree_world *w, uint16_t suite, uint32_t count);
void tree_world_clear(struct tree_world *w);

uint32_t tree_world_add(struct tree_world *w); /* without a path */
void tree_world_remove(struct tree_world *w, uint32_t leaf);
void tree_world_path(struct tree_world *w, uint32_t leaf);

/* The rules that such a tree obeys, and all its checks, signatures too. */
struct mls_leaf_rules tree_world_rules(const struct tree_world *w);
enum kk_err tree_world_check(const struct mls_leaf_rules *rules,
    struct mls_tree *tree);

/* A leaf signed for its place, with the fields given but for keys. */
struct mls_leaf *tree_world_leaf(struct tree_world *w, uint32_t index,
    const struct mls_leaf_fields *like);
struct mls_leaf_fields tree_world_fields(const struct tree_world *w);
