/* join.c - entering a group by a Welcome (RFC 9420, 12.4.3.1). */
#include "mls/group.h"

#include <string.h>

struct joining {
	const struct mls_client *client;
	const struct mls_key_package *kp;
	const struct crypto_suite *suite;
	struct mls_welcome welcome;
	struct kk_bytes secrets_raw; /* opened */
	struct mls_group_secrets secrets; /* views into secrets_raw */
	struct kk_bytes info_raw; /* opened */
	struct mls_group_info info; /* views into info_raw */
	struct mls_secret joiner, psk;
};

static void joining_clear(struct joining *j)
{
	kk_bytes_clear(&j->secrets_raw);
	kk_bytes_clear(&j->info_raw);
	kk_wipe(j, sizeof(*j));
}

static enum kk_err welcome_parse(struct joining *j, struct kk_view in)
{
	struct mls_message m;
	enum kk_err err;

	if (in.bytes > j->client->config.limits.message_bytes)
		return KK_ELIMIT;
	err = mls_message_parse(&m, in);
	if (err)
		return err;
	if (m.wire_format != MLS_WELCOME)
		return KK_EINVAL;
	if (m.welcome.suite != j->suite->id)
		return KK_EUNSUP;
	j->welcome = m.welcome;
	return KK_OK;
}

/* Our entry in the list, by the name of our key package. */
static enum kk_err entry_find(const struct joining *j,
    struct mls_welcome_secret *entry)
{
	struct kk_reader r;

	kk_reader_init(&r, j->welcome.secrets);
	while (kk_reader_more(&r)) {
		mls_welcome_secret_read(&r, entry);
		if (!r.err &&
		    kk_view_equal(entry->key_package_ref,
			mls_secret_view(j->suite, &j->kp->ref)))
			return KK_OK;
	}
	return KK_ENOKEY;
}

static enum kk_err secrets_open(struct joining *j)
{
	struct mls_welcome_secret entry;
	struct kk_reader r;
	enum kk_err err = entry_find(j, &entry);

	if (err)
		return err;
	err = crypto_decrypt_with_label(j->suite, j->kp->init_key, "Welcome",
	    j->welcome.group_info, entry.secrets.kem_output,
	    entry.secrets.ciphertext, &j->secrets_raw);
	if (err)
		return err;
	kk_reader_init(&r, kk_bytes_view(&j->secrets_raw));
	mls_group_secrets_read(&r, &j->secrets);
	err = kk_reader_end(&r);
	if (err)
		return err;
	if (j->secrets.joiner_secret.bytes != j->suite->hash_bytes)
		return KK_EFORMAT;
	if (j->secrets.psk_count > j->client->config.limits.proposals)
		return KK_ELIMIT;
	memcpy(j->joiner.data, j->secrets.joiner_secret.data,
	    j->suite->hash_bytes);
	return KK_OK;
}

static enum kk_err info_open(struct joining *j)
{
	struct kk_view sealed = j->welcome.group_info;
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES];
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES];
	struct mls_secret welcome;
	struct kk_reader r;
	enum kk_err err;

	if (sealed.bytes < CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	j->info_raw.bytes = sealed.bytes - CRYPTO_AEAD_TAG_BYTES;
	j->info_raw.data = kk_calloc(1, j->info_raw.bytes);
	if (!j->info_raw.data) {
		j->info_raw.bytes = 0;
		return KK_ENOMEM;
	}
	err = mls_schedule_welcome(j->suite, &j->joiner, &j->psk, &welcome, key,
	    nonce);
	if (!err)
		err = crypto_aead_open(j->suite->aead,
		    kk_view_of(key, j->suite->aead_key_bytes),
		    kk_view_of(nonce, sizeof(nonce)), (struct kk_view){ 0 },
		    sealed, j->info_raw.data);
	kk_wipe(&welcome, sizeof(welcome));
	kk_wipe(key, sizeof(key));
	if (err)
		return err;
	kk_reader_init(&r, kk_bytes_view(&j->info_raw));
	mls_group_info_read(&r, &j->info);
	return kk_reader_end(&r);
}

/* RFC 9420, 12.4.3.1: one reinit or branch PSK at most, and in epoch 1. */
static enum kk_err psks_check(const struct joining *j)
{
	struct kk_reader r;
	size_t starts = 0;

	kk_reader_init(&r, j->secrets.psks);
	while (kk_reader_more(&r)) {
		struct mls_psk_id id;

		mls_psk_id_read(&r, &id);
		if (!r.err && id.nonce.bytes != j->suite->hash_bytes)
			return KK_EFORMAT;
		starts += id.type == MLS_PSK_RESUMPTION &&
		    id.usage != MLS_PSK_USAGE_APPLICATION;
	}
	if (starts > 1 || (starts == 1 && j->info.context.epoch != 1))
		return KK_EDENIED;
	return kk_reader_err(&r);
}

static enum kk_err own_leaf_find(const struct joining *j,
    struct mls_epoch *epoch)
{
	for (uint32_t i = 0; i < epoch->tree->width; i++) {
		const struct mls_leaf_fields *f = mls_tree_leaf(epoch->tree, i);

		if (!f || !kk_view_equal(f->raw, j->kp->f.leaf.raw))
			continue;
		epoch->own_leaf = i;
		return mls_keyring_share(&epoch->ring, 2 * i, j->kp->leaf_key);
	}
	return KK_ENOENT;
}

static enum kk_err epoch_enter(struct joining *j, struct mls_epoch *epoch,
    struct kk_view tree, struct crypto_checks *checks)
{
	enum kk_err err;

	err = mls_group_info_check(j->client, &j->info, epoch, tree, checks);
	if (!err)
		err = own_leaf_find(j, epoch);
	if (!err && epoch->own_leaf == j->info.signer)
		err = KK_EDENIED;
	if (!err && j->secrets.has_path_secret)
		err = mls_treekem_join(epoch->tree, j->info.signer,
		    epoch->own_leaf, j->secrets.path_secret, &epoch->ring);
	if (!err)
		err = mls_epoch_derive(epoch, j->client, &j->joiner, &j->psk);
	if (!err)
		err = mls_epoch_confirm(epoch, &j->info.confirmation_tag);
	return err;
}

static enum kk_err join_stage(struct joining *j, struct kk_view welcome,
    struct kk_view tree, struct mls_staged *staged)
{
	enum kk_err err = welcome_parse(j, welcome);

	if (!err)
		err = secrets_open(j);
	if (!err)
		err = mls_psk_list_secret(j->secrets.psks, j->secrets.psk_count,
		    NULL, j->client, j->suite, &j->psk);
	if (!err)
		err = info_open(j);
	if (!err)
		err = psks_check(j);
	if (!err)
		err = mls_epoch_new(&staged->next, j->suite);
	if (!err)
		err = epoch_enter(j, staged->next, tree, staged->checks);
	return err;
}

enum kk_err mls_group_join(struct mls_staged **stagedp,
    const struct mls_client *client, const struct mls_key_package *kp,
    struct kk_view welcome, struct kk_view tree, int64_t now_s)
{
	struct joining j = { .client = client,
		.kp = kp,
		.suite = client->config.suite };
	struct mls_staged *staged;
	enum kk_err err;

	(void)now_s; /* members may outlive their lifetimes */
	err = mls_staged_new(&staged, client, NULL);
	if (err)
		return err;
	staged->is_join = true;
	err = join_stage(&j, welcome, tree, staged);
	joining_clear(&j);
	if (err) {
		mls_staged_free(staged);
		return err;
	}
	*stagedp = staged;
	return KK_OK;
}
