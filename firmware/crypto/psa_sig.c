/* psa_sig.c - ECDSA on the P curves by mbedTLS. */
#include "crypto/der.h"
#include "crypto/psa.h"

enum { RAW_MAX_BYTES = 2 * CRYPTO_SIG_PRIVATE_MAX_BYTES };

/* Deterministic (RFC 6979): a weak generator cannot give the key away. */
static psa_algorithm_t sign_alg(enum crypto_curve curve)
{
	switch (curve) {
	case CRYPTO_P256:
		return PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_256);
	case CRYPTO_P384:
		return PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_384);
	default:
		return PSA_ALG_DETERMINISTIC_ECDSA(PSA_ALG_SHA_512);
	}
}

static bool psa_has(enum crypto_curve curve)
{
	return curve == CRYPTO_P256 || curve == CRYPTO_P384 ||
	    curve == CRYPTO_P521;
}

static enum kk_err psa_sign(void *state, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	const struct crypto_psa_key *key = state;
	const struct crypto_curve_params *params;
	uint8_t raw[RAW_MAX_BYTES];
	size_t written = 0;
	psa_key_id_t id;
	enum kk_err err;

	params = crypto_curve_params(key->curve);
	err = crypto_psa_import(
	    PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1),
	    PSA_KEY_USAGE_SIGN_MESSAGE, sign_alg(key->curve), key->private,
	    params->private_bytes, &id);
	if (err)
		return err;
	err = crypto_psa_err(psa_sign_message(id, sign_alg(key->curve),
	    message.data, message.bytes, raw, sizeof(raw), &written));
	(void)psa_destroy_key(id);
	if (err)
		return err;
	if (written != 2 * params->private_bytes)
		return KK_ECRYPTO;
	return crypto_der_encode(raw, params->private_bytes, out, out_bytes);
}

static enum kk_err psa_verify(enum crypto_curve curve, const uint8_t *public,
    struct kk_view message, struct kk_view signature)
{
	const struct crypto_curve_params *params = crypto_curve_params(curve);
	uint8_t raw[RAW_MAX_BYTES];
	psa_key_id_t id;
	enum kk_err err;

	if (crypto_der_decode(signature, params->private_bytes, raw))
		return KK_EVERIFY;
	err = crypto_psa_import(
	    PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1),
	    PSA_KEY_USAGE_VERIFY_MESSAGE, sign_alg(curve), public,
	    params->public_bytes, &id);
	if (err) /* no point of the curve */
		return err == KK_EINVAL ? KK_EVERIFY : err;
	err = crypto_psa_err(psa_verify_message(id, sign_alg(curve),
	    message.data, message.bytes, raw, 2 * params->private_bytes));
	(void)psa_destroy_key(id);
	return err == KK_EINVAL ? KK_EVERIFY : err;
}

const struct crypto_sig_backend crypto_psa_sig = { psa_has, crypto_psa_key_new,
	psa_sign, psa_verify, crypto_psa_key_free };
