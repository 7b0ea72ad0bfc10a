/* vectors.c - docs/protocol.md again, written with OpenSSL alone. */
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/core_names.h>
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "harness/tap.h"
#include "meeting/meeting.h"

static const uint8_t secret[MEETING_SECRET_BYTES] = "0123456789abcde";
static const char id[] = "meeting id";

static void hkdf(const char *salt, const void *ikm, size_t ikm_bytes,
    const void *info, size_t info_bytes, uint8_t *out, size_t out_bytes)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
		    (char *)"SHA256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
		    (void *)(uintptr_t)salt, strlen(salt)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
		    (void *)(uintptr_t)ikm, ikm_bytes),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
		    (void *)(uintptr_t)info, info_bytes),
		OSSL_PARAM_construct_end(),
	};

	CHECK_EQ(EVP_KDF_derive(ctx, out, out_bytes, params), 1);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

static void derive(const char *label, uint8_t *out, size_t out_bytes)
{
	uint8_t info[64];
	size_t n = strlen(label) + 1;

	memcpy(info, label, n);
	memcpy(info + n, id, sizeof(id) - 1);
	hkdf("Konklave 1 meeting", secret, sizeof(secret), info,
	    n + sizeof(id) - 1, out, out_bytes);
}

static struct meeting_keys *keys_make(void)
{
	struct meeting_keys *keys = NULL;

	CHECK_OK(crypto_init());
	CHECK_OK(meeting_keys_new(&keys, kk_view_text(id),
	    kk_view_of(secret, sizeof(secret))));
	return keys;
}

TEST(keys_are_those_that_the_protocol_page_derives)
{
	struct meeting_keys *keys = keys_make();
	uint8_t want[32], hash[MEETING_TOKEN_HASH_BYTES], want_hash[32];

	derive("token", want, 32);
	CHECK_MEM(meeting_keys_token(keys).data, want, 32);
	CHECK_OK(meeting_token_hash(meeting_keys_token(keys), hash));
	CHECK_EQ(EVP_Digest(want, 32, want_hash, NULL, EVP_sha256(), NULL), 1);
	CHECK_MEM(hash, want_hash, 32);
	derive("psk", want, MEETING_PSK_BYTES);
	CHECK_MEM(meeting_keys_psk(keys).data, want, MEETING_PSK_BYTES);
	derive("psk id", want, MEETING_PSK_ID_BYTES);
	CHECK_MEM(meeting_keys_psk_id(keys).data, want, MEETING_PSK_ID_BYTES);
	meeting_keys_free(keys);
}

TEST(a_wrapped_message_opens_by_the_protocol_page)
{
	struct meeting_keys *keys = keys_make();
	const char text[] = "a commit";
	uint8_t key[32], aad[3 + sizeof(id) - 1] = { 1, 4, sizeof(id) - 1 };
	uint8_t plain[sizeof(text)];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	struct kk_bytes w;
	int n;

	CHECK_OK(meeting_wrap(keys, MEETING_HANDSHAKE,
	    kk_view_of(text, sizeof(text)), &w));
	derive("wrap", key, sizeof(key));
	memcpy(aad + 3, id, sizeof(id) - 1);
	CHECK_EQ(EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key,
		     w.data + 2),
	    1);
	CHECK_EQ(EVP_DecryptUpdate(ctx, NULL, &n, aad, sizeof(aad)), 1);
	CHECK_EQ(EVP_DecryptUpdate(ctx, plain, &n, w.data + 14, sizeof(text)),
	    1);
	CHECK_EQ(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, 16,
		     w.data + 14 + sizeof(text)),
	    1);
	CHECK_EQ(EVP_DecryptFinal_ex(ctx, plain + n, &n), 1);
	CHECK_MEM(plain, text, sizeof(text));
	EVP_CIPHER_CTX_free(ctx);
	kk_bytes_clear(&w);
	meeting_keys_free(keys);
}

TEST(the_security_code_is_that_of_the_protocol_page)
{
	const char auth[] = "an epoch's authenticator";
	char got[MEETING_CODE_TEXT_BYTES], want[64] = "";
	uint8_t stream[30];
	size_t at = 0;

	CHECK_OK(crypto_init());
	hkdf("Konklave 1 security code", auth, sizeof(auth), "digits", 6,
	    stream, sizeof(stream));
	for (size_t g = 0; g < 6; g++) {
		uint64_t n = 0;

		for (size_t i = 0; i < 5; i++)
			n = n * 256 + stream[g * 5 + i];
		at += (size_t)snprintf(want + at, sizeof(want) - at, "%s%05u",
		    g ? " " : "", (unsigned)(n % 100000));
	}
	CHECK_OK(meeting_code(kk_view_of(auth, sizeof(auth)), got));
	CHECK_STR(got, want);
}
