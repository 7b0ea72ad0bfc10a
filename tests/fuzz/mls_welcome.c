/*
 * mls_welcome.c - somebody is welcomed.  Byte 0 even: a whole Welcome message.
 * Odd: a vector of GroupSecrets and one of GroupInfo, which are sealed for the
 * key package, so that what stands behind the seals is reached; bit 1 signs the
 * GroupInfo as its signer would.
 */
#include "mls_world.h"

enum { IS_SEALED_HERE = 1, IS_SIGNED_HERE = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void join(struct mls_world *w, struct kk_view welcome)
{
	struct mls_staged *staged = NULL;
	struct mls_group *group = NULL;

	if (mls_group_join(&staged, w->client[MLS_WORLD_MEMBERS], w->kp,
		welcome, (struct kk_view){ 0 }, MLS_WORLD_NOW_S))
		return;
	if (crypto_checks_run(mls_staged_checks(staged)) ||
	    mls_staged_take_group(staged, &group)) {
		mls_staged_free(staged);
		return;
	}
	mls_world_use(group);
	mls_group_free(group);
}

/* The info again, signed by whom it names. */
static void info_sign(struct mls_world *w, struct kk_view raw,
    struct kk_writer *out)
{
	struct kk_bytes signature = { 0 };
	struct mls_group_info info;
	struct kk_reader r;
	struct kk_writer tbs;

	kk_reader_init(&r, raw);
	mls_group_info_read(&r, &info);
	if (kk_reader_end(&r)) {
		kk_write_raw(out, raw);
		return;
	}
	kk_writer_init(&tbs);
	mls_group_info_write_unsigned(&tbs, &info);
	mls_world_must(!tbs.err &&
	    !crypto_sign_with_label(w->signer[info.signer % MLS_WORLD_MEMBERS],
		"GroupInfoTBS", kk_writer_view(&tbs), &signature));
	info.signature = kk_bytes_view(&signature);
	mls_group_info_write(out, &info);
	kk_writer_clear(&tbs);
	kk_bytes_clear(&signature);
}

static void info_seal(const struct crypto_suite *suite, struct kk_view secrets,
    struct kk_view info, struct kk_bytes *sealed)
{
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES], nonce[CRYPTO_AEAD_NONCE_BYTES];
	struct mls_secret joiner = { 0 }, psk = { 0 }, welcome;
	struct mls_group_secrets s;
	struct kk_reader r;

	kk_reader_init(&r, secrets);
	mls_group_secrets_read(&r, &s);
	for (size_t i = 0;
	    i < s.joiner_secret.bytes && !r.err && i < sizeof(joiner.data); i++)
		joiner.data[i] = s.joiner_secret.data[i];
	if (!r.err &&
	    mls_psk_list_secret(s.psks, s.psk_count, NULL,
		mls_world_get()->client[MLS_WORLD_MEMBERS], suite, &psk))
		psk = (struct mls_secret){ 0 }; /* the joiner will refuse */
	mls_world_must(!mls_schedule_welcome(suite, &joiner, &psk, &welcome,
	    key, nonce));
	sealed->bytes = info.bytes + CRYPTO_AEAD_TAG_BYTES;
	sealed->data = kk_calloc(1, sealed->bytes);
	mls_world_must(sealed->data &&
	    !crypto_aead_seal(suite->aead,
		kk_view_of(key, suite->aead_key_bytes),
		kk_view_of(nonce, sizeof(nonce)), (struct kk_view){ 0 }, info,
		sealed->data));
}

static void join_sealed(struct mls_world *w, struct kk_view secrets,
    struct kk_view info)
{
	const struct crypto_suite *suite = w->client[0]->config.suite;
	struct kk_bytes sealed = { 0 }, enc = { 0 }, ct = { 0 };
	struct mls_welcome_secret entry;
	struct kk_writer out;
	size_t at;

	info_seal(suite, secrets, info, &sealed);
	mls_world_must(!crypto_encrypt_with_label(suite, w->kp->f.init_key,
	    "Welcome", kk_bytes_view(&sealed), secrets, &enc, &ct));
	entry.key_package_ref = mls_secret_view(suite, &w->kp->ref);
	entry.secrets.kem_output = kk_bytes_view(&enc);
	entry.secrets.ciphertext = kk_bytes_view(&ct);
	kk_writer_init(&out);
	mls_message_write_header(&out, MLS_WELCOME);
	kk_write_u16(&out, suite->id);
	at = kk_write_vec_begin(&out);
	mls_welcome_secret_write(&out, &entry);
	kk_write_vec_end(&out, at);
	kk_write_vec(&out, kk_bytes_view(&sealed));
	join(w, kk_writer_view(&out));
	kk_writer_clear(&out);
	kk_bytes_clear(&sealed);
	kk_bytes_clear(&enc);
	kk_bytes_clear(&ct);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct mls_world *w = mls_world_get();
	struct kk_view secrets, info;
	struct kk_reader r;
	struct kk_writer signed_info;

	if (bytes < 1)
		return 0;
	kk_reader_init(&r, kk_view_of(data + 1, bytes - 1));
	if (!(data[0] & IS_SEALED_HERE)) {
		join(w, kk_view_of(data + 1, bytes - 1));
		return 0;
	}
	secrets = kk_read_vec(&r);
	info = kk_read_vec(&r);
	if (kk_reader_end(&r))
		return 0;
	kk_writer_init(&signed_info);
	if (data[0] & IS_SIGNED_HERE) {
		info_sign(w, info, &signed_info);
		info = kk_writer_view(&signed_info);
	}
	join_sealed(w, secrets, info);
	kk_writer_clear(&signed_info);
	return 0;
}
