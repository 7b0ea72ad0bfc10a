/* psa_hash.c - SHA-2, and SHA-1, by mbedTLS. */
#include "crypto/psa.h"

static psa_algorithm_t hash_alg(enum crypto_hash hash)
{
	switch (hash) {
	case CRYPTO_SHA1:
		return PSA_ALG_SHA_1;
	case CRYPTO_SHA384:
		return PSA_ALG_SHA_384;
	case CRYPTO_SHA512:
		return PSA_ALG_SHA_512;
	default:
		return PSA_ALG_SHA_256;
	}
}

static enum kk_err psa_hash(enum crypto_hash hash, const struct kk_view *parts,
    size_t part_count, uint8_t *out)
{
	psa_hash_operation_t op = PSA_HASH_OPERATION_INIT;
	psa_status_t status = psa_hash_setup(&op, hash_alg(hash));
	size_t written;

	for (size_t i = 0; i < part_count && status == PSA_SUCCESS; i++)
		if (parts[i].bytes > 0)
			status = psa_hash_update(&op, parts[i].data,
			    parts[i].bytes);
	if (status == PSA_SUCCESS)
		status = psa_hash_finish(&op, out, crypto_hash_bytes(hash),
		    &written);
	(void)psa_hash_abort(&op); /* wipes */
	return status == PSA_ERROR_INSUFFICIENT_MEMORY ? KK_ENOMEM :
	    status == PSA_SUCCESS                      ? KK_OK :
							 KK_ECRYPTO;
}

const struct crypto_hash_backend crypto_psa_hash = { psa_hash };
