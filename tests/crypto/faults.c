/* faults.c - every allocation failed in turn. */
#include "crypto/checks.h"
#include "harness/tap.h"
#include "hex.h"
#include "mock/alloc.h"

TEST(faults_key_import_and_generate)
{
	struct hex private = hex_count(1, 32);
	struct crypto_key *key = NULL;
	enum kk_err err;

	CHECK_OK(crypto_init());
	ALLOC_FAULT_LOOP(err,
	    crypto_sig_key_import(&key, CRYPTO_ECDSA_P256_SHA256,
		hex_view(&private)));
	CHECK_OK(err);
	crypto_key_free(key);
	key = NULL;
	ALLOC_FAULT_LOOP(err, crypto_kem_key_generate(&key, CRYPTO_DHKEM_P256));
	CHECK_OK(err);
	crypto_key_free(key);
	key = NULL;
	ALLOC_FAULT_LOOP(err,
	    crypto_kem_key_derive(&key, CRYPTO_DHKEM_P384, hex_view(&private)));
	CHECK_OK(err);
	crypto_key_free(key);
}

static enum kk_err store_sign(void *ctx, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	(void)ctx;
	(void)message;
	(void)out;
	(void)out_bytes;
	return KK_EIO;
}

static void store_free(void *ctx)
{
	(*(unsigned int *)ctx)++;
}

TEST(faults_key_store_contexts_are_released)
{
	static const struct crypto_key_ops ops = { store_sign, NULL,
		store_free };
	struct hex public = hex_run(4, 65);
	struct crypto_key *key = NULL;
	unsigned int frees = 0;
	enum kk_err err;

	CHECK_OK(crypto_init());
	ALLOC_FAULT_LOOP(err,
	    crypto_key_new_sig_ops(&key, CRYPTO_ECDSA_P256_SHA256,
		hex_view(&public), &ops, &frees));
	CHECK_OK(err);
	CHECK_EQ(frees, 1); /* the one failed try */
	crypto_key_free(key);
	CHECK_EQ(frees, 2);
}

TEST(faults_aead_and_counter_mode)
{
	struct hex key = hex_count(1, 16), nonce = hex_count(1, 12);
	struct crypto_aead_key *aead = NULL;
	struct crypto_ctr_key *ctr = NULL;
	struct kk_view text = kk_view_text("text");
	uint8_t ct[20], pt[4];
	enum kk_err err;

	CHECK_OK(crypto_init());
	ALLOC_FAULT_LOOP(err,
	    crypto_aead_key_new(&aead, CRYPTO_AES_128_GCM, hex_view(&key)));
	CHECK_OK(err);
	crypto_aead_key_free(aead);
	ALLOC_FAULT_LOOP(err, crypto_ctr_key_new(&ctr, hex_view(&key)));
	CHECK_OK(err);
	crypto_ctr_key_free(ctr);
	ALLOC_FAULT_LOOP(err,
	    crypto_aead_seal(CRYPTO_AES_128_GCM, hex_view(&key),
		hex_view(&nonce), text, text, ct));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    crypto_aead_open(CRYPTO_AES_128_GCM, hex_view(&key),
		hex_view(&nonce), text, kk_view_of(ct, sizeof(ct)), pt));
	CHECK_OK(err);
	CHECK_MEM(pt, text.data, sizeof(pt));
}

TEST(faults_labels)
{
	const struct crypto_suite *suite;
	struct crypto_key *sig = NULL, *kem = NULL;
	struct kk_view text = kk_view_text("text");
	struct kk_bytes signature, enc, ct, pt;
	enum kk_err err;

	CHECK_OK(crypto_init());
	suite = crypto_suite_get(2);
	CHECK_OK(crypto_sig_key_generate(&sig, suite->sig));
	CHECK_OK(crypto_kem_key_generate(&kem, suite->kem));
	ALLOC_FAULT_LOOP(err,
	    crypto_sign_with_label(sig, "x", text, &signature));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    crypto_verify_with_label(suite->sig, crypto_key_public(sig), "x",
		text, kk_bytes_view(&signature)));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    crypto_encrypt_with_label(suite, crypto_key_public(kem), "x", text,
		text, &enc, &ct));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    crypto_decrypt_with_label(suite, kem, "x", text,
		kk_bytes_view(&enc), kk_bytes_view(&ct), &pt));
	CHECK_OK(err);
	CHECK(kk_view_equal(kk_bytes_view(&pt), text));
	kk_bytes_clear(&pt);
	ALLOC_FAULT_LOOP(err, crypto_key_export(kem, &pt));
	CHECK_OK(err);
	kk_bytes_clear(&pt);
	kk_bytes_clear(&enc);
	kk_bytes_clear(&ct);
	kk_bytes_clear(&signature);
	crypto_key_free(sig);
	crypto_key_free(kem);
}

static enum kk_err batch(const struct crypto_key *key,
    const struct kk_bytes *signature)
{
	struct crypto_checks *checks = NULL;
	enum kk_err err = crypto_checks_new(&checks);

	for (uint8_t i = 0; i < 40 && !err; i++) /* grows twice */
		err = crypto_checks_add(checks, CRYPTO_ECDSA_P256_SHA256,
		    crypto_key_public(key), kk_view_of(&i, 1),
		    kk_bytes_view(signature));
	if (!err)
		err = crypto_checks_add_with_label(checks,
		    CRYPTO_ECDSA_P256_SHA256, crypto_key_public(key), "x",
		    kk_view_text("text"), kk_bytes_view(signature));
	crypto_checks_free(checks);
	return err;
}

TEST(faults_checks)
{
	struct crypto_key *key = NULL;
	struct kk_bytes signature;
	enum kk_err err;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_sig_key_generate(&key, CRYPTO_ECDSA_P256_SHA256));
	CHECK_OK(crypto_sign_with_label(key, "x", kk_view_text("text"),
	    &signature));
	ALLOC_FAULT_LOOP(err, batch(key, &signature));
	CHECK_OK(err);
	kk_bytes_clear(&signature);
	crypto_key_free(key);
}
