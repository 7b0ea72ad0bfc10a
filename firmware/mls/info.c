/* info.c - group infos: what somebody outside must know (RFC 9420, 12.4.3). */
#include "mls/group.h"

static void tree_ext_write(struct kk_writer *w, const struct mls_epoch *epoch)
{
	size_t at;

	kk_write_u16(w, MLS_EXT_RATCHET_TREE);
	at = kk_write_vec_begin(w);
	mls_tree_write(w, epoch->tree);
	kk_write_vec_end(w, at);
}

static void external_pub_ext_write(struct kk_writer *w,
    const struct mls_epoch *epoch)
{
	struct crypto_key *key;
	enum kk_err err;
	size_t at;

	err = mls_schedule_external_key(epoch->suite, &epoch->secrets.external,
	    &key);
	if (err) {
		kk_writer_fail(w, err);
		return;
	}
	kk_write_u16(w, MLS_EXT_EXTERNAL_PUB);
	at = kk_write_vec_begin(w);
	kk_write_vec(w, crypto_key_public(key));
	kk_write_vec_end(w, at);
	crypto_key_free(key);
}

static enum kk_err info_sign(const struct mls_client *client,
    struct mls_group_info *info, struct kk_bytes *out)
{
	struct kk_bytes signature = { 0 };
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_group_info_write_unsigned(&w, info);
	err = w.err;
	if (!err)
		err = crypto_sign_with_label(client->config.signer,
		    "GroupInfoTBS", kk_writer_view(&w), &signature);
	if (err) {
		kk_writer_clear(&w);
		return err;
	}
	kk_write_vec(&w, kk_bytes_view(&signature));
	kk_bytes_clear(&signature);
	return kk_writer_take(&w, out);
}

enum kk_err mls_group_info_make(const struct mls_client *client,
    const struct mls_epoch *epoch, bool with_external_pub, bool with_tree,
    struct kk_bytes *out)
{
	struct mls_group_info info = {
		.context = epoch->context,
		.confirmation_tag = mls_secret_view(epoch->suite,
		    &epoch->confirmation_tag),
		.signer = epoch->own_leaf,
	};
	struct kk_writer ext;
	enum kk_err err;

	kk_writer_init(&ext);
	if (with_tree)
		tree_ext_write(&ext, epoch);
	if (with_external_pub)
		external_pub_ext_write(&ext, epoch);
	err = ext.err;
	info.extensions = kk_writer_view(&ext);
	if (!err)
		err = info_sign(client, &info, out);
	kk_writer_clear(&ext);
	return err;
}

/* The tree from where it comes, and it is the one the context names. */
static enum kk_err tree_take(const struct mls_client *client,
    const struct mls_group_info *info, struct mls_epoch *epoch,
    struct kk_view apart)
{
	struct kk_view raw = apart;
	struct mls_secret hash;
	enum kk_err err;

	if (raw.bytes == 0 &&
	    !mls_ext_find(info->extensions, MLS_EXT_RATCHET_TREE, &raw))
		return KK_ENOENT;
	err = mls_tree_read(&epoch->tree, epoch->suite,
	    client->config.limits.members, raw);
	/* The tree's own limit is the next power of two. */
	if (!err &&
	    mls_tree_member_count(epoch->tree) > client->config.limits.members)
		err = KK_ELIMIT;
	if (!err)
		err = mls_tree_root_hash(epoch->tree, hash.data);
	if (err)
		return err;
	return kk_view_equal(info->context.tree_hash,
		   mls_secret_view(epoch->suite, &hash)) ?
	    KK_OK :
	    KK_EAUTH;
}

static enum kk_err members_check(const struct mls_client *client,
    const struct mls_epoch *epoch, struct crypto_checks *checks)
{
	/* Lifetimes count when somebody is added; members may outlive them
	 * (RFC 9420, 7.3). */
	struct mls_leaf_rules rules = mls_epoch_leaf_rules(epoch, 0);
	enum kk_err err = KK_OK;

	for (uint32_t i = 0; !err && i < epoch->tree->width; i++) {
		const struct mls_leaf_fields *f = mls_tree_leaf(epoch->tree, i);

		if (f)
			err = mls_member_check(client, f, NULL, &rules, i,
			    checks);
	}
	return err;
}

enum kk_err mls_group_info_check(const struct mls_client *client,
    const struct mls_group_info *info, struct mls_epoch *epoch,
    struct kk_view tree, struct crypto_checks *checks)
{
	const struct mls_leaf_fields *signer;
	enum kk_err err;

	if (info->context.suite != epoch->suite->id)
		return KK_EUNSUP;
	err = mls_epoch_set_context(epoch, &info->context);
	if (!err)
		err = tree_take(client, info, epoch, tree);
	if (!err)
		err = mls_tree_check_parents(epoch->tree);
	if (!err)
		err = mls_tree_check_members(epoch->tree,
		    epoch->context.extensions);
	if (!err)
		err = members_check(client, epoch, checks);
	if (err)
		return err;
	signer = mls_tree_leaf(epoch->tree, info->signer);
	if (!signer)
		return KK_EDENIED;
	return crypto_checks_add_with_label(checks, epoch->suite->sig,
	    signer->signature_key, "GroupInfoTBS", info->tbs, info->signature);
}

enum kk_err mls_group_info_message(struct mls_group *group,
    bool with_external_pub, bool with_tree, struct kk_bytes *out)
{
	struct kk_bytes info = { 0 };
	struct kk_writer w;
	enum kk_err err;

	if (!mls_group_is_active(group))
		return KK_ESTATE;
	err = mls_group_info_make(group->client, group->now, with_external_pub,
	    with_tree, &info);
	if (err)
		return err;
	kk_writer_init(&w);
	mls_message_write_header(&w, MLS_GROUP_INFO);
	kk_write_raw(&w, kk_bytes_view(&info));
	kk_bytes_clear(&info);
	return kk_writer_take(&w, out);
}
