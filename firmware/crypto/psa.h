/* psa.h - what the mbedTLS backend's files share.  Internal. */
#pragma once
#include <psa/crypto.h>

#include "crypto/params.h"

/* PSA's status as an error of the house. */
enum kk_err crypto_psa_err(psa_status_t status);

/* The type and size of a P curve's or X25519's key pair.  False: not here. */
bool crypto_psa_curve(enum crypto_curve curve, psa_ecc_family_t *family,
    size_t *bits);

/*
 * Imports a key for one operation, to be destroyed by the caller.  Keys are not
 * kept in PSA's slots: a small build has 32 of them, a group hundreds of keys,
 * and importing is a copy and a range check.
 */
enum kk_err crypto_psa_import(psa_key_type_t type, psa_key_usage_t usage,
    psa_algorithm_t alg, const uint8_t *data, size_t bytes, psa_key_id_t *idp);

/* A private key in the backend's own memory. */
struct crypto_psa_key {
	enum crypto_curve curve;
	uint8_t private[CRYPTO_KEM_PRIVATE_MAX_BYTES];
};

/* Copies the key, and computes public from it. */
enum kk_err crypto_psa_key_new(void **statep, enum crypto_curve curve,
    const uint8_t *private, uint8_t *public);
void crypto_psa_key_free(void *state);
