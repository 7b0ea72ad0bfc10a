/* psa.c - what the mbedTLS backend's files share. */
#include "crypto/psa.h"

#include <string.h>

enum kk_err crypto_psa_err(psa_status_t status)
{
	switch (status) {
	case PSA_SUCCESS:
		return KK_OK;
	case PSA_ERROR_INSUFFICIENT_MEMORY:
		return KK_ENOMEM;
	case PSA_ERROR_INVALID_ARGUMENT:
		return KK_EINVAL;
	case PSA_ERROR_INVALID_SIGNATURE:
		return KK_EVERIFY;
	default:
		return KK_ECRYPTO;
	}
}

enum kk_err crypto_psa_init(void)
{
	return psa_crypto_init() == PSA_SUCCESS ? KK_OK : KK_ECRYPTO;
}

enum kk_err crypto_psa_random(void *out, size_t bytes)
{
	return psa_generate_random(out, bytes) == PSA_SUCCESS ? KK_OK :
								KK_ECRYPTO;
}

bool crypto_psa_curve(enum crypto_curve curve, psa_ecc_family_t *family,
    size_t *bits)
{
	*family = PSA_ECC_FAMILY_SECP_R1;
	switch (curve) {
	case CRYPTO_P256:
		*bits = 256;
		return true;
	case CRYPTO_P384:
		*bits = 384;
		return true;
	case CRYPTO_P521:
		*bits = 521;
		return true;
	case CRYPTO_X25519:
		*family = PSA_ECC_FAMILY_MONTGOMERY;
		*bits = 255;
		return true;
	default:
		return false;
	}
}

enum kk_err crypto_psa_import(psa_key_type_t type, psa_key_usage_t usage,
    psa_algorithm_t alg, const uint8_t *data, size_t bytes, psa_key_id_t *idp)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;

	psa_set_key_type(&attributes, type);
	psa_set_key_usage_flags(&attributes, usage);
	psa_set_key_algorithm(&attributes, alg);
	return crypto_psa_err(psa_import_key(&attributes, data, bytes, idp));
}

static enum kk_err public_compute(enum crypto_curve curve,
    const uint8_t *private, uint8_t *public)
{
	const struct crypto_curve_params *params = crypto_curve_params(curve);
	psa_ecc_family_t family;
	psa_key_id_t id;
	size_t bits, written = 0;
	enum kk_err err;

	if (!crypto_psa_curve(curve, &family, &bits))
		return KK_EUNSUP;
	err = crypto_psa_import(PSA_KEY_TYPE_ECC_KEY_PAIR(family), 0, 0,
	    private, params->private_bytes, &id);
	if (err)
		return err;
	err = crypto_psa_err(psa_export_public_key(id, public,
	    params->public_bytes, &written));
	if (!err && written != params->public_bytes)
		err = KK_ECRYPTO;
	(void)psa_destroy_key(id);
	return err;
}

enum kk_err crypto_psa_key_new(void **statep, enum crypto_curve curve,
    const uint8_t *private, uint8_t *public)
{
	struct crypto_psa_key *key;
	enum kk_err err;

	err = public_compute(curve, private, public);
	if (err)
		return err;
	key = kk_calloc(1, sizeof(*key));
	if (!key)
		return KK_ENOMEM;
	key->curve = curve;
	memcpy(key->private, private,
	    crypto_curve_params(curve)->private_bytes);
	*statep = key;
	return KK_OK;
}

void crypto_psa_key_free(void *state)
{
	kk_free_wiped(state, sizeof(struct crypto_psa_key));
}
