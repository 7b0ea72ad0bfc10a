/* backends.c - mbedTLS and OpenSSL against each other, one by one. */
#include <string.h>

#include "crypto/params.h"
#include "harness/tap.h"
#include "hex.h"

#ifdef KK_CRYPTO_OPENSSL
static const enum crypto_curve curves[] = { CRYPTO_P256, CRYPTO_P384,
	CRYPTO_P521, CRYPTO_X25519 };

/* A valid private key that is another one for each seed. */
static struct hex private_make(enum crypto_curve curve, uint8_t seed)
{
	struct hex private = hex_count(seed, 66);

	private.bytes = crypto_curve_params(curve)->private_bytes;
	private.data[0] = curve == CRYPTO_P521 ? 1 : private.data[0];
	return private;
}

TEST(backends_hash_alike)
{
	struct hex text = hex_count(0, 300);

	CHECK_OK(crypto_init());
	for (int hash = CRYPTO_SHA256; hash <= CRYPTO_SHA1; hash++) {
		for (size_t n = 0; n <= text.bytes; n += 7) {
			const struct kk_view parts[] = {
				kk_view_of(text.data, n / 2), { 0 },
				kk_view_of(text.data + n / 2, n - n / 2)
			};
			uint8_t a[64], b[64];

			CHECK_OK(crypto_psa_hash.hash((enum crypto_hash)hash,
			    parts, 3, a));
			CHECK_OK(crypto_ossl_hash.hash((enum crypto_hash)hash,
			    parts, 3, b));
			CHECK_MEM(a, b,
			    crypto_hash_bytes((enum crypto_hash)hash));
		}
	}
}

static void check_aead(enum crypto_aead aead)
{
	struct hex key = hex_count(1, crypto_aead_key_bytes(aead));
	struct hex text = hex_count(50, 130), nonce = hex_count(9, 12);
	void *psa = NULL, *ossl = NULL;
	uint8_t a[160], b[160];

	CHECK_OK(crypto_psa_aead.key_new(&psa, aead, hex_view(&key)));
	CHECK_OK(crypto_ossl_aead.key_new(&ossl, aead, hex_view(&key)));
	for (size_t n = 0; n <= text.bytes; n++) {
		struct kk_view pt = { text.data, n };
		struct kk_view aad = { text.data, (n * 7) % 100 };
		struct kk_view ct_a = { a, n + CRYPTO_AEAD_TAG_BYTES };
		uint8_t back[160];

		nonce.data[0] = (uint8_t)n;
		CHECK_OK(crypto_psa_aead.seal(psa, nonce.data, aad, pt, a));
		CHECK_OK(crypto_ossl_aead.seal(ossl, nonce.data, aad, pt, b));
		CHECK_MEM(a, b, ct_a.bytes);
		CHECK_OK(crypto_ossl_aead.open(ossl, nonce.data, aad, ct_a,
		    back));
		CHECK_MEM(back, pt.data, n);
		CHECK_OK(crypto_psa_aead.open(psa, nonce.data, aad, ct_a,
		    back));
		CHECK_MEM(back, pt.data, n);
		a[n] ^= 1;
		CHECK_ERR(crypto_psa_aead.open(psa, nonce.data, aad, ct_a,
			      back),
		    KK_EAUTH);
	}
	crypto_psa_aead.key_free(psa);
	crypto_ossl_aead.key_free(ossl);
}

TEST(backends_seal_and_open_alike)
{
	CHECK_OK(crypto_init());
	check_aead(CRYPTO_AES_128_GCM);
	check_aead(CRYPTO_AES_256_GCM);
	check_aead(CRYPTO_CHACHA20_POLY1305);
}

TEST(mbedtls_seals_and_opens_in_place)
{
	struct hex key = hex_count(1, 16), text = hex_count(50, 100);
	struct hex nonce = hex_count(9, 12);
	uint8_t buffer[116];
	void *state = NULL;

	CHECK_OK(crypto_init());
	memcpy(buffer, text.data, 100);
	CHECK_OK(crypto_psa_aead.key_new(&state, CRYPTO_AES_128_GCM,
	    hex_view(&key)));
	CHECK_OK(crypto_psa_aead.seal(state, nonce.data, hex_view(&nonce),
	    kk_view_of(buffer, 100), buffer));
	CHECK_OK(crypto_psa_aead.open(state, nonce.data, hex_view(&nonce),
	    kk_view_of(buffer, 116), buffer));
	CHECK_MEM(buffer, text.data, 100);
	crypto_psa_aead.key_free(state);
}

TEST(backends_count_alike_in_counter_mode)
{
	struct hex key = hex_count(1, 32), text = hex_count(50, 100);
	struct hex iv = hex_run(0xff, 16); /* the counter wraps */

	CHECK_OK(crypto_init());
	for (size_t key_bytes = 16; key_bytes <= 32; key_bytes += 16) {
		struct kk_view view = { key.data, key_bytes };
		void *psa = NULL, *ossl = NULL;
		uint8_t a[100], b[100];

		CHECK_OK(crypto_psa_ctr.key_new(&psa, view));
		CHECK_OK(crypto_ossl_ctr.key_new(&ossl, view));
		CHECK_OK(crypto_psa_ctr.xor (psa, iv.data, hex_view(&text), a));
		CHECK_OK(crypto_ossl_ctr.xor
		    (ossl, iv.data, hex_view(&text), b));
		CHECK_MEM(a, b, sizeof(a));
		memcpy(b, text.data, sizeof(b));
		CHECK_OK(crypto_psa_ctr.xor
		    (psa, iv.data, kk_view_of(b, sizeof(b)), b));
		CHECK_MEM(a, b, sizeof(a));
		crypto_psa_ctr.key_free(psa);
		crypto_ossl_ctr.key_free(ossl);
	}
}

static void check_dh(enum crypto_curve curve)
{
	struct hex one = private_make(curve, 1), two = private_make(curve, 80);
	const size_t bytes = crypto_curve_params(curve)->public_bytes;
	uint8_t public_a[133], public_b[133], again[133];
	uint8_t a[CRYPTO_DH_MAX_BYTES], b[CRYPTO_DH_MAX_BYTES];
	void *psa = NULL, *ossl = NULL, *same = NULL;

	CHECK_OK(crypto_psa_dh.key_new(&psa, curve, one.data, public_a));
	CHECK_OK(crypto_ossl_dh.key_new(&ossl, curve, two.data, public_b));
	CHECK_OK(crypto_ossl_dh.key_new(&same, curve, one.data, again));
	CHECK_MEM(public_a, again, bytes);
	CHECK_OK(crypto_psa_dh.agree(psa, public_b, a));
	CHECK_OK(crypto_ossl_dh.agree(ossl, public_a, b));
	CHECK_MEM(a, b, crypto_curve_params(curve)->private_bytes);
	CHECK_OK(crypto_psa_dh.public_check(curve, public_b));
	CHECK_OK(crypto_ossl_dh.public_check(curve, public_a));
	if (curve != CRYPTO_X25519) { /* a point off the curve */
		public_a[bytes - 1] ^= 1;
		CHECK_ERR(crypto_psa_dh.agree(psa, public_a, a), KK_EINVAL);
		CHECK_ERR(crypto_ossl_dh.agree(ossl, public_a, b), KK_EINVAL);
		CHECK_ERR(crypto_psa_dh.public_check(curve, public_a),
		    KK_EINVAL);
		CHECK_ERR(crypto_ossl_dh.public_check(curve, public_a),
		    KK_EINVAL);
	}
	crypto_psa_dh.key_free(psa);
	crypto_ossl_dh.key_free(ossl);
	crypto_ossl_dh.key_free(same);
}

TEST(backends_agree_on_shared_secrets)
{
	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(curves); i++)
		check_dh(curves[i]);
}

static void check_signs(const struct crypto_sig_backend *signs,
    const struct crypto_sig_backend *verifies, enum crypto_curve curve)
{
	struct hex private = private_make(curve, 5);
	struct kk_view text = kk_view_text("text");
	uint8_t public[133];
	struct hex signature = { .bytes = CRYPTO_SIGNATURE_MAX_BYTES };
	void *state = NULL;

	CHECK_OK(signs->key_new(&state, curve, private.data, public));
	CHECK_OK(signs->sign(state, text, signature.data, &signature.bytes));
	CHECK_OK(verifies->verify(curve, public, text, hex_view(&signature)));
	CHECK_ERR(verifies->verify(curve, public, kk_view_text("texT"),
		      hex_view(&signature)),
	    KK_EVERIFY);
	signature.data[signature.bytes - 1] ^= 1;
	CHECK_ERR(verifies->verify(curve, public, text, hex_view(&signature)),
	    KK_EVERIFY);
	signature.data[signature.bytes - 1] ^= 1;
	public[crypto_curve_params(curve)->public_bytes - 1] ^= 1;
	CHECK_ERR(verifies->verify(curve, public, text, hex_view(&signature)),
	    KK_EVERIFY);
	signs->key_free(state);
}

TEST(backends_verify_each_others_signatures)
{
	CHECK_OK(crypto_init());
	for (size_t i = 0; i < 3; i++) {
		check_signs(&crypto_psa_sig, &crypto_ossl_sig, curves[i]);
		check_signs(&crypto_ossl_sig, &crypto_psa_sig, curves[i]);
		check_signs(&crypto_psa_sig, &crypto_psa_sig, curves[i]);
	}
}

TEST(mbedtls_refuses_an_all_zero_secret_on_x25519)
{
	struct hex private = private_make(CRYPTO_X25519, 1);
	struct hex zero = hex_run(0, 32);
	uint8_t public[133], out[CRYPTO_DH_MAX_BYTES];
	void *state = NULL;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_psa_dh.key_new(&state, CRYPTO_X25519, private.data,
	    public));
	CHECK_FAIL(crypto_psa_dh.agree(state, zero.data, out));
	crypto_psa_dh.key_free(state);
}

TEST(mbedtls_leaves_ed25519_ed448_and_x448_to_openssl)
{
	CHECK(!crypto_psa_sig.has(CRYPTO_CURVE_ED25519));
	CHECK(!crypto_psa_sig.has(CRYPTO_CURVE_ED448));
	CHECK(!crypto_psa_dh.has(CRYPTO_X448));
	CHECK(crypto_dh_backend(CRYPTO_X448) == &crypto_ossl_dh);
	CHECK(crypto_dh_backend(CRYPTO_CURVE_ED448) == NULL);
	CHECK(crypto_sig_backend(CRYPTO_X448) == NULL);
}
#else
TEST(backends_agree)
{
	SKIP("OpenSSL is not configured: there is one backend");
}
#endif
