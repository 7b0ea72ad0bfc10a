/* table.c - the request table, without a clock. */
#include "call/table.h"

#include "harness/tap.h"
#include "mock/alloc.h"

enum { ROOM, MEDIA };
enum { IDLE, BUSY };
enum { OPEN, FEW, EACH };

static const struct call_rule rules[] = {
	[OPEN] = { "x.Open", CALL_ROLE(ROOM), CALL_STATE(IDLE), 3, 0, 100 },
	[FEW] = { "x.Few", CALL_ROLE(ROOM), CALL_ANY_STATE, 10, 2, 100 },
	[EACH] = { "x.Each", CALL_ROLE(ROOM) | CALL_ROLE(MEDIA), CALL_ANY_STATE,
	    2, 0, 10 },
};

static struct call_table *table_make(void)
{
	struct call_table *t = NULL;

	CHECK_OK(call_table_new(&t, rules, KK_ARRAY_LEN(rules)));
	return t;
}

static enum call_verdict ask(struct call_table *t, size_t rule, unsigned role,
    unsigned state, uint64_t now_ms)
{
	return call_table_ask(t,
	    &(struct call_ask){ rule, role, state, 5, now_ms });
}

TEST(only_listed_roles_pass_and_the_others_are_counted)
{
	struct call_table *t = table_make();

	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 0), CALL_ALLOWED);
	CHECK_EQ(ask(t, OPEN, MEDIA, IDLE, 0), CALL_NOT_ALLOWED);
	CHECK_EQ(ask(t, OPEN, CALL_ROLES_MAX, IDLE, 0), CALL_NOT_ALLOWED);
	CHECK_EQ(ask(t, OPEN, 33, IDLE, 0), CALL_NOT_ALLOWED);
	CHECK_EQ(ask(t, KK_ARRAY_LEN(rules), ROOM, IDLE, 0), CALL_NOT_ALLOWED);
	CHECK_EQ(call_table_count(t, CALL_NOT_ALLOWED), 4);
	CHECK_EQ(call_table_count(t, CALL_ALLOWED), 1);
	CHECK_EQ(call_table_count(t, CALL_VERDICT_COUNT), 0);
	call_table_free(t);
}

TEST(only_listed_states_pass)
{
	struct call_table *t = table_make();

	CHECK_EQ(ask(t, OPEN, ROOM, BUSY, 0), CALL_NOT_NOW);
	CHECK_EQ(ask(t, OPEN, ROOM, CALL_STATES_MAX, 0), CALL_NOT_NOW);
	CHECK_EQ(ask(t, FEW, ROOM, BUSY, 0), CALL_ALLOWED);
	call_table_free(t);
}

TEST(requests_over_their_size_use_up_nothing)
{
	struct call_table *t = table_make();
	struct call_ask big = { EACH, ROOM, IDLE, 11, 0 };

	for (int i = 0; i < 5; i++)
		CHECK_EQ(call_table_ask(t, &big), CALL_TOO_LARGE);
	big.bytes = 10;
	CHECK_EQ(call_table_ask(t, &big), CALL_ALLOWED);
	call_table_free(t);
}

TEST(rate_lets_a_second_s_worth_burst_and_fills_evenly)
{
	struct call_table *t = table_make();

	for (int i = 0; i < 3; i++)
		CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 5000), CALL_ALLOWED);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 5000), CALL_TOO_OFTEN);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 5333), CALL_TOO_OFTEN);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 5334), CALL_ALLOWED);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 5335), CALL_TOO_OFTEN);
	/* A long rest gives no more than one second's worth. */
	for (int i = 0; i < 3; i++)
		CHECK_EQ(ask(t, OPEN, ROOM, IDLE, UINT64_MAX), CALL_ALLOWED);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, UINT64_MAX), CALL_TOO_OFTEN);
	call_table_free(t);
}

TEST(calls_in_a_wrong_state_use_up_the_rate)
{
	struct call_table *t = table_make();

	for (int i = 0; i < 3; i++)
		CHECK_EQ(ask(t, OPEN, ROOM, BUSY, 0), CALL_NOT_NOW);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 0), CALL_TOO_OFTEN);
	call_table_free(t);
}

TEST(clock_that_goes_back_gives_no_calls)
{
	struct call_table *t = table_make();

	for (int i = 0; i < 3; i++)
		CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 9000), CALL_ALLOWED);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 1000), CALL_TOO_OFTEN);
	CHECK_EQ(ask(t, OPEN, ROOM, IDLE, 9000), CALL_TOO_OFTEN);
	call_table_free(t);
}

TEST(each_role_has_a_rate_of_its_own)
{
	struct call_table *t = table_make();

	CHECK_EQ(ask(t, EACH, ROOM, IDLE, 0), CALL_ALLOWED);
	CHECK_EQ(ask(t, EACH, ROOM, IDLE, 0), CALL_ALLOWED);
	CHECK_EQ(ask(t, EACH, ROOM, IDLE, 0), CALL_TOO_OFTEN);
	CHECK_EQ(ask(t, EACH, MEDIA, IDLE, 0), CALL_ALLOWED);
	call_table_free(t);
}

TEST(total_is_used_up_for_good)
{
	struct call_table *t = table_make();

	CHECK_EQ(ask(t, FEW, ROOM, IDLE, 0), CALL_ALLOWED);
	CHECK_EQ(ask(t, FEW, ROOM, IDLE, 5000), CALL_ALLOWED);
	CHECK_EQ(ask(t, FEW, ROOM, IDLE, 10000), CALL_TOO_OFTEN);
	CHECK_EQ(ask(t, FEW, ROOM, IDLE, 1000000), CALL_TOO_OFTEN);
	call_table_free(t);
}

TEST(bad_tables_are_refused_and_a_failed_allocation_is_reported)
{
	static const struct call_rule nameless[1] = { { .method = NULL } };
	struct call_table *t = NULL;
	enum kk_err err;

	CHECK_ERR(call_table_new(&t, rules, CALL_RULES_MAX + 1), KK_EINVAL);
	CHECK_ERR(call_table_new(&t, nameless, 1), KK_EINVAL);
	CHECK(t == NULL);
	ALLOC_FAULT_LOOP(err, call_table_new(&t, rules, 1));
	CHECK_OK(err);
	call_table_free(t);
	call_table_free(NULL);
}
