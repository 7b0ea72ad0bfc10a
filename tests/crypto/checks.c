/* checks.c - signature checks put off and handed out. */
#include "crypto/checks.h"

#include <string.h>

#include "harness/tap.h"
#include "hex.h"

static const enum crypto_sig scheme = CRYPTO_ECDSA_P256_SHA256;

struct signer {
	struct crypto_key *key;
	struct hex signature;
};

static struct signer signer_make(const char *text)
{
	struct signer s = { 0 };

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_sig_key_generate(&s.key, scheme));
	s.signature.bytes = HEX_MAX_BYTES;
	CHECK_OK(crypto_sign(s.key, kk_view_text(text), s.signature.data,
	    &s.signature.bytes));
	return s;
}

static enum kk_err add(struct crypto_checks *checks, const struct signer *s,
    const char *text)
{
	return crypto_checks_add(checks, scheme, crypto_key_public(s->key),
	    kk_view_text(text), hex_view(&s->signature));
}

TEST(checks_run_accepts_a_batch_of_good_signatures)
{
	struct signer a = signer_make("one"), b = signer_make("two");
	struct crypto_checks *checks = NULL;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(crypto_checks_done(checks)); /* nothing to check */
	CHECK_OK(add(checks, &a, "one"));
	CHECK_OK(add(checks, &b, "two"));
	CHECK_EQ(crypto_checks_count(checks), 2);
	CHECK_ERR(crypto_checks_done(checks), KK_ESTATE);
	CHECK_OK(crypto_checks_run(checks));
	CHECK_OK(crypto_checks_done(checks));
	crypto_checks_free(checks);
	crypto_key_free(a.key);
	crypto_key_free(b.key);
}

TEST(checks_run_refuses_the_batch_for_one_bad_signature)
{
	struct signer a = signer_make("one"), b = signer_make("two");
	struct crypto_checks *checks = NULL;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(add(checks, &a, "one"));
	CHECK_OK(add(checks, &b, "not two"));
	CHECK_ERR(crypto_checks_run(checks), KK_EVERIFY);
	CHECK_ERR(crypto_checks_done(checks), KK_EVERIFY);
	CHECK_ERR(crypto_checks_run(checks), KK_EVERIFY);
	crypto_checks_free(checks);
	crypto_key_free(a.key);
	crypto_key_free(b.key);
}

TEST(checks_added_after_a_run_are_open)
{
	struct signer a = signer_make("one"), b = signer_make("two");
	struct crypto_checks *checks = NULL;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(add(checks, &a, "one"));
	CHECK_OK(crypto_checks_run(checks));
	CHECK_OK(add(checks, &b, "two"));
	CHECK_ERR(crypto_checks_done(checks), KK_ESTATE);
	CHECK_OK(crypto_checks_run(checks));
	crypto_checks_free(checks);
	crypto_key_free(a.key);
	crypto_key_free(b.key);
}

TEST(checks_can_be_confirmed_from_outside)
{
	struct signer a = signer_make("one");
	struct crypto_checks *checks = NULL;
	struct crypto_check check;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(add(checks, &a, "one"));
	CHECK_OK(crypto_checks_get(checks, 0, &check));
	CHECK_EQ(check.sig, scheme);
	CHECK(kk_view_equal(check.public, crypto_key_public(a.key)));
	CHECK(kk_view_equal(check.message, kk_view_text("one")));
	CHECK(kk_view_equal(check.signature, hex_view(&a.signature)));
	CHECK_ERR(crypto_checks_get(checks, 1, &check), KK_EINVAL);
	CHECK_ERR(crypto_checks_confirm(checks, 1, true), KK_EINVAL);
	CHECK_ERR(crypto_checks_done(checks), KK_ESTATE);
	CHECK_OK(crypto_checks_confirm(checks, 0, true));
	CHECK_OK(crypto_checks_done(checks));
	crypto_checks_free(checks);
	crypto_key_free(a.key);
}

TEST(checks_never_forget_a_false_verdict)
{
	struct signer a = signer_make("one");
	struct crypto_checks *checks = NULL;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(add(checks, &a, "one"));
	CHECK_OK(crypto_checks_confirm(checks, 0, false));
	CHECK_ERR(crypto_checks_done(checks), KK_EVERIFY);
	CHECK_OK(crypto_checks_confirm(checks, 0, true));
	CHECK_ERR(crypto_checks_done(checks), KK_EVERIFY);
	CHECK_ERR(crypto_checks_run(checks), KK_EVERIFY);
	crypto_checks_free(checks);
	crypto_key_free(a.key);
}

TEST(checks_keep_copies)
{
	struct signer a = signer_make("one");
	struct crypto_checks *checks = NULL;
	char text[] = "one";
	struct crypto_check check;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(add(checks, &a, text));
	memset(text, 'x', 3);
	memset(a.signature.data, 0, a.signature.bytes);
	crypto_key_free(a.key);
	CHECK_OK(crypto_checks_get(checks, 0, &check));
	CHECK(kk_view_equal(check.message, kk_view_text("one")));
	CHECK_OK(crypto_checks_run(checks));
	crypto_checks_free(checks);
}

TEST(checks_merge_what_is_equal_and_nothing_else)
{
	struct signer a = signer_make("one"), b = signer_make("one");
	struct crypto_checks *checks = NULL;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(add(checks, &a, "one"));
	CHECK_OK(add(checks, &a, "one"));
	CHECK_EQ(crypto_checks_count(checks), 1);
	CHECK_OK(add(checks, &b, "one"));
	CHECK_OK(add(checks, &a, "two"));
	CHECK_OK(crypto_checks_add(checks, scheme, crypto_key_public(b.key),
	    kk_view_text("one"), hex_view(&a.signature)));
	CHECK_OK(crypto_checks_add(checks, CRYPTO_ECDSA_P384_SHA384,
	    crypto_key_public(a.key), kk_view_text("one"),
	    hex_view(&a.signature)));
	CHECK_EQ(crypto_checks_count(checks), 5);
	crypto_checks_free(checks);
	crypto_key_free(a.key);
	crypto_key_free(b.key);
}

TEST(checks_with_label_are_those_of_sign_with_label)
{
	struct crypto_checks *checks = NULL;
	struct crypto_key *key = NULL;
	struct kk_bytes signature;
	struct kk_view content = kk_view_text("content");

	CHECK_OK(crypto_init());
	CHECK_OK(crypto_sig_key_generate(&key, scheme));
	CHECK_OK(crypto_sign_with_label(key, "LeafNodeTBS", content,
	    &signature));
	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(crypto_checks_add_with_label(checks, scheme,
	    crypto_key_public(key), "LeafNodeTBS", content,
	    kk_bytes_view(&signature)));
	CHECK_OK(crypto_checks_run(checks));
	CHECK_OK(crypto_checks_add_with_label(checks, scheme,
	    crypto_key_public(key), "KeyPackageTBS", content,
	    kk_bytes_view(&signature)));
	CHECK_ERR(crypto_checks_run(checks), KK_EVERIFY);
	crypto_checks_free(checks);
	kk_bytes_clear(&signature);
	crypto_key_free(key);
}

TEST(checks_are_limited_in_number)
{
	struct crypto_checks *checks = NULL;
	struct kk_view none = { 0 };
	uint8_t n[4] = { 0 };

	CHECK_OK(crypto_checks_new(&checks));
	for (size_t i = 0; i < CRYPTO_CHECKS_MAX; i++) {
		n[0] = (uint8_t)i;
		n[1] = (uint8_t)(i >> 8);
		CHECK_OK(crypto_checks_add(checks, scheme, none, none,
		    kk_view_of(n, sizeof(n))));
	}
	CHECK_EQ(crypto_checks_count(checks), CRYPTO_CHECKS_MAX);
	n[3] = 1;
	CHECK_ERR(crypto_checks_add(checks, scheme, none, none,
		      kk_view_of(n, sizeof(n))),
	    KK_ELIMIT);
	CHECK_EQ(crypto_checks_count(checks), CRYPTO_CHECKS_MAX);
	crypto_checks_free(checks);
}

TEST(checks_are_limited_in_bytes)
{
	struct crypto_checks *checks = NULL;
	struct kk_view none = { 0 }, big;
	const size_t half = CRYPTO_CHECKS_MAX_BYTES / 2;
	uint8_t *zeroes = kk_calloc(1, half);
	uint8_t n = 0;

	CHECK(zeroes != NULL);
	big = kk_view_of(zeroes, half);
	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(crypto_checks_add(checks, scheme, none, big, none));
	CHECK_ERR(crypto_checks_add(checks, scheme, none, big,
		      kk_view_of(&n, 1)),
	    KK_ELIMIT);
	big.bytes--;
	CHECK_OK(crypto_checks_add(checks, scheme, none, big,
	    kk_view_of(&n, 1)));
	CHECK_ERR(crypto_checks_add(checks, scheme, none, none,
		      kk_view_of(&n, 1)),
	    KK_ELIMIT);
	CHECK_EQ(crypto_checks_count(checks), 2);
	crypto_checks_free(checks);
	kk_free(zeroes);
}
