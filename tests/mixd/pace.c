/* pace.c - tests of when it is time to mix. */
#include "bin/mixd/pace.h"
#include "harness/tap.h"

enum { T = PACE_TICK_US };

TEST(pace_gives_each_full_20_ms_once)
{
	struct pace p;
	uint64_t at = 0;

	pace_start(&p, 7 * T + 1);
	CHECK_EQ(p.next_us, 8 * T);
	CHECK(!pace_take(&p, 8 * T - 1, &at));
	for (uint64_t i = 8; i < 100; i++) {
		CHECK(pace_take(&p, i * T + 3, &at));
		CHECK_EQ(at, i * T);
		CHECK(!pace_take(&p, i * T + T - 1, &at));
	}
	CHECK_EQ(p.skipped, 0);
}

TEST(pace_catches_up_what_is_late_and_skips_what_is_too_late)
{
	struct pace p;
	uint64_t at = 0;

	pace_start(&p, 0);
	for (uint64_t i = 1; i <= PACE_CATCH_UP_MAX; i++) {
		CHECK(pace_take(&p, PACE_CATCH_UP_MAX * T, &at));
		CHECK_EQ(at, i * T);
	}
	CHECK(!pace_take(&p, PACE_CATCH_UP_MAX * T, &at));
	CHECK_EQ(p.skipped, 0);
	for (uint64_t i = 0; i < PACE_CATCH_UP_MAX; i++) {
		CHECK(pace_take(&p, 1000 * T, &at));
		CHECK_EQ(at, (1000 - PACE_CATCH_UP_MAX + 1 + i) * T);
	}
	CHECK(!pace_take(&p, 1000 * T, &at));
	CHECK_EQ(p.skipped, 1000 - 2 * PACE_CATCH_UP_MAX);
}

TEST(pace_that_begins_on_a_tick_takes_the_next_one)
{
	struct pace p;

	pace_start(&p, 5 * T);
	CHECK_EQ(p.next_us, 6 * T);
}
