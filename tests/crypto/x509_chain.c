/* x509_chain.c - chains that are accepted and refused, and why. */
#include <stdio.h>
#include <string.h>

#include "crypto/x509_world.h"
#include "mock/alloc.h"

enum openssl_says {
	ACCEPTS,
	REFUSES,
	DIFFERS /* its rules are not ours: not asked */
};

struct chain_case {
	const char *anchors;
	const char *chain;
	enum kk_err want;
	enum openssl_says openssl;
};

static const struct chain_case good[] = {
	{ "root", "leaf inter", KK_OK, ACCEPTS },
	{ "root", "leaf inter root", KK_OK, ACCEPTS },
	{ "root", "direct", KK_OK, ACCEPTS },
	{ "root", "direct root", KK_OK, ACCEPTS },
	{ "root root384 root521", "leaf inter", KK_OK, ACCEPTS },
	{ "root384", "leaf384 inter384", KK_OK, ACCEPTS },
	{ "root521", "leaf521 inter521", KK_OK, ACCEPTS },
	{ "root384", "mixed inter384", KK_OK, ACCEPTS },
	{ "root fake", "leaf inter", KK_OK, ACCEPTS },
	{ "root", "deep4 three two one", KK_OK, ACCEPTS },
	{ "root", "leaf_mild inter", KK_OK, ACCEPTS },
	{ "root", "leaf_client inter", KK_OK, ACCEPTS },
	{ "root", "leaf_im inter", KK_OK, ACCEPTS },
	{ "root", "serial20 inter", KK_OK, ACCEPTS },
	{ "root", "utc", KK_OK, ACCEPTS },
	{ "root", "general", KK_OK, ACCEPTS },
	{ "root", "leaf inter_nocrl", KK_OK, ACCEPTS },
	{ "root", "noaki", KK_OK, ACCEPTS },
	/* A self-issued certificate does not count (RFC 5280, 6.1.4 (l)). */
	{ "root", "leafsame same0 path0", KK_OK, ACCEPTS },
	/* An anchor need not be a root. */
	{ "inter", "leaf", KK_OK, DIFFERS },
	{ "inter", "leaf inter", KK_OK, DIFFERS },
};

static const struct chain_case bad[] = {
	{ "root", "expired inter", KK_EEXPIRED, REFUSES },
	{ "root", "future inter", KK_EEXPIRED, REFUSES },
	{ "root", "leaf interold", KK_EEXPIRED, REFUSES },
	{ "rootold", "leaf inter", KK_EEXPIRED, REFUSES },
	{ "root", "leaf inter_false", KK_EDENIED, REFUSES },
	{ "root", "leaf inter_none", KK_EDENIED, REFUSES },
	{ "root", "leaf inter_nosign", KK_EDENIED, REFUSES },
	{ "root", "leafbelow below0 path0", KK_EDENIED, REFUSES },
	{ "root0", "deep3 two one", KK_EDENIED, REFUSES },
	{ "root", "inter leaf", KK_EUNTRUSTED, DIFFERS },
	{ "root", "deep4 two three one", KK_EUNTRUSTED, DIFFERS },
	{ "root", "deep4 three one", KK_EUNTRUSTED, REFUSES },
	{ "root", "leaf", KK_EUNTRUSTED, REFUSES },
	{ "root", "leaf direct", KK_EUNTRUSTED, REFUSES },
	{ "other", "leaf inter", KK_EUNTRUSTED, REFUSES },
	{ "fake", "leaf inter", KK_EUNTRUSTED, REFUSES },
	{ "root384", "leaf inter root", KK_EUNTRUSTED, REFUSES },
	{ "", "leaf inter root", KK_EUNTRUSTED, DIFFERS },
	/* The same name and no identifiers: only the signature tells. */
	{ "fakebare", "direct", KK_EVERIFY, REFUSES },
	/* It does not say which of the two. */
	{ "root fake", "noaki", KK_EUNTRUSTED, DIFFERS },
	{ "root", "rsaleaf inter", KK_EUNSUP, DIFFERS },
	{ "root", "rsasigned rsaroot", KK_EUNSUP, DIFFERS },
	{ "root384", "hash inter384", KK_EUNSUP, DIFFERS },
	{ "root", "sha1 inter", KK_EUNSUP, DIFFERS },
	{ "root", "leaf_unknown inter", KK_EUNSUP, REFUSES },
	{ "root", "leaf inter_names", KK_EUNSUP, DIFFERS },
	{ "root", "leaf inter_names_mild", KK_EUNSUP, DIFFERS },
	{ "root", "leaf_usage inter", KK_EDENIED, DIFFERS },
	{ "root", "leaf_eap inter", KK_EDENIED, ACCEPTS },
	{ "root", "leaf_server inter", KK_EDENIED, DIFFERS },
	{ "root", "leafca inter", KK_EDENIED, DIFFERS },
	{ "root", "leafsigningca inter", KK_EDENIED, DIFFERS },
	{ "root", "root", KK_EDENIED, DIFFERS },
	{ "root", "inter", KK_EDENIED, DIFFERS },
	{ "root", "deep5 four three two one", KK_ELIMIT, DIFFERS },
	{ "root", "leaf inter inter", KK_EFORMAT, DIFFERS },
	{ "root", "leaf leaf inter", KK_EFORMAT, DIFFERS },
	{ "root", "leaf inter root root", KK_EFORMAT, DIFFERS },
	{ "root", "", KK_EFORMAT, DIFFERS },
	{ "root", "serial0 inter", KK_EFORMAT, DIFFERS },
	{ "root", "serialneg inter", KK_EFORMAT, DIFFERS },
	{ "root", "serial21 inter", KK_EFORMAT, DIFFERS },
	{ "root", "bell inter", KK_EFORMAT, DIFFERS },
	{ "root", "twonames inter", KK_EFORMAT, DIFFERS },
	{ "root", "nameless inter", KK_ENAME, DIFFERS },
};

static void case_run(const struct chain_case *c)
{
	struct crypto_x509_trust *trust = world_trust(c->anchors);
	enum kk_err got = world_check(trust, c->chain, NULL);

	crypto_x509_trust_free(trust);
	if (got != c->want)
		tap_diag("chain %s below %s", c->chain, c->anchors);
	CHECK_ERR(got, c->want);
}

static void case_ask_openssl(const struct chain_case *c)
{
	bool accepts;

	if (c->openssl == DIFFERS)
		return;
	accepts = world_openssl_accepts(c->anchors, c->chain, NULL, 0);
	if (accepts != (c->openssl == ACCEPTS))
		tap_diag("chain %s below %s", c->chain, c->anchors);
	CHECK_EQ(accepts, c->openssl == ACCEPTS);
}

TEST(x509_accepts_each_good_chain)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(good); i++)
		case_run(&good[i]);
}

TEST(x509_refuses_each_bad_chain_with_its_own_error)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		case_run(&bad[i]);
}

TEST(x509_agrees_with_openssl_where_the_rules_are_the_same)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(good); i++)
		case_ask_openssl(&good[i]);
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		case_ask_openssl(&bad[i]);
}

struct name_case {
	const char *chain;
	const char *name;
	enum kk_err want;
};

static const struct name_case names[] = {
	{ "leaf inter", "room4.example.org", KK_OK },
	{ "leaf inter", "ROOM4.Example.ORG", KK_OK },
	{ "leaf inter", "room4@example.org", KK_OK },
	{ "leaf inter", "room4@EXAMPLE.org", KK_OK },
	{ "leaf inter", "Room4@example.org", KK_ENAME },
	{ "leaf inter", "Room 4", KK_ENAME }, /* there is a better one */
	{ "leaf inter", "room5.example.org", KK_ENAME },
	{ "leaf inter", "room4.example.org.", KK_ENAME },
	{ "leaf inter", "example.org", KK_ENAME },
	{ "leaf inter", "", KK_ENAME },
	{ "cn inter", "Room 4", KK_OK },
	{ "cn inter", "room 4", KK_ENAME },
	{ "cn inter", "Room 4 ", KK_ENAME },
	{ "cn inter", "", KK_ENAME },
	{ "uri inter", "Room 4", KK_OK }, /* a URI is no DNS or e-mail name */
	{ "wild inter", "room4.example.org", KK_ENAME },
	{ "wild inter", "*.example.org", KK_ENAME },
	{ "san inter", "room4.example.org", KK_OK },
};

TEST(x509_matches_alternative_names_and_else_the_common_name)
{
	struct crypto_x509_trust *trust = world_trust("root");

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		const struct name_case *c = &names[i];
		enum kk_err got = world_check(trust, c->chain, c->name);

		if (got != c->want)
			tap_diag("%s as %s", c->chain, c->name);
		CHECK_ERR(got, c->want);
	}
	crypto_x509_trust_free(trust);
}

/* The subject of a chain that is accepted. */
static struct crypto_x509_subject subject_of(const char *anchors,
    const char *names_of_chain, size_t *check_count)
{
	struct crypto_x509_trust *trust = world_trust(anchors);
	struct world_chain chain = world_chain_load(names_of_chain);
	struct crypto_x509_subject subject;
	struct crypto_checks *checks;

	CHECK_OK(crypto_checks_new(&checks));
	CHECK_OK(crypto_x509_chain_check(trust, chain.views, chain.count,
	    WORLD_NOW_S, NULL, checks, &subject));
	*check_count = crypto_checks_count(checks);
	crypto_checks_free(checks);
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
	return subject;
}

TEST(x509_gives_name_key_and_validity_of_the_end_entity)
{
	size_t count;
	struct crypto_x509_subject s = subject_of("root", "leaf inter", &count);

	CHECK_EQ(count, 2);
	CHECK_STR(s.name, "Room 4");
	CHECK_EQ(s.sig, CRYPTO_ECDSA_P256_SHA256);
	CHECK_EQ(s.public_bytes, 65);
	CHECK_EQ(s.public[0], 4);
	CHECK_EQ(s.not_before_s, INT64_C(1735689600)); /* 2025-01-01 */
	CHECK_EQ(s.not_after_s, INT64_C(2051222400)); /* 2035-01-01 */
	s = subject_of("root521", "leaf521 inter521 root521", &count);
	CHECK_EQ(count, 2); /* the anchor is not signed by anybody */
	CHECK_EQ(s.sig, CRYPTO_ECDSA_P521_SHA512);
	CHECK_EQ(s.public_bytes, 133);
	s = subject_of("root384", "leaf384 inter384", &count);
	CHECK_EQ(s.sig, CRYPTO_ECDSA_P384_SHA384);
	CHECK_EQ(s.public_bytes, 97);
	s = subject_of("root", "san inter", &count);
	CHECK_STR(s.name, "room4.example.org");
	s = subject_of("root", "umlaut inter", &count);
	CHECK_STR(s.name,
	    "Saal S\xc3\xbc"
	    "d");
}

TEST(x509_adds_no_check_and_writes_no_subject_when_it_refuses)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct world_chain chain = world_chain_load("expired inter");
	struct crypto_x509_subject subject, before;
	struct crypto_checks *checks;

	memset(&subject, 0x5a, sizeof(subject));
	before = subject;
	CHECK_OK(crypto_checks_new(&checks));
	CHECK_ERR(crypto_x509_chain_check(trust, chain.views, chain.count,
		      WORLD_NOW_S, NULL, checks, &subject),
	    KK_EEXPIRED);
	CHECK_EQ(crypto_checks_count(checks), 0);
	CHECK_MEM(&subject, &before, sizeof(subject));
	crypto_checks_free(checks);
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
}

/* Adds the checks of a chain by names to a batch. */
static void chain_add(const struct crypto_x509_trust *trust,
    const char *chain_names, struct crypto_checks *checks)
{
	struct world_chain chain = world_chain_load(chain_names);
	struct crypto_x509_subject subject;

	CHECK_OK(crypto_x509_chain_check(trust, chain.views, chain.count,
	    WORLD_NOW_S, NULL, checks, &subject));
	world_chain_clear(&chain);
}

TEST(x509_checks_a_shared_intermediate_once_and_a_known_one_never)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct crypto_checks *checks;

	CHECK_OK(crypto_checks_new(&checks));
	chain_add(trust, "leaf inter", checks);
	CHECK_EQ(crypto_checks_count(checks), 2);
	chain_add(trust, "cn inter", checks);
	CHECK_EQ(crypto_checks_count(checks), 3);
	/* Another certificate of the same name and key is another check. */
	chain_add(trust, "wild inter_nocrl", checks);
	CHECK_EQ(crypto_checks_count(checks), 5);
	CHECK_OK(crypto_checks_run(checks));
	crypto_checks_free(checks);
	CHECK_OK(world_add_issuer(trust, "inter"));
	CHECK_OK(crypto_checks_new(&checks));
	chain_add(trust, "leaf inter", checks);
	CHECK_EQ(crypto_checks_count(checks), 1);
	CHECK_OK(crypto_checks_run(checks));
	crypto_checks_free(checks);
	crypto_x509_trust_free(trust);
}

TEST(x509_is_valid_from_the_first_to_the_last_second)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct world_chain chain = world_chain_load("leaf inter");
	const int64_t first = 1735689600, last = 2051222400;

	CHECK_ERR(world_check_at(trust, &chain, first - 1, NULL), KK_EEXPIRED);
	CHECK_OK(world_check_at(trust, &chain, first, NULL));
	CHECK_OK(world_check_at(trust, &chain, last, NULL));
	CHECK_ERR(world_check_at(trust, &chain, last + 1, NULL), KK_EEXPIRED);
	CHECK_ERR(world_check_at(trust, &chain, INT64_MIN, NULL), KK_EEXPIRED);
	CHECK_ERR(world_check_at(trust, &chain, INT64_MAX, NULL), KK_EEXPIRED);
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
}

/* Puts to in place of from, of the same size, wherever it stands. */
static size_t patch(struct kk_bytes *b, const char *from, const char *to,
    size_t bytes)
{
	size_t found = 0;

	for (size_t i = 0; i + bytes <= b->bytes; i++) {
		if (memcmp(b->data + i, from, bytes) != 0)
			continue;
		memcpy(b->data + i, to, bytes);
		found++;
	}
	return found;
}

static void patched_is_refused(const char *chain_names, const char *from,
    const char *to, size_t bytes, enum kk_err want)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct world_chain chain = world_chain_load(chain_names);

	CHECK(patch(&chain.files[0], from, to, bytes) > 0);
	CHECK_ERR(world_check_at(trust, &chain, WORLD_NOW_S, NULL), want);
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
}

TEST(x509_refuses_names_that_are_no_clean_text)
{
	static const char *const texts[] = {
		"Ro\0m 4", /* ends early for whoever reads a C string */
		"Room\n4",
		"Room\x7f"
		"4",
		"\x1b[31m4", /* moves the cursor */
		"Room\xff"
		"4",
		"Roo\xc0\xaf"
		"4", /* no UTF-8, overlong */
		"R\xed\xa0\x80 4", /* half a pair */
		"Ro\xf4\x90\x80\x80", /* over the last character */
		"Room \xc3", /* ends within a character */
		"\xe2\x80\xae\xe2\x80\xac", /* turns the text's direction */
		"R\xe2\x80\xa8 4",
		"Ro\xc2\x85 4",
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(texts); i++)
		patched_is_refused("cn inter", "Room 4", texts[i], 6,
		    KK_EFORMAT);
	patched_is_refused("leaf inter", "room4.", "room\0.", 6, KK_EFORMAT);
	patched_is_refused("leaf inter", "room4.", "room .", 6, KK_EFORMAT);
	patched_is_refused("leaf inter", "room4@",
	    "ro\xc3\xbc"
	    "4@",
	    6, KK_EFORMAT);
	/* Clean text passes and then fails at the signature. */
	patched_is_refused("cn inter", "Room 4", "Saal 4", 6, KK_EVERIFY);
	patched_is_refused("cn inter", "Room 4",
	    "S\xc3\xbc"
	    "d 4",
	    6, KK_EVERIFY);
	patched_is_refused("cn inter", "Room 4",
	    "R\xf0\x9f\x9a\xaa"
	    "4",
	    6, KK_EVERIFY);
}

TEST(x509_refuses_long_forms_and_versions_below_three)
{
	/* Version 3 becomes 2; then there may be no extensions. */
	patched_is_refused("leaf inter", "\xa0\x03\x02\x01\x02",
	    "\xa0\x03\x02\x01\x01", 5, KK_EFORMAT);
	/* critical is TRUE, but not DER's TRUE. */
	patched_is_refused("leaf inter", "\x55\x1d\x0f\x01\x01\xff",
	    "\x55\x1d\x0f\x01\x01\x01", 6, KK_EFORMAT);
	/* A time without its Z. */
	patched_is_refused("leaf inter", "350101000000Z", "350101000000+", 13,
	    KK_EFORMAT);
	patched_is_refused("leaf inter", "350101000000Z", "350230000000Z", 13,
	    KK_EFORMAT);
	/* The long form of a time is for 2050 and later. */
	patched_is_refused("general", "20500101000000Z", "20490101000000Z", 15,
	    KK_EFORMAT);
	/* The two algorithms differ, or have parameters. */
	patched_is_refused("leaf inter", "\x04\x03\x02\x03", "\x04\x03\x03\x03",
	    4, KK_EFORMAT);
}

static enum kk_err check_with(const struct crypto_x509_trust *trust,
    struct world_chain *chain, size_t index, struct kk_view instead)
{
	struct kk_view old = chain->views[index];
	enum kk_err err;

	chain->views[index] = instead;
	err = world_check_at(trust, chain, WORLD_NOW_S, NULL);
	chain->views[index] = old;
	return err;
}

TEST(x509_refuses_every_truncation_of_a_good_chain)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct world_chain chain = world_chain_load("leaf inter");

	for (size_t c = 0; c < chain.count; c++)
		for (size_t n = 0; n < chain.files[c].bytes; n++)
			CHECK_ERR(check_with(trust, &chain, c,
				      kk_view_of(chain.files[c].data, n)),
			    KK_EFORMAT);
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
}

TEST(x509_refuses_every_flipped_byte_of_a_good_chain)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	struct crypto_x509_trust *trust = world_trust("root");
	struct world_chain chain = world_chain_load("leaf inter");

	for (size_t c = 0; c < chain.count; c++)
		for (size_t i = 0; i < chain.files[c].bytes; i++)
			for (size_t f = 0; f < KK_ARRAY_LEN(flips); f++) {
				chain.files[c].data[i] ^= flips[f];
				CHECK_FAIL(world_check_at(trust, &chain,
				    WORLD_NOW_S, NULL));
				chain.files[c].data[i] ^= flips[f];
			}
	CHECK_OK(world_check_at(trust, &chain, WORLD_NOW_S, NULL));
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
}

TEST(x509_refuses_bytes_behind_and_certificates_over_the_limit)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct world_chain chain = world_chain_load("leaf inter");
	static uint8_t big[CRYPTO_X509_CERT_MAX_BYTES + 1];
	size_t bytes = chain.files[0].bytes;

	memcpy(big, chain.files[0].data, bytes);
	CHECK_ERR(check_with(trust, &chain, 0, kk_view_of(big, bytes + 1)),
	    KK_EFORMAT);
	CHECK_ERR(check_with(trust, &chain, 0, kk_view_of(big, sizeof(big))),
	    KK_ELIMIT);
	CHECK_OK(check_with(trust, &chain, 0, kk_view_of(big, bytes)));
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
}

TEST(x509_refuses_der_nested_without_end)
{
	static uint8_t deep[4 * 1000];
	size_t n = sizeof(deep);
	struct x509_cert cert;

	for (size_t i = 0; i < n; i += 4) {
		size_t left = n - i - 4;

		deep[i] = 0x30;
		deep[i + 1] = 0x82;
		deep[i + 2] = (uint8_t)(left >> 8);
		deep[i + 3] = (uint8_t)left;
		if (left < 0x100)
			break;
	}
	CHECK_ERR(x509_cert_parse(&cert, kk_view_of(deep, n)), KK_ELIMIT);
}

TEST(x509_chain_check_survives_each_failed_allocation)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct world_chain chain = world_chain_load("leaf inter");
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, world_check_at(trust, &chain, WORLD_NOW_S, NULL));
	CHECK_OK(err);
	world_chain_clear(&chain);
	crypto_x509_trust_free(trust);
}
