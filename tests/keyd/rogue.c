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
	struct mls_client_config config = {
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
    bool has_psk, enum meeting_kind wrap_as)
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
		      in_commit(&w, &r, false, MEETING_HANDSHAKE)),
	    "AgainstPolicy");
	seen = ask(&w, w.box[0].link[POLICY], "Process",
	    in_commit(&w, &r, true, MEETING_HANDSHAKE));
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
					  (enum meeting_kind)kind)),
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
			      in_commit(&w, &r, true, MEETING_HANDSHAKE)),
		    "Format");
		rogue_clear(&r);
	}
	world_end(&w);
}
