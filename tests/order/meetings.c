/* meetings.c - limits, members, rates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock/alloc.h"
#include "world.h"

static struct world w; /* large; each test starts it anew */

TEST(meetings_have_a_limit_and_each_is_found_among_all)
{
	struct order_member *m;
	char id[32];

	world_start(&w);
	for (size_t i = 0; i < ORDER_MEETINGS_MAX; i++) {
		(void)snprintf(id, sizeof(id), "meeting %zu", i);
		CHECK_EQ(do_register(&w, id, 2, false, NULL), ORDER_OK);
	}
	CHECK_EQ(do_register(&w, "one more", 2, false, NULL), ORDER_LIMIT);
	CHECK_EQ(order_meeting_count(w.order), ORDER_MEETINGS_MAX);
	m = enter(&w, "meeting 4095");
	order_leave(m, false);
	CHECK_EQ(order_unregister(w.order, kk_view_text("meeting 7")),
	    ORDER_OK);
	CHECK_EQ(order_unregister(w.order, kk_view_text("meeting 7")),
	    ORDER_NO_MEETING);
	CHECK_EQ(do_register(&w, "one more", 2, false, NULL), ORDER_OK);
	world_end(&w);
}

TEST(a_thousand_members_come_and_go)
{
	static struct order_member *members[ORDER_PARTICIPANTS_MAX];
	struct order_entry entry = { .meeting_id = kk_view_text("m"),
		.token = TOKEN };
	struct order_entered out;
	size_t count;

	world_start(&w);
	CHECK_EQ(do_register(&w, "m", ORDER_PARTICIPANTS_MAX, false, NULL),
	    ORDER_OK);
	for (size_t i = 0; i < ORDER_PARTICIPANTS_MAX; i++) {
		members[i] = enter(&w, "m");
		w.seen_count = 0;
	}
	CHECK_EQ(order_enter(w.order, &entry, &out), ORDER_FULL);
	CHECK(out.member == NULL);
	CHECK_EQ(order_message(members[5], NULL, kk_view_text("hello")),
	    ORDER_OK);
	CHECK_EQ(w.seen_count, ORDER_PARTICIPANTS_MAX - 1);
	CHECK_EQ(count_of(&w, members[5], ORDER_MESSAGE), 0);
	CHECK_EQ(count_of(&w, members[999], ORDER_MESSAGE), 1);
	for (size_t i = 0; i < ORDER_PARTICIPANTS_MAX; i++) {
		struct order_participant id = order_member_id(members[i]);

		CHECK(order_member_find(order_member_meeting(members[i]),
			  &id) == members[i]);
		(void)order_members(order_member_meeting(members[i]), &count);
		CHECK_EQ(count, ORDER_PARTICIPANTS_MAX - i);
		order_leave(members[i], true);
		w.seen_count = 0;
	}
	world_end(&w);
}

TEST(sources_are_told_once_for_each_change)
{
	struct order_member *a, *b;

	world_start(&w);
	CHECK_EQ(do_register(&w, "m", 3, false, NULL), ORDER_OK);
	a = enter(&w, "m");
	b = enter(&w, "m");
	order_source_set(a, 2, true);
	order_source_set(a, 2, true);
	order_source_set(a, 2, false);
	order_source_set(a, 1, false);
	CHECK_EQ(count_of(&w, b, ORDER_PUBLISHED), 1);
	CHECK_EQ(count_of(&w, b, ORDER_UNPUBLISHED), 1);
	CHECK_EQ(count_of(&w, a, ORDER_PUBLISHED), 0);
	CHECK_EQ(w.seen[w.seen_count - 1].source, 2);
	order_leave(a, false);
	order_leave(b, false);
	world_end(&w);
}

TEST(members_of_an_unregistered_meeting_are_freed_with_the_last_one)
{
	struct order_member *a, *b;

	world_start(&w);
	CHECK_EQ(do_register(&w, "m", 3, false, NULL), ORDER_OK);
	a = enter(&w, "m");
	b = enter(&w, "m");
	CHECK_EQ(order_unregister(w.order, kk_view_text("m")), ORDER_OK);
	CHECK_EQ(w.forgotten, 1);
	CHECK_EQ(count_of(&w, a, ORDER_CLOSED), 1);
	CHECK_EQ(count_of(&w, b, ORDER_CLOSED), 1);
	CHECK_EQ(order_begin(a, 0), ORDER_NOT_NOW);
	CHECK_EQ(commit(a, 0, "x"), ORDER_NOT_NOW);
	/* A meeting of the same id is another one. */
	CHECK_EQ(do_register(&w, "m", 3, false, NULL), ORDER_OK);
	w.seen_count = 0;
	order_leave(a, false);
	CHECK_EQ(w.seen_count, 0);
	order_leave(b, false);
	world_end(&w);
}

TEST(entering_fails_without_memory_and_nobody_hears_of_it)
{
	const struct order_entry entry = { .meeting_id = kk_view_text("m"),
		.token = TOKEN };
	struct order_entered out = { 0 };
	struct order_member *members[8];
	size_t count = 0;

	world_start(&w);
	CHECK_EQ(do_register(&w, "m", 8, false, NULL), ORDER_OK);
	while (count < 8) {
		enum order_result result = ORDER_FAILED;
		size_t seen = w.seen_count;

		for (unsigned nth = 1; result; nth++) {
			mock_alloc_arm(nth);
			result = order_enter(w.order, &entry, &out);
			(void)mock_alloc_disarm();
			if (result) {
				CHECK_EQ(result, ORDER_FAILED);
				CHECK_EQ(w.seen_count, seen);
			}
		}
		members[count++] = out.member;
	}
	while (count > 0)
		order_leave(members[--count], false);
	world_end(&w);
}

TEST(a_rate_allows_a_burst_and_then_so_many_a_second)
{
	struct order_rate rate = { 0 };
	uint64_t now = 1000000, retry = 0;
	unsigned passed = 0;

	while (order_rate_take(&rate, 200, 400, now, &retry))
		passed++;
	CHECK_EQ(passed, 400);
	CHECK(retry >= 5 && retry <= 6);
	CHECK(!order_rate_take(&rate, 200, 400, now + 4000, &retry));
	CHECK(order_rate_take(&rate, 200, 400, now + 5000, &retry));
	CHECK(!order_rate_take(&rate, 200, 400, now + 5000, &retry));
	passed = 0;
	for (uint64_t t = now + 5000; t < now + 10005000; t += 1000)
		passed += order_rate_take(&rate, 200, 400, t, &retry);
	CHECK(passed >= 1990 && passed <= 2001);
	/* A clock that stands or goes back gives nothing. */
	passed = 0;
	while (order_rate_take(&rate, 200, 400, 0, &retry))
		passed++;
	CHECK(passed <= 1);
}
