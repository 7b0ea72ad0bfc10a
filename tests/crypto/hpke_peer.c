/* hpke_peer.c - HPKE with OpenSSL's own HPKE as the other side. */
#include "crypto/crypto.h"
#include "harness/tap.h"
#include "hex.h"

#ifdef KK_CRYPTO_OPENSSL
#include <openssl/evp.h>
#include <openssl/hpke.h>

static const char psk_id[] = "the name of a key";
static const uint8_t psk[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };

enum { TEXT_BYTES = 16, CT_BYTES = TEXT_BYTES + CRYPTO_AEAD_TAG_BYTES };

struct peer {
	const struct crypto_suite *suite;
	OSSL_HPKE_SUITE theirs;
	bool is_psk;
	struct kk_view info, aad, text;
};

static struct peer peer_make(const struct crypto_suite *suite, bool is_psk)
{
	return (struct peer){ suite,
		{ (uint16_t)suite->kem, (uint16_t)suite->hash,
		    (uint16_t)suite->aead },
		is_psk, kk_view_text("some info"), kk_view_text("some data"),
		kk_view_text("sixteen letters!") };
}

static OSSL_HPKE_CTX *peer_ctx(const struct peer *p, int role)
{
	int mode = p->is_psk ? OSSL_HPKE_MODE_PSK : OSSL_HPKE_MODE_BASE;
	OSSL_HPKE_CTX *ctx;

	ctx = OSSL_HPKE_CTX_new(mode, p->theirs, role, NULL, NULL);
	CHECK(ctx != NULL);
	if (p->is_psk)
		CHECK(OSSL_HPKE_CTX_set1_psk(ctx, psk_id, psk, sizeof(psk)) ==
		    1);
	return ctx;
}

static const struct crypto_hpke_psk *peer_psk(const struct peer *p,
    struct crypto_hpke_psk *both)
{
	*both = (struct crypto_hpke_psk){ kk_view_of(psk, sizeof(psk)),
		kk_view_text(psk_id) };
	return p->is_psk ? both : NULL;
}

/* We derive the same key pair as they do, and open what they seal. */
static void check_they_seal(const struct peer *p)
{
	struct hex ikm = hex_count(3, 66);
	OSSL_HPKE_CTX *ctx = peer_ctx(p, OSSL_HPKE_ROLE_SENDER);
	uint8_t enc[CRYPTO_KEM_PUBLIC_MAX_BYTES], ct[CT_BYTES], pt[TEXT_BYTES];
	uint8_t a[48], b[48];
	size_t enc_bytes = sizeof(enc), ct_bytes = sizeof(ct);
	struct crypto_hpke_psk both;
	struct crypto_key *key = NULL;
	struct kk_view public;

	CHECK_OK(crypto_kem_key_derive(&key, p->suite->kem, hex_view(&ikm)));
	public = crypto_key_public(key);
	CHECK(OSSL_HPKE_encap(ctx, enc, &enc_bytes, public.data, public.bytes,
		  p->info.data, p->info.bytes) == 1);
	CHECK(OSSL_HPKE_seal(ctx, ct, &ct_bytes, p->aad.data, p->aad.bytes,
		  p->text.data, p->text.bytes) == 1);
	CHECK_EQ(ct_bytes, CT_BYTES);
	CHECK_OK(crypto_hpke_open(p->suite, key, kk_view_of(enc, enc_bytes),
	    p->info, p->aad, kk_view_of(ct, ct_bytes), peer_psk(p, &both), pt));
	CHECK_MEM(pt, p->text.data, TEXT_BYTES);
	if (!p->is_psk) {
		CHECK(OSSL_HPKE_export(ctx, a, sizeof(a), p->aad.data,
			  p->aad.bytes) == 1);
		CHECK_OK(crypto_hpke_export_receive(p->suite, key,
		    kk_view_of(enc, enc_bytes), p->info, p->aad, b, sizeof(b)));
		CHECK_MEM(a, b, sizeof(a));
	}
	OSSL_HPKE_CTX_free(ctx);
	crypto_key_free(key);
}

static void check_we_seal(const struct peer *p)
{
	struct hex ikm = hex_count(9, 66), public;
	uint8_t enc[CRYPTO_KEM_PUBLIC_MAX_BYTES], ct[CT_BYTES], pt[TEXT_BYTES];
	size_t pt_bytes = sizeof(pt);
	struct crypto_hpke_psk both;
	struct crypto_key *ours = NULL;
	EVP_PKEY *key = NULL;
	OSSL_HPKE_CTX *ctx;

	public.bytes = HEX_MAX_BYTES;
	CHECK(OSSL_HPKE_keygen(p->theirs, public.data, &public.bytes, &key,
		  ikm.data, ikm.bytes, NULL, NULL) == 1);
	CHECK_OK(crypto_kem_key_derive(&ours, p->suite->kem, hex_view(&ikm)));
	CHECK(kk_view_equal(hex_view(&public), crypto_key_public(ours)));
	CHECK_OK(crypto_hpke_seal(p->suite, hex_view(&public), p->info, p->aad,
	    p->text, peer_psk(p, &both), enc, ct));
	ctx = peer_ctx(p, OSSL_HPKE_ROLE_RECEIVER);
	CHECK(OSSL_HPKE_decap(ctx, enc, p->suite->kem_public_bytes, key,
		  p->info.data, p->info.bytes) == 1);
	CHECK(OSSL_HPKE_open(ctx, pt, &pt_bytes, p->aad.data, p->aad.bytes, ct,
		  sizeof(ct)) == 1);
	CHECK_EQ(pt_bytes, TEXT_BYTES);
	CHECK_MEM(pt, p->text.data, TEXT_BYTES);
	OSSL_HPKE_CTX_free(ctx);
	EVP_PKEY_free(key);
	crypto_key_free(ours);
}

static void check_mode(bool is_psk)
{
	CHECK_OK(crypto_init());
	for (uint16_t id = 1; id <= 7; id++) {
		const struct crypto_suite *suite = crypto_suite_get(id);
		struct peer p;

		if (!suite)
			continue;
		p = peer_make(suite, is_psk);
		check_they_seal(&p);
		check_we_seal(&p);
	}
}

TEST(hpke_base_agrees_with_openssl_both_ways_in_all_suites)
{
	check_mode(false);
}

TEST(hpke_psk_agrees_with_openssl_both_ways_in_all_suites)
{
	check_mode(true);
}
#else
TEST(hpke_agrees_with_openssl)
{
	SKIP("OpenSSL is not configured");
}
#endif
