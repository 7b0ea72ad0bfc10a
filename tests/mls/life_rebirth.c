/* life_rebirth.c - a group closed by ReInit, and its successor. */
#include "harness/tap.h"
#include "life_world.h"

static const struct kk_view none = { 0 };

/* The old group is closed for all who are in it. */
static void close_group(struct life *l, uint32_t by)
{
	const struct mls_reinit reinit = { .group_id = kk_view_text("room"),
		.version = MLS_VERSION_10,
		.suite = mls_group_suite(l->w.m[by].group)->id };
	const struct mls_commit_spec spec = { .reinit = &reinit };
	struct mls_commit_out out;
	struct mls_reinit got;

	CHECK_OK(group_member_commit(&l->w.m[by], &spec, &out));
	for (uint32_t i = 0; i < l->people; i++) {
		if (i != by && l->place[i] == LIFE_INSIDE)
			CHECK_OK(group_member_take(&l->w.m[i],
			    kk_bytes_view(&out.commit)));
		if (l->place[i] != LIFE_INSIDE)
			continue;
		CHECK_OK(mls_group_reinit_get(l->w.m[i].group, &got));
		CHECK_EQ(got.suite, reinit.suite);
	}
	mls_commit_out_clear(&out);
}

/* Everybody leaves the old group behind, but for its resumption PSK; who lost
 * the way does not come along. */
static void leave_group(struct life *l)
{
	life_letters_clear(l);
	for (uint32_t i = 0; i < l->people; i++) {
		struct group_member *m = &l->w.m[i];

		kk_bytes_clear(&m->old_psk);
		if (l->place[i] == LIFE_INSIDE)
			CHECK_OK(mls_group_resumption_psk(m->group,
			    mls_group_epoch(m->group), &m->old_psk));
		else
			l->place[i] = LIFE_OUTSIDE;
		mls_group_free(m->group);
		mls_group_free(l->ghost[i]);
		m->group = l->ghost[i] = NULL;
	}
}

void life_rebirth(struct life *l)
{
	struct kk_view offers[GROUP_WORLD_MEMBERS];
	uint32_t by = life_somebody(l, LIFE_INSIDE);
	struct group_member *m = &l->w.m[by];
	struct mls_psk_want psk = { .type = MLS_PSK_RESUMPTION,
		.usage = MLS_PSK_USAGE_REINIT,
		.group_id = kk_view_text("room"),
		.epoch = mls_group_epoch(m->group) + 1 };
	struct mls_commit_spec spec = { .adds = offers,
		.psks = &psk,
		.psk_count = 1 };
	bool joins[GROUP_WORLD_MEMBERS] = { false };
	struct mls_commit_out out;

	close_group(l, by);
	leave_group(l);
	CHECK_OK(mls_group_new(&m->group, m->client, kk_view_text("room"), none,
	    GROUP_NOW_S));
	for (uint32_t i = 0; i < l->people; i++) {
		if (i == by || l->place[i] == LIFE_OUTSIDE)
			continue;
		joins[i] = true;
		l->place[i] = LIFE_OUTSIDE;
		offers[spec.add_count++] = group_member_offer(&l->w.m[i]);
	}
	CHECK_OK(group_member_commit(m, &spec, &out));
	life_enter(l, by);
	l->count.rebirths++;
	life_spread(l, by, kk_bytes_view(&out.commit),
	    kk_bytes_view(&out.welcome), joins);
	mls_commit_out_clear(&out);
}
