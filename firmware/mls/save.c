/* save.c - sealed state of groups, key packages and staged commits. */
#include "mls/state.h"

#include <string.h>

enum kk_err mls_group_save(const struct mls_group *group, const uint8_t *key,
    struct kk_bytes *out)
{
	struct kk_writer w;

	kk_writer_init(&w);
	mls_group_write(&w, group);
	return mls_state_seal(&w, MLS_STATE_GROUP, key, out);
}

/* The leaf in the saved tree must be the one that this client can sign for. */
static bool signer_fits(const struct mls_client *client,
    const struct mls_group *group)
{
	const struct mls_leaf_fields *f = mls_group_member(group,
	    mls_group_own_leaf(group));

	return f &&
	    kk_view_equal(f->signature_key,
		crypto_key_public(client->config.signer));
}

enum kk_err mls_group_restore(struct mls_group **groupp,
    const struct mls_client *client, const uint8_t *key, struct kk_view in)
{
	struct mls_group *group;
	struct kk_bytes plain;
	enum kk_err err;

	err = mls_state_open(in, MLS_STATE_GROUP, key, &plain);
	if (err)
		return err;
	err = mls_group_read(&group, client, kk_bytes_view(&plain));
	kk_bytes_clear(&plain);
	if (err)
		return err;
	if (!signer_fits(client, group)) {
		mls_group_free(group);
		return KK_EINVAL;
	}
	*groupp = group;
	return KK_OK;
}

static void key_write(struct kk_writer *w, const struct crypto_key *key)
{
	struct kk_bytes bytes = { 0 };
	enum kk_err err = crypto_key_export(key, &bytes);

	if (err)
		kk_writer_fail(w, err);
	kk_write_vec(w, kk_bytes_view(&bytes));
	kk_bytes_clear(&bytes);
}

enum kk_err mls_key_package_save(const struct mls_key_package *kp,
    const uint8_t *key, struct kk_bytes *out)
{
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_vec(&w, kk_bytes_view(&kp->message));
	key_write(&w, kp->init_key);
	key_write(&w, kp->leaf_key->key);
	return mls_state_seal(&w, MLS_STATE_KEY_PACKAGE, key, out);
}

enum kk_err mls_key_package_restore(struct mls_key_package **kpp,
    const struct mls_client *client, const uint8_t *key, struct kk_view in)
{
	struct kk_view message, init_private, leaf_private;
	struct kk_bytes plain;
	struct kk_reader r;
	enum kk_err err;

	err = mls_state_open(in, MLS_STATE_KEY_PACKAGE, key, &plain);
	if (err)
		return err;
	kk_reader_init(&r, kk_bytes_view(&plain));
	message = kk_read_vec(&r);
	init_private = kk_read_vec(&r);
	leaf_private = kk_read_vec(&r);
	err = kk_reader_end(&r);
	if (!err)
		err = mls_key_package_import(kpp, client, message, init_private,
		    leaf_private);
	kk_bytes_clear(&plain);
	return err;
}

/* The summary of changes is not saved: it was asked before sending. */
enum kk_err mls_staged_save(const struct mls_staged *staged, const uint8_t *key,
    struct kk_bytes *out)
{
	struct kk_writer w;
	enum kk_err err;

	*out = (struct kk_bytes){ 0 };
	if (!staged->is_own || staged->is_join || !staged->next)
		return KK_EINVAL;
	/* Open checks would be lost. */
	err = crypto_checks_done(staged->checks);
	if (err)
		return err;
	kk_writer_init(&w);
	kk_write_u64(&w, staged->base_epoch);
	kk_write_vec(&w, kk_bytes_view(&staged->base_hash));
	kk_write_u8(&w, staged->has_path);
	kk_write_raw(&w,
	    kk_view_of(staged->message_hash.data,
		sizeof(staged->message_hash.data)));
	mls_epoch_write(&w, staged->next);
	return mls_state_seal(&w, MLS_STATE_STAGED, key, out);
}

static void staged_fill(struct kk_reader *r, const struct mls_client *client,
    struct mls_staged *staged)
{
	struct kk_view hash;

	staged->base_epoch = kk_read_u64(r);
	kk_bytes_clear(&staged->base_hash);
	kk_read_vec_copy(r, &staged->base_hash);
	staged->has_path = kk_read_present(r);
	hash = kk_read_raw(r, sizeof(staged->message_hash.data));
	if (hash.bytes > 0)
		memcpy(staged->message_hash.data, hash.data, hash.bytes);
	mls_epoch_read(r, client, &staged->next);
	staged->is_own = true;
}

enum kk_err mls_staged_restore(struct mls_staged **stagedp,
    struct mls_group *group, const uint8_t *key, struct kk_view in)
{
	struct mls_staged *staged;
	struct kk_bytes plain;
	struct kk_reader r;
	enum kk_err err;

	err = mls_state_open(in, MLS_STATE_STAGED, key, &plain);
	if (err)
		return err;
	err = mls_staged_new(&staged, group->client, group->now);
	if (!err) {
		kk_reader_init(&r, kk_bytes_view(&plain));
		staged_fill(&r, group->client, staged);
		staged->committer = (struct mls_sender){ MLS_SENDER_MEMBER,
			group->now->own_leaf };
		err = kk_reader_end(&r);
		if (!err &&
		    !kk_view_equal(staged->next->context.group_id,
			group->now->context.group_id))
			err = KK_EGROUP;
		if (err)
			mls_staged_free(staged);
	}
	kk_bytes_clear(&plain);
	if (!err)
		*stagedp = staged;
	return err;
}
