/* schedule.c - what the key schedule refuses, and what must matter to it.
 * Its values are checked by the official vectors. */
#include "mls/schedule.h"

#include <string.h>

#include "expand_watch.h"
#include "harness/tap.h"
#include "mock/alloc.h"

enum { SUITE = 2 };

static const struct crypto_suite *suite_get(void)
{
	const struct crypto_suite *suite = crypto_suite_get(SUITE);

	CHECK_OK(crypto_init());
	CHECK(suite);
	return suite;
}

static struct mls_secret secret_of(uint8_t fill)
{
	struct mls_secret secret;

	memset(&secret, fill, sizeof(secret));
	return secret;
}

static bool is_zero(const void *p, size_t bytes)
{
	const uint8_t *at = p;

	while (bytes && !*at) {
		at++;
		bytes--;
	}
	return !bytes;
}

TEST(psk_secret_without_psks_is_zero)
{
	struct mls_secret out = secret_of(7);

	CHECK_OK(mls_schedule_psk(suite_get(), NULL, 0, &out));
	CHECK(is_zero(&out, sizeof(out)));
}

TEST(psk_secret_refuses_more_psks_than_its_label_counts)
{
	const struct mls_psk_input one = { kk_view_text("id"),
		kk_view_text("psk") };
	struct mls_secret out = secret_of(7);
	const struct mls_secret before = out;

	CHECK_ERR(mls_schedule_psk(suite_get(), &one, 65536, &out), KK_ELIMIT);
	CHECK_MEM(&out, &before, sizeof(out));
}

TEST(psk_secret_depends_on_each_id_secret_and_their_order)
{
	const struct crypto_suite *suite = suite_get();
	const struct mls_psk_input a = { kk_view_text("a"), kk_view_text("x") };
	const struct mls_psk_input b = { kk_view_text("b"), kk_view_text("x") };
	const struct mls_psk_input c = { kk_view_text("a"), kk_view_text("y") };
	const struct mls_psk_input lists[][2] = { { a, b }, { b, a }, { a, a },
		{ a, c } };
	struct mls_secret out[KK_ARRAY_LEN(lists)];

	for (size_t i = 0; i < KK_ARRAY_LEN(lists); i++) {
		CHECK_OK(mls_schedule_psk(suite, lists[i], 2, &out[i]));
		for (size_t k = 0; k < i; k++)
			CHECK(memcmp(&out[i], &out[k], suite->hash_bytes));
	}
}

TEST(export_refuses_more_than_255_hashes_and_gives_255)
{
	const struct crypto_suite *suite = suite_get();
	const struct mls_secret exporter = secret_of(1);
	static uint8_t out[255 * MLS_HASH_MAX_BYTES + 1];
	const size_t most = 255 * suite->hash_bytes;

	CHECK_ERR(mls_schedule_export(suite, &exporter, "l", kk_view_text("c"),
		      out, most + 1),
	    KK_EINVAL);
	CHECK(is_zero(out, sizeof(out)));
	CHECK_OK(mls_schedule_export(suite, &exporter, "l", kk_view_text("c"),
	    out, most));
	CHECK(!is_zero(out + most - 16, 16));
}

TEST(export_depends_on_label_context_and_length)
{
	const struct crypto_suite *suite = suite_get();
	const struct mls_secret exporter = secret_of(1);
	uint8_t a[16], b[16], c[16], d[32];

	CHECK_OK(mls_schedule_export(suite, &exporter, "l", kk_view_text("c"),
	    a, 16));
	CHECK_OK(mls_schedule_export(suite, &exporter, "m", kk_view_text("c"),
	    b, 16));
	CHECK_OK(mls_schedule_export(suite, &exporter, "l", kk_view_text("d"),
	    c, 16));
	CHECK_OK(mls_schedule_export(suite, &exporter, "l", kk_view_text("c"),
	    d, 32));
	CHECK(memcmp(a, b, 16));
	CHECK(memcmp(a, c, 16));
	CHECK(memcmp(a, d, 16));
}

TEST(epoch_depends_on_joiner_psk_and_context_and_its_secrets_differ)
{
	const struct crypto_suite *suite = suite_get();
	const struct mls_secret one = secret_of(1), two = secret_of(2);
	const struct kk_view x = kk_view_text("x"), y = kk_view_text("y");
	struct mls_epoch_secrets s[4];

	CHECK_OK(mls_schedule_epoch(suite, &one, &one, x, &s[0]));
	CHECK_OK(mls_schedule_epoch(suite, &two, &one, x, &s[1]));
	CHECK_OK(mls_schedule_epoch(suite, &one, &two, x, &s[2]));
	CHECK_OK(mls_schedule_epoch(suite, &one, &one, y, &s[3]));
	for (size_t i = 1; i < KK_ARRAY_LEN(s); i++)
		CHECK(memcmp(&s[i], &s[0], sizeof(s[0])));
	for (size_t i = 0; i < sizeof(s[0]) / sizeof(one); i++) {
		const struct mls_secret *all = &s[0].sender_data;

		for (size_t k = 0; k < i; k++)
			CHECK(memcmp(&all[i], &all[k], suite->hash_bytes));
	}
}

/* Runs expr with its first derivation failing, its second, and so on. */
#define EXPAND_FAULT_LOOP(err, expr)         \
	for (unsigned int nth = 1;; nth++) { \
		expand_watch_arm(nth);       \
		(err) = (expr);              \
		if (!expand_watch_disarm())  \
			break;               \
		CHECK_ERR(err, KK_ECRYPTO);  \
	}

TEST(schedule_hands_on_failures_of_the_crypto_library)
{
	const struct crypto_suite *suite = suite_get();
	const struct mls_secret one = secret_of(1);
	const struct kk_view x = kk_view_text("x");
	const struct mls_psk_input psk = { x, x };
	uint8_t key[CRYPTO_AEAD_KEY_MAX_BYTES], out[16];
	uint8_t nonce[CRYPTO_AEAD_NONCE_BYTES];
	struct mls_epoch_secrets epoch;
	struct mls_secret s;
	enum kk_err err;

	EXPAND_FAULT_LOOP(err, mls_schedule_joiner(suite, &one, &one, x, &s));
	CHECK_OK(err);
	EXPAND_FAULT_LOOP(err,
	    mls_schedule_welcome(suite, &one, &one, &s, key, nonce));
	CHECK_OK(err);
	EXPAND_FAULT_LOOP(err,
	    mls_schedule_export(suite, &one, "l", x, out, sizeof(out)));
	CHECK_OK(err);
	EXPAND_FAULT_LOOP(err, mls_schedule_psk(suite, &psk, 1, &s));
	CHECK_OK(err);
	EXPAND_FAULT_LOOP(err,
	    mls_schedule_epoch(suite, &one, &one, x, &epoch));
	CHECK_OK(err);
}

TEST(epoch_that_fails_leaves_no_secret_behind)
{
	const struct crypto_suite *suite = suite_get();
	const struct mls_secret one = secret_of(1);
	struct mls_epoch_secrets epoch;

	expand_watch_arm(1);
	CHECK_ERR(mls_schedule_epoch(suite, &one, &one, kk_view_text("x"),
		      &epoch),
	    KK_ECRYPTO);
	CHECK(expand_watch_disarm());
	CHECK(is_zero(&epoch, sizeof(epoch)));
}

TEST(schedule_survives_failed_allocations)
{
	const struct crypto_suite *suite = suite_get();
	const struct mls_secret one = secret_of(1);
	const struct kk_view x = kk_view_text("x");
	const struct mls_psk_input psks[] = { { x, x }, { x, x } };
	struct mls_epoch_secrets epoch;
	struct crypto_key *key;
	struct mls_secret s;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, mls_schedule_psk(suite, psks, 2, &s));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, mls_schedule_interim_hash(suite, x, x, &s));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, mls_schedule_epoch(suite, &one, &one, x, &epoch));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, mls_schedule_external_key(suite, &one, &key));
	CHECK_OK(err);
	crypto_key_free(key);
}

TEST(transcript_hashes_chain)
{
	const struct crypto_suite *suite = suite_get();
	const struct kk_view none = { 0 }, commit = kk_view_text("commit");
	struct mls_secret confirmed = { 0 }, interim, other, next;
	const struct kk_view hash = kk_view_of(confirmed.data,
	    suite->hash_bytes);

	CHECK_OK(mls_schedule_confirmed_hash(suite, none, commit, &confirmed));
	CHECK_OK(mls_schedule_interim_hash(suite, hash, kk_view_text("tag"),
	    &interim));
	CHECK_OK(mls_schedule_interim_hash(suite, hash, kk_view_text("gat"),
	    &other));
	CHECK(memcmp(&interim, &other, suite->hash_bytes));
	CHECK_OK(mls_schedule_confirmed_hash(suite,
	    kk_view_of(interim.data, suite->hash_bytes), commit, &next));
	CHECK(memcmp(&next, &confirmed, suite->hash_bytes));
}
