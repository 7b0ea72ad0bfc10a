/* aead.c - the AEAD of a suite: GCM, or AES-CTR with HMAC. */
#include "sframe/aead.h"

#include <string.h>

#include "crypto/kdf.h"

enum { CTR_BLOCK_BYTES = 16, LENGTH_BYTES = 8 };

struct sframe_aead {
	const struct sframe_params *params;
	struct crypto_aead_key *gcm; /* NULL: the two below */
	struct crypto_ctr_key *ctr;
	uint8_t auth_key[SFRAME_HASH_MAX_BYTES];
};

void sframe_aead_free(struct sframe_aead *aead)
{
	if (!aead)
		return;
	crypto_aead_key_free(aead->gcm);
	crypto_ctr_key_free(aead->ctr);
	kk_free_wiped(aead, sizeof(*aead));
}

/* derive_subkeys() of RFC 9605, 4.5.1. */
static enum kk_err keys_set(struct sframe_aead *aead, struct kk_view key)
{
	const struct sframe_params *params = aead->params;

	if (key.bytes != params->key_bytes)
		return KK_EINVAL;
	if (params->aead)
		return crypto_aead_key_new(&aead->gcm, params->aead, key);
	memcpy(aead->auth_key, key.data + params->aes_key_bytes,
	    params->hash_bytes);
	return crypto_ctr_key_new(&aead->ctr,
	    kk_view_of(key.data, params->aes_key_bytes));
}

enum kk_err sframe_aead_new(struct sframe_aead **aeadp,
    const struct sframe_params *params, struct kk_view key)
{
	struct sframe_aead *aead = kk_calloc(1, sizeof(*aead));
	enum kk_err err;

	if (!aead)
		return KK_ENOMEM;
	aead->params = params;
	err = keys_set(aead, key);
	if (err) {
		sframe_aead_free(aead);
		return err;
	}
	*aeadp = aead;
	return KK_OK;
}

static void length_put(uint8_t *out, uint64_t n)
{
	for (size_t i = 0; i < LENGTH_BYTES; i++)
		out[i] = (uint8_t)(n >> 8 * (LENGTH_BYTES - 1 - i));
}

/* compute_tag() of RFC 9605, 4.5.1; tag has room for the whole HMAC. */
static enum kk_err tag_compute(const struct sframe_aead *aead,
    const uint8_t *nonce, struct kk_view aad, struct kk_view ct, uint8_t *tag)
{
	const struct sframe_params *params = aead->params;
	uint8_t lengths[3 * LENGTH_BYTES] = { 0 };
	struct kk_view parts[] = { kk_view_of(lengths, sizeof(lengths)),
		kk_view_of(nonce, SFRAME_NONCE_BYTES), aad, ct };

	length_put(lengths, aad.bytes);
	length_put(lengths + LENGTH_BYTES, ct.bytes);
	length_put(lengths + 2 * LENGTH_BYTES, params->tag_bytes);
	return crypto_hmac_parts(params->hash,
	    kk_view_of(aead->auth_key, params->hash_bytes), parts,
	    KK_ARRAY_LEN(parts), tag);
}

static enum kk_err ctr_xor(struct sframe_aead *aead, const uint8_t *nonce,
    struct kk_view in, uint8_t *out)
{
	uint8_t iv[CTR_BLOCK_BYTES] = { 0 };

	memcpy(iv, nonce, SFRAME_NONCE_BYTES);
	return crypto_ctr_key_xor(aead->ctr, iv, in, out);
}

static enum kk_err ctr_seal(struct sframe_aead *aead, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	uint8_t tag[SFRAME_HASH_MAX_BYTES];
	enum kk_err err = ctr_xor(aead, nonce, in, out);

	if (!err)
		err = tag_compute(aead, nonce, aad, kk_view_of(out, in.bytes),
		    tag);
	if (err)
		kk_wipe(out, in.bytes);
	else
		memcpy(out + in.bytes, tag, aead->params->tag_bytes);
	return err;
}

static enum kk_err ctr_open(struct sframe_aead *aead, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	size_t tag_bytes = aead->params->tag_bytes;
	struct kk_view ct = kk_view_of(in.data, in.bytes - tag_bytes);
	uint8_t tag[SFRAME_HASH_MAX_BYTES];
	enum kk_err err = tag_compute(aead, nonce, aad, ct, tag);

	if (!err && !kk_secret_equal(tag, in.data + ct.bytes, tag_bytes))
		err = KK_EAUTH;
	/* A forger who reads this stack must not find the tag he needs. */
	kk_wipe(tag, sizeof(tag));
	if (!err)
		err = ctr_xor(aead, nonce, ct, out);
	if (err)
		kk_wipe(out, ct.bytes);
	return err;
}

enum kk_err sframe_aead_seal(struct sframe_aead *aead, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	if (aead->gcm)
		return crypto_aead_key_seal(aead->gcm, nonce, aad, in, out);
	return ctr_seal(aead, nonce, aad, in, out);
}

enum kk_err sframe_aead_open(struct sframe_aead *aead, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	if (in.bytes < aead->params->tag_bytes)
		return KK_ETRUNC;
	if (aead->gcm)
		return crypto_aead_key_open(aead->gcm, nonce, aad, in, out);
	return ctr_open(aead, nonce, aad, in, out);
}
