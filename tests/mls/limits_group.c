/* limits_group.c - past each declared limit: KK_ELIMIT, and life goes on. */
#include "group_world.h"
#include "harness/tap.h"

static const struct kk_view none = { 0 };

TEST(members_are_limited_for_who_adds_and_who_is_told)
{
	struct mls_commit_spec spec = { .add_count = 1 };
	struct mls_commit_out out;
	struct kk_bytes message = { 0 };
	struct group_world w;
	struct kk_view offer;

	group_world_init(&w, 2);
	w.config.limits.members = 3;
	group_world_start(&w, 3);
	offer = group_member_offer(group_world_member(&w, 3));
	spec.adds = &offer;
	CHECK_ERR(group_member_commit(&w.m[0], &spec, &out), KK_ELIMIT);
	CHECK_OK(mls_group_propose_add(w.m[1].group, MLS_WIRE_PRIVATE, offer,
	    GROUP_NOW_S, &message));
	CHECK_OK(group_member_take(&w.m[0], kk_bytes_view(&message)));
	CHECK_ERR(group_member_commit(&w.m[0], &(struct mls_commit_spec){ 0 },
		      &out),
	    KK_ELIMIT);
	mls_group_drop_proposals(w.m[0].group);
	CHECK_OK(group_member_commit(&w.m[0], &(struct mls_commit_spec){ 0 },
	    &out));
	group_world_spread(&w, 3, &w.m[0], kk_bytes_view(&out.commit));
	group_world_agree(&w, 3);
	mls_commit_out_clear(&out);
	kk_bytes_clear(&message);
	group_world_clear(&w);
}

TEST(members_beyond_our_limit_are_not_followed)
{
	struct mls_commit_spec spec = { .add_count = 1 };
	struct mls_commit_out out;
	struct group_look before, after;
	struct group_world w;
	struct kk_view offer;

	group_world_init(&w, 2);
	w.config.limits.members = 3;
	(void)group_world_member(&w, 1);
	(void)group_world_member(&w, 3);
	w.config.limits.members = 0;
	group_world_start(&w, 3);
	offer = group_member_offer(&w.m[3]);
	spec.adds = &offer;
	CHECK_OK(group_member_commit(&w.m[0], &spec, &out));
	before = group_member_look(&w.m[1]);
	CHECK_ERR(group_member_take(&w.m[1], kk_bytes_view(&out.commit)),
	    KK_ELIMIT);
	after = group_member_look(&w.m[1]);
	CHECK(group_look_equal(&before, &after));
	CHECK_ERR(group_member_join(&w.m[3], kk_bytes_view(&out.welcome), none),
	    KK_ELIMIT);
	CHECK_OK(group_member_take(&w.m[2], kk_bytes_view(&out.commit)));
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(message_bytes_are_limited)
{
	static const uint8_t data[1000];
	struct kk_bytes small = { 0 }, large = { 0 };
	struct group_world w;

	group_world_init(&w, 2);
	(void)group_world_member(&w, 0);
	w.config.limits.message_bytes = 4000;
	(void)group_world_member(&w, 1);
	group_world_start(&w, 2);
	CHECK_OK(mls_group_protect(w.m[0].group, kk_view_of(data, 1000), none,
	    &small));
	CHECK_OK(mls_group_protect(w.m[0].group, kk_view_of(data, 1000),
	    kk_view_of(data, 1000), &large));
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&large)));
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&small)));
	kk_bytes_clear(&small);
	kk_bytes_clear(&large);
	for (int i = 0; i < 2; i++) {
		static const uint8_t more[4000];

		CHECK_OK(mls_group_protect(w.m[0].group,
		    kk_view_of(more, i ? 100 : sizeof(more)), none, &large));
		CHECK_ERR(group_member_take(&w.m[1], kk_bytes_view(&large)),
		    i ? KK_OK : KK_ELIMIT);
		kk_bytes_clear(&large);
	}
	group_world_clear(&w);
}

TEST(generations_ahead_are_limited)
{
	struct kk_bytes message = { 0 };
	struct group_world w;

	group_world_init(&w, 2);
	w.config.limits.forward = 10;
	group_world_start(&w, 2);
	for (int i = 0; i < 30; i++) {
		kk_bytes_clear(&message);
		CHECK_OK(mls_group_protect(w.m[0].group, kk_view_text("x"),
		    none, &message));
		if (i == 10) /* ten were lost */
			CHECK_OK(group_member_open(&w.m[1],
			    kk_bytes_view(&message), "x"));
	}
	CHECK_ERR(group_member_take(&w.m[1], kk_bytes_view(&message)),
	    KK_ELIMIT);
	kk_bytes_clear(&message);
	group_world_talk(&w.m[1], &w.m[0]);
	group_world_clear(&w);
}

TEST(proposals_kept_for_an_epoch_are_limited)
{
	const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = kk_view_text("code") };
	struct kk_bytes message = { 0 };
	struct mls_commit_out out;
	struct group_world w;

	group_world_init(&w, 2);
	(void)group_world_member(&w, 1);
	w.config.limits.proposals = 3;
	group_world_start(&w, 2);
	for (int i = 0; i < 4; i++) {
		CHECK_OK(mls_group_propose_psk(w.m[1].group, MLS_WIRE_PRIVATE,
		    &psk, &message));
		CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&message)),
		    i < 3 ? KK_OK : KK_ELIMIT);
		kk_bytes_clear(&message);
	}
	CHECK_ERR(mls_group_propose_psk(w.m[0].group, MLS_WIRE_PRIVATE, &psk,
		      &message),
	    KK_ELIMIT);
	CHECK_OK(group_member_commit(&w.m[0], &(struct mls_commit_spec){ 0 },
	    &out));
	CHECK_OK(group_member_take(&w.m[1], kk_bytes_view(&out.commit)));
	group_world_agree(&w, 2);
	mls_commit_out_clear(&out);
	group_world_clear(&w);
}

TEST(proposals_in_a_commit_are_limited)
{
	struct mls_psk_want psks[4];
	struct mls_commit_spec spec = { .psks = psks, .psk_count = 4 };
	struct mls_commit_out out;
	struct group_world w;

	for (size_t i = 0; i < 4; i++)
		psks[i] = (struct mls_psk_want){ .type = MLS_PSK_EXTERNAL,
			.id = kk_view_text("code") };
	group_world_init(&w, 2);
	(void)group_world_member(&w, 1);
	w.config.limits.proposals = 3;
	group_world_start(&w, 2);
	CHECK_ERR(group_member_commit(&w.m[0], &spec, &out), KK_ELIMIT);
	CHECK_OK(group_member_commit(&w.m[1], &spec, &out));
	CHECK_ERR(group_member_take(&w.m[0], kk_bytes_view(&out.commit)),
	    KK_ELIMIT);
	mls_commit_out_clear(&out);
	CHECK_EQ(mls_group_epoch(w.m[0].group), 1);
	group_world_clear(&w);
}
