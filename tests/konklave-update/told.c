/* told.c - what the room's picture is told of an update, by the real service:
 * each state while it holds, and what is wrong. */
#include <stdio.h>

#include "harness/tap.h"
#include "world.h"

#define AT " [0-9]*"
#define FILE_NAME " konklave-test.raucb"

static void confirmed(struct world *w)
{
	world_start(w);
	CHECK_EQ(world_do(w, "mark-good", NULL), 0);
	world_tells(w, "none 0" AT);
}

/* It is checked as long as there is the file hold, and written as long as there
 * is hold-boot. */
static void install_begin(struct world *w)
{
	world_script(w,
	    ": >hold; : >hold-boot\n"
	    "$bin/konklave-update install b.raucb "
	    "--socket=control:$PWD/control >install.out 2>&1 &\n");
}

TEST(picture_is_told_each_state_of_an_update_that_works)
{
	struct world w;

	world_open(&w);
	w.options[0] = "--restart-seconds=600";
	confirmed(&w);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	install_begin(&w);
	world_tells(&w, "update-checking 0" AT);
	world_script(&w, "rm hold");
	world_tells(&w, "update-writing 0" AT);
	world_script(&w, "rm hold-boot");
	world_tells(&w, "update-restarting 600" AT);
	/* Anybody may read it, and nothing is left beside it. */
	world_script(&w,
	    "test $(stat -c %a notices/update) = 644\n"
	    "test \"$(ls -A notices)\" = update\n");
	world_stop(&w);
	world_boot(&w, "b", 4);
	world_start(&w);
	world_tells(&w, "update-trying 0" AT);
	CHECK_EQ(world_do(&w, "mark-good", NULL), 0);
	world_tells(&w, "update-done 0" AT);
	/* Who starts again has nothing to tell. */
	world_stop(&w);
	world_start(&w);
	world_tells(&w, "none 0" AT);
	world_close(&w);
}

TEST(picture_is_told_that_a_new_version_did_not_work)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_tells(&w, "update-restarting 0" AT);
	world_stop(&w);
	world_boot(&w, "b", 4);
	w.options[0] = "--restart-seconds=600";
	world_start(&w);
	CHECK_EQ(world_do(&w, "mark-bad", NULL), 0);
	world_tells(&w, "update-returning 600" AT);
	world_stop(&w);
	world_boot(&w, "a", 3);
	world_start(&w);
	world_tells(&w, "update-came-back 0" AT);
	/* That it works again does not take the word back. */
	CHECK_EQ(world_do(&w, "mark-good", NULL), 0);
	world_tells(&w, "update-came-back 0" AT);
	world_close(&w);
}

TEST(picture_is_told_why_a_bundle_is_not_taken)
{
	static const struct {
		enum world_bundle kind;
		const char *board;
		unsigned version;
		const char *line;
	} rows[] = {
		{ WORLD_UNSIGNED, "test", 4, "update-signature 0" AT },
		{ WORLD_RIGHT, "other", 4, "update-board 0" AT FILE_NAME },
		{ WORLD_RIGHT, "test", 2, "update-older 0" AT },
		{ WORLD_RIGHT, "test", 3, "update-same 0" AT },
		{ WORLD_DAMAGED, "test", 4, "update-format 0" AT },
	};
	struct world w;

	world_open(&w);
	world_start(&w);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
	world_tells(&w, "update-unconfirmed 0" AT);
	world_stop(&w);
	confirmed(&w);
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		world_bundle(&w, "b.raucb", rows[i].kind, rows[i].board,
		    rows[i].version);
		CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
		world_tells(&w, rows[i].line);
	}
	world_script(&w, "truncate -s 1000 slot-b");
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
	world_tells(&w, "update-not-written 0" AT);
	world_close(&w);
}

TEST(picture_is_told_of_an_update_that_waits_for_a_meetings_end)
{
	struct world w;
	char roomd[96];

	world_open(&w);
	confirmed(&w);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	world_stop(&w);
	w.options[0] = "--restart-seconds=600";
	world_start(&w);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_stop(&w);
	/* Nobody tells: a meeting may be on. */
	(void)snprintf(roomd, sizeof(roomd), "--roomd=%s/roomd", w.path);
	w.options[1] = roomd;
	w.options[2] = "--lost-seconds=600";
	world_start(&w);
	world_tells(&w, "update-waiting 0" AT);
	CHECK_EQ(world_do(&w, "cancel", NULL), 0);
	world_tells(&w, "update-cancelled 0" AT);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 1);
	world_tells(&w, "update-meeting 0" AT);
	world_close(&w);
}

TEST(service_works_where_nobody_shows_what_it_tells)
{
	struct world w;

	world_open(&w);
	world_script(&w, "rmdir notices");
	world_start(&w);
	CHECK_EQ(world_do(&w, "mark-good", NULL), 0);
	world_bundle(&w, "b.raucb", WORLD_RIGHT, "test", 4);
	CHECK_EQ(world_do(&w, "install", "b.raucb"), 0);
	world_script(&w, "! grep -q 'is not told' log");
	world_close(&w);
}

TEST(stick_for_another_kind_of_box_is_told_with_the_name_that_is_needed)
{
	struct world w;

	world_open(&w);
	confirmed(&w);
	world_script(&w, "mkdir stick; echo >stick/photo.jpg");
	CHECK_EQ(world_do(&w, "stick", "stick"), 0);
	world_script(&w,
	    "test ! -e notices/stick\n"
	    "echo >stick/konklave-other.raucb\n");
	CHECK_EQ(world_do(&w, "stick", "stick"), 1);
	world_script(&w,
	    "grep -q -x 'update-board 0 [0-9]*" FILE_NAME "' notices/stick");
	world_close(&w);
}
