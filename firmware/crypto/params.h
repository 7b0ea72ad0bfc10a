/* params.h - sizes and numbers of curves, KEMs and schemes.  Internal. */
#pragma once
#include "crypto/backend.h"

struct crypto_curve_params {
	size_t
	    private_bytes; /* a P curve's scalar, an X or Ed curve's string */
	size_t public_bytes;
	enum crypto_hash hash; /* of the KEM, and of ECDSA */
	const uint8_t *order; /* P curves: private_bytes, else NULL */
	uint8_t top_mask; /* bits of a scalar's first byte */
};

struct crypto_kem_params {
	enum crypto_kem kem;
	enum crypto_curve curve;
	size_t dh_bytes;
	size_t secret_bytes; /* Nsecret */
};

const struct crypto_curve_params *crypto_curve_params(enum crypto_curve curve);
const struct crypto_kem_params *crypto_kem_params(enum crypto_kem kem);

/* Errors: KK_EUNSUP unknown scheme. */
enum kk_err crypto_sig_curve(enum crypto_sig sig, enum crypto_curve *curve);

/* True for a P curve's private key from 1 to its order - 1, and for any
 * string of another curve.  Takes the same time for every key. */
bool crypto_scalar_is_valid(enum crypto_curve curve, const uint8_t *private);

/* Length and, on a P curve, the mark of an uncompressed point. */
bool crypto_public_is_formed(enum crypto_curve curve, struct kk_view public);
