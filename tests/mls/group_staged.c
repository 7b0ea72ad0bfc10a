/* group_staged.c - staged epochs, races, late and repeated messages, states. */
#include <string.h>

#include "group_world.h"
#include "harness/tap.h"

static const struct kk_view none = { 0 };

/* A commit of one member staged at another, checks open. */
static struct mls_staged *stage_at(struct group_member *m,
    struct kk_view message)
{
	struct mls_event event = { 0 };
	struct mls_staged *staged;

	CHECK_OK(mls_group_process(m->group, message, GROUP_NOW_S, &event));
	CHECK_EQ(event.type, MLS_EVENT_COMMIT);
	staged = event.staged;
	event.staged = NULL;
	mls_event_clear(&event);
	CHECK(staged != NULL);
	return staged;
}

static struct mls_staged *stage_own(struct group_member *m,
    struct mls_commit_out *out)
{
	const struct mls_commit_spec spec = { 0 };
	struct mls_staged *staged = NULL;

	CHECK_OK(mls_group_commit(m->group, &spec, GROUP_NOW_S, out, &staged));
	return staged;
}

TEST(staged_commit_is_not_entered_before_its_checks_are_done)
{
	struct mls_commit_out out = { 0 };
	struct mls_staged *own, *staged;
	struct group_world w;

	group_world_of(&w, 2, 3);
	own = stage_own(&w.m[0], &out);
	staged = stage_at(&w.m[1], kk_bytes_view(&out.commit));
	CHECK(crypto_checks_count(mls_staged_checks(staged)) >= 2);
	CHECK_ERR(mls_group_apply(w.m[1].group, staged), KK_ESTATE);
	CHECK_EQ(mls_group_epoch(w.m[1].group), 1);
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	CHECK_OK(mls_group_apply(w.m[1].group, staged));
	CHECK_OK(crypto_checks_run(mls_staged_checks(own)));
	CHECK_OK(mls_group_apply(w.m[0].group, own));
	CHECK_OK(group_member_take(&w.m[2], kk_bytes_view(&out.commit)));
	group_world_agree(&w, 3);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(staged_commit_with_a_false_check_is_never_entered)
{
	struct mls_commit_out out = { 0 };
	struct mls_staged *own, *staged;
	struct crypto_checks *checks;
	struct group_world w;

	group_world_of(&w, 2, 3);
	own = stage_own(&w.m[0], &out);
	staged = stage_at(&w.m[1], kk_bytes_view(&out.commit));
	checks = mls_staged_checks(staged);
	CHECK_OK(crypto_checks_confirm(checks, 0, false));
	CHECK_OK(crypto_checks_confirm(checks, 0, true));
	for (size_t i = 1; i < crypto_checks_count(checks); i++)
		CHECK_OK(crypto_checks_confirm(checks, i, true));
	CHECK_ERR(mls_group_apply(w.m[1].group, staged), KK_EVERIFY);
	CHECK_ERR(mls_group_apply(w.m[1].group, staged), KK_EVERIFY);
	mls_staged_free(staged);
	CHECK_EQ(mls_group_epoch(w.m[1].group), 1);
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&out.commit)));
	mls_staged_free(own);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(staged_join_gives_no_group_before_its_checks_are_done)
{
	struct mls_commit_spec spec = { .add_count = 1 };
	struct mls_staged *staged = NULL;
	struct mls_group *group = NULL;
	struct mls_commit_out out;
	struct group_world w;
	struct kk_view offer;

	group_world_of(&w, 2, 3);
	offer = group_member_offer(group_world_member(&w, 3));
	spec.adds = &offer;
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	CHECK_OK(mls_group_join(&staged, w.m[3].client, w.m[3].kp,
	    kk_bytes_view(&out.welcome), none, GROUP_NOW_S));
	CHECK(crypto_checks_count(mls_staged_checks(staged)) >= 5);
	CHECK_ERR(mls_staged_take_group(staged, &group), KK_ESTATE);
	CHECK_OK(crypto_checks_confirm(mls_staged_checks(staged), 1, false));
	CHECK_ERR(mls_staged_take_group(staged, &group), KK_EVERIFY);
	CHECK(group == NULL);
	mls_staged_free(staged);
	CHECK_OK(group_member_join(&w.m[3], kk_bytes_view(&out.welcome), none));
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(staged_commit_of_an_epoch_gone_by_is_stale)
{
	struct mls_commit_out first = { 0 }, second = { 0 };
	struct mls_staged *lost, *won;
	struct group_look before, after;
	struct group_world w;

	group_world_of(&w, 2, 3);
	lost = stage_own(&w.m[0], &first);
	won = stage_own(&w.m[1], &second);
	CHECK_OK(crypto_checks_run(mls_staged_checks(won)));
	CHECK_OK(mls_group_apply(w.m[1].group, won));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&second.commit)));
	CHECK_OK(group_member_take(&w.m[2], kk_bytes_view(&second.commit)));
	before = group_member_look(&w.m[0]);
	CHECK_OK(crypto_checks_run(mls_staged_checks(lost)));
	CHECK_ERR(mls_group_apply(w.m[0].group, lost), KK_EEPOCH);
	after = group_member_look(&w.m[0]);
	CHECK(group_look_equal(&before, &after));
	mls_staged_free(lost);
	CHECK_ERR(group_member_take(&w.m[2], kk_bytes_view(&first.commit)),
	    KK_EEPOCH);
	group_world_agree(&w, 3);
	group_world_talk(&w.m[0], &w.m[2]);
	mls_commit_out_clear(&first);
	mls_commit_out_clear(&second);
	group_world_clear(&w);
}

TEST(staged_commit_is_entered_in_its_own_group_alone)
{
	struct mls_commit_out out = { 0 };
	struct group_world w, other;
	struct mls_staged *staged;

	group_world_of(&w, 2, 2);
	group_world_of(&other, 2, 2);
	staged = stage_own(&w.m[0], &out);
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	CHECK_FAIL(mls_group_apply(other.m[0].group, staged));
	CHECK_EQ(mls_group_epoch(other.m[0].group), 1);
	CHECK_OK(mls_group_apply(w.m[0].group, staged));
	CHECK_FAIL(group_member_take(&other.m[1], kk_bytes_view(&out.commit)));
	mls_commit_out_clear(&out);
	group_world_clear(&other);
	group_world_clear(&w);
}

TEST(staged_commit_knows_its_own_message)
{
	struct mls_commit_out first = { 0 }, second = { 0 };
	struct mls_staged *a, *b;
	struct group_world w;

	group_world_of(&w, 2, 2);
	a = stage_own(&w.m[0], &first);
	b = stage_own(&w.m[0], &second);
	CHECK_OK(mls_staged_is_own(a, kk_bytes_view(&first.commit)));
	CHECK_OK(mls_staged_is_own(b, kk_bytes_view(&second.commit)));
	CHECK_FAIL(mls_staged_is_own(a, kk_bytes_view(&second.commit)));
	CHECK_FAIL(mls_staged_is_own(a, none));
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&first.commit)),
	    KK_EREPLAY);
	mls_staged_free(a);
	mls_staged_free(b);
	mls_commit_out_clear(&first);
	mls_commit_out_clear(&second);
	group_world_clear(&w);
}

TEST(staged_commit_of_ours_survives_a_restart)
{
	struct kk_bytes group_state = { 0 }, staged_state = { 0 };
	struct mls_commit_out out = { 0 };
	struct mls_group *group = NULL;
	struct mls_staged *staged;
	struct group_world w;

	group_world_of(&w, 2, 3);
	staged = stage_own(&w.m[0], &out);
	CHECK_OK(mls_group_save(w.m[0].group, group_state_key, &group_state));
	CHECK_OK(mls_staged_save(staged, group_state_key, &staged_state));
	mls_staged_free(staged);
	mls_group_free(w.m[0].group);
	w.m[0].group = NULL;
	CHECK_OK(mls_group_restore(&group, w.m[0].client, group_state_key,
	    kk_bytes_view(&group_state)));
	w.m[0].group = group;
	staged = NULL;
	staged_state.data[staged_state.bytes / 2] ^= 1;
	CHECK_ERR(mls_staged_restore(&staged, group, group_state_key,
		      kk_bytes_view(&staged_state)),
	    KK_EAUTH);
	staged_state.data[staged_state.bytes / 2] ^= 1;
	CHECK_OK(mls_staged_restore(&staged, group, group_state_key,
	    kk_bytes_view(&staged_state)));
	CHECK_OK(mls_staged_is_own(staged, kk_bytes_view(&out.commit)));
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	CHECK_OK(mls_group_apply(group, staged));
	group_world_spread(&w, 3, &w.m[0], kk_bytes_view(&out.commit));
	group_world_agree(&w, 3);
	group_world_talk(&w.m[0], &w.m[1]);
	kk_bytes_clear(&group_state);
	kk_bytes_clear(&staged_state);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

static void protect(struct group_member *m, const char *text,
    struct kk_bytes *message)
{
	*message = (struct kk_bytes){ 0 };
	CHECK_OK(mls_group_protect(m->group, kk_view_text(text), none,
	    message));
}

TEST(group_opens_reordered_messages_once_each)
{
	static const char *const text[] = { "a", "b", "c", "d" };
	static const unsigned int order[] = { 3, 0, 2, 1 };
	struct kk_bytes message[4];
	struct group_world w;

	group_world_of(&w, 2, 2);
	for (size_t i = 0; i < 4; i++)
		protect(&w.m[0], text[i], &message[i]);
	for (size_t i = 0; i < 4; i++)
		CHECK_OK(group_member_open(&w.m[1],
		    kk_bytes_view(&message[order[i]]), text[order[i]]));
	for (size_t i = 0; i < 4; i++) {
		CHECK_ERR(group_member_take(&w.m[1],
			      kk_bytes_view(&message[i])),
		    KK_EREPLAY);
		CHECK_ERR(group_member_take(&w.m[0],
			      kk_bytes_view(&message[i])),
		    KK_EREPLAY);
		kk_bytes_clear(&message[i]);
	}
	group_world_clear(&w);
}

/* Moves all of the first three members on by one epoch. */
static void move_on(struct group_world *w)
{
	struct mls_commit_out out;

	CHECK_OK(group_member_commit(&w->m[0], &(struct mls_commit_spec){ 0 },
	    &out));
	group_world_spread(w, 3, &w->m[0], kk_bytes_view(&out.commit));
	mls_commit_out_clear(&out);
}

TEST(group_opens_late_messages_of_the_epochs_it_keeps)
{
	struct kk_bytes kept, late, forgotten;
	struct group_world w;

	group_world_of(&w, 2, 3);
	protect(&w.m[1], "kept", &kept);
	protect(&w.m[1], "late", &late);
	protect(&w.m[1], "forgotten", &forgotten);
	move_on(&w);
	CHECK_OK(group_member_open(&w.m[2], kk_bytes_view(&kept), "kept"));
	CHECK_ERR(group_member_take(&w.m[2], kk_bytes_view(&kept)), KK_EREPLAY);
	group_member_restart(&w.m[2]);
	CHECK_OK(group_member_open(&w.m[2], kk_bytes_view(&late), "late"));
	mls_group_forget_past(w.m[0].group);
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&late)), KK_EEPOCH);
	move_on(&w);
	CHECK_ERR(group_member_take(&w.m[2], kk_bytes_view(&forgotten)),
	    KK_EEPOCH);
	group_world_talk(&w.m[1], &w.m[2]);
	kk_bytes_clear(&kept);
	kk_bytes_clear(&late);
	kk_bytes_clear(&forgotten);
	group_world_clear(&w);
}

TEST(group_keeps_handshakes_to_their_epoch)
{
	struct kk_bytes private = { 0 }, public = { 0 };
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_propose_update(w.m[1].group, MLS_WIRE_PRIVATE,
	    &private));
	CHECK_OK(mls_group_propose_update(w.m[2].group, MLS_WIRE_PUBLIC,
	    &public));
	move_on(&w);
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&private)),
	    KK_EEPOCH);
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&public)),
	    KK_EEPOCH);
	kk_bytes_clear(&private);
	kk_bytes_clear(&public);
	group_world_clear(&w);
}

TEST(group_takes_a_proposal_once)
{
	struct kk_bytes private = { 0 }, public = { 0 };
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_propose_update(w.m[1].group, MLS_WIRE_PRIVATE,
	    &private));
	CHECK_OK(mls_group_propose_update(w.m[2].group, MLS_WIRE_PUBLIC,
	    &public));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&private)));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&public)));
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&private)),
	    KK_EREPLAY);
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&public)),
	    KK_EREPLAY);
	kk_bytes_clear(&private);
	kk_bytes_clear(&public);
	group_world_clear(&w);
}

TEST(group_state_is_refused_with_another_key_or_any_change)
{
	uint8_t other[MLS_STATE_KEY_BYTES] = { 8 };
	struct mls_group *group = NULL;
	struct kk_bytes state = { 0 };
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_save(w.m[0].group, group_state_key, &state));
	CHECK_ERR(mls_group_restore(&group, w.m[0].client, other,
		      kk_bytes_view(&state)),
	    KK_EAUTH);
	for (size_t i = 0; i < state.bytes; i += 1 + state.bytes / 400) {
		state.data[i] ^= 0x20;
		CHECK_FAIL(mls_group_restore(&group, w.m[0].client,
		    group_state_key, kk_bytes_view(&state)));
		state.data[i] ^= 0x20;
		CHECK_FAIL(mls_group_restore(&group, w.m[0].client,
		    group_state_key, kk_view_of(state.data, i)));
	}
	CHECK(group == NULL);
	CHECK_FAIL(mls_group_restore(&group, w.m[1].client, group_state_key,
	    kk_bytes_view(&state))); /* another signer */
	CHECK_OK(mls_group_restore(&group, w.m[0].client, group_state_key,
	    kk_bytes_view(&state)));
	mls_group_free(group);
	kk_bytes_clear(&state);
	group_world_clear(&w);
}

TEST(group_state_keeps_proposals_and_used_keys)
{
	struct kk_bytes proposal = { 0 }, used, open;
	struct mls_commit_out out;
	struct group_world w;

	group_world_of(&w, 2, 3);
	protect(&w.m[1], "used", &used);
	protect(&w.m[1], "open", &open);
	CHECK_OK(group_member_open(&w.m[0], kk_bytes_view(&used), "used"));
	CHECK_OK(mls_group_propose_update(w.m[1].group, MLS_WIRE_PRIVATE,
	    &proposal));
	group_world_spread(&w, 3, &w.m[1], kk_bytes_view(&proposal));
	for (uint32_t i = 0; i < 3; i++)
		group_member_restart(&w.m[i]);
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&used)), KK_EREPLAY);
	CHECK_OK(group_member_open(&w.m[0], kk_bytes_view(&open), "open"));
	CHECK_OK(group_member_commit(&w.m[0], &(struct mls_commit_spec){ 0 },
	    &out));
	group_world_spread(&w, 3, &w.m[0], kk_bytes_view(&out.commit));
	group_world_agree(&w, 3);
	group_world_talk(&w.m[1], &w.m[2]);
	mls_commit_out_clear(&out);
	kk_bytes_clear(&proposal);
	kk_bytes_clear(&used);
	kk_bytes_clear(&open);
	group_world_clear(&w);
}

TEST(key_package_survives_a_restart_and_joins)
{
	struct mls_commit_spec spec = { .add_count = 1 };
	struct mls_key_package *kp = NULL;
	struct kk_bytes state = { 0 };
	struct mls_commit_out out;
	struct group_world w;
	struct kk_view offer;

	group_world_of(&w, 2, 2);
	offer = group_member_offer(group_world_member(&w, 2));
	spec.adds = &offer;
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	CHECK_OK(mls_key_package_save(w.m[2].kp, group_state_key, &state));
	CHECK_FAIL(mls_key_package_restore(&kp, w.m[0].client, group_state_key,
	    kk_bytes_view(&state)));
	state.data[state.bytes - 1] ^= 1;
	CHECK_ERR(mls_key_package_restore(&kp, w.m[2].client, group_state_key,
		      kk_bytes_view(&state)),
	    KK_EAUTH);
	state.data[state.bytes - 1] ^= 1;
	CHECK_OK(mls_key_package_restore(&kp, w.m[2].client, group_state_key,
	    kk_bytes_view(&state)));
	mls_key_package_free(w.m[2].kp);
	w.m[2].kp = kp;
	CHECK_OK(group_member_join(&w.m[2], kk_bytes_view(&out.welcome), none));
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&out.commit)));
	group_world_agree(&w, 3);
	kk_bytes_clear(&state);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}
