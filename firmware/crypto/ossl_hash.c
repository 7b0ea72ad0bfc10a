/* ossl_hash.c - SHA-2, and SHA-1, by OpenSSL. */
#include "crypto/ossl.h"

static enum kk_err ossl_hash(enum crypto_hash hash, const struct kk_view *parts,
    size_t part_count, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_ok;

	if (!ctx)
		return crypto_ossl_fail(KK_ENOMEM);
	is_ok = EVP_DigestInit_ex2(ctx, crypto_ossl()->md[hash], NULL) == 1;
	for (size_t i = 0; i < part_count && is_ok; i++)
		if (parts[i].bytes > 0)
			is_ok = EVP_DigestUpdate(ctx, parts[i].data,
				    parts[i].bytes) == 1;
	is_ok = is_ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx); /* wipes the state */
	return is_ok ? KK_OK : crypto_ossl_fail(KK_ECRYPTO);
}

const struct crypto_hash_backend crypto_ossl_hash = { ossl_hash };
