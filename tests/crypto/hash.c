/* hash.c - hashes, HMAC and HKDF against their RFCs. */
#include "crypto/backend.h"
#include "crypto/kdf.h"
#include "harness/tap.h"
#include "hex.h"

static const enum crypto_hash hashes[] = { CRYPTO_SHA256, CRYPTO_SHA384,
	CRYPTO_SHA512 };

static void check_hash_abc(enum crypto_hash hash, const char *expected)
{
	struct hex want = hex_of(expected);
	const struct kk_view parts[] = { kk_view_text("a"), kk_view_text(""),
		kk_view_text("bc") };
	uint8_t out[CRYPTO_HASH_MAX_BYTES];

	CHECK_EQ(crypto_hash_bytes(hash), want.bytes);
	CHECK_OK(crypto_hash(hash, parts, KK_ARRAY_LEN(parts), out));
	CHECK_MEM(out, want.data, want.bytes);
}

TEST(hash_gives_the_vectors_of_fips_180_over_pieces)
{
	CHECK_OK(crypto_init());
	check_hash_abc(CRYPTO_SHA256,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check_hash_abc(CRYPTO_SHA384,
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	    "8086072ba1e7cc2358baeca134c825a7");
	check_hash_abc(CRYPTO_SHA512,
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49"
	    "f");
}

TEST(hash_refuses_an_unknown_algorithm)
{
	uint8_t out[CRYPTO_HASH_MAX_BYTES];

	CHECK_OK(crypto_init());
	CHECK_EQ(crypto_hash_bytes((enum crypto_hash)9), 0);
	CHECK_ERR(crypto_hash((enum crypto_hash)9, NULL, 0, out), KK_EINVAL);
	CHECK_ERR(crypto_hmac((enum crypto_hash)9, kk_view_text("k"),
		      kk_view_text("d"), out),
	    KK_EINVAL);
}

static void check_hmac(enum crypto_hash hash, struct kk_view key,
    const char *text, const char *expected)
{
	struct hex want = hex_of(expected);
	uint8_t out[CRYPTO_HASH_MAX_BYTES];

	CHECK_OK(crypto_hmac(hash, key, kk_view_text(text), out));
	CHECK_MEM(out, want.data, want.bytes);
}

TEST(hmac_gives_case_2_of_rfc_4231)
{
	struct kk_view key = kk_view_text("Jefe");
	const char *text = "what do ya want for nothing?";

	CHECK_OK(crypto_init());
	check_hmac(CRYPTO_SHA256, key, text,
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	check_hmac(CRYPTO_SHA384, key, text,
	    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
	    "8e2240ca5e69e2c78b3239ecfab21649");
	check_hmac(CRYPTO_SHA512, key, text,
	    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	    "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce73"
	    "7");
}

TEST(hmac_hashes_a_key_longer_than_a_block_as_case_6_of_rfc_4231)
{
	struct hex key = hex_run(0xaa, 131);
	const char *text =
	    "Test Using Larger Than Block-Size Key - Hash Key First";

	CHECK_OK(crypto_init());
	check_hmac(CRYPTO_SHA256, hex_view(&key), text,
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	check_hmac(CRYPTO_SHA384, hex_view(&key), text,
	    "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
	    "0c2ef6ab4030fe8296248df163f44952");
	check_hmac(CRYPTO_SHA512, hex_view(&key), text,
	    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
	    "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d78659"
	    "8");
}

struct hkdf_case {
	struct hex ikm, salt, info;
	const char *prk, *okm;
};

/* RFC 2202, 3: cases 2 and 6. */
TEST(hmac_sha1_gives_the_vectors_of_rfc_2202)
{
	struct hex key = hex_run(0xaa, 80);

	CHECK_OK(crypto_init());
	check_hmac(CRYPTO_SHA1, kk_view_text("Jefe"),
	    "what do ya want for nothing?",
	    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	check_hmac(CRYPTO_SHA1, hex_view(&key),
	    "Test Using Larger Than Block-Size Key - Hash Key First",
	    "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

static void check_hkdf(const struct hkdf_case *c)
{
	struct hex prk = hex_of(c->prk), okm = hex_of(c->okm);
	uint8_t out[HEX_MAX_BYTES];

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_hkdf_extract(CRYPTO_SHA256, hex_view(&c->salt),
	    hex_view(&c->ikm), out));
	CHECK_MEM(out, prk.data, prk.bytes);
	CHECK_OK(crypto_hkdf_expand(CRYPTO_SHA256, hex_view(&prk),
	    hex_view(&c->info), out, okm.bytes));
	CHECK_MEM(out, okm.data, okm.bytes);
}

TEST(hkdf_gives_rfc_5869_a1_basic)
{
	const struct hkdf_case c = { hex_run(0x0b, 22), hex_count(0, 13),
		hex_count(0xf0, 10),
		"077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b"
		"3e5",
		"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c"
		"5bf34007208d5b887185865" };

	check_hkdf(&c);
}

TEST(hkdf_gives_rfc_5869_a2_longer_input_and_output)
{
	const struct hkdf_case c = { hex_count(0, 80), hex_count(0x60, 80),
		hex_count(0xb0, 80),
		"06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc"
		"244",
		"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa"
		"97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9ac"
		"a3db71cc30c58179ec3e87c14c01d5c1f3434f1d87" };

	check_hkdf(&c);
}

TEST(hkdf_gives_rfc_5869_a3_without_salt_and_info)
{
	const struct hkdf_case c = { hex_run(0x0b, 22), hex_run(0, 0),
		hex_run(0, 0),
		"19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293cc"
		"b04",
		"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738"
		"d2d9d201395faa4b61a96c8" };

	check_hkdf(&c);
}

TEST(hkdf_expands_to_255_hashes_and_not_a_byte_further)
{
	static uint8_t out[255 * CRYPTO_HASH_MAX_BYTES + 1];
	struct kk_view prk = kk_view_text("a pseudorandom key"), info = { 0 };

	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(hashes); i++) {
		size_t most = 255 * crypto_hash_bytes(hashes[i]);

		CHECK_OK(crypto_hkdf_expand(hashes[i], prk, info, out, most));
		CHECK_ERR(crypto_hkdf_expand(hashes[i], prk, info, out,
			      most + 1),
		    KK_EINVAL);
	}
}

TEST(hkdf_over_pieces_equals_hkdf_over_the_whole)
{
	struct kk_view prk = kk_view_text("a pseudorandom key");
	const struct kk_view parts[] = { kk_view_text("in"), kk_view_text(""),
		kk_view_text("f"), kk_view_text("o") };
	uint8_t a[100], b[100];

	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(hashes); i++) {
		CHECK_OK(crypto_hkdf_expand(hashes[i], prk,
		    kk_view_text("info"), a, sizeof(a)));
		CHECK_OK(crypto_hkdf_expand_parts(hashes[i], prk, parts,
		    KK_ARRAY_LEN(parts), b, sizeof(b)));
		CHECK_MEM(a, b, sizeof(a));
	}
}

TEST(hmac_and_hkdf_refuse_more_pieces_than_they_hold)
{
	const struct kk_view parts[CRYPTO_KDF_PARTS_MAX + 1] = { { 0 } };
	struct kk_view key = kk_view_text("k");
	uint8_t out[CRYPTO_HASH_MAX_BYTES];

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_hmac_parts(CRYPTO_SHA256, key, parts,
	    CRYPTO_KDF_PARTS_MAX, out));
	CHECK_ERR(crypto_hmac_parts(CRYPTO_SHA256, key, parts,
		      CRYPTO_KDF_PARTS_MAX + 1, out),
	    KK_EINVAL);
	CHECK_ERR(crypto_hkdf_expand_parts(CRYPTO_SHA256, key, parts,
		      CRYPTO_KDF_PARTS_MAX - 1, out, 32),
	    KK_EINVAL);
}

TEST(random_fills_differently_each_time)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_random(a, sizeof(a)));
	CHECK_OK(crypto_random(b, sizeof(b)));
	CHECK(!kk_secret_equal(a, b, sizeof(a)));
	CHECK_OK(crypto_random(a, 0));
}
