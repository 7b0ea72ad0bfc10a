/*
 * wipe.c - tests that no key is left in memory that is released.
 *
 * kk_free() and kk_free_wiped() are wrapped (objs.mk): each block is looked
 * through for the keys of the running test just before it is released.
 */
#include <malloc.h>
#include <string.h>

#include "support.h"

enum { NEEDLES = 4, NEEDLE_BYTES = 12 };

static struct {
	bool is_armed;
	uint8_t needles[NEEDLES][NEEDLE_BYTES];
	size_t wiped_count; /* blocks that had a key before they were wiped */
	size_t left_count; /* blocks that were released with a key in them */
} watch;

void __real_kk_free(void *p);
void __wrap_kk_free(void *p);
void __wrap_kk_free_wiped(void *p, size_t bytes);

static bool holds_key(const uint8_t *p, size_t bytes)
{
	for (size_t at = 0; at + NEEDLE_BYTES <= bytes; at++) {
		for (size_t i = 0; i < NEEDLES; i++) {
			if (!memcmp(p + at, watch.needles[i], NEEDLE_BYTES))
				return true;
		}
	}
	return false;
}

void __wrap_kk_free(void *p)
{
	if (p && watch.is_armed && holds_key(p, malloc_usable_size(p)))
		watch.left_count++;
	__real_kk_free(p);
}

void __wrap_kk_free_wiped(void *p, size_t bytes)
{
	if (p && watch.is_armed && holds_key(p, malloc_usable_size(p)))
		watch.wiped_count++;
	if (p)
		kk_wipe(p, bytes);
	__wrap_kk_free(p);
}

/* Looks out for the epoch's secret and for the key and salt of the sender. */
static void watch_arm(const struct pair *p)
{
	const struct sframe_params *params = sframe_params_get(p->suite);
	uint8_t secret[SFRAME_HASH_MAX_BYTES], key[SFRAME_KEY_MAX_BYTES];
	uint8_t salt[SFRAME_NONCE_BYTES];

	CHECK_OK(sframe_secret_derive(params, pair_base_key(p), secret));
	CHECK_OK(sframe_key_salt_derive(params, secret,
	    sframe_key_kid(p->tx->key), key, salt));
	memset(&watch, 0, sizeof(watch));
	memcpy(watch.needles[0], secret, NEEDLE_BYTES);
	memcpy(watch.needles[1], key, NEEDLE_BYTES);
	memcpy(watch.needles[2], salt, NEEDLE_BYTES);
	/* The authentication subkey of the CTR suites. */
	memcpy(watch.needles[3], key + params->key_bytes - NEEDLE_BYTES,
	    NEEDLE_BYTES);
	watch.is_armed = true;
}

/* At least this many blocks had keys, and none was released with them. */
static void watch_check(size_t at_least)
{
	CHECK_EQ(watch.left_count, 0);
	CHECK(watch.wiped_count >= at_least);
	watch.wiped_count = 0;
}

TEST(keys_of_an_epoch_are_wiped_at_its_deadline_and_not_before)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 10, 0);
		CHECK_OK(open_sealed(p.rx, &s));
		watch_arm(&p);
		CHECK_OK(sframe_rx_epoch_retire(p.rx, PAIR_EPOCH, 10));
		CHECK_EQ(sframe_rx_expire(p.rx, 9), 0);
		CHECK_EQ(watch.wiped_count, 0);
		CHECK(holds_key((uint8_t *)p.rx->epochs[PAIR_EPOCH % 256],
		    sizeof(struct sframe_rx_epoch)));
		CHECK_EQ(sframe_rx_expire(p.rx, 10), 1);
		watch_check(2); /* the epoch's secret, the KID's salt */
		CHECK(!holds_key((uint8_t *)p.rx, sizeof(*p.rx)));
		watch.is_armed = false;
		pair_clear(&p);
	}
}

TEST(keys_of_senders_and_receivers_are_wiped_when_they_are_freed)
{
	for (unsigned n = FIRST_SUITE; n <= LAST_SUITE; n++) {
		struct sealed s;
		struct pair p;

		pair_init(&p, (enum sframe_suite)n);
		seal(&s, p.tx, 10, 0);
		CHECK_OK(open_sealed(p.rx, &s));
		watch_arm(&p);
		sframe_tx_free(p.tx);
		watch_check(1);
		sframe_epoch_free(p.epoch);
		watch_check(1);
		sframe_rx_free(p.rx);
		watch_check(2);
		watch.is_armed = false;
	}
}

TEST(key_made_for_a_forged_frame_is_wiped)
{
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_128_CTR_HMAC_SHA256_80);
	seal(&s, p.tx, 10, 0);
	s.bytes[s.len - 1] ^= 1;
	watch_arm(&p);
	CHECK_ERR(open_sealed(p.rx, &s), KK_EAUTH);
	watch_check(2); /* salt and authentication subkey */
	watch.is_armed = false;
	pair_clear(&p);
}

TEST(keys_of_an_epoch_whose_place_is_taken_are_wiped)
{
	struct sframe_epoch *next;
	struct sealed s;
	struct pair p;

	pair_init(&p, SFRAME_AES_256_GCM_SHA512_128);
	seal(&s, p.tx, 10, 0);
	CHECK_OK(open_sealed(p.rx, &s));
	watch_arm(&p);
	pair_next_epoch(&p, PAIR_EPOCH + 256, &next);
	watch_check(2);
	watch.is_armed = false;
	sframe_epoch_free(next);
	pair_clear(&p);
}
