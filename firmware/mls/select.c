/* select.c - which kept proposals a commit of ours can take (RFC 9420, 12.2).
 */
#include "mls/group.h"

/* What an update or remove is about; false for other types. */
static bool stored_target(const struct mls_stored *s, uint32_t *leaf)
{
	if (s->proposal.type == MLS_PROPOSAL_UPDATE)
		*leaf = s->sender.index;
	else if (s->proposal.type == MLS_PROPOSAL_REMOVE)
		*leaf = s->proposal.remove;
	else
		return false;
	return true;
}

static bool spec_removes(const struct mls_commit_spec *spec, uint32_t leaf)
{
	for (size_t i = 0; i < spec->remove_count; i++) {
		if (spec->removes[i] == leaf)
			return true;
	}
	return false;
}

static bool is_removed_in_store(const struct mls_store *store, uint32_t leaf)
{
	for (size_t i = 0; i < store->count; i++) {
		if (store->at[i].proposal.type == MLS_PROPOSAL_REMOVE &&
		    store->at[i].proposal.remove == leaf)
			return true;
	}
	return false;
}

static bool same_add(const struct mls_proposal *a, const struct mls_proposal *b)
{
	return a->type == MLS_PROPOSAL_ADD && b->type == MLS_PROPOSAL_ADD &&
	    (kk_view_equal(a->add.leaf.signature_key,
		 b->add.leaf.signature_key) ||
		kk_view_equal(a->add.leaf.encryption_key,
		    b->add.leaf.encryption_key));
}

static bool same_psk(const struct mls_proposal *a, const struct mls_proposal *b)
{
	return a->type == MLS_PROPOSAL_PSK && b->type == MLS_PROPOSAL_PSK &&
	    kk_view_equal(a->psk.raw, b->psk.raw);
}

/* Does an earlier kept proposal stand in the way of s?  A remove goes before
 * any update of the same leaf, the first of two like ones before the second. */
static bool is_beaten(const struct mls_store *store, size_t index)
{
	const struct mls_stored *s = &store->at[index];
	uint32_t leaf, other;
	bool has_target = stored_target(s, &leaf);

	for (size_t i = 0; i < index; i++) {
		const struct mls_stored *before = &store->at[i];

		if (same_add(&before->proposal, &s->proposal) ||
		    same_psk(&before->proposal, &s->proposal))
			return true;
		if (before->proposal.type == s->proposal.type &&
		    s->proposal.type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS)
			return true;
		if (has_target && before->proposal.type == s->proposal.type &&
		    stored_target(before, &other) && other == leaf)
			return true;
	}
	return has_target && s->proposal.type == MLS_PROPOSAL_UPDATE &&
	    is_removed_in_store(store, leaf);
}

/* Is the leaf going out by this commit? */
static bool is_leaving(const struct mls_group *group,
    const struct mls_commit_spec *spec, uint32_t leaf)
{
	return spec_removes(spec, leaf) ||
	    is_removed_in_store(&group->store, leaf);
}

/* Does the newcomer bring a key that a member who stays has already? */
static bool add_is_double(const struct mls_group *group,
    const struct mls_commit_spec *spec, const struct mls_leaf_fields *f)
{
	const struct mls_tree *tree = group->now->tree;

	for (uint32_t i = 0; i < tree->width; i++) {
		const struct mls_leaf_fields *m = mls_tree_leaf(tree, i);

		if (!m || is_leaving(group, spec, i))
			continue;
		if (kk_view_equal(m->signature_key, f->signature_key) ||
		    kk_view_equal(m->encryption_key, f->encryption_key))
			return true;
	}
	return false;
}

static bool psk_is_possible(const struct mls_group *group,
    const struct mls_psk_id *id)
{
	if (id->type == MLS_PSK_RESUMPTION &&
	    id->usage != MLS_PSK_USAGE_APPLICATION &&
	    group->now->context.epoch != 0)
		return false;
	return mls_psk_is_known(group, id);
}

/* What no commit of ours could carry, so that one member's bad proposal does
 * not keep the others from committing. */
static bool is_possible(const struct mls_group *group,
    const struct mls_commit_spec *spec, const struct mls_proposal *p)
{
	switch (p->type) {
	case MLS_PROPOSAL_ADD:
		return !add_is_double(group, spec, &p->add.leaf);
	case MLS_PROPOSAL_PSK:
		return psk_is_possible(group, &p->psk);
	case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
		return mls_tree_check_support(group->now->tree,
			   p->extensions) == KK_OK;
	default:
		return true;
	}
}

bool mls_store_may_commit(const struct mls_group *group,
    const struct mls_commit_spec *spec, size_t index)
{
	const struct mls_store *store = &group->store;
	const struct mls_stored *s = &store->at[index];
	uint32_t leaf;

	if (spec->reinit)
		return false;
	/* A proposed reinit stands alone, or waits until it can. */
	if (s->proposal.type == MLS_PROPOSAL_REINIT)
		return store->count == 1 && spec->add_count == 0 &&
		    spec->remove_count == 0 && spec->psk_count == 0 &&
		    !spec->extensions;
	if (s->proposal.type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS &&
	    spec->extensions)
		return false;
	if (stored_target(s, &leaf) &&
	    (leaf == group->now->own_leaf || spec_removes(spec, leaf)))
		return false;
	return !is_beaten(store, index) &&
	    is_possible(group, spec, &s->proposal);
}
