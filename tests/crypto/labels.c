/* labels.c - MLS labels, spelt out by hand as RFC 9420 writes them. */
#include "crypto/crypto.h"
#include "harness/tap.h"
#include "hex.h"

TEST(expand_with_label_expands_the_kdf_label_of_rfc_9420)
{
	/* uint16 32, "MLS 1.0 tree" (12 bytes), context of 2 bytes */
	struct hex info = hex_of("0020"
				 "0c4d4c5320312e302074726565"
				 "02beef");
	struct hex context = hex_of("beef"), secret = hex_count(1, 32);
	uint8_t a[32], b[32];

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_expand_with_label(crypto_suite_get(2),
	    hex_view(&secret), "tree", hex_view(&context), a, sizeof(a)));
	CHECK_OK(crypto_hkdf_expand(CRYPTO_SHA256, hex_view(&secret),
	    hex_view(&info), b, sizeof(b)));
	CHECK_MEM(a, b, sizeof(a));
}

TEST(expand_with_label_writes_a_long_context_with_two_length_bytes)
{
	struct hex context = hex_run(0xab, 300), secret = hex_count(1, 32);
	struct kk_writer w;
	uint8_t a[20], b[20];

	CHECK_OK(crypto_init());
	kk_writer_init(&w);
	kk_write_u16(&w, sizeof(a));
	kk_write_vec(&w, kk_view_text("MLS 1.0 secret"));
	kk_write_vec(&w, hex_view(&context));
	CHECK_OK(crypto_expand_with_label(crypto_suite_get(2),
	    hex_view(&secret), "secret", hex_view(&context), a, sizeof(a)));
	CHECK_OK(crypto_hkdf_expand(CRYPTO_SHA256, hex_view(&secret),
	    kk_writer_view(&w), b, sizeof(b)));
	CHECK_MEM(a, b, sizeof(a));
	kk_writer_clear(&w);
}

TEST(derive_secret_is_expand_with_label_without_context)
{
	struct hex secret = hex_count(1, 48);
	struct kk_view none = { 0 };
	uint8_t a[48], b[48];

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_derive_secret(crypto_suite_get(7), hex_view(&secret),
	    "epoch", a));
	CHECK_OK(crypto_expand_with_label(crypto_suite_get(7),
	    hex_view(&secret), "epoch", none, b, sizeof(b)));
	CHECK_MEM(a, b, sizeof(a));
}

TEST(expand_with_label_refuses_more_than_65535_bytes)
{
	struct hex secret = hex_count(1, 32);
	struct kk_view none = { 0 };
	uint8_t out[1];

	CHECK_OK(crypto_init());
	CHECK_ERR(crypto_expand_with_label(crypto_suite_get(2),
		      hex_view(&secret), "x", none, out, 65536),
	    KK_EINVAL);
}

TEST(sign_with_label_signs_the_sign_content_of_rfc_9420)
{
	/* "MLS 1.0 Test" (12 bytes), content of 3 bytes */
	struct hex text = hex_of("0c4d4c5320312e302054657374"
				 "03616263");
	struct kk_view content = kk_view_text("abc");
	struct crypto_key *key = NULL;
	struct kk_bytes signature;
	enum crypto_sig sig = CRYPTO_ECDSA_P384_SHA384;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_sig_key_generate(&key, sig));
	CHECK_OK(crypto_sign_with_label(key, "Test", content, &signature));
	CHECK_OK(crypto_verify(sig, crypto_key_public(key), hex_view(&text),
	    kk_bytes_view(&signature)));
	CHECK_OK(crypto_verify_with_label(sig, crypto_key_public(key), "Test",
	    content, kk_bytes_view(&signature)));
	CHECK_ERR(crypto_verify_with_label(sig, crypto_key_public(key), "Tess",
		      content, kk_bytes_view(&signature)),
	    KK_EVERIFY);
	kk_bytes_clear(&signature);
	crypto_key_free(key);
}

TEST(encrypt_with_label_puts_label_and_context_into_info)
{
	const struct crypto_suite *suite;
	struct hex info = hex_of("0c4d4c5320312e302054657374"
				 "03616263");
	struct kk_view context = kk_view_text("abc"), none = { 0 };
	struct kk_view text = kk_view_text("a path secret");
	struct crypto_key *key = NULL;
	struct kk_bytes enc, ct, pt;
	uint8_t out[13];

	CHECK_OK(crypto_init());
	suite = crypto_suite_get(2);
	CHECK_OK(crypto_kem_key_generate(&key, suite->kem));
	CHECK_OK(crypto_encrypt_with_label(suite, crypto_key_public(key),
	    "Test", context, text, &enc, &ct));
	CHECK_OK(crypto_hpke_open(suite, key, kk_bytes_view(&enc),
	    hex_view(&info), none, kk_bytes_view(&ct), NULL, out));
	CHECK_MEM(out, text.data, text.bytes);
	CHECK_OK(crypto_decrypt_with_label(suite, key, "Test", context,
	    kk_bytes_view(&enc), kk_bytes_view(&ct), &pt));
	CHECK(kk_view_equal(kk_bytes_view(&pt), text));
	kk_bytes_clear(&pt);
	CHECK_ERR(crypto_decrypt_with_label(suite, key, "Tess", context,
		      kk_bytes_view(&enc), kk_bytes_view(&ct), &pt),
	    KK_EAUTH);
	CHECK(pt.data == NULL && pt.bytes == 0);
	ct.bytes = 15;
	CHECK_ERR(crypto_decrypt_with_label(suite, key, "Test", context,
		      kk_bytes_view(&enc), kk_bytes_view(&ct), &pt),
	    KK_ETRUNC);
	kk_bytes_clear(&enc);
	kk_bytes_clear(&ct);
	crypto_key_free(key);
}

TEST(encrypt_with_label_carries_an_empty_text)
{
	const struct crypto_suite *suite;
	struct kk_view none = { 0 };
	struct crypto_key *key = NULL;
	struct kk_bytes enc, ct, pt;

	CHECK_OK(crypto_init());
	suite = crypto_suite_get(7);
	CHECK_OK(crypto_kem_key_generate(&key, suite->kem));
	CHECK_OK(crypto_encrypt_with_label(suite, crypto_key_public(key), "",
	    none, none, &enc, &ct));
	CHECK_EQ(ct.bytes, CRYPTO_AEAD_TAG_BYTES);
	CHECK_OK(crypto_decrypt_with_label(suite, key, "", none,
	    kk_bytes_view(&enc), kk_bytes_view(&ct), &pt));
	CHECK(pt.data == NULL && pt.bytes == 0);
	ct.data[0] ^= 1;
	CHECK_ERR(crypto_decrypt_with_label(suite, key, "", none,
		      kk_bytes_view(&enc), kk_bytes_view(&ct), &pt),
	    KK_EAUTH);
	kk_bytes_clear(&enc);
	kk_bytes_clear(&ct);
	crypto_key_free(key);
}

TEST(ref_hash_hashes_label_and_value_as_vectors)
{
	struct kk_view value = kk_view_text("a key package");
	struct kk_writer w;
	struct kk_view text;
	uint8_t a[32], b[32];

	CHECK_OK(crypto_init());
	kk_writer_init(&w);
	kk_write_vec(&w, kk_view_text("MLS 1.0 KeyPackage Reference"));
	kk_write_vec(&w, value);
	text = kk_writer_view(&w);
	CHECK_OK(crypto_ref_hash(crypto_suite_get(2),
	    "MLS 1.0 KeyPackage Reference", value, a));
	CHECK_OK(crypto_hash(CRYPTO_SHA256, &text, 1, b));
	CHECK_MEM(a, b, sizeof(a));
	kk_writer_clear(&w);
}
