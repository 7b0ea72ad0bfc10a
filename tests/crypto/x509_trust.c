/* x509_trust.c - anchors, issuers and revocation lists. */
#include <stdio.h>
#include <string.h>

#include "crypto/x509_world.h"
#include "mock/alloc.h"

static enum kk_err add_ca_file(struct crypto_x509_trust *trust,
    const char *file)
{
	struct kk_bytes b = world_file(file);
	enum kk_err err = crypto_x509_trust_add_ca(trust, kk_bytes_view(&b));

	kk_bytes_clear(&b);
	return err;
}

TEST(x509_trust_takes_a_pem_bundle_with_text_and_doubles)
{
	struct crypto_x509_trust *trust = world_trust("");

	CHECK_OK(add_ca_file(trust, "bundle.pem"));
	CHECK_EQ(trust->anchor_count, 2);
	CHECK_OK(world_check(trust, "leaf inter", NULL));
	CHECK_OK(world_check(trust, "leaf384 inter384", NULL));
	CHECK_OK(add_ca_file(trust, "root.der"));
	CHECK_EQ(trust->anchor_count, 2);
	crypto_x509_trust_free(trust);
}

TEST(x509_trust_takes_all_of_a_bundle_or_nothing)
{
	struct crypto_x509_trust *trust = world_trust("root");

	CHECK_ERR(add_ca_file(trust, "badbundle.pem"), KK_EDENIED);
	CHECK_EQ(trust->anchor_count, 1);
	CHECK_ERR(add_ca_file(trust, "keybundle.pem"), KK_EFORMAT);
	CHECK_EQ(trust->anchor_count, 1);
	crypto_x509_trust_free(trust);
}

TEST(x509_trust_refuses_what_is_no_certificate_of_a_ca)
{
	struct crypto_x509_trust *trust = world_trust("");

	CHECK_ERR(add_ca_file(trust, "leaf.der"), KK_EDENIED);
	CHECK_ERR(add_ca_file(trust, "inter_nosign.der"), KK_EDENIED);
	CHECK_ERR(add_ca_file(trust, "inter_false.der"), KK_EDENIED);
	CHECK_ERR(add_ca_file(trust, "rsaroot.der"), KK_EUNSUP);
	CHECK_ERR(add_ca_file(trust, "inter_names.der"), KK_EUNSUP);
	CHECK_ERR(add_ca_file(trust, "root.key"), KK_EFORMAT);
	CHECK_ERR(add_ca_file(trust, "clean.crl.der"), KK_EFORMAT);
	CHECK_ERR(crypto_x509_trust_add_ca(trust, kk_view_text("")),
	    KK_EFORMAT);
	CHECK_ERR(crypto_x509_trust_add_ca(trust,
		      kk_view_text("-----BEGIN CERTIFICATE-----\n")),
	    KK_EFORMAT);
	CHECK_EQ(trust->anchor_count, 0);
	crypto_x509_trust_free(trust);
}

TEST(x509_trust_refuses_two_anchors_that_nothing_tells_apart)
{
	struct crypto_x509_trust *trust = world_trust("root");

	CHECK_ERR(add_ca_file(trust, "fakebare.der"), KK_EEXIST);
	CHECK_ERR(add_ca_file(trust, "rootold.der"), KK_EEXIST);
	CHECK_OK(add_ca_file(trust, "fake.der")); /* other key identifier */
	CHECK_EQ(trust->anchor_count, 2);
	CHECK_OK(world_check(trust, "leaf inter", NULL));
	crypto_x509_trust_free(trust);
}

TEST(x509_trust_takes_an_issuer_only_below_what_it_trusts)
{
	struct crypto_x509_trust *trust = world_trust("other");

	CHECK_ERR(world_add_issuer(trust, "inter"), KK_EUNTRUSTED);
	crypto_x509_trust_free(trust);
	trust = world_trust("fakebare");
	CHECK_ERR(world_add_issuer(trust, "one"), KK_EVERIFY);
	crypto_x509_trust_free(trust);
	trust = world_trust("root");
	CHECK_ERR(world_add_issuer(trust, "two"), KK_EUNTRUSTED);
	CHECK_OK(world_add_issuer(trust, "one"));
	CHECK_OK(world_add_issuer(trust, "two"));
	CHECK_ERR(world_add_issuer(trust, "direct"), KK_EDENIED);
	CHECK_EQ(trust->issuer_count, 2);
	/* It is no anchor. */
	CHECK_ERR(world_check(trust, "deep3", NULL), KK_EUNTRUSTED);
	crypto_x509_trust_free(trust);
}

/* A store with the root, its issuer below, and lists by name. */
static struct crypto_x509_trust *trust_with(const char *crl_a,
    const char *crl_b)
{
	struct crypto_x509_trust *trust = world_trust("root");

	CHECK_OK(world_add_issuer(trust, "inter"));
	if (crl_a)
		CHECK_OK(world_add_crl(trust, crl_a));
	if (crl_b)
		CHECK_OK(world_add_crl(trust, crl_b));
	return trust;
}

static enum kk_err check_with_crls(const char *crl_a, const char *crl_b,
    bool is_required)
{
	struct crypto_x509_trust *trust = trust_with(crl_a, crl_b);
	enum kk_err err;

	crypto_x509_trust_require_crl(trust, is_required);
	err = world_check(trust, "leaf inter", NULL);
	crypto_x509_trust_free(trust);
	return err;
}

TEST(x509_crl_revokes_end_entity_and_intermediate)
{
	CHECK_OK(check_with_crls("clean", "interclean", true));
	CHECK_ERR(check_with_crls("clean", "leafrevoked", true), KK_EREVOKED);
	CHECK_ERR(check_with_crls("clean", "leafrevoked", false), KK_EREVOKED);
	CHECK_ERR(check_with_crls("interrevoked", NULL, false), KK_EREVOKED);
	CHECK_ERR(check_with_crls("interrevoked", "interclean", true),
	    KK_EREVOKED);
}

TEST(x509_crl_finds_each_revoked_serial_and_no_other)
{
	struct crypto_x509_trust *trust = trust_with("leafrevoked", NULL);

	CHECK_ERR(world_check(trust, "leaf inter", NULL), KK_EREVOKED);
	CHECK_ERR(world_check(trust, "serial20 inter", NULL), KK_EREVOKED);
	CHECK_OK(world_check(trust, "cn inter", NULL));
	CHECK_OK(world_check(trust, "wild inter", NULL));
	/* The same serials of another issuer are not meant. */
	CHECK_OK(world_check(trust, "direct", NULL));
	crypto_x509_trust_free(trust);
}

TEST(x509_crl_is_needed_for_every_issuer_where_required)
{
	CHECK_OK(check_with_crls(NULL, NULL, false));
	CHECK_ERR(check_with_crls(NULL, NULL, true), KK_EUNTRUSTED);
	CHECK_ERR(check_with_crls("clean", NULL, true), KK_EUNTRUSTED);
	CHECK_ERR(check_with_crls("interclean", NULL, true), KK_EUNTRUSTED);
}

TEST(x509_crl_out_of_its_time_revokes_but_does_not_clear)
{
	CHECK_ERR(check_with_crls("stale", "interclean", true), KK_EEXPIRED);
	CHECK_ERR(check_with_crls("early", "interclean", true), KK_EEXPIRED);
	CHECK_OK(check_with_crls("stale", "interclean", false));
	CHECK_ERR(check_with_crls("stalerevoked", "interclean", false),
	    KK_EREVOKED);
}

TEST(x509_crl_agrees_with_openssl)
{
	static const struct {
		const char *root_crl, *inter_crl;
		bool is_good;
	} cases[] = {
		{ "clean", "interclean", true },
		{ "clean", "leafrevoked", false },
		{ "interrevoked", "interclean", false },
		{ "stale", "interclean", false },
		{ "early", "interclean", false },
	};
	char a[256], b[256];
	const char *options[] = { "-crl_check_all", "-CRLfile", a, "-CRLfile",
		b };

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++) {
		(void)snprintf(a, sizeof(a), "%s",
		    world_path(cases[i].root_crl, ".crl.der"));
		(void)snprintf(b, sizeof(b), "%s",
		    world_path(cases[i].inter_crl, ".crl.der"));
		CHECK_EQ(world_openssl_accepts("root", "leaf inter", options,
			     KK_ARRAY_LEN(options)),
		    cases[i].is_good);
		CHECK_EQ(check_with_crls(cases[i].root_crl, cases[i].inter_crl,
			     true) == KK_OK,
		    cases[i].is_good);
	}
}

TEST(x509_crl_of_somebody_else_is_refused)
{
	struct crypto_x509_trust *trust = trust_with("clean", NULL);

	CHECK_ERR(world_add_crl(trust, "forged"), KK_EUNTRUSTED);
	CHECK_ERR(world_add_crl(trust, "forgedbare"), KK_EVERIFY);
	CHECK_ERR(world_add_crl(trust, "foreign"), KK_EUNTRUSTED);
	CHECK_ERR(world_add_crl(trust, "root384clean"), KK_EUNTRUSTED);
	CHECK_EQ(trust->crl_count, 1);
	crypto_x509_trust_free(trust);
	trust = world_trust("inter_nocrl");
	CHECK_ERR(world_add_crl(trust, "nocrl"), KK_EDENIED);
	crypto_x509_trust_free(trust);
}

TEST(x509_crl_older_than_the_one_there_is_refused)
{
	struct crypto_x509_trust *trust = trust_with("clean", NULL);

	CHECK_ERR(world_add_crl(trust, "older"), KK_EREPLAY);
	CHECK_OK(world_add_crl(trust, "clean")); /* the same: no change */
	CHECK_OK(world_add_crl(trust, "interrevoked"));
	CHECK_EQ(trust->crl_count, 1);
	CHECK_ERR(world_add_crl(trust, "clean"), KK_EREPLAY);
	CHECK_ERR(world_check(trust, "leaf inter", NULL), KK_EREVOKED);
	crypto_x509_trust_free(trust);
}

TEST(x509_crl_that_is_partial_or_not_understood_is_refused)
{
	static const char *const names[] = { "part", "partmild", "delta",
		"deltamild", "unknown" };
	struct crypto_x509_trust *trust = trust_with("clean", NULL);

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++)
		CHECK_ERR(world_add_crl(trust, names[i]), KK_EUNSUP);
	crypto_x509_trust_free(trust);
}

TEST(x509_crl_may_be_pem)
{
	struct crypto_x509_trust *trust = world_trust("root");
	struct kk_bytes b = world_file("clean.crl.pem");

	CHECK_OK(crypto_x509_trust_add_crl(trust, kk_bytes_view(&b)));
	CHECK_EQ(trust->crl_count, 1);
	kk_bytes_clear(&b);
	crypto_x509_trust_free(trust);
}

TEST(x509_crl_refuses_every_truncation_and_flipped_byte)
{
	struct crypto_x509_trust *trust = trust_with(NULL, NULL);
	struct kk_bytes b = world_crl("leafrevoked");

	for (size_t n = 0; n < b.bytes; n++)
		CHECK_FAIL(crypto_x509_trust_add_crl(trust,
		    kk_view_of(b.data, n)));
	for (size_t i = 0; i < b.bytes; i++) {
		b.data[i] ^= 0xff;
		CHECK_FAIL(crypto_x509_trust_add_crl(trust, kk_bytes_view(&b)));
		b.data[i] ^= 0xfe;
		CHECK_FAIL(crypto_x509_trust_add_crl(trust, kk_bytes_view(&b)));
		b.data[i] ^= 0x01;
	}
	CHECK_EQ(trust->crl_count, 0);
	CHECK_OK(crypto_x509_trust_add_crl(trust, kk_bytes_view(&b)));
	kk_bytes_clear(&b);
	crypto_x509_trust_free(trust);
}

static enum kk_err trust_fill(struct kk_view bundle, struct kk_view issuer,
    struct kk_view crl)
{
	struct crypto_x509_trust *trust;
	enum kk_err err = crypto_x509_trust_new(&trust);

	if (err)
		return err;
	err = crypto_x509_trust_add_ca(trust, bundle);
	if (!err)
		err = crypto_x509_trust_add_issuer(trust, issuer);
	if (!err)
		err = crypto_x509_trust_add_crl(trust, crl);
	crypto_x509_trust_free(trust);
	return err;
}

TEST(x509_trust_survives_each_failed_allocation)
{
	struct kk_bytes bundle = world_file("bundle.pem");
	struct kk_bytes issuer = world_cert("inter");
	struct kk_bytes crl = world_crl("leafrevoked");
	enum kk_err err;

	ALLOC_FAULT_LOOP(err,
	    trust_fill(kk_bytes_view(&bundle), kk_bytes_view(&issuer),
		kk_bytes_view(&crl)));
	CHECK_OK(err);
	kk_bytes_clear(&bundle);
	kk_bytes_clear(&issuer);
	kk_bytes_clear(&crl);
}

/*
 * Puts more into the content of the element that starts at at and of all that
 * are around it.  No length may change its form.
 */
static void splice(struct kk_bytes *b, size_t at, const char *more,
    size_t more_bytes)
{
	uint8_t *grown = kk_calloc(b->bytes + more_bytes, 1);
	size_t from = 0;

	CHECK(grown != NULL);
	while (from <= at) {
		uint8_t *length = b->data + from + 1;
		size_t head = 2;
		size_t n = *length;

		for (size_t i = 0; *length >= 0x80 && i < (*length & 3u); i++)
			n = (i ? n << 8 : 0) | b->data[from + head++];
		if (at >= from + head + n) {
			from += head + n; /* a sister in front */
			continue;
		}
		n = head == 4 ? 2 : 1; /* bytes that hold the length */
		length = b->data + from + head - n;
		CHECK(length[n - 1] + more_bytes <= (head == 2 ? 0x7f : 0xff));
		length[n - 1] += (uint8_t)more_bytes;
		if (from == at)
			break;
		from += head;
	}
	CHECK_EQ(from, at);
	from = at + 2 + b->data[at + 1] - more_bytes; /* its old end */
	memcpy(grown, b->data, from);
	memcpy(grown + from, more, more_bytes);
	memcpy(grown + from + more_bytes, b->data + from, b->bytes - from);
	kk_free(b->data);
	b->data = grown;
	b->bytes += more_bytes;
}

/* Where the first entry stands: serial 2. */
static size_t entry_at(const struct kk_bytes *b)
{
	static const uint8_t serial[] = { 0x02, 0x01, 0x02, 0x17, 0x0d };

	for (size_t i = 2; i + sizeof(serial) <= b->bytes; i++)
		if (memcmp(b->data + i, serial, sizeof(serial)) == 0)
			return i - 2;
	return 0;
}

static enum kk_err parse_spliced(const char *more, size_t more_bytes,
    size_t inside)
{
	struct kk_bytes b = world_crl("entry");
	struct x509_crl crl;
	enum kk_err err;
	size_t at = entry_at(&b);

	CHECK(at > 0);
	splice(&b, at + inside, more, more_bytes);
	err = x509_crl_parse(&crl, kk_bytes_view(&b));
	if (!err)
		x509_crl_clear(&crl);
	kk_bytes_clear(&b);
	return err;
}

TEST(x509_crl_entry_with_more_than_it_may_have_is_refused)
{
	/* SEQUENCE, serial, time: then the extensions begin. */
	const size_t exts = 2 + 3 + 15;

	/* An unknown extension, first as it may be, then critical. */
	CHECK_OK(parse_spliced("\x30\x07\x06\x02\x2a\x03\x04\x01\x00", 9,
	    exts));
	CHECK_ERR(parse_spliced("\x30\x0a\x06\x02\x2a\x03\x01\x01\xff\x04\x01"
				"\x00",
		      12, exts),
	    KK_EUNSUP);
	/* Something behind the extensions. */
	CHECK_ERR(parse_spliced("\x05\x00", 2, 0), KK_EFORMAT);
	/* mbedTLS would take this for one more entry. */
	CHECK_FAIL(parse_spliced("\x30\x12\x02\x01\x09\x17\x0d"
				 "260101000000Z",
	    20, 0));
}
