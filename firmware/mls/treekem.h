/*
 * treekem.h - update paths: one member gives fresh keys to its whole direct
 * path and a fresh secret to everybody (RFC 9420, 7.4-7.6, 7.9.1).
 *
 * tree is the one of the new epoch with the commit's proposals applied; on an
 * error it may be half changed and is dropped by the caller.
 */
#pragma once
#include "mls/keyring.h"
#include "mls/proposal.h"

struct mls_path_secrets { /* wiped by who holds it */
	struct mls_secret at[MLS_PATH_MAX]; /* one for each node of the path */
	struct mls_secret commit;
};

struct mls_leaf_list { /* leaves that a path must not be encrypted to */
	const uint32_t *at;
	size_t count;
};

/* Signs a leaf and makes it: f is complete but for the signature (7.2). */
MUST_CHECK enum kk_err mls_leaf_sign(struct mls_leaf **leafp,
    struct mls_leaf_fields *f, struct kk_view group_id, uint32_t index,
    struct crypto_key *signer);

/*
 * Makes a new path for leaf: puts fresh keys into tree, the private ones into
 * ring, and signs the new leaf.  like gives credential, signature key,
 * capabilities and extensions of the new leaf.
 */
MUST_CHECK enum kk_err mls_treekem_create(struct mls_tree *tree, uint32_t leaf,
    const struct mls_leaf_fields *like, struct kk_view group_id,
    struct crypto_key *signer, struct mls_keyring *ring, struct mls_path *path,
    struct mls_path_secrets *secrets);

/* Encrypts the secrets of a path made here; nodes receives the inside of the
 * vector of UpdatePathNode.  context is the encoded provisional GroupContext.
 */
MUST_CHECK enum kk_err mls_treekem_encrypt(const struct mls_tree *tree,
    const struct mls_path *path, const struct mls_path_secrets *secrets,
    struct kk_view context, struct mls_leaf_list without,
    struct kk_bytes *nodes);

/* Puts the public half of a received path into tree.  Errors: KK_EFORMAT wrong
 * number of nodes or key lengths, KK_EAUTH the leaf's parent hash is wrong. */
MUST_CHECK enum kk_err mls_treekem_merge(struct mls_tree *tree, uint32_t leaf,
    const struct mls_update_path *up, struct mls_path *path);

/*
 * Opens our copy of a received path's secret and derives everything above it:
 * private keys into ring, the commit secret into *commit.
 * Errors: KK_ENOKEY no copy for us, KK_EFORMAT wrong number of copies, KK_EAUTH
 * a copy does not open or its keys are not those in the path.
 */
MUST_CHECK enum kk_err mls_treekem_decrypt(const struct mls_tree *tree,
    const struct mls_path *path, const struct mls_update_path *up,
    uint32_t own_leaf, struct kk_view context, struct mls_leaf_list without,
    struct mls_keyring *ring, struct mls_secret *commit);

/* The same from a path secret that came in a Welcome: signer is who made the
 * path, the secret belongs to the lowest node above both (RFC 9420, 12.4.3.1).
 */
MUST_CHECK enum kk_err mls_treekem_join(const struct mls_tree *tree,
    uint32_t signer, uint32_t own_leaf, struct kk_view path_secret,
    struct mls_keyring *ring);
