/* rogue.c - a member made of the libraries alone, which keeps no rules. */
#include <time.h>

#include "meeting/meeting.h"
#include "mls/mls.h"
#include "world.h"

struct rogue {
	struct crypto_key *signer;
	struct mls_client *client;
	struct meeting_keys *keys;
};

static enum kk_err psk_hook(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret)
{
	const struct rogue *r = arg;

	(void)id;
	return kk_bytes_copy(secret, meeting_keys_psk(r->keys));
}

static void rogue_init(struct rogue *r, const char *name)
{
	static const uint8_t secret[MEETING_SECRET_BYTES] = SECRET_RAW;
	static const uint8_t state[] = { 0xff, 0x4b };
	struct mls_client_config config = {
		.extensions = { kk_view_of(state, sizeof(state)) },
		.credential = { .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text(name) },
		.hooks = { .arg = r, .psk = psk_hook },
	};

	CHECK_OK(crypto_init());
	config.suite = crypto_suite_get(7);
	CHECK_OK(crypto_sig_key_generate(&r->signer, config.suite->sig));
	config.signer = r->signer;
	CHECK_OK(mls_client_new(&r->client, &config));
	CHECK_OK(meeting_keys_new(&r->keys, kk_view_text("meeting one"),
	    kk_view_of(secret, sizeof(secret))));
}

static void rogue_clear(struct rogue *r)
{
	mls_client_free(r->client);
	crypto_key_free(r->signer);
	meeting_keys_free(r->keys);
}

/* Parameters with the rogue's external commit, wrapped as kind. */
static sd_json_variant *in_commit(struct world *w, struct rogue *r,
    bool has_psk, enum meeting_kind wrap_as, struct mls_staged **stagedp)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = meeting_keys_psk_id(r->keys) };
	sd_json_variant *in = in_meeting(), *answer;
	struct kk_bytes wrapped, info, commit = { 0 };
	struct mls_staged *staged = NULL;
	enum meeting_kind kind;

	answer = ask(w, w->box[0].link[POLICY], "GroupInfo", in_meeting());
	CHECK_OK(call_get_bytes(answer, "groupInfo", MEETING_MESSAGE_MAX_BYTES,
	    &wrapped));
	CHECK_OK(meeting_unwrap(r->keys, kk_bytes_view(&wrapped), &kind,
	    &info));
	CHECK_EQ(kind, MEETING_GROUP_INFO);
	CHECK_OK(mls_group_join_external(&staged, &commit, r->client,
	    kk_bytes_view(&info), (struct kk_view){ 0 }, MLS_NO_LEAF, &psk,
	    has_psk, (int64_t)time(NULL)));
	kk_bytes_clear(&wrapped);
	CHECK_OK(meeting_wrap(r->keys, wrap_as, kk_bytes_view(&commit),
	    &wrapped));
	CHECK_OK(call_put_bytes(&in, "message", kk_bytes_view(&wrapped)));
	kk_bytes_clear(&wrapped);
	kk_bytes_clear(&info);
	kk_bytes_clear(&commit);
	if (stagedp)
		*stagedp = staged;
	else
		mls_staged_free(staged);
	return in;
}

TEST(external_commit_without_the_meeting_s_psk_is_refused)
{
	struct rogue r = { 0 };
	struct world w;
	sd_json_variant *seen;

	world_start(&w, 1);
	rogue_init(&r, "Somebody");
	meeting_create(&w, &w.box[0]);
	CHECK_STR(ask_fails(w.box[0].link[POLICY], "Process",
		      in_commit(&w, &r, false, MEETING_HANDSHAKE, NULL)),
	    "AgainstPolicy");
	seen = ask(&w, w.box[0].link[POLICY], "Process",
	    in_commit(&w, &r, true, MEETING_HANDSHAKE, NULL));
	seen = sd_json_variant_by_key(seen, "committer");
	CHECK_STR(text_of(seen, "name"), "Somebody");
	CHECK(!is_true(seen, "verified"));
	rogue_clear(&r);
	world_end(&w);
}

TEST(commit_that_is_wrapped_as_something_else_is_refused)
{
	struct rogue r = { 0 };
	struct world w;

	world_start(&w, 1);
	rogue_init(&r, "Somebody");
	meeting_create(&w, &w.box[0]);
	for (int kind = 1; kind < MEETING_KIND_COUNT; kind++) {
		if (kind != MEETING_HANDSHAKE)
			CHECK_STR(ask_fails(w.box[0].link[POLICY], "Process",
				      in_commit(&w, &r, true,
					  (enum meeting_kind)kind, NULL)),
			    "Format");
	}
	rogue_clear(&r);
	world_end(&w);
}

TEST(names_that_cannot_be_shown_are_refused)
{
	static const char *const names[] = { "", "two\nlines", "\x7f",
		"bad utf-8 \xc3(", "over \xc0\xaf long", "cut \xe2\x82",
		"surrogate \xed\xa0\x80", "turned \xe2\x80\xae round" };
	struct world w;

	world_start(&w, 1);
	meeting_create(&w, &w.box[0]);
	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		struct rogue r = { 0 };

		rogue_init(&r, names[i]);
		CHECK_STR(ask_fails(w.box[0].link[POLICY], "Process",
			      in_commit(&w, &r, true, MEETING_HANDSHAKE, NULL)),
		    "Format");
		rogue_clear(&r);
	}
	world_end(&w);
}

/* Joins with the box's consent; the group is the caller's. */
static struct mls_group *rogue_join(struct world *w, struct rogue *r)
{
	sd_varlink *box = w->box[0].link[POLICY];
	struct mls_staged *staged = NULL;
	struct mls_group *group = NULL;
	sd_json_variant *seen;

	seen = ask(w, box, "Process",
	    in_commit(w, r, true, MEETING_HANDSHAKE, &staged));
	(void)ask(w, box, "Apply", in_handle(seen));
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	CHECK_OK(mls_staged_take_group(staged, &group));
	return group;
}

static sd_json_variant *in_proposal(struct rogue *r, struct kk_bytes *message)
{
	sd_json_variant *in = in_meeting();
	struct kk_bytes wrapped;

	CHECK_OK(meeting_wrap(r->keys, MEETING_HANDSHAKE,
	    kk_bytes_view(message), &wrapped));
	CHECK_OK(call_put_bytes(&in, "message", kk_bytes_view(&wrapped)));
	kk_bytes_clear(&wrapped);
	kk_bytes_clear(message);
	return in;
}

static const char *change_of(sd_json_variant *v, size_t i)
{
	sd_json_variant *list = sd_json_variant_by_key(v, "changes");

	CHECK(i < sd_json_variant_elements(list));
	return text_of(sd_json_variant_by_index(list, i), "what");
}

TEST(proposed_member_is_shown_and_comes_in_with_the_psk_or_not_at_all)
{
	struct rogue r = { 0 }, friend = { 0 };
	struct mls_key_package *kp = NULL;
	struct mls_group *group;
	struct kk_bytes message;
	struct world w;
	sd_json_variant *seen, *in;
	sd_varlink *box;

	world_start(&w, 1);
	box = w.box[0].link[POLICY];
	rogue_init(&r, "Somebody");
	rogue_init(&friend, "Friend");
	meeting_create(&w, &w.box[0]);
	group = rogue_join(&w, &r);
	CHECK_OK(mls_key_package_new(&kp, friend.client, (int64_t)time(NULL)));
	CHECK_OK(mls_group_propose_add(group, MLS_WIRE_PRIVATE,
	    mls_key_package_message(kp), (int64_t)time(NULL), &message));
	seen = ask(&w, box, "Process", in_proposal(&r, &message));
	CHECK_STR(text_of(seen, "kind"), "proposal");
	CHECK_STR(change_of(seen, 0), "add");
	in = in_meeting();
	CHECK_OK(call_put_bool(&in, "withoutProposals", true));
	seen = ask(&w, box, "Commit", in);
	CHECK_EQ(
	    sd_json_variant_elements(sd_json_variant_by_key(seen, "changes")),
	    0);
	(void)ask(&w, box, "Drop", in_handle(seen));
	seen = ask(&w, box, "Commit", in_meeting());
	CHECK_EQ(
	    sd_json_variant_elements(sd_json_variant_by_key(seen, "changes")),
	    2);
	(void)text_of(seen, "welcome");
	mls_key_package_free(kp);
	mls_group_free(group);
	rogue_clear(&friend);
	rogue_clear(&r);
	world_end(&w);
}

TEST(proposal_to_make_another_group_of_it_is_refused_and_not_kept)
{
	struct rogue r = { 0 };
	struct mls_reinit reinit = { .group_id = kk_view_text("another"),
		.version = MLS_VERSION_10,
		.suite = 7 };
	struct mls_group *group;
	struct kk_bytes message;
	struct world w;
	sd_varlink *box;

	world_start(&w, 1);
	box = w.box[0].link[POLICY];
	rogue_init(&r, "Somebody");
	meeting_create(&w, &w.box[0]);
	group = rogue_join(&w, &r);
	CHECK_OK(mls_group_propose_reinit(group, MLS_WIRE_PRIVATE, &reinit,
	    &message));
	CHECK_STR(ask_fails(box, "Process", in_proposal(&r, &message)),
	    "AgainstPolicy");
	CHECK_EQ(sd_json_variant_elements(sd_json_variant_by_key(
		     ask(&w, box, "Commit", in_meeting()), "changes")),
	    0);
	mls_group_free(group);
	rogue_clear(&r);
	world_end(&w);
}

enum { EXTERNAL_SENDERS = 5, STATE = 0xff4b };

/* An extension of a type, as a group has a list of them. */
static struct kk_bytes extensions_of(uint16_t type)
{
	static const uint8_t nobody[] = { 0 };
	struct kk_bytes list;
	struct kk_writer w;

	kk_writer_init(&w);
	kk_write_u16(&w, type);
	kk_write_vec(&w,
	    type == STATE ? kk_view_text("locked") :
			    kk_view_of(nobody, sizeof(nobody)));
	CHECK_OK(kk_writer_take(&w, &list));
	return list;
}

/* Whoever commits it would lend its sender its own rights. */
TEST(proposal_to_change_the_state_is_refused_and_in_no_commit)
{
	const struct kk_bytes list = extensions_of(STATE);
	struct kk_bytes message, mine = list;
	struct rogue r = { 0 };
	struct mls_group *group;
	struct world w;
	sd_varlink *box;

	world_start(&w, 1);
	box = w.box[0].link[POLICY];
	rogue_init(&r, "Somebody");
	meeting_create(&w, &w.box[0]);
	group = rogue_join(&w, &r);
	CHECK_OK(mls_group_propose_extensions(group, MLS_WIRE_PRIVATE,
	    kk_bytes_view(&list), &message));
	CHECK_STR(ask_fails(box, "Process", in_proposal(&r, &message)),
	    "AgainstPolicy");
	CHECK_EQ(sd_json_variant_elements(sd_json_variant_by_key(
		     ask(&w, box, "Commit", in_meeting()), "changes")),
	    0);
	kk_bytes_clear(&mine);
	mls_group_free(group);
	rogue_clear(&r);
	world_end(&w);
}

/* A commit with extensions, in front of the box. */
static sd_json_variant *in_extensions(struct rogue *r, struct mls_group *group,
    uint16_t type)
{
	struct kk_bytes list = extensions_of(type);
	const struct kk_view view = kk_bytes_view(&list);
	const struct mls_commit_spec spec = { .extensions = &view };
	struct mls_commit_out made = { 0 };
	struct mls_staged *staged = NULL;
	sd_json_variant *in;

	CHECK_OK(mls_group_commit(group, &spec, (int64_t)time(NULL), &made,
	    &staged));
	in = in_proposal(r, &made.commit);
	mls_staged_free(staged);
	mls_commit_out_clear(&made);
	kk_bytes_clear(&list);
	return in;
}

TEST(commit_may_change_the_state_and_no_other_extension)
{
	struct rogue r = { 0 };
	struct mls_group *group;
	struct world w;
	sd_json_variant *seen;
	sd_varlink *box;

	world_start(&w, 1);
	box = w.box[0].link[POLICY];
	rogue_init(&r, "Somebody");
	meeting_create(&w, &w.box[0]);
	group = rogue_join(&w, &r);
	CHECK_STR(ask_fails(box, "Process",
		      in_extensions(&r, group, EXTERNAL_SENDERS)),
	    "AgainstPolicy");
	seen = ask(&w, box, "Process", in_extensions(&r, group, STATE));
	CHECK_STR(text_of(seen, "kind"), "commit");
	CHECK_STR(text_of(seen, "state"), "bG9ja2Vk");
	CHECK_STR(text_of(sd_json_variant_by_key(seen, "committer"), "name"),
	    "Somebody");
	mls_group_free(group);
	rogue_clear(&r);
	world_end(&w);
}
