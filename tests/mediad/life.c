/* life.c - a box's media, from the outside. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/notice.h"
#include "world.h"

static void call_start(struct world *w)
{
	world_start(w);
	box_run(&w->box[0]);
	box_run(&w->box[1]);
	epoch_next(w, 3);
}

static bool is_connected(const struct box *b)
{
	return b->siblings.report.generation == b->siblings.generation &&
	    !strcmp(b->siblings.report.state, "connected");
}

static bool is_mutual(struct world *w)
{
	return sees(&w->box[0], 1) && sees(&w->box[1], 0);
}

TEST(two_boxes_connect_report_and_see_and_hear_each_other)
{
	struct world w;
	struct box *b = &w.box[0];
	struct stat wav;
	char *log;

	call_start(&w);
	UNTIL(&w, is_connected(&w.box[0]) && is_connected(&w.box[1]));
	UNTIL(&w, is_mutual(&w));
	UNTIL(&w,
	    b->siblings.report.has_camera &&
		b->siblings.report.has_microphone &&
		b->siblings.report.is_speaking);
	CHECK(!b->siblings.report.needs_epoch);
	CHECK_EQ(b->siblings.connects, 1);
	CHECK_EQ(stat(b->wav, &wav), 0);
	CHECK(wav.st_size > 96000);
	log = file_text(b->log);
	CHECK(strstr(log, "err=") == NULL);
	free(log);
	world_end(&w);
}

TEST(telephone_lines_of_the_plan_stand_on_the_picture)
{
	struct world w;

	world_start(&w);
	box_run(&w.box[0]);
	w.lines = 2;
	epoch_next(&w, 3);
	UNTIL(&w,
	    says_of_lines(&w.box[0],
		"2 telephone lines, unprotected beyond Room 0"));
	/* A plan with more than there can be is none, and changes nothing. */
	w.lines = 257;
	plan_tell(&w.box[0]);
	w.lines = 1;
	plan_tell(&w.box[0]);
	UNTIL(&w,
	    says_of_lines(&w.box[0],
		"1 telephone line, unprotected beyond Room 0"));
	w.lines = 0;
	plan_tell(&w.box[0]);
	UNTIL(&w, says_of_lines(&w.box[0], ""));
	world_end(&w);
}

static void notice_put(const struct world *w, const char *as,
    enum notice_kind kind, unsigned number)
{
	const struct notice n = { .kind = kind, .number = number };

	CHECK_OK(program_notice_put(w->folder, as, &n));
}

TEST(what_the_box_tells_of_updates_and_sticks_stands_on_the_picture)
{
	struct world w;
	struct box *b = &w.box[0];
	char path[64];

	world_start(&w);
	box_run(b);
	epoch_next(&w, 1);
	UNTIL(&w, says_notice(b, ""));
	notice_put(&w, "update", NOTICE_UPDATE_WRITING, 41);
	UNTIL(&w, says_notice(b, "An update is being installed: 41 %"));
	notice_put(&w, "update", NOTICE_UPDATE_WRITING, 42);
	UNTIL(&w, says_notice(b, "An update is being installed: 42 %"));
	notice_put(&w, "update", NOTICE_NONE, 0);
	UNTIL(&w, says_notice(b, ""));
	/* What is no notice says nothing, and hides none. */
	(void)snprintf(path, sizeof(path), "%s/stick", w.folder);
	file_write(path, (const uint8_t *)"update-done 0 1 a b\n", 20);
	notice_put(&w, "update", NOTICE_UPDATE_SAME, 0);
	UNTIL(&w,
	    says_notice(b, "The box has the version of this update already"));
	CHECK_EQ(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/update", w.folder);
	CHECK_EQ(unlink(path), 0);
	UNTIL(&w, says_notice(b, ""));
	world_end(&w);
}

TEST(after_kill_9_it_asks_for_an_epoch_and_seals_only_in_that)
{
	struct world w;
	struct strip before, after;

	call_start(&w);
	UNTIL(&w, is_mutual(&w));
	box_kill(&w.box[1]);
	generation_next(&w.box[1]); /* as the forwarder and roomd would */
	CHECK(picture_strip(&w.box[0], "Room 1", &before));
	w.box[1].siblings.report = (struct siblings_report){ 0 };
	box_run(&w.box[1]);
	UNTIL(&w, w.box[1].siblings.report.needs_epoch);
	/* It sees, and sends nothing. */
	UNTIL(&w, sees(&w.box[1], 0) && is_connected(&w.box[1]));
	CHECK(w.box[1].peer->seqs[0] == 0);
	epoch_next(&w, 3);
	UNTIL(&w, !w.box[1].siblings.report.needs_epoch);
	UNTIL(&w,
	    sees(&w.box[0], 1) && picture_strip(&w.box[0], "Room 1", &after) &&
		(uint16_t)(after.time_10ms - before.time_10ms) > 50);
	world_end(&w);
}

TEST(media_goes_on_while_keyd_and_roomd_are_gone_and_they_are_found_again)
{
	struct world w;
	struct strip before, later;

	call_start(&w);
	UNTIL(&w, is_mutual(&w));
	box_fakes_stop(&w.box[0]);
	CHECK(picture_strip(&w.box[0], "Room 1", &before));
	UNTIL(&w,
	    picture_strip(&w.box[0], "Room 1", &later) &&
		(uint16_t)(later.time_10ms - before.time_10ms) > 250);
	w.box[0].siblings.report = (struct siblings_report){ 0 };
	box_fakes_start(&w.box[0]);
	/* The same generation: its transport stays. */
	UNTIL(&w, is_connected(&w.box[0]));
	CHECK_EQ(w.box[0].siblings.connects, 1);
	CHECK(!w.box[0].siblings.report.needs_epoch);
	epoch_next(&w, 3);
	UNTIL(&w, is_mutual(&w));
	world_end(&w);
}

TEST(a_new_generation_is_a_new_transport)
{
	struct world w;

	call_start(&w);
	UNTIL(&w, is_connected(&w.box[0]));
	generation_next(&w.box[0]);
	UNTIL(&w, is_connected(&w.box[0]));
	CHECK_EQ(w.box[0].siblings.connects, 2);
	UNTIL(&w, is_mutual(&w));
	world_end(&w);
}

static int run_with(const char *argument, char *out, size_t room)
{
	const char *const args[] = { "--keyd=/x", "--roomd=/y", argument,
		NULL };

	return process_run("mediad", args, out, room);
}

TEST(a_wrong_option_says_what_is_wrong_and_ends_with_2)
{
	static const char *const wrong[][2] = {
		{ "--size=1280", "not a size" },
		{ "--send-size=641x360", "not a size" },
		{ "--fps=0", "not a number from 1 to 60" },
		{ "--number=16", "not a number from 0 to 15" },
		{ "--encodings=4", "not a number from 1 to 3" },
		{ "--screen=wall", "none, window or kms" },
		{ "--keyd", "requires an argument" },
		{ "more", "what is this for?" },
	};
	char text[4096];

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		CHECK_EQ(run_with(wrong[i][0], text, sizeof(text)), 2);
		CHECK(strstr(text, wrong[i][1]) != NULL);
	}
	CHECK_EQ(run_with("--help", text, sizeof(text)), 0);
	CHECK(strstr(text, "--picture=FILE.png") != NULL);
}

TEST(nobody_may_look_into_it_and_it_leaves_no_core)
{
	struct world w;
	char path[64], *text;

	world_start(&w);
	box_run(&w.box[0]);
	(void)snprintf(path, sizeof(path), "/proc/%d/limits",
	    (int)w.box[0].pid);
	text = file_text(path);
	CHECK(strstr(text, "Max core file size        0 ") != NULL);
	free(text);
	world_end(&w);
}

static size_t key_count(const struct box *b, uint64_t epoch)
{
	uint8_t key[SIBLINGS_KEY_BYTES];

	siblings_key(epoch, key);
	return process_memory_count(b->pid, key, sizeof(key));
}

/* The first letters of its base64: the last ones depend on its length. */
static size_t key_text_count(const struct box *b, uint64_t epoch)
{
	sd_json_variant *v = NULL;
	uint8_t key[SIBLINGS_KEY_BYTES];
	size_t count;

	siblings_key(epoch, key);
	CHECK(sd_json_variant_new_base64(&v, key, sizeof(key) - 2) >= 0);
	count = process_memory_count(b->pid, sd_json_variant_string(v),
	    strlen(sd_json_variant_string(v)));
	sd_json_variant_unref(v);
	return count;
}

TEST(base_keys_are_gone_from_memory_when_the_meeting_has_ended)
{
	struct world w;
	struct box *b = &w.box[0];

	call_start(&w);
	UNTIL(&w, is_connected(b));
	epoch_next(&w, 3);
	UNTIL(&w, key_text_count(b, w.epoch) > 0);
	CHECK_EQ(key_text_count(b, w.epoch - 1), 0);
	keys_end(b);
	UNTIL(&w, key_text_count(b, w.epoch) == 0);
	UNTIL(&w, key_count(b, w.epoch) == 0);
	CHECK_EQ(key_count(b, w.epoch - 1), 0);
	world_end(&w);
}
