/*
 * ossl_dh.c - Diffie-Hellman by OpenSSL.
 *
 * On the P curves by points and scalars (EC_POINT_mul, as OpenSSL's own ECDH
 * does it, in constant time): going through EVP objects costs more than
 * half of a P-256 multiplication.  X25519 and X448 have EVP only.
 */
#include "crypto/ossl.h"

struct ossl_dh_key {
	enum crypto_curve curve;
	BIGNUM *scalar; /* P curves */
	EVP_PKEY *pkey; /* X curves */
};

static bool ossl_has(enum crypto_curve curve)
{
	return curve <= CRYPTO_X448;
}

static void ossl_key_free(void *state)
{
	struct ossl_dh_key *key = state;

	BN_clear_free(key->scalar);
	EVP_PKEY_free(key->pkey); /* wipes */
	kk_free(key);
}

static enum kk_err key_fill_p(struct ossl_dh_key *key, const uint8_t *private,
    uint8_t *public)
{
	enum kk_err err;

	err = crypto_ossl_ec_scalar(&key->scalar, key->curve, private);
	if (err)
		return err;
	return crypto_ossl_ec_compute(key->curve, key->scalar, public);
}

static enum kk_err key_fill_x(struct ossl_dh_key *key, const uint8_t *private,
    uint8_t *public)
{
	const struct crypto_curve_params *params;
	size_t bytes;

	params = crypto_curve_params(key->curve);
	bytes = params->public_bytes;
	key->pkey = EVP_PKEY_new_raw_private_key_ex(crypto_ossl()->ctx,
	    crypto_ossl_raw_name(key->curve), NULL, private,
	    params->private_bytes);
	if (!key->pkey ||
	    EVP_PKEY_get_raw_public_key(key->pkey, public, &bytes) != 1)
		return crypto_ossl_fail(KK_ECRYPTO);
	return KK_OK;
}

static enum kk_err ossl_key_new(void **statep, enum crypto_curve curve,
    const uint8_t *private, uint8_t *public)
{
	struct ossl_dh_key *key = kk_calloc(1, sizeof(*key));
	enum kk_err err;

	if (!key)
		return KK_ENOMEM;
	key->curve = curve;
	if (crypto_ossl_raw_name(curve))
		err = key_fill_x(key, private, public);
	else
		err = key_fill_p(key, private, public);
	if (err) {
		ossl_key_free(key);
		return err;
	}
	*statep = key;
	return KK_OK;
}

static EVP_PKEY *peer_new(enum crypto_curve curve, const uint8_t *peer)
{
	return EVP_PKEY_new_raw_public_key_ex(crypto_ossl()->ctx,
	    crypto_ossl_raw_name(curve), NULL, peer,
	    crypto_curve_params(curve)->public_bytes);
}

/* OpenSSL refuses an all-zero secret itself; the caller checks it again. */
static enum kk_err agree_x(const struct ossl_dh_key *key, const uint8_t *peer,
    uint8_t *out)
{
	size_t bytes = crypto_curve_params(key->curve)->private_bytes;
	EVP_PKEY *pub = peer_new(key->curve, peer);
	EVP_PKEY_CTX *ctx;
	enum kk_err err = KK_OK;

	ctx = EVP_PKEY_CTX_new_from_pkey(crypto_ossl()->ctx, key->pkey, NULL);
	if (!pub || !ctx || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer_ex(ctx, pub, 0) != 1)
		err = crypto_ossl_fail(KK_ECRYPTO);
	else if (EVP_PKEY_derive(ctx, out, &bytes) != 1)
		err = crypto_ossl_fail(KK_EINVAL);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pub);
	return err;
}

static enum kk_err ossl_agree(void *state, const uint8_t *peer, uint8_t *out)
{
	const struct ossl_dh_key *key = state;

	if (key->pkey)
		return agree_x(key, peer, out);
	return crypto_ossl_ec_agree(key->curve, key->scalar, peer, out);
}

static enum kk_err ossl_public_check(enum crypto_curve curve,
    const uint8_t *public)
{
	if (crypto_ossl_raw_name(curve))
		return KK_OK; /* any string; the shared secret is checked */
	return crypto_ossl_ec_check(curve, public);
}

const struct crypto_dh_backend crypto_ossl_dh = { ossl_has, ossl_key_new,
	ossl_agree, ossl_public_check, ossl_key_free };
