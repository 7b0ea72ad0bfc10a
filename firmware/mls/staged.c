/* staged.c - next epochs that are not entered yet. */
#include "mls/group.h"

enum kk_err mls_staged_new(struct mls_staged **stagedp,
    const struct mls_client *client, const struct mls_epoch *base)
{
	struct mls_staged *staged = kk_calloc(1, sizeof(*staged));
	enum kk_err err;

	if (!staged)
		return KK_ENOMEM;
	staged->client = client;
	err = crypto_checks_new(&staged->checks);
	if (!err && base) {
		staged->base_epoch = base->context.epoch;
		err = kk_bytes_copy(&staged->base_hash,
		    base->context.confirmed_hash);
		if (!err)
			err = kk_bytes_copy(&staged->group_id,
			    base->context.group_id);
	}
	if (err) {
		mls_staged_free(staged);
		return err;
	}
	*stagedp = staged;
	return KK_OK;
}

void mls_staged_free(struct mls_staged *staged)
{
	if (!staged)
		return;
	kk_bytes_clear(&staged->base_hash);
	kk_bytes_clear(&staged->group_id);
	mls_items_clear(&staged->items);
	kk_bytes_clear(&staged->texts);
	mls_epoch_free(staged->next);
	crypto_checks_free(staged->checks);
	kk_free_wiped(staged, sizeof(*staged));
}

struct crypto_checks *mls_staged_checks(struct mls_staged *staged)
{
	return staged->checks;
}

enum kk_err mls_staged_is_own(const struct mls_staged *staged,
    struct kk_view message)
{
	const struct crypto_suite *suite = staged->client->config.suite;
	struct mls_secret hash;
	enum kk_err err;

	if (!staged->is_own)
		return KK_EINVAL;
	err = crypto_hash(suite->hash, &message, 1, hash.data);
	if (err)
		return err;
	return kk_view_equal(mls_secret_view(suite, &hash),
		   mls_secret_view(suite, &staged->message_hash)) ?
	    KK_OK :
	    KK_EINVAL;
}

size_t mls_staged_change_count(const struct mls_staged *staged)
{
	return staged->items.count;
}

enum kk_err mls_staged_change(const struct mls_staged *staged, size_t index,
    struct mls_change *change)
{
	const struct mls_item *item;

	*change = (struct mls_change){ 0 };
	if (index >= staged->items.count)
		return KK_EINVAL;
	item = &staged->items.at[index];
	change->type = item->p.type;
	change->proposer = item->proposer;
	change->leaf = item->leaf;
	change->member = item->leaf_node ? &item->leaf_node->f : NULL;
	if (item->p.type == MLS_PROPOSAL_PSK)
		change->psk = &item->p.psk;
	return KK_OK;
}

struct mls_sender mls_staged_committer(const struct mls_staged *staged)
{
	return staged->committer;
}

bool mls_staged_has_path(const struct mls_staged *staged)
{
	return staged->has_path;
}

bool mls_staged_removes_us(const struct mls_staged *staged)
{
	return staged->removes_us;
}

uint64_t mls_staged_epoch(const struct mls_staged *staged)
{
	if (staged->next)
		return staged->next->context.epoch;
	return staged->base_epoch + 1;
}

struct kk_view mls_staged_extensions(const struct mls_staged *staged)
{
	if (!staged->next)
		return (struct kk_view){ 0 };
	return staged->next->context.extensions;
}

const struct mls_leaf_fields *mls_staged_member(const struct mls_staged *staged,
    uint32_t leaf)
{
	return staged->next ? mls_tree_leaf(staged->next->tree, leaf) : NULL;
}

uint32_t mls_staged_leaf_end(const struct mls_staged *staged)
{
	return staged->next ? staged->next->tree->width : 0;
}
