/* items.c - the proposals of a commit, references resolved (RFC 9420, 12.4). */
#include "mls/group.h"

void mls_items_clear(struct mls_items *items)
{
	for (size_t i = 0; i < items->count; i++)
		mls_leaf_unref(items->at[i].leaf_node);
	kk_free(items->at);
	*items = (struct mls_items){ 0 };
}

static enum kk_err item_from_store(struct mls_item *item,
    const struct mls_group *group, struct kk_view ref)
{
	const struct mls_stored *s = NULL;

	if (group)
		s = mls_store_find(&group->store, group->now->suite, ref);
	if (!s)
		return KK_ENOENT;
	item->p = s->proposal;
	item->proposer = s->sender;
	item->is_by_ref = true;
	item->leaf_key = s->leaf_key;
	return KK_OK;
}

static void items_read(struct mls_items *items, const struct mls_group *group,
    struct mls_sender committer, size_t count, struct kk_reader *r)
{
	while (items->count < count && kk_reader_more(r)) {
		struct mls_item *item = &items->at[items->count];
		struct mls_proposal_or_ref p;
		enum kk_err err = KK_OK;

		mls_proposal_or_ref_read(r, &p);
		if (r->err)
			return;
		item->p = p.proposal;
		item->proposer = committer;
		if (p.is_ref)
			err = item_from_store(item, group, p.ref);
		if (err) {
			kk_reader_fail(r, err);
			return;
		}
		items->count++;
	}
}

enum kk_err mls_items_resolve(struct mls_items *items,
    const struct mls_group *group, const struct mls_commit *commit,
    struct mls_sender committer)
{
	struct kk_reader r;
	enum kk_err err;

	*items = (struct mls_items){ 0 };
	items->at = kk_calloc(commit->proposal_count, sizeof(*items->at));
	if (!items->at)
		return KK_ENOMEM;
	kk_reader_init(&r, commit->proposals);
	items_read(items, group, committer, commit->proposal_count, &r);
	err = kk_reader_end(&r);
	if (err)
		mls_items_clear(items);
	return err;
}

enum kk_err mls_items_own(struct mls_items *items, struct kk_bytes *texts)
{
	struct kk_writer w;
	struct kk_reader r;
	enum kk_err err;

	kk_writer_init(&w);
	for (size_t i = 0; i < items->count; i++)
		kk_write_raw(&w, items->at[i].p.raw);
	err = kk_writer_take(&w, texts);
	if (err)
		return err;
	kk_reader_init(&r, kk_bytes_view(texts));
	for (size_t i = 0; i < items->count; i++)
		mls_proposal_read(&r, &items->at[i].p);
	return kk_reader_end(&r);
}
