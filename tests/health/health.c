/* health.c - when a box counts as one that works. */
#include "health/health.h"

#include <stdio.h>
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"

enum { LIMIT_MS = 60000, BEGIN_MS = 1000 };

static struct health *health_make(void)
{
	uint64_t limits[HEALTH_CHECKS];
	struct health *h = NULL;

	for (size_t i = 0; i < HEALTH_CHECKS; i++)
		limits[i] = LIMIT_MS + i;
	CHECK_OK(health_new(&h, limits, BEGIN_MS));
	return h;
}

static void all_but(struct health *h, enum health_check left)
{
	for (unsigned i = 0; i < HEALTH_CHECKS; i++) {
		if (i != left)
			health_tell(h, (enum health_check)i, HEALTH_PASSED,
			    NULL, BEGIN_MS + 5);
	}
}

TEST(box_is_well_when_each_check_has_passed_and_not_before)
{
	for (unsigned left = 0; left < HEALTH_CHECKS; left++) {
		struct health *h = health_make();

		all_but(h, (enum health_check)left);
		CHECK(!health_is_done(h) && !health_is_well(h));
		health_tell(h, (enum health_check)left, HEALTH_WAITS, "not yet",
		    BEGIN_MS + 6);
		CHECK(!health_is_done(h) && !health_is_well(h));
		health_tell(h, (enum health_check)left, HEALTH_PASSED, NULL,
		    BEGIN_MS + 7);
		CHECK(health_is_done(h) && health_is_well(h));
		CHECK_EQ(health_told(h, (enum health_check)left).took_ms, 7);
		CHECK_STR(health_told(h, (enum health_check)left).why, "");
		health_free(h);
	}
}

TEST(each_check_fails_at_its_own_limit_with_what_it_waited_for)
{
	for (unsigned late = 0; late < HEALTH_CHECKS; late++) {
		const enum health_check check = (enum health_check)late;
		struct health *h = health_make();

		all_but(h, check);
		health_tell(h, check, HEALTH_WAITS, "this", BEGIN_MS + 1);
		health_tick(h, BEGIN_MS + LIMIT_MS + late - 1);
		CHECK(!health_is_done(h));
		health_tick(h, BEGIN_MS + LIMIT_MS + late);
		CHECK(health_is_done(h) && !health_is_well(h));
		CHECK_EQ(health_told(h, check).result, HEALTH_FAILED);
		CHECK_STR(health_told(h, check).why, "this");
		CHECK_EQ(health_told(h, check).took_ms, LIMIT_MS + late);
		health_free(h);
	}
}

TEST(result_is_the_first_one)
{
	struct health *h = health_make();

	health_tell(h, HEALTH_KEYS, HEALTH_FAILED, "gone", BEGIN_MS + 1);
	health_tell(h, HEALTH_KEYS, HEALTH_PASSED, NULL, BEGIN_MS + 2);
	CHECK_EQ(health_told(h, HEALTH_KEYS).result, HEALTH_FAILED);
	CHECK_STR(health_told(h, HEALTH_KEYS).why, "gone");
	all_but(h, HEALTH_KEYS);
	CHECK(health_is_done(h) && !health_is_well(h));
	health_tick(h, UINT64_MAX);
	CHECK_EQ(health_told(h, HEALTH_ROOM).result, HEALTH_PASSED);
	health_free(h);
}

TEST(other_parts_may_be_off_but_no_box_lacks_services_and_a_picture)
{
	static const bool may[HEALTH_CHECKS] = { false, true, true, true, true,
		false, true };

	for (unsigned off = 0; off < HEALTH_CHECKS; off++) {
		struct health *h = health_make();

		all_but(h, (enum health_check)off);
		health_tell(h, (enum health_check)off, HEALTH_OFF, NULL,
		    BEGIN_MS);
		CHECK_EQ(health_is_well(h), may[off]);
		CHECK(health_is_done(h));
		health_free(h);
	}
}

TEST(reason_that_is_long_is_cut)
{
	struct health *h = health_make();
	char why[2 * HEALTH_WHY_BYTES];

	memset(why, 'x', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	health_tell(h, HEALTH_KEYS, HEALTH_WAITS, why, BEGIN_MS);
	CHECK_EQ(strlen(health_told(h, HEALTH_KEYS).why), HEALTH_WHY_BYTES - 1);
	health_free(h);
}

TEST(without_memory_there_is_no_object)
{
	const uint64_t limits[HEALTH_CHECKS] = { 0 };
	struct health *h = NULL;

	mock_alloc_arm(1);
	CHECK_ERR(health_new(&h, limits, 0), KK_ENOMEM);
	CHECK(mock_alloc_disarm());
	CHECK(h == NULL);
	health_free(NULL);
}

TEST(each_check_and_result_has_a_name_of_its_own)
{
	for (unsigned i = 0; i < HEALTH_CHECKS; i++) {
		for (unsigned j = 0; j < i; j++)
			CHECK(strcmp(health_check_name((enum health_check)i),
				  health_check_name((enum health_check)j)) !=
			    0);
	}
	for (unsigned i = 0; i < HEALTH_RESULTS; i++) {
		for (unsigned j = 0; j < i; j++)
			CHECK(strcmp(health_result_name((enum health_result)i),
				  health_result_name((enum health_result)j)) !=
			    0);
	}
}
