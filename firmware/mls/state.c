/* state.c - groups as bytes, and back. */
#include "mls/state.h"

#include <string.h>

static void secret_write(struct kk_writer *w, const struct mls_secret *s)
{
	kk_write_raw(w, kk_view_of(s->data, sizeof(s->data)));
}

static void secret_read(struct kk_reader *r, struct mls_secret *s)
{
	struct kk_view v = kk_read_raw(r, sizeof(s->data));

	if (v.bytes > 0)
		memcpy(s->data, v.data, sizeof(s->data));
}

static void secrets_write(struct kk_writer *w,
    const struct mls_epoch_secrets *s)
{
	secret_write(w, &s->sender_data);
	secret_write(w, &s->exporter);
	secret_write(w, &s->external);
	secret_write(w, &s->confirmation);
	secret_write(w, &s->membership);
	secret_write(w, &s->resumption);
	secret_write(w, &s->authenticator);
	secret_write(w, &s->init);
}

static void secrets_read(struct kk_reader *r, struct mls_epoch_secrets *s)
{
	secret_read(r, &s->sender_data);
	secret_read(r, &s->exporter);
	secret_read(r, &s->external);
	secret_read(r, &s->confirmation);
	secret_read(r, &s->membership);
	secret_read(r, &s->resumption);
	secret_read(r, &s->authenticator);
	secret_read(r, &s->init);
}

void mls_epoch_write(struct kk_writer *w, const struct mls_epoch *epoch)
{
	kk_write_vec(w, kk_bytes_view(&epoch->context_raw));
	mls_tree_write(w, epoch->tree);
	kk_write_u32(w, epoch->own_leaf);
	mls_keyring_write(w, &epoch->ring);
	secret_write(w, &epoch->interim);
	secret_write(w, &epoch->confirmation_tag);
	secrets_write(w, &epoch->secrets);
	mls_secret_tree_write(epoch->secret_tree, w);
	kk_write_vec(w, kk_bytes_view(&epoch->reinit));
}

static void context_take(struct kk_reader *r, struct mls_epoch *epoch)
{
	struct kk_reader sub = kk_read_sub(r);
	struct mls_context c;
	enum kk_err err;

	mls_context_read(&sub, &c);
	kk_read_sub_end(r, &sub);
	if (r->err)
		return;
	err = c.suite == epoch->suite->id ? mls_epoch_set_context(epoch, &c) :
					    KK_EINVAL;
	if (err)
		kk_reader_fail(r, err);
}

/* A tree is a vector, so its own bytes can be cut out before it is read. */
static void tree_take(struct kk_reader *r, const struct mls_client *client,
    struct mls_epoch *epoch)
{
	struct kk_reader begin = *r;
	enum kk_err err;

	(void)kk_read_vec(r);
	if (r->err)
		return;
	err = mls_tree_read(&epoch->tree, epoch->suite,
	    client->config.limits.members,
	    kk_view_of(begin.p, begin.left_bytes - r->left_bytes));
	if (err)
		kk_reader_fail(r, err);
}

static void epoch_fill(struct kk_reader *r, const struct mls_client *client,
    struct mls_epoch *epoch)
{
	enum kk_err err;

	context_take(r, epoch);
	if (!r->err)
		tree_take(r, client, epoch);
	epoch->own_leaf = kk_read_u32(r);
	mls_keyring_read(r, epoch->suite, &epoch->ring);
	secret_read(r, &epoch->interim);
	secret_read(r, &epoch->confirmation_tag);
	secrets_read(r, &epoch->secrets);
	if (r->err)
		return;
	err = mls_secret_tree_read(&epoch->secret_tree, epoch->suite,
	    epoch->tree->width, client->config.limits.forward, r);
	if (err)
		kk_reader_fail(r, err);
	kk_read_vec_copy(r, &epoch->reinit);
	if (!r->err && !mls_tree_leaf(epoch->tree, epoch->own_leaf))
		kk_reader_fail(r, KK_EFORMAT);
}

void mls_epoch_read(struct kk_reader *r, const struct mls_client *client,
    struct mls_epoch **epochp)
{
	enum kk_err err;

	*epochp = NULL;
	if (r->err)
		return;
	err = mls_epoch_new(epochp, client->config.suite);
	if (err) {
		kk_reader_fail(r, err);
		return;
	}
	epoch_fill(r, client, *epochp);
	if (!r->err)
		return;
	mls_epoch_free(*epochp);
	*epochp = NULL;
}

static void stored_write(struct kk_writer *w, const struct mls_stored *s)
{
	struct kk_bytes key = { 0 };
	enum kk_err err = KK_OK;

	if (s->leaf_key)
		err = crypto_key_export(s->leaf_key->key, &key);
	if (err)
		kk_writer_fail(w, err);
	kk_write_vec(w, kk_bytes_view(&s->raw));
	kk_write_vec(w, kk_bytes_view(&key));
	kk_bytes_clear(&key);
}

static enum kk_err leaf_key_take(const struct crypto_suite *suite,
    struct kk_view bytes, struct mls_private **privatep)
{
	struct crypto_key *key;
	enum kk_err err;

	*privatep = NULL;
	if (bytes.bytes == 0)
		return KK_OK;
	err = crypto_kem_key_import(&key, suite->kem, bytes);
	return err ? err : mls_private_new(privatep, key);
}

static void stored_read(struct kk_reader *r, struct mls_group *group)
{
	struct kk_reader sub = kk_read_sub(r);
	struct mls_auth_content ac = { 0 };
	struct mls_private *private;
	struct kk_view key;
	enum kk_err err;

	mls_auth_content_read(&sub, &ac);
	kk_read_sub_end(r, &sub);
	key = kk_read_vec(r);
	if (!r->err && ac.content.type != MLS_CONTENT_PROPOSAL)
		kk_reader_fail(r, KK_EFORMAT);
	if (r->err)
		return;
	err = leaf_key_take(group->now->suite, key, &private);
	if (!err)
		err = mls_store_add(group, ac.wire_format, &ac.content,
		    &ac.auth, private);
	mls_private_unref(private);
	if (err)
		kk_reader_fail(r, err);
}

void mls_group_write(struct kk_writer *w, const struct mls_group *group)
{
	kk_write_u8(w, group->is_removed);
	mls_epoch_write(w, group->now);
	kk_write_u32(w, group->past_count);
	for (uint32_t i = 0; i < group->past_count; i++)
		mls_epoch_write(w, group->past[i]);
	kk_write_u32(w, group->resumption_count);
	for (uint32_t i = 0; i < group->resumption_count; i++) {
		kk_write_u64(w, group->resumption[i].epoch);
		secret_write(w, &group->resumption[i].psk);
	}
	kk_write_u32(w, (uint32_t)group->store.count);
	for (size_t i = 0; i < group->store.count; i++)
		stored_write(w, &group->store.at[i]);
}

static void past_read(struct kk_reader *r, struct mls_group *group)
{
	const struct mls_limits *limits = &group->client->config.limits;
	uint32_t count = kk_read_u32(r);

	if (count > limits->past_epochs)
		kk_reader_fail(r, KK_ELIMIT);
	for (uint32_t i = 0; i < count && !r->err; i++) {
		mls_epoch_read(r, group->client, &group->past[i]);
		group->past_count += !r->err;
	}
	count = kk_read_u32(r);
	if (count > limits->resumption)
		kk_reader_fail(r, KK_ELIMIT);
	for (uint32_t i = 0; i < count && !r->err; i++) {
		group->resumption[i].epoch = kk_read_u64(r);
		secret_read(r, &group->resumption[i].psk);
		group->resumption_count++;
	}
	count = kk_read_u32(r);
	for (uint32_t i = 0; i < count && !r->err; i++)
		stored_read(r, group);
}

enum kk_err mls_group_read(struct mls_group **groupp,
    const struct mls_client *client, struct kk_view in)
{
	struct mls_group *group;
	struct mls_epoch *epoch;
	struct kk_reader r;
	bool is_removed;
	enum kk_err err;

	kk_reader_init(&r, in);
	is_removed = kk_read_present(&r);
	mls_epoch_read(&r, client, &epoch);
	if (r.err)
		return r.err;
	err = mls_group_from_epoch(&group, client, epoch);
	if (err) {
		mls_epoch_free(epoch);
		return err;
	}
	group->is_removed = is_removed;
	past_read(&r, group);
	err = kk_reader_end(&r);
	if (err) {
		mls_group_free(group);
		return err;
	}
	*groupp = group;
	return KK_OK;
}
