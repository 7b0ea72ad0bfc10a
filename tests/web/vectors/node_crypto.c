/*
 * node_crypto.c - the curves that mbedTLS lacks, by Node's crypto, for tests.
 *
 * It stands where the OpenSSL backend stands in a box (crypto/start.c,
 * suite.c), so that the official vectors of suites 1, 3, 4 and 6 run in
 * WebAssembly as well.  All that mbedTLS can do goes to mbedTLS, as in the
 * product.
 */
#include <string.h>

#include "crypto/backend.h"
#include "crypto/params.h"

/* Heads of the PKCS #8 and SPKI forms (RFC 8410, 7 and 4); by curve. */
int node_start(int ed25519, int ed448, int x448);
void node_public(int curve, const uint8_t *key, uint8_t *out);
int node_sign(int curve, const uint8_t *key, const uint8_t *message,
    size_t bytes, uint8_t *out);
int node_verify(int curve, const uint8_t *key, const uint8_t *message,
    size_t bytes, const uint8_t *signature, size_t signature_bytes);
int node_agree(int curve, const uint8_t *key, const uint8_t *peer,
    uint8_t *out);

struct node_key {
	enum crypto_curve curve;
	uint8_t private[CRYPTO_SIG_PRIVATE_MAX_BYTES];
};

enum kk_err crypto_ossl_init(void)
{
	(void)node_start(CRYPTO_CURVE_ED25519, CRYPTO_CURVE_ED448, CRYPTO_X448);
	return KK_OK;
}

enum kk_err crypto_ossl_random(void *out, size_t bytes)
{
	return crypto_psa_random(out, bytes);
}

static enum kk_err node_key_new(void **statep, enum crypto_curve curve,
    const uint8_t *private, uint8_t *public)
{
	struct node_key *key = kk_calloc(1, sizeof(*key));

	if (!key)
		return KK_ENOMEM;
	key->curve = curve;
	memcpy(key->private, private,
	    crypto_curve_params(curve)->private_bytes);
	node_public((int)curve, private, public);
	*statep = key;
	return KK_OK;
}

static void node_key_free(void *state)
{
	kk_free_wiped(state, sizeof(struct node_key));
}

static bool node_has_sig(enum crypto_curve curve)
{
	return curve == CRYPTO_CURVE_ED25519 || curve == CRYPTO_CURVE_ED448;
}

static enum kk_err sig_sign(void *state, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	const struct node_key *key = state;

	*out_bytes = (size_t)node_sign((int)key->curve, key->private,
	    message.data, message.bytes, out);
	return KK_OK;
}

static enum kk_err sig_verify(enum crypto_curve curve, const uint8_t *public,
    struct kk_view message, struct kk_view signature)
{
	if (node_verify((int)curve, public, message.data, message.bytes,
		signature.data, signature.bytes) == 1)
		return KK_OK;
	return KK_EVERIFY;
}

const struct crypto_sig_backend crypto_ossl_sig = { node_has_sig, node_key_new,
	sig_sign, sig_verify, node_key_free };

static bool node_has_dh(enum crypto_curve curve)
{
	return curve == CRYPTO_X448;
}

static enum kk_err dh_agree(void *state, const uint8_t *peer, uint8_t *out)
{
	const struct node_key *key = state;

	if (node_agree((int)key->curve, key->private, peer, out) == 1)
		return KK_OK;
	return KK_EINVAL;
}

static enum kk_err dh_check(enum crypto_curve curve, const uint8_t *public)
{
	(void)curve;
	(void)public;
	return KK_OK; /* any string; the shared secret is checked */
}

const struct crypto_dh_backend crypto_ossl_dh = { node_has_dh, node_key_new,
	dh_agree, dh_check, node_key_free };

/* What follows is mbedTLS under the name that suite.c asks for. */
static enum kk_err hash(enum crypto_hash h, const struct kk_view *parts,
    size_t part_count, uint8_t *out)
{
	return crypto_psa_hash.hash(h, parts, part_count, out);
}

const struct crypto_hash_backend crypto_ossl_hash = { hash };

static enum kk_err aead_new(void **statep, enum crypto_aead aead,
    struct kk_view key)
{
	return crypto_psa_aead.key_new(statep, aead, key);
}

static enum kk_err aead_seal(void *state, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	return crypto_psa_aead.seal(state, nonce, aad, in, out);
}

static enum kk_err aead_open(void *state, const uint8_t *nonce,
    struct kk_view aad, struct kk_view in, uint8_t *out)
{
	return crypto_psa_aead.open(state, nonce, aad, in, out);
}

static void aead_free(void *state)
{
	crypto_psa_aead.key_free(state);
}

const struct crypto_aead_backend crypto_ossl_aead = { aead_new, aead_seal,
	aead_open, aead_free };

static enum kk_err ctr_new(void **statep, struct kk_view key)
{
	return crypto_psa_ctr.key_new(statep, key);
}

static enum kk_err ctr_xor(void *state, const uint8_t *iv, struct kk_view in,
    uint8_t *out)
{
	return crypto_psa_ctr.xor (state, iv, in, out);
}

static void ctr_free(void *state)
{
	crypto_psa_ctr.key_free(state);
}

const struct crypto_ctr_backend crypto_ossl_ctr = { ctr_new, ctr_xor,
	ctr_free };
