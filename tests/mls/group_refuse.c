/* group_refuse.c - each rule of RFC 9420, 12.2 broken, and refused by name. */
#include <string.h>

#include "group_forge.h"
#include "harness/tap.h"

/* Member 0 is shown a message, refuses it, and is as before. */
static void refused(struct group_world *w, struct kk_bytes *message,
    enum kk_err want)
{
	struct group_look before = group_member_look(&w->m[0]), after;

	CHECK_ERR(group_member_take(&w->m[0], kk_bytes_view(message)), want);
	kk_bytes_clear(message);
	after = group_member_look(&w->m[0]);
	CHECK(group_look_equal(&before, &after));
}

/* A commit of member 1 by value. */
static void commit_refused(struct group_world *w,
    const struct mls_proposal *proposals, size_t count, bool has_path,
    enum kk_err want)
{
	struct kk_bytes message = { 0 };
	struct group_forge f;

	group_forge_init(&f);
	for (size_t i = 0; i < count; i++)
		group_forge_value(&f, &proposals[i]);
	group_forge_commit(&f, &w->m[1], has_path, &message);
	group_forge_clear(&f);
	refused(w, &message, want);
}

static struct mls_proposal remove_of(const struct group_member *m)
{
	return (struct mls_proposal){ .type = MLS_PROPOSAL_REMOVE,
		.remove = mls_group_own_leaf(m->group) };
}

static struct mls_proposal psk_of(const struct group_world *w, const char *id,
    uint8_t nonce)
{
	static uint8_t bytes[CRYPTO_HASH_MAX_BYTES];

	bytes[0] = nonce;
	return (struct mls_proposal){ .type = MLS_PROPOSAL_PSK,
		.psk = { .type = MLS_PSK_EXTERNAL,
		    .id = kk_view_text(id),
		    .nonce = { bytes, w->suite->hash_bytes } } };
}

static struct mls_proposal extensions_of(const void *bytes, size_t count)
{
	return (
	    struct mls_proposal){ .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
		.extensions = kk_view_of(bytes, count) };
}

static struct mls_proposal reinit_to(uint16_t version)
{
	return (struct mls_proposal){ .type = MLS_PROPOSAL_REINIT,
		.reinit = { .group_id = kk_view_text("n"),
		    .version = version,
		    .suite = 2 } };
}

/* The key package of somebody outside, as a proposal. */
static struct mls_proposal add_of(struct group_member *m)
{
	struct mls_message message;

	CHECK_OK(mls_message_parse(&message, group_member_offer(m)));
	return (struct mls_proposal){ .type = MLS_PROPOSAL_ADD,
		.add = message.key_package };
}

/* The leaf of a member, signed again with a fresh key and another source. */
static struct mls_proposal update_of(struct group_member *m, uint8_t source,
    struct kk_bytes *raw)
{
	const struct mls_leaf_fields *now = mls_group_member(m->group,
	    mls_group_own_leaf(m->group));
	struct mls_proposal p = { .type = MLS_PROPOSAL_UPDATE };
	struct mls_leaf_fields f = *now;
	struct crypto_key *key = NULL;
	struct kk_reader r;

	CHECK_OK(crypto_kem_key_generate(&key, mls_group_suite(m->group)->kem));
	f.encryption_key = crypto_key_public(key);
	f.source = source;
	group_forge_leaf(m, &f, raw);
	crypto_key_free(key);
	kk_reader_init(&r, kk_bytes_view(raw));
	mls_leaf_read(&r, &p.update);
	CHECK_OK(kk_reader_end(&r));
	return p;
}

TEST(commit_without_proposals_or_with_such_as_need_it_has_a_path)
{
	struct mls_proposal p;
	struct group_world w;

	group_world_of(&w, 2, 3);
	commit_refused(&w, NULL, 0, false, KK_EDENIED);
	p = remove_of(&w.m[2]);
	commit_refused(&w, &p, 1, false, KK_EDENIED);
	p = extensions_of(NULL, 0);
	commit_refused(&w, &p, 1, false, KK_EDENIED);
	group_world_clear(&w);
}

TEST(commit_with_an_update_of_its_committer_is_refused)
{
	struct kk_bytes raw = { 0 }, update = { 0 }, message = { 0 };
	struct mls_proposal p;
	struct group_forge f;
	struct group_world w;

	group_world_of(&w, 2, 3);
	p = update_of(&w.m[1], MLS_LEAF_UPDATE, &raw);
	commit_refused(&w, &p, 1, true, KK_EDENIED);
	kk_bytes_clear(&raw);
	CHECK_OK(mls_group_propose_update(w.m[1].group, MLS_WIRE_PUBLIC,
	    &update));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&update)));
	group_forge_init(&f);
	group_forge_ref(&f, &w.m[1], kk_bytes_view(&update));
	group_forge_commit(&f, &w.m[1], true, &message);
	group_forge_clear(&f);
	refused(&w, &message, KK_EDENIED);
	kk_bytes_clear(&update);
	group_world_clear(&w);
}

TEST(commit_that_removes_its_maker_or_nobody_or_somebody_twice_is_refused)
{
	struct mls_proposal p[2];
	struct group_world w;

	group_world_of(&w, 2, 3);
	p[0] = remove_of(&w.m[1]);
	commit_refused(&w, p, 1, true, KK_EDENIED);
	p[0] = p[1] = remove_of(&w.m[2]);
	commit_refused(&w, p, 2, true, KK_EEXIST);
	p[0].remove = 3;
	commit_refused(&w, p, 1, true, KK_ENOENT);
	p[0].remove = UINT32_MAX;
	commit_refused(&w, p, 1, true, KK_ENOENT);
	group_world_clear(&w);
}

TEST(commit_that_updates_and_removes_the_same_leaf_is_refused)
{
	struct kk_bytes update = { 0 }, message = { 0 };
	struct mls_proposal p;
	struct group_forge f;
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_propose_update(w.m[2].group, MLS_WIRE_PUBLIC,
	    &update));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&update)));
	p = remove_of(&w.m[2]);
	group_forge_init(&f);
	group_forge_ref(&f, &w.m[1], kk_bytes_view(&update));
	group_forge_value(&f, &p);
	group_forge_commit(&f, &w.m[1], true, &message);
	group_forge_clear(&f);
	refused(&w, &message, KK_EEXIST);
	kk_bytes_clear(&update);
	group_world_clear(&w);
}

TEST(commit_of_a_proposal_that_nobody_received_is_refused)
{
	struct kk_bytes update = { 0 }, message = { 0 };
	struct group_forge f;
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_propose_update(w.m[2].group, MLS_WIRE_PUBLIC,
	    &update));
	group_forge_init(&f);
	group_forge_ref(&f, &w.m[1], kk_bytes_view(&update));
	group_forge_commit(&f, &w.m[1], true, &message);
	group_forge_clear(&f);
	refused(&w, &message, KK_ENOENT);
	kk_bytes_clear(&update);
	group_world_clear(&w);
}

TEST(commit_with_a_reinit_has_nothing_else_and_no_older_version)
{
	struct mls_proposal p[2];
	struct group_world w;

	group_world_of(&w, 2, 3);
	p[0] = reinit_to(MLS_VERSION_10);
	p[1] = remove_of(&w.m[2]);
	commit_refused(&w, p, 2, true, KK_EDENIED);
	p[1] = p[0];
	commit_refused(&w, p, 2, true, KK_EDENIED);
	p[0] = reinit_to(0);
	commit_refused(&w, p, 1, false, KK_EDENIED);
	group_world_clear(&w);
}

TEST(commit_with_extensions_twice_is_refused)
{
	struct mls_proposal p[2];
	struct group_world w;

	group_world_of(&w, 2, 3);
	p[0] = p[1] = extensions_of(NULL, 0);
	commit_refused(&w, p, 2, true, KK_EEXIST);
	group_world_clear(&w);
}

TEST(commit_with_a_psk_twice_or_a_short_nonce_is_refused)
{
	struct mls_proposal p[2];
	struct group_world w;

	group_world_of(&w, 2, 3);
	p[0] = p[1] = psk_of(&w, "code", 1);
	commit_refused(&w, p, 2, false, KK_EEXIST);
	p[0].psk.nonce.bytes--;
	commit_refused(&w, p, 1, false, KK_EFORMAT);
	p[0].psk.nonce.bytes = 0;
	commit_refused(&w, p, 1, false, KK_EFORMAT);
	group_world_clear(&w);
}

TEST(commit_with_a_psk_for_the_start_of_a_group_is_refused_later)
{
	struct mls_proposal p;
	struct group_world w;

	group_world_of(&w, 2, 3);
	p = psk_of(&w, "", 1);
	p.psk.type = MLS_PSK_RESUMPTION;
	p.psk.group_id = kk_view_text("room");
	p.psk.epoch = 1;
	p.psk.usage = MLS_PSK_USAGE_REINIT;
	commit_refused(&w, &p, 1, false, KK_EDENIED);
	p.psk.usage = MLS_PSK_USAGE_BRANCH;
	commit_refused(&w, &p, 1, false, KK_EDENIED);
	group_world_clear(&w);
}

TEST(commit_with_a_psk_that_is_missing_passes_once_it_is_there)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	const struct mls_commit_spec spec = { .psks = &psk, .psk_count = 1 };
	struct group_look before, after;
	struct mls_commit_out out;
	struct group_world w;

	group_world_of(&w, 2, 2);
	before = group_member_look(&w.m[0]);
	w.m[0].has_no_psk = true;
	CHECK_ERR(group_member_commit(&w.m[0], &spec, &out), KK_ENOENT);
	CHECK_OK(group_member_commit(&w.m[1], &spec, &out));
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&out.commit)),
	    KK_ENOENT);
	after = group_member_look(&w.m[0]);
	CHECK(group_look_equal(&before, &after));
	w.m[0].has_no_psk = false;
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&out.commit)));
	group_world_agree(&w, 2);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(commit_of_a_member_with_an_external_init_is_refused)
{
	static const uint8_t enc[65] = { 4 };
	const struct mls_proposal p = { .type = MLS_PROPOSAL_EXTERNAL_INIT,
		.external_init = { enc, sizeof(enc) } };
	struct kk_bytes message = { 0 };
	struct group_world w;

	group_world_of(&w, 2, 3);
	commit_refused(&w, &p, 1, true, KK_EDENIED);
	group_forge_proposal(&w.m[1], &p, &message);
	refused(&w, &message, KK_EDENIED);
	group_world_clear(&w);
}

/* An external commit of member 3 with the proposals given. */
static void external_refused(struct group_world *w,
    const struct mls_proposal *proposals, size_t count, bool has_path,
    enum kk_err want)
{
	struct kk_bytes message = { 0 };
	struct group_forge f;

	group_forge_init(&f);
	for (size_t i = 0; i < count; i++)
		group_forge_value(&f, &proposals[i]);
	group_forge_external(&f, &w->m[0], group_world_member(w, 3), has_path,
	    &message);
	group_forge_clear(&f);
	refused(w, &message, want);
}

TEST(external_commit_has_one_init_one_path_and_little_else)
{
	static const uint8_t enc[65] = { 4 };
	const struct mls_proposal init = { .type = MLS_PROPOSAL_EXTERNAL_INIT,
		.external_init = { enc, sizeof(enc) } };
	struct mls_proposal p[3] = { init };
	struct group_world w;

	group_world_of(&w, 2, 3);
	external_refused(&w, p, 1, false, KK_EDENIED);
	external_refused(&w, NULL, 0, true, KK_EDENIED);
	p[1] = init;
	external_refused(&w, p, 2, true, KK_EDENIED);
	p[1] = remove_of(&w.m[1]);
	p[2] = remove_of(&w.m[2]);
	external_refused(&w, p, 3, true, KK_EDENIED);
	p[1] = extensions_of(NULL, 0);
	external_refused(&w, p, 2, true, KK_EDENIED);
	p[1] = add_of(group_world_member(&w, 3));
	external_refused(&w, p, 2, true, KK_EDENIED);
	p[1] = reinit_to(MLS_VERSION_10);
	external_refused(&w, p, 2, true, KK_EDENIED);
	group_world_clear(&w);
}

TEST(external_commit_takes_no_proposal_by_reference)
{
	static const uint8_t enc[65] = { 4 };
	const struct mls_proposal init = { .type = MLS_PROPOSAL_EXTERNAL_INIT,
		.external_init = { enc, sizeof(enc) } };
	struct kk_bytes remove = { 0 }, message = { 0 };
	struct group_forge f;
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_propose_remove(w.m[1].group, MLS_WIRE_PUBLIC,
	    mls_group_own_leaf(w.m[2].group), &remove));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&remove)));
	group_forge_init(&f);
	group_forge_value(&f, &init);
	group_forge_ref(&f, &w.m[1], kk_bytes_view(&remove));
	group_forge_external(&f, &w.m[0], group_world_member(&w, 3), true,
	    &message);
	group_forge_clear(&f);
	refused(&w, &message, KK_EDENIED);
	kk_bytes_clear(&remove);
	group_world_clear(&w);
}

TEST(extensions_that_a_member_does_not_know_are_refused)
{
	static const uint8_t unknown[] = { 0xf0, 1, 0 };
	static const uint8_t required[] = { 0, 3, 5, 2, 0xf0, 1, 0, 0 };
	static const struct kk_view lists[] = { { unknown, 3 },
		{ required, 8 } };
	struct mls_commit_spec spec = { 0 };
	struct mls_commit_out out;
	struct mls_group *group = NULL;
	struct group_world w;

	group_world_of(&w, 2, 3);
	for (size_t i = 0; i < KK_ARRAY_LEN(lists); i++) {
		spec.extensions = &lists[i];
		CHECK_ERR(group_member_commit(&w.m[1], &spec, &out), KK_EUNSUP);
		CHECK_ERR(mls_group_new(&group, w.m[1].client,
			      kk_view_text("x"), lists[i], GROUP_NOW_S),
		    KK_EUNSUP);
	}
	CHECK(group == NULL);
	group_world_clear(&w);
}

/* Member 1 knows an extension that member 0 does not. */
TEST(commit_with_extensions_that_only_its_committer_knows_is_refused)
{
	static const uint8_t known[] = { 0xf0, 1 };
	static const uint8_t unknown[] = { 0xf0, 1, 0 };
	const struct kk_view list = { unknown, 3 };
	const struct mls_commit_spec spec = { .extensions = &list };
	struct mls_commit_out out;
	struct group_world w;

	group_world_init(&w, 2);
	(void)group_world_member(&w, 0);
	w.config.extensions.raw = kk_view_of(known, 2);
	group_world_start(&w, 2);
	CHECK_ERR(group_member_commit(&w.m[1], &spec, &out), KK_EUNSUP);
	group_world_clear(&w);
	group_world_init(&w, 2);
	w.config.extensions.raw = kk_view_of(known, 2);
	group_world_start(&w, 2);
	CHECK_OK(group_member_commit(&w.m[1], &spec, &out));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&out.commit)));
	CHECK(kk_view_equal(mls_group_extensions(w.m[0].group), list));
	mls_commit_out_clear(&out);
	w.config.extensions.raw = (struct kk_view){ 0 };
	CHECK_ERR(mls_group_propose_add(w.m[0].group, MLS_WIRE_PRIVATE,
		      group_member_offer(group_world_member(&w, 2)),
		      GROUP_NOW_S, &out.commit),
	    KK_EUNSUP);
	group_world_clear(&w);
}

TEST(update_with_the_wrong_source_is_refused)
{
	struct kk_bytes raw = { 0 }, message = { 0 };
	struct mls_proposal p;
	struct group_world w;

	group_world_of(&w, 2, 3);
	p = update_of(&w.m[1], MLS_LEAF_COMMIT, &raw);
	group_forge_proposal(&w.m[1], &p, &message);
	refused(&w, &message, KK_EFORMAT);
	kk_bytes_clear(&raw);
	p = update_of(&w.m[1], MLS_LEAF_KEY_PACKAGE, &raw);
	group_forge_proposal(&w.m[1], &p, &message);
	refused(&w, &message, KK_EFORMAT);
	kk_bytes_clear(&raw);
	p = update_of(&w.m[1], MLS_LEAF_UPDATE, &raw);
	group_forge_proposal(&w.m[1], &p, &message);
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&message)));
	kk_bytes_clear(&message);
	kk_bytes_clear(&raw);
	group_world_clear(&w);
}

TEST(update_signed_by_somebody_else_is_refused)
{
	struct kk_bytes raw = { 0 }, message = { 0 };
	struct mls_proposal p;
	struct group_world w;

	group_world_of(&w, 2, 3);
	p = update_of(&w.m[2], MLS_LEAF_UPDATE, &raw); /* for its own place */
	group_forge_proposal(&w.m[1], &p, &message);
	refused(&w, &message, KK_EVERIFY);
	kk_bytes_clear(&raw);
	group_world_clear(&w);
}

/* Adds a key package in each of the ways, and is refused alike. */
static void add_refused(struct group_world *w, const struct mls_proposal *p,
    enum kk_err want)
{
	struct kk_bytes message = { 0 };

	group_forge_proposal(&w->m[1], p, &message);
	refused(w, &message, want);
}

TEST(add_of_a_key_package_that_breaks_a_rule_is_refused)
{
	struct mls_proposal p;
	struct group_world w;

	group_world_of(&w, 2, 3);
	p = add_of(group_world_member(&w, 3));
	p.add.version = 2;
	add_refused(&w, &p, KK_EUNSUP);
	p.add.version = MLS_VERSION_10;
	p.add.suite = 1;
	add_refused(&w, &p, KK_EUNSUP);
	p.add.suite = 2;
	p.add.init_key = p.add.leaf.encryption_key;
	add_refused(&w, &p, KK_EFORMAT);
	p.add.init_key.bytes--;
	add_refused(&w, &p, KK_EFORMAT);
	p = add_of(&w.m[3]);
	p.add.leaf.source = MLS_LEAF_UPDATE;
	add_refused(&w, &p, KK_EFORMAT);
	p = add_of(&w.m[3]);
	p.add.signature.bytes--;
	add_refused(&w, &p, KK_EVERIFY);
	p = add_of(&w.m[3]);
	p.add.leaf.not_after_s++;
	add_refused(&w, &p, KK_EVERIFY);
	group_world_clear(&w);
}

TEST(add_of_a_key_package_out_of_its_time_is_refused)
{
	struct mls_event event = { 0 };
	struct kk_bytes message = { 0 };
	struct mls_proposal p;
	struct group_world w;

	group_world_of(&w, 2, 3);
	p = add_of(group_world_member(&w, 3));
	group_forge_proposal(&w.m[1], &p, &message);
	CHECK_ERR(mls_group_process(w.m[0].group, kk_bytes_view(&message),
		      GROUP_NOW_S + 91 * 86400, &event),
	    KK_EEXPIRED);
	CHECK_ERR(mls_group_process(w.m[0].group, kk_bytes_view(&message),
		      GROUP_NOW_S - 86400, &event),
	    KK_EEXPIRED);
	CHECK_OK(mls_group_process(w.m[0].group, kk_bytes_view(&message), 0,
	    &event)); /* no clock */
	mls_event_clear(&event);
	kk_bytes_clear(&message);
	group_world_clear(&w);
}

TEST(add_of_somebody_who_is_in_already_is_refused)
{
	struct mls_commit_spec spec = { .add_count = 1 };
	struct mls_commit_out out;
	struct mls_proposal p[2];
	struct group_world w;
	struct kk_view offers[2];

	group_world_of(&w, 2, 3);
	p[0] = add_of(&w.m[2]); /* same signature key */
	commit_refused(&w, p, 1, false, KK_EEXIST);
	offers[0] = group_member_offer(&w.m[2]);
	spec.adds = offers;
	CHECK_ERR(group_member_commit(&w.m[0], &spec, &out), KK_EEXIST);
	offers[0] = offers[1] = group_member_offer(group_world_member(&w, 3));
	spec.add_count = 2;
	CHECK_ERR(group_member_commit(&w.m[0], &spec, &out), KK_EEXIST);
	group_world_clear(&w);
}

TEST(proposal_of_an_external_sender_is_taken_only_from_its_place)
{
	struct kk_bytes message = { 0 };
	struct crypto_key *outside = NULL;
	struct mls_proposal p;
	struct mls_commit_out out;
	struct kk_writer list, ext;
	struct mls_credential c = { .type = MLS_CREDENTIAL_BASIC };
	struct kk_view extensions;
	struct group_world w;
	size_t at;

	group_world_of(&w, 2, 3);
	CHECK_OK(crypto_sig_key_generate(&outside, w.suite->sig));
	p = remove_of(&w.m[2]);
	group_forge_external_proposal(&w.m[0], outside, 0, &p, &message);
	refused(&w, &message, KK_EDENIED); /* nobody is named */
	kk_writer_init(&list);
	kk_writer_init(&ext);
	at = kk_write_vec_begin(&list);
	kk_write_vec(&list, crypto_key_public(outside));
	mls_credential_write(&list, &c);
	kk_write_vec_end(&list, at);
	mls_ext_write(&ext, MLS_EXT_EXTERNAL_SENDERS, kk_writer_view(&list));
	extensions = kk_writer_view(&ext);
	CHECK_OK(group_member_commit(&w.m[1],
	    &(struct mls_commit_spec){ .extensions = &extensions }, &out));
	group_world_spread(&w, 3, &w.m[1], kk_bytes_view(&out.commit));
	mls_commit_out_clear(&out);
	group_forge_external_proposal(&w.m[0], outside, 1, &p, &message);
	refused(&w, &message, KK_EDENIED);
	group_forge_external_proposal(&w.m[0], w.m[1].signer, 0, &p, &message);
	refused(&w, &message, KK_EVERIFY);
	group_forge_external_proposal(&w.m[0], outside, 0, &p, &message);
	group_world_spread(&w, 3, NULL, kk_bytes_view(&message));
	kk_bytes_clear(&message);
	CHECK_OK(group_member_commit(&w.m[1], &(struct mls_commit_spec){ 0 },
	    &out));
	group_world_spread(&w, 3, &w.m[1], kk_bytes_view(&out.commit));
	CHECK(!mls_group_is_active(w.m[2].group));
	group_world_agree(&w, 3);
	mls_commit_out_clear(&out);
	kk_writer_clear(&list);
	kk_writer_clear(&ext);
	crypto_key_free(outside);
	group_world_clear(&w);
}

TEST(member_that_refuses_public_handshakes_takes_only_joiners)
{
	struct kk_bytes message = { 0 };
	struct group_world w;

	group_world_init(&w, 2);
	w.config.refuse_public_handshake = true;
	group_world_start(&w, 2);
	CHECK_OK(mls_group_propose_update(w.m[1].group, MLS_WIRE_PRIVATE,
	    &message));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&message)));
	kk_bytes_clear(&message);
	group_forge_proposal(&w.m[1],
	    &(struct mls_proposal){ .type = MLS_PROPOSAL_REMOVE }, &message);
	refused(&w, &message, KK_EPOLICY);
	group_world_clear(&w);
}
