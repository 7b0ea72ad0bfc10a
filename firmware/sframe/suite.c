/* suite.c - the constants of each suite. */
#include "sframe/suite.h"

/* Source: RFC 9605, 4.5, Table 1; IANA "SFrame Cipher Suites" for 6-8. */
static const struct sframe_params suites[] = {
	{ SFRAME_AES_128_CTR_HMAC_SHA256_80, "AES_128_CTR_HMAC_SHA256_80",
	    CRYPTO_SHA256, 0, 32, 16, 48, 10 },
	{ SFRAME_AES_128_CTR_HMAC_SHA256_64, "AES_128_CTR_HMAC_SHA256_64",
	    CRYPTO_SHA256, 0, 32, 16, 48, 8 },
	{ SFRAME_AES_128_CTR_HMAC_SHA256_32, "AES_128_CTR_HMAC_SHA256_32",
	    CRYPTO_SHA256, 0, 32, 16, 48, 4 },
	{ SFRAME_AES_128_GCM_SHA256_128, "AES_128_GCM_SHA256_128",
	    CRYPTO_SHA256, CRYPTO_AES_128_GCM, 32, 16, 16, 16 },
	{ SFRAME_AES_256_GCM_SHA512_128, "AES_256_GCM_SHA512_128",
	    CRYPTO_SHA512, CRYPTO_AES_256_GCM, 64, 32, 32, 16 },
	{ SFRAME_AES_256_CTR_HMAC_SHA512_80, "AES_256_CTR_HMAC_SHA512_80",
	    CRYPTO_SHA512, 0, 64, 32, 96, 10 },
	{ SFRAME_AES_256_CTR_HMAC_SHA512_64, "AES_256_CTR_HMAC_SHA512_64",
	    CRYPTO_SHA512, 0, 64, 32, 96, 8 },
	{ SFRAME_AES_256_CTR_HMAC_SHA512_32, "AES_256_CTR_HMAC_SHA512_32",
	    CRYPTO_SHA512, 0, 64, 32, 96, 4 },
};

const struct sframe_params *sframe_params_get(enum sframe_suite suite)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(suites); i++) {
		if (suites[i].suite == suite)
			return &suites[i];
	}
	return NULL;
}

bool sframe_base_key_fits(const struct sframe_params *params, size_t bytes)
{
	return bytes == params->key_bytes || bytes == params->hash_bytes;
}

size_t sframe_base_key_bytes(enum sframe_suite suite)
{
	const struct sframe_params *params = sframe_params_get(suite);

	return params ? params->key_bytes : 0;
}

size_t sframe_hash_bytes(enum sframe_suite suite)
{
	const struct sframe_params *params = sframe_params_get(suite);

	return params ? params->hash_bytes : 0;
}

const char *sframe_suite_name(enum sframe_suite suite)
{
	const struct sframe_params *params = sframe_params_get(suite);

	return params ? params->name : NULL;
}
