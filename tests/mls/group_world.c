/* group_world.c - members of a group, for tests. */
#include "group_world.h"

#include <string.h>

#include "harness/tap.h"

const uint8_t group_state_key[MLS_STATE_KEY_BYTES] = { 7, 7, 7 };

/* An external PSK's secret is its id. */
static enum kk_err psk_hook(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret)
{
	const struct group_member *m = arg;

	if (m->has_no_psk)
		return KK_ENOENT;
	if (id->type == MLS_PSK_EXTERNAL)
		return kk_bytes_copy(secret, id->id);
	if (m->old_psk.bytes == 0)
		return KK_ENOENT;
	return kk_bytes_copy(secret, kk_bytes_view(&m->old_psk));
}

void group_world_init(struct group_world *w, uint16_t suite)
{
	CHECK_OK(crypto_init());
	*w = (struct group_world){ .suite = crypto_suite_get(suite) };
	CHECK(w->suite != NULL);
	w->config.suite = w->suite;
	w->config.hooks.psk = psk_hook;
}

void group_world_clear(struct group_world *w)
{
	for (size_t i = 0; i < GROUP_WORLD_MEMBERS; i++) {
		mls_group_free(w->m[i].group);
		mls_key_package_free(w->m[i].kp);
		mls_client_free(w->m[i].client);
		crypto_key_free(w->m[i].signer);
		kk_bytes_clear(&w->m[i].old_psk);
	}
	*w = (struct group_world){ 0 };
}

struct group_member *group_world_member(struct group_world *w, uint32_t i)
{
	struct mls_client_config config = w->config;
	struct group_member *m = &w->m[i];
	char name[] = "member 00";

	CHECK(i < GROUP_WORLD_MEMBERS);
	if (m->client)
		return m;
	name[7] = (char)('0' + i / 10);
	name[8] = (char)('0' + i % 10);
	CHECK_OK(crypto_sig_key_generate(&m->signer, w->suite->sig));
	config.signer = m->signer;
	config.credential =
	    (struct mls_credential){ .type = MLS_CREDENTIAL_BASIC,
		    .identity = kk_view_text(name) };
	config.hooks.arg = m;
	CHECK_OK(mls_client_new(&m->client, &config));
	return m;
}

struct kk_view group_member_offer(struct group_member *m)
{
	mls_key_package_free(m->kp);
	m->kp = NULL;
	CHECK_OK(mls_key_package_new(&m->kp, m->client, GROUP_NOW_S));
	return mls_key_package_message(m->kp);
}

static enum kk_err staged_apply(struct group_member *m,
    struct mls_staged *staged)
{
	enum kk_err err = crypto_checks_run(mls_staged_checks(staged));

	if (!err)
		err = mls_group_apply(m->group, staged);
	if (err)
		mls_staged_free(staged);
	return err;
}

enum kk_err group_member_take(struct group_member *m, struct kk_view message)
{
	struct mls_event event = { 0 };
	enum kk_err err;

	err = mls_group_process(m->group, message, GROUP_NOW_S, &event);
	if (err)
		return err;
	if (event.type == MLS_EVENT_COMMIT) {
		err = staged_apply(m, event.staged);
		event.staged = NULL;
	}
	mls_event_clear(&event);
	return err;
}

enum kk_err group_member_open(struct group_member *m, struct kk_view message,
    const char *text)
{
	struct mls_event event = { 0 };
	enum kk_err err;

	err = mls_group_process(m->group, message, GROUP_NOW_S, &event);
	if (err)
		return err;
	CHECK_EQ(event.type, MLS_EVENT_APPLICATION);
	CHECK(kk_view_equal(kk_bytes_view(&event.data), kk_view_text(text)));
	mls_event_clear(&event);
	return KK_OK;
}

enum kk_err group_member_join(struct group_member *m, struct kk_view welcome,
    struct kk_view tree)
{
	struct mls_staged *staged = NULL;
	struct mls_group *group = NULL;
	enum kk_err err;

	err = mls_group_join(&staged, m->client, m->kp, welcome, tree,
	    GROUP_NOW_S);
	if (err)
		return err;
	err = crypto_checks_run(mls_staged_checks(staged));
	if (!err)
		err = mls_staged_take_group(staged, &group);
	if (err) {
		mls_staged_free(staged);
		return err;
	}
	mls_group_free(m->group);
	m->group = group;
	return KK_OK;
}

enum kk_err group_member_commit(struct group_member *m,
    const struct mls_commit_spec *spec, struct mls_commit_out *out)
{
	struct mls_staged *staged = NULL;
	enum kk_err err;

	*out = (struct mls_commit_out){ 0 };
	err = mls_group_commit(m->group, spec, GROUP_NOW_S, out, &staged);
	if (!err)
		err = staged_apply(m, staged);
	return err;
}

void group_world_start(struct group_world *w, uint32_t count)
{
	struct kk_view offers[GROUP_WORLD_MEMBERS];
	struct mls_commit_spec spec = { .adds = offers };
	struct group_member *first = group_world_member(w, 0);
	struct mls_commit_out out;

	CHECK_OK(mls_group_new(&first->group, first->client,
	    kk_view_text("room"), (struct kk_view){ 0 }, GROUP_NOW_S));
	for (uint32_t i = 1; i < count; i++)
		offers[spec.add_count++] = group_member_offer(
		    group_world_member(w, i));
	if (count < 2)
		return;
	CHECK_OK(group_member_commit(first, &spec, &out));
	for (uint32_t i = 1; i < count; i++)
		CHECK_OK(group_member_join(&w->m[i],
		    kk_bytes_view(&out.welcome), (struct kk_view){ 0 }));
	mls_commit_out_clear(&out);
	group_world_agree(w, count);
}

void group_world_of(struct group_world *w, uint16_t suite, uint32_t count)
{
	group_world_init(w, suite);
	group_world_start(w, count);
}

void group_world_spread(struct group_world *w, uint32_t count,
    const struct group_member *from, struct kk_view message)
{
	for (uint32_t i = 0; i < count; i++) {
		struct group_member *m = &w->m[i];

		if (m != from && m->group && mls_group_is_active(m->group))
			CHECK_OK(group_member_take(m, message));
	}
}

struct group_look group_member_look(const struct group_member *m)
{
	const struct crypto_suite *suite = mls_group_suite(m->group);
	struct kk_view ext = mls_group_extensions(m->group);
	struct kk_view tree_hash = mls_group_tree_hash(m->group);
	struct kk_bytes authenticator = { 0 };
	struct group_look look = {
		.epoch = mls_group_epoch(m->group),
		.members = mls_group_member_count(m->group),
	};

	CHECK_OK(mls_group_authenticator(m->group, &authenticator));
	CHECK_EQ(authenticator.bytes, suite->hash_bytes);
	memcpy(look.authenticator, authenticator.data, authenticator.bytes);
	CHECK_EQ(tree_hash.bytes, suite->hash_bytes);
	memcpy(look.tree_hash, tree_hash.data, tree_hash.bytes);
	CHECK_OK(mls_group_export(m->group, "look", kk_view_text("at"),
	    look.exported, sizeof(look.exported)));
	CHECK_OK(crypto_hash(suite->hash, &ext, 1, look.extensions_hash));
	kk_bytes_clear(&authenticator);
	return look;
}

bool group_look_equal(const struct group_look *a, const struct group_look *b)
{
	return a->epoch == b->epoch && a->members == b->members &&
	    !memcmp(a->authenticator, b->authenticator,
		sizeof(a->authenticator)) &&
	    !memcmp(a->tree_hash, b->tree_hash, sizeof(a->tree_hash)) &&
	    !memcmp(a->exported, b->exported, sizeof(a->exported)) &&
	    !memcmp(a->extensions_hash, b->extensions_hash,
		sizeof(a->extensions_hash));
}

void group_world_agree(struct group_world *w, uint32_t count)
{
	struct group_look first = { 0 };
	bool has_first = false;

	for (uint32_t i = 0; i < count; i++) {
		struct group_look look;

		if (!w->m[i].group || !mls_group_is_active(w->m[i].group))
			continue;
		look = group_member_look(&w->m[i]);
		if (!has_first)
			first = look;
		has_first = true;
		CHECK(group_look_equal(&first, &look));
	}
}

void group_member_restart(struct group_member *m)
{
	struct mls_group *group = NULL;
	struct group_look before = group_member_look(m), after;
	struct kk_bytes state = { 0 };

	CHECK_OK(mls_group_save(m->group, group_state_key, &state));
	mls_group_free(m->group);
	m->group = NULL;
	CHECK_OK(mls_group_restore(&group, m->client, group_state_key,
	    kk_bytes_view(&state)));
	m->group = group;
	kk_bytes_clear(&state);
	after = group_member_look(m);
	CHECK(group_look_equal(&before, &after));
}

void group_world_talk(struct group_member *from, struct group_member *to)
{
	struct kk_bytes message = { 0 };

	CHECK_OK(mls_group_protect(from->group, kk_view_text("good day"),
	    (struct kk_view){ 0 }, &message));
	CHECK_OK(group_member_open(to, kk_bytes_view(&message), "good day"));
	kk_bytes_clear(&message);
}
