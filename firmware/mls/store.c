/* store.c - proposals kept for the next commit. */
#include "mls/group.h"

static void stored_clear(struct mls_stored *s)
{
	kk_bytes_clear(&s->raw);
	mls_private_unref(s->leaf_key);
	*s = (struct mls_stored){ 0 };
}

void mls_store_clear(struct mls_store *store)
{
	for (size_t i = 0; i < store->count; i++)
		stored_clear(&store->at[i]);
	kk_free(store->at);
	*store = (struct mls_store){ 0 };
}

static enum kk_err stored_fill(struct mls_stored *s,
    const struct crypto_suite *suite, uint16_t wire_format,
    const struct mls_content *content, const struct mls_auth *auth)
{
	struct mls_auth_content ac = { .wire_format = wire_format,
		.content = *content,
		.auth = *auth };
	struct kk_writer w;
	struct kk_reader r;
	enum kk_err err;

	kk_writer_init(&w);
	mls_auth_content_write(&w, &ac);
	err = kk_writer_take(&w, &s->raw);
	if (err)
		return err;
	kk_reader_init(&r, kk_bytes_view(&s->raw));
	mls_auth_content_read(&r, &ac);
	s->sender = ac.content.sender;
	s->proposal = ac.content.proposal;
	err = kk_reader_end(&r);
	if (err)
		return err;
	return crypto_ref_hash(suite, "MLS 1.0 Proposal Reference",
	    kk_bytes_view(&s->raw), s->ref.data);
}

static enum kk_err store_extend(struct mls_store *store, size_t limit)
{
	size_t room = store->room ? 2 * store->room : 1;
	struct mls_stored *at;

	if (store->count >= limit)
		return KK_ELIMIT;
	if (store->at && store->count < store->room)
		return KK_OK;
	at = kk_regrow(store->at, store->room, room, sizeof(*at));
	if (!at)
		return KK_ENOMEM;
	store->at = at;
	store->room = room;
	return KK_OK;
}

enum kk_err mls_store_add(struct mls_group *group, uint16_t wire_format,
    const struct mls_content *content, const struct mls_auth *auth,
    struct mls_private *leaf_key)
{
	const struct crypto_suite *suite = group->now->suite;
	struct mls_store *store = &group->store;
	struct mls_stored s = { 0 };
	enum kk_err err;

	err = stored_fill(&s, suite, wire_format, content, auth);
	if (!err &&
	    mls_store_find(store, suite, mls_secret_view(suite, &s.ref)))
		err = KK_EREPLAY;
	if (!err)
		err = store_extend(store,
		    group->client->config.limits.proposals);
	if (err) {
		stored_clear(&s);
		return err;
	}
	s.leaf_key = leaf_key ? mls_private_ref(leaf_key) : NULL;
	store->at[store->count++] = s;
	return KK_OK;
}

const struct mls_stored *mls_store_find(const struct mls_store *store,
    const struct crypto_suite *suite, struct kk_view ref)
{
	for (size_t i = 0; i < store->count; i++) {
		if (kk_view_equal(ref,
			mls_secret_view(suite, &store->at[i].ref)))
			return &store->at[i];
	}
	return NULL;
}

void mls_store_drop_last(struct mls_store *store)
{
	if (store->count > 0)
		stored_clear(&store->at[--store->count]);
}

size_t mls_group_proposal_count(const struct mls_group *group)
{
	return group->store.count;
}

enum kk_err mls_group_proposal(const struct mls_group *group, size_t index,
    struct mls_change *change)
{
	const struct mls_stored *s;

	*change = (struct mls_change){ 0 };
	if (index >= group->store.count)
		return KK_EINVAL;
	s = &group->store.at[index];
	change->type = s->proposal.type;
	change->proposer = s->sender;
	switch (s->proposal.type) {
	case MLS_PROPOSAL_ADD:
		change->member = &s->proposal.add.leaf;
		break;
	case MLS_PROPOSAL_UPDATE:
		change->leaf = s->sender.index;
		change->member = &s->proposal.update;
		break;
	case MLS_PROPOSAL_REMOVE:
		change->leaf = s->proposal.remove;
		change->member = mls_group_member(group, change->leaf);
		break;
	case MLS_PROPOSAL_PSK:
		change->psk = &s->proposal.psk;
		break;
	default:
		break;
	}
	return KK_OK;
}

enum kk_err mls_group_drop_proposal(struct mls_group *group, size_t index)
{
	struct mls_store *store = &group->store;

	if (index >= store->count)
		return KK_EINVAL;
	stored_clear(&store->at[index]);
	for (size_t i = index; i + 1 < store->count; i++)
		store->at[i] = store->at[i + 1];
	store->at[--store->count] = (struct mls_stored){ 0 };
	return KK_OK;
}

void mls_group_drop_proposals(struct mls_group *group)
{
	mls_store_clear(&group->store);
}
