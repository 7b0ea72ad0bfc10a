/* stage.c - what sent and received commits have in common (RFC 9420, 12.4). */
#include "mls/group.h"

void mls_stage_clear(struct mls_stage *stage)
{
	mls_staged_free(stage->staged);
	mls_epoch_free(stage->next);
	kk_free(stage->applied.added);
	kk_wipe(stage, sizeof(*stage));
}

/* Keys of updates that we proposed and this commit contains. */
static enum kk_err own_updates_take(const struct mls_items *items,
    struct mls_epoch *next)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; !err && i < items->count; i++) {
		const struct mls_item *item = &items->at[i];

		if (item->p.type == MLS_PROPOSAL_UPDATE && item->leaf_key &&
		    item->leaf == next->own_leaf)
			err = mls_keyring_share(&next->ring, 2 * item->leaf,
			    item->leaf_key);
	}
	return err;
}

static enum kk_err reinit_take(const struct mls_items *items,
    struct mls_epoch *next)
{
	if (items->count != 1 || items->at[0].p.type != MLS_PROPOSAL_REINIT)
		return KK_OK;
	return kk_bytes_copy(&next->reinit, items->at[0].p.raw);
}

static enum kk_err next_epoch_new(struct mls_stage *stage)
{
	enum kk_err err = mls_epoch_new(&stage->next, stage->base->suite);

	if (err)
		return err;
	stage->next->own_leaf = stage->base->own_leaf;
	mls_keyring_copy(&stage->next->ring, &stage->base->ring);
	return mls_tree_clone(&stage->next->tree, stage->base->tree);
}

enum kk_err mls_stage_begin(struct mls_stage *stage,
    const struct mls_client *client, const struct mls_group *group,
    const struct mls_epoch *base, const struct mls_commit *commit,
    struct mls_sender committer, bool has_path, int64_t now_s)
{
	struct mls_staged *staged;
	enum kk_err err;

	*stage = (struct mls_stage){ .group = group,
		.base = base,
		.now_s = now_s,
		.init = base->secrets.init };
	if (commit->proposal_count > client->config.limits.proposals)
		return KK_ELIMIT;
	err = mls_staged_new(&stage->staged, client, base);
	if (err)
		return err;
	staged = stage->staged;
	staged->committer = committer;
	err = mls_items_resolve(&staged->items, group, commit, committer);
	if (!err)
		err = mls_items_check(&staged->items, base, committer,
		    has_path);
	if (!err)
		err = next_epoch_new(stage);
	if (!err)
		err = mls_items_apply(&staged->items, client, base,
		    stage->next->tree, now_s, staged->checks, &stage->applied);
	if (err)
		return err;
	staged->removes_us = stage->applied.removes_us;
	if (staged->removes_us)
		return KK_OK;
	err = own_updates_take(&staged->items, stage->next);
	if (!err)
		err = reinit_take(&staged->items, stage->next);
	if (!err)
		err = mls_items_psk_secret(&staged->items, group, client,
		    base->suite, &stage->psk);
	return err;
}

enum kk_err mls_stage_context(struct mls_stage *stage)
{
	const struct mls_context *old = &stage->base->context;
	struct mls_secret tree_hash;
	struct mls_context c = *old;
	enum kk_err err;

	err = mls_tree_root_hash(stage->next->tree, tree_hash.data);
	if (err)
		return err;
	c.epoch = old->epoch + 1;
	c.tree_hash = mls_secret_view(stage->base->suite, &tree_hash);
	c.extensions = stage->applied.extensions;
	return mls_epoch_set_context(stage->next, &c);
}

/* The confirmed hash of the commit into the new context (8.2). */
static enum kk_err confirmed_set(struct mls_stage *stage, uint16_t wire_format,
    const struct mls_content *content, struct kk_view signature)
{
	const struct crypto_suite *suite = stage->base->suite;
	struct mls_context c = stage->next->context;
	struct mls_secret hash;
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	kk_write_u16(&w, wire_format);
	mls_content_write(&w, content);
	kk_write_vec(&w, signature);
	err = w.err;
	if (!err)
		err = mls_schedule_confirmed_hash(suite,
		    mls_secret_view(suite, &stage->base->interim),
		    kk_writer_view(&w), &hash);
	kk_writer_clear(&w);
	if (err)
		return err;
	c.confirmed_hash = mls_secret_view(suite, &hash);
	return mls_epoch_set_context(stage->next, &c);
}

enum kk_err mls_stage_finish(struct mls_stage *stage, uint16_t wire_format,
    const struct mls_content *content, struct kk_view signature,
    struct kk_view *expected_tag)
{
	struct mls_staged *staged = stage->staged;
	struct mls_epoch *next = stage->next;
	enum kk_err err;

	err = confirmed_set(stage, wire_format, content, signature);
	if (!err)
		err = mls_schedule_joiner(next->suite, &stage->init,
		    &stage->commit, kk_bytes_view(&next->context_raw),
		    &stage->joiner);
	if (!err)
		err = mls_epoch_derive(next, staged->client, &stage->joiner,
		    &stage->psk);
	if (!err)
		err = mls_epoch_confirm(next, expected_tag);
	if (err)
		return err;
	mls_keyring_prune(&next->ring, next->tree);
	return KK_OK;
}

enum kk_err mls_stage_take(struct mls_stage *stage, struct mls_staged **stagedp)
{
	struct mls_staged *staged = stage->staged;
	enum kk_err err = mls_items_own(&staged->items, &staged->texts);

	if (err)
		return err;
	if (!staged->removes_us) {
		staged->next = stage->next;
		stage->next = NULL;
	}
	*stagedp = staged;
	stage->staged = NULL;
	return KK_OK;
}
