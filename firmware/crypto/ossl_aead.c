/*
 * ossl_aead.c - AES-GCM, ChaCha20-Poly1305 and AES counter mode by OpenSSL.
 *
 * The context is kept with the key: a frame pays for a nonce, not for a key
 * schedule (0.4 us for 1200 bytes).
 */
#include <limits.h>

#include "crypto/ossl.h"

/* GCM and Poly1305 take an empty run as NULL, which EVP reads as "the end". */
static bool cipher_update(EVP_CIPHER_CTX *ctx, uint8_t *out, struct kk_view in)
{
	int written;

	if (in.bytes == 0)
		return true;
	if (in.bytes > INT_MAX)
		return false;
	return EVP_CipherUpdate(ctx, out, &written, in.data, (int)in.bytes) ==
	    1;
}

static enum kk_err cipher_new(void **statep, const EVP_CIPHER *cipher,
    const uint8_t *key)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!ctx)
		return crypto_ossl_fail(KK_ENOMEM);
	if (EVP_CipherInit_ex2(ctx, cipher, key, NULL, 1, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		return crypto_ossl_fail(KK_ECRYPTO);
	}
	*statep = ctx;
	return KK_OK;
}

static void cipher_free(void *state)
{
	EVP_CIPHER_CTX_free(state); /* wipes the key schedule */
}

static enum kk_err ossl_key_new(void **statep, enum crypto_aead aead,
    struct kk_view key)
{
	return cipher_new(statep, crypto_ossl()->aead[aead], key.data);
}

static enum kk_err ossl_seal(void *state, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = state;
	uint8_t *tag = out + in.bytes;
	int written;

	if (EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, 1, NULL) != 1 ||
	    !cipher_update(ctx, NULL, aad) || !cipher_update(ctx, out, in) ||
	    EVP_CipherFinal_ex(ctx, tag, &written) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG,
		CRYPTO_AEAD_TAG_BYTES, tag) != 1)
		return crypto_ossl_fail(KK_ECRYPTO);
	return KK_OK;
}

static enum kk_err ossl_open(void *state, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	const size_t bytes = in.bytes - CRYPTO_AEAD_TAG_BYTES;
	uint8_t tag[CRYPTO_AEAD_TAG_BYTES];
	EVP_CIPHER_CTX *ctx = state;
	uint8_t none;
	int written;

	for (size_t i = 0; i < sizeof(tag); i++)
		tag[i] = in.data[bytes + i];
	if (EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, 0, NULL) != 1 ||
	    !cipher_update(ctx, NULL, aad) ||
	    !cipher_update(ctx, out, kk_view_of(in.data, bytes)) ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) !=
		1)
		return crypto_ossl_fail(KK_ECRYPTO);
	if (EVP_CipherFinal_ex(ctx, &none, &written) != 1)
		return crypto_ossl_fail(KK_EAUTH);
	return KK_OK;
}

const struct crypto_aead_backend crypto_ossl_aead = { ossl_key_new, ossl_seal,
	ossl_open, cipher_free };

static enum kk_err ossl_ctr_new(void **statep, struct kk_view key)
{
	const struct crypto_ossl *lib = crypto_ossl();

	return cipher_new(statep, key.bytes == 16 ? lib->ctr_128 : lib->ctr_256,
	    key.data);
}

static enum kk_err ossl_ctr_xor(void *state, const uint8_t *iv,
    struct kk_view in, uint8_t *out)
{
	if (EVP_CipherInit_ex2(state, NULL, NULL, iv, 1, NULL) != 1 ||
	    !cipher_update(state, out, in))
		return crypto_ossl_fail(KK_ECRYPTO);
	return KK_OK;
}

const struct crypto_ctr_backend crypto_ossl_ctr = { ossl_ctr_new, ossl_ctr_xor,
	cipher_free };
