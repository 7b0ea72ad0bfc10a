/* key.c - tests of suites, key schedule and ratchet. */
#include "sframe/key.h"

#include <string.h>

#include "support.h"

TEST(suites_have_the_constants_of_rfc_9605_table_1)
{
	static const size_t nk[] = { 48, 48, 48, 16, 32, 96, 96, 96 };
	static const size_t nt[] = { 10, 8, 4, 16, 16, 10, 8, 4 };
	static const size_t nh[] = { 32, 32, 32, 32, 64, 64, 64, 64 };

	for (size_t i = 0; i < KK_ARRAY_LEN(nk); i++) {
		enum sframe_suite suite = (enum sframe_suite)(i + 1);
		const struct sframe_params *params = sframe_params_get(suite);

		CHECK(params);
		CHECK_EQ(sframe_base_key_bytes(suite), nk[i]);
		CHECK_EQ(sframe_hash_bytes(suite), nh[i]);
		CHECK_EQ(params->tag_bytes, nt[i]);
		CHECK(nt[i] + WIRE_SFRAME_MAX_BYTES <= SFRAME_OVERHEAD_BYTES);
		CHECK_EQ(crypto_hash_bytes(params->hash), nh[i]);
		if (!params->aead) /* derive_subkeys() of 4.5.1 */
			CHECK_EQ(params->aes_key_bytes + nh[i], nk[i]);
		CHECK(sframe_suite_name(suite));
	}
}

TEST(suites_that_do_not_exist_are_none)
{
	const unsigned numbers[] = { 0, 9, 0xf000 };

	for (size_t i = 0; i < KK_ARRAY_LEN(numbers); i++) {
		enum sframe_suite suite = (enum sframe_suite)numbers[i];

		CHECK(!sframe_params_get(suite));
		CHECK_EQ(sframe_base_key_bytes(suite), 0);
		CHECK_EQ(sframe_hash_bytes(suite), 0);
		CHECK(!sframe_suite_name(suite));
	}
}

/* RFC 9605, Appendix C.3, AES_128_GCM_SHA256_128. */
static const uint8_t rfc_base_key[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
	0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
static const uint64_t rfc_kid = 0x0123, rfc_ctr = 0x4567;

TEST(nonce_is_the_salt_with_the_counter_in_its_low_bytes)
{
	const struct sframe_params *params = sframe_params_get(
	    SFRAME_AES_128_GCM_SHA256_128);
	uint8_t secret[SFRAME_HASH_MAX_BYTES], zero[SFRAME_NONCE_BYTES];
	uint8_t high[SFRAME_NONCE_BYTES];
	struct sframe_key *key = NULL;

	CHECK_OK(sframe_secret_derive(params,
	    kk_view_of(rfc_base_key, sizeof(rfc_base_key)), secret));
	CHECK_OK(sframe_key_new(&key, params, secret, rfc_kid));
	sframe_key_nonce(key, 0, zero);
	sframe_key_nonce(key, UINT64_C(0x0102030405060708), high);
	CHECK_MEM(zero, high, 4);
	for (size_t i = 4; i < sizeof(zero); i++)
		CHECK_EQ(zero[i] ^ high[i], i - 3);
	sframe_key_free(key);
}

TEST(keys_differ_by_kid_and_by_suite)
{
	uint8_t key[SFRAME_KEY_MAX_BYTES], other[SFRAME_KEY_MAX_BYTES];
	uint8_t salt[SFRAME_NONCE_BYTES], secret[SFRAME_HASH_MAX_BYTES] = { 1 };
	const struct sframe_params *one = sframe_params_get(
	    SFRAME_AES_128_CTR_HMAC_SHA256_80);
	const struct sframe_params *two = sframe_params_get(
	    SFRAME_AES_128_CTR_HMAC_SHA256_64);

	CHECK_OK(sframe_key_salt_derive(one, secret, rfc_kid, key, salt));
	CHECK_OK(sframe_key_salt_derive(one, secret, rfc_ctr, other, salt));
	CHECK(memcmp(key, other, one->key_bytes));
	CHECK_OK(sframe_key_salt_derive(two, secret, rfc_kid, other, salt));
	CHECK(memcmp(key, other, one->key_bytes));
}

/* Computed apart from this code, by RFC 5869 in another language, from the base
 * key 00 01 02 ...: the second step of the ratchet. */
static const uint8_t ratchet_16[] = { 0xe2, 0x45, 0x77, 0xb5, 0x69, 0x96, 0x3f,
	0x52, 0x22, 0x73, 0x4f, 0x2f, 0x57, 0xc4, 0x39, 0x27, 0xc1, 0x0d, 0xd3,
	0x61, 0x80, 0xe6, 0x12, 0x4c, 0xf9, 0xf1, 0x0c, 0xd4, 0x3a, 0xb4, 0x59,
	0x8e };
static const uint8_t ratchet_32[] = { 0x61, 0x31, 0xf1, 0xe1, 0x27, 0x2b, 0x84,
	0xe4, 0x58, 0x8f, 0x19, 0x96, 0xc2, 0x0c, 0xd2, 0x53, 0xb8, 0x05, 0x88,
	0xd9, 0x15, 0x11, 0x57, 0x5f, 0xa2, 0xfd, 0x96, 0xf5, 0xcd, 0x7d, 0xfb,
	0x54, 0x05, 0x6e, 0xed, 0xf1, 0x3f, 0x03, 0xea, 0x97, 0x47, 0x64, 0xad,
	0x81, 0x9b, 0xba, 0xb3, 0x38, 0xdd, 0xed, 0x88, 0xbb, 0xe6, 0x04, 0x8e,
	0x50, 0x97, 0x1d, 0xba, 0x80, 0x15, 0x79, 0x29, 0xef };

static void ratchet_twice(enum sframe_suite suite, struct kk_view want)
{
	uint8_t key[SFRAME_HASH_MAX_BYTES], next[SFRAME_HASH_MAX_BYTES];

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	CHECK_OK(sframe_ratchet(suite,
	    kk_view_of(key, sframe_base_key_bytes(suite)), next));
	CHECK_OK(sframe_ratchet(suite,
	    kk_view_of(next, sframe_hash_bytes(suite)), key));
	CHECK_EQ(sframe_hash_bytes(suite), want.bytes);
	CHECK_MEM(key, want.data, want.bytes);
}

TEST(ratchet_makes_the_base_keys_of_rfc_9605_5_1)
{
	ratchet_twice(SFRAME_AES_128_GCM_SHA256_128,
	    kk_view_of(ratchet_16, sizeof(ratchet_16)));
	ratchet_twice(SFRAME_AES_256_GCM_SHA512_128,
	    kk_view_of(ratchet_32, sizeof(ratchet_32)));
}

TEST(ratchet_refuses_an_unknown_suite_and_a_wrong_length)
{
	uint8_t key[SFRAME_BASE_KEY_MAX_BYTES + 1] = { 0 };
	uint8_t next[SFRAME_HASH_MAX_BYTES] = { 77 };

	CHECK_ERR(sframe_ratchet((enum sframe_suite)0, kk_view_of(key, 32),
		      next),
	    KK_EINVAL);
	for (size_t bytes = 0; bytes <= sizeof(key); bytes++) {
		if (bytes != 32 && bytes != 64)
			CHECK_ERR(sframe_ratchet(SFRAME_AES_256_GCM_SHA512_128,
				      kk_view_of(key, bytes), next),
			    KK_EINVAL);
	}
	CHECK_EQ(next[0], 77);
}

TEST(ratcheted_base_key_carries_frames_as_an_epoch_of_its_own)
{
	const enum sframe_suite suites[] = { SFRAME_AES_128_GCM_SHA256_128,
		SFRAME_AES_256_GCM_SHA512_128,
		SFRAME_AES_128_CTR_HMAC_SHA256_80 };
	static const uint8_t everybody[SFRAME_SENDERS_MAX / 8] = { 0xff, 0xff };

	for (size_t i = 0; i < KK_ARRAY_LEN(suites); i++) {
		uint8_t next[SFRAME_HASH_MAX_BYTES];
		struct sframe_epoch *epoch;
		struct sframe_tx *tx;
		struct kk_view key;
		struct sealed s;
		struct pair p;

		pair_init(&p, suites[i]);
		CHECK_OK(sframe_ratchet(suites[i], pair_base_key(&p), next));
		key = kk_view_of(next, sframe_hash_bytes(suites[i]));
		CHECK_OK(sframe_rx_epoch_add(p.rx, PAIR_EPOCH + 1, key,
		    kk_view_of(everybody, sizeof(everybody))));
		CHECK_OK(sframe_epoch_new(&epoch, suites[i], PAIR_EPOCH + 1,
		    PAIR_SENDER, key));
		CHECK_OK(sframe_epoch_tx_take(epoch, 0, 0, &tx));
		seal(&s, tx, 100, 0);
		CHECK_OK(open_sealed(p.rx, &s));
		sframe_tx_free(tx);
		sframe_epoch_free(epoch);
		pair_clear(&p);
	}
}

/* "IETF SFrame WG", the metadata of the RFC's vectors, as a clear prefix, and
 * "draft-ietf-sframe-enc" behind it. */
static const char rfc_frame[] = "IETF SFrame WGdraft-ietf-sframe-enc";
enum { RFC_CLEAR_BYTES = 14 };
static const uint8_t rfc_sealed[] = { 0x99, 0x01, 0x23, 0x45, 0x67, 0xb7, 0x41,
	0x2c, 0x25, 0x13, 0xa1, 0xb6, 0x6d, 0xbb, 0x48, 0x84, 0x1b, 0xba, 0xf1,
	0x7f, 0x59, 0x87, 0x51, 0x17, 0x6a, 0xd8, 0x47, 0x68, 0x1a, 0x69, 0xc6,
	0xd0, 0xb0, 0x91, 0xc0, 0x70, 0x18, 0xce, 0x4a, 0xdb, 0x34, 0xeb };

TEST(frame_of_rfc_9605_appendix_c_is_sealed_and_opened)
{
	const enum sframe_suite suite = SFRAME_AES_128_GCM_SHA256_128;
	const struct kk_view base_key = kk_view_of(rfc_base_key,
	    sizeof(rfc_base_key));
	const struct kk_view frame = kk_view_text(rfc_frame);
	const uint8_t leaf_1 = 1 << 1;
	uint8_t out[128], opened[128];
	size_t bytes = sizeof(out), opened_bytes = sizeof(opened);
	struct sframe_source source;
	struct sframe_epoch *epoch;
	struct sframe_tx *tx;
	struct sframe_rx *rx;

	CHECK_OK(sframe_epoch_new(&epoch, suite, 0x0123 & 0xff, 1, base_key));
	CHECK_OK(sframe_epoch_tx_take(epoch, 0, 0, &tx));
	tx->next_ctr = rfc_ctr;
	CHECK_OK(sframe_tx_seal(tx, frame, RFC_CLEAR_BYTES, out, &bytes));
	CHECK_EQ(bytes, RFC_CLEAR_BYTES + sizeof(rfc_sealed));
	CHECK_MEM(out, rfc_frame, RFC_CLEAR_BYTES);
	CHECK_MEM(out + RFC_CLEAR_BYTES, rfc_sealed, sizeof(rfc_sealed));

	CHECK_OK(sframe_rx_new(&rx, suite));
	CHECK_OK(sframe_rx_epoch_add(rx, 0x23, base_key,
	    kk_view_of(&leaf_1, 1)));
	CHECK_OK(sframe_rx_open(rx, kk_view_of(out, bytes), RFC_CLEAR_BYTES,
	    opened, &opened_bytes, &source));
	CHECK_EQ(opened_bytes, frame.bytes);
	CHECK_MEM(opened, frame.data, frame.bytes);
	CHECK_EQ(source.kid.sender, 1);
	CHECK_EQ(source.ctr, rfc_ctr);
	sframe_tx_free(tx);
	sframe_epoch_free(epoch);
	sframe_rx_free(rx);
}
