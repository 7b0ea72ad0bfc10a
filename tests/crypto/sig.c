/* sig.c - signatures against RFC 6979 and RFC 8032, and their edges. */
#include <string.h>

#include "crypto/backend.h"
#include "crypto/der.h"
#include "harness/tap.h"
#include "hex.h"

static const enum crypto_sig sigs[] = { CRYPTO_ECDSA_P256_SHA256,
	CRYPTO_ECDSA_P384_SHA384, CRYPTO_ECDSA_P521_SHA512, CRYPTO_ED25519,
	CRYPTO_ED448 };

struct sig_case {
	enum crypto_sig sig;
	const char *private, *public, *message, *signature; /* raw r || s */
};

/* RFC 6979, A.2.5 and A.2.6 ("sample"); RFC 8032, 7.1 (test 2) and 7.4. */
static const struct sig_case p256 = { CRYPTO_ECDSA_P256_SHA256,
	"c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
	"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
	"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
	"73616d706c65",
	"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
	"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" };
static const struct sig_case p384 = { CRYPTO_ECDSA_P384_SHA384,
	"6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
	"96d5724e4c70a825f872c9ea60d2edf5",
	"04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
	"def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c62189"
	"6708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720",
	"73616d706c65",
	"94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
	"81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f"
	"130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8" };
static const struct sig_case ed25519 = { CRYPTO_ED25519,
	"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	"72",
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" };
static const struct sig_case ed448 = { CRYPTO_ED448,
	"6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3"
	"528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
	"5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778"
	"edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
	"",
	"533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f"
	"2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a"
	"9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db"
	"b61149f05a7363268c71d95808ff2e652600" };

static bool is_here(enum crypto_sig sig)
{
	struct crypto_key *key = NULL;
	enum kk_err err = crypto_sig_key_generate(&key, sig);

	crypto_key_free(key);
	return err != KK_EUNSUP;
}

/* The signature as MLS carries it: DER on the P curves. */
static struct hex case_signature(const struct sig_case *c)
{
	struct hex raw = hex_of(c->signature), der;

	if (c->sig == CRYPTO_ED25519 || c->sig == CRYPTO_ED448)
		return raw;
	CHECK_OK(crypto_der_encode(raw.data, raw.bytes / 2, der.data,
	    &der.bytes));
	return der;
}

static void check_vector(const struct sig_case *c)
{
	struct hex private = hex_of(c->private), public = hex_of(c->public);
	struct hex message = hex_of(c->message), signature, mine;
	struct crypto_key *key = NULL;

	CHECK_OK(crypto_init());
	if (!is_here(c->sig))
		SKIP("this scheme is not configured");
	signature = case_signature(c);
	CHECK_OK(crypto_verify(c->sig, hex_view(&public), hex_view(&message),
	    hex_view(&signature)));
	CHECK_OK(crypto_sig_key_import(&key, c->sig, hex_view(&private)));
	CHECK_EQ(crypto_key_public(key).bytes, public.bytes);
	CHECK_MEM(crypto_key_public(key).data, public.data, public.bytes);
	mine.bytes = HEX_MAX_BYTES;
	CHECK_OK(crypto_sign(key, hex_view(&message), mine.data, &mine.bytes));
	CHECK_OK(crypto_verify(c->sig, hex_view(&public), hex_view(&message),
	    hex_view(&mine)));
	if (c->sig == CRYPTO_ED25519 || c->sig == CRYPTO_ED448)
		CHECK_MEM(mine.data, signature.data, signature.bytes);
	crypto_key_free(key);
}

TEST(ecdsa_p256_accepts_rfc_6979_a25)
{
	check_vector(&p256);
}

TEST(ecdsa_p384_accepts_rfc_6979_a26)
{
	check_vector(&p384);
}

TEST(ed25519_gives_rfc_8032_test_2)
{
	check_vector(&ed25519);
}

TEST(ed448_gives_rfc_8032_blank)
{
	check_vector(&ed448);
}

static void check_psa_sign(const struct sig_case *c, enum crypto_curve curve)
{
	struct hex private = hex_of(c->private), message = hex_of(c->message);
	struct hex want = case_signature(c), mine, public;
	void *state = NULL;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_psa_sig.key_new(&state, curve, private.data,
	    public.data));
	mine.bytes = CRYPTO_SIGNATURE_MAX_BYTES;
	CHECK_OK(crypto_psa_sig.sign(state, hex_view(&message), mine.data,
	    &mine.bytes));
	CHECK_EQ(mine.bytes, want.bytes);
	CHECK_MEM(mine.data, want.data, want.bytes);
	crypto_psa_sig.key_free(state);
}

TEST(mbedtls_signs_as_rfc_6979_says_byte_by_byte)
{
	check_psa_sign(&p256, CRYPTO_P256);
	check_psa_sign(&p384, CRYPTO_P384);
}

struct signed_text {
	struct crypto_key *key;
	struct kk_view message;
	struct hex signature;
};

static struct signed_text signed_make(enum crypto_sig sig)
{
	struct signed_text t = { .message = kk_view_text("a short text") };

	t.signature.bytes = HEX_MAX_BYTES;
	CHECK_OK(crypto_sig_key_generate(&t.key, sig));
	CHECK_OK(crypto_sign(t.key, t.message, t.signature.data,
	    &t.signature.bytes));
	CHECK(t.signature.bytes <= CRYPTO_SIGNATURE_MAX_BYTES);
	return t;
}

TEST(verify_refuses_any_flipped_bit_of_a_signature)
{
	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(sigs); i++) {
		struct signed_text t;

		if (!is_here(sigs[i]))
			continue;
		t = signed_make(sigs[i]);
		for (size_t bit = 0; bit < t.signature.bytes * 8; bit += 3) {
			t.signature.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			CHECK_ERR(crypto_verify(sigs[i],
				      crypto_key_public(t.key), t.message,
				      hex_view(&t.signature)),
			    KK_EVERIFY);
			t.signature.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CHECK_OK(crypto_verify(sigs[i], crypto_key_public(t.key),
		    t.message, hex_view(&t.signature)));
		crypto_key_free(t.key);
	}
}

TEST(verify_refuses_another_message_key_or_length)
{
	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(sigs); i++) {
		struct signed_text t, other;
		struct kk_view public, cut;

		if (!is_here(sigs[i]))
			continue;
		t = signed_make(sigs[i]);
		other = signed_make(sigs[i]);
		public = crypto_key_public(t.key);
		cut = hex_view(&t.signature);
		CHECK_ERR(crypto_verify(sigs[i], public,
			      kk_view_text("a short texT"), cut),
		    KK_EVERIFY);
		CHECK_ERR(crypto_verify(sigs[i], crypto_key_public(other.key),
			      t.message, cut),
		    KK_EVERIFY);
		cut.bytes--;
		CHECK_ERR(crypto_verify(sigs[i], public, t.message, cut),
		    KK_EVERIFY);
		cut.bytes = 0;
		CHECK_ERR(crypto_verify(sigs[i], public, t.message, cut),
		    KK_EVERIFY);
		crypto_key_free(t.key);
		crypto_key_free(other.key);
	}
}

TEST(verify_refuses_public_keys_that_are_none)
{
	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(sigs); i++) {
		struct signed_text t;
		struct hex public;

		if (!is_here(sigs[i]))
			continue;
		t = signed_make(sigs[i]);
		public.bytes = crypto_key_public(t.key).bytes;
		memcpy(public.data, crypto_key_public(t.key).data,
		    public.bytes);
		public.data[public.bytes - 1] ^= 1; /* off the curve */
		CHECK_ERR(crypto_verify(sigs[i], hex_view(&public), t.message,
			      hex_view(&t.signature)),
		    KK_EVERIFY);
		public.data[public.bytes - 1] ^= 1;
		public.bytes--;
		CHECK_ERR(crypto_verify(sigs[i], hex_view(&public), t.message,
			      hex_view(&t.signature)),
		    KK_EVERIFY);
		public.bytes = 0;
		CHECK_ERR(crypto_verify(sigs[i], hex_view(&public), t.message,
			      hex_view(&t.signature)),
		    KK_EVERIFY);
		crypto_key_free(t.key);
	}
}

TEST(verify_refuses_compressed_and_hybrid_points)
{
	struct signed_text t;
	struct hex public;

	CHECK_OK(crypto_init());
	t = signed_make(CRYPTO_ECDSA_P256_SHA256);
	public.bytes = 65;
	memcpy(public.data, crypto_key_public(t.key).data, 65);
	for (unsigned int mark = 0; mark < 256; mark++) {
		public.data[0] = (uint8_t)mark;
		public.bytes = mark == 2 || mark == 3 ? 33 : 65;
		CHECK_ERR(crypto_verify(CRYPTO_ECDSA_P256_SHA256,
			      hex_view(&public), t.message,
			      hex_view(&t.signature)),
		    mark == 4 ? KK_OK : KK_EVERIFY);
	}
	crypto_key_free(t.key);
}

TEST(verify_and_sign_refuse_an_unknown_scheme)
{
	struct crypto_key *key = NULL;
	struct kk_view none = { 0 };

	CHECK_OK(crypto_init());
	CHECK_ERR(crypto_verify((enum crypto_sig)0x0804, none, none, none),
	    KK_EUNSUP);
	CHECK_ERR(crypto_sig_key_generate(&key, (enum crypto_sig)0x0804),
	    KK_EUNSUP);
	CHECK_ERR(crypto_sig_key_import(&key, (enum crypto_sig)1, none),
	    KK_EUNSUP);
	CHECK(key == NULL);
}

TEST(sign_refuses_a_small_buffer_and_a_kem_key)
{
	struct signed_text t;
	struct crypto_key *kem = NULL;
	uint8_t out[8];
	size_t bytes = sizeof(out);

	CHECK_OK(crypto_init());
	t = signed_make(CRYPTO_ECDSA_P256_SHA256);
	CHECK_ERR(crypto_sign(t.key, t.message, out, &bytes), KK_ENOSPC);
	CHECK_EQ(bytes, 0);
	CHECK_OK(crypto_kem_key_generate(&kem, CRYPTO_DHKEM_P256));
	bytes = sizeof(out);
	CHECK_ERR(crypto_sign(kem, t.message, out, &bytes), KK_EINVAL);
	CHECK_EQ(bytes, 0);
	crypto_key_free(t.key);
	crypto_key_free(kem);
}

/* r or s at or above the order must not be reduced into a valid one. */
TEST(verify_refuses_numbers_at_or_above_the_order)
{
	struct hex raw = hex_of(p256.signature), public = hex_of(p256.public);
	struct hex order = hex_of("ffffffff00000000ffffffffffffffff"
				  "bce6faada7179e84f3b9cac2fc632551");
	struct hex message = hex_of(p256.message), der;

	CHECK_OK(crypto_init());
	for (size_t half = 0; half < 2; half++) {
		struct hex bad = raw;

		memcpy(bad.data + 32 * half, order.data, 32);
		CHECK_OK(crypto_der_encode(bad.data, 32, der.data, &der.bytes));
		CHECK_ERR(crypto_verify(p256.sig, hex_view(&public),
			      hex_view(&message), hex_view(&der)),
		    KK_EVERIFY);
	}
}
