/* tap.c - the harness and the failing allocator, used on themselves. */
#include <stdlib.h>

#include "base/base.h"
#include "harness/tap.h"
#include "mock/alloc.h"

/* Two allocations that must both succeed. */
static enum kk_err pair_new(void)
{
	enum kk_err err = KK_ENOMEM;
	void *a = kk_calloc(1, 8);
	void *b = a ? kk_calloc(1, 8) : NULL;

	if (b)
		err = KK_OK;
	kk_free(b);
	kk_free(a);
	return err;
}

static unsigned pair_calls;

static enum kk_err pair_new_counted(void)
{
	pair_calls++;
	return pair_new();
}

TEST(fault_loop_fails_each_allocation_once_and_ends_undisturbed)
{
	enum kk_err err;

	pair_calls = 0;
	ALLOC_FAULT_LOOP(err, pair_new_counted());
	CHECK_OK(err);
	CHECK_EQ(pair_calls, 3);
}

TEST(armed_allocator_fails_only_the_nth_allocation)
{
	void *first, *second, *third;

	mock_alloc_arm(2);
	first = kk_calloc(1, 1);
	second = kk_calloc(1, 1);
	third = kk_calloc(1, 1);
	CHECK(mock_alloc_disarm());
	CHECK(first && !second && third);
	kk_free(first);
	kk_free(third);
}

TEST(disarmed_allocator_reports_no_failure)
{
	mock_alloc_arm(5);
	kk_free(kk_calloc(1, 1));
	CHECK(!mock_alloc_disarm());
}

TEST(checks_pass_on_what_holds)
{
	static const uint8_t bytes[] = { 1, 2, 3 };

	CHECK(true);
	CHECK_EQ(UINT64_MAX, UINT64_MAX);
	CHECK_ERR(KK_EAUTH, KK_EAUTH);
	CHECK_FAIL(KK_EAUTH);
	CHECK_MEM(bytes, "\1\2\3", sizeof(bytes));
	CHECK_STR("a", "a");
}
