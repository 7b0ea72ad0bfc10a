/*
 * crypto.h - the house's only door to crypto libraries.  Zone: keys, media.
 *
 * No file outside firmware/crypto includes a crypto library's header.  Which
 * library does what is decided in suite.c by measurement: mbedTLS (PSA) is the
 * base, OpenSSL does what mbedTLS lacks (Ed25519, Ed448, X448) and, where
 * KK_CRYPTO_OPENSSL is set, all that it computes several times faster.
 *
 * Every function may be called from any thread; objects belong to one thread at
 * a time.  crypto_init() comes first.
 */
#pragma once
#include "base/base.h"

enum crypto_hash { /* RFC 6234 */
	CRYPTO_SHA256 = 1,
	CRYPTO_SHA384,
	CRYPTO_SHA512,
	/* For what others have settled with it, as TURN's passwords: HMAC
	 * alone.  Not in the browser's build. */
	CRYPTO_SHA1
};

enum crypto_aead { /* RFC 9180, 7.3 (numbers are ours to use as its aead_id) */
	CRYPTO_AES_128_GCM = 1,
	CRYPTO_AES_256_GCM = 2,
	CRYPTO_CHACHA20_POLY1305 = 3
};

enum crypto_kem { /* RFC 9180, 7.1: kem_id */
	CRYPTO_DHKEM_P256 = 0x0010,
	CRYPTO_DHKEM_P384 = 0x0011,
	CRYPTO_DHKEM_P521 = 0x0012,
	CRYPTO_DHKEM_X25519 = 0x0020,
	CRYPTO_DHKEM_X448 = 0x0021
};

enum crypto_sig { /* RFC 8446, 4.2.3: SignatureScheme */
	CRYPTO_ECDSA_P256_SHA256 = 0x0403,
	CRYPTO_ECDSA_P384_SHA384 = 0x0503,
	CRYPTO_ECDSA_P521_SHA512 = 0x0603,
	CRYPTO_ED25519 = 0x0807,
	CRYPTO_ED448 = 0x0808
};

enum {
	CRYPTO_HASH_MAX_BYTES = 64,
	CRYPTO_AEAD_KEY_MAX_BYTES = 32,
	CRYPTO_AEAD_NONCE_BYTES = 12,
	CRYPTO_AEAD_TAG_BYTES = 16,
	CRYPTO_KEM_PRIVATE_MAX_BYTES = 66, /* P-521 */
	CRYPTO_KEM_PUBLIC_MAX_BYTES = 133, /* P-521, uncompressed */
	CRYPTO_SIG_PRIVATE_MAX_BYTES = 66,
	CRYPTO_SIG_PUBLIC_MAX_BYTES = 133,
	CRYPTO_SIGNATURE_MAX_BYTES = 144 /* P-521 in DER: 139; Ed448: 114 */
};

/* Starts the libraries.  May be called again.  Errors: KK_ECRYPTO. */
MUST_CHECK enum kk_err crypto_init(void);

/* Fills out from the system's generator.  Errors: KK_ECRYPTO. */
MUST_CHECK enum kk_err crypto_random(void *out, size_t bytes);

/*
 * The cipher suites of MLS (RFC 9420, 17.1), by number.  NULL when the number
 * is unknown or not configured.  The objects are constant, without release.
 */
struct crypto_suite {
	uint16_t id;
	const char *name; /* as in RFC 9420, 17.1 */
	enum crypto_hash hash; /* of MLS and of the HPKE KDF */
	enum crypto_aead aead;
	enum crypto_kem kem;
	enum crypto_sig sig;
	size_t hash_bytes; /* Nh */
	size_t aead_key_bytes; /* Nk */
	size_t kem_private_bytes; /* Nsk */
	size_t kem_public_bytes; /* Npk = Nenc */
};

const struct crypto_suite *crypto_suite_get(uint16_t id);

/* Hash, HMAC, HKDF.  out has the hash's size. */
size_t crypto_hash_bytes(enum crypto_hash hash);
MUST_CHECK enum kk_err crypto_hash(enum crypto_hash hash,
    const struct kk_view *parts, size_t part_count, uint8_t *out);
MUST_CHECK enum kk_err crypto_hmac(enum crypto_hash hash, struct kk_view key,
    struct kk_view data, uint8_t *out);
MUST_CHECK enum kk_err crypto_hkdf_extract(enum crypto_hash hash,
    struct kk_view salt, struct kk_view ikm, uint8_t *out);
/* RFC 5869, 2.3.  Errors: KK_EINVAL out_bytes over 255 hashes. */
MUST_CHECK enum kk_err crypto_hkdf_expand(enum crypto_hash hash,
    struct kk_view prk, struct kk_view info, uint8_t *out, size_t out_bytes);

/*
 * AEAD.  A key object is made once and used for many frames (SFrame); the
 * one-shot calls are for single messages.  Sealing writes in.bytes +
 * CRYPTO_AEAD_TAG_BYTES, opening in.bytes - CRYPTO_AEAD_TAG_BYTES.  out may be
 * in.data itself, and must not overlap it otherwise.  When opening fails out
 * is wiped.  Errors: KK_EAUTH, KK_EINVAL key length, KK_ETRUNC, KK_ENOMEM.
 */
struct crypto_aead_key;
size_t crypto_aead_key_bytes(enum crypto_aead aead);
MUST_CHECK enum kk_err crypto_aead_key_new(struct crypto_aead_key **keyp,
    enum crypto_aead aead, struct kk_view key);
void crypto_aead_key_free(struct crypto_aead_key *key);
MUST_CHECK enum kk_err crypto_aead_key_seal(struct crypto_aead_key *key,
    const uint8_t *nonce, struct kk_view aad, struct kk_view in, uint8_t *out);
MUST_CHECK enum kk_err crypto_aead_key_open(struct crypto_aead_key *key,
    const uint8_t *nonce, struct kk_view aad, struct kk_view in, uint8_t *out);
MUST_CHECK enum kk_err crypto_aead_seal(enum crypto_aead aead,
    struct kk_view key, struct kk_view nonce, struct kk_view aad,
    struct kk_view in, uint8_t *out);
MUST_CHECK enum kk_err crypto_aead_open(enum crypto_aead aead,
    struct kk_view key, struct kk_view nonce, struct kk_view aad,
    struct kk_view in, uint8_t *out);

/* AES in counter mode, as in SFrame's suites 1-3; iv is the first counter
 * block, 16 bytes.  out may be in.data. */
struct crypto_ctr_key;
MUST_CHECK enum kk_err crypto_ctr_key_new(struct crypto_ctr_key **keyp,
    struct kk_view key);
void crypto_ctr_key_free(struct crypto_ctr_key *key);
MUST_CHECK enum kk_err crypto_ctr_key_xor(struct crypto_ctr_key *key,
    const uint8_t *iv, struct kk_view in, uint8_t *out);

/*
 * Private keys by handle.  In memory, or in a key store (drivers/keystore),
 * which hands out the same type: the caller cannot tell, and cannot read it.
 */
struct crypto_key;

struct crypto_key_ops { /* what a key store implements; NULL: cannot */
	/* Writes the signature in MLS's form (ECDSA: DER).  *out_bytes is
	 * the room on entry, the bytes written on return. */
	enum kk_err (*sign)(void *ctx, struct kk_view message, uint8_t *out,
	    size_t *out_bytes);
	/* Diffie-Hellman: the raw shared secret with peer_public. */
	enum kk_err (*dh)(void *ctx, struct kk_view peer_public, uint8_t *out,
	    size_t *out_bytes);
	void (*free)(void *ctx);
};

/* Owns ctx from now on, also on error.  public is copied.  ops must outlive the
 * key.  Errors: KK_EINVAL public is no key of this kind, KK_EUNSUP,
 * KK_ENOMEM. */
MUST_CHECK enum kk_err crypto_key_new_sig_ops(struct crypto_key **keyp,
    enum crypto_sig sig, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx);
MUST_CHECK enum kk_err crypto_key_new_kem_ops(struct crypto_key **keyp,
    enum crypto_kem kem, struct kk_view public,
    const struct crypto_key_ops *ops, void *ctx);
void crypto_key_free(struct crypto_key *key); /* wipes; NULL is fine */
struct kk_view crypto_key_public(const struct crypto_key *key); /* borrowed */

/* Signature keys.  private: the scalar, or the 32 / 57 byte seed (Ed25519,
 * Ed448); public: the uncompressed point, or the raw Ed key (RFC 9420, 5.1.1).
 * A scalar with leading zeroes left out or added is accepted. */
MUST_CHECK enum kk_err crypto_sig_key_generate(struct crypto_key **keyp,
    enum crypto_sig sig);
MUST_CHECK enum kk_err crypto_sig_key_import(struct crypto_key **keyp,
    enum crypto_sig sig, struct kk_view private);
/* Copies the private bytes of a key in memory, for storing it sealed.
 * Errors: KK_EDENIED a key store's key. */
MUST_CHECK enum kk_err crypto_key_export(const struct crypto_key *key,
    struct kk_bytes *out);
MUST_CHECK enum kk_err crypto_sign(struct crypto_key *key,
    struct kk_view message, uint8_t *out, size_t *out_bytes);
/* KK_OK only for a valid signature; KK_EVERIFY otherwise (also for a public key
 * that is no point of the curve). */
MUST_CHECK enum kk_err crypto_verify(enum crypto_sig sig, struct kk_view public,
    struct kk_view message, struct kk_view signature);

/* KEM keys (RFC 9180, 4 and 7.1). */
MUST_CHECK enum kk_err crypto_kem_key_generate(struct crypto_key **keyp,
    enum crypto_kem kem);
MUST_CHECK enum kk_err crypto_kem_key_import(struct crypto_key **keyp,
    enum crypto_kem kem, struct kk_view private);
/* DeriveKeyPair of RFC 9180, 7.1.3 (rejection sampling on the P curves). */
MUST_CHECK enum kk_err crypto_kem_key_derive(struct crypto_key **keyp,
    enum crypto_kem kem, struct kk_view ikm);
/* KK_OK when public is a valid key: length, and on the curve.
 * Errors: KK_EINVAL it is not, KK_EUNSUP no such KEM here. */
MUST_CHECK enum kk_err crypto_kem_public_check(enum crypto_kem kem,
    struct kk_view public);

/*
 * HPKE, RFC 9180, single-shot.  psk NULL is mode_base, otherwise mode_psk.
 * enc has suite->kem_public_bytes; ct has pt.bytes + CRYPTO_AEAD_TAG_BYTES.
 * When opening fails pt is wiped.
 * Errors: KK_EINVAL a key of another kind, a public key or enc that is no point
 * of the curve or leads to an all-zero secret (7.1.4), half a PSK; KK_EAUTH,
 * KK_ETRUNC, KK_EDENIED the key store cannot, KK_ENOMEM, KK_ECRYPTO.
 */
struct crypto_hpke_psk {
	struct kk_view psk;
	struct kk_view psk_id;
};

MUST_CHECK enum kk_err crypto_hpke_seal(const struct crypto_suite *suite,
    struct kk_view public, struct kk_view info, struct kk_view aad,
    struct kk_view pt, const struct crypto_hpke_psk *psk, uint8_t *enc,
    uint8_t *ct);
MUST_CHECK enum kk_err crypto_hpke_open(const struct crypto_suite *suite,
    struct crypto_key *key, struct kk_view enc, struct kk_view info,
    struct kk_view aad, struct kk_view ct, const struct crypto_hpke_psk *psk,
    uint8_t *pt);
/* Sealing for many under one info, which is hashed once: key_schedule_context
 * of 5.1 in mode_base.  Nothing in it is secret. */
struct crypto_hpke_context {
	uint8_t data[1 + 2 * CRYPTO_HASH_MAX_BYTES];
	size_t bytes;
};

MUST_CHECK enum kk_err crypto_hpke_context_make(
    const struct crypto_suite *suite, struct kk_view info,
    struct crypto_hpke_context *context);
MUST_CHECK enum kk_err crypto_hpke_context_seal(
    const struct crypto_suite *suite, struct kk_view public,
    const struct crypto_hpke_context *context, struct kk_view aad,
    struct kk_view pt, uint8_t *enc, uint8_t *ct);
/* SetupBaseS and Export (RFC 9180, 5.3): writes enc and out. */
MUST_CHECK enum kk_err crypto_hpke_export_send(const struct crypto_suite *suite,
    struct kk_view public, struct kk_view info, struct kk_view context,
    uint8_t *enc, uint8_t *out, size_t out_bytes);
MUST_CHECK enum kk_err crypto_hpke_export_receive(
    const struct crypto_suite *suite, struct crypto_key *key,
    struct kk_view enc, struct kk_view info, struct kk_view context,
    uint8_t *out, size_t out_bytes);

/*
 * MLS labels (RFC 9420, 5.1.2, 5.1.3, 8).  label comes without "MLS 1.0 ".
 */
MUST_CHECK enum kk_err crypto_sign_with_label(struct crypto_key *key,
    const char *label, struct kk_view content, struct kk_bytes *signature);
MUST_CHECK enum kk_err crypto_verify_with_label(enum crypto_sig sig,
    struct kk_view public, const char *label, struct kk_view content,
    struct kk_view signature);
MUST_CHECK enum kk_err crypto_expand_with_label(
    const struct crypto_suite *suite, struct kk_view secret, const char *label,
    struct kk_view context, uint8_t *out, size_t out_bytes);
/* ExpandWithLabel with an empty context and Nh bytes: DeriveSecret. */
MUST_CHECK enum kk_err crypto_derive_secret(const struct crypto_suite *suite,
    struct kk_view secret, const char *label, uint8_t *out);
MUST_CHECK enum kk_err crypto_encrypt_with_label(
    const struct crypto_suite *suite, struct kk_view public, const char *label,
    struct kk_view context, struct kk_view pt, struct kk_bytes *enc,
    struct kk_bytes *ct);
/* The same for many recipients: the context is made from label and context by
 * crypto_encrypt_context() once. */
MUST_CHECK enum kk_err crypto_encrypt_context(const struct crypto_suite *suite,
    const char *label, struct kk_view context,
    struct crypto_hpke_context *made);
MUST_CHECK enum kk_err crypto_encrypt_in_context(
    const struct crypto_suite *suite, struct kk_view public,
    const struct crypto_hpke_context *context, struct kk_view pt,
    struct kk_bytes *enc, struct kk_bytes *ct);
MUST_CHECK enum kk_err crypto_decrypt_with_label(
    const struct crypto_suite *suite, struct crypto_key *key, const char *label,
    struct kk_view context, struct kk_view enc, struct kk_view ct,
    struct kk_bytes *pt);
/* RefHash (5.2): label is the whole one ("MLS 1.0 KeyPackage Reference"). */
MUST_CHECK enum kk_err crypto_ref_hash(const struct crypto_suite *suite,
    const char *label, struct kk_view value, uint8_t *out);
