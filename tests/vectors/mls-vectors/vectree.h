/* vectree.h - what the kinds with ratchet trees share. */
#pragma once
#include "mls/tree.h"
#include "vec.h"

/* NULL fails the case; released by the caller. */
struct mls_tree *vec_tree_read(struct vec *v, struct kk_view encoded);
struct kk_view vec_tree_encode(struct vec *v, const struct mls_tree *tree);

/* The member equals the hash of the whole tree. */
bool vec_tree_hash_is(struct vec *v, struct mls_tree *tree,
    const struct json *c, const char *key);

/* The signature alone; fails the case otherwise. */
bool vec_leaf_signature_is_valid(struct vec *v,
    const struct mls_leaf_fields *leaf, struct kk_view group_id,
    uint32_t index);
