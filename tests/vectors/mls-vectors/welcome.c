/* welcome.c - welcome: opens one with the keys of the file alone. */
#include "kinds.h"

#include <string.h>

#include "mls/message.h"

/* The entry of the welcome that is for a key package. */
static bool entry_find(struct vec *v, const struct mls_welcome *welcome,
    struct kk_view key_package, struct mls_welcome_secret *entry)
{
	struct mls_secret ref;
	struct kk_reader r;

	if (!vec_ok(v, mls_key_package_ref(v->suite, key_package, &ref),
		"KeyPackageRef"))
		return false;
	kk_reader_init(&r, welcome->secrets);
	while (kk_reader_more(&r)) {
		mls_welcome_secret_read(&r, entry);
		if (!kk_reader_err(&r) &&
		    kk_view_equal(entry->key_package_ref,
			vec_secret_view(v, &ref)))
			return true;
	}
	return vec_true(v, false, "an entry for the key package");
}

static bool secrets_open(struct vec *v, const struct mls_welcome *welcome,
    const struct mls_welcome_secret *entry, struct kk_view init_private,
    struct mls_group_secrets *secrets)
{
	struct crypto_key *key;
	struct kk_bytes plain = { 0 };
	struct kk_reader r;
	bool is_open;

	if (!vec_ok(v, crypto_kem_key_import(&key, v->suite->kem, init_private),
		"init_priv"))
		return false;
	is_open = vec_ok(v,
	    crypto_decrypt_with_label(v->suite, key, "Welcome",
		welcome->group_info, entry->secrets.kem_output,
		entry->secrets.ciphertext, &plain),
	    "group secrets");
	crypto_key_free(key);
	if (!is_open)
		return false;
	kk_reader_init(&r, vec_hold_bytes(v, plain));
	mls_group_secrets_read(&r, secrets);
	return vec_ok(v, kk_reader_end(&r), "group secrets") &&
	    vec_true(v,
		secrets->joiner_secret.bytes == v->suite->hash_bytes &&
		    secrets->psk_count == 0,
		"group secrets");
}

static bool info_open(struct vec *v, struct kk_view sealed,
    const struct mls_secret *joiner, const struct mls_secret *psk,
    struct mls_group_info *info)
{
	const size_t key_bytes = v->suite->aead_key_bytes;
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES];
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES];
	uint8_t *plain = vec_alloc(v, sealed.bytes);
	struct mls_secret welcome;
	struct kk_reader r;

	if (!vec_true(v, sealed.bytes >= CRYPTO_AEAD_TAG_BYTES, "group info") ||
	    !plain ||
	    !vec_ok(v,
		mls_schedule_welcome(v->suite, joiner, psk, &welcome, key,
		    nonce),
		"welcome secret") ||
	    !vec_ok(v,
		crypto_aead_open(v->suite->aead, kk_view_of(key, key_bytes),
		    kk_view_of(nonce, sizeof(nonce)), (struct kk_view){ 0 },
		    sealed, plain),
		"group info"))
		return false;
	kk_reader_init(&r,
	    kk_view_of(plain, sealed.bytes - CRYPTO_AEAD_TAG_BYTES));
	mls_group_info_read(&r, info);
	return vec_ok(v, kk_reader_end(&r), "group info");
}

static void info_check(struct vec *v, const struct mls_group_info *info,
    const struct mls_secret *joiner, const struct mls_secret *psk,
    struct kk_view signer)
{
	struct mls_epoch_secrets secrets;
	struct mls_secret tag;

	if (vec_ok(v,
		crypto_verify_with_label(v->suite->sig, signer, "GroupInfoTBS",
		    info->tbs, info->signature),
		"signature of the group info") &&
	    vec_ok(v,
		mls_schedule_epoch(v->suite, joiner, psk, info->context_raw,
		    &secrets),
		"epoch secrets") &&
	    vec_ok(v,
		mls_schedule_mac(v->suite, &secrets.confirmation,
		    info->context.confirmed_hash, &tag),
		"confirmation tag"))
		(void)vec_equal(v, info->confirmation_tag,
		    vec_secret_view(v, &tag), "confirmation tag");
}

static void welcome_check(struct vec *v, const struct mls_welcome *welcome,
    struct kk_view key_package, struct kk_view init_private,
    struct kk_view signer)
{
	const struct mls_secret psk = { 0 };
	struct mls_secret joiner = { 0 };
	struct mls_welcome_secret entry = { 0 };
	struct mls_group_secrets secrets;
	struct mls_group_info info;

	if (!vec_true(v, welcome->suite == v->suite->id, "welcome's suite") ||
	    !entry_find(v, welcome, key_package, &entry) ||
	    !secrets_open(v, welcome, &entry, init_private, &secrets))
		return;
	memcpy(joiner.data, secrets.joiner_secret.data,
	    secrets.joiner_secret.bytes);
	if (info_open(v, welcome->group_info, &joiner, &psk, &info))
		info_check(v, &info, &joiner, &psk, signer);
}

void vec_run_welcome(struct vec *v, const struct json *c)
{
	const struct kk_view init_private = vec_hex(v, c, "init_priv");
	const struct kk_view key_package = vec_hex(v, c, "key_package");
	const struct kk_view signer = vec_hex(v, c, "signer_pub");
	const struct kk_view welcome = vec_hex(v, c, "welcome");
	struct mls_message kp, w;

	if (vec_failed(v) ||
	    !vec_ok(v, mls_message_parse(&kp, key_package), "key_package") ||
	    !vec_ok(v, mls_message_parse(&w, welcome), "welcome") ||
	    !vec_true(v, kp.wire_format == MLS_KEY_PACKAGE, "key_package") ||
	    !vec_true(v, w.wire_format == MLS_WELCOME, "welcome"))
		return;
	welcome_check(v, &w.welcome, kp.key_package.raw, init_private, signer);
}
