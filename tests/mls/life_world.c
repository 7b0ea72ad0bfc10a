/* life_world.c - a random life of a group: people, steps and invariants. */
#include "life_world.h"

#include <string.h>

#include "harness/tap.h"

static const struct kk_view none = { 0 };

uint32_t life_count_at(const struct life *l, enum life_place place)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < l->people; i++)
		count += l->place[i] == place;
	return count;
}

uint32_t life_somebody(struct life *l, enum life_place place)
{
	uint32_t count = life_count_at(l, place);
	uint32_t nth = count ? life_random_below(&l->random, count) : 0;

	for (uint32_t i = 0; i < l->people; i++) {
		if (l->place[i] == place && nth-- == 0)
			return i;
	}
	return UINT32_MAX;
}

void life_init(struct life *l, uint16_t suite, uint64_t seed, uint32_t people)
{
	*l = (struct life){ .people = people, .aim = 2 };
	l->random = life_random_new(seed);
	group_world_init(&l->w, suite);
	for (uint32_t i = 0; i < people; i++)
		(void)group_world_member(&l->w, i);
	group_world_start(&l->w, 2);
	life_enter(l, 0);
	life_enter(l, 1);
}

void life_clear(struct life *l)
{
	life_letters_clear(l);
	for (uint32_t i = 0; i < GROUP_WORLD_MEMBERS; i++)
		mls_group_free(l->ghost[i]);
	group_world_clear(&l->w);
}

void life_report(struct life *l)
{
	const struct life_count *c = &l->count;
	const uint32_t who = life_somebody(l, LIFE_INSIDE);

	tap_diag("epoch %u, %u commits, %u races, %u adds, %u removes, "
		 "%u external, %u updates",
	    (unsigned)mls_group_epoch(l->w.m[who].group), c->commits, c->races,
	    c->adds, c->removes, c->external, c->updates);
	tap_diag("%u letters, %u late ones, %u closed to joiners, "
		 "%u lost commits, %u restarts, %u new groups",
	    c->letters, c->late, c->closed, c->lost, c->restarts, c->rebirths);
}

static void ghosts_refuse(struct life *l, struct kk_view message)
{
	struct mls_event event = { 0 };

	for (uint32_t i = 0; i < l->people; i++) {
		if (l->ghost[i])
			CHECK_FAIL(mls_group_process(l->ghost[i], message,
			    GROUP_NOW_S, &event));
	}
}

/* A removed member opens nothing that comes later. */
static void ghosts_check(struct life *l, uint32_t by)
{
	struct kk_bytes message = { 0 };

	CHECK_OK(mls_group_protect(l->w.m[by].group, kk_view_text("secret"),
	    none, &message));
	ghosts_refuse(l, kk_bytes_view(&message));
	kk_bytes_clear(&message);
}

void life_check(struct life *l)
{
	struct group_look first = { 0 };
	uint32_t seen = 0, last = 0;

	for (uint32_t i = 0; i < l->people; i++) {
		struct group_look look;

		if (l->place[i] != LIFE_INSIDE)
			continue;
		CHECK(mls_group_is_active(l->w.m[i].group));
		look = group_member_look(&l->w.m[i]);
		if (seen++ == 0)
			first = look;
		CHECK(group_look_equal(&first, &look));
		last = i;
	}
	CHECK(seen > 0);
	CHECK_EQ(first.members, seen + life_count_at(l, LIFE_LOST));
	ghosts_check(l, last);
}

static void become_ghost(struct life *l, uint32_t who)
{
	mls_group_free(l->ghost[who]);
	l->ghost[who] = l->w.m[who].group;
	l->w.m[who].group = NULL;
	l->place[who] = LIFE_OUTSIDE;
}

/* Those whose leaf is gone are outside, also when they missed it. */
static void lost_check(struct life *l, uint32_t by)
{
	const struct mls_group *group = l->w.m[by].group;

	for (uint32_t i = 0; i < l->people; i++) {
		bool is_in = false;

		if (l->place[i] != LIFE_LOST)
			continue;
		for (uint32_t n = 0; n < mls_group_leaf_end(group); n++) {
			const struct mls_leaf_fields *f = mls_group_member(
			    group, n);

			is_in |= f &&
			    kk_view_equal(f->signature_key,
				crypto_key_public(l->w.m[i].signer));
		}
		if (!is_in)
			become_ghost(l, i);
	}
}

void life_enter(struct life *l, uint32_t who)
{
	l->place[who] = LIFE_INSIDE;
	l->lives[who]++;
	l->joined[who] = mls_group_epoch(l->w.m[who].group);
	mls_group_free(l->ghost[who]);
	l->ghost[who] = NULL;
}

static void join(struct life *l, uint32_t who, struct kk_view welcome)
{
	CHECK_OK(group_member_join(&l->w.m[who], welcome, none));
	life_enter(l, who);
}

void life_spread(struct life *l, uint32_t by, struct kk_view commit,
    struct kk_view welcome, const bool *joins)
{
	uint32_t lost = UINT32_MAX;

	if (life_random_once_in(&l->random, 12) &&
	    life_count_at(l, LIFE_INSIDE) > 2)
		lost = life_somebody(l, LIFE_INSIDE);
	for (uint32_t i = 0; i < l->people; i++) {
		if (i == by || l->place[i] != LIFE_INSIDE)
			continue;
		if (i == lost) {
			l->place[i] = LIFE_LOST;
			l->count.lost++;
			continue;
		}
		CHECK_OK(group_member_take(&l->w.m[i], commit));
		if (!mls_group_is_active(l->w.m[i].group))
			become_ghost(l, i);
	}
	ghosts_refuse(l, commit);
	for (uint32_t i = 0; joins && i < l->people; i++) {
		if (joins[i])
			join(l, i, welcome);
	}
	memset(l->is_asked_in, 0, sizeof(l->is_asked_in));
	lost_check(l, by);
	life_check(l);
}

void life_restart(struct life *l)
{
	uint32_t who = life_somebody(l, LIFE_INSIDE);

	group_member_restart(&l->w.m[who]);
	l->count.restarts++;
}

void life_step(struct life *l)
{
	uint32_t choice = life_random_below(&l->random, 100);
	uint32_t lost = life_somebody(l, LIFE_LOST);

	if (lost != UINT32_MAX && choice < 20)
		life_external(l, lost);
	else if (choice < 25)
		life_commit(l);
	else if (choice < 40)
		life_propose(l);
	else if (choice < 65)
		life_letter_write(l);
	else if (choice < 90)
		life_letter_read(l);
	else if (choice < 96)
		life_restart(l);
	else if ((choice < 99 || !life_random_once_in(&l->random, 3)) &&
	    life_count_at(l, LIFE_OUTSIDE) > 0)
		life_external(l, life_somebody(l, LIFE_OUTSIDE));
	else
		life_rebirth(l);
}
