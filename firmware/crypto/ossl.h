/* ossl.h - what the OpenSSL backend's files share.  Internal. */
#pragma once
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "crypto/params.h"

/* Looked up once in crypto_init(), constant afterwards, shared by all threads:
 * a lookup by name takes OpenSSL longer than hashing a short message. */
struct crypto_ossl {
	OSSL_LIB_CTX *ctx; /* our own: no openssl.cnf, no engines */
	EVP_MD *md[CRYPTO_SHA1 + 1];
	EVP_CIPHER *aead[CRYPTO_CHACHA20_POLY1305 + 1];
	EVP_CIPHER *ctr_128, *ctr_256;
	EC_GROUP *group[CRYPTO_P521 + 1];
	EVP_PKEY *ec_template[CRYPTO_P521 + 1]; /* curve, without a key */
};

const struct crypto_ossl *crypto_ossl(void);

/* Empties OpenSSL's error queue and hands err on. */
enum kk_err crypto_ossl_fail(enum kk_err err);

/* The name of a curve of one raw string (X and Ed), NULL for a P curve. */
const char *crypto_ossl_raw_name(enum crypto_curve curve);

/* ossl_ec.c: keys of the P curves.  Errors: KK_EINVAL no point, KK_ENOMEM. */
enum kk_err crypto_ossl_ec_public(EVP_PKEY **pkeyp, enum crypto_curve curve,
    const uint8_t *public);
enum kk_err crypto_ossl_ec_pair(EVP_PKEY **pkeyp, enum crypto_curve curve,
    const uint8_t *private, const uint8_t *public);
/* public = private * G */
enum kk_err crypto_ossl_ec_compute(enum crypto_curve curve,
    const BIGNUM *private, uint8_t *public);
/* out = x coordinate of private * peer */
enum kk_err crypto_ossl_ec_agree(enum crypto_curve curve, const BIGNUM *private,
    const uint8_t *peer, uint8_t *out);
enum kk_err crypto_ossl_ec_check(enum crypto_curve curve,
    const uint8_t *public);
/* A secret number, to be released with BN_clear_free(). */
enum kk_err crypto_ossl_ec_scalar(BIGNUM **scalarp, enum crypto_curve curve,
    const uint8_t *private);
