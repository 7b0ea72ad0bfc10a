/* commit_take.c - staging a commit that another member made (12.4.2). */
#include "mls/group.h"

enum kk_err mls_external_init_receive(const struct mls_epoch *base,
    struct kk_view kem_output, struct mls_secret *init)
{
	const struct crypto_suite *suite = base->suite;
	struct crypto_key *key;
	enum kk_err err;

	err = mls_schedule_external_key(suite, &base->secrets.external, &key);
	if (err)
		return err;
	err = crypto_hpke_export_receive(suite, key, kem_output,
	    (struct kk_view){ 0 }, kk_view_text("MLS 1.0 external init secret"),
	    init->data, suite->hash_bytes);
	crypto_key_free(key);
	return err;
}

static const struct mls_item *item_find(const struct mls_items *items,
    uint16_t type)
{
	for (size_t i = 0; i < items->count; i++) {
		if (items->at[i].p.type == type)
			return &items->at[i];
	}
	return NULL;
}

/* A joiner by external commit gets the leftmost free leaf (12.4.3.2). */
static enum kk_err joiner_place(struct mls_stage *stage,
    const struct mls_update_path *up, uint32_t *index)
{
	const struct mls_item *init = item_find(&stage->staged->items,
	    MLS_PROPOSAL_EXTERNAL_INIT);
	struct mls_tree *tree = stage->next->tree;
	struct mls_leaf *leaf;
	enum kk_err err;

	if (mls_tree_member_count(tree) >=
	    stage->staged->client->config.limits.members)
		return KK_ELIMIT;
	err = mls_external_init_receive(stage->base, init->p.external_init,
	    &stage->init);
	if (!err)
		err = mls_leaf_new(&leaf, up->leaf.raw);
	if (err)
		return err;
	err = mls_tree_add(tree, leaf, index);
	if (err)
		mls_leaf_unref(leaf);
	return err;
}

/* The leaf that an external commit replaces, for the credential hook. */
static const struct mls_leaf_fields *leaf_replaced(
    const struct mls_stage *stage, struct mls_sender committer)
{
	const struct mls_item *item;

	if (committer.type == MLS_SENDER_MEMBER)
		return mls_tree_leaf(stage->base->tree, committer.index);
	item = item_find(&stage->staged->items, MLS_PROPOSAL_REMOVE);
	return item ? mls_tree_leaf(stage->base->tree, item->leaf) : NULL;
}

/* Puts the public half of the path into the new tree; *index is whose. */
static enum kk_err path_merge(struct mls_stage *stage,
    const struct mls_update_path *up, struct mls_path *path, uint32_t *index)
{
	struct mls_sender committer = stage->staged->committer;
	const struct mls_leaf_fields *old = leaf_replaced(stage, committer);
	struct mls_leaf_rules rules = mls_epoch_leaf_rules(stage->base,
	    stage->now_s);
	enum kk_err err = KK_OK;

	*index = committer.index;
	if (up->leaf.source != MLS_LEAF_COMMIT)
		return KK_EFORMAT;
	if (old && kk_view_equal(old->encryption_key, up->leaf.encryption_key))
		return KK_EEXIST;
	if (committer.type != MLS_SENDER_MEMBER)
		err = joiner_place(stage, up, index);
	if (!err)
		err = mls_treekem_merge(stage->next->tree, *index, up, path);
	if (err)
		return err;
	rules.extensions = stage->applied.extensions;
	return mls_member_check(stage->staged->client, &up->leaf, old, &rules,
	    *index, stage->staged->checks);
}

static enum kk_err signature_collect(struct mls_stage *stage,
    uint16_t wire_format, const struct mls_content *content,
    struct kk_view signature)
{
	const struct mls_leaf_fields *signer = &content->commit.path.leaf;

	if (content->sender.type == MLS_SENDER_MEMBER)
		signer = mls_tree_leaf(stage->base->tree,
		    content->sender.index);
	else if (!content->commit.has_path)
		return KK_EDENIED; /* 12.4.3.2 */
	return mls_content_check(stage->base->suite, wire_format, content,
	    signature, kk_bytes_view(&stage->base->context_raw),
	    signer->signature_key, stage->staged->checks);
}

static enum kk_err path_open(struct mls_stage *stage,
    const struct mls_update_path *up, const struct mls_path *path)
{
	struct mls_leaf_list without = { stage->applied.added,
		stage->applied.added_count };

	return mls_treekem_decrypt(stage->next->tree, path, up,
	    stage->next->own_leaf, kk_bytes_view(&stage->next->context_raw),
	    without, &stage->next->ring, &stage->commit);
}

static enum kk_err commit_stage(struct mls_stage *stage, uint16_t wire_format,
    const struct mls_content *content, struct mls_auth *auth)
{
	const struct mls_commit *commit = &content->commit;
	struct mls_path path;
	uint32_t index;
	enum kk_err err;

	stage->staged->has_path = commit->has_path;
	err = signature_collect(stage, wire_format, content, auth->signature);
	if (!err && commit->has_path)
		err = path_merge(stage, &commit->path, &path, &index);
	if (!err)
		err = mls_tree_check_members(stage->next->tree,
		    stage->applied.extensions);
	/* A removed member cannot go further; the committer is authentic
	 * by signature and membership all the same. */
	if (err || stage->staged->removes_us)
		return err;
	err = mls_stage_context(stage);
	if (!err && commit->has_path)
		err = path_open(stage, &commit->path, &path);
	if (err)
		return err;
	return mls_stage_finish(stage, wire_format, content, auth->signature,
	    &auth->confirmation_tag);
}

enum kk_err mls_commit_take(const struct mls_group *group, uint16_t wire_format,
    const struct mls_content *content, struct mls_auth *auth, int64_t now_s,
    struct mls_staged **stagedp)
{
	struct mls_stage stage;
	enum kk_err err;

	err = mls_stage_begin(&stage, group->client, group, group->now,
	    &content->commit, content->sender, content->commit.has_path, now_s);
	if (!err)
		err = commit_stage(&stage, wire_format, content, auth);
	if (!err)
		err = mls_stage_take(&stage, stagedp);
	mls_stage_clear(&stage);
	return err;
}
