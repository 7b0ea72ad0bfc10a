/* treechange.h - what the two halves of the ratchet tree share. */
#pragma once
#include "mls/tree.h"

/* Doubles the width; the new half is blank.  Errors: KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err mls_tree_widen(struct mls_tree *tree);

/* Is there any node in the resolution? */
bool mls_tree_has_resolution(const struct mls_tree *tree, uint32_t node);
