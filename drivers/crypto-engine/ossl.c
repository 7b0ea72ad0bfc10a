/*
 * ossl.c - OpenSSL as an engine.
 *
 * Contexts are kept with the key, so that a packet pays for no key schedule.
 * HMAC's two keyed states are kept, too, and copied for each packet.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "drivers/crypto-engine/engine_internal.h"

enum {
	SHA1_BYTES = 20,
	SHA1_BLOCK_BYTES = 64,
	HMAC_INNER = 0x36, /* RFC 2104, 2 */
	HMAC_OUTER = 0x5c
};

struct device {
	EVP_CIPHER *gcm_128, *gcm_256, *ctr_128, *ctr_256;
	EVP_MD *sha1;
	EVP_MD_CTX *hash; /* at work on a packet; holds nothing between */
	EVP_CIPHER_CTX *stream; /* of key derivation */
};

struct state { /* of a key */
	EVP_CIPHER_CTX *cipher;
	EVP_MD_CTX *inner, *outer; /* CM_SHA1 */
};

/* The library's queue of reasons must not grow. */
static enum kk_err fail(enum kk_err err)
{
	ERR_clear_error();
	return err;
}

static void device_free(void *arg)
{
	struct device *d = arg;

	EVP_CIPHER_free(d->gcm_128);
	EVP_CIPHER_free(d->gcm_256);
	EVP_CIPHER_free(d->ctr_128);
	EVP_CIPHER_free(d->ctr_256);
	EVP_MD_free(d->sha1);
	EVP_MD_CTX_free(d->hash);
	EVP_CIPHER_CTX_free(d->stream);
	kk_free(d);
}

static enum kk_err device_new(void **devicep, void *arg)
{
	struct device *d = kk_calloc(1, sizeof(*d));

	(void)arg;
	if (!d)
		return KK_ENOMEM;
	d->gcm_128 = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	d->gcm_256 = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	d->ctr_128 = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);
	d->ctr_256 = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
	d->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	d->hash = EVP_MD_CTX_new();
	d->stream = EVP_CIPHER_CTX_new();
	if (!d->gcm_128 || !d->gcm_256 || !d->ctr_128 || !d->ctr_256 ||
	    !d->sha1 || !d->hash || !d->stream ||
	    EVP_DigestInit_ex2(d->hash, d->sha1, NULL) != 1) {
		device_free(d);
		return fail(KK_ECRYPTO);
	}
	*devicep = d;
	return KK_OK;
}

static bool has(void *device, enum engine_cipher cipher)
{
	(void)device;
	(void)cipher;
	return true;
}

/* --- keys ----------------------------------------------------------------- */

static bool hmac_begin(const struct device *d, EVP_MD_CTX **ctxp,
    const uint8_t *key, uint8_t pad)
{
	uint8_t block[SHA1_BLOCK_BYTES];
	bool is_done;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = pad ^ (i < ENGINE_AUTH_KEY_BYTES ? key[i] : 0);
	*ctxp = EVP_MD_CTX_new();
	is_done = *ctxp && EVP_DigestInit_ex2(*ctxp, d->sha1, NULL) == 1 &&
	    EVP_DigestUpdate(*ctxp, block, sizeof(block)) == 1;
	kk_wipe(block, sizeof(block));
	return is_done;
}

static const EVP_CIPHER *cipher_of(const struct device *d,
    enum engine_cipher cipher)
{
	switch (cipher) {
	case ENGINE_AES128_GCM:
		return d->gcm_128;
	case ENGINE_AES256_GCM:
		return d->gcm_256;
	default:
		return d->ctr_128;
	}
}

/* OpenSSL wipes what it releases: key schedules, hash states. */
static void key_free(void *device, enum engine_cipher cipher, void *arg)
{
	struct state *state = arg;

	(void)device;
	(void)cipher;
	EVP_CIPHER_CTX_free(state->cipher);
	EVP_MD_CTX_free(state->inner);
	EVP_MD_CTX_free(state->outer);
	kk_free(state);
}

static bool key_make(const struct device *d, struct state *state,
    enum engine_cipher cipher, const struct engine_secret *secret)
{
	state->cipher = EVP_CIPHER_CTX_new();
	if (!state->cipher ||
	    EVP_CipherInit_ex2(state->cipher, cipher_of(d, cipher), secret->key,
		NULL, 1, NULL) != 1)
		return false;
	return cipher != ENGINE_AES128_CM_SHA1 ||
	    (hmac_begin(d, &state->inner, secret->auth, HMAC_INNER) &&
		hmac_begin(d, &state->outer, secret->auth, HMAC_OUTER));
}

static enum kk_err key_new(void *device, void **statep,
    enum engine_cipher cipher, const struct engine_secret *secret)
{
	struct state *state = kk_calloc(1, sizeof(*state));

	if (!state)
		return KK_ENOMEM;
	if (!key_make(device, state, cipher, secret)) {
		key_free(device, cipher, state);
		return fail(KK_ECRYPTO);
	}
	*statep = state;
	return KK_OK;
}

/* --- jobs ----------------------------------------------------------------- */

/* An empty run given as NULL would be read as "the end". */
static bool update(EVP_CIPHER_CTX *ctx, uint8_t *out, struct kk_view in)
{
	int written;

	return in.bytes == 0 ||
	    EVP_CipherUpdate(ctx, out, &written, in.data, (int)in.bytes) == 1;
}

static enum kk_err gcm_seal(struct state *state, struct engine_job *job)
{
	EVP_CIPHER_CTX *ctx = state->cipher;
	uint8_t none[ENGINE_GCM_TAG_BYTES];
	int written;

	if (EVP_CipherInit_ex2(ctx, NULL, NULL, job->iv, 1, NULL) != 1 ||
	    !update(ctx, NULL, job->aad) || !update(ctx, job->out, job->in) ||
	    EVP_CipherFinal_ex(ctx, none, &written) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG,
		ENGINE_GCM_TAG_BYTES, job->tag) != 1)
		return fail(KK_ECRYPTO);
	return KK_OK;
}

static enum kk_err gcm_open(struct state *state, struct engine_job *job)
{
	EVP_CIPHER_CTX *ctx = state->cipher;
	uint8_t none[ENGINE_GCM_TAG_BYTES];
	int written;

	if (EVP_CipherInit_ex2(ctx, NULL, NULL, job->iv, 0, NULL) != 1 ||
	    !update(ctx, NULL, job->aad) || !update(ctx, job->out, job->in) ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
		ENGINE_GCM_TAG_BYTES, job->tag) != 1)
		return fail(KK_ECRYPTO);
	if (EVP_CipherFinal_ex(ctx, none, &written) != 1)
		return fail(KK_EAUTH);
	return KK_OK;
}

static bool hmac_run(struct device *d, const struct state *state,
    struct kk_view run, uint8_t mac[SHA1_BYTES])
{
	return EVP_MD_CTX_copy_ex(d->hash, state->inner) == 1 &&
	    EVP_DigestUpdate(d->hash, run.data, run.bytes) == 1 &&
	    EVP_DigestFinal_ex(d->hash, mac, NULL) == 1 &&
	    EVP_MD_CTX_copy_ex(d->hash, state->outer) == 1 &&
	    EVP_DigestUpdate(d->hash, mac, SHA1_BYTES) == 1 &&
	    EVP_DigestFinal_ex(d->hash, mac, NULL) == 1;
}

static bool ctr_run(struct state *state, const struct engine_job *job)
{
	return EVP_CipherInit_ex2(state->cipher, NULL, NULL, job->iv, 1,
		   NULL) == 1 &&
	    update(state->cipher, job->out, job->in);
}

static enum kk_err cm_seal(struct device *d, struct state *state,
    struct engine_job *job)
{
	uint8_t mac[SHA1_BYTES];

	if (!ctr_run(state, job) || !hmac_run(d, state, job->auth, mac))
		return fail(KK_ECRYPTO);
	memcpy(job->tag, mac, ENGINE_CM_TAG_BYTES);
	return KK_OK;
}

static enum kk_err cm_open(struct device *d, struct state *state,
    struct engine_job *job)
{
	uint8_t mac[SHA1_BYTES];

	if (!hmac_run(d, state, job->auth, mac))
		return fail(KK_ECRYPTO);
	if (!kk_secret_equal(mac, job->tag, ENGINE_CM_TAG_BYTES))
		return KK_EAUTH;
	return ctr_run(state, job) ? KK_OK : fail(KK_ECRYPTO);
}

static enum kk_err job_seal(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	return cipher == ENGINE_AES128_CM_SHA1 ?
	    cm_seal(device, job->state, job) :
	    gcm_seal(job->state, job);
}

static enum kk_err job_open(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	return cipher == ENGINE_AES128_CM_SHA1 ?
	    cm_open(device, job->state, job) :
	    gcm_open(job->state, job);
}

enum kk_err engine_ossl_keystream(void *device, struct kk_view key,
    const uint8_t *iv, uint8_t *out, size_t bytes)
{
	struct device *d = device;
	int written;
	bool is_done;

	memset(out, 0, bytes);
	is_done = EVP_CipherInit_ex2(d->stream,
		      key.bytes == 16 ? d->ctr_128 : d->ctr_256, key.data, iv,
		      1, NULL) == 1 &&
	    EVP_CipherUpdate(d->stream, out, &written, out, (int)bytes) == 1;
	/* Nothing of the key stays. */
	is_done = EVP_CIPHER_CTX_reset(d->stream) == 1 && is_done;
	return is_done ? KK_OK : fail(KK_ECRYPTO);
}

const struct engine_ops engine_ossl = { "openssl", device_new, device_free, has,
	key_new, key_free, job_seal, job_open, NULL };
