/* schedule.c - key-schedule, psk_secret, transcript-hashes. */
#include "kinds.h"

#include <string.h>

#include "mls/message.h"

/* The group context that the values of an epoch make. */
static struct kk_view context_check(struct vec *v, const struct json *epoch,
    struct kk_view group_id, uint64_t number)
{
	const struct mls_context context = {
		.version = MLS_VERSION_10,
		.suite = v->suite->id,
		.group_id = group_id,
		.epoch = number,
		.tree_hash = vec_hex(v, epoch, "tree_hash"),
		.confirmed_hash = vec_hex(v, epoch,
		    "confirmed_transcript_hash"),
	};
	struct kk_writer w;
	struct kk_view written;

	kk_writer_init(&w);
	mls_context_write(&w, &context);
	written = vec_hold_writer(v, &w);
	(void)vec_expect(v, epoch, "group_context", written);
	return written;
}

static void secrets_check(struct vec *v, const struct json *epoch,
    const struct mls_epoch_secrets *s)
{
	(void)vec_expect_secret(v, epoch, "sender_data_secret",
	    &s->sender_data);
	(void)vec_expect_secret(v, epoch, "encryption_secret", &s->encryption);
	(void)vec_expect_secret(v, epoch, "exporter_secret", &s->exporter);
	(void)vec_expect_secret(v, epoch, "external_secret", &s->external);
	(void)vec_expect_secret(v, epoch, "confirmation_key", &s->confirmation);
	(void)vec_expect_secret(v, epoch, "membership_key", &s->membership);
	(void)vec_expect_secret(v, epoch, "resumption_psk", &s->resumption);
	(void)vec_expect_secret(v, epoch, "epoch_authenticator",
	    &s->authenticator);
	(void)vec_expect_secret(v, epoch, "init_secret", &s->init);
}

static void external_check(struct vec *v, const struct json *epoch,
    const struct mls_secret *external)
{
	struct crypto_key *key;

	if (!vec_ok(v, mls_schedule_external_key(v->suite, external, &key),
		"external key"))
		return;
	(void)vec_expect(v, epoch, "external_pub", crypto_key_public(key));
	crypto_key_free(key);
}

static void exporter_check(struct vec *v, const struct json *e,
    const struct mls_secret *exporter)
{
	const char *label = vec_text(v, e, "label");
	const struct kk_view context = vec_hex(v, e, "context");
	const uint32_t bytes = vec_u32(v, e, "length");
	uint8_t *out = vec_alloc(v, bytes);

	if (!vec_failed(v) &&
	    vec_ok(v,
		mls_schedule_export(v->suite, exporter, label, context, out,
		    bytes),
		"MLS-Exporter"))
		(void)vec_expect(v, e, "secret", kk_view_of(out, bytes));
}

static void welcome_check(struct vec *v, const struct json *epoch,
    const struct mls_secret *joiner, const struct mls_secret *psk)
{
	struct mls_secret welcome;
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES];
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES];

	if (vec_ok(v,
		mls_schedule_welcome(v->suite, joiner, psk, &welcome, key,
		    nonce),
		"welcome secret"))
		(void)vec_expect_secret(v, epoch, "welcome_secret", &welcome);
}

/* *init is the last epoch's init secret, then this one's. */
static void epoch_check(struct vec *v, const struct json *epoch,
    struct kk_view context, struct mls_secret *init)
{
	const struct mls_secret commit = vec_secret(v, epoch, "commit_secret");
	const struct mls_secret psk = vec_secret(v, epoch, "psk_secret");
	struct mls_epoch_secrets secrets;
	struct mls_secret joiner;

	if (vec_failed(v) ||
	    !vec_ok(v,
		mls_schedule_joiner(v->suite, init, &commit, context, &joiner),
		"joiner secret") ||
	    !vec_expect_secret(v, epoch, "joiner_secret", &joiner))
		return;
	welcome_check(v, epoch, &joiner, &psk);
	if (!vec_ok(v,
		mls_schedule_epoch(v->suite, &joiner, &psk, context, &secrets),
		"epoch secrets"))
		return;
	secrets_check(v, epoch, &secrets);
	external_check(v, epoch, &secrets.external);
	exporter_check(v, json_get(epoch, "exporter"), &secrets.exporter);
	*init = secrets.init;
}

void vec_run_key_schedule(struct vec *v, const struct json *c)
{
	const struct kk_view group_id = vec_hex(v, c, "group_id");
	const struct json *epochs = vec_array(v, c, "epochs");
	struct mls_secret init = vec_secret(v, c, "initial_init_secret");

	for (size_t i = 0; i < json_len(epochs) && !vec_failed(v); i++) {
		const struct json *epoch = json_at(epochs, i);

		epoch_check(v, epoch, context_check(v, epoch, group_id, i),
		    &init);
	}
}

static struct mls_psk_input psk_read(struct vec *v, const struct json *c)
{
	const struct mls_psk_id id = {
		.type = MLS_PSK_EXTERNAL,
		.id = vec_hex(v, c, "psk_id"),
		.nonce = vec_hex(v, c, "psk_nonce"),
	};
	struct mls_psk_input input = { .secret = vec_hex(v, c, "psk") };
	struct kk_writer w;

	kk_writer_init(&w);
	mls_psk_id_write(&w, &id);
	input.id = vec_hold_writer(v, &w);
	return input;
}

void vec_run_psk_secret(struct vec *v, const struct json *c)
{
	const struct json *list = vec_array(v, c, "psks");
	const size_t count = json_len(list);
	struct mls_psk_input *psks = vec_alloc(v, count * sizeof(*psks));
	struct mls_secret out;

	for (size_t i = 0; i < count && !vec_failed(v); i++)
		psks[i] = psk_read(v, json_at(list, i));
	if (!vec_failed(v) &&
	    vec_ok(v, mls_schedule_psk(v->suite, psks, count, &out),
		"psk secret"))
		(void)vec_expect_secret(v, c, "psk_secret", &out);
}

/* ConfirmedTranscriptHashInput: the content with wire format and signature. */
static struct kk_view confirmed_input(struct vec *v,
    const struct mls_auth_content *content)
{
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_u16(&w, content->wire_format);
	mls_content_write(&w, &content->content);
	kk_write_vec(&w, content->auth.signature);
	return vec_hold_writer(v, &w);
}

static void transcript_check(struct vec *v, const struct json *c,
    const struct mls_auth_content *content)
{
	const struct kk_view before = vec_hex(v, c,
	    "interim_transcript_hash_before");
	const struct mls_secret key = vec_secret(v, c, "confirmation_key");
	const struct kk_view tag = content->auth.confirmation_tag;
	struct mls_secret confirmed, interim, mac;

	if (vec_failed(v) ||
	    !vec_ok(v,
		mls_schedule_confirmed_hash(v->suite, before,
		    confirmed_input(v, content), &confirmed),
		"confirmed hash") ||
	    !vec_expect_secret(v, c, "confirmed_transcript_hash_after",
		&confirmed) ||
	    !vec_ok(v,
		mls_schedule_mac(v->suite, &key, vec_secret_view(v, &confirmed),
		    &mac),
		"confirmation tag") ||
	    !vec_equal(v, tag, vec_secret_view(v, &mac), "confirmation tag"))
		return;
	if (vec_ok(v,
		mls_schedule_interim_hash(v->suite,
		    kk_view_of(confirmed.data, v->suite->hash_bytes), tag,
		    &interim),
		"interim hash"))
		(void)vec_expect_secret(v, c, "interim_transcript_hash_after",
		    &interim);
}

void vec_run_transcript_hashes(struct vec *v, const struct json *c)
{
	struct mls_auth_content content;
	struct kk_reader r;

	kk_reader_init(&r, vec_hex(v, c, "authenticated_content"));
	mls_auth_content_read(&r, &content);
	if (vec_failed(v) ||
	    !vec_ok(v, kk_reader_end(&r), "authenticated_content") ||
	    !vec_true(v, content.content.type == MLS_CONTENT_COMMIT,
		"authenticated_content is a commit"))
		return;
	transcript_check(v, c, &content);
}
