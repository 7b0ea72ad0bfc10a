/* records.c - what is kept gives the same meeting again, or nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mock/alloc.h"
#include "world.h"

static struct world w;

static void commits(struct order_member *m, uint64_t from, uint64_t to)
{
	char text[32];

	for (uint64_t n = from; n < to; n++) {
		(void)snprintf(text, sizeof(text), "commit %llu",
		    (unsigned long long)n);
		CHECK_EQ(commit(m, n, text), ORDER_OK);
	}
}

/* The meeting is at this epoch, and from there on all is replayed. */
static void expect_kept(uint64_t first, uint64_t epoch)
{
	struct order_entered e = enter_at(&w, "m", first);
	char text[32];

	CHECK(e.epoch.is_set);
	CHECK_EQ(e.epoch.n, epoch);
	CHECK(!e.is_behind);
	w.seen_count = 0;
	order_replay(e.member, first);
	CHECK_EQ(w.seen_count, epoch - first);
	for (uint64_t n = first; n < epoch; n++) {
		const struct seen *s = &w.seen[n - first];

		(void)snprintf(text, sizeof(text), "commit %llu",
		    (unsigned long long)n);
		CHECK_EQ(s->type, ORDER_COMMIT);
		CHECK_EQ(s->epoch, n);
		CHECK_STR(s->text, text);
	}
	order_leave(e.member, false);
}

static struct order_member *begin(uint64_t epoch)
{
	struct order_member *m;

	world_start(&w);
	CHECK_EQ(do_register(&w, "m", 5, false, NULL), ORDER_OK);
	m = enter(&w, "m");
	CHECK_EQ(order_begin(m, epoch), ORDER_OK);
	return m;
}

TEST(what_was_kept_goes_on_where_it_was)
{
	struct order_member *m = begin(40);

	commits(m, 40, 47);
	order_leave(m, false);
	CHECK_OK(world_reload(&w));
	expect_kept(40, 47);
	m = enter(&w, "m");
	commits(m, 47, 50);
	order_leave(m, false);
	CHECK_OK(world_reload(&w));
	expect_kept(40, 50);
	world_end(&w);
}

TEST(the_last_256_are_kept_through_any_number_of_commits)
{
	enum { MANY = 1500 };
	struct order_member *m = begin(0);
	struct order_entered e;

	commits(m, 0, MANY);
	/* Written anew at times, so that it does not grow without bound. */
	CHECK(w.replaced >= 3);
	CHECK(w.replaced < 20);
	CHECK(w.file.bytes < 1024 * 100);
	order_leave(m, false);
	w.seen_count = 0;
	expect_kept(MANY - 256, MANY);
	e = enter_at(&w, "m", MANY - 257);
	CHECK(e.is_behind);
	order_leave(e.member, false);
	CHECK_OK(world_reload(&w));
	expect_kept(MANY - 256, MANY);
	world_end(&w);
}

TEST(large_commits_push_older_ones_out)
{
	enum { LARGE = 1024 * 1024 };
	struct order_member *m = begin(0);
	char *text = calloc(1, LARGE + 1);
	struct order_entered e;

	CHECK(text != NULL);
	memset(text, 'x', LARGE);
	for (uint64_t n = 0; n < 20; n++)
		CHECK_EQ(commit(m, n, text), ORDER_OK);
	free(text);
	e = enter_at(&w, "m", 20 - ORDER_LOG_MAX_BYTES / LARGE);
	CHECK(!e.is_behind);
	order_leave(e.member, false);
	e = enter_at(&w, "m", 19 - ORDER_LOG_MAX_BYTES / LARGE);
	CHECK(e.is_behind);
	order_leave(e.member, false);
	order_leave(m, false);
	CHECK(w.file.bytes < 3 * (size_t)ORDER_LOG_MAX_BYTES);
	CHECK_OK(world_reload(&w));
	world_end(&w);
}

TEST(a_file_cut_anywhere_gives_a_beginning_of_the_order_and_no_fork)
{
	struct order_member *m = begin(0);
	uint64_t last = 0;
	size_t whole = 0;

	commits(m, 0, 4);
	order_leave(m, false);
	for (size_t cut = 0; cut <= w.file.bytes; cut++) {
		enum kk_err err = world_load(&w, kk_view_of(w.file.data, cut));
		struct order_entered e;

		if (err) {
			CHECK_EQ(err, KK_EFORMAT);
			CHECK_EQ(whole, 0); /* not even its first record */
			CHECK_EQ(order_meeting_count(w.order), 0);
			continue;
		}
		e = enter_at(&w, "m", 0);
		CHECK(e.epoch.n >= last);
		CHECK(e.epoch.n <= last + 1);
		last = e.epoch.n;
		whole++;
		order_leave(e.member, false);
	}
	CHECK_EQ(last, 4);
	world_end(&w);
}

TEST(a_flipped_bit_anywhere_is_damage_or_a_cut_and_never_another_order)
{
	struct order_member *m = begin(0);
	size_t damaged = 0;

	commits(m, 0, 3);
	order_leave(m, false);
	for (size_t bit = 0; bit < w.file.bytes * 8; bit++) {
		enum kk_err err;

		w.file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		err = world_reload(&w);
		w.file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (err) {
			CHECK_EQ(err, KK_EFORMAT);
			damaged++;
		} else {
			/* A length beyond the end: what is before it holds. */
			struct order_entered e = enter_at(&w, "m", 0);

			CHECK(e.epoch.n <= 3);
			CHECK(!e.is_behind);
			w.seen_count = 0;
			order_replay(e.member, 0);
			for (size_t i = 0; i < w.seen_count; i++)
				CHECK(!strncmp(w.seen[i].text, "commit ", 7));
			order_leave(e.member, false);
		}
	}
	CHECK(damaged > w.file.bytes * 6);
	world_end(&w);
}

TEST(records_of_another_order_do_not_follow)
{
	struct order_member *m = begin(0);
	struct kk_writer mixed;
	size_t first;

	commits(m, 0, 1);
	first = w.file.bytes;
	commits(m, 1, 3);
	order_leave(m, false);
	/* The second commit is left out: the third does not follow. */
	kk_writer_init(&mixed);
	kk_write_raw(&mixed, kk_view_of(w.file.data, first));
	kk_write_raw(&mixed,
	    kk_view_of(w.file.data + first + (w.file.bytes - first) / 2,
		(w.file.bytes - first) / 2));
	CHECK_ERR(world_load(&w, kk_writer_view(&mixed)), KK_EFORMAT);
	kk_writer_clear(&mixed);
	world_end(&w);
}

TEST(the_same_meeting_is_not_loaded_twice)
{
	struct order_member *m = begin(0);

	order_leave(m, false);
	CHECK_ERR(order_load(w.order, kk_writer_view(&w.file)), KK_EEXIST);
	world_end(&w);
}

TEST(what_cannot_be_kept_does_not_happen)
{
	struct order_epoch epoch;
	struct order_member *m = begin(0), *other = enter(&w, "m");
	size_t seen;

	commits(m, 0, 2);
	seen = w.seen_count;
	w.keep_fails = true;
	CHECK_EQ(commit(m, 2, "lost"), ORDER_FAILED);
	CHECK_EQ(do_register(&w, "new", 2, false, NULL), ORDER_FAILED);
	CHECK_EQ(do_register(&w, "m", 5, true, &epoch), ORDER_FAILED);
	CHECK_EQ(w.seen_count, seen);
	w.keep_fails = false;
	CHECK_EQ(order_meeting_count(w.order), 1);
	CHECK_EQ(do_register(&w, "m", 5, false, &epoch), ORDER_OK);
	CHECK(epoch.is_set);
	CHECK_EQ(epoch.n, 2);
	commits(other, 2, 4);
	order_leave(m, false);
	order_leave(other, false);
	CHECK_OK(world_reload(&w));
	expect_kept(0, 4);
	world_end(&w);
}

TEST(a_reset_forgets_the_log_on_the_disk_too)
{
	struct order_epoch epoch;
	struct order_member *m = begin(0);
	struct order_entered e;

	commits(m, 0, 3);
	order_leave(m, false);
	CHECK_EQ(do_register(&w, "m", 5, true, &epoch), ORDER_OK);
	CHECK(!epoch.is_set);
	CHECK_OK(world_reload(&w));
	e = enter_at(&w, "m", 1);
	CHECK(!e.epoch.is_set);
	CHECK(!e.is_behind);
	order_leave(e.member, false);
	world_end(&w);
}

enum { HOUR_S = 3600, DAY_S = 24 * HOUR_S };

/* As a server does: every minute of that time. */
static size_t sweep_through(uint64_t from_s, uint64_t to_s)
{
	size_t ended = 0;

	for (uint64_t s = from_s; s <= to_s; s += 60)
		ended += order_sweep(w.order, s, DAY_S);
	return ended;
}

TEST(a_meeting_ends_a_day_after_the_last_one_has_left)
{
	struct order_member *m = begin(0);

	CHECK_EQ(sweep_through(1000, 1000 + 3 * DAY_S), 0);
	order_leave(m, false);
	CHECK_EQ(sweep_through(1000 + 3 * DAY_S, 1000 + 4 * DAY_S - 60), 0);
	CHECK_EQ(w.forgotten, 0);
	CHECK_EQ(sweep_through(1000 + 4 * DAY_S, 1000 + 4 * DAY_S + 60), 1);
	CHECK_EQ(w.forgotten, 1);
	CHECK_EQ(order_meeting_count(w.order), 0);
	CHECK_EQ(do_register(&w, "m", 5, false, NULL), ORDER_OK);
	world_end(&w);
}

TEST(a_visit_or_a_registration_however_short_begins_the_day_anew)
{
	struct order_member *m = begin(0);
	uint64_t now_s = 5;

	order_leave(m, false);
	for (int i = 0; i < 5; i++) {
		CHECK_EQ(sweep_through(now_s, now_s + DAY_S - HOUR_S), 0);
		now_s += DAY_S - HOUR_S;
		if (i % 2)
			order_leave(enter(&w, "m"), true);
		else
			CHECK_EQ(do_register(&w, "m", 5, false, NULL),
			    ORDER_OK);
	}
	CHECK_EQ(sweep_through(now_s, now_s + DAY_S + HOUR_S), 1);
	world_end(&w);
}

TEST(the_time_without_anybody_goes_on_after_a_restart_to_the_hour)
{
	struct order_member *m = begin(0);

	order_leave(m, false);
	CHECK_EQ(sweep_through(0, 20 * HOUR_S + 600), 0);
	CHECK_OK(world_reload(&w)); /* and a clock that starts again */
	CHECK_EQ(sweep_through(7, 7 + 4 * HOUR_S - 60), 0);
	CHECK_EQ(sweep_through(7 + 4 * HOUR_S, 7 + 5 * HOUR_S), 1);
	world_end(&w);
}

TEST(who_comes_back_is_kept_before_the_next_restart)
{
	struct order_member *m = begin(0);

	order_leave(m, false);
	CHECK_EQ(sweep_through(0, 23 * HOUR_S), 0);
	m = enter(&w, "m");
	CHECK_EQ(sweep_through(23 * HOUR_S + 60, 23 * HOUR_S + 120), 0);
	commits(m, 0, 2);
	order_leave(m, false);
	CHECK_OK(world_reload(&w));
	CHECK_EQ(sweep_through(0, DAY_S - HOUR_S), 0);
	expect_kept(0, 2);
	world_end(&w);
}

TEST(time_that_is_not_kept_is_kept_later_and_without_a_limit_none_ends)
{
	struct order_member *m = begin(0);
	size_t replaced;

	order_leave(m, false);
	CHECK_EQ(order_sweep(w.order, 0, 0), 0);
	CHECK_EQ(order_sweep(w.order, 1, 0), 0); /* it was used */
	w.keep_fails = true;
	CHECK_EQ(order_sweep(w.order, 2 * HOUR_S, 0), 0);
	w.keep_fails = false;
	replaced = w.replaced;
	CHECK_EQ(order_sweep(w.order, 2 * HOUR_S + 1, 0), 0);
	CHECK_EQ(w.replaced, replaced + 1);
	CHECK_EQ(order_sweep(w.order, 999 * (uint64_t)DAY_S, 0), 0);
	CHECK_EQ(order_meeting_count(w.order), 1);
	CHECK_OK(world_reload(&w));
	CHECK_EQ(order_sweep(w.order, 0, DAY_S), 1);
	world_end(&w);
}

TEST(many_that_end_at_once_do_so_a_few_at_a_time)
{
	char id[32];
	size_t ended = 0;
	unsigned sweeps = 0;

	world_start(&w);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(id, sizeof(id), "meeting %d", i);
		CHECK_EQ(do_register(&w, id, 2, false, NULL), ORDER_OK);
	}
	CHECK_EQ(order_sweep(w.order, 0, DAY_S), 0);
	while (ended < 100) {
		size_t now = order_sweep(w.order, DAY_S + sweeps, DAY_S);

		CHECK(now > 0 && now <= 16);
		ended += now;
		sweeps++;
	}
	CHECK_EQ(order_meeting_count(w.order), 0);
	world_end(&w);
}

TEST(loading_without_memory_makes_nothing)
{
	struct order_member *m = begin(0);
	struct order *order;
	enum kk_err err;

	commits(m, 0, 3);
	order_leave(m, false);
	CHECK_OK(world_reload(&w));
	CHECK_EQ(order_unregister(w.order, kk_view_text("m")), ORDER_OK);
	order = w.order;
	ALLOC_FAULT_LOOP(err, order_load(order, kk_writer_view(&w.file)));
	CHECK_OK(err);
	CHECK_EQ(order_meeting_count(order), 1);
	world_end(&w);
}
