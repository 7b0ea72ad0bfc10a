/* life_commits.c - proposals, commits, races, and ways in from outside. */
#include "harness/tap.h"
#include "life_world.h"

static const struct kk_view none = { 0 };

enum { ADDS_MAX = 4, REMOVES_MAX = 2 };

/* What one member would commit, and the result of it. */
struct attempt {
	uint32_t by;
	struct kk_view adds[ADDS_MAX];
	uint32_t removes[REMOVES_MAX];
	bool joins[GROUP_WORLD_MEMBERS];
	struct mls_commit_spec spec;
	struct mls_commit_out out;
	struct mls_staged *staged;
};

static enum mls_wire some_wire(struct life *l)
{
	return life_random_once_in(&l->random, 2) ? MLS_WIRE_PUBLIC :
						    MLS_WIRE_PRIVATE;
}

static void choose_adds(struct life *l, struct attempt *a, uint32_t count)
{
	a->spec.adds = a->adds;
	for (uint32_t i = 0; i < l->people && a->spec.add_count < count; i++) {
		uint32_t who = life_somebody(l, LIFE_OUTSIDE);

		if (who == UINT32_MAX || a->joins[who] || l->is_asked_in[who])
			continue;
		a->joins[who] = true;
		a->adds[a->spec.add_count++] = group_member_offer(&l->w.m[who]);
	}
}

/* Leaves of anybody but the committer, each once. */
static void choose_removes(struct life *l, struct attempt *a, uint32_t count)
{
	const struct mls_group *group = l->w.m[a->by].group;

	a->spec.removes = a->removes;
	while (count-- > 0) {
		uint32_t leaf = life_random_below(&l->random,
		    mls_group_leaf_end(group));

		if (!mls_group_member(group, leaf) ||
		    leaf == mls_group_own_leaf(group) ||
		    (a->spec.remove_count > 0 && a->removes[0] == leaf))
			continue;
		a->removes[a->spec.remove_count++] = leaf;
	}
}

static void attempt_choose(struct life *l, struct attempt *a)
{
	static const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = { (const uint8_t *)"code", 4 } };
	static const uint8_t app_id[] = { 0, 3, 3, 0, 0, 0 };
	static const struct kk_view extensions[] = { { app_id, 6 }, { 0 } };
	uint32_t members = mls_group_member_count(l->w.m[a->by].group);

	a->spec.wire = some_wire(l);
	a->spec.omit_path = life_random_once_in(&l->random, 3);
	a->spec.leave_proposals_out = life_random_once_in(&l->random, 8);
	if (members < l->aim)
		choose_adds(l, a, 1 + life_random_below(&l->random, ADDS_MAX));
	else if (members > 2 && members > l->aim)
		choose_removes(l, a,
		    1 + life_random_below(&l->random, REMOVES_MAX));
	if (members > 2 && life_random_once_in(&l->random, 6) &&
	    a->spec.remove_count == 0)
		choose_removes(l, a, 1);
	if (life_random_once_in(&l->random, 5)) {
		a->spec.psks = &psk;
		a->spec.psk_count = 1;
	}
	if (life_random_once_in(&l->random, 10))
		a->spec.extensions =
		    &extensions[life_random_below(&l->random, 2)];
}

static void attempt_clear(struct attempt *a)
{
	mls_staged_free(a->staged);
	mls_commit_out_clear(&a->out);
}

/* Who is added, by value or because somebody proposed it. */
static void attempt_joins(const struct life *l, struct attempt *a)
{
	size_t count = 0;

	for (size_t i = 0; i < mls_staged_change_count(a->staged); i++) {
		struct mls_change change;

		CHECK_OK(mls_staged_change(a->staged, i, &change));
		if (change.type != MLS_PROPOSAL_ADD)
			continue;
		count++;
		for (uint32_t k = 0; k < l->people; k++)
			a->joins[k] |= kk_view_equal(
			    change.member->signature_key,
			    crypto_key_public(l->w.m[k].signer));
	}
	CHECK(count >= a->spec.add_count);
	CHECK_EQ(a->out.welcome.bytes > 0, count > 0);
}

static void attempt_make(struct life *l, struct attempt *a, uint32_t by)
{
	*a = (struct attempt){ .by = by };
	attempt_choose(l, a);
	CHECK_OK(mls_group_commit(l->w.m[by].group, &a->spec, GROUP_NOW_S,
	    &a->out, &a->staged));
	attempt_joins(l, a);
}

/* The committer stops and starts again before it knows of its success. */
static void attempt_restart(struct life *l, struct attempt *a)
{
	struct group_member *m = &l->w.m[a->by];
	struct kk_bytes state = { 0 };

	CHECK_OK(crypto_checks_run(mls_staged_checks(a->staged)));
	CHECK_OK(mls_staged_save(a->staged, group_state_key, &state));
	mls_staged_free(a->staged);
	a->staged = NULL;
	group_member_restart(m);
	CHECK_OK(mls_staged_restore(&a->staged, m->group, group_state_key,
	    kk_bytes_view(&state)));
	kk_bytes_clear(&state);
	l->count.restarts++;
}

static void attempt_accept(struct life *l, struct attempt *a)
{
	CHECK_OK(mls_staged_is_own(a->staged, kk_bytes_view(&a->out.commit)));
	if (life_random_once_in(&l->random, 4))
		attempt_restart(l, a);
	CHECK_OK(crypto_checks_run(mls_staged_checks(a->staged)));
	CHECK_OK(mls_group_apply(l->w.m[a->by].group, a->staged));
	a->staged = NULL;
	l->count.commits++;
	l->count.adds += (uint32_t)a->spec.add_count;
	l->count.removes += (uint32_t)a->spec.remove_count;
	life_spread(l, a->by, kk_bytes_view(&a->out.commit),
	    kk_bytes_view(&a->out.welcome), a->joins);
}

/* The one who was too late may try, and is told so. */
static void attempt_refuse(struct life *l, struct attempt *a)
{
	struct mls_group *group = l->w.m[a->by].group;

	if (l->place[a->by] == LIFE_INSIDE &&
	    life_random_once_in(&l->random, 2)) {
		CHECK_OK(crypto_checks_run(mls_staged_checks(a->staged)));
		CHECK_FAIL(mls_group_apply(group, a->staged));
	}
	l->count.races++;
}

void life_commit(struct life *l)
{
	uint32_t by = life_somebody(l, LIFE_INSIDE);
	uint32_t rival = life_somebody(l, LIFE_INSIDE);
	struct attempt first, second;

	if (life_random_once_in(&l->random, 10))
		l->aim = 2 + life_random_below(&l->random, l->people - 1);
	if (rival != by && life_random_once_in(&l->random, 4)) {
		attempt_make(l, &second, rival);
		/* Its key packages are lost with it. */
		attempt_make(l, &first, by);
		attempt_accept(l, &first);
		attempt_refuse(l, &second);
		attempt_clear(&second);
	} else {
		attempt_make(l, &first, by);
		attempt_accept(l, &first);
	}
	attempt_clear(&first);
}

/* Joins, or comes back instead of its old leaf, by external commit. */
void life_external(struct life *l, uint32_t who)
{
	static const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = { (const uint8_t *)"code", 4 } };
	uint32_t from = life_somebody(l, LIFE_INSIDE);
	struct group_member *m = &l->w.m[who];
	struct kk_bytes info = { 0 }, commit = { 0 };
	struct mls_staged *staged = NULL;
	int64_t replaces = MLS_NO_LEAF;

	if (l->place[who] == LIFE_LOST)
		replaces = mls_group_own_leaf(m->group);
	CHECK_OK(mls_group_info_message(l->w.m[from].group, true, true, &info));
	CHECK_OK(mls_group_join_external(&staged, &commit, m->client,
	    kk_bytes_view(&info), none, replaces, &psk,
	    life_random_below(&l->random, 2), GROUP_NOW_S));
	CHECK_OK(crypto_checks_run(mls_staged_checks(staged)));
	mls_group_free(m->group);
	m->group = NULL;
	CHECK_OK(mls_staged_take_group(staged, &m->group));
	life_enter(l, who);
	l->count.external++;
	life_spread(l, who, kk_bytes_view(&commit), none, NULL);
	kk_bytes_clear(&info);
	kk_bytes_clear(&commit);
}

/* Some proposal of somebody's, which all receive. */
void life_propose(struct life *l)
{
	static const struct mls_psk_want psk = { .type = MLS_PSK_EXTERNAL,
		.id = { (const uint8_t *)"code", 4 } };
	uint32_t by = life_somebody(l, LIFE_INSIDE);
	struct group_member *m = &l->w.m[by];
	struct kk_bytes message = { 0 };
	uint32_t leaf, who;

	switch (life_random_below(&l->random, 5)) {
	case 0:
		leaf = life_random_below(&l->random,
		    mls_group_leaf_end(m->group));
		if (mls_group_member_count(m->group) < 4 ||
		    !mls_group_member(m->group, leaf))
			return;
		CHECK_OK(mls_group_propose_remove(m->group, some_wire(l), leaf,
		    &message));
		break;
	case 1:
		CHECK_OK(mls_group_propose_psk(m->group, some_wire(l), &psk,
		    &message));
		break;
	case 2:
		who = life_somebody(l, LIFE_OUTSIDE);
		if (who == UINT32_MAX || l->is_asked_in[who] ||
		    mls_group_member_count(m->group) > l->aim)
			return;
		l->is_asked_in[who] = true;
		CHECK_OK(mls_group_propose_add(m->group, some_wire(l),
		    group_member_offer(&l->w.m[who]), GROUP_NOW_S, &message));
		break;
	default:
		CHECK_OK(mls_group_propose_update(m->group, some_wire(l),
		    &message));
		l->count.updates++;
	}
	for (uint32_t i = 0; i < l->people; i++) {
		if (i != by && l->place[i] == LIFE_INSIDE)
			CHECK_OK(group_member_take(&l->w.m[i],
			    kk_bytes_view(&message)));
	}
	kk_bytes_clear(&message);
}
