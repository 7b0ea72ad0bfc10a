/* apply.c - a commit's proposals on the tree (RFC 9420, 12.3). */
#include "mls/group.h"

enum kk_err mls_member_check(const struct mls_client *client,
    const struct mls_leaf_fields *leaf, const struct mls_leaf_fields *old,
    const struct mls_leaf_rules *rules, uint32_t index,
    struct crypto_checks *checks)
{
	const struct mls_hooks *hooks = &client->config.hooks;
	enum kk_err err = mls_leaf_check(leaf, rules, index, checks);

	if (!err && hooks->credential)
		err = hooks->credential(hooks->arg, leaf, old, checks);
	return err;
}

enum kk_err mls_key_package_check(const struct mls_client *client,
    const struct mls_key_package_fields *kp, const struct mls_leaf_rules *rules,
    struct crypto_checks *checks)
{
	enum kk_err err;

	/* RFC 9420, 10.1 */
	if (kp->version != MLS_VERSION_10 || kp->suite != rules->suite->id)
		return KK_EUNSUP;
	if (kp->leaf.source != MLS_LEAF_KEY_PACKAGE ||
	    kp->init_key.bytes != rules->suite->kem_public_bytes ||
	    kk_view_equal(kp->init_key, kp->leaf.encryption_key))
		return KK_EFORMAT;
	err = mls_member_check(client, &kp->leaf, NULL, rules, 0, checks);
	if (err)
		return err;
	return crypto_checks_add_with_label(checks, rules->suite->sig,
	    kp->leaf.signature_key, "KeyPackageTBS", kp->tbs, kp->signature);
}

struct apply { /* what the steps below share */
	const struct mls_client *client;
	const struct mls_epoch *base;
	struct mls_leaf_rules rules;
	struct mls_tree *tree;
	struct crypto_checks *checks;
	struct mls_applied *out;
};

static enum kk_err update_apply(struct apply *a, struct mls_item *item)
{
	uint32_t index = item->proposer.index;
	const struct mls_leaf_fields *old = mls_tree_leaf(a->tree, index);
	enum kk_err err;

	/* RFC 9420, 7.3: a fresh key, for this very purpose. */
	if (!old || item->p.update.source != MLS_LEAF_UPDATE)
		return KK_EFORMAT;
	if (kk_view_equal(old->encryption_key, item->p.update.encryption_key))
		return KK_EEXIST;
	err = mls_member_check(a->client, &item->p.update, old, &a->rules,
	    index, a->checks);
	if (!err)
		err = mls_leaf_new(&item->leaf_node, item->p.update.raw);
	if (err)
		return err;
	item->leaf = index;
	mls_tree_update(a->tree, index, mls_leaf_ref(item->leaf_node));
	return KK_OK;
}

static enum kk_err remove_apply(struct apply *a, struct mls_item *item)
{
	item->leaf = item->p.remove;
	if (!mls_tree_leaf(a->tree, item->leaf))
		return KK_ENOENT;
	item->leaf_node = mls_leaf_ref(a->tree->slots[2 * item->leaf].leaf);
	if (item->leaf == a->base->own_leaf)
		a->out->removes_us = true;
	mls_tree_remove(a->tree, item->leaf);
	return KK_OK;
}

static enum kk_err add_apply(struct apply *a, struct mls_item *item)
{
	enum kk_err err = mls_key_package_check(a->client, &item->p.add,
	    &a->rules, a->checks);

	if (!err &&
	    mls_tree_member_count(a->tree) >= a->client->config.limits.members)
		err = KK_ELIMIT;
	if (!err)
		err = mls_leaf_new(&item->leaf_node, item->p.add.leaf.raw);
	if (err)
		return err;
	err = mls_tree_add(a->tree, mls_leaf_ref(item->leaf_node), &item->leaf);
	if (err) {
		mls_leaf_unref(item->leaf_node);
		return err;
	}
	a->out->added[a->out->added_count++] = item->leaf;
	return KK_OK;
}

static enum kk_err item_apply(struct apply *a, struct mls_item *item)
{
	switch (item->p.type) {
	case MLS_PROPOSAL_UPDATE:
		return update_apply(a, item);
	case MLS_PROPOSAL_REMOVE:
		return remove_apply(a, item);
	case MLS_PROPOSAL_ADD:
		return add_apply(a, item);
	case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
		a->out->extensions = item->p.extensions;
		a->rules.extensions = item->p.extensions;
		return KK_OK;
	default:
		return KK_OK;
	}
}

enum kk_err mls_items_apply(struct mls_items *items,
    const struct mls_client *client, const struct mls_epoch *base,
    struct mls_tree *tree, int64_t now_s, struct crypto_checks *checks,
    struct mls_applied *applied)
{
	/* The order of RFC 9420, 12.3; within a type, that of the commit. */
	static const uint16_t order[] = {
		MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
		MLS_PROPOSAL_UPDATE,
		MLS_PROPOSAL_REMOVE,
		MLS_PROPOSAL_ADD,
	};
	struct apply a = { client, base, mls_epoch_leaf_rules(base, now_s),
		tree, checks, applied };
	enum kk_err err = KK_OK;

	*applied = (struct mls_applied){ 0 };
	applied->extensions = base->context.extensions;
	applied->added = kk_calloc(items->count, sizeof(*applied->added));
	if (!applied->added)
		return KK_ENOMEM;
	for (size_t o = 0; o < KK_ARRAY_LEN(order); o++) {
		for (size_t i = 0; !err && i < items->count; i++) {
			if (items->at[i].p.type == order[o])
				err = item_apply(&a, &items->at[i]);
		}
	}
	return err;
}
