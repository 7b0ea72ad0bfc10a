/* group.c - groups: making, asking, entering an epoch. */
#include "mls/group.h"

#include <string.h>

enum kk_err mls_group_from_epoch(struct mls_group **groupp,
    const struct mls_client *client, struct mls_epoch *epoch)
{
	const struct mls_limits *limits = &client->config.limits;
	struct mls_group *group = kk_calloc(1, sizeof(*group));

	if (!group)
		return KK_ENOMEM;
	group->client = client;
	group->past = kk_calloc(limits->past_epochs, sizeof(*group->past));
	group->resumption = kk_calloc(limits->resumption,
	    sizeof(*group->resumption));
	if (!group->past || !group->resumption) {
		mls_group_free(group);
		return KK_ENOMEM;
	}
	group->now = epoch;
	*groupp = group;
	return KK_OK;
}

void mls_group_free(struct mls_group *group)
{
	if (!group)
		return;
	mls_group_forget_past(group);
	kk_free(group->past);
	kk_free_wiped(group->resumption,
	    group->client->config.limits.resumption *
		sizeof(*group->resumption));
	mls_epoch_free(group->now);
	mls_store_clear(&group->store);
	kk_free(group);
}

void mls_group_forget_past(struct mls_group *group)
{
	for (uint32_t i = 0; group->past && i < group->past_count; i++)
		mls_epoch_free(group->past[i]);
	group->past_count = 0;
}

/* Our own first leaf into an empty tree. */
static enum kk_err first_leaf_make(const struct mls_client *client,
    struct mls_epoch *epoch, int64_t now_s)
{
	struct mls_key_package *kp;
	struct mls_leaf *leaf;
	enum kk_err err;

	/* A key package's leaf is what a lone member may have (11). */
	err = mls_key_package_new(&kp, client, now_s);
	if (err)
		return err;
	err = mls_leaf_new(&leaf, kp->f.leaf.raw);
	if (!err) {
		err = mls_tree_add(epoch->tree, leaf, &epoch->own_leaf);
		if (err)
			mls_leaf_unref(leaf);
	}
	if (!err)
		err = mls_keyring_share(&epoch->ring, 2 * epoch->own_leaf,
		    kp->leaf_key);
	mls_key_package_free(kp);
	return err;
}

static enum kk_err first_context_make(struct mls_epoch *epoch,
    struct kk_view group_id, struct kk_view extensions)
{
	struct mls_secret tree_hash;
	struct mls_context c = {
		.version = MLS_VERSION_10,
		.suite = epoch->suite->id,
		.group_id = group_id,
		.tree_hash = mls_secret_view(epoch->suite, &tree_hash),
		.extensions = extensions,
	};
	enum kk_err err = mls_tree_root_hash(epoch->tree, tree_hash.data);

	return err ? err : mls_epoch_set_context(epoch, &c);
}

/* RFC 9420, 11: the first epoch starts from a random epoch secret; a random
 * joiner secret gives one as well, and the schedule stays one. */
static enum kk_err first_secrets_make(struct mls_epoch *epoch,
    const struct mls_client *client)
{
	struct mls_secret joiner, no_psk = { 0 };
	enum kk_err err;

	err = crypto_random(joiner.data, epoch->suite->hash_bytes);
	if (!err)
		err = mls_epoch_derive(epoch, client, &joiner, &no_psk);
	if (!err)
		err = mls_epoch_confirm(epoch, NULL);
	kk_wipe(&joiner, sizeof(joiner));
	return err;
}

enum kk_err mls_group_new(struct mls_group **groupp,
    const struct mls_client *client, struct kk_view group_id,
    struct kk_view extensions, int64_t now_s)
{
	const struct crypto_suite *suite = client->config.suite;
	struct mls_epoch *epoch;
	enum kk_err err = mls_epoch_new(&epoch, suite);

	if (err)
		return err;
	err = mls_tree_new(&epoch->tree, suite, client->config.limits.members);
	if (!err)
		err = first_leaf_make(client, epoch, now_s);
	if (!err)
		err = first_context_make(epoch, group_id, extensions);
	if (!err)
		err = mls_tree_check_members(epoch->tree,
		    epoch->context.extensions);
	if (!err)
		err = first_secrets_make(epoch, client);
	if (!err)
		err = mls_group_from_epoch(groupp, client, epoch);
	if (err)
		mls_epoch_free(epoch);
	return err;
}

/* Makes room at the front of the past and of the resumption secrets. */
static void past_push(struct mls_group *group, struct mls_epoch *old)
{
	const struct mls_limits *limits = &group->client->config.limits;
	uint32_t kept = group->resumption_count;

	if (kept == limits->resumption)
		kept--;
	memmove(group->resumption + 1, group->resumption,
	    kept * sizeof(*group->resumption));
	group->resumption[0].epoch = old->context.epoch;
	group->resumption[0].psk = old->secrets.resumption;
	group->resumption_count = kept + 1;
	if (group->past_count == limits->past_epochs)
		mls_epoch_free(group->past[--group->past_count]);
	memmove(group->past + 1, group->past,
	    group->past_count * sizeof(struct mls_epoch *));
	mls_epoch_retire(old);
	group->past[0] = old;
	group->past_count++;
}

static enum kk_err may_apply(const struct mls_group *group,
    const struct mls_staged *staged)
{
	if (staged->is_join || staged->client != group->client ||
	    !kk_view_equal(kk_bytes_view(&staged->group_id),
		group->now->context.group_id))
		return KK_EINVAL;
	if (!mls_group_is_active(group))
		return KK_ESTATE;
	if (staged->base_epoch != group->now->context.epoch ||
	    !kk_view_equal(kk_bytes_view(&staged->base_hash),
		group->now->context.confirmed_hash))
		return KK_EEPOCH;
	return crypto_checks_done(staged->checks);
}

enum kk_err mls_group_apply(struct mls_group *group, struct mls_staged *staged)
{
	enum kk_err err = may_apply(group, staged);

	if (err)
		return err;
	mls_store_clear(&group->store);
	if (staged->removes_us) {
		group->is_removed = true;
		mls_group_forget_past(group);
		mls_epoch_retire(group->now);
	} else {
		past_push(group, group->now);
		group->now = staged->next;
		staged->next = NULL;
	}
	mls_staged_free(staged);
	return KK_OK;
}

enum kk_err mls_staged_take_group(struct mls_staged *staged,
    struct mls_group **groupp)
{
	enum kk_err err;

	if (!staged->is_join)
		return KK_EINVAL;
	err = crypto_checks_done(staged->checks);
	if (!err)
		err = mls_group_from_epoch(groupp, staged->client,
		    staged->next);
	if (err)
		return err;
	staged->next = NULL;
	mls_staged_free(staged);
	return KK_OK;
}

const struct crypto_suite *mls_group_suite(const struct mls_group *group)
{
	return group->now->suite;
}

struct kk_view mls_group_id(const struct mls_group *group)
{
	return group->now->context.group_id;
}

uint64_t mls_group_epoch(const struct mls_group *group)
{
	return group->now->context.epoch;
}

uint32_t mls_group_own_leaf(const struct mls_group *group)
{
	return group->now->own_leaf;
}

struct kk_view mls_group_extensions(const struct mls_group *group)
{
	return group->now->context.extensions;
}

struct kk_view mls_group_tree_hash(const struct mls_group *group)
{
	return group->now->context.tree_hash;
}

uint32_t mls_group_member_count(const struct mls_group *group)
{
	return mls_tree_member_count(group->now->tree);
}

uint32_t mls_group_leaf_end(const struct mls_group *group)
{
	return group->now->tree->width;
}

const struct mls_leaf_fields *mls_group_member(const struct mls_group *group,
    uint32_t leaf)
{
	return mls_tree_leaf(group->now->tree, leaf);
}

bool mls_group_is_active(const struct mls_group *group)
{
	return !group->is_removed && group->now->reinit.bytes == 0;
}

enum kk_err mls_group_reinit_get(const struct mls_group *group,
    struct mls_reinit *reinit)
{
	struct mls_proposal p;
	struct kk_reader r;

	*reinit = (struct mls_reinit){ 0 };
	if (group->now->reinit.bytes == 0)
		return KK_ENOENT;
	kk_reader_init(&r, kk_bytes_view(&group->now->reinit));
	mls_proposal_read(&r, &p);
	*reinit = p.reinit;
	return kk_reader_end(&r);
}

/* A removed member's secrets are gone; a reinitialised group's are not. */
static enum kk_err secrets_are_there(const struct mls_group *group)
{
	return group->is_removed ? KK_ESTATE : KK_OK;
}

enum kk_err mls_group_export(const struct mls_group *group, const char *label,
    struct kk_view context, uint8_t *out, size_t out_bytes)
{
	enum kk_err err = secrets_are_there(group);

	if (err)
		return err;
	return mls_schedule_export(group->now->suite,
	    &group->now->secrets.exporter, label, context, out, out_bytes);
}

enum kk_err mls_group_authenticator(const struct mls_group *group,
    struct kk_bytes *out)
{
	enum kk_err err = secrets_are_there(group);

	if (err)
		return err;
	return kk_bytes_copy(out,
	    mls_secret_view(group->now->suite,
		&group->now->secrets.authenticator));
}

enum kk_err mls_group_resumption_psk(const struct mls_group *group,
    uint64_t epoch, struct kk_bytes *out)
{
	const struct crypto_suite *suite = group->now->suite;

	if (!group->is_removed && epoch == group->now->context.epoch)
		return kk_bytes_copy(out,
		    mls_secret_view(suite, &group->now->secrets.resumption));
	for (uint32_t i = 0; i < group->resumption_count; i++) {
		if (group->resumption[i].epoch == epoch)
			return kk_bytes_copy(out,
			    mls_secret_view(suite, &group->resumption[i].psk));
	}
	return KK_ENOENT;
}

enum kk_err mls_group_tree(const struct mls_group *group, struct kk_bytes *out)
{
	struct kk_writer w;

	kk_writer_init(&w);
	mls_tree_write(&w, group->now->tree);
	return kk_writer_take(&w, out);
}
