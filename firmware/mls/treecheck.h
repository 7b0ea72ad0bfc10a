/*
 * treecheck.h - is a leaf, is a whole tree acceptable? (RFC 9420, 7.3, 7.9.2,
 * 12.4.3.1).  Signature checks are only collected: the verdict stands once the
 * batch is done.
 */
#pragma once
#include "crypto/checks.h"
#include "mls/tree.h"

/* What a leaf must fit into. */
struct mls_leaf_rules {
	const struct crypto_suite *suite;
	struct kk_view group_id;
	struct kk_view extensions; /* of the group context */
	int64_t now_s; /* 0: lifetimes are not checked */
};

/*
 * A leaf by itself: key lengths and points, own credential and extensions among
 * its capabilities, the suite and the required capabilities supported,
 * lifetime, signature.  index is its place; for a key package it does not
 * matter. Errors: KK_EFORMAT, KK_EUNSUP, KK_EEXPIRED, KK_ENOMEM, KK_ELIMIT.
 */
MUST_CHECK enum kk_err mls_leaf_check(const struct mls_leaf_fields *f,
    const struct mls_leaf_rules *rules, uint32_t index,
    struct crypto_checks *checks);

/* Does the leaf support every extension of a list: its own, or those of the
 * group context (13.4)? */
bool mls_leaf_supports_all(const struct mls_leaf_fields *f,
    struct kk_view extensions);

/* Does the leaf support what a required_capabilities extension lists? */
bool mls_leaf_has_required(const struct mls_leaf_fields *f,
    const struct mls_required_capabilities *need);

/*
 * What the leaves of a tree owe each other: keys that stand once, credentials
 * that all support, every group context extension and required capability
 * supported by all. Errors: KK_EEXIST a key stands twice, KK_EUNSUP.
 */
MUST_CHECK enum kk_err mls_tree_check_members(const struct mls_tree *tree,
    struct kk_view context_extensions);

/* The second half of it: would these extensions suit all members? */
MUST_CHECK enum kk_err mls_tree_check_support(const struct mls_tree *tree,
    struct kk_view context_extensions);

/* Parent hashes and unmerged leaves of every parent.  Errors: KK_EAUTH a parent
 * hash does not fit, KK_EFORMAT unmerged leaves do not. */
MUST_CHECK enum kk_err mls_tree_check_parents(struct mls_tree *tree);

/* A whole tree received from outside: all of the above. */
MUST_CHECK enum kk_err mls_tree_check(struct mls_tree *tree,
    const struct mls_leaf_rules *rules, struct crypto_checks *checks);
