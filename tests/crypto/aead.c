/* aead.c - AES-GCM, ChaCha20-Poly1305 and AES-CTR through crypto.h. */
#include <string.h>

#include "crypto/crypto.h"
#include "harness/tap.h"
#include "hex.h"

enum { ROOM = HEX_MAX_BYTES + CRYPTO_AEAD_TAG_BYTES };

struct aead_case {
	enum crypto_aead aead;
	struct hex key, nonce, aad, pt, ct; /* ct with tag */
};

/* The GCM specification's test case 4 (16 for the longer key). */
static struct aead_case case_gcm(enum crypto_aead aead, const char *key,
    const char *ct)
{
	return (struct aead_case){ aead, hex_of(key),
		hex_of("cafebabefacedbaddecaf888"),
		hex_of("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
		hex_of("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c30"
		       "3d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0d"
		       "e657ba637b39"),
		hex_of(ct) };
}

static struct aead_case case_get(enum crypto_aead aead)
{
	struct aead_case c = { .aead = aead };
	const char *text = "Ladies and Gentlemen of the class of '99: If I "
			   "could offer you only one tip for the future, "
			   "sunscreen would be it.";

	if (aead == CRYPTO_AES_128_GCM)
		return case_gcm(aead, "feffe9928665731c6d6a8f9467308308",
		    "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e23"
		    "29aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
		    "3d58e0915bc94fbc3221a5db94fae95ae7121a47");
	if (aead == CRYPTO_AES_256_GCM)
		return case_gcm(aead,
		    "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f94"
		    "67308308",
		    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd"
		    "2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
		    "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
	c.key = hex_count(0x80, 32); /* RFC 8439, 2.8.2 */
	c.nonce = hex_of("070000004041424344454647");
	c.aad = hex_of("50515253c0c1c2c3c4c5c6c7");
	c.pt.bytes = strlen(text);
	memcpy(c.pt.data, text, c.pt.bytes);
	c.ct = hex_of(
	    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	    "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
	    "0691");
	return c;
}

static const enum crypto_aead aeads[] = { CRYPTO_AES_128_GCM,
	CRYPTO_AES_256_GCM, CRYPTO_CHACHA20_POLY1305 };

static struct crypto_aead_key *case_key(const struct aead_case *c)
{
	struct crypto_aead_key *key = NULL;

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_aead_key_new(&key, c->aead, hex_view(&c->key)));
	return key;
}

TEST(aead_seals_and_opens_the_official_vectors)
{
	uint8_t out[ROOM];

	CHECK_OK(crypto_init());
	for (size_t i = 0; i < KK_ARRAY_LEN(aeads); i++) {
		struct aead_case c = case_get(aeads[i]);

		CHECK_OK(crypto_aead_seal(c.aead, hex_view(&c.key),
		    hex_view(&c.nonce), hex_view(&c.aad), hex_view(&c.pt),
		    out));
		CHECK_MEM(out, c.ct.data, c.ct.bytes);
		CHECK_OK(crypto_aead_open(c.aead, hex_view(&c.key),
		    hex_view(&c.nonce), hex_view(&c.aad), hex_view(&c.ct),
		    out));
		CHECK_MEM(out, c.pt.data, c.pt.bytes);
	}
}

static bool is_zero(const uint8_t *p, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (p[i] != 0)
			return false;
	return true;
}

TEST(aead_refuses_any_flipped_bit_and_wipes_the_output)
{
	uint8_t out[ROOM];

	for (size_t i = 0; i < KK_ARRAY_LEN(aeads); i++) {
		struct aead_case c = case_get(aeads[i]);
		struct crypto_aead_key *key = case_key(&c);

		for (size_t bit = 0; bit < c.ct.bytes * 8; bit++) {
			c.ct.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			memset(out, 0xee, sizeof(out));
			CHECK_ERR(crypto_aead_key_open(key, c.nonce.data,
				      hex_view(&c.aad), hex_view(&c.ct), out),
			    KK_EAUTH);
			CHECK(is_zero(out, c.pt.bytes));
			CHECK_EQ(out[c.pt.bytes], 0xee);
			c.ct.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		CHECK_OK(crypto_aead_key_open(key, c.nonce.data,
		    hex_view(&c.aad), hex_view(&c.ct), out));
		CHECK_MEM(out, c.pt.data, c.pt.bytes);
		crypto_aead_key_free(key);
	}
}

TEST(aead_refuses_another_nonce_and_other_associated_data)
{
	uint8_t out[ROOM];

	for (size_t i = 0; i < KK_ARRAY_LEN(aeads); i++) {
		struct aead_case c = case_get(aeads[i]);
		struct crypto_aead_key *key = case_key(&c);

		c.nonce.data[11] ^= 1;
		CHECK_ERR(crypto_aead_key_open(key, c.nonce.data,
			      hex_view(&c.aad), hex_view(&c.ct), out),
		    KK_EAUTH);
		c.nonce.data[11] ^= 1;
		c.aad.bytes--;
		CHECK_ERR(crypto_aead_key_open(key, c.nonce.data,
			      hex_view(&c.aad), hex_view(&c.ct), out),
		    KK_EAUTH);
		crypto_aead_key_free(key);
	}
}

TEST(aead_works_in_place_with_one_kept_key)
{
	uint8_t buffer[ROOM];

	for (size_t i = 0; i < KK_ARRAY_LEN(aeads); i++) {
		struct aead_case c = case_get(aeads[i]);
		struct crypto_aead_key *key = case_key(&c);

		memcpy(buffer, c.pt.data, c.pt.bytes);
		for (int round = 0; round < 3; round++) {
			CHECK_OK(crypto_aead_key_seal(key, c.nonce.data,
			    hex_view(&c.aad), kk_view_of(buffer, c.pt.bytes),
			    buffer));
			CHECK_MEM(buffer, c.ct.data, c.ct.bytes);
			CHECK_OK(crypto_aead_key_open(key, c.nonce.data,
			    hex_view(&c.aad), kk_view_of(buffer, c.ct.bytes),
			    buffer));
			CHECK_MEM(buffer, c.pt.data, c.pt.bytes);
		}
		crypto_aead_key_free(key);
	}
}

TEST(aead_opens_good_text_after_bad_text_with_one_key)
{
	uint8_t out[ROOM];
	struct aead_case c = case_get(CRYPTO_AES_128_GCM);
	struct crypto_aead_key *key = case_key(&c);
	struct hex bad = c.ct;

	bad.data[0] ^= 1;
	CHECK_ERR(crypto_aead_key_open(key, c.nonce.data, hex_view(&c.aad),
		      hex_view(&bad), out),
	    KK_EAUTH);
	CHECK_OK(crypto_aead_key_seal(key, c.nonce.data, hex_view(&c.aad),
	    hex_view(&c.pt), out));
	CHECK_MEM(out, c.ct.data, c.ct.bytes);
	crypto_aead_key_free(key);
}

TEST(aead_seals_an_empty_text_to_a_tag)
{
	const struct kk_view none = { 0 };
	uint8_t tag[CRYPTO_AEAD_TAG_BYTES], out[1] = { 0x77 };

	for (size_t i = 0; i < KK_ARRAY_LEN(aeads); i++) {
		struct aead_case c = case_get(aeads[i]);
		struct crypto_aead_key *key = case_key(&c);
		struct kk_view view = { tag, sizeof(tag) };

		CHECK_OK(crypto_aead_key_seal(key, c.nonce.data, none, none,
		    tag));
		CHECK_OK(crypto_aead_key_open(key, c.nonce.data, none, view,
		    out));
		tag[15] ^= 0x80;
		CHECK_ERR(crypto_aead_key_open(key, c.nonce.data, none, view,
			      out),
		    KK_EAUTH);
		CHECK_EQ(out[0], 0x77);
		crypto_aead_key_free(key);
	}
}

TEST(aead_refuses_wrong_lengths)
{
	struct aead_case c = case_get(CRYPTO_AES_128_GCM);
	struct crypto_aead_key *key = case_key(&c), *none = NULL;
	uint8_t out[ROOM];

	CHECK_ERR(crypto_aead_key_open(key, c.nonce.data, hex_view(&c.aad),
		      kk_view_of(c.ct.data, CRYPTO_AEAD_TAG_BYTES - 1), out),
	    KK_ETRUNC);
	crypto_aead_key_free(key);
	CHECK_ERR(crypto_aead_key_new(&none, CRYPTO_AES_256_GCM,
		      hex_view(&c.key)),
	    KK_EINVAL);
	CHECK_ERR(crypto_aead_key_new(&none, (enum crypto_aead)7,
		      kk_view_of(c.key.data, 0)),
	    KK_EINVAL);
	CHECK(none == NULL);
	CHECK_ERR(crypto_aead_seal(c.aead, hex_view(&c.key),
		      kk_view_of(c.nonce.data, 11), hex_view(&c.aad),
		      hex_view(&c.pt), out),
	    KK_EINVAL);
	CHECK_ERR(crypto_aead_open(c.aead, hex_view(&c.key), hex_view(&c.nonce),
		      hex_view(&c.aad), kk_view_of(c.ct.data, 3), out),
	    KK_ETRUNC);
	crypto_aead_key_free(NULL);
}

static void check_ctr(const char *key_text, const char *ct_text)
{
	struct hex key = hex_of(key_text), ct = hex_of(ct_text);
	struct hex iv = hex_count(0xf0, 16);
	struct hex pt = hex_of("6bc1bee22e409f96e93d7e117393172a"
			       "ae2d8a571e03ac9c9eb76fac45af8e51");
	struct crypto_ctr_key *ctr = NULL;
	uint8_t out[32];

	CHECK_OK(crypto_ctr_key_new(&ctr, hex_view(&key)));
	CHECK_OK(crypto_ctr_key_xor(ctr, iv.data, hex_view(&pt), out));
	CHECK_MEM(out, ct.data, sizeof(out));
	CHECK_OK(crypto_ctr_key_xor(ctr, iv.data, kk_view_of(out, sizeof(out)),
	    out));
	CHECK_MEM(out, pt.data, sizeof(out));
	/* An odd length, and nothing kept from the last call. */
	CHECK_OK(crypto_ctr_key_xor(ctr, iv.data, kk_view_of(pt.data, 7), out));
	CHECK_MEM(out, ct.data, 7);
	CHECK_OK(crypto_ctr_key_xor(ctr, iv.data, kk_view_of(NULL, 0), NULL));
	crypto_ctr_key_free(ctr);
}

TEST(ctr_gives_the_vectors_of_sp_800_38a_also_in_place)
{
	CHECK_OK(crypto_init());
	check_ctr("2b7e151628aed2a6abf7158809cf4f3c",
	    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
	check_ctr(
	    "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	    "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5");
}

TEST(ctr_refuses_a_key_of_another_length)
{
	struct hex key = hex_run(1, 24);
	struct crypto_ctr_key *ctr = NULL;

	CHECK_OK(crypto_init());
	CHECK_ERR(crypto_ctr_key_new(&ctr, hex_view(&key)), KK_EINVAL);
	CHECK(ctr == NULL);
	crypto_ctr_key_free(NULL);
}
