/* failing.c - tests that fail on purpose; tests/build/harness.t reads what the
 * harness says of them.  A pattern chooses one, none of them runs alone. */
#define _GNU_SOURCE /* program_invocation_name */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "harness/tap.h"
#include "mock/alloc.h"

TEST(fails_a_condition)
{
	CHECK(1 > 2);
}

TEST(fails_an_equality)
{
	CHECK_EQ(3, 4);
}

TEST(fails_an_error)
{
	CHECK_ERR(KK_EAUTH, KK_EREPLAY);
}

TEST(fails_for_want_of_an_error)
{
	CHECK_FAIL(KK_OK);
}

TEST(fails_on_memory)
{
	CHECK_MEM("abc", "abd", 3);
}

TEST(fails_on_a_string)
{
	CHECK_STR("abc", "abd");
}

TEST(passes_after_failures)
{
	CHECK(true);
}

TEST(skips)
{
	SKIP("the reason");
}

static enum kk_err swallow_no_memory(void)
{
	kk_free(kk_calloc(1, 1));
	return KK_OK;
}

TEST(fails_when_lost_memory_is_not_told)
{
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, swallow_no_memory());
	CHECK_OK(err);
}

TEST(crashes)
{
	volatile int *nowhere = NULL;

	CHECK_EQ(*nowhere, 0);
}

TEST(leaks)
{
	/* Kept nowhere, but out of the optimizer's sight. */
	char *volatile lost = kk_calloc(1, 100);

	CHECK(lost != NULL);
	lost = NULL;
}

TEST(overruns)
{
	char *four = kk_calloc(4, 1);
	volatile size_t past = 4;

	CHECK(four != NULL);
	four[past] = 1;
	kk_free(four);
}
