/* replay.c - tests of the replay window, beside a model that keeps a list. */
#include "sframe/replay.h"

#include <string.h>

#include "support.h"

enum { WALK_STEPS = 20000, WALK_SPAN = 3000 };

/* Window by definition: every counter that was seen, in a long array. */
struct model {
	uint64_t base; /* the counter of seen[0] */
	uint64_t top;
	bool has_top;
	bool seen[WALK_STEPS + 2 * WALK_SPAN];
};

static bool model_is_fresh(const struct model *m, uint64_t ctr)
{
	if (m->has_top && ctr < m->top && m->top - ctr >= SFRAME_REPLAY_FRAMES)
		return false;
	return !m->seen[ctr - m->base];
}

static void walk(uint64_t base)
{
	static struct model m;
	struct sframe_replay r = { 0 };
	size_t fresh_count = 0;

	m = (struct model){ .base = base };
	for (unsigned i = 0; i < WALK_STEPS; i++) {
		uint32_t random;
		uint64_t ctr;
		bool is_fresh;

		fill(&random, sizeof(random), i);
		ctr = base + i / 4 + random % WALK_SPAN;
		is_fresh = sframe_replay_is_fresh(&r, ctr);
		CHECK_EQ(is_fresh, model_is_fresh(&m, ctr));
		if (!is_fresh)
			continue;
		fresh_count++;
		sframe_replay_mark(&r, ctr);
		m.seen[ctr - base] = true;
		if (!m.has_top || ctr > m.top)
			m.top = ctr;
		m.has_top = true;
	}
	CHECK(fresh_count > 1000 && fresh_count < WALK_STEPS - 1000);
}

TEST(replay_window_agrees_with_a_list_over_a_random_walk)
{
	walk(0);
	walk(UINT64_C(0xfffffff0));
	walk(UINT64_MAX - WALK_STEPS / 4 - WALK_SPAN);
}

TEST(replay_window_takes_1023_behind_and_refuses_1024_behind)
{
	for (uint64_t top = 1024; top < 1024 + 200; top++) {
		struct sframe_replay r = { 0 };

		sframe_replay_mark(&r, top);
		CHECK(sframe_replay_is_fresh(&r, top - 1023));
		CHECK(!sframe_replay_is_fresh(&r, top - 1024));
		CHECK(!sframe_replay_is_fresh(&r, 0));
	}
}

TEST(replay_window_forgets_nothing_by_a_jump_of_any_width)
{
	for (uint64_t jump = 1; jump < 2500; jump++) {
		struct sframe_replay r = { 0 };

		for (uint64_t ctr = 0; ctr < 100; ctr++)
			sframe_replay_mark(&r, ctr);
		sframe_replay_mark(&r, 99 + jump);
		for (uint64_t ctr = 0; ctr < 100; ctr++)
			CHECK(!sframe_replay_is_fresh(&r, ctr));
		CHECK(!sframe_replay_is_fresh(&r, 99 + jump));
		if (jump > 1)
			CHECK(sframe_replay_is_fresh(&r, 99 + jump - 1));
		CHECK(sframe_replay_is_fresh(&r, 99 + jump + 1));
	}
}

TEST(replay_window_holds_the_highest_counter_there_is)
{
	struct sframe_replay r = { 0 };

	sframe_replay_mark(&r, 5);
	sframe_replay_mark(&r, UINT64_MAX);
	CHECK(!sframe_replay_is_fresh(&r, UINT64_MAX));
	CHECK(!sframe_replay_is_fresh(&r, 5));
	CHECK(sframe_replay_is_fresh(&r, UINT64_MAX - 1023));
}
