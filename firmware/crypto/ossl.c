/* ossl.c - what the OpenSSL backend's files share. */
#include "crypto/ossl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/rand.h>

/* Set by crypto_ossl_init() under crypto_init()'s once, read-only after it. */
static struct crypto_ossl lib;

const struct crypto_ossl *crypto_ossl(void)
{
	return &lib;
}

enum kk_err crypto_ossl_fail(enum kk_err err)
{
	ERR_clear_error();
	return err;
}

const char *crypto_ossl_raw_name(enum crypto_curve curve)
{
	switch (curve) {
	case CRYPTO_X25519:
		return "X25519";
	case CRYPTO_X448:
		return "X448";
	case CRYPTO_CURVE_ED25519:
		return "ED25519";
	case CRYPTO_CURVE_ED448:
		return "ED448";
	default:
		return NULL;
	}
}

static bool lib_init_symmetric(void)
{
	lib.md[CRYPTO_SHA256] = EVP_MD_fetch(lib.ctx, "SHA2-256", NULL);
	lib.md[CRYPTO_SHA384] = EVP_MD_fetch(lib.ctx, "SHA2-384", NULL);
	lib.md[CRYPTO_SHA512] = EVP_MD_fetch(lib.ctx, "SHA2-512", NULL);
	/* Nothing but ice_login_mint() needs it, which says so. */
	lib.md[CRYPTO_SHA1] = EVP_MD_fetch(lib.ctx, "SHA1", NULL);
	lib.aead[CRYPTO_AES_128_GCM] = EVP_CIPHER_fetch(lib.ctx, "AES-128-GCM",
	    NULL);
	lib.aead[CRYPTO_AES_256_GCM] = EVP_CIPHER_fetch(lib.ctx, "AES-256-GCM",
	    NULL);
	lib.aead[CRYPTO_CHACHA20_POLY1305] = EVP_CIPHER_fetch(lib.ctx,
	    "ChaCha20-Poly1305", NULL);
	lib.ctr_128 = EVP_CIPHER_fetch(lib.ctx, "AES-128-CTR", NULL);
	lib.ctr_256 = EVP_CIPHER_fetch(lib.ctx, "AES-256-CTR", NULL);
	return lib.md[CRYPTO_SHA256] && lib.md[CRYPTO_SHA384] &&
	    lib.md[CRYPTO_SHA512] && lib.aead[CRYPTO_AES_128_GCM] &&
	    lib.aead[CRYPTO_AES_256_GCM] &&
	    lib.aead[CRYPTO_CHACHA20_POLY1305] && lib.ctr_128 && lib.ctr_256;
}

/* A key that has a curve and nothing else. */
static EVP_PKEY *template_make(const char *name)
{
	EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_name(lib.ctx, "EC", NULL);
	OSSL_PARAM params[2];
	EVP_PKEY *pkey = NULL;

	params[0] = OSSL_PARAM_construct_utf8_string("group", (char *)name, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (pctx && EVP_PKEY_fromdata_init(pctx) == 1)
		(void)EVP_PKEY_fromdata(pctx, &pkey, EVP_PKEY_KEY_PARAMETERS,
		    params);
	EVP_PKEY_CTX_free(pctx);
	return pkey;
}

static bool lib_init_curves(void)
{
	static const struct {
		enum crypto_curve curve;
		int nid;
		const char *name;
	} curves[] = { { CRYPTO_P256, NID_X9_62_prime256v1, "P-256" },
		{ CRYPTO_P384, NID_secp384r1, "P-384" },
		{ CRYPTO_P521, NID_secp521r1, "P-521" } };

	for (size_t i = 0; i < KK_ARRAY_LEN(curves); i++) {
		enum crypto_curve curve = curves[i].curve;

		lib.group[curve] = EC_GROUP_new_by_curve_name_ex(lib.ctx, NULL,
		    curves[i].nid);
		lib.ec_template[curve] = template_make(curves[i].name);
		if (!lib.group[curve] || !lib.ec_template[curve])
			return false;
	}
	return true;
}

enum kk_err crypto_ossl_init(void)
{
	lib.ctx = OSSL_LIB_CTX_new();
	if (!lib.ctx || !lib_init_symmetric() || !lib_init_curves())
		return crypto_ossl_fail(KK_ECRYPTO);
	return KK_OK;
}

enum kk_err crypto_ossl_random(void *out, size_t bytes)
{
	if (RAND_priv_bytes_ex(lib.ctx, out, bytes, 0) != 1)
		return crypto_ossl_fail(KK_ECRYPTO);
	return KK_OK;
}
