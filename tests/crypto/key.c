/* key.c - private keys: import, export, ranges, key stores. */
#include <string.h>

#include "crypto/crypto.h"
#include "harness/tap.h"
#include "hex.h"

static const char order_p256[] =
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
static const char last_p256[] = /* order - 1 */
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
static const char base_p256[] = /* the base point: the public key of 1 */
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

static const enum crypto_kem kems[] = { CRYPTO_DHKEM_P256, CRYPTO_DHKEM_P384,
	CRYPTO_DHKEM_P521, CRYPTO_DHKEM_X25519, CRYPTO_DHKEM_X448 };

static enum kk_err import_p256(const char *text)
{
	struct hex private = hex_of(text);
	struct crypto_key *sig = NULL, *kem = NULL;
	enum kk_err err, kem_err;

	err = crypto_sig_key_import(&sig, CRYPTO_ECDSA_P256_SHA256,
	    hex_view(&private));
	kem_err = crypto_kem_key_import(&kem, CRYPTO_DHKEM_P256,
	    hex_view(&private));
	CHECK_EQ(err, kem_err);
	CHECK(!err == (sig != NULL) && !err == (kem != NULL));
	crypto_key_free(sig);
	crypto_key_free(kem);
	return err;
}

TEST(import_takes_scalars_from_1_to_the_order_less_1)
{
	CHECK_OK(crypto_init());
	CHECK_OK(import_p256("01"));
	CHECK_OK(import_p256(last_p256));
	CHECK_ERR(import_p256(order_p256), KK_EINVAL);
	CHECK_ERR(import_p256(""), KK_EINVAL);
	CHECK_ERR(import_p256("00"), KK_EINVAL);
	CHECK_ERR(import_p256("00000000000000000000000000000000"
			      "00000000000000000000000000000000"),
	    KK_EINVAL);
	CHECK_ERR(import_p256("ffffffffffffffffffffffffffffffff"
			      "ffffffffffffffffffffffffffffffff"),
	    KK_EINVAL);
	CHECK_ERR(import_p256("01"
			      "00000000000000000000000000000000"
			      "00000000000000000000000000000001"),
	    KK_EINVAL);
}

TEST(import_takes_scalars_with_zeroes_left_out_or_added)
{
	static const char *const forms[] = { "01", "0001",
		"0000000000000000000000000000000000000000000000000000000000"
		"000001",
		"00000000000000000000000000000000000000000000000000000000000"
		"0000000000001" };
	struct hex base = hex_of(base_p256);

	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(forms); i++) {
		struct hex private = hex_of(forms[i]);
		struct crypto_key *key = NULL;
		struct kk_bytes out;

		CHECK_OK(crypto_kem_key_import(&key, CRYPTO_DHKEM_P256,
		    hex_view(&private)));
		CHECK_EQ(crypto_key_public(key).bytes, base.bytes);
		CHECK_MEM(crypto_key_public(key).data, base.data, base.bytes);
		CHECK_OK(crypto_key_export(key, &out));
		CHECK_EQ(out.bytes, 32);
		CHECK_EQ(out.data[31], 1);
		kk_bytes_clear(&out);
		crypto_key_free(key);
	}
}

TEST(import_takes_other_curves_strings_at_their_length_only)
{
	struct hex private = hex_run(7, 58);
	struct crypto_key *key = NULL;

	CHECK_OK(crypto_init());
	for (size_t n = 0; n <= 58; n++) {
		struct kk_view cut = { private.data, n };
		enum kk_err err;

		err = crypto_kem_key_import(&key, CRYPTO_DHKEM_X25519, cut);
		if (err == KK_EUNSUP)
			SKIP("X25519 is not configured");
		CHECK_EQ(err, n == 32 ? KK_OK : KK_EINVAL);
		if (!err)
			crypto_key_free(key);
		err = crypto_sig_key_import(&key, CRYPTO_ED25519, cut);
		if (err == KK_EUNSUP)
			continue;
		CHECK_EQ(err, n == 32 ? KK_OK : KK_EINVAL);
		if (!err)
			crypto_key_free(key);
	}
}

TEST(export_and_import_give_the_same_key)
{
	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(kems); i++) {
		struct crypto_key *key = NULL, *back = NULL;
		struct kk_bytes private;
		enum kk_err err = crypto_kem_key_generate(&key, kems[i]);

		if (err == KK_EUNSUP)
			continue;
		CHECK_OK(err);
		CHECK_OK(crypto_key_export(key, &private));
		CHECK_OK(crypto_kem_key_import(&back, kems[i],
		    kk_bytes_view(&private)));
		CHECK(kk_view_equal(crypto_key_public(key),
		    crypto_key_public(back)));
		CHECK_OK(crypto_kem_public_check(kems[i],
		    crypto_key_public(key)));
		kk_bytes_clear(&private);
		crypto_key_free(key);
		crypto_key_free(back);
	}
}

TEST(generate_gives_another_key_each_time)
{
	struct crypto_key *a = NULL, *b = NULL;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_sig_key_generate(&a, CRYPTO_ECDSA_P384_SHA384));
	CHECK_OK(crypto_sig_key_generate(&b, CRYPTO_ECDSA_P384_SHA384));
	CHECK(!kk_view_equal(crypto_key_public(a), crypto_key_public(b)));
	crypto_key_free(a);
	crypto_key_free(b);
}

TEST(public_check_refuses_points_off_the_curve_and_other_forms)
{
	CHECK_OK(crypto_init());
	for (size_t i = 0; i < 3; i++) { /* the P curves */
		struct crypto_key *key = NULL;
		struct hex public;

		CHECK_OK(crypto_kem_key_generate(&key, kems[i]));
		public.bytes = crypto_key_public(key).bytes;
		memcpy(public.data, crypto_key_public(key).data, public.bytes);
		crypto_key_free(key);
		public.data[public.bytes - 1] ^= 1;
		CHECK_ERR(crypto_kem_public_check(kems[i], hex_view(&public)),
		    KK_EINVAL);
		public.data[public.bytes - 1] ^= 1;
		for (size_t n = 0; n < public.bytes; n++)
			CHECK_ERR(crypto_kem_public_check(kems[i],
				      kk_view_of(public.data, n)),
			    KK_EINVAL);
		public.data[0] = 6;
		CHECK_ERR(crypto_kem_public_check(kems[i], hex_view(&public)),
		    KK_EINVAL);
		memset(public.data + 1, 0xff, public.bytes - 1);
		public.data[0] = 4; /* coordinates above the field's prime */
		CHECK_ERR(crypto_kem_public_check(kems[i], hex_view(&public)),
		    KK_EINVAL);
		memset(public.data, 0, public.bytes); /* infinity */
		CHECK_ERR(crypto_kem_public_check(kems[i], hex_view(&public)),
		    KK_EINVAL);
	}
	CHECK_ERR(crypto_kem_public_check((enum crypto_kem)1,
		      (struct kk_view){ 0 }),
	    KK_EUNSUP);
}

/* A key store of the tests: a key in memory behind counted calls. */
struct store {
	struct crypto_key *inner;
	unsigned int signs, dhs, frees;
};

static enum kk_err store_sign(void *ctx, struct kk_view message, uint8_t *out,
    size_t *out_bytes)
{
	struct store *store = ctx;

	store->signs++;
	return crypto_sign(store->inner, message, out, out_bytes);
}

/* Whatever the peer, a secret of 31 bytes: a store gone wrong. */
static enum kk_err store_dh_short(void *ctx, struct kk_view peer, uint8_t *out,
    size_t *out_bytes)
{
	struct store *store = ctx;

	(void)peer;
	store->dhs++;
	memset(out, 1, 31);
	*out_bytes = 31;
	return KK_OK;
}

static void store_free(void *ctx)
{
	struct store *store = ctx;

	store->frees++;
	crypto_key_free(store->inner);
	store->inner = NULL;
}

static const struct crypto_key_ops store_ops = { store_sign, store_dh_short,
	store_free };
static const struct crypto_key_ops mute_ops = { NULL, NULL, store_free };

TEST(a_key_store_signs_by_handle_and_does_not_export)
{
	struct store store = { 0 };
	struct crypto_key *key = NULL;
	struct kk_view text = kk_view_text("text");
	uint8_t out[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(out);
	struct kk_bytes private;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_sig_key_generate(&store.inner,
	    CRYPTO_ECDSA_P256_SHA256));
	CHECK_OK(crypto_key_new_sig_ops(&key, CRYPTO_ECDSA_P256_SHA256,
	    crypto_key_public(store.inner), &store_ops, &store));
	CHECK_OK(crypto_sign(key, text, out, &bytes));
	CHECK_EQ(store.signs, 1);
	CHECK_OK(crypto_verify(CRYPTO_ECDSA_P256_SHA256, crypto_key_public(key),
	    text, kk_view_of(out, bytes)));
	CHECK_ERR(crypto_key_export(key, &private), KK_EDENIED);
	CHECK(private.data == NULL);
	crypto_key_free(key);
	CHECK_EQ(store.frees, 1);
}

TEST(a_key_store_without_the_call_denies_it)
{
	const struct crypto_suite *suite = crypto_suite_get(2);
	struct store store = { 0 };
	struct crypto_key *key = NULL;
	struct hex base = hex_of(base_p256), ct = hex_run(0, 16);
	uint8_t out[CRYPTO_SIGNATURE_MAX_BYTES];
	size_t bytes = sizeof(out);
	struct kk_view none = { 0 };

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_key_new_sig_ops(&key, CRYPTO_ECDSA_P256_SHA256,
	    hex_view(&base), &mute_ops, &store));
	CHECK_ERR(crypto_sign(key, none, out, &bytes), KK_EDENIED);
	crypto_key_free(key);
	CHECK_OK(crypto_key_new_kem_ops(&key, CRYPTO_DHKEM_P256,
	    hex_view(&base), &mute_ops, &store));
	CHECK_ERR(crypto_hpke_open(suite, key, hex_view(&base), none, none,
		      hex_view(&ct), NULL, out),
	    KK_EDENIED);
	crypto_key_free(key);
	CHECK_EQ(store.frees, 2);
}

TEST(a_key_store_never_sees_a_peer_off_the_curve_nor_fools_us)
{
	const struct crypto_suite *suite = crypto_suite_get(2);
	struct store store = { 0 };
	struct crypto_key *key = NULL;
	struct hex base = hex_of(base_p256), ct = hex_run(0, 16);
	struct kk_view none = { 0 };
	uint8_t out[1];

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_key_new_kem_ops(&key, CRYPTO_DHKEM_P256,
	    hex_view(&base), &store_ops, &store));
	CHECK_ERR(crypto_hpke_open(suite, key, hex_view(&base), none, none,
		      hex_view(&ct), NULL, out),
	    KK_ECRYPTO);
	CHECK_EQ(store.dhs, 1);
	base.data[64] ^= 1;
	CHECK_ERR(crypto_hpke_open(suite, key, hex_view(&base), none, none,
		      hex_view(&ct), NULL, out),
	    KK_EINVAL);
	CHECK_EQ(store.dhs, 1);
	crypto_key_free(key);
}

TEST(a_key_stores_context_is_released_when_its_key_is_refused)
{
	struct store store = { 0 };
	struct crypto_key *key = NULL;
	struct hex base = hex_of(base_p256);

	CHECK_OK(crypto_init());
	CHECK_ERR(crypto_key_new_sig_ops(&key, (enum crypto_sig)1,
		      hex_view(&base), &store_ops, &store),
	    KK_EUNSUP);
	CHECK_EQ(store.frees, 1);
	CHECK_ERR(crypto_key_new_kem_ops(&key, (enum crypto_kem)1,
		      hex_view(&base), &store_ops, &store),
	    KK_EUNSUP);
	CHECK_EQ(store.frees, 2);
	base.bytes--;
	CHECK_ERR(crypto_key_new_sig_ops(&key, CRYPTO_ECDSA_P256_SHA256,
		      hex_view(&base), &store_ops, &store),
	    KK_EINVAL);
	CHECK_EQ(store.frees, 3);
	CHECK(key == NULL);
	crypto_key_free(NULL);
}

TEST(suites_2_and_7_are_there_and_unknown_ones_are_not)
{
	static const uint16_t unknown[] = { 0, 8, 0x0a0a, 0xffff };

	CHECK_OK(crypto_init());
	CHECK(crypto_suite_get(2) && crypto_suite_get(2)->id == 2);
	CHECK(crypto_suite_get(7) && crypto_suite_get(7)->id == 7);
	CHECK_STR(crypto_suite_get(7)->name,
	    "MLS_256_DHKEMP384_AES256GCM_SHA384_P384");
	for (size_t i = 0; i < KK_ARRAY_LEN(unknown); i++)
		CHECK(crypto_suite_get(unknown[i]) == NULL);
}

TEST(suites_have_the_sizes_of_their_algorithms)
{
	CHECK_OK(crypto_init());
	for (uint16_t id = 1; id <= 7; id++) {
		const struct crypto_suite *suite = crypto_suite_get(id);
		struct crypto_key *key = NULL;
		struct kk_bytes private;

		if (!suite)
			continue;
		CHECK_EQ(suite->hash_bytes, crypto_hash_bytes(suite->hash));
		CHECK_EQ(suite->aead_key_bytes,
		    crypto_aead_key_bytes(suite->aead));
		CHECK_OK(crypto_kem_key_generate(&key, suite->kem));
		CHECK_EQ(crypto_key_public(key).bytes, suite->kem_public_bytes);
		CHECK_OK(crypto_key_export(key, &private));
		CHECK_EQ(private.bytes, suite->kem_private_bytes);
		kk_bytes_clear(&private);
		crypto_key_free(key);
	}
}
