/* table.c - each cell of the table, written down a second time. */
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "update/update.h"

struct row {
	enum update_state state;
	enum update_event event;
	enum update_state next;
	unsigned actions;
	enum update_reason says;
};

#define ROW(state, event, next, actions, says)                    \
	{ UPDATE_##state, UPDATE_##event, UPDATE_##next, actions, \
		UPDATE_SAYS_##says }

/* clang-format off */
static const struct row rows[] = {
	ROW(STARTING, BOOTED, UNCONFIRMED, UPDATE_DO_HEALTH, NOTHING),
	ROW(STARTING, BOOTED_BACK, UNCONFIRMED, UPDATE_DO_HEALTH, CAME_BACK),
	ROW(STARTING, BOOTED_TRY, TRYING, UPDATE_DO_HEALTH, NOTHING),
	ROW(STARTING, INSTALLED, RESTARTING, UPDATE_DO_RESTART, NOTHING),
	ROW(STARTING, INSTALLED_BUSY, WAITING, 0, READY),
	ROW(STARTING, ASKED, STARTING, 0, UNCONFIRMED),
	ROW(STARTING, ASKED_BUSY, STARTING, 0, UNCONFIRMED),
	ROW(UNCONFIRMED, HEALTHY, CONFIRMING, UPDATE_DO_CONFIRM, NOTHING),
	ROW(UNCONFIRMED, UNWELL, UNCONFIRMED, 0, UNWELL),
	ROW(UNCONFIRMED, UNWELL_BUSY, UNCONFIRMED, 0, UNWELL),
	ROW(UNCONFIRMED, ASKED, UNCONFIRMED, 0, UNCONFIRMED),
	ROW(UNCONFIRMED, ASKED_BUSY, UNCONFIRMED, 0, UNCONFIRMED),
	ROW(TRYING, HEALTHY, CONFIRMING, UPDATE_DO_CONFIRM, DONE),
	ROW(TRYING, UNWELL, RETURNING, UPDATE_DO_RESTART, UNWELL),
	ROW(TRYING, UNWELL_BUSY, SICK, 0, UNWELL),
	ROW(TRYING, ASKED, TRYING, 0, UNCONFIRMED),
	ROW(TRYING, ASKED_BUSY, TRYING, 0, UNCONFIRMED),
	ROW(CONFIRMING, CONFIRMED, IDLE, 0, NOTHING),
	ROW(CONFIRMING, NOT_CONFIRMED, UNCONFIRMED, 0, NOT_CONFIRMED),
	ROW(CONFIRMING, ASKED, CONFIRMING, 0, UNCONFIRMED),
	ROW(CONFIRMING, ASKED_BUSY, CONFIRMING, 0, UNCONFIRMED),
	ROW(SICK, HEALTHY, CONFIRMING, UPDATE_DO_CONFIRM, DONE),
	ROW(SICK, FREE, RETURNING, UPDATE_DO_RESTART, UNWELL),
	ROW(SICK, ASKED, SICK, 0, UNCONFIRMED),
	ROW(SICK, ASKED_BUSY, SICK, 0, UNCONFIRMED),
	ROW(RETURNING, MEETING, SICK, UPDATE_DO_HOLD, UNWELL),
	ROW(RETURNING, ASKED, RETURNING, 0, UNCONFIRMED),
	ROW(RETURNING, ASKED_BUSY, RETURNING, 0, UNCONFIRMED),
	ROW(IDLE, ASKED, CHECKING, UPDATE_DO_CHECK, NOTHING),
	ROW(IDLE, ASKED_BUSY, IDLE, 0, MEETING),
	ROW(CHECKING, ACCEPTED, WRITING, UPDATE_DO_WRITE, NOTHING),
	ROW(CHECKING, ACCEPTED_BUSY, IDLE, UPDATE_DO_DROP, MEETING),
	ROW(CHECKING, REFUSED, IDLE, UPDATE_DO_DROP, NOTHING),
	ROW(CHECKING, CANCELLED, IDLE, UPDATE_DO_DROP, CANCELLED),
	ROW(CHECKING, ASKED, CHECKING, 0, UNDER_WAY),
	ROW(CHECKING, ASKED_BUSY, CHECKING, 0, UNDER_WAY),
	ROW(WRITING, WRITTEN, COMMITTING, UPDATE_DO_COMMIT, NOTHING),
	ROW(WRITING, WRITE_FAILED, IDLE, UPDATE_DO_DROP, WRITE_FAILED),
	ROW(WRITING, CANCELLED, IDLE, UPDATE_DO_DROP, CANCELLED),
	ROW(WRITING, ASKED, WRITING, 0, UNDER_WAY),
	ROW(WRITING, ASKED_BUSY, WRITING, 0, UNDER_WAY),
	ROW(COMMITTING, COMMITTED, RESTARTING, UPDATE_DO_RESTART, NOTHING),
	ROW(COMMITTING, COMMITTED_BUSY, WAITING, 0, READY),
	ROW(COMMITTING, COMMIT_FAILED, IDLE, UPDATE_DO_DROP, COMMIT_FAILED),
	ROW(COMMITTING, ASKED, COMMITTING, 0, UNDER_WAY),
	ROW(COMMITTING, ASKED_BUSY, COMMITTING, 0, UNDER_WAY),
	ROW(WAITING, FREE, RESTARTING, UPDATE_DO_RESTART, NOTHING),
	ROW(WAITING, CANCELLED, IDLE, UPDATE_DO_TAKE_BACK | UPDATE_DO_DROP,
	    CANCELLED),
	ROW(WAITING, ASKED, WAITING, 0, READY),
	ROW(WAITING, ASKED_BUSY, WAITING, 0, READY),
	ROW(RESTARTING, MEETING, WAITING, UPDATE_DO_HOLD, READY),
	ROW(RESTARTING, ASKED, RESTARTING, 0, UNDER_WAY),
	ROW(RESTARTING, ASKED_BUSY, RESTARTING, 0, UNDER_WAY),
};
/* clang-format on */

static const struct row *row_find(enum update_state state,
    enum update_event event)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		if (rows[i].state == state && rows[i].event == event)
			return &rows[i];
	}
	return NULL;
}

TEST(each_cell_of_the_table_is_what_it_is_to_be)
{
	size_t listed = 0;

	for (int s = 0; s < UPDATE_STATES; s++) {
		for (int e = 0; e < UPDATE_EVENTS; e++) {
			const struct update_cell cell = update_table(
			    (enum update_state)s, (enum update_event)e);
			const struct row *row = row_find((enum update_state)s,
			    (enum update_event)e);

			CHECK_EQ(cell.is_listed, row != NULL);
			CHECK_EQ(cell.next, row ? (int)row->next : s);
			CHECK_EQ(cell.actions, row ? row->actions : 0);
			CHECK_EQ(cell.says,
			    row ? row->says : UPDATE_SAYS_NOTHING);
			listed += cell.is_listed;
		}
	}
	CHECK_EQ(listed, KK_ARRAY_LEN(rows));
}

TEST(table_writes_in_one_cell_and_restarts_in_no_meeting)
{
	for (int s = 0; s < UPDATE_STATES; s++) {
		for (int e = 0; e < UPDATE_EVENTS; e++) {
			const struct update_cell cell = update_table(
			    (enum update_state)s, (enum update_event)e);
			const bool is_busy = e == UPDATE_MEETING ||
			    strstr(update_event_name((enum update_event)e),
				"busy");

			if (cell.actions & UPDATE_DO_WRITE)
				CHECK(s == UPDATE_CHECKING &&
				    e == UPDATE_ACCEPTED);
			if (cell.actions &
			    (UPDATE_DO_WRITE | UPDATE_DO_CHECK |
				UPDATE_DO_RESTART))
				CHECK(!is_busy);
		}
	}
}

struct box {
	struct update *u;
	uint64_t now_ms;
};

static void box_open(struct box *x)
{
	CHECK_OK(update_new(&x->u));
	x->now_ms = 1000;
}

static bool tell(struct box *x, enum update_event event)
{
	x->now_ms += 10;
	return update_event(x->u, event, x->now_ms);
}

static unsigned done(struct box *x)
{
	enum update_action action;
	unsigned all = 0;

	while (update_action_take(x->u, &action))
		all |= action;
	return all;
}

/* A confirmed slot. */
static void box_idle(struct box *x)
{
	box_open(x);
	CHECK(tell(x, UPDATE_BOOTED) && tell(x, UPDATE_HEALTHY));
	CHECK(tell(x, UPDATE_CONFIRMED));
	CHECK_EQ(done(x), UPDATE_DO_HEALTH | UPDATE_DO_CONFIRM);
	CHECK_EQ(update_state(x->u), UPDATE_IDLE);
}

TEST(update_goes_its_way)
{
	struct box x;

	box_idle(&x);
	CHECK(tell(&x, UPDATE_ASKED));
	CHECK_EQ(done(&x), UPDATE_DO_CHECK);
	CHECK(tell(&x, UPDATE_ACCEPTED));
	CHECK_EQ(done(&x), UPDATE_DO_WRITE);
	update_progress(x.u, 40);
	update_progress(x.u, 30); /* it does not go back */
	CHECK_EQ(update_percent(x.u), 40);
	update_progress(x.u, 1000);
	CHECK_EQ(update_percent(x.u), 100);
	CHECK(tell(&x, UPDATE_WRITTEN));
	CHECK_EQ(update_percent(x.u), 0);
	CHECK_EQ(done(&x), UPDATE_DO_COMMIT);
	CHECK(tell(&x, UPDATE_COMMITTED));
	CHECK_EQ(done(&x), UPDATE_DO_RESTART);
	update_free(x.u);
	box_open(&x);
	CHECK(tell(&x, UPDATE_BOOTED_TRY) && tell(&x, UPDATE_HEALTHY));
	CHECK(tell(&x, UPDATE_CONFIRMED));
	CHECK_EQ(update_says(x.u), UPDATE_SAYS_DONE);
	CHECK_EQ(update_due_ms(x.u), UINT64_MAX);
	update_free(x.u);
}

TEST(nothing_begins_and_nothing_restarts_in_a_meeting)
{
	struct box x;

	box_idle(&x);
	CHECK(tell(&x, UPDATE_MEETING) && !tell(&x, UPDATE_MEETING));
	CHECK(tell(&x, UPDATE_ASKED));
	CHECK_EQ(update_says(x.u), UPDATE_SAYS_MEETING);
	CHECK_EQ(done(&x), 0);
	CHECK(tell(&x, UPDATE_FREE) && tell(&x, UPDATE_ASKED));
	CHECK(tell(&x, UPDATE_MEETING) && tell(&x, UPDATE_ACCEPTED));
	CHECK_EQ(done(&x), UPDATE_DO_CHECK | UPDATE_DO_DROP);
	CHECK(tell(&x, UPDATE_FREE) && tell(&x, UPDATE_ASKED));
	CHECK(tell(&x, UPDATE_ACCEPTED) && tell(&x, UPDATE_MEETING));
	CHECK(tell(&x, UPDATE_WRITTEN) && tell(&x, UPDATE_COMMITTED));
	CHECK_EQ(update_state(x.u), UPDATE_WAITING);
	CHECK_EQ(done(&x) & UPDATE_DO_RESTART, 0);
	CHECK(tell(&x, UPDATE_FREE));
	/* It has not been done yet, and the next meeting is there. */
	CHECK(tell(&x, UPDATE_MEETING));
	CHECK_EQ(done(&x), 0);
	CHECK(tell(&x, UPDATE_FREE));
	CHECK_EQ(done(&x), UPDATE_DO_RESTART);
	CHECK(tell(&x, UPDATE_MEETING));
	CHECK_EQ(done(&x), UPDATE_DO_HOLD);
	update_free(x.u);
}

TEST(try_that_is_not_healthy_in_time_goes_back)
{
	struct box x;

	box_open(&x);
	CHECK(tell(&x, UPDATE_BOOTED_TRY));
	CHECK_EQ(update_due_ms(x.u), x.now_ms + UPDATE_HEALTH_MS);
	update_tick(x.u, update_due_ms(x.u) - 1);
	CHECK_EQ(update_state(x.u), UPDATE_TRYING);
	update_tick(x.u, update_due_ms(x.u));
	CHECK_EQ(update_state(x.u), UPDATE_RETURNING);
	CHECK_EQ(done(&x), UPDATE_DO_HEALTH | UPDATE_DO_RESTART);
	update_free(x.u);
}

TEST(update_that_waits_is_not_forgotten_by_a_program_that_starts_again)
{
	struct box x;

	box_open(&x);
	CHECK(tell(&x, UPDATE_MEETING) && tell(&x, UPDATE_INSTALLED));
	CHECK_EQ(update_state(x.u), UPDATE_WAITING);
	CHECK_EQ(update_says(x.u), UPDATE_SAYS_READY);
	CHECK_EQ(done(&x), 0);
	CHECK(tell(&x, UPDATE_FREE));
	CHECK_EQ(done(&x), UPDATE_DO_RESTART);
	update_free(x.u);
	box_open(&x);
	CHECK(tell(&x, UPDATE_INSTALLED));
	CHECK_EQ(done(&x), UPDATE_DO_RESTART);
	CHECK_EQ(update_state(x.u), UPDATE_RESTARTING);
	update_free(x.u);
}

TEST(what_is_of_no_state_is_dropped_and_counted)
{
	struct box x;

	box_idle(&x);
	CHECK(!tell(&x, UPDATE_WRITTEN) && !tell(&x, UPDATE_COMMITTED));
	CHECK(!update_refuse(x.u, UPDATE_SAYS_BOARD, x.now_ms));
	CHECK(!update_event(x.u, UPDATE_EVENTS, x.now_ms));
	CHECK_EQ(update_dropped(x.u), 3);
	CHECK_EQ(update_state(x.u), UPDATE_IDLE);
	CHECK_EQ(done(&x), 0);
	update_free(x.u);
}

TEST(bundle_that_is_wrong_is_refused_for_its_first_fault)
{
	static const struct update_box box = { "x86_64-uefi", 7, 6 };
	static const struct {
		struct update_bundle bundle;
		enum update_reason want;
	} cases[] = {
		{ { true, true, "x86_64-uefi", 8 }, UPDATE_SAYS_NOTHING },
		{ { false, true, "x86_64-uefi", 8 }, UPDATE_SAYS_SIGNATURE },
		{ { false, false, NULL, 0 }, UPDATE_SAYS_SIGNATURE },
		{ { true, false, "x86_64-uefi", 8 }, UPDATE_SAYS_FORMAT },
		{ { true, true, NULL, 8 }, UPDATE_SAYS_FORMAT },
		{ { true, true, "x86_64-uefi", 0 }, UPDATE_SAYS_FORMAT },
		{ { true, true, "x86_64-uef", 8 }, UPDATE_SAYS_BOARD },
		{ { true, true, "arm64-uefi", 1 }, UPDATE_SAYS_BOARD },
		{ { true, true, "x86_64-uefi", 7 }, UPDATE_SAYS_SAME },
		{ { true, true, "x86_64-uefi", 6 }, UPDATE_SAYS_OLDER },
		{ { true, true, "x86_64-uefi", 5 }, UPDATE_SAYS_OLDER },
	};
	/* After a return the floor is above what runs. */
	static const struct update_box back = { "x86_64-uefi", 7, 9 };

	for (size_t i = 0; i < KK_ARRAY_LEN(cases); i++)
		CHECK_EQ(update_judge(&cases[i].bundle, &box), cases[i].want);
	CHECK_EQ(update_judge(&cases[0].bundle, &back), UPDATE_SAYS_OLDER);
}

TEST(refused_bundle_is_dropped_and_nothing_written)
{
	struct box x;

	box_idle(&x);
	CHECK(tell(&x, UPDATE_ASKED));
	CHECK(update_refuse(x.u, UPDATE_SAYS_SIGNATURE, x.now_ms));
	CHECK_EQ(done(&x), UPDATE_DO_CHECK | UPDATE_DO_DROP);
	CHECK_EQ(update_says(x.u), UPDATE_SAYS_SIGNATURE);
	CHECK_EQ(update_state(x.u), UPDATE_IDLE);
	/* The next one is another one. */
	CHECK(tell(&x, UPDATE_ASKED));
	CHECK_EQ(update_says(x.u), UPDATE_SAYS_NOTHING);
	update_free(x.u);
}

TEST(all_words_are_there_in_both_languages)
{
	for (int german = 0; german < 2; german++) {
		for (int s = 0; s < UPDATE_STATES; s++)
			CHECK(update_state_word((enum update_state)s,
			    german)[0]);
		for (int r = 1; r < UPDATE_REASONS; r++)
			CHECK(update_reason_word((enum update_reason)r,
			    german)[0]);
	}
	for (int s = 0; s < UPDATE_STATES; s++)
		CHECK(strcmp(update_state_word((enum update_state)s, false),
			  update_state_word((enum update_state)s, true)) != 0);
	for (int f = 1; f < UPDATE_FETCHES; f++)
		CHECK(strcmp(update_fetch_word((enum update_fetch)f, false),
			  update_fetch_word((enum update_fetch)f, true)) != 0);
	for (int r = 1; r < UPDATE_REASONS; r++)
		CHECK(strcmp(update_reason_word((enum update_reason)r, false),
			  update_reason_word((enum update_reason)r, true)) !=
		    0);
	CHECK_STR(update_reason_word(UPDATE_SAYS_NOTHING, true), "");
}

TEST(names_are_distinct)
{
	for (int a = 0; a < UPDATE_EVENTS; a++) {
		for (int b = 0; b < a; b++)
			CHECK(strcmp(update_event_name((enum update_event)a),
				  update_event_name((enum update_event)b)) !=
			    0);
	}
	for (int a = 0; a < UPDATE_STATES; a++) {
		for (int b = 0; b < a; b++)
			CHECK(strcmp(update_state_name((enum update_state)a),
				  update_state_name((enum update_state)b)) !=
			    0);
	}
}

TEST(no_memory_is_refused)
{
	struct update *u = NULL;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, update_new(&u));
	CHECK_OK(err);
	update_free(u);
	update_free(NULL);
}
