/*
 * ipsec_mb.c - Intel's multi-buffer library as an engine (x86).
 *
 * AES-GCM goes straight through; SHA-1 of several packets runs side by side in
 * the lanes of a vector register, so CM_SHA1 gains by runs of jobs.  The memory
 * is ours throughout, so that we wipe it.
 */
#include <intel-ipsec-mb.h>
#include <string.h>

#include "drivers/crypto-engine/engine_internal.h"

enum {
	ALIGN_BYTES = 64, /* of the manager and of keys */
	SHA1_BYTES = 20,
	ROUND_KEYS_BYTES = 16 * 11 /* FIPS 197, 5.2: AES-128 */
};

struct device {
	void *memory; /* the manager stands in it, aligned */
	size_t bytes;
	IMB_MGR *mgr;
};

struct cm_key {
	uint8_t round_keys[ROUND_KEYS_BYTES];
	uint8_t unused[ROUND_KEYS_BYTES]; /* decryption's, not for CM */
	uint8_t inner[SHA1_BYTES], outer[SHA1_BYTES];
};

static size_t state_bytes(enum engine_cipher cipher)
{
	return cipher == ENGINE_AES128_CM_SHA1 ? sizeof(struct cm_key) :
						 sizeof(struct gcm_key_data);
}

/* Memory for a state, of which at most ALIGN_BYTES are lost. */
static void *aligned(void *memory)
{
	const uintptr_t at = (uintptr_t)memory;
	const size_t skip = (size_t)(-at % ALIGN_BYTES);

	return (uint8_t *)memory + skip;
}

static void device_free(void *arg)
{
	struct device *d = arg;

	kk_free_wiped(d->memory, d->bytes);
	kk_free(d);
}

static enum kk_err device_make(struct device *d)
{
	IMB_ARCH arch;

	d->bytes = imb_get_mb_mgr_size() + ALIGN_BYTES;
	d->memory = kk_calloc(1, d->bytes);
	if (!d->memory)
		return KK_ENOMEM;
	d->mgr = imb_set_pointers_mb_mgr(aligned(d->memory), 0, 1);
	if (!d->mgr)
		return KK_ECRYPTO;
	init_mb_mgr_auto(d->mgr, &arch);
	if (imb_get_errno(d->mgr) == IMB_ERR_SELFTEST)
		return KK_ECRYPTO;
	/* A processor without AES instructions, most likely. */
	return imb_get_errno(d->mgr) ? KK_EUNSUP : KK_OK;
}

static enum kk_err device_new(void **devicep, void *arg)
{
	struct device *d = kk_calloc(1, sizeof(*d));
	enum kk_err err;

	(void)arg;
	if (!d)
		return KK_ENOMEM;
	err = device_make(d);
	if (err) {
		device_free(d);
		return err;
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

static void cm_key_make(const struct device *d, struct cm_key *key,
    const struct engine_secret *secret)
{
	IMB_AES_KEYEXP_128(d->mgr, secret->key, key->round_keys, key->unused);
	imb_hmac_ipad_opad(d->mgr, IMB_AUTH_HMAC_SHA_1, secret->auth,
	    sizeof(secret->auth), key->inner, key->outer);
}

static enum kk_err key_new(void *device, void **statep,
    enum engine_cipher cipher, const struct engine_secret *secret)
{
	struct device *d = device;
	void *memory = kk_calloc(1, state_bytes(cipher) + ALIGN_BYTES);

	if (!memory)
		return KK_ENOMEM;
	if (cipher == ENGINE_AES128_GCM)
		IMB_AES128_GCM_PRE(d->mgr, secret->key, aligned(memory));
	else if (cipher == ENGINE_AES256_GCM)
		IMB_AES256_GCM_PRE(d->mgr, secret->key, aligned(memory));
	else
		cm_key_make(d, aligned(memory), secret);
	if (imb_get_errno(d->mgr)) {
		kk_free_wiped(memory, state_bytes(cipher) + ALIGN_BYTES);
		return KK_ECRYPTO;
	}
	*statep = memory;
	return KK_OK;
}

static void key_free(void *device, enum engine_cipher cipher, void *state)
{
	(void)device;
	kk_free_wiped(state, state_bytes(cipher) + ALIGN_BYTES);
}

/* --- GCM ------------------------------------------------------------------ */

/* The library takes no NULL, though it reads nothing of an empty run. */
static const uint8_t *run_of(struct kk_view v)
{
	static const uint8_t none;

	return v.bytes ? v.data : &none;
}

static enum kk_err gcm_seal(const struct device *d, enum engine_cipher cipher,
    struct engine_job *job)
{
	const struct gcm_key_data *key = aligned(job->state);
	struct gcm_context_data ctx;

	if (cipher == ENGINE_AES128_GCM)
		IMB_AES128_GCM_ENC(d->mgr, key, &ctx, job->out, run_of(job->in),
		    job->in.bytes, job->iv, run_of(job->aad), job->aad.bytes,
		    job->tag, ENGINE_GCM_TAG_BYTES);
	else
		IMB_AES256_GCM_ENC(d->mgr, key, &ctx, job->out, run_of(job->in),
		    job->in.bytes, job->iv, run_of(job->aad), job->aad.bytes,
		    job->tag, ENGINE_GCM_TAG_BYTES);
	return imb_get_errno(d->mgr) ? KK_ECRYPTO : KK_OK;
}

static enum kk_err gcm_open(const struct device *d, enum engine_cipher cipher,
    struct engine_job *job)
{
	const struct gcm_key_data *key = aligned(job->state);
	uint8_t tag[ENGINE_GCM_TAG_BYTES];
	struct gcm_context_data ctx;

	if (cipher == ENGINE_AES128_GCM)
		IMB_AES128_GCM_DEC(d->mgr, key, &ctx, job->out, run_of(job->in),
		    job->in.bytes, job->iv, run_of(job->aad), job->aad.bytes,
		    tag, ENGINE_GCM_TAG_BYTES);
	else
		IMB_AES256_GCM_DEC(d->mgr, key, &ctx, job->out, run_of(job->in),
		    job->in.bytes, job->iv, run_of(job->aad), job->aad.bytes,
		    tag, ENGINE_GCM_TAG_BYTES);
	if (imb_get_errno(d->mgr))
		return KK_ECRYPTO;
	return kk_secret_equal(tag, job->tag, sizeof(tag)) ? KK_OK : KK_EAUTH;
}

/* --- CM and HMAC-SHA1 ----------------------------------------------------- */

static void cm_fill(IMB_JOB *to, struct engine_job *job, bool is_seal,
    uint8_t *mac)
{
	const struct cm_key *key = aligned(job->state);

	to->cipher_mode = job->in.bytes ? IMB_CIPHER_CNTR : IMB_CIPHER_NULL;
	to->cipher_direction = is_seal ? IMB_DIR_ENCRYPT : IMB_DIR_DECRYPT;
	to->chain_order = is_seal ? IMB_ORDER_CIPHER_HASH :
				    IMB_ORDER_HASH_CIPHER;
	to->enc_keys = key->round_keys;
	to->dec_keys = key->round_keys;
	to->key_len_in_bytes = 16;
	to->src = run_of(job->in);
	to->dst = job->out;
	to->cipher_start_src_offset_in_bytes = 0;
	to->msg_len_to_cipher_in_bytes = job->in.bytes;
	to->iv = job->iv;
	to->iv_len_in_bytes = ENGINE_CM_IV_BYTES;
	to->hash_alg = IMB_AUTH_HMAC_SHA_1;
	/* Counted from src, also when it lies before it: arithmetic wraps. */
	to->hash_start_src_offset_in_bytes = (uintptr_t)job->auth.data -
	    (uintptr_t)to->src;
	to->msg_len_to_hash_in_bytes = job->auth.bytes;
	to->auth_tag_output = mac;
	to->auth_tag_output_len_in_bytes = SHA1_BYTES;
	to->u.HMAC._hashed_auth_key_xor_ipad = key->inner;
	to->u.HMAC._hashed_auth_key_xor_opad = key->outer;
	to->user_data = job;
	to->user_data2 = mac;
}

/* One that has been done, in whatever order. */
static void cm_done(const IMB_JOB *from, bool is_seal)
{
	struct engine_job *job = from->user_data;
	const uint8_t *mac = from->user_data2;

	if (from->status != IMB_STATUS_COMPLETED)
		return;
	job->err = KK_OK;
	if (is_seal)
		memcpy(job->tag, mac, ENGINE_CM_TAG_BYTES);
	else if (!kk_secret_equal(mac, job->tag, ENGINE_CM_TAG_BYTES))
		job->err = KK_EAUTH;
}

static void cm_run(const struct device *d, struct engine_job *jobs,
    size_t count, bool is_seal)
{
	uint8_t macs[ENGINE_MANY_MAX][SHA1_BYTES];
	IMB_JOB *done;

	for (size_t i = 0; i < count; i++) {
		IMB_JOB *job = IMB_GET_NEXT_JOB(d->mgr);

		jobs[i].err = KK_ECRYPTO; /* until it comes back */
		cm_fill(job, &jobs[i], is_seal, macs[i]);
		done = IMB_SUBMIT_JOB(d->mgr);
		for (; done; done = IMB_GET_COMPLETED_JOB(d->mgr))
			cm_done(done, is_seal);
	}
	while ((done = IMB_FLUSH_JOB(d->mgr)))
		cm_done(done, is_seal);
}

/* --- as an engine --------------------------------------------------------- */

static enum kk_err job_seal(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	if (cipher != ENGINE_AES128_CM_SHA1)
		return gcm_seal(device, cipher, job);
	cm_run(device, job, 1, true);
	return job->err;
}

static enum kk_err job_open(void *device, enum engine_cipher cipher,
    struct engine_job *job)
{
	if (cipher != ENGINE_AES128_CM_SHA1)
		return gcm_open(device, cipher, job);
	cm_run(device, job, 1, false);
	return job->err;
}

static void seal_many(void *device, enum engine_cipher cipher,
    struct engine_job *jobs, size_t count)
{
	if (cipher == ENGINE_AES128_CM_SHA1) {
		cm_run(device, jobs, count, true);
		return;
	}
	for (size_t i = 0; i < count; i++)
		jobs[i].err = gcm_seal(device, cipher, &jobs[i]);
}

const struct engine_ops engine_ipsec_mb = { "ipsec-mb", device_new, device_free,
	has, key_new, key_free, job_seal, job_open, seal_many };
