/* group_start.c - groups that come from a group, and what is left of one. */
#include <string.h>

#include "group_forge.h"
#include "harness/tap.h"

static const struct kk_view none = { 0 };

/* Member 0 starts a group with member 1 that only those of "room" can join. */
static enum kk_err branch(struct group_world *w, enum mls_psk_usage usage,
    bool has_true_psk)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_RESUMPTION,
		.usage = usage,
		.group_id = kk_view_text("room"),
		.epoch = 1 };
	struct mls_commit_spec spec = { .psks = &psk,
		.psk_count = 1,
		.add_count = 1 };
	struct mls_commit_out out = { 0 };
	struct mls_staged *staged = NULL;
	struct mls_group *group = NULL;
	struct kk_view offer;
	enum kk_err err;

	for (size_t i = 0; i < 2; i++) {
		kk_bytes_clear(&w->m[i].old_psk);
		CHECK_OK(mls_group_resumption_psk(w->m[i].group, 1,
		    &w->m[i].old_psk));
	}
	if (!has_true_psk)
		w->m[1].old_psk.data[0] ^= 1;
	CHECK_OK(mls_group_new(&group, w->m[0].client, kk_view_text("side"),
	    none, GROUP_NOW_S));
	offer = group_member_offer(&w->m[1]);
	spec.adds = &offer;
	CHECK_OK(mls_group_commit(group, &spec, GROUP_NOW_S, &out, &staged));
	mls_staged_free(staged);
	mls_group_free(group);
	staged = NULL;
	err = mls_group_join(&staged, w->m[1].client, w->m[1].kp,
	    kk_bytes_view(&out.welcome), none, GROUP_NOW_S);
	mls_staged_free(staged);
	mls_commit_out_clear(&out);
	return err;
}

TEST(group_branches_off_by_a_resumption_psk_of_its_members)
{
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(branch(&w, MLS_PSK_USAGE_BRANCH, true));
	CHECK_OK(branch(&w, MLS_PSK_USAGE_REINIT, true));
	CHECK_ERR(branch(&w, MLS_PSK_USAGE_BRANCH, false), KK_EAUTH);
	group_world_agree(&w, 3);
	group_world_clear(&w);
}

TEST(group_keeps_resumption_psks_of_as_many_epochs_as_said)
{
	struct mls_commit_out out;
	struct kk_bytes psk = { 0 }, same = { 0 };
	struct group_world w;

	group_world_init(&w, 2);
	w.config.limits.resumption = 2;
	group_world_start(&w, 1);
	CHECK_OK(mls_group_resumption_psk(w.m[0].group, 0, &psk));
	for (uint64_t epoch = 1; epoch <= 3; epoch++) {
		CHECK_OK(group_member_commit(&w.m[0],
		    &(struct mls_commit_spec){ 0 }, &out));
		mls_commit_out_clear(&out);
		if (epoch < 3) {
			CHECK_OK(mls_group_resumption_psk(w.m[0].group, 0,
			    &same));
			CHECK(kk_view_equal(kk_bytes_view(&psk),
			    kk_bytes_view(&same)));
			kk_bytes_clear(&same);
		}
	}
	CHECK_ERR(mls_group_resumption_psk(w.m[0].group, 0, &same), KK_ENOENT);
	CHECK_ERR(mls_group_resumption_psk(w.m[0].group, 4, &same), KK_ENOENT);
	kk_bytes_clear(&psk);
	group_world_clear(&w);
}

TEST(removed_member_has_no_secrets_and_stays_removed_after_a_restart)
{
	struct mls_commit_spec spec = { .remove_count = 1 };
	struct kk_bytes message = { 0 }, state = { 0 };
	struct mls_group *group = NULL;
	struct mls_commit_out out;
	struct group_world w;
	uint8_t secret[32];
	uint32_t gone;

	group_world_of(&w, 2, 3);
	gone = mls_group_own_leaf(w.m[2].group);
	spec.removes = &gone;
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	CHECK_OK(group_member_take(&w.m[2], kk_bytes_view(&out.commit)));
	CHECK_OK(mls_group_save(w.m[2].group, group_state_key, &state));
	mls_group_free(w.m[2].group);
	w.m[2].group = NULL;
	CHECK_OK(mls_group_restore(&group, w.m[2].client, group_state_key,
	    kk_bytes_view(&state)));
	w.m[2].group = group;
	CHECK(!mls_group_is_active(group));
	CHECK_ERR(mls_group_export(group, "x", none, secret, 32), KK_ESTATE);
	CHECK_ERR(mls_group_authenticator(group, &message), KK_ESTATE);
	CHECK_ERR(mls_group_info_message(group, true, true, &message),
	    KK_ESTATE);
	CHECK_ERR(mls_group_protect(group, none, none, &message), KK_ESTATE);
	CHECK_ERR(mls_group_propose_remove(group, MLS_WIRE_PRIVATE, 0,
		      &message),
	    KK_ESTATE);
	CHECK_ERR(group_member_take(&w.m[2], kk_bytes_view(&out.commit)),
	    KK_ESTATE);
	kk_bytes_clear(&state);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(update_that_keeps_its_encryption_key_is_refused)
{
	const struct mls_commit_spec spec = { 0 };
	struct kk_bytes raw = { 0 }, message = { 0 };
	struct mls_proposal p = { .type = MLS_PROPOSAL_UPDATE };
	struct mls_leaf_fields f;
	struct mls_commit_out out;
	struct group_world w;
	struct kk_reader r;

	group_world_of(&w, 2, 3);
	f = *mls_group_member(w.m[1].group, mls_group_own_leaf(w.m[1].group));
	f.source = MLS_LEAF_UPDATE;
	group_forge_leaf(&w.m[1], &f, &raw);
	kk_reader_init(&r, kk_bytes_view(&raw));
	mls_leaf_read(&r, &p.update);
	CHECK_OK(kk_reader_end(&r));
	group_forge_proposal(&w.m[1], &p, &message);
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&message)),
	    KK_EEXIST);
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	mls_commit_out_clear(&out);
	kk_bytes_clear(&raw);
	kk_bytes_clear(&message);
	group_world_clear(&w);
}

TEST(members_lifetimes_do_not_keep_anybody_out)
{
	const int64_t later_s = GROUP_NOW_S + 1000 * 86400LL;
	struct kk_bytes info = { 0 }, commit = { 0 };
	struct mls_staged *staged = NULL;
	struct group_world w;

	group_world_of(&w, 2, 3); /* members 1 and 2 have made no path yet */
	CHECK_OK(mls_group_info_message(w.m[0].group, true, true, &info));
	CHECK_OK(mls_group_join_external(&staged, &commit,
	    group_world_member(&w, 3)->client, kk_bytes_view(&info), none,
	    MLS_NO_LEAF, NULL, 0, later_s));
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	mls_staged_free(staged);
	kk_bytes_clear(&info);
	kk_bytes_clear(&commit);
	group_world_clear(&w);
}

/* Who is asked, and refuses one name. */
static enum kk_err refuse_09(void *arg, const struct mls_leaf_fields *leaf,
    const struct mls_leaf_fields *old, struct crypto_checks *checks)
{
	(void)arg;
	(void)old;
	(void)checks;
	return kk_view_equal(leaf->credential.identity,
		   kk_view_text("member 09")) ?
	    KK_EPOLICY :
	    KK_OK;
}

TEST(credential_hook_keeps_somebody_out_on_every_way_in)
{
	struct mls_commit_spec spec = { .add_count = 1 };
	struct kk_bytes info = { 0 }, commit = { 0 };
	struct mls_staged *staged = NULL;
	struct mls_commit_out out;
	struct group_world w;
	struct kk_view offer;

	group_world_init(&w, 2);
	(void)group_world_member(&w, 1);
	w.config.hooks.credential = refuse_09;
	group_world_start(&w, 3);
	w.config.hooks.credential = NULL;
	offer = group_member_offer(group_world_member(&w, 9));
	spec.adds = &offer;
	CHECK_ERR(group_member_commit(&w.m[0], &spec, &out), KK_EPOLICY);
	CHECK_ERR(mls_group_propose_add(w.m[0].group, MLS_WIRE_PRIVATE, offer,
		      GROUP_NOW_S, &info),
	    KK_EPOLICY);
	CHECK_OK(group_member_commit(&w.m[1], &spec, &out));
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&out.commit)),
	    KK_EPOLICY);
	mls_commit_out_clear(&out);
	CHECK_OK(mls_group_info_message(w.m[0].group, true, true, &info));
	CHECK_OK(mls_group_join_external(&staged, &commit, w.m[9].client,
	    kk_bytes_view(&info), none, MLS_NO_LEAF, NULL, 0, GROUP_NOW_S));
	mls_staged_free(staged);
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&commit)),
	    KK_EPOLICY);
	CHECK_EQ(mls_group_epoch(w.m[0].group), 1);
	kk_bytes_clear(&info);
	kk_bytes_clear(&commit);
	group_world_clear(&w);
}

TEST(kept_proposals_are_listed_and_dropped_one_by_one)
{
	struct mls_commit_spec nothing = { 0 };
	struct kk_bytes a = { 0 }, b = { 0 };
	struct mls_commit_out out;
	struct mls_change change;
	struct group_world w;
	uint32_t third;

	group_world_of(&w, 2, 3);
	third = mls_group_own_leaf(w.m[2].group);
	CHECK_OK(mls_group_propose_remove(w.m[1].group, MLS_WIRE_PRIVATE, third,
	    &a));
	CHECK_OK(mls_group_propose_update(w.m[1].group, MLS_WIRE_PRIVATE, &b));
	group_world_spread(&w, 3, &w.m[1], kk_bytes_view(&a));
	group_world_spread(&w, 3, &w.m[1], kk_bytes_view(&b));
	CHECK_EQ(mls_group_proposal_count(w.m[0].group), 2);
	CHECK_OK(mls_group_proposal(w.m[0].group, 0, &change));
	CHECK_EQ(change.type, MLS_PROPOSAL_REMOVE);
	CHECK_EQ(change.leaf, third);
	CHECK_EQ(change.proposer.index, mls_group_own_leaf(w.m[1].group));
	CHECK(change.member == mls_group_member(w.m[0].group, third));
	CHECK_ERR(mls_group_proposal(w.m[0].group, 2, &change), KK_EINVAL);
	CHECK_ERR(mls_group_drop_proposal(w.m[0].group, 2), KK_EINVAL);
	CHECK_OK(mls_group_drop_proposal(w.m[0].group, 0));
	CHECK_EQ(mls_group_proposal_count(w.m[0].group), 1);
	CHECK_OK(mls_group_proposal(w.m[0].group, 0, &change));
	CHECK_EQ(change.type, MLS_PROPOSAL_UPDATE);
	CHECK_OK(group_member_commit(&w.m[0], &nothing, &out));
	group_world_spread(&w, 3, &w.m[0], kk_bytes_view(&out.commit));
	CHECK(mls_group_is_active(w.m[2].group));
	group_world_agree(&w, 3);
	mls_commit_out_clear(&out);
	kk_bytes_clear(&a);
	kk_bytes_clear(&b);
	group_world_clear(&w);
}

TEST(kept_add_of_somebody_who_is_in_is_left_out_of_a_commit)
{
	struct mls_commit_spec nothing = { 0 };
	struct mls_key_package *kp = NULL;
	struct kk_bytes message = { 0 };
	struct mls_commit_out out;
	struct group_world w;

	group_world_of(&w, 2, 3);
	CHECK_OK(mls_key_package_new(&kp, w.m[2].client, GROUP_NOW_S));
	CHECK_OK(mls_group_propose_add(w.m[1].group, MLS_WIRE_PRIVATE,
	    mls_key_package_message(kp), GROUP_NOW_S, &message));
	group_world_spread(&w, 3, &w.m[1], kk_bytes_view(&message));
	CHECK_OK(group_member_commit(&w.m[0], &nothing, &out));
	group_world_spread(&w, 3, &w.m[0], kk_bytes_view(&out.commit));
	CHECK_EQ(mls_group_member_count(w.m[0].group), 3);
	group_world_agree(&w, 3);
	mls_commit_out_clear(&out);
	kk_bytes_clear(&message);
	mls_key_package_free(kp);
	group_world_clear(&w);
}

TEST(member_commits_without_the_proposals_that_it_cannot_follow)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	struct mls_commit_spec spec = { .remove_count = 1 };
	struct kk_bytes message = { 0 };
	struct mls_commit_out out;
	struct group_world w;
	uint32_t culprit;

	group_world_of(&w, 2, 3);
	w.m[0].has_no_psk = true;
	CHECK_OK(mls_group_propose_psk(w.m[2].group, MLS_WIRE_PRIVATE, &psk,
	    &message));
	group_world_spread(&w, 3, &w.m[2], kk_bytes_view(&message));
	culprit = mls_group_own_leaf(w.m[2].group);
	spec.removes = &culprit;
	CHECK_EQ(mls_group_proposal_count(w.m[0].group), 1);
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	group_world_spread(&w, 3, &w.m[0], kk_bytes_view(&out.commit));
	CHECK(!mls_group_is_active(w.m[2].group));
	group_world_agree(&w, 3);
	mls_commit_out_clear(&out);
	kk_bytes_clear(&message);
	group_world_clear(&w);
}
