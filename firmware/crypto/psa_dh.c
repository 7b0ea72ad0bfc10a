/* psa_dh.c - Diffie-Hellman on the P curves and X25519 by mbedTLS. */
#include "crypto/psa.h"

static bool psa_has(enum crypto_curve curve)
{
	psa_ecc_family_t family;
	size_t bits;

	return crypto_psa_curve(curve, &family, &bits);
}

/* mbedTLS checks that the peer's point is on the curve (ecp_check_pubkey). */
static enum kk_err psa_agree(void *state, const uint8_t *peer, uint8_t *out)
{
	const struct crypto_psa_key *key = state;
	const struct crypto_curve_params *params;
	psa_ecc_family_t family;
	size_t bits, written = 0;
	psa_key_id_t id;
	enum kk_err err;

	params = crypto_curve_params(key->curve);
	if (!crypto_psa_curve(key->curve, &family, &bits))
		return KK_EUNSUP;
	err = crypto_psa_import(PSA_KEY_TYPE_ECC_KEY_PAIR(family),
	    PSA_KEY_USAGE_DERIVE, PSA_ALG_ECDH, key->private,
	    params->private_bytes, &id);
	if (err)
		return err;
	err = crypto_psa_err(psa_raw_key_agreement(PSA_ALG_ECDH, id, peer,
	    params->public_bytes, out, params->private_bytes, &written));
	if (!err && written != params->private_bytes)
		err = KK_ECRYPTO;
	(void)psa_destroy_key(id);
	return err;
}

static enum kk_err psa_public_check(enum crypto_curve curve,
    const uint8_t *public)
{
	psa_ecc_family_t family;
	psa_key_id_t id;
	size_t bits;
	enum kk_err err;

	if (!crypto_psa_curve(curve, &family, &bits))
		return KK_EUNSUP;
	if (curve == CRYPTO_X25519)
		return KK_OK; /* any string; the shared secret is checked */
	err = crypto_psa_import(PSA_KEY_TYPE_ECC_PUBLIC_KEY(family), 0, 0,
	    public, crypto_curve_params(curve)->public_bytes, &id);
	if (!err)
		(void)psa_destroy_key(id);
	return err;
}

const struct crypto_dh_backend crypto_psa_dh = { psa_has, crypto_psa_key_new,
	psa_agree, psa_public_check, crypto_psa_key_free };
