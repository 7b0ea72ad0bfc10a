/* psa_aead.c - AES-GCM, ChaCha20-Poly1305 and AES counter mode by mbedTLS. */
#include <string.h>

#include "crypto/psa.h"

enum { CTR_IV_BYTES = 16 };

struct psa_cipher_key { /* for AEAD and counter mode */
	psa_key_type_t type;
	psa_algorithm_t alg;
	size_t bytes;
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES];
};

static enum kk_err cipher_key_new(void **statep, psa_key_type_t type,
    psa_algorithm_t alg, struct kk_view key)
{
	struct psa_cipher_key *made = kk_calloc(1, sizeof(*made));

	if (!made)
		return KK_ENOMEM;
	made->type = type;
	made->alg = alg;
	made->bytes = key.bytes;
	memcpy(made->key, key.data, key.bytes);
	*statep = made;
	return KK_OK;
}

static void cipher_key_free(void *state)
{
	kk_free_wiped(state, sizeof(struct psa_cipher_key));
}

static enum kk_err cipher_import(const struct psa_cipher_key *key,
    psa_key_usage_t usage, psa_key_id_t *idp)
{
	return crypto_psa_import(key->type, usage, key->alg, key->key,
	    key->bytes, idp);
}

static enum kk_err psa_key_new(void **statep, enum crypto_aead aead,
    struct kk_view key)
{
	if (aead == CRYPTO_CHACHA20_POLY1305)
		return cipher_key_new(statep, PSA_KEY_TYPE_CHACHA20,
		    PSA_ALG_CHACHA20_POLY1305, key);
	return cipher_key_new(statep, PSA_KEY_TYPE_AES, PSA_ALG_GCM, key);
}

static enum kk_err psa_seal(void *state, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	struct psa_cipher_key *key = state;
	const size_t room = in.bytes + CRYPTO_AEAD_TAG_BYTES;
	size_t written = 0;
	psa_key_id_t id;
	enum kk_err err;

	err = cipher_import(key, PSA_KEY_USAGE_ENCRYPT, &id);
	if (err)
		return err;
	err = crypto_psa_err(psa_aead_encrypt(id, key->alg, nonce,
	    CRYPTO_AEAD_NONCE_BYTES, aad.data, aad.bytes, in.data, in.bytes,
	    out, room, &written));
	if (!err && written != room)
		err = KK_ECRYPTO;
	(void)psa_destroy_key(id);
	return err;
}

static enum kk_err psa_open(void *state, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	struct psa_cipher_key *key = state;
	const size_t room = in.bytes - CRYPTO_AEAD_TAG_BYTES;
	size_t written = 0;
	psa_key_id_t id;
	enum kk_err err;

	err = cipher_import(key, PSA_KEY_USAGE_DECRYPT, &id);
	if (err)
		return err;
	err = crypto_psa_err(psa_aead_decrypt(id, key->alg, nonce,
	    CRYPTO_AEAD_NONCE_BYTES, aad.data, aad.bytes, in.data, in.bytes,
	    out, room, &written));
	if (err == KK_EVERIFY)
		err = KK_EAUTH;
	if (!err && written != room)
		err = KK_ECRYPTO;
	(void)psa_destroy_key(id);
	return err;
}

const struct crypto_aead_backend crypto_psa_aead = { psa_key_new, psa_seal,
	psa_open, cipher_key_free };

static enum kk_err psa_ctr_new(void **statep, struct kk_view key)
{
	return cipher_key_new(statep, PSA_KEY_TYPE_AES, PSA_ALG_CTR, key);
}

static enum kk_err psa_ctr_xor(void *state, const uint8_t *iv,
    struct kk_view in, uint8_t *out)
{
	psa_cipher_operation_t op = PSA_CIPHER_OPERATION_INIT;
	size_t first = 0, last = 0;
	psa_status_t status;
	psa_key_id_t id;
	enum kk_err err;

	err = cipher_import(state, PSA_KEY_USAGE_ENCRYPT, &id);
	if (err)
		return err;
	status = psa_cipher_encrypt_setup(&op, id, PSA_ALG_CTR);
	if (status == PSA_SUCCESS)
		status = psa_cipher_set_iv(&op, iv, CTR_IV_BYTES);
	if (status == PSA_SUCCESS)
		status = psa_cipher_update(&op, in.data, in.bytes, out,
		    in.bytes, &first);
	if (status == PSA_SUCCESS)
		status = psa_cipher_finish(&op, out + first, in.bytes - first,
		    &last);
	(void)psa_cipher_abort(&op);
	(void)psa_destroy_key(id);
	if (status == PSA_SUCCESS && first + last != in.bytes)
		return KK_ECRYPTO;
	return crypto_psa_err(status);
}

const struct crypto_ctr_backend crypto_psa_ctr = { psa_ctr_new, psa_ctr_xor,
	cipher_key_free };
