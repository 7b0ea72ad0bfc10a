/* lines.c - telephone lines of a box. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/contract.h"
#include "lined.h"
#include "room/link.h"

TEST(interface_of_lines_is_that_of_the_contract_s_file)
{
	struct world w;
	struct lined l;

	lines_meet(&l, &w, NULL);
	contract_check(l.link, "io.konklave.Lines",
	    "firmware/bin/roomd/io.konklave.Lines.varlink");
	lines_end(&l, &w);
}

TEST(caller_with_number_and_pin_is_a_line_that_all_are_shown_until_it_hangs_up)
{
	struct world w;
	struct lined l;
	sd_json_variant *one;

	lines_meet(&l, &w, NULL);
	CHECK_EQ(
	    sd_json_variant_unsigned(sd_json_variant_by_key(l.told, "people")),
	    1);
	come(&l, 2);
	(void)lines_await(&l, ROOM, 1);
	one = line_of(&w.box[ROOM]);
	CHECK_STR(sd_json_variant_string(sd_json_variant_by_key(one, "label")),
	    "030 1234");
	CHECK_STR(
	    sd_json_variant_string(sd_json_variant_by_key(one, "transport")),
	    "srtp");
	CHECK_EQ(sd_json_variant_unsigned(sd_json_variant_by_key(one, "leaf")),
	    1);
	CHECK(!call_has(one, "lane"));
	(void)lines_await(&l, LINES, 1);
	one = line_of(&w.box[LINES]);
	CHECK_EQ(sd_json_variant_unsigned(sd_json_variant_by_key(one, "lane")),
	    2);
	end_line(&l, 2);
	tap_diag("after a hang-up: %.2f s", lines_await(&l, ROOM, 0));
	lines_end(&l, &w);
}

TEST(lines_send_sound_alone)
{
	struct world w;
	struct lined l;
	sd_json_variant *list;

	lines_meet(&l, &w, NULL);
	while (plan_count(&w.box[LINES], "slots") == 0)
		CHECK(sd_event_run(w.event, UINT64_MAX) >= 0);
	CHECK_EQ(plan_count(&w.box[LINES], "slots"), ROOM_AUDIO_SLOTS);
	list = sd_json_variant_by_key(w.box[LINES].plan[FACE], "publish");
	CHECK_EQ(sd_json_variant_elements(list), 1);
	lines_end(&l, &w);
}

static bool media_see_a_lane(struct world *w, const void *arg)
{
	const struct box *b = arg;
	sd_json_variant *list = sd_json_variant_by_key(b->plan[MEDIA], "lines");
	sd_json_variant *one = list && sd_json_variant_elements(list) > 0 ?
	    sd_json_variant_by_index(list, 0) :
	    NULL;

	(void)w;
	return one && call_has(one, "lane");
}

TEST(mixer_is_told_the_lanes_of_lines_that_are_in)
{
	struct world w;
	struct lined l;
	struct box *b;

	lines_meet(&l, &w, NULL);
	b = &w.box[LINES];
	plan_watch(b, MEDIA);
	CHECK(!media_see_a_lane(&w, b));
	come(&l, 3);
	await(&w, media_see_a_lane, b);
	CHECK(!call_has(b->plan[MEDIA], "link"));
	lines_end(&l, &w);
}

TEST(wrong_number_or_pin_is_wrong_and_nothing_else)
{
	static const char *const bad[][2] = { { NUMBER, "835215" },
		{ "4712", PIN }, { "", "" }, { NUMBER, "" }, { PIN, NUMBER },
		{ NUMBER, "83521" } };
	struct world w;
	struct lined l;
	char *log;

	lines_meet(&l, &w, NULL);
	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++)
		CHECK_STR(ask_as(&l, 0, bad[i][0], bad[i][1], "", "plain"),
		    "wrong");
	CHECK_EQ(refusals(&l, "wrong"), KK_ARRAY_LEN(bad));
	CHECK(line_told(&l, 0) == NULL);
	come(&l, 0); /* the lane was not used up */
	log = box_log(&w.box[LINES]);
	CHECK(strstr(log, "why=wrong") != NULL);
	CHECK(strstr(log, PIN) == NULL && strstr(log, NUMBER) == NULL);
	CHECK(strstr(log, "030 1234") == NULL);
	free(log);
	lines_end(&l, &w);
}

TEST(what_lined_may_not_say_is_refused)
{
	struct world w;
	struct lined l;
	sd_varlink *watch = NULL;
	sd_json_variant *out = NULL;
	const char *error = NULL;

	lines_meet(&l, &w, NULL);
	CHECK_STR(ask_as(&l, 1, NUMBER, PIN, "two\nlines", "tls"), "Format");
	CHECK_STR(ask_as(&l, 1, NUMBER, PIN, "me", "none"), "Invalid");
	l.origin = "rumour";
	CHECK_STR(ask_as(&l, 1, NUMBER, PIN, "me", "tls"), "Invalid");
	l.origin = "caller";
	CHECK_STR(ask_as(&l, 1, "4711471147114", PIN, "me", "tls"), "Limit");
	CHECK_STR(ask_line(&l, 4), "full");
	CHECK_STR(ask_line(&l, 1024), "Limit");
	CHECK_EQ(refusals(&l, "full"), 1);
	come(&l, 1);
	CHECK_STR(ask_line(&l, 1), "Exists");
	CHECK_STR(placed(&l, 1, 0, "ringing"), "NotFound");
	CHECK(sd_varlink_connect_address(&watch, l.socket) >= 0);
	CHECK(sd_varlink_collect(watch, "io.konklave.Lines.Watch", NULL, &out,
		  &error) >= 0);
	CHECK_STR(error, "io.konklave.Call.Exists");
	sd_varlink_close_unref(watch);
	(void)lines_await(&l, ROOM, 1); /* so that 0 is news */
	l.watch = sd_varlink_close_unref(l.watch);
	(void)lines_await(&l, ROOM, 0);
	CHECK_STR(ask_line(&l, 0), "NotNow"); /* nobody watches */
	lines_end(&l, &w);
}

TEST(too_many_questions_at_once_are_refused)
{
	struct world w;
	struct lined l;
	bool is_refused = false;

	lines_meet(&l, &w, NULL);
	for (int i = 0; i < 50; i++)
		is_refused |= !strcmp(ask_as(&l, 0, "1", "2222", "", "plain"),
		    "TooOften");
	CHECK(is_refused);
	lines_end(&l, &w);
}

TEST(what_a_line_does_by_its_keys_is_shown)
{
	struct world w;
	struct lined l;

	lines_meet(&l, &w, NULL);
	CHECK_STR(ask_line(&l, 0), "joining");
	tell_line(&l, 0, true, false);
	answer_await(&l, 0, "in");
	while (!line_has(&w.box[ROOM], "isMuted"))
		CHECK(sd_event_run(w.event, UINT64_MAX) >= 0);
	tell_line(&l, 0, false, true);
	while (!line_has(&w.box[ROOM], "hasHandUp"))
		CHECK(sd_event_run(w.event, UINT64_MAX) >= 0);
	CHECK(!line_has(&w.box[ROOM], "isMuted"));
	lines_end(&l, &w);
}

TEST(lined_that_goes_takes_all_its_lines_along)
{
	struct world w;
	struct lined l;

	lines_meet(&l, &w, NULL);
	for (uint64_t lane = 0; lane < 3; lane++)
		come(&l, lane);
	(void)lines_await(&l, ROOM, 3);
	lined_stop(&l);
	tap_diag("after lined: %.2f s", lines_await(&l, ROOM, 0));
	lined_start(&l);
	await(&w, is_told, &l);
	come(&l, 1);
	(void)lines_await(&l, ROOM, 1);
	lines_end(&l, &w);
}

TEST(roomd_of_lines_that_is_killed_leaves_no_line_behind)
{
	struct world w;
	struct lined l;

	lines_meet(&l, &w, NULL);
	come(&l, 0);
	(void)lines_await(&l, ROOM, 1);
	roomd_kill(&w.box[LINES]);
	lined_stop(&l);
	roomd_start(&w.box[LINES]);
	(void)lines_await(&l, ROOM, 0);
	await(&w, all_meet, NULL);
	lined_start(&l);
	await(&w, is_told, &l);
	come(&l, 0);
	lines_end(&l, &w);
}

TEST(host_mutes_removes_and_forbids)
{
	struct world w;
	struct lined l;
	struct box *room;
	const struct wanted muted = { &l, 0, "in", true };

	lines_meet(&l, &w, NULL);
	room = &w.box[ROOM];
	come(&l, 0);
	(void)lines_await(&l, ROOM, 1);
	CHECK_STR(host_asks(&w.box[LINES], "LineMute",
		      in_line(room, "isMuted", true)),
	    "Denied");
	CHECK_STR(host_asks(room, "LineMute", in_line(room, "isMuted", true)),
	    "");
	await(&w, is_answered, &muted);
	while (!line_has(room, "isMutedByHost"))
		CHECK(sd_event_run(w.event, UINT64_MAX) >= 0);
	CHECK_STR(host_asks(room, "LineRemove", in_line(room, NULL, false)),
	    "");
	await(&w, is_answered, &(struct wanted){ &l, 0, "removed", true });
	(void)lines_await(&l, ROOM, 0);
	end_line(&l, 0);
	come(&l, 0);
	CHECK_STR(host_asks(room, "LinesAllow", in_flag("allowed", false)), "");
	answer_await(&l, 0, "removed");
	CHECK_STR(ask_line(&l, 1), "forbidden");
	CHECK_EQ(refusals(&l, "forbidden"), 1);
	CHECK_STR(host_asks(room, "LinesAllow", in_flag("allowed", true)), "");
	end_line(&l, 0);
	while (strcmp(ask_line(&l, 0), "joining") != 0)
		CHECK(sd_event_run(w.event, 200000) >= 0);
	answer_await(&l, 0, "in");
	lines_end(&l, &w);
}

static bool is_locked(struct world *w, const void *arg)
{
	const struct box *b = arg;

	(void)w;
	return sd_json_variant_boolean(sd_json_variant_by_key(b->plan[FACE],
	    "isLocked"));
}

static bool is_open(struct world *w, const void *arg)
{
	return !is_locked(w, arg);
}

TEST(callers_of_a_locked_meeting_wait_until_it_is_open_or_lines_are_forbidden)
{
	struct world w;
	struct lined l;
	struct box *room;

	lines_meet(&l, &w, NULL);
	room = &w.box[ROOM];
	CHECK_STR(host_asks(room, "Lock", in_flag("locked", true)), "");
	await(&w, is_locked, &w.box[LINES]);
	CHECK_STR(ask_line(&l, 0), "joining");
	answer_await(&l, 0, "wait");
	(void)lines_await(&l, ROOM, 1);
	CHECK(line_has(room, "waits"));
	CHECK_STR(host_asks(room, "Lock", in_flag("locked", false)), "");
	answer_await(&l, 0, "in");
	/* Its plan may come behind its answer. */
	await(&w, is_open, &w.box[LINES]);
	CHECK_STR(host_asks(room, "Lock", in_flag("locked", true)), "");
	await(&w, is_locked, &w.box[LINES]);
	CHECK_STR(ask_line(&l, 1), "joining");
	answer_await(&l, 1, "wait");
	CHECK_STR(host_asks(room, "LinesAllow", in_flag("allowed", false)), "");
	answer_await(&l, 1, "refused");
	answer_await(&l, 0, "removed");
	lines_end(&l, &w);
}

/* Whose link is not that one. */
static bool all_meet_elsewhere(struct world *w, const void *link)
{
	const char *now = plan_text(&w->box[ROOM], "link");

	return now && strcmp(now, link) != 0 && all_meet(w, NULL);
}

TEST(caller_waits_until_the_box_is_in_a_meeting_and_goes_with_it)
{
	struct world w;
	struct lined l;
	char link[ROOM_LINK_BYTES];

	world_start(&w);
	lines_make(&l, &w, NULL);
	box_start(&w.box[LINES]);
	lined_start(&l);
	await(&w, is_told, &l);
	CHECK_STR(ask_line(&l, 0), "wait-alone");
	box_start(&w.box[ROOM]);
	answer_await(&l, 0, "in");
	CHECK_STR(host_asks(&w.box[LINES], "Leave", NULL), "Denied");
	CHECK_STR(host_asks(&w.box[LINES], "Enter", NULL), "Denied");
	await(&w, all_meet, NULL);
	(void)snprintf(link, sizeof(link), "%s",
	    plan_text(&w.box[ROOM], "link"));
	CHECK_STR(host_asks(&w.box[ROOM], "Enter", NULL), "");
	answer_await(&l, 0, "ended");
	end_line(&l, 0);
	await(&w, all_meet_elsewhere, link);
	come(&l, 0);
	CHECK_STR(host_asks(&w.box[ROOM], "Leave", NULL), "");
	answer_await(&l, 0, "ended");
	CHECK_STR(ask_line(&l, 1), "wait-alone");
	lines_end(&l, &w);
}

static bool nobody_is_there(struct world *w, const void *arg)
{
	const struct lined *l = arg;

	(void)w;
	return sd_json_variant_unsigned(sd_json_variant_by_key(l->told,
		   "people")) == 0;
}

TEST(caller_of_a_meeting_without_anybody_waits_for_the_first_to_come_back)
{
	struct world w;
	struct lined l;

	lines_meet(&l, &w, NULL);
	come(&l, 0);
	roomd_kill(&w.box[ROOM]);
	await(&w, nobody_is_there, &l);
	CHECK_STR(ask_line(&l, 1), "wait-alone");
	roomd_start(&w.box[ROOM]);
	answer_await(&l, 1, "in");
	answer_await(&l, 0, "in"); /* it was in all the time */
	(void)lines_await(&l, ROOM, 2);
	lines_end(&l, &w);
}

TEST(site_without_lines_lets_none_in_or_out)
{
	struct world w;
	struct lined l;
	sd_json_variant *in = NULL;

	lines_meet(&l, &w, "--no-lines");
	CHECK_STR(ask_line(&l, 0), "forbidden");
	CHECK_OK(call_put_text(&in, "number", "030"));
	CHECK_STR(host_asks(&w.box[LINES], "Dial", in), "Denied");
	lines_end(&l, &w);
}

TEST(number_and_pin_of_the_meeting_are_gone_from_memory_after_a_call)
{
	static const char guess[] = "918273645546";
	struct world w;
	struct lined l;

	process_memory_need_frees();
	lines_meet(&l, &w, NULL);
	CHECK_STR(ask_as(&l, 0, "111122223333", guess, "", "plain"), "wrong");
	CHECK_STR(ask_as(&l, 0, "1", "2", "", "plain"), "wrong");
	CHECK_EQ(process_memory_count(w.box[LINES].roomd, guess,
		     sizeof(guess) - 1),
	    0);
	lines_end(&l, &w);
}
