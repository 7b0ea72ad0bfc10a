/* group_alloc.c - each allocation failed in turn: no change, then success. */
#include "group_world.h"
#include "harness/tap.h"
#include "mock/alloc.h"

static const struct kk_view none = { 0 };

TEST(client_and_key_package_survive_failed_allocations)
{
	struct mls_key_package *kp = NULL, *copy = NULL;
	struct mls_client_config config;
	struct mls_client *client = NULL;
	struct kk_bytes state = { 0 };
	struct group_world w;
	enum kk_err err;

	group_world_init(&w, 2);
	(void)group_world_member(&w, 0);
	config = w.config;
	config.signer = w.m[0].signer;
	config.credential.type = MLS_CREDENTIAL_BASIC;
	ALLOC_FAULT_LOOP(err, mls_client_new(&client, &config));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, mls_key_package_new(&kp, client, GROUP_NOW_S));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    mls_key_package_save(kp, group_state_key, &state));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    mls_key_package_restore(&copy, client, group_state_key,
		kk_bytes_view(&state)));
	CHECK_OK(err);
	CHECK(kk_view_equal(mls_key_package_message(kp),
	    mls_key_package_message(copy)));
	kk_bytes_clear(&state);
	mls_key_package_free(kp);
	mls_key_package_free(copy);
	mls_client_free(client);
	group_world_clear(&w);
}

TEST(making_a_group_survives_failed_allocations)
{
	struct group_world w;
	struct group_member *m;
	enum kk_err err;

	group_world_init(&w, 2);
	m = group_world_member(&w, 0);
	ALLOC_FAULT_LOOP(err,
	    mls_group_new(&m->group, m->client, kk_view_text("room"), none,
		GROUP_NOW_S));
	CHECK_OK(err);
	CHECK_EQ(mls_group_epoch(m->group), 0);
	group_world_clear(&w);
}

/* A commit with all in it, made, received and joined by. */
TEST(commit_and_join_survive_failed_allocations)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	struct mls_commit_spec spec = { .add_count = 1,
		.remove_count = 1,
		.psks = &psk,
		.psk_count = 1 };
	struct mls_staged *staged = NULL, *joined = NULL;
	struct group_look before, after;
	struct mls_commit_out out = { 0 };
	struct mls_event event = { 0 };
	struct kk_view offer;
	struct group_world w;
	uint32_t gone;
	enum kk_err err;

	group_world_of(&w, 2, 5);
	offer = group_member_offer(group_world_member(&w, 5));
	gone = mls_group_own_leaf(w.m[3].group);
	spec.adds = &offer;
	spec.removes = &gone;
	before = group_member_look(&w.m[0]);
	ALLOC_FAULT_LOOP(err,
	    mls_group_commit(w.m[0].group, &spec, GROUP_NOW_S, &out, &staged));
	CHECK_OK(err);
	after = group_member_look(&w.m[0]);
	CHECK(group_look_equal(&before, &after));
	ALLOC_FAULT_LOOP(err, crypto_checks_run(mls_staged_checks(staged)));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, mls_group_apply(w.m[0].group, staged));
	CHECK_OK(err);
	before = group_member_look(&w.m[1]);
	ALLOC_FAULT_LOOP(err,
	    mls_group_process(w.m[1].group, kk_bytes_view(&out.commit),
		GROUP_NOW_S, &event));
	CHECK_OK(err);
	after = group_member_look(&w.m[1]);
	CHECK(group_look_equal(&before, &after));
	CHECK_OK(crypto_checks_run(mls_staged_checks(event.staged)));
	ALLOC_FAULT_LOOP(err, mls_group_apply(w.m[1].group, event.staged));
	CHECK_OK(err);
	event.staged = NULL;
	mls_event_clear(&event);
	ALLOC_FAULT_LOOP(err,
	    mls_group_join(&joined, w.m[5].client, w.m[5].kp,
		kk_bytes_view(&out.welcome), none, GROUP_NOW_S));
	CHECK_OK(err);
	CHECK_OK(crypto_checks_run(mls_staged_checks(joined)));
	ALLOC_FAULT_LOOP(err, mls_staged_take_group(joined, &w.m[5].group));
	CHECK_OK(err);
	for (uint32_t i = 2; i < 5; i++)
		CHECK_OK(group_member_take(&w.m[i],
		    kk_bytes_view(&out.commit)));
	group_world_agree(&w, 6);
	group_world_talk(&w.m[5], &w.m[1]);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(application_messages_survive_failed_allocations)
{
	struct kk_bytes message = { 0 };
	struct mls_event event = { 0 };
	struct group_world w;
	enum kk_err err;

	group_world_of(&w, 2, 3);
	ALLOC_FAULT_LOOP(err,
	    mls_group_protect(w.m[0].group, kk_view_text("hello"),
		kk_view_text("aad"), &message));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    mls_group_process(w.m[1].group, kk_bytes_view(&message),
		GROUP_NOW_S, &event));
	CHECK_OK(err);
	CHECK(kk_view_equal(kk_bytes_view(&event.data), kk_view_text("hello")));
	mls_event_clear(&event);
	kk_bytes_clear(&message);
	group_world_clear(&w);
}

/* Sends with failures, receives with failures, and clears the message. */
#define PASS_ON(expr)                                                          \
	do {                                                                   \
		ALLOC_FAULT_LOOP(err, (expr));                                 \
		CHECK_OK(err);                                                 \
		ALLOC_FAULT_LOOP(err,                                          \
		    mls_group_process(w.m[0].group, kk_bytes_view(&message),   \
			GROUP_NOW_S, &event));                                 \
		CHECK_OK(err);                                                 \
		CHECK_EQ(event.type, MLS_EVENT_PROPOSAL);                      \
		mls_event_clear(&event);                                       \
		CHECK_OK(group_member_take(&w.m[2], kk_bytes_view(&message))); \
		kk_bytes_clear(&message);                                      \
	} while (0)

TEST(proposals_survive_failed_allocations)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	struct group_member *m;
	struct kk_bytes message = { 0 };
	struct mls_event event = { 0 };
	struct mls_commit_out out;
	struct group_world w;
	struct kk_view offer;
	enum kk_err err;

	group_world_of(&w, 2, 4);
	m = &w.m[1];
	offer = group_member_offer(group_world_member(&w, 4));
	PASS_ON(mls_group_propose_add(m->group, MLS_WIRE_PRIVATE, offer,
	    GROUP_NOW_S, &message));
	PASS_ON(mls_group_propose_update(m->group, MLS_WIRE_PUBLIC, &message));
	PASS_ON(mls_group_propose_remove(m->group, MLS_WIRE_PRIVATE,
	    mls_group_own_leaf(w.m[3].group), &message));
	PASS_ON(mls_group_propose_psk(m->group, MLS_WIRE_PUBLIC, &psk,
	    &message));
	PASS_ON(mls_group_propose_extensions(m->group, MLS_WIRE_PRIVATE, none,
	    &message));
	CHECK_OK(group_member_commit(&w.m[0], &(struct mls_commit_spec){ 0 },
	    &out));
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&out.commit)));
	CHECK_OK(group_member_take(&w.m[2], kk_bytes_view(&out.commit)));
	CHECK_OK(group_member_join(&w.m[4], kk_bytes_view(&out.welcome), none));
	mls_group_free(w.m[3].group);
	w.m[3].group = NULL;
	group_world_agree(&w, 5);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(saving_and_restoring_survive_failed_allocations)
{
	struct kk_bytes state = { 0 }, staged_state = { 0 };
	struct mls_staged *staged = NULL, *again = NULL;
	struct mls_commit_out out = { 0 };
	struct mls_group *group = NULL;
	struct group_world w;
	enum kk_err err;

	group_world_of(&w, 2, 4);
	group_world_talk(&w.m[1], &w.m[0]);
	CHECK_OK(mls_group_commit(w.m[0].group, &(struct mls_commit_spec){ 0 },
	    GROUP_NOW_S, &out, &staged));
	ALLOC_FAULT_LOOP(err,
	    mls_group_save(w.m[0].group, group_state_key, &state));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    mls_staged_save(staged, group_state_key, &staged_state));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    mls_group_restore(&group, w.m[0].client, group_state_key,
		kk_bytes_view(&state)));
	CHECK_OK(err);
	mls_group_free(w.m[0].group);
	w.m[0].group = group;
	ALLOC_FAULT_LOOP(err,
	    mls_staged_restore(&again, group, group_state_key,
		kk_bytes_view(&staged_state)));
	CHECK_OK(err);
	mls_staged_free(staged);
	CHECK_OK(crypto_checks_run(mls_staged_checks(again)));
	CHECK_OK(mls_group_apply(group, again));
	group_world_spread(&w, 4, &w.m[0], kk_bytes_view(&out.commit));
	group_world_agree(&w, 4);
	kk_bytes_clear(&state);
	kk_bytes_clear(&staged_state);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(external_join_survives_failed_allocations)
{
	struct kk_bytes info = { 0 }, commit = { 0 }, tree = { 0 };
	struct mls_staged *staged = NULL;
	struct mls_event event = { 0 };
	struct group_member *m;
	struct group_world w;
	enum kk_err err;

	group_world_of(&w, 2, 3);
	m = group_world_member(&w, 3);
	ALLOC_FAULT_LOOP(err,
	    mls_group_info_message(w.m[0].group, true, false, &info));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err, mls_group_tree(w.m[0].group, &tree));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    mls_group_join_external(&staged, &commit, m->client,
		kk_bytes_view(&info), kk_bytes_view(&tree), MLS_NO_LEAF, NULL,
		0, GROUP_NOW_S));
	CHECK_OK(err);
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	ALLOC_FAULT_LOOP(err, mls_staged_take_group(staged, &m->group));
	CHECK_OK(err);
	ALLOC_FAULT_LOOP(err,
	    mls_group_process(w.m[0].group, kk_bytes_view(&commit), GROUP_NOW_S,
		&event));
	CHECK_OK(err);
	CHECK_OK(crypto_checks_run(mls_staged_checks(event.staged)));
	CHECK_OK(mls_group_apply(w.m[0].group, event.staged));
	event.staged = NULL;
	mls_event_clear(&event);
	for (uint32_t i = 1; i < 3; i++)
		CHECK_OK(group_member_take(&w.m[i], kk_bytes_view(&commit)));
	group_world_agree(&w, 4);
	kk_bytes_clear(&info);
	kk_bytes_clear(&tree);
	kk_bytes_clear(&commit);
	group_world_clear(&w);
}
