/* group_forge.h - messages that the library would not make itself. */
#pragma once
#include "group_world.h"

/* The proposals of a commit, collected. */
struct group_forge {
	struct kk_writer proposals;
	size_t count;
};

void group_forge_init(struct group_forge *f);
void group_forge_clear(struct group_forge *f);
void group_forge_value(struct group_forge *f, const struct mls_proposal *p);
void group_forge_ref(struct group_forge *f, const struct group_member *m,
    struct kk_view public_proposal);

/*
 * Signs and tags a commit with these proposals as a true member would; its
 * path is one of form only.  sender is a member's leaf, or a joiner's.
 */
void group_forge_commit(const struct group_forge *f, struct group_member *m,
    bool has_path, struct kk_bytes *message);
void group_forge_external(const struct group_forge *f,
    const struct group_member *inside, struct group_member *joiner,
    bool has_path, struct kk_bytes *message);

/* Signs and tags any proposal in a member's name. */
void group_forge_proposal(struct group_member *m, const struct mls_proposal *p,
    struct kk_bytes *message);

/* Signs a proposal for a place in external_senders. */
void group_forge_external_proposal(const struct group_member *inside,
    struct crypto_key *signer, uint32_t index, const struct mls_proposal *p,
    struct kk_bytes *message);

/* A leaf of a member's, signed for its place; f complete but for signature. */
void group_forge_leaf(struct group_member *m, struct mls_leaf_fields *f,
    struct kk_bytes *raw);
