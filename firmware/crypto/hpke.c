/*
 * hpke.c - hybrid public key encryption, single-shot (RFC 9180).
 *
 * Modes base and psk, which is what MLS and the meeting's ways in need.  The
 * key schedule takes its input in pieces, so no secret is copied to the heap.
 */
#include <string.h>

#include "crypto/kdf.h"
#include "crypto/key.h"

enum { MODE_BASE = 0, MODE_PSK = 1 }; /* 5, table 1 */
enum { SUITE_ID_MAX_BYTES = 10 };

static const char version[] = "HPKE-v1"; /* 4 */

/* Which algorithms a labelled function speaks for: "KEM"... or "HPKE"... */
struct hpke_id {
	enum crypto_hash hash;
	uint8_t text[SUITE_ID_MAX_BYTES];
	size_t bytes;
};

struct hpke_keys {
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES];
	uint8_t base_nonce[CRYPTO_AEAD_NONCE_BYTES];
	uint8_t exporter[CRYPTO_HASH_MAX_BYTES];
};

static void number_put(uint8_t *p, unsigned int n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

/* 4.1: suite_id = "KEM" || I2OSP(kem_id, 2) */
static void id_of_kem(struct hpke_id *id, enum crypto_kem kem)
{
	const struct crypto_kem_params *params = crypto_kem_params(kem);

	id->hash = crypto_curve_params(params->curve)->hash;
	memcpy(id->text, "KEM", 3);
	number_put(id->text + 3, kem);
	id->bytes = 5;
}

/* 5.1: suite_id = "HPKE" || kem_id || kdf_id || aead_id */
static void id_of_suite(struct hpke_id *id, const struct crypto_suite *suite)
{
	id->hash = suite->hash;
	memcpy(id->text, "HPKE", 4);
	number_put(id->text + 4, suite->kem);
	number_put(id->text + 6, suite->hash); /* 7.2: the same numbers */
	number_put(id->text + 8, suite->aead);
	id->bytes = 10;
}

static enum kk_err labeled_extract(const struct hpke_id *id,
    struct kk_view salt, const char *label, struct kk_view ikm, uint8_t *out)
{
	const struct kk_view parts[] = { kk_view_text(version),
		kk_view_of(id->text, id->bytes), kk_view_text(label), ikm };

	return crypto_hmac_parts(id->hash, salt, parts, KK_ARRAY_LEN(parts),
	    out);
}

static enum kk_err labeled_expand(const struct hpke_id *id, struct kk_view prk,
    const char *label, struct kk_view info, uint8_t *out, size_t out_bytes)
{
	const uint8_t length[2] = { (uint8_t)(out_bytes >> 8),
		(uint8_t)out_bytes };
	const struct kk_view parts[] = { kk_view_of(length, 2),
		kk_view_text(version), kk_view_of(id->text, id->bytes),
		kk_view_text(label), info };

	if (out_bytes > UINT16_MAX)
		return KK_EINVAL;
	return crypto_hkdf_expand_parts(id->hash, prk, parts,
	    KK_ARRAY_LEN(parts), out, out_bytes);
}

/* 4.1: ExtractAndExpand(dh, kem_context) */
static enum kk_err kem_secret(enum crypto_kem kem, const uint8_t *dh,
    struct kk_view enc, struct kk_view recipient, uint8_t *out)
{
	const struct crypto_kem_params *params = crypto_kem_params(kem);
	uint8_t context[2 * CRYPTO_KEM_PUBLIC_MAX_BYTES];
	uint8_t prk[CRYPTO_HASH_MAX_BYTES];
	struct hpke_id id;
	enum kk_err err;

	id_of_kem(&id, kem);
	memcpy(context, enc.data, enc.bytes);
	memcpy(context + enc.bytes, recipient.data, recipient.bytes);
	err = labeled_extract(&id, (struct kk_view){ 0 }, "eae_prk",
	    kk_view_of(dh, params->dh_bytes), prk);
	if (!err)
		err = labeled_expand(&id,
		    kk_view_of(prk, crypto_hash_bytes(id.hash)),
		    "shared_secret",
		    kk_view_of(context, enc.bytes + recipient.bytes), out,
		    params->secret_bytes);
	kk_wipe(prk, sizeof(prk));
	return err;
}

/* 4.1: Encap */
static enum kk_err kem_encap(enum crypto_kem kem, struct kk_view public,
    uint8_t *enc, uint8_t *secret)
{
	uint8_t dh[CRYPTO_DH_MAX_BYTES];
	struct crypto_key *ephemeral;
	struct kk_view sent;
	enum kk_err err;

	err = crypto_kem_key_generate(&ephemeral, kem);
	if (err)
		return err;
	sent = crypto_key_public(ephemeral);
	err = crypto_key_agree(ephemeral, public, dh);
	if (!err)
		err = kem_secret(kem, dh, sent, public, secret);
	if (!err)
		memcpy(enc, sent.data, sent.bytes);
	kk_wipe(dh, sizeof(dh));
	crypto_key_free(ephemeral);
	return err;
}

/* 4.1: Decap */
static enum kk_err kem_decap(enum crypto_kem kem, struct crypto_key *key,
    struct kk_view enc, uint8_t *secret)
{
	uint8_t dh[CRYPTO_DH_MAX_BYTES];
	enum kk_err err;

	if (key->is_sig || key->kind.kem != kem)
		return KK_EINVAL;
	err = crypto_key_agree(key, enc, dh);
	if (!err)
		err = kem_secret(kem, dh, enc, crypto_key_public(key), secret);
	kk_wipe(dh, sizeof(dh));
	return err;
}

/* 5.1: key_schedule_context */
static enum kk_err schedule_context(const struct crypto_suite *suite,
    struct kk_view info, const struct crypto_hpke_psk *psk,
    struct crypto_hpke_context *context)
{
	const struct kk_view none = { 0 };
	struct hpke_id id;
	enum kk_err err;

	id_of_suite(&id, suite);
	context->bytes = 1 + 2 * suite->hash_bytes;
	context->data[0] = psk ? MODE_PSK : MODE_BASE;
	err = labeled_extract(&id, none, "psk_id_hash",
	    psk ? psk->psk_id : none, context->data + 1);
	if (err)
		return err;
	return labeled_extract(&id, none, "info_hash", info,
	    context->data + 1 + suite->hash_bytes);
}

/* 5.1: KeySchedule.  secret is the KEM's; psk is empty in mode base. */
static enum kk_err key_schedule(const struct crypto_suite *suite,
    const uint8_t *secret, const struct crypto_hpke_context *context,
    struct kk_view psk, struct hpke_keys *keys)
{
	const size_t nh = suite->hash_bytes;
	uint8_t prk[CRYPTO_HASH_MAX_BYTES];
	const struct kk_view prk_view = { prk, nh };
	const struct kk_view context_view = { context->data, context->bytes };
	struct hpke_id id;
	enum kk_err err;

	id_of_suite(&id, suite);
	err = labeled_extract(&id,
	    kk_view_of(secret, crypto_kem_params(suite->kem)->secret_bytes),
	    "secret", psk, prk);
	if (!err)
		err = labeled_expand(&id, prk_view, "key", context_view,
		    keys->key, suite->aead_key_bytes);
	if (!err)
		err = labeled_expand(&id, prk_view, "base_nonce", context_view,
		    keys->base_nonce, CRYPTO_AEAD_NONCE_BYTES);
	if (!err)
		err = labeled_expand(&id, prk_view, "exp", context_view,
		    keys->exporter, nh);
	kk_wipe(prk, sizeof(prk));
	return err;
}

/* 5.1: VerifyPSKInputs; an empty half would be no PSK at all. */
static bool psk_is_valid(const struct crypto_hpke_psk *psk)
{
	return !psk || (psk->psk.bytes > 0 && psk->psk_id.bytes > 0);
}

static struct kk_view psk_secret(const struct crypto_hpke_psk *psk)
{
	return psk ? psk->psk : (struct kk_view){ 0 };
}

static enum kk_err setup_send(const struct crypto_suite *suite,
    struct kk_view public, const struct crypto_hpke_context *context,
    struct kk_view psk, uint8_t *enc, struct hpke_keys *keys)
{
	uint8_t secret[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err;

	err = kem_encap(suite->kem, public, enc, secret);
	if (!err)
		err = key_schedule(suite, secret, context, psk, keys);
	kk_wipe(secret, sizeof(secret));
	return err;
}

static enum kk_err setup_receive(const struct crypto_suite *suite,
    struct crypto_key *key, struct kk_view enc, struct kk_view info,
    const struct crypto_hpke_psk *psk, struct hpke_keys *keys)
{
	uint8_t secret[CRYPTO_HASH_MAX_BYTES];
	struct crypto_hpke_context context;
	enum kk_err err;

	if (!psk_is_valid(psk))
		return KK_EINVAL;
	err = schedule_context(suite, info, psk, &context);
	if (err)
		return err;
	err = kem_decap(suite->kem, key, enc, secret);
	if (!err)
		err = key_schedule(suite, secret, &context, psk_secret(psk),
		    keys);
	kk_wipe(secret, sizeof(secret));
	return err;
}

static enum kk_err seal_once(const struct crypto_suite *suite,
    struct kk_view public, const struct crypto_hpke_context *context,
    struct kk_view psk, struct kk_view aad, struct kk_view pt, uint8_t *enc,
    uint8_t *ct)
{
	struct hpke_keys keys = { 0 };
	enum kk_err err;

	err = setup_send(suite, public, context, psk, enc, &keys);
	if (!err) /* a single message: the sequence number is 0 */
		err = crypto_aead_seal(suite->aead,
		    kk_view_of(keys.key, suite->aead_key_bytes),
		    kk_view_of(keys.base_nonce, CRYPTO_AEAD_NONCE_BYTES), aad,
		    pt, ct);
	kk_wipe(&keys, sizeof(keys));
	return err;
}

enum kk_err crypto_hpke_seal(const struct crypto_suite *suite,
    struct kk_view public, struct kk_view info, struct kk_view aad,
    struct kk_view pt, const struct crypto_hpke_psk *psk, uint8_t *enc,
    uint8_t *ct)
{
	struct crypto_hpke_context context;
	enum kk_err err;

	if (!psk_is_valid(psk))
		return KK_EINVAL;
	err = schedule_context(suite, info, psk, &context);
	if (err)
		return err;
	return seal_once(suite, public, &context, psk_secret(psk), aad, pt, enc,
	    ct);
}

enum kk_err crypto_hpke_context_make(const struct crypto_suite *suite,
    struct kk_view info, struct crypto_hpke_context *context)
{
	return schedule_context(suite, info, NULL, context);
}

enum kk_err crypto_hpke_context_seal(const struct crypto_suite *suite,
    struct kk_view public, const struct crypto_hpke_context *context,
    struct kk_view aad, struct kk_view pt, uint8_t *enc, uint8_t *ct)
{
	return seal_once(suite, public, context, (struct kk_view){ 0 }, aad, pt,
	    enc, ct);
}

enum kk_err crypto_hpke_open(const struct crypto_suite *suite,
    struct crypto_key *key, struct kk_view enc, struct kk_view info,
    struct kk_view aad, struct kk_view ct, const struct crypto_hpke_psk *psk,
    uint8_t *pt)
{
	struct hpke_keys keys = { 0 };
	enum kk_err err;

	if (ct.bytes < CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	err = setup_receive(suite, key, enc, info, psk, &keys);
	if (!err)
		err = crypto_aead_open(suite->aead,
		    kk_view_of(keys.key, suite->aead_key_bytes),
		    kk_view_of(keys.base_nonce, CRYPTO_AEAD_NONCE_BYTES), aad,
		    ct, pt);
	else
		kk_wipe(pt, ct.bytes - CRYPTO_AEAD_TAG_BYTES);
	kk_wipe(&keys, sizeof(keys));
	return err;
}

/* 5.3: Context.Export */
static enum kk_err keys_export(const struct crypto_suite *suite,
    const struct hpke_keys *keys, struct kk_view context, uint8_t *out,
    size_t out_bytes)
{
	struct hpke_id id;

	id_of_suite(&id, suite);
	return labeled_expand(&id,
	    kk_view_of(keys->exporter, suite->hash_bytes), "sec", context, out,
	    out_bytes);
}

enum kk_err crypto_hpke_export_send(const struct crypto_suite *suite,
    struct kk_view public, struct kk_view info, struct kk_view context,
    uint8_t *enc, uint8_t *out, size_t out_bytes)
{
	struct crypto_hpke_context hashed;
	struct hpke_keys keys = { 0 };
	enum kk_err err;

	err = schedule_context(suite, info, NULL, &hashed);
	if (!err)
		err = setup_send(suite, public, &hashed, (struct kk_view){ 0 },
		    enc, &keys);
	if (!err)
		err = keys_export(suite, &keys, context, out, out_bytes);
	kk_wipe(&keys, sizeof(keys));
	return err;
}

enum kk_err crypto_hpke_export_receive(const struct crypto_suite *suite,
    struct crypto_key *key, struct kk_view enc, struct kk_view info,
    struct kk_view context, uint8_t *out, size_t out_bytes)
{
	struct hpke_keys keys = { 0 };
	enum kk_err err;

	err = setup_receive(suite, key, enc, info, NULL, &keys);
	if (!err)
		err = keys_export(suite, &keys, context, out, out_bytes);
	kk_wipe(&keys, sizeof(keys));
	return err;
}

/* 7.1.3: the n-th try at a private key. */
static enum kk_err derive_try(enum crypto_kem kem, const struct hpke_id *id,
    struct kk_view prk, uint8_t n, uint8_t *private)
{
	const struct crypto_curve_params *curve;
	enum kk_err err;

	curve = crypto_curve_params(crypto_kem_params(kem)->curve);
	if (!curve->order)
		return labeled_expand(id, prk, "sk", (struct kk_view){ 0 },
		    private, curve->private_bytes);
	err = labeled_expand(id, prk, "candidate", kk_view_of(&n, 1), private,
	    curve->private_bytes);
	if (err)
		return err;
	private[0] &= curve->top_mask;
	return KK_OK;
}

enum kk_err crypto_kem_key_derive(struct crypto_key **keyp, enum crypto_kem kem,
    struct kk_view ikm)
{
	const struct crypto_kem_params *params = crypto_kem_params(kem);
	uint8_t private[CRYPTO_KEM_PRIVATE_MAX_BYTES];
	uint8_t prk[CRYPTO_HASH_MAX_BYTES];
	struct hpke_id id;
	enum kk_err err;
	bool found = false;

	if (!params)
		return KK_EUNSUP;
	id_of_kem(&id, kem);
	err = labeled_extract(&id, (struct kk_view){ 0 }, "dkp_prk", ikm, prk);
	for (unsigned int n = 0; n < 256 && !found && !err; n++) {
		err = derive_try(kem, &id,
		    kk_view_of(prk, crypto_hash_bytes(id.hash)), (uint8_t)n,
		    private);
		found = !err && crypto_scalar_is_valid(params->curve, private);
	}
	if (!err && !found) /* DeriveKeyPairError: one in 2^8000 */
		err = KK_ECRYPTO;
	if (!err)
		err = crypto_kem_key_import(keyp, kem,
		    kk_view_of(private,
			crypto_curve_params(params->curve)->private_bytes));
	kk_wipe(private, sizeof(private));
	kk_wipe(prk, sizeof(prk));
	return err;
}
