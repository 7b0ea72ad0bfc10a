/* ossl_ec.c - points, scalars and keys of the P curves by OpenSSL. */
#include <openssl/core_names.h>

#include "crypto/ossl.h"

enum kk_err crypto_ossl_ec_scalar(BIGNUM **scalarp, enum crypto_curve curve,
    const uint8_t *private)
{
	const int bytes = (int)crypto_curve_params(curve)->private_bytes;
	BIGNUM *scalar = BN_new();

	if (!scalar)
		return crypto_ossl_fail(KK_ENOMEM);
	BN_set_flags(scalar, BN_FLG_CONSTTIME);
	if (!BN_bin2bn(private, bytes, scalar)) {
		BN_clear_free(scalar);
		return crypto_ossl_fail(KK_ENOMEM);
	}
	*scalarp = scalar;
	return KK_OK;
}

enum kk_err crypto_ossl_ec_compute(enum crypto_curve curve,
    const BIGNUM *private, uint8_t *public)
{
	const struct crypto_ossl *lib = crypto_ossl();
	const size_t room = crypto_curve_params(curve)->public_bytes;
	const EC_GROUP *group = lib->group[curve];
	EC_POINT *point = EC_POINT_new(group);
	BN_CTX *bn = BN_CTX_new_ex(lib->ctx);
	bool is_ok;

	is_ok = point && bn &&
	    EC_POINT_mul(group, point, private, NULL, NULL, bn) == 1 &&
	    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
		public, room, bn) == room;
	EC_POINT_free(point);
	BN_CTX_free(bn);
	return is_ok ? KK_OK : crypto_ossl_fail(KK_ECRYPTO);
}

/* Reads a point; oct2point checks that it is on the curve. */
static enum kk_err point_read(EC_POINT *point, enum crypto_curve curve,
    const uint8_t *public, BN_CTX *bn)
{
	if (EC_POINT_oct2point(crypto_ossl()->group[curve], point, public,
		crypto_curve_params(curve)->public_bytes, bn) != 1)
		return crypto_ossl_fail(KK_EINVAL);
	return KK_OK;
}

static enum kk_err point_agree(const EC_GROUP *group, const BIGNUM *private,
    EC_POINT *point, BN_CTX *bn, size_t bytes, uint8_t *out)
{
	BIGNUM *x = BN_new();
	bool is_ok;

	is_ok = x &&
	    EC_POINT_mul(group, point, NULL, point, private, bn) == 1 &&
	    EC_POINT_get_affine_coordinates(group, point, x, NULL, bn) == 1 &&
	    BN_bn2binpad(x, out, (int)bytes) == (int)bytes;
	BN_clear_free(x);
	return is_ok ? KK_OK : crypto_ossl_fail(KK_ECRYPTO);
}

enum kk_err crypto_ossl_ec_agree(enum crypto_curve curve, const BIGNUM *private,
    const uint8_t *peer, uint8_t *out)
{
	const struct crypto_ossl *lib = crypto_ossl();
	EC_POINT *point = EC_POINT_new(lib->group[curve]);
	BN_CTX *bn = BN_CTX_new_ex(lib->ctx);
	enum kk_err err = KK_ENOMEM;

	if (point && bn)
		err = point_read(point, curve, peer, bn);
	if (!err)
		err = point_agree(lib->group[curve], private, point, bn,
		    crypto_curve_params(curve)->private_bytes, out);
	EC_POINT_clear_free(point);
	BN_CTX_free(bn);
	return err;
}

enum kk_err crypto_ossl_ec_check(enum crypto_curve curve, const uint8_t *public)
{
	EC_POINT *point = EC_POINT_new(crypto_ossl()->group[curve]);
	enum kk_err err;

	if (!point)
		return crypto_ossl_fail(KK_ENOMEM);
	err = point_read(point, curve, public, NULL);
	EC_POINT_free(point);
	return err;
}

/* Copying a key that has the curve is cheaper than naming the curve anew. */
enum kk_err crypto_ossl_ec_public(EVP_PKEY **pkeyp, enum crypto_curve curve,
    const uint8_t *public)
{
	EVP_PKEY *pkey = EVP_PKEY_dup(crypto_ossl()->ec_template[curve]);

	if (!pkey)
		return crypto_ossl_fail(KK_ENOMEM);
	if (EVP_PKEY_set1_encoded_public_key(pkey, public,
		crypto_curve_params(curve)->public_bytes) != 1) {
		EVP_PKEY_free(pkey);
		return crypto_ossl_fail(KK_EINVAL);
	}
	*pkeyp = pkey;
	return KK_OK;
}

static const char *curve_name(enum crypto_curve curve)
{
	switch (curve) {
	case CRYPTO_P256:
		return "P-256";
	case CRYPTO_P384:
		return "P-384";
	default:
		return "P-521";
	}
}

static enum kk_err pair_make(EVP_PKEY **pkeyp, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *pctx;
	EVP_PKEY *pkey = NULL;

	pctx = EVP_PKEY_CTX_new_from_name(crypto_ossl()->ctx, "EC", NULL);
	if (!pctx)
		return crypto_ossl_fail(KK_ENOMEM);
	if (EVP_PKEY_fromdata_init(pctx) != 1 ||
	    EVP_PKEY_fromdata(pctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1) {
		EVP_PKEY_CTX_free(pctx);
		return crypto_ossl_fail(KK_ECRYPTO);
	}
	EVP_PKEY_CTX_free(pctx);
	*pkeyp = pkey;
	return KK_OK;
}

enum kk_err crypto_ossl_ec_pair(EVP_PKEY **pkeyp, enum crypto_curve curve,
    const uint8_t *private, const uint8_t *public)
{
	const struct crypto_curve_params *sizes = crypto_curve_params(curve);
	uint8_t native[CRYPTO_SIG_PRIVATE_MAX_BYTES];
	OSSL_PARAM params[4];
	BIGNUM *scalar = NULL;
	enum kk_err err;

	err = crypto_ossl_ec_scalar(&scalar, curve, private);
	if (err)
		return err;
	if (BN_bn2nativepad(scalar, native, (int)sizes->private_bytes) < 0)
		err = KK_ECRYPTO;
	BN_clear_free(scalar);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
	    (char *)curve_name(curve), 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
	    (void *)public, sizes->public_bytes);
	params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native,
	    sizes->private_bytes);
	params[3] = OSSL_PARAM_construct_end();
	if (!err)
		err = pair_make(pkeyp, params);
	kk_wipe(native, sizeof(native));
	return err;
}
