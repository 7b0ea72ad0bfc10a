/*
 * ossl_tail.c - single records without an SSL object.
 *
 * Source: RFC 5246, 6.3 (key block) and 6.2.3.3 (AEAD), RFC 5288, 3 (GCM's
 * nonce), RFC 6347, 4.1.2.1 (epoch and number).
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#include "dtls/ossl_private.h"

enum {
	EPOCH = 1,
	NONCE_BYTES = 8, /* explicit part */
	TAG_BYTES = 16,
	AAD_BYTES = 13,
	IV_BYTES = 4,
	BLOCK_MAX_BYTES = 2 * (32 + IV_BYTES)
};

/* OpenSSL counts its records and nonces up by one; ours start so far above
 * that they never meet. */
static const uint64_t far = (uint64_t)1 << 32;

static void put_u64(uint8_t *out, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(n >> (56 - 8 * i));
}

static uint64_t get_u64(const uint8_t *in)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n = n << 8 | in[i];
	return n;
}

/* Epoch and number, type, version, length of the plaintext. */
static void aad_make(uint8_t aad[AAD_BYTES], const uint8_t *header,
    size_t body_bytes)
{
	memcpy(aad, header + 3, 8);
	memcpy(aad + 8, header, 3);
	aad[11] = (uint8_t)(body_bytes >> 8);
	aad[12] = (uint8_t)body_bytes;
}

static EVP_CIPHER_CTX *gcm_new(const uint8_t *key, size_t key_bytes,
    const uint8_t *iv, const uint8_t *nonce, bool is_sealing)
{
	const EVP_CIPHER *cipher = key_bytes == 32 ? EVP_aes_256_gcm() :
						     EVP_aes_128_gcm();
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t whole[IV_BYTES + NONCE_BYTES];

	memcpy(whole, iv, IV_BYTES);
	memcpy(whole + IV_BYTES, nonce, NONCE_BYTES);
	if (ctx &&
	    EVP_CipherInit_ex(ctx, cipher, NULL, key, whole, is_sealing) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

static enum kk_err record_open(const uint8_t *key, size_t key_bytes,
    const uint8_t *iv, const struct dtls_record *record, uint8_t *out,
    size_t *out_bytes)
{
	const size_t room_bytes = *out_bytes;
	uint8_t aad[AAD_BYTES], tag[TAG_BYTES];
	EVP_CIPHER_CTX *ctx;
	size_t bytes;
	int n = 0;
	bool is_good;

	*out_bytes = 0;
	if (record->epoch != EPOCH ||
	    record->body.bytes < OSSL_SEALED_EXTRA_BYTES)
		return KK_EAUTH;
	bytes = record->body.bytes - OSSL_SEALED_EXTRA_BYTES;
	if (bytes > room_bytes)
		return KK_ELIMIT;
	ctx = gcm_new(key, key_bytes, iv, record->body.data, false);
	if (!ctx)
		return KK_ECRYPTO;
	aad_make(aad, record->whole.data, bytes);
	memcpy(tag, record->body.data + NONCE_BYTES + bytes, TAG_BYTES);
	is_good = EVP_CipherUpdate(ctx, NULL, &n, aad, AAD_BYTES) == 1 &&
	    EVP_CipherUpdate(ctx, out, &n, record->body.data + NONCE_BYTES,
		(int)bytes) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag) ==
		1 &&
	    EVP_CipherFinal_ex(ctx, out + bytes, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!is_good) {
		kk_wipe(out, bytes);
		return KK_EAUTH;
	}
	*out_bytes = bytes;
	return KK_OK;
}

enum kk_err ossl_tail_open(const struct ossl_tail *tail,
    const struct dtls_record *record, uint8_t *out, size_t *out_bytes)
{
	return record_open(tail->peer_key, tail->key_bytes, tail->peer_iv,
	    record, out, out_bytes);
}

enum kk_err ossl_tail_seal(struct ossl_tail *tail, uint8_t type,
    struct kk_view body, uint8_t *out, size_t *out_bytes)
{
	const size_t bytes = body.bytes + OSSL_SEALED_EXTRA_BYTES;
	uint8_t *sealed = out + DTLS_RECORD_HEADER_BYTES;
	uint8_t aad[AAD_BYTES];
	EVP_CIPHER_CTX *ctx;
	int n = 0;
	bool is_good;

	out[0] = type;
	out[1] = DTLS_VERSION_1_2 >> 8;
	out[2] = DTLS_VERSION_1_2 & 0xff;
	put_u64(out + 3, (uint64_t)EPOCH << 48 | (far + tail->sealed));
	out[11] = (uint8_t)(bytes >> 8);
	out[12] = (uint8_t)bytes;
	put_u64(sealed, tail->nonce + far + tail->sealed);
	tail->sealed++; /* whatever comes: never the same nonce again */
	aad_make(aad, out, body.bytes);
	ctx = gcm_new(tail->own_key, tail->key_bytes, tail->own_iv, sealed,
	    true);
	if (!ctx)
		return KK_ECRYPTO;
	sealed += NONCE_BYTES;
	is_good = EVP_CipherUpdate(ctx, NULL, &n, aad, AAD_BYTES) == 1 &&
	    EVP_CipherUpdate(ctx, sealed, &n, body.data, (int)body.bytes) ==
		1 &&
	    EVP_CipherFinal_ex(ctx, sealed + body.bytes, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES,
		sealed + body.bytes) == 1;
	EVP_CIPHER_CTX_free(ctx);
	*out_bytes = is_good ? DTLS_RECORD_HEADER_BYTES + bytes : 0;
	return is_good ? KK_OK : KK_ECRYPTO;
}

/* PRF(master secret, "key expansion", server's random, client's random) */
static bool block_derive(const SSL *ssl, const char *hash, uint8_t *block,
    size_t block_bytes)
{
	uint8_t master[SSL_MAX_MASTER_KEY_LENGTH];
	uint8_t seed[2 * DTLS_RANDOM_BYTES];
	char label[] = "key expansion", digest[16];
	size_t master_bytes = SSL_SESSION_get_master_key(SSL_get_session(ssl),
	    master, sizeof(master));
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
	EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	OSSL_PARAM params[5];
	bool is_good;

	(void)OPENSSL_strlcpy(digest, hash, sizeof(digest));
	(void)SSL_get_server_random(ssl, seed, DTLS_RANDOM_BYTES);
	(void)SSL_get_client_random(ssl, seed + DTLS_RANDOM_BYTES,
	    DTLS_RANDOM_BYTES);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
	    digest, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET,
	    master, master_bytes);
	params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED,
	    label, sizeof(label) - 1);
	params[3] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed,
	    sizeof(seed));
	params[4] = OSSL_PARAM_construct_end();
	is_good = ctx && master_bytes > 0 &&
	    EVP_KDF_derive(ctx, block, block_bytes, params) == 1;
	kk_wipe(master, sizeof(master));
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return is_good;
}

static void tail_split(struct ossl_tail *tail, enum dtls_role role,
    const uint8_t *block)
{
	const bool is_client = role == DTLS_CLIENT;
	const size_t bytes = tail->key_bytes;

	memcpy(is_client ? tail->own_key : tail->peer_key, block, bytes);
	block += bytes;
	memcpy(is_client ? tail->peer_key : tail->own_key, block, bytes);
	block += bytes;
	memcpy(is_client ? tail->own_iv : tail->peer_iv, block, IV_BYTES);
	block += IV_BYTES;
	memcpy(is_client ? tail->peer_iv : tail->own_iv, block, IV_BYTES);
}

enum kk_err ossl_tail_init(struct ossl_tail *tail, const SSL *ssl,
    enum dtls_role role, const struct dtls_record *finished)
{
	const SSL_CIPHER *cipher = SSL_SESSION_get0_cipher(
	    SSL_get_session(ssl));
	uint8_t block[BLOCK_MAX_BYTES];
	size_t bytes = sizeof(tail->finished);
	enum kk_err err;

	if (!cipher || finished->body.bytes < NONCE_BYTES)
		return KK_ECRYPTO;
	tail->key_bytes = SSL_CIPHER_get_cipher_nid(cipher) == NID_aes_256_gcm ?
	    32 :
	    16;
	if (!block_derive(ssl, tail->key_bytes == 32 ? "SHA2-384" : "SHA2-256",
		block, 2 * (tail->key_bytes + IV_BYTES)))
		return KK_ECRYPTO;
	tail_split(tail, role, block);
	kk_wipe(block, sizeof(block));
	err = record_open(tail->own_key, tail->key_bytes, tail->own_iv,
	    finished, tail->finished, &bytes);
	if (err || bytes != sizeof(tail->finished))
		return KK_ECRYPTO;
	tail->nonce = get_u64(finished->body.data);
	tail->has_keys = true;
	return KK_OK;
}
