/* key.c - key and salt of one KID, and a frame under them. */
#include "sframe/key.h"

#include <string.h>

#include "sframe/aead.h"

struct sframe_key {
	const struct sframe_params *params;
	uint64_t kid;
	struct sframe_aead *aead;
	uint8_t salt[SFRAME_NONCE_BYTES];
};

enum kk_err sframe_secret_derive(const struct sframe_params *params,
    struct kk_view base_key, uint8_t *out)
{
	return crypto_hkdf_extract(params->hash, kk_view_of(NULL, 0), base_key,
	    out);
}

enum kk_err sframe_ratchet(enum sframe_suite suite, struct kk_view base_key,
    uint8_t *out)
{
	const struct sframe_params *params = sframe_params_get(suite);
	uint8_t secret[SFRAME_HASH_MAX_BYTES];
	enum kk_err err;

	if (!params || !sframe_base_key_fits(params, base_key.bytes))
		return KK_EINVAL;
	err = sframe_secret_derive(params, base_key, secret);
	if (!err)
		err = crypto_hkdf_expand(params->hash,
		    kk_view_of(secret, params->hash_bytes),
		    kk_view_text("SFrame 1.0 Ratchet"), out,
		    params->hash_bytes);
	kk_wipe(secret, sizeof(secret));
	return err;
}

size_t sframe_label_write(const struct sframe_params *params, const char *text,
    uint64_t kid, uint8_t *out)
{
	size_t bytes = strlen(text);

	memcpy(out, text, bytes);
	for (size_t i = 0; i < sizeof(kid); i++)
		out[bytes++] = (uint8_t)(kid >> 8 * (7 - i));
	out[bytes++] = (uint8_t)(params->suite >> 8);
	out[bytes++] = (uint8_t)params->suite;
	return bytes;
}

static enum kk_err label_expand(const struct sframe_params *params,
    const uint8_t *secret, const char *text, uint64_t kid, uint8_t *out,
    size_t out_bytes)
{
	uint8_t label[SFRAME_LABEL_MAX_BYTES];
	size_t bytes = sframe_label_write(params, text, kid, label);

	return crypto_hkdf_expand(params->hash,
	    kk_view_of(secret, params->hash_bytes), kk_view_of(label, bytes),
	    out, out_bytes);
}

enum kk_err sframe_key_salt_derive(const struct sframe_params *params,
    const uint8_t *secret, uint64_t kid, uint8_t *key, uint8_t *salt)
{
	enum kk_err err = label_expand(params, secret, SFRAME_KEY_LABEL, kid,
	    key, params->key_bytes);

	if (!err)
		err = label_expand(params, secret, SFRAME_SALT_LABEL, kid, salt,
		    SFRAME_NONCE_BYTES);
	if (err) {
		kk_wipe(key, params->key_bytes);
		kk_wipe(salt, SFRAME_NONCE_BYTES);
	}
	return err;
}

void sframe_key_free(struct sframe_key *key)
{
	if (!key)
		return;
	sframe_aead_free(key->aead);
	kk_free_wiped(key, sizeof(*key));
}

enum kk_err sframe_key_new(struct sframe_key **keyp,
    const struct sframe_params *params, const uint8_t *secret, uint64_t kid)
{
	struct sframe_key *key = kk_calloc(1, sizeof(*key));
	uint8_t bytes[SFRAME_KEY_MAX_BYTES];
	enum kk_err err;

	if (!key)
		return KK_ENOMEM;
	key->params = params;
	key->kid = kid;
	err = sframe_key_salt_derive(params, secret, kid, bytes, key->salt);
	if (!err)
		err = sframe_aead_new(&key->aead, params,
		    kk_view_of(bytes, params->key_bytes));
	kk_wipe(bytes, sizeof(bytes));
	if (err) {
		sframe_key_free(key);
		return err;
	}
	*keyp = key;
	return KK_OK;
}

const struct sframe_params *sframe_key_params(const struct sframe_key *key)
{
	return key->params;
}

uint64_t sframe_key_kid(const struct sframe_key *key)
{
	return key->kid;
}

void sframe_key_nonce(const struct sframe_key *key, uint64_t ctr, uint8_t *out)
{
	memcpy(out, key->salt, SFRAME_NONCE_BYTES);
	for (size_t i = 0; i < sizeof(ctr); i++)
		out[SFRAME_NONCE_BYTES - 1 - i] ^= (uint8_t)(ctr >> 8 * i);
}

enum kk_err sframe_key_seal(struct sframe_key *key, uint64_t ctr,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	uint8_t nonce[SFRAME_NONCE_BYTES];

	sframe_key_nonce(key, ctr, nonce);
	return sframe_aead_seal(key->aead, nonce, aad, in, out);
}

enum kk_err sframe_key_open(struct sframe_key *key, uint64_t ctr,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	uint8_t nonce[SFRAME_NONCE_BYTES];

	sframe_key_nonce(key, ctr, nonce);
	return sframe_aead_open(key->aead, nonce, aad, in, out);
}

struct kk_view sframe_aad_join(struct kk_view header, struct kk_view prefix,
    uint8_t *out)
{
	memcpy(out, header.data, header.bytes);
	if (prefix.bytes)
		memcpy(out + header.bytes, prefix.data, prefix.bytes);
	return kk_view_of(out, header.bytes + prefix.bytes);
}
