/* ossl_sig.c - ECDSA and EdDSA by OpenSSL. */
#include "crypto/ossl.h"

static bool ossl_has(enum crypto_curve curve)
{
	return curve <= CRYPTO_P521 || curve == CRYPTO_CURVE_ED25519 ||
	    curve == CRYPTO_CURVE_ED448;
}

static bool is_ed(enum crypto_curve curve)
{
	return crypto_ossl_raw_name(curve) != NULL;
}

/* The digest of ECDSA; EdDSA hashes inside. */
static const EVP_MD *sig_md(enum crypto_curve curve)
{
	if (is_ed(curve))
		return NULL;
	return crypto_ossl()->md[crypto_curve_params(curve)->hash];
}

struct ossl_sig_key {
	enum crypto_curve curve;
	EVP_PKEY *pkey;
};

static void ossl_key_free(void *state)
{
	struct ossl_sig_key *key = state;

	EVP_PKEY_free(key->pkey); /* wipes */
	kk_free(key);
}

static enum kk_err key_fill_ed(struct ossl_sig_key *key, const uint8_t *private,
    uint8_t *public)
{
	size_t bytes = crypto_curve_params(key->curve)->public_bytes;

	key->pkey = EVP_PKEY_new_raw_private_key_ex(crypto_ossl()->ctx,
	    crypto_ossl_raw_name(key->curve), NULL, private, bytes);
	if (!key->pkey ||
	    EVP_PKEY_get_raw_public_key(key->pkey, public, &bytes) != 1)
		return crypto_ossl_fail(KK_ECRYPTO);
	return KK_OK;
}

static enum kk_err key_fill_p(struct ossl_sig_key *key, const uint8_t *private,
    uint8_t *public)
{
	BIGNUM *scalar = NULL;
	enum kk_err err;

	err = crypto_ossl_ec_scalar(&scalar, key->curve, private);
	if (err)
		return err;
	err = crypto_ossl_ec_compute(key->curve, scalar, public);
	BN_clear_free(scalar);
	if (err)
		return err;
	return crypto_ossl_ec_pair(&key->pkey, key->curve, private, public);
}

static enum kk_err ossl_key_new(void **statep, enum crypto_curve curve,
    const uint8_t *private, uint8_t *public)
{
	struct ossl_sig_key *key = kk_calloc(1, sizeof(*key));
	enum kk_err err;

	if (!key)
		return KK_ENOMEM;
	key->curve = curve;
	if (is_ed(curve))
		err = key_fill_ed(key, private, public);
	else
		err = key_fill_p(key, private, public);
	if (err) {
		ossl_key_free(key);
		return err;
	}
	*statep = key;
	return KK_OK;
}

static enum kk_err sign_ed(EVP_PKEY *pkey, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_ok;

	is_ok = ctx &&
	    EVP_DigestSignInit_ex(ctx, NULL, NULL, crypto_ossl()->ctx, NULL,
		pkey, NULL) == 1 &&
	    EVP_DigestSign(ctx, out, out_bytes, message.data, message.bytes) ==
		1;
	EVP_MD_CTX_free(ctx);
	return is_ok ? KK_OK : crypto_ossl_fail(KK_ECRYPTO);
}

/* The nonce mixes the private key and the digest into fresh random bytes. */
static enum kk_err sign_p(const struct ossl_sig_key *key,
    struct kk_view message, uint8_t *out, size_t *out_bytes)
{
	const enum crypto_hash hash = crypto_curve_params(key->curve)->hash;
	uint8_t digest[CRYPTO_HASH_MAX_BYTES];
	EVP_PKEY_CTX *ctx;
	enum kk_err err;
	bool is_ok;

	err = crypto_ossl_hash.hash(hash, &message, 1, digest);
	if (err)
		return err;
	ctx = EVP_PKEY_CTX_new_from_pkey(crypto_ossl()->ctx, key->pkey, NULL);
	is_ok = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, sig_md(key->curve)) == 1 &&
	    EVP_PKEY_sign(ctx, out, out_bytes, digest,
		crypto_hash_bytes(hash)) == 1;
	EVP_PKEY_CTX_free(ctx);
	return is_ok ? KK_OK : crypto_ossl_fail(KK_ECRYPTO);
}

static enum kk_err ossl_sign(void *state, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	const struct ossl_sig_key *key = state;

	*out_bytes = CRYPTO_SIGNATURE_MAX_BYTES;
	if (is_ed(key->curve))
		return sign_ed(key->pkey, message, out, out_bytes);
	return sign_p(key, message, out, out_bytes);
}

static enum kk_err verify_ed(enum crypto_curve curve, const uint8_t *public,
    struct kk_view message, struct kk_view signature)
{
	const struct crypto_ossl *lib = crypto_ossl();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *pkey;
	enum kk_err err = KK_OK;

	pkey = EVP_PKEY_new_raw_public_key_ex(lib->ctx,
	    crypto_ossl_raw_name(curve), NULL, public,
	    crypto_curve_params(curve)->public_bytes);
	if (!ctx || !pkey ||
	    EVP_DigestVerifyInit_ex(ctx, NULL, NULL, lib->ctx, NULL, pkey,
		NULL) != 1)
		err = crypto_ossl_fail(KK_ECRYPTO);
	else if (EVP_DigestVerify(ctx, signature.data, signature.bytes,
		     message.data, message.bytes) != 1)
		err = crypto_ossl_fail(KK_EVERIFY);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return err;
}

static enum kk_err verify_p(enum crypto_curve curve, EVP_PKEY *pkey,
    const uint8_t *digest, size_t digest_bytes, struct kk_view signature)
{
	EVP_PKEY_CTX *ctx;
	enum kk_err err = KK_OK;

	ctx = EVP_PKEY_CTX_new_from_pkey(crypto_ossl()->ctx, pkey, NULL);
	if (!ctx || EVP_PKEY_verify_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(ctx, sig_md(curve)) != 1)
		err = crypto_ossl_fail(KK_ECRYPTO);
	else if (EVP_PKEY_verify(ctx, signature.data, signature.bytes, digest,
		     digest_bytes) != 1)
		err = crypto_ossl_fail(KK_EVERIFY);
	EVP_PKEY_CTX_free(ctx);
	return err;
}

static enum kk_err ossl_verify(enum crypto_curve curve, const uint8_t *public,
    struct kk_view message, struct kk_view signature)
{
	const enum crypto_hash hash = crypto_curve_params(curve)->hash;
	uint8_t digest[CRYPTO_HASH_MAX_BYTES];
	EVP_PKEY *pkey;
	enum kk_err err;

	if (is_ed(curve))
		return verify_ed(curve, public, message, signature);
	err = crypto_ossl_ec_public(&pkey, curve, public);
	if (err)
		return err == KK_EINVAL ? KK_EVERIFY : err;
	err = crypto_ossl_hash.hash(hash, &message, 1, digest);
	if (!err)
		err = verify_p(curve, pkey, digest, crypto_hash_bytes(hash),
		    signature);
	EVP_PKEY_free(pkey);
	return err;
}

const struct crypto_sig_backend crypto_ossl_sig = { ossl_has, ossl_key_new,
	ossl_sign, ossl_verify, ossl_key_free };
