/*
 * backend.h - what a crypto library has to do for the house.  Internal.
 *
 * Lengths are checked before a backend is called: private and public keys have
 * the curve's size, a scalar is in range, a P curve's point starts with 4, a
 * DER signature is well formed.  Each table is constant; suite.c chooses.
 */
#pragma once
#include "crypto/crypto.h"

enum crypto_curve {
	CRYPTO_P256,
	CRYPTO_P384,
	CRYPTO_P521,
	CRYPTO_X25519,
	CRYPTO_X448,
	CRYPTO_CURVE_ED25519,
	CRYPTO_CURVE_ED448,
	CRYPTO_CURVE_COUNT
};

enum { CRYPTO_DH_MAX_BYTES = 66 }; /* P-521 */

struct crypto_hash_backend {
	enum kk_err (*hash)(enum crypto_hash hash, const struct kk_view *parts,
	    size_t part_count, uint8_t *out);
};

/* nonce has 12 bytes; in and out as in crypto.h; open need not wipe out. */
struct crypto_aead_backend {
	enum kk_err (*key_new)(void **statep, enum crypto_aead aead,
	    struct kk_view key);
	enum kk_err (*seal)(void *state, const uint8_t *nonce,
	    struct kk_view aad, struct kk_view in, uint8_t *out);
	enum kk_err (*open)(void *state, const uint8_t *nonce,
	    struct kk_view aad, struct kk_view in, uint8_t *out);
	void (*key_free)(void *state);
};

struct crypto_ctr_backend {
	enum kk_err (*key_new)(void **statep, struct kk_view key);
	enum kk_err (*xor)(void *state, const uint8_t *iv, struct kk_view in,
	    uint8_t *out);
	void (*key_free)(void *state);
};

/* key_new writes the public key.  agree: KK_EINVAL peer is no point. */
struct crypto_dh_backend {
	bool (*has)(enum crypto_curve curve);
	enum kk_err (*key_new)(void **statep, enum crypto_curve curve,
	    const uint8_t *private, uint8_t *public);
	enum kk_err (*agree)(void *state, const uint8_t *peer, uint8_t *out);
	enum kk_err (*public_check)(enum crypto_curve curve,
	    const uint8_t *public);
	void (*key_free)(void *state);
};

/* Signatures are in MLS's form; out of sign has CRYPTO_SIGNATURE_MAX_BYTES. */
struct crypto_sig_backend {
	bool (*has)(enum crypto_curve curve);
	enum kk_err (*key_new)(void **statep, enum crypto_curve curve,
	    const uint8_t *private, uint8_t *public);
	enum kk_err (*sign)(void *state, struct kk_view message, uint8_t *out,
	    size_t *out_bytes);
	enum kk_err (*verify)(enum crypto_curve curve, const uint8_t *public,
	    struct kk_view message, struct kk_view signature);
	void (*key_free)(void *state);
};

extern const struct crypto_hash_backend crypto_psa_hash;
extern const struct crypto_aead_backend crypto_psa_aead;
extern const struct crypto_ctr_backend crypto_psa_ctr;
extern const struct crypto_dh_backend crypto_psa_dh;
extern const struct crypto_sig_backend crypto_psa_sig;
enum kk_err crypto_psa_init(void);
enum kk_err crypto_psa_random(void *out, size_t bytes);

#ifdef KK_CRYPTO_OPENSSL
extern const struct crypto_hash_backend crypto_ossl_hash;
extern const struct crypto_aead_backend crypto_ossl_aead;
extern const struct crypto_ctr_backend crypto_ossl_ctr;
extern const struct crypto_dh_backend crypto_ossl_dh;
extern const struct crypto_sig_backend crypto_ossl_sig;
enum kk_err crypto_ossl_init(void);
enum kk_err crypto_ossl_random(void *out, size_t bytes);
#endif

/* Which library is asked first. */
#ifdef KK_CRYPTO_OPENSSL
#define CRYPTO_FIRST(kind) crypto_ossl_##kind
#else
#define CRYPTO_FIRST(kind) crypto_psa_##kind
#endif

const struct crypto_hash_backend *crypto_hash_backend(void); /* start.c */
/* suite.c: the choice.  NULL: nobody here computes on this curve. */
const struct crypto_aead_backend *crypto_aead_backend(void);
const struct crypto_ctr_backend *crypto_ctr_backend(void);
const struct crypto_dh_backend *crypto_dh_backend(enum crypto_curve curve);
const struct crypto_sig_backend *crypto_sig_backend(enum crypto_curve curve);
