/* aead.c - authenticated encryption, and AES in counter mode. */
#include "crypto/backend.h"

enum { CTR_KEY_128_BYTES = 16, CTR_KEY_256_BYTES = 32 };

struct crypto_aead_key {
	const struct crypto_aead_backend *backend;
	void *state;
};

struct crypto_ctr_key {
	const struct crypto_ctr_backend *backend;
	void *state;
};

size_t crypto_aead_key_bytes(enum crypto_aead aead)
{
	switch (aead) {
	case CRYPTO_AES_128_GCM:
		return 16;
	case CRYPTO_AES_256_GCM:
	case CRYPTO_CHACHA20_POLY1305:
		return 32;
	}
	return 0;
}

enum kk_err crypto_aead_key_new(struct crypto_aead_key **keyp,
    enum crypto_aead aead, struct kk_view key)
{
	struct crypto_aead_key *made;
	enum kk_err err;

	if (key.bytes == 0 || key.bytes != crypto_aead_key_bytes(aead))
		return KK_EINVAL;
	made = kk_calloc(1, sizeof(*made));
	if (!made)
		return KK_ENOMEM;
	made->backend = crypto_aead_backend();
	err = made->backend->key_new(&made->state, aead, key);
	if (err) {
		kk_free(made);
		return err;
	}
	*keyp = made;
	return KK_OK;
}

void crypto_aead_key_free(struct crypto_aead_key *key)
{
	if (!key)
		return;
	key->backend->key_free(key->state);
	kk_free(key);
}

enum kk_err crypto_aead_key_seal(struct crypto_aead_key *key,
    const uint8_t *nonce, struct kk_view aad, struct kk_view in, uint8_t *out)
{
	return key->backend->seal(key->state, nonce, aad, in, out);
}

enum kk_err crypto_aead_key_open(struct crypto_aead_key *key,
    const uint8_t *nonce, struct kk_view aad, struct kk_view in, uint8_t *out)
{
	enum kk_err err;

	if (in.bytes < CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	err = key->backend->open(key->state, nonce, aad, in, out);
	if (err)
		kk_wipe(out, in.bytes - CRYPTO_AEAD_TAG_BYTES);
	return err;
}

enum kk_err crypto_aead_seal(enum crypto_aead aead, struct kk_view key,
    struct kk_view nonce, struct kk_view aad, struct kk_view in, uint8_t *out)
{
	struct crypto_aead_key *made;
	enum kk_err err;

	if (nonce.bytes != CRYPTO_AEAD_NONCE_BYTES)
		return KK_EINVAL;
	err = crypto_aead_key_new(&made, aead, key);
	if (err)
		return err;
	err = crypto_aead_key_seal(made, nonce.data, aad, in, out);
	crypto_aead_key_free(made);
	return err;
}

enum kk_err crypto_aead_open(enum crypto_aead aead, struct kk_view key,
    struct kk_view nonce, struct kk_view aad, struct kk_view in, uint8_t *out)
{
	struct crypto_aead_key *made;
	enum kk_err err;

	if (nonce.bytes != CRYPTO_AEAD_NONCE_BYTES)
		return KK_EINVAL;
	if (in.bytes < CRYPTO_AEAD_TAG_BYTES)
		return KK_ETRUNC;
	err = crypto_aead_key_new(&made, aead, key);
	if (err)
		return err;
	err = crypto_aead_key_open(made, nonce.data, aad, in, out);
	crypto_aead_key_free(made);
	return err;
}

enum kk_err crypto_ctr_key_new(struct crypto_ctr_key **keyp, struct kk_view key)
{
	struct crypto_ctr_key *made;
	enum kk_err err;

	if (key.bytes != CTR_KEY_128_BYTES && key.bytes != CTR_KEY_256_BYTES)
		return KK_EINVAL;
	made = kk_calloc(1, sizeof(*made));
	if (!made)
		return KK_ENOMEM;
	made->backend = crypto_ctr_backend();
	err = made->backend->key_new(&made->state, key);
	if (err) {
		kk_free(made);
		return err;
	}
	*keyp = made;
	return KK_OK;
}

void crypto_ctr_key_free(struct crypto_ctr_key *key)
{
	if (!key)
		return;
	key->backend->key_free(key->state);
	kk_free(key);
}

enum kk_err crypto_ctr_key_xor(struct crypto_ctr_key *key, const uint8_t *iv,
    struct kk_view in, uint8_t *out)
{
	return in.bytes > 0 ? key->backend->xor (key->state, iv, in, out) :
			      KK_OK;
}
