/* codec_refuse.c - what breaks a rule is refused by that rule's name. */
#include <string.h>

#include "codec_sample.h"
#include "harness/tap.h"

static enum kk_err leaf_read(struct kk_view in)
{
	struct mls_leaf_fields f;
	struct kk_reader r;

	kk_reader_init(&r, in);
	mls_leaf_read(&r, &f);
	return kk_reader_end(&r);
}

/* Writes a leaf, reads it, and clears the writer. */
static enum kk_err leaf_try(const struct mls_leaf_fields *f)
{
	struct kk_writer w;
	enum kk_err err;

	kk_writer_init(&w);
	mls_leaf_write(&w, f);
	err = w.err ? w.err : leaf_read(kk_writer_view(&w));
	kk_writer_clear(&w);
	return err;
}

/* Puts bytes in the place of the first count ones of a leaf. */
static enum kk_err leaf_try_begin(const uint8_t *begin, size_t bytes,
    size_t instead_of)
{
	struct mls_leaf_fields f = codec_sample_leaf(0);
	struct kk_writer w, changed;
	enum kk_err err;

	kk_writer_init(&w);
	kk_writer_init(&changed);
	f.encryption_key.bytes = 40; /* a length of one byte */
	mls_leaf_write(&w, &f);
	kk_write_raw(&changed, kk_view_of(begin, bytes));
	kk_write_raw(&changed,
	    kk_view_of(w.data + instead_of, w.bytes - instead_of));
	err = leaf_read(kk_writer_view(&changed));
	kk_writer_clear(&w);
	kk_writer_clear(&changed);
	return err;
}

TEST(codec_refuses_lengths_that_are_not_the_shortest)
{
	CHECK_OK(leaf_try_begin((const uint8_t[]){ 40 }, 1, 1));
	CHECK_ERR(leaf_try_begin((const uint8_t[]){ 0x40, 40 }, 2, 1),
	    KK_EMINIMAL);
	CHECK_ERR(leaf_try_begin((const uint8_t[]){ 0x80, 0, 0, 40 }, 4, 1),
	    KK_EMINIMAL);
	CHECK_ERR(leaf_try_begin((const uint8_t[]){ 0xc0, 0, 0, 40 }, 4, 1),
	    KK_EFORMAT);
}

TEST(codec_refuses_a_presence_octet_of_two)
{
	static const uint8_t commit[] = { 0x00, 0x02 };
	static const uint8_t secrets[] = { 0x00, 0x02, 0x00 };
	struct mls_commit c;
	struct mls_group_secrets s;
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(commit, sizeof(commit)));
	mls_commit_read(&r, &c);
	CHECK_ERR(kk_reader_end(&r), KK_EFORMAT);
	kk_reader_init(&r, kk_view_of(secrets, sizeof(secrets)));
	mls_group_secrets_read(&r, &s);
	CHECK_ERR(kk_reader_end(&r), KK_EFORMAT);
}

static enum kk_err message_try(const void *in, size_t bytes)
{
	struct mls_message m;

	return mls_message_parse(&m, kk_view_of(in, bytes));
}

TEST(codec_refuses_unknown_wire_formats_and_versions)
{
	static const uint16_t formats[] = { 0, 6, 0x0a0a, 0xf001, 0xffff };

	for (size_t i = 0; i < KK_ARRAY_LEN(formats); i++) {
		const uint8_t in[] = { 0, 1, (uint8_t)(formats[i] >> 8),
			(uint8_t)formats[i], 0, 0, 0 };

		CHECK_ERR(message_try(in, sizeof(in)), KK_EUNSUP);
	}
	CHECK_ERR(message_try((const uint8_t[]){ 0, 2, 0, 5, 0 }, 5),
	    KK_EUNSUP);
	CHECK_ERR(message_try((const uint8_t[]){ 0, 0, 0, 1, 0 }, 5),
	    KK_EUNSUP);
	CHECK_ERR(message_try(NULL, 0), KK_ETRUNC);
}

TEST(codec_refuses_unknown_proposals_and_credentials)
{
	static const uint16_t types[] = { 0, 8, 0x0a0a, 0xf001 };

	for (size_t i = 0; i < KK_ARRAY_LEN(types); i++) {
		const uint8_t in[] = { (uint8_t)(types[i] >> 8),
			(uint8_t)types[i], 0, 0 };
		struct mls_credential c;
		struct mls_proposal p;
		struct kk_reader r;

		kk_reader_init(&r, kk_view_of(in, sizeof(in)));
		mls_proposal_read(&r, &p);
		CHECK_ERR(kk_reader_err(&r), KK_EUNSUP);
		if (types[i] == MLS_CREDENTIAL_X509)
			continue;
		kk_reader_init(&r, kk_view_of(in, sizeof(in)));
		mls_credential_read(&r, &c);
		CHECK_ERR(kk_reader_err(&r), KK_EUNSUP);
	}
}

TEST(codec_refuses_unknown_numbers_that_choose_a_form)
{
	static const uint8_t psk_type[] = { 3, 0, 0 };
	static const uint8_t psk_usage[] = { 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0 };
	static const uint8_t choice[] = { 3, 0 };
	struct mls_leaf_fields f = codec_sample_leaf(0);
	struct mls_proposal_or_ref p;
	struct mls_psk_id id;
	struct kk_reader r;

	f.source = 4;
	CHECK_ERR(leaf_try(&f), KK_EFORMAT);
	f.source = 0;
	CHECK_ERR(leaf_try(&f), KK_EFORMAT);
	kk_reader_init(&r, kk_view_of(psk_type, sizeof(psk_type)));
	mls_psk_id_read(&r, &id);
	CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
	kk_reader_init(&r, kk_view_of(psk_usage, sizeof(psk_usage)));
	mls_psk_id_read(&r, &id);
	CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
	kk_reader_init(&r, kk_view_of(choice, sizeof(choice)));
	mls_proposal_or_ref_read(&r, &p);
	CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
}

TEST(codec_refuses_unknown_senders_and_content_types)
{
	/* group id "", epoch 0, then the sender, "", the content type. */
	uint8_t in[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0 };
	struct mls_private_message m;
	struct mls_content c;
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(in, 13));
	mls_content_read(&r, &c);
	CHECK_OK(kk_reader_end(&r));
	in[11] = 4;
	kk_reader_init(&r, kk_view_of(in, 13));
	mls_content_read(&r, &c);
	CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
	in[11] = 1;
	in[9] = 5;
	kk_reader_init(&r, kk_view_of(in, 13));
	mls_content_read(&r, &c);
	CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
	in[9] = 4; /* a PrivateMessage's type stands there */
	in[11] = 0;
	kk_reader_init(&r, kk_view_of(in, 13));
	mls_private_message_read(&r, &m);
	CHECK_ERR(kk_reader_err(&r), KK_EFORMAT);
}

TEST(codec_refuses_an_extension_that_stands_twice)
{
	static const uint8_t twice[] = { 0xf0, 1, 0, 0, 1, 0, 0xf0, 1, 0 };
	struct mls_leaf_fields f = codec_sample_leaf(0);

	f.extensions = kk_view_of(twice, sizeof(twice));
	CHECK_ERR(leaf_try(&f), KK_EFORMAT);
	f.extensions.bytes = 6;
	CHECK_OK(leaf_try(&f));
	f.extensions.bytes = 5;
	CHECK_ERR(leaf_try(&f), KK_ETRUNC);
}

TEST(codec_refuses_a_list_of_numbers_with_half_a_number)
{
	struct mls_leaf_fields f = codec_sample_leaf(0);

	f.capabilities.suites.raw.bytes--;
	CHECK_ERR(leaf_try(&f), KK_EFORMAT);
}

TEST(codec_refuses_longer_lists_than_declared)
{
	static uint8_t numbers[2 * (MLS_LIST_MAX + 1)];
	struct mls_leaf_fields f = codec_sample_leaf(0);
	struct kk_writer w;

	f.capabilities.proposals.raw = kk_view_of(numbers, 2 * MLS_LIST_MAX);
	CHECK_OK(leaf_try(&f));
	f.capabilities.proposals.raw.bytes += 2;
	CHECK_ERR(leaf_try(&f), KK_ELIMIT);
	f = codec_sample_leaf(0);
	kk_writer_init(&w);
	for (uint16_t i = 0; i < MLS_EXTENSIONS_MAX; i++)
		mls_ext_write(&w, (uint16_t)(0xf000 - i),
		    (struct kk_view){ 0 });
	f.extensions = kk_writer_view(&w);
	CHECK_OK(leaf_try(&f));
	mls_ext_write(&w, 0xf001, (struct kk_view){ 0 });
	f.extensions = kk_writer_view(&w);
	CHECK_ERR(leaf_try(&f), KK_ELIMIT);
	kk_writer_clear(&w);
}

TEST(codec_accepts_grease_in_capabilities_and_extensions)
{
	struct mls_leaf_fields f = codec_sample_leaf(0);
	uint8_t grease[15 * 2], exts[15 * 3];
	size_t count = 0;

	for (unsigned int n = 0; n <= 0xff; n++) {
		uint8_t byte = (uint8_t)n;

		if (!mls_is_grease((uint16_t)(n << 8 | n)))
			continue;
		CHECK(count < 15);
		memset(grease + 2 * count, byte, 2);
		memset(exts + 3 * count, byte, 2);
		exts[3 * count + 2] = 0;
		count++;
	}
	CHECK_EQ(count, 15); /* RFC 9420, 13.5: 0x0a0a to 0xeaea */
	f.capabilities = (struct mls_capabilities){
		.versions.raw = kk_view_of(grease, sizeof(grease)),
		.suites.raw = kk_view_of(grease, sizeof(grease)),
		.extensions.raw = kk_view_of(grease, sizeof(grease)),
		.proposals.raw = kk_view_of(grease, sizeof(grease)),
		.credentials.raw = kk_view_of(grease, sizeof(grease)),
	};
	f.extensions = kk_view_of(exts, sizeof(exts));
	CHECK_OK(leaf_try(&f));
}

TEST(codec_refuses_private_content_whose_padding_is_not_zero)
{
	static const uint8_t in[] = { 1, 'x', 2, 9, 9, 0, 0, 1 };
	struct mls_content c = { .type = MLS_CONTENT_APPLICATION };
	struct mls_auth auth;
	struct kk_reader r;

	kk_reader_init(&r, kk_view_of(in, sizeof(in) - 1));
	mls_private_content_read(&r, &c, &auth);
	CHECK_OK(kk_reader_end(&r));
	CHECK_EQ(c.application.bytes, 1);
	CHECK_EQ(auth.signature.bytes, 2);
	kk_reader_init(&r, kk_view_of(in, sizeof(in)));
	mls_private_content_read(&r, &c, &auth);
	CHECK_ERR(kk_reader_end(&r), KK_EFORMAT);
}

TEST(required_capabilities_come_from_their_extension_alone)
{
	static const uint8_t good[] = { 0, 3, 7, 2, 0xf0, 1, 0, 2, 0, 1 };
	static const uint8_t odd[] = { 0, 3, 4, 1, 0xf0, 0, 0 };
	struct mls_required_capabilities need;

	CHECK_OK(mls_required_capabilities_get((struct kk_view){ 0 }, &need));
	CHECK_EQ(mls_u16_list_count(need.extensions), 0);
	CHECK_OK(mls_required_capabilities_get(kk_view_of(good, sizeof(good)),
	    &need));
	CHECK_EQ(mls_u16_list_count(need.extensions), 1);
	CHECK_EQ(mls_u16_list_at(need.extensions, 0), 0xf001);
	CHECK(mls_u16_list_has(need.credentials, MLS_CREDENTIAL_BASIC));
	CHECK_ERR(mls_required_capabilities_get(kk_view_of(odd, sizeof(odd)),
		      &need),
	    KK_EFORMAT);
}

TEST(x509_credential_gives_its_certificates_up_to_the_room)
{
	const struct mls_leaf_fields f = codec_sample_leaf(3);
	const struct mls_leaf_fields basic = codec_sample_leaf(0);
	struct kk_view certs[3];
	size_t count = KK_ARRAY_LEN(certs);

	CHECK_OK(mls_credential_certs(&f.credential, certs, &count));
	CHECK_EQ(count, 3);
	CHECK_EQ(certs[0].bytes, 3);
	CHECK_EQ(certs[1].bytes, 0);
	count = 2;
	CHECK_ERR(mls_credential_certs(&f.credential, certs, &count),
	    KK_ELIMIT);
	count = 3;
	CHECK_ERR(mls_credential_certs(&basic.credential, certs, &count),
	    KK_EINVAL);
}
