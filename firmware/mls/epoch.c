/* epoch.c - one epoch of a group: context, tree and secrets. */
#include "mls/group.h"

enum kk_err mls_epoch_new(struct mls_epoch **epochp,
    const struct crypto_suite *suite)
{
	struct mls_epoch *epoch = kk_calloc(1, sizeof(*epoch));

	if (!epoch)
		return KK_ENOMEM;
	epoch->suite = suite;
	*epochp = epoch;
	return KK_OK;
}

void mls_epoch_free(struct mls_epoch *epoch)
{
	if (!epoch)
		return;
	kk_bytes_clear(&epoch->context_raw);
	mls_tree_free(epoch->tree);
	mls_keyring_clear(&epoch->ring);
	mls_secret_tree_free(epoch->secret_tree);
	kk_bytes_clear(&epoch->reinit);
	kk_free_wiped(epoch, sizeof(*epoch));
}

struct kk_view mls_secret_view(const struct crypto_suite *suite,
    const struct mls_secret *secret)
{
	return kk_view_of(secret->data, suite->hash_bytes);
}

enum kk_err mls_epoch_set_context(struct mls_epoch *epoch,
    const struct mls_context *c)
{
	struct kk_bytes raw = { 0 };
	struct kk_writer w;
	struct kk_reader r;
	enum kk_err err;

	kk_writer_init(&w);
	mls_context_write(&w, c);
	err = kk_writer_take(&w, &raw);
	if (err)
		return err;
	/* c may view the old bytes, so they go last. */
	kk_bytes_clear(&epoch->context_raw);
	epoch->context_raw = raw;
	kk_reader_init(&r, kk_bytes_view(&raw));
	mls_context_read(&r, &epoch->context);
	return kk_reader_end(&r);
}

enum kk_err mls_epoch_derive(struct mls_epoch *epoch,
    const struct mls_client *client, const struct mls_secret *joiner,
    const struct mls_secret *psk)
{
	enum kk_err err;

	err = mls_schedule_epoch(epoch->suite, joiner, psk,
	    kk_bytes_view(&epoch->context_raw), &epoch->secrets);
	if (err)
		return err;
	mls_secret_tree_free(epoch->secret_tree);
	epoch->secret_tree = NULL;
	err = mls_secret_tree_new(&epoch->secret_tree, epoch->suite,
	    &epoch->secrets.encryption, epoch->tree->width,
	    client->config.limits.forward);
	kk_wipe(&epoch->secrets.encryption, sizeof(epoch->secrets.encryption));
	return err;
}

enum kk_err mls_epoch_confirm(struct mls_epoch *epoch,
    struct kk_view *expected_tag)
{
	size_t n = epoch->suite->hash_bytes;
	struct kk_view hash = epoch->context.confirmed_hash;
	enum kk_err err;

	err = mls_schedule_mac(epoch->suite, &epoch->secrets.confirmation, hash,
	    &epoch->confirmation_tag);
	if (err)
		return err;
	if (expected_tag &&
	    (expected_tag->bytes != n ||
		!kk_secret_equal(expected_tag->data,
		    epoch->confirmation_tag.data, n)))
		return KK_EAUTH;
	return mls_schedule_interim_hash(epoch->suite, hash,
	    kk_view_of(epoch->confirmation_tag.data, n), &epoch->interim);
}

void mls_epoch_retire(struct mls_epoch *epoch)
{
	struct mls_secret sender_data = epoch->secrets.sender_data;

	mls_keyring_clear(&epoch->ring);
	kk_wipe(&epoch->secrets, sizeof(epoch->secrets));
	epoch->secrets.sender_data = sender_data;
	kk_wipe(&sender_data, sizeof(sender_data));
}

struct mls_private_keys mls_epoch_private_keys(const struct mls_epoch *epoch)
{
	return (struct mls_private_keys){ epoch->suite,
		&epoch->secrets.sender_data, epoch->secret_tree };
}

struct mls_leaf_rules mls_epoch_leaf_rules(const struct mls_epoch *epoch,
    int64_t now_s)
{
	return (struct mls_leaf_rules){ epoch->suite, epoch->context.group_id,
		epoch->context.extensions, now_s };
}
