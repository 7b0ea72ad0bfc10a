/* welcome.c - letting new members in (RFC 9420, 12.4.3.1). */
#include "mls/group.h"

static void psk_ids_write(struct kk_writer *w, const struct mls_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		if (items->at[i].p.type == MLS_PROPOSAL_PSK)
			kk_write_raw(w, items->at[i].p.psk.raw);
	}
}

/* The path secret of the lowest node that is above the new leaf too. */
static const struct mls_secret *secret_for(const struct mls_path *path,
    const struct mls_path_secrets *secrets, uint32_t leaf)
{
	for (unsigned int i = 0; i < path->count; i++) {
		if (tm_is_in_subtree(path->node[i], 2 * leaf))
			return &secrets->at[i];
	}
	return NULL;
}

static void group_secrets_write(struct kk_writer *w,
    const struct mls_stage *stage, const struct mls_secret *path_secret)
{
	const struct crypto_suite *suite = stage->next->suite;
	struct kk_bytes psks = { 0 };
	struct mls_group_secrets gs = {
		.joiner_secret = mls_secret_view(suite, &stage->joiner),
		.has_path_secret = path_secret != NULL,
	};
	struct kk_writer ids;
	enum kk_err err;

	kk_writer_init(&ids);
	psk_ids_write(&ids, &stage->staged->items);
	err = kk_writer_take(&ids, &psks);
	if (err)
		kk_writer_fail(w, err);
	gs.psks = kk_bytes_view(&psks);
	if (path_secret)
		gs.path_secret = mls_secret_view(suite, path_secret);
	mls_group_secrets_write(w, &gs);
	kk_bytes_clear(&psks);
}

static void secret_write(struct kk_writer *w, const struct mls_stage *stage,
    const struct mls_item *item, const struct mls_secret *path_secret,
    const struct crypto_hpke_context *context)
{
	const struct crypto_suite *suite = stage->next->suite;
	struct kk_bytes enc = { 0 }, ct = { 0 };
	struct mls_secret ref;
	struct kk_writer plain;
	enum kk_err err;

	kk_writer_init(&plain);
	group_secrets_write(&plain, stage, path_secret);
	err = plain.err;
	if (!err)
		err = mls_key_package_ref(suite, item->p.add.raw, &ref);
	if (!err)
		err = crypto_encrypt_in_context(suite, item->p.add.init_key,
		    context, kk_writer_view(&plain), &enc, &ct);
	kk_writer_clear(&plain);
	if (err) {
		kk_writer_fail(w, err);
		return;
	}
	kk_write_vec(w, mls_secret_view(suite, &ref));
	kk_write_vec(w, kk_bytes_view(&enc));
	kk_write_vec(w, kk_bytes_view(&ct));
	kk_bytes_clear(&enc);
	kk_bytes_clear(&ct);
}

/* The GroupInfo under the welcome key. */
static enum kk_err info_seal(const struct mls_stage *stage, bool tree_apart,
    struct kk_bytes *sealed)
{
	const struct crypto_suite *suite = stage->next->suite;
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES];
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES];
	struct kk_bytes info = { 0 };
	struct mls_secret welcome;
	enum kk_err err;

	*sealed = (struct kk_bytes){ 0 };
	err = mls_group_info_make(stage->staged->client, stage->next, false,
	    !tree_apart, &info);
	if (!err)
		err = mls_schedule_welcome(suite, &stage->joiner, &stage->psk,
		    &welcome, key, nonce);
	if (!err) {
		sealed->bytes = info.bytes + CRYPTO_AEAD_TAG_BYTES;
		sealed->data = kk_calloc(1, sealed->bytes);
		err = sealed->data ? KK_OK : KK_ENOMEM;
	}
	if (!err)
		err = crypto_aead_seal(suite->aead,
		    kk_view_of(key, suite->aead_key_bytes),
		    kk_view_of(nonce, sizeof(nonce)), (struct kk_view){ 0 },
		    kk_bytes_view(&info), sealed->data);
	if (err) {
		kk_free(sealed->data);
		*sealed = (struct kk_bytes){ 0 };
	}
	kk_bytes_clear(&info);
	kk_wipe(&welcome, sizeof(welcome));
	kk_wipe(key, sizeof(key));
	return err;
}

enum kk_err mls_welcome_make(const struct mls_stage *stage,
    const struct mls_path *path, const struct mls_path_secrets *secrets,
    bool tree_apart, struct kk_bytes *welcome)
{
	const struct mls_items *items = &stage->staged->items;
	struct crypto_hpke_context context;
	struct kk_bytes info;
	struct kk_writer w;
	enum kk_err err;
	size_t at;

	err = info_seal(stage, tree_apart, &info);
	if (err)
		return err;
	/* The GroupInfo is large and hashed for each seal: once is enough. */
	err = crypto_encrypt_context(stage->next->suite, "Welcome",
	    kk_bytes_view(&info), &context);
	if (err) {
		kk_bytes_clear(&info);
		return err;
	}
	kk_writer_init(&w);
	mls_message_write_header(&w, MLS_WELCOME);
	kk_write_u16(&w, stage->next->suite->id);
	at = kk_write_vec_begin(&w);
	for (size_t i = 0; i < items->count && !w.err; i++) {
		const struct mls_item *item = &items->at[i];

		if (item->p.type == MLS_PROPOSAL_ADD)
			secret_write(&w, stage, item,
			    secret_for(path, secrets, item->leaf), &context);
	}
	kk_write_vec_end(&w, at);
	kk_write_vec(&w, kk_bytes_view(&info));
	kk_bytes_clear(&info);
	return kk_writer_take(&w, welcome);
}
