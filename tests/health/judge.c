/* judge.c - each row of the tables about services and the picture. */
#include <string.h>

#include "harness/tap.h"
#include "health/health.h"

TEST(words_of_systemd_are_states)
{
	static const struct {
		const char *load, *active;
		enum health_state want;
	} rows[] = {
		{ "loaded", "active", HEALTH_ACTIVE },
		{ "loaded", "reloading", HEALTH_ACTIVE },
		{ "loaded", "refreshing", HEALTH_ACTIVE },
		{ "loaded", "inactive", HEALTH_INACTIVE },
		{ "loaded", "failed", HEALTH_BROKEN },
		{ "loaded", "activating", HEALTH_STARTING },
		{ "loaded", "deactivating", HEALTH_STARTING },
		{ "loaded", "maintenance", HEALTH_STARTING },
		{ "loaded", "", HEALTH_STARTING },
		{ "not-found", "active", HEALTH_MISSING },
		{ "bad-setting", "inactive", HEALTH_MISSING },
		{ "masked", "inactive", HEALTH_MISSING },
		{ "", "active", HEALTH_MISSING },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++)
		CHECK_EQ(health_state_of(rows[i].load, rows[i].active),
		    rows[i].want);
}

TEST(service_has_passed_when_it_runs_for_a_while)
{
	static const struct {
		enum health_state state;
		bool is_unmet;
		enum health_result young, old;
	} rows[] = {
		{ HEALTH_ACTIVE, false, HEALTH_WAITS, HEALTH_PASSED },
		/* An old condition of one that runs says nothing. */
		{ HEALTH_ACTIVE, true, HEALTH_WAITS, HEALTH_PASSED },
		{ HEALTH_INACTIVE, false, HEALTH_WAITS, HEALTH_WAITS },
		{ HEALTH_INACTIVE, true, HEALTH_OFF, HEALTH_OFF },
		{ HEALTH_STARTING, false, HEALTH_WAITS, HEALTH_WAITS },
		{ HEALTH_STARTING, true, HEALTH_WAITS, HEALTH_WAITS },
		{ HEALTH_BROKEN, false, HEALTH_WAITS, HEALTH_WAITS },
		{ HEALTH_BROKEN, true, HEALTH_WAITS, HEALTH_WAITS },
		{ HEALTH_MISSING, false, HEALTH_FAILED, HEALTH_FAILED },
		{ HEALTH_MISSING, true, HEALTH_FAILED, HEALTH_FAILED },
	};
	const uint64_t now = 10 * HEALTH_STEADY_MS;

	CHECK_EQ(KK_ARRAY_LEN(rows), 2 * HEALTH_STATES);
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		CHECK_EQ(health_unit_judge(rows[i].state, rows[i].is_unmet,
			     now - HEALTH_STEADY_MS + 1, now),
		    rows[i].young);
		CHECK_EQ(health_unit_judge(rows[i].state, rows[i].is_unmet,
			     now - HEALTH_STEADY_MS, now),
		    rows[i].old);
	}
}

/* systemd was asked after we have looked at the clock. */
TEST(a_template_s_unit_that_has_ended_well_has_nothing_to_do)
{
	const uint64_t now = 10 * HEALTH_STEADY_MS;

	CHECK_EQ(health_instance_judge(HEALTH_ACTIVE, 0, now), HEALTH_PASSED);
	CHECK_EQ(health_instance_judge(HEALTH_ACTIVE, now, now), HEALTH_WAITS);
	CHECK_EQ(health_instance_judge(HEALTH_INACTIVE, 0, now), HEALTH_OFF);
	CHECK_EQ(health_instance_judge(HEALTH_STARTING, 0, now), HEALTH_WAITS);
	CHECK_EQ(health_instance_judge(HEALTH_BROKEN, 0, now), HEALTH_WAITS);
	CHECK_EQ(health_instance_judge(HEALTH_MISSING, 0, now), HEALTH_FAILED);
}

TEST(service_that_was_started_just_now_waits)
{
	CHECK_EQ(health_unit_judge(HEALTH_ACTIVE, false, 101, 100),
	    HEALTH_WAITS);
}

TEST(call_has_passed_when_its_unit_has_ended_well)
{
	static const enum health_result want[HEALTH_STATES][2] = {
		[HEALTH_ACTIVE] = { HEALTH_PASSED, HEALTH_PASSED },
		[HEALTH_INACTIVE] = { HEALTH_WAITS, HEALTH_OFF },
		[HEALTH_STARTING] = { HEALTH_WAITS, HEALTH_WAITS },
		[HEALTH_BROKEN] = { HEALTH_FAILED, HEALTH_FAILED },
		[HEALTH_MISSING] = { HEALTH_FAILED, HEALTH_FAILED },
	};

	for (int i = 0; i < HEALTH_STATES; i++) {
		CHECK_EQ(health_call_judge((enum health_state)i, false),
		    want[i][0]);
		CHECK_EQ(health_call_judge((enum health_state)i, true),
		    want[i][1]);
	}
}

TEST(counts_are_read_wherever_they_stand)
{
	struct health_picture p = { 0 };

	CHECK_OK(health_picture_parse(&p, "pictures=12 shown=7"));
	CHECK(p.drawn == 12 && p.shown == 7);
	CHECK_OK(health_picture_parse(&p, "ready, shown=0 pictures=3 x"));
	CHECK(p.drawn == 3 && p.shown == 0);
}

TEST(what_is_no_count_changes_nothing)
{
	static const char *const texts[] = { "", "pictures=1", "shown=1",
		"pictures= shown=1", "pictures=-1 shown=1",
		"pictures=1 shown=1x", "pictures=1,shown=1" };

	for (size_t i = 0; i < KK_ARRAY_LEN(texts); i++) {
		struct health_picture p = { 5, 6 };

		CHECK_ERR(health_picture_parse(&p, texts[i]), KK_EFORMAT);
		CHECK(p.drawn == 5 && p.shown == 6);
	}
}

TEST(picture_passes_when_it_is_drawn_and_shown_where_a_screen_is_connected)
{
	static const struct {
		bool draws, shows, has_screen;
		enum health_result want;
	} rows[] = {
		{ false, false, false, HEALTH_WAITS },
		{ false, false, true, HEALTH_WAITS },
		{ false, true, false, HEALTH_WAITS },
		{ false, true, true, HEALTH_WAITS },
		{ true, false, false, HEALTH_PASSED },
		{ true, false, true, HEALTH_WAITS },
		{ true, true, false, HEALTH_PASSED },
		{ true, true, true, HEALTH_PASSED },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		struct health_picture first = { 100, 50 }, now = first;
		const char *why = NULL;

		now.drawn += rows[i].draws ? HEALTH_PICTURES :
					     HEALTH_PICTURES - 1;
		now.shown += rows[i].shows ? HEALTH_PICTURES :
					     HEALTH_PICTURES - 1;
		CHECK_EQ(health_picture_judge(&first, &now, rows[i].has_screen,
			     &why),
		    rows[i].want);
		CHECK(rows[i].want == HEALTH_PASSED || why != NULL);
	}
}

TEST(picture_is_counted_from_anew_when_mediad_was_started_again)
{
	struct health_picture first = { 100, 50 }, now = { 3, 3 };
	const char *why = NULL;

	CHECK_EQ(health_picture_judge(&first, &now, true, &why), HEALTH_WAITS);
	now.drawn += HEALTH_PICTURES;
	now.shown += HEALTH_PICTURES;
	CHECK_EQ(health_picture_judge(&first, &now, true, &why), HEALTH_PASSED);
}
