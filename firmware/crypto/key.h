/* key.h - private keys from the inside.  Internal. */
#pragma once
#include "crypto/params.h"

struct crypto_key {
	bool is_sig; /* else a KEM key */
	enum crypto_curve curve;
	union {
		enum crypto_sig sig;
		enum crypto_kem kem;
	} kind;
	uint8_t public[CRYPTO_KEM_PUBLIC_MAX_BYTES];
	size_t public_bytes;
	uint8_t private[CRYPTO_KEM_PRIVATE_MAX_BYTES];
	size_t private_bytes; /* 0: the key is in a key store */
	const struct crypto_key_ops *ops;
	void *ctx;
};

/*
 * The raw Diffie-Hellman secret of a KEM key and a peer; out has
 * CRYPTO_DH_MAX_BYTES.  An all-zero secret of an X curve is refused.
 * Errors: KK_EINVAL the peer's key or an all-zero secret, KK_EDENIED the key
 * store cannot, KK_ECRYPTO.
 * Source: RFC 9180, 7.1.4.
 */
enum kk_err crypto_key_agree(struct crypto_key *key, struct kk_view peer,
    uint8_t *out);
