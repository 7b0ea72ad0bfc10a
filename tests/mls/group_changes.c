/* group_changes.c - every change that a commit can make, and what it does. */
#include <string.h>

#include "group_world.h"
#include "harness/tap.h"

static const struct kk_view none = { 0 };

TEST(group_of_one_moves_on_by_an_empty_commit)
{
	const struct mls_commit_spec spec = { 0 };
	struct group_look before, after;
	struct mls_commit_out out;
	struct group_world w;

	group_world_of(&w, 2, 1);
	before = group_member_look(&w.m[0]);
	CHECK_EQ(before.epoch, 0);
	CHECK_EQ(before.members, 1);
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	CHECK_EQ(out.welcome.bytes, 0);
	mls_commit_out_clear(&out);
	after = group_member_look(&w.m[0]);
	CHECK_EQ(after.epoch, 1);
	CHECK(memcmp(before.exported, after.exported, 32) != 0);
	group_world_clear(&w);
}

TEST(group_member_reads_what_another_sent_with_its_authenticated_data)
{
	struct kk_bytes message = { 0 };
	struct mls_event event = { 0 };
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_group_protect(w.m[2].group, kk_view_text("hello"),
	    kk_view_text("seen by all"), &message));
	CHECK_OK(mls_group_process(w.m[1].group, kk_bytes_view(&message),
	    GROUP_NOW_S, &event));
	CHECK_EQ(event.type, MLS_EVENT_APPLICATION);
	CHECK_EQ(event.sender.type, MLS_SENDER_MEMBER);
	CHECK_EQ(event.sender.index, mls_group_own_leaf(w.m[2].group));
	CHECK_EQ(event.epoch, 1);
	CHECK(kk_view_equal(kk_bytes_view(&event.data), kk_view_text("hello")));
	CHECK(kk_view_equal(kk_bytes_view(&event.authenticated_data),
	    kk_view_text("seen by all")));
	mls_event_clear(&event);
	kk_bytes_clear(&message);
	group_world_clear(&w);
}

/* One proposal by member 1, committed by member 0, with all agreeing. */
static void propose_and_commit(struct group_world *w, uint32_t count,
    struct kk_bytes *proposal)
{
	const struct mls_commit_spec spec = { 0 };
	struct mls_commit_out out;

	group_world_spread(w, count, &w->m[1], kk_bytes_view(proposal));
	CHECK_OK(group_member_commit(&w->m[0], &spec, &out));
	group_world_spread(w, count, &w->m[0], kk_bytes_view(&out.commit));
	if (out.welcome.bytes > 0)
		CHECK_OK(group_member_join(&w->m[count],
		    kk_bytes_view(&out.welcome), none));
	mls_commit_out_clear(&out);
	kk_bytes_clear(proposal);
	group_world_agree(w, count + 1);
}

static void try_proposals(enum mls_wire wire)
{
	static const uint8_t ext[] = { 0, MLS_EXT_REQUIRED_CAPABILITIES, 3, 0,
		0, 0 };
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("door code") };
	const struct mls_psk_want old = { .type = MLS_PSK_RESUMPTION,
		.usage = MLS_PSK_USAGE_APPLICATION,
		.group_id = kk_view_text("room"),
		.epoch = 1 };
	const struct mls_leaf_fields *leaf;
	struct kk_bytes message = { 0 }, key = { 0 };
	struct group_world w;

	group_world_of(&w, 2, 4);
	leaf = mls_group_member(w.m[0].group, mls_group_own_leaf(w.m[1].group));
	CHECK_OK(kk_bytes_copy(&key, leaf->encryption_key));
	CHECK_OK(mls_group_propose_update(w.m[1].group, wire, &message));
	propose_and_commit(&w, 4, &message);
	leaf = mls_group_member(w.m[0].group, mls_group_own_leaf(w.m[1].group));
	CHECK(!kk_view_equal(kk_bytes_view(&key), leaf->encryption_key));
	kk_bytes_clear(&key);
	CHECK_OK(mls_group_propose_psk(w.m[1].group, wire, &psk, &message));
	propose_and_commit(&w, 4, &message);
	CHECK_OK(mls_group_propose_psk(w.m[1].group, wire, &old, &message));
	propose_and_commit(&w, 4, &message);
	CHECK_OK(mls_group_propose_extensions(w.m[1].group, wire,
	    kk_view_of(ext, sizeof(ext)), &message));
	propose_and_commit(&w, 4, &message);
	CHECK(kk_view_equal(mls_group_extensions(w.m[3].group),
	    kk_view_of(ext, sizeof(ext))));
	CHECK_OK(mls_group_propose_remove(w.m[1].group, wire,
	    mls_group_own_leaf(w.m[3].group), &message));
	propose_and_commit(&w, 4, &message);
	CHECK(!mls_group_is_active(w.m[3].group));
	mls_group_free(w.m[3].group);
	w.m[3].group = NULL;
	CHECK_OK(mls_group_propose_add(w.m[1].group, wire,
	    group_member_offer(&w.m[3]), GROUP_NOW_S, &message));
	propose_and_commit(&w, 3, &message);
	CHECK_EQ(mls_group_member_count(w.m[0].group), 4);
	group_world_talk(&w.m[3], &w.m[1]);
	group_world_clear(&w);
}

TEST(group_takes_each_proposal_by_reference_sent_privately)
{
	try_proposals(MLS_WIRE_PRIVATE);
}

TEST(group_takes_each_proposal_by_reference_sent_publicly)
{
	try_proposals(MLS_WIRE_PUBLIC);
}

TEST(group_takes_all_proposals_by_value_in_one_commit)
{
	static const uint8_t ext[] = { 0, MLS_EXT_REQUIRED_CAPABILITIES, 3, 0,
		0, 0 };
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("door code") };
	const struct kk_view extensions = kk_view_of(ext, sizeof(ext));
	struct mls_commit_spec spec = { .wire = MLS_WIRE_PUBLIC,
		.add_count = 1,
		.remove_count = 1,
		.psks = &psk,
		.psk_count = 1,
		.extensions = &extensions,
		.authenticated_data = kk_view_text("aad") };
	struct mls_commit_out out;
	struct group_world w;
	struct kk_view offer;
	uint32_t gone;

	group_world_of(&w, 2, 5);
	offer = group_member_offer(group_world_member(&w, 5));
	gone = mls_group_own_leaf(w.m[2].group);
	spec.adds = &offer;
	spec.removes = &gone;
	CHECK_OK(group_member_commit(&w.m[4], &spec, &out));
	group_world_spread(&w, 5, &w.m[4], kk_bytes_view(&out.commit));
	CHECK_OK(group_member_join(&w.m[5], kk_bytes_view(&out.welcome), none));
	CHECK_EQ(mls_group_own_leaf(w.m[5].group), gone); /* leftmost blank */
	CHECK(!mls_group_is_active(w.m[2].group));
	group_world_agree(&w, 6);
	group_world_talk(&w.m[5], &w.m[0]);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(group_commit_without_a_path_is_smaller_and_still_changes_secrets)
{
	struct mls_commit_spec spec = { .omit_path = true, .add_count = 1 };
	struct group_look before, after;
	struct mls_commit_out out;
	struct group_world w;
	struct kk_view offer;

	group_world_of(&w, 2, 3);
	before = group_member_look(&w.m[0]);
	offer = group_member_offer(group_world_member(&w, 3));
	spec.adds = &offer;
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	group_world_spread(&w, 3, &w.m[0], kk_bytes_view(&out.commit));
	CHECK_OK(group_member_join(&w.m[3], kk_bytes_view(&out.welcome), none));
	group_world_agree(&w, 4);
	after = group_member_look(&w.m[0]);
	CHECK(memcmp(before.exported, after.exported, 32) != 0);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(group_welcome_without_its_tree_wants_the_tree_apart)
{
	struct mls_commit_spec spec = { .tree_apart = true, .add_count = 1 };
	struct mls_commit_out out;
	struct kk_bytes tree = { 0 };
	struct group_world w;
	struct kk_view offer;

	group_world_of(&w, 2, 2);
	offer = group_member_offer(group_world_member(&w, 2));
	spec.adds = &offer;
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	CHECK_OK(mls_group_tree(w.m[0].group, &tree));
	CHECK_FAIL(group_member_join(&w.m[2], kk_bytes_view(&out.welcome),
	    none));
	CHECK_OK(group_member_join(&w.m[2], kk_bytes_view(&out.welcome),
	    kk_bytes_view(&tree)));
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&out.commit)));
	group_world_agree(&w, 3);
	kk_bytes_clear(&tree);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

/* Joins by external commit through a GroupInfo of member 0. */
static void join_from_outside(struct group_world *w, uint32_t who,
    int64_t replaces, uint32_t count, bool tree_apart)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("door code") };
	struct group_member *m = group_world_member(w, who);
	struct kk_bytes info = { 0 }, commit = { 0 }, tree = { 0 };
	struct mls_staged *staged = NULL;

	CHECK_OK(mls_group_info_message(w->m[0].group, true, !tree_apart,
	    &info));
	CHECK_OK(mls_group_tree(w->m[0].group, &tree));
	if (!tree_apart)
		kk_bytes_clear(&tree);
	CHECK_OK(mls_group_join_external(&staged, &commit, m->client,
	    kk_bytes_view(&info), kk_bytes_view(&tree), replaces, &psk, 1,
	    GROUP_NOW_S));
	mls_group_free(m->group);
	m->group = NULL;
	group_world_spread(w, count, m, kk_bytes_view(&commit));
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	CHECK_OK(mls_staged_take_group(staged, &m->group));
	kk_bytes_clear(&info);
	kk_bytes_clear(&commit);
	kk_bytes_clear(&tree);
}

TEST(group_lets_somebody_in_by_external_commit_and_back_in)
{
	struct group_world w;
	uint32_t leaf;

	group_world_of(&w, 2, 4);
	join_from_outside(&w, 4, MLS_NO_LEAF, 4, false);
	group_world_agree(&w, 5);
	CHECK_EQ(mls_group_member_count(w.m[0].group), 5);
	group_world_talk(&w.m[4], &w.m[2]);
	leaf = mls_group_own_leaf(w.m[2].group);
	join_from_outside(&w, 2, leaf, 5, true);
	group_world_agree(&w, 5);
	CHECK_EQ(mls_group_member_count(w.m[0].group), 5);
	group_world_talk(&w.m[2], &w.m[3]);
	group_world_talk(&w.m[3], &w.m[2]);
	group_world_clear(&w);
}

TEST(group_info_without_the_external_key_lets_nobody_in)
{
	struct kk_bytes info = { 0 }, commit = { 0 };
	struct mls_staged *staged = NULL;
	struct group_world w;

	group_world_of(&w, 2, 2);
	CHECK_OK(mls_group_info_message(w.m[0].group, false, true, &info));
	CHECK_FAIL(mls_group_join_external(&staged, &commit,
	    group_world_member(&w, 2)->client, kk_bytes_view(&info), none,
	    MLS_NO_LEAF, NULL, 0, GROUP_NOW_S));
	CHECK_EQ(commit.bytes, 0);
	kk_bytes_clear(&info);
	group_world_clear(&w);
}

TEST(group_adds_somebody_who_asked_from_outside)
{
	const struct mls_commit_spec spec = { 0 };
	struct kk_bytes message = { 0 };
	struct mls_commit_out out;
	struct group_world w;

	group_world_of(&w, 2, 3);
	(void)group_member_offer(group_world_member(&w, 3));
	CHECK_OK(mls_propose_self(w.m[3].client, w.m[3].kp,
	    kk_view_text("room"), 1, &message));
	group_world_spread(&w, 3, NULL, kk_bytes_view(&message));
	CHECK_OK(group_member_commit(&w.m[1], &spec, &out));
	group_world_spread(&w, 3, &w.m[1], kk_bytes_view(&out.commit));
	CHECK_OK(group_member_join(&w.m[3], kk_bytes_view(&out.welcome), none));
	group_world_agree(&w, 4);
	mls_commit_out_clear(&out);
	kk_bytes_clear(&message);
	group_world_clear(&w);
}

TEST(group_tells_what_a_staged_commit_would_change)
{
	struct mls_commit_spec spec = { .add_count = 1, .remove_count = 1 };
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	struct mls_commit_out out = { 0 };
	struct mls_staged *staged = NULL;
	struct mls_event event = { 0 };
	unsigned int seen = 0;
	struct group_world w;
	struct kk_view offer;
	uint32_t gone;

	group_world_of(&w, 2, 4);
	offer = group_member_offer(group_world_member(&w, 4));
	gone = mls_group_own_leaf(w.m[3].group);
	spec.adds = &offer;
	spec.removes = &gone;
	spec.psks = &psk;
	spec.psk_count = 1;
	CHECK_OK(mls_group_commit(w.m[1].group, &spec, GROUP_NOW_S, &out,
	    &staged));
	mls_staged_free(staged);
	CHECK_OK(mls_group_process(w.m[0].group, kk_bytes_view(&out.commit),
	    GROUP_NOW_S, &event));
	CHECK_EQ(event.type, MLS_EVENT_COMMIT);
	staged = event.staged;
	CHECK_EQ(mls_staged_change_count(staged), 3);
	for (size_t i = 0; i < 3; i++) {
		struct mls_change c;

		CHECK_OK(mls_staged_change(staged, i, &c));
		seen |= 1u << c.type;
		CHECK_EQ(c.proposer.index, mls_group_own_leaf(w.m[1].group));
		if (c.type == MLS_PROPOSAL_REMOVE)
			CHECK_EQ(c.leaf, gone);
		if (c.type == MLS_PROPOSAL_ADD)
			CHECK(kk_view_equal(c.member->signature_key,
			    crypto_key_public(w.m[4].signer)));
		if (c.type == MLS_PROPOSAL_PSK)
			CHECK(kk_view_equal(c.psk->id, kk_view_text("code")));
	}
	CHECK_EQ(seen,
	    1u << MLS_PROPOSAL_ADD | 1u << MLS_PROPOSAL_REMOVE |
		1u << MLS_PROPOSAL_PSK);
	CHECK_FAIL(mls_staged_change(staged, 3, &(struct mls_change){ 0 }));
	CHECK(mls_staged_has_path(staged));
	CHECK(!mls_staged_removes_us(staged));
	CHECK_EQ(mls_staged_epoch(staged), 2);
	CHECK_EQ(mls_staged_committer(staged).index,
	    mls_group_own_leaf(w.m[1].group));
	CHECK_EQ(mls_group_epoch(w.m[0].group), 1); /* nothing has happened */
	mls_event_clear(&event);
	mls_commit_out_clear(&out);
	group_world_agree(&w, 4);
	group_world_clear(&w);
}

TEST(group_is_closed_by_a_reinit_and_says_what_comes_next)
{
	const struct mls_reinit reinit = { .group_id = kk_view_text("next"),
		.version = MLS_VERSION_10,
		.suite = 7 };
	const struct mls_commit_spec spec = { .reinit = &reinit }, more = { 0 };
	struct kk_bytes message = { 0 };
	struct mls_commit_out out;
	struct mls_reinit got;
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_ERR(mls_group_reinit_get(w.m[0].group, &got), KK_ENOENT);
	CHECK_OK(group_member_commit(&w.m[2], &spec, &out));
	group_world_spread(&w, 3, &w.m[2], kk_bytes_view(&out.commit));
	mls_commit_out_clear(&out);
	for (uint32_t i = 0; i < 3; i++) {
		CHECK_OK(mls_group_reinit_get(w.m[i].group, &got));
		CHECK_EQ(got.suite, 7);
		CHECK(kk_view_equal(got.group_id, kk_view_text("next")));
		CHECK_ERR(group_member_commit(&w.m[i], &more, &out), KK_ESTATE);
		mls_commit_out_clear(&out);
	}
	CHECK_ERR(mls_group_propose_update(w.m[0].group, MLS_WIRE_PRIVATE,
		      &message),
	    KK_ESTATE);
	group_world_clear(&w);
}
