/* lines.c - telephone lines of a box: its second roomd and keyd, and a lined
 * that is played by the test. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/contract.h"
#include "world.h"

#define NUMBER "4711"
#define PIN "835214"

enum { ROOM, LINES, GUEST }; /* the boxes' numbers */

struct lined {
	struct world *w;
	char socket[96], follow[96], dial_in[96], option[4][128];
	sd_varlink *watch, *link;
	sd_json_variant *told;
};

static int told(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct lined *l = arg;

	(void)link;
	(void)flags;
	if (error)
		return 0;
	sd_json_variant_unref(l->told);
	l->told = sd_json_variant_ref(out);
	return 0;
}

/* The lines' keyd and roomd, in the place of the second box. */
static void lines_make(struct lined *l, struct world *w, const char *more)
{
	struct box *b = &w->box[LINES];

	*l = (struct lined){ .w = w };
	(void)snprintf(l->socket, sizeof(l->socket), "%s/lines", b->folder);
	(void)snprintf(l->dial_in, sizeof(l->dial_in), "%s/dial-in", b->folder);
	file_write(l->dial_in, NUMBER " " PIN "\n", sizeof(NUMBER " " PIN));
	(void)snprintf(l->option[0], sizeof(l->option[0]), "--socket=lines:%s",
	    l->socket);
	(void)snprintf(l->option[1], sizeof(l->option[1]), "--follow=%s",
	    w->box[ROOM].names[FACE]);
	(void)snprintf(l->option[2], sizeof(l->option[2]), "--dial-in=%s",
	    l->dial_in);
	for (size_t i = 0; i < 3; i++)
		b->roomd_options[i] = l->option[i];
	b->roomd_options[3] = "--lines=4";
	b->roomd_options[4] = more;
	b->keyd_options[0] = "--name=Lines of Box 0";
}

static void lined_start(struct lined *l)
{
	CHECK(sd_varlink_connect_address(&l->watch, l->socket) >= 0);
	sd_varlink_set_userdata(l->watch, l);
	CHECK(sd_varlink_bind_reply(l->watch, told) >= 0);
	CHECK(sd_varlink_set_relative_timeout(l->watch, UINT64_MAX) >= 0);
	CHECK(sd_varlink_attach_event(l->watch, l->w->event,
		  SD_EVENT_PRIORITY_NORMAL) >= 0);
	CHECK(sd_varlink_observe(l->watch, "io.konklave.Lines.Watch", NULL) >=
	    0);
	CHECK(sd_varlink_connect_address(&l->link, l->socket) >= 0);
}

static void lined_stop(struct lined *l)
{
	l->watch = sd_varlink_close_unref(l->watch);
	l->link = sd_varlink_close_unref(l->link);
	l->told = sd_json_variant_unref(l->told);
}

static bool is_told(struct world *w, const void *arg)
{
	const struct lined *l = arg;

	(void)w;
	return l->told != NULL;
}

/* A box with lines, both in its meeting, and a lined. */
static void lines_meet(struct lined *l, struct world *w, const char *more)
{
	world_start(w);
	lines_make(l, w, more);
	box_start(&w->box[ROOM]);
	box_start(&w->box[LINES]);
	await(w, all_meet, NULL);
	lined_start(l);
	await(w, is_told, l);
}

static void lines_end(struct lined *l, struct world *w)
{
	lined_stop(l);
	world_end(w);
}

/* Gives the answer, of "Ask", or the error's last name; until the next. */
static const char *call(struct lined *l, const char *method,
    sd_json_variant *in)
{
	static char text[64];
	sd_json_variant *out = NULL, *answer;
	const char *error = NULL;
	char name[64];

	(void)snprintf(name, sizeof(name), "io.konklave.Lines.%s", method);
	CHECK(sd_varlink_call(l->link, name, in, &out, &error) >= 0);
	answer = sd_json_variant_by_key(out, "answer");
	(void)snprintf(text, sizeof(text), "%s",
	    error      ? strrchr(error, '.') + 1 :
		answer ? sd_json_variant_string(answer) :
			 "");
	sd_json_variant_unref(in);
	return text;
}

static const char *ask_as(struct lined *l, uint64_t lane, const char *number,
    const char *pin, const char *label, const char *transport)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_OK(call_put_secret_text(&in, "number", number));
	CHECK_OK(call_put_secret_text(&in, "pin", pin));
	CHECK_OK(call_put_text(&in, "label", label));
	CHECK_OK(call_put_text(&in, "transport", transport));
	return call(l, "Ask", in);
}

static const char *ask_line(struct lined *l, uint64_t lane)
{
	return ask_as(l, lane, NUMBER, PIN, "030 1234", "srtp");
}

static void tell_line(struct lined *l, uint64_t lane, bool is_muted,
    bool has_hand_up)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_OK(call_put_bool(&in, "isMuted", is_muted));
	CHECK_OK(call_put_bool(&in, "hasHandUp", has_hand_up));
	CHECK_STR(call(l, "Tell", in), "");
}

static void end_line(struct lined *l, uint64_t lane)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_STR(call(l, "End", in), "");
}

static const char *placed(struct lined *l, uint64_t serial, uint64_t lane,
    const char *state)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "serial", serial));
	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_OK(call_put_text(&in, "state", state));
	return call(l, "Placed", in);
}

/*
 * What is told.
 */
static sd_json_variant *line_told(const struct lined *l, uint64_t lane)
{
	sd_json_variant *list = sd_json_variant_by_key(l->told, "lines");

	for (size_t i = 0; list && i < sd_json_variant_elements(list); i++) {
		sd_json_variant *one = sd_json_variant_by_index(list, i);

		if (sd_json_variant_unsigned(sd_json_variant_by_key(one,
			"line")) == lane)
			return one;
	}
	return NULL;
}

struct wanted {
	const struct lined *l;
	uint64_t lane;
	const char *answer;
	bool is_muted;
};

static bool is_answered(struct world *w, const void *arg)
{
	const struct wanted *want = arg;
	sd_json_variant *one = line_told(want->l, want->lane);

	(void)w;
	return one &&
	    !strcmp(
		sd_json_variant_string(sd_json_variant_by_key(one, "answer")),
		want->answer) &&
	    sd_json_variant_boolean(sd_json_variant_by_key(one,
		"isMutedByHost")) == want->is_muted;
}

static void answer_await(struct lined *l, uint64_t lane, const char *answer)
{
	const struct wanted want = { l, lane, answer, false };

	await(l->w, is_answered, &want);
}

static void come(struct lined *l, uint64_t lane)
{
	const char *answer = ask_line(l, lane);

	CHECK(!strcmp(answer, "joining") || !strcmp(answer, "in"));
	answer_await(l, lane, "in");
}

/* Of a box's plan, the first of its lines; NULL: it has none. */
static sd_json_variant *line_of(const struct box *b)
{
	sd_json_variant *list = sd_json_variant_by_key(b->plan[FACE], "lines");

	return list && sd_json_variant_elements(list) > 0 ?
	    sd_json_variant_by_index(list, 0) :
	    NULL;
}

static bool line_has(const struct box *b, const char *name)
{
	sd_json_variant *v = line_of(b);

	return v && sd_json_variant_boolean(sd_json_variant_by_key(v, name));
}

struct lines_wanted {
	const struct box *b;
	size_t count;
};

static bool has_lines(struct world *w, const void *arg)
{
	const struct lines_wanted *want = arg;

	(void)w;
	return call_has(want->b->plan[FACE], "lines") &&
	    plan_count(want->b, "lines") == want->count;
}

static double lines_await(struct lined *l, size_t box, size_t count)
{
	const struct lines_wanted want = { &l->w->box[box], count };

	return await_s(l->w, has_lines, &want);
}

static sd_json_variant *in_line(const struct box *b, const char *flag,
    bool is_on)
{
	sd_json_variant *v = line_of(b), *in = NULL;

	CHECK_OK(call_put_value(&in, "leaf",
	    sd_json_variant_by_key(v, "leaf")));
	CHECK_OK(call_put_value(&in, "id", sd_json_variant_by_key(v, "id")));
	if (flag)
		CHECK_OK(call_put_bool(&in, flag, is_on));
	return in;
}

static sd_json_variant *in_flag(const char *name, bool is_on)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_bool(&in, name, is_on));
	return in;
}

static const char *host_asks(struct box *b, const char *method,
    sd_json_variant *in)
{
	const char *error;

	(void)ask(b, FACE, method, in, &error);
	return error ? error : "";
}

static uint64_t refusals(struct lined *l, const char *name)
{
	const char *error;
	sd_json_variant *v = ask(&l->w->box[LINES], FACE, "Status", NULL,
	    &error);

	v = sd_json_variant_by_key(v, "refusals");
	CHECK(v != NULL);
	return sd_json_variant_unsigned(sd_json_variant_by_key(v, name));
}

/*
 * Tests.
 */
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
	CHECK(line_has(room, "isMutedByHost"));
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

TEST(callers_of_a_locked_meeting_wait_until_it_is_open_or_lines_are_forbidden)
{
	struct world w;
	struct lined l;
	struct box *room;

	lines_meet(&l, &w, NULL);
	room = &w.box[ROOM];
	CHECK_STR(host_asks(room, "Lock", in_flag("locked", true)), "");
	await(&w, is_locked, &w.box[LINES]);
	CHECK_STR(ask_line(&l, 0), "wait");
	CHECK_EQ(plan_count(room, "lines"), 0);
	CHECK_STR(host_asks(room, "Lock", in_flag("locked", false)), "");
	answer_await(&l, 0, "in");
	CHECK_STR(host_asks(room, "Lock", in_flag("locked", true)), "");
	await(&w, is_locked, &w.box[LINES]);
	CHECK_STR(ask_line(&l, 1), "wait");
	CHECK_STR(host_asks(room, "LinesAllow", in_flag("allowed", false)), "");
	answer_await(&l, 1, "refused");
	answer_await(&l, 0, "removed");
	lines_end(&l, &w);
}

TEST(caller_waits_until_the_box_is_in_a_meeting_and_goes_with_it)
{
	struct world w;
	struct lined l;

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
	CHECK_STR(host_asks(&w.box[ROOM], "Enter", NULL), "");
	answer_await(&l, 0, "ended");
	end_line(&l, 0);
	await(&w, all_meet, NULL); /* in the new one */
	come(&l, 0);
	CHECK_STR(host_asks(&w.box[ROOM], "Leave", NULL), "");
	answer_await(&l, 0, "ended");
	CHECK_STR(ask_line(&l, 1), "wait-alone");
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

static sd_json_variant *in_number(const char *number)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_text(&in, "number", number));
	return in;
}

static bool is_dialled(struct world *w, const void *arg)
{
	const struct lined *l = arg;

	(void)w;
	return call_has(l->told, "dial");
}

static bool is_not_dialled(struct world *w, const void *arg)
{
	return !is_dialled(w, arg);
}

static uint64_t dial_serial(const struct lined *l)
{
	return sd_json_variant_unsigned(sd_json_variant_by_key(
	    sd_json_variant_by_key(l->told, "dial"), "serial"));
}

struct call_wanted {
	const struct box *b;
	const char *state;
};

static bool call_is(struct world *w, const void *arg)
{
	const struct call_wanted *want = arg;
	sd_json_variant *v = sd_json_variant_by_key(want->b->plan[FACE],
	    "call");

	(void)w;
	return v &&
	    !strcmp(sd_json_variant_string(sd_json_variant_by_key(v, "state")),
		want->state);
}

static void call_await(struct lined *l, const char *state)
{
	const struct call_wanted want = { &l->w->box[LINES], state };

	await(l->w, call_is, &want);
}

static uint64_t dial_place(struct lined *l)
{
	const char *error;
	sd_json_variant *out;
	uint64_t serial;

	out = ask(&l->w->box[LINES], FACE, "Dial", in_number("+4930123"),
	    &error);
	CHECK(error == NULL);
	serial = sd_json_variant_unsigned(sd_json_variant_by_key(out, "line"));
	await(l->w, is_dialled, l);
	CHECK_EQ(dial_serial(l), serial);
	return serial;
}

static sd_json_variant *in_hang_up(uint64_t line)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "line", line));
	return in;
}

TEST(call_that_was_placed_comes_in_without_a_pin_and_is_hung_up)
{
	struct world w;
	struct lined l;
	uint64_t serial;
	char *log;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	CHECK_STR(host_asks(&w.box[LINES], "Dial", in_number("0900")),
	    "Denied");
	CHECK_STR(host_asks(&w.box[LINES], "Dial", in_number("+4930;x")),
	    "Invalid");
	CHECK_STR(host_asks(&w.box[ROOM], "Dial", in_number("+49301")),
	    "Unsupported");
	CHECK_EQ(refusals(&l, "dials"), 1);
	serial = dial_place(&l);
	CHECK_STR(host_asks(&w.box[LINES], "Dial", in_number("+49302")),
	    "Exists");
	CHECK_STR(placed(&l, serial, 3, "ringing"), "");
	call_await(&l, "ringing");
	CHECK_STR(ask_as(&l, 3, "", "", "+49 30 123", "tls"), "wrong");
	CHECK_STR(placed(&l, serial, 3, "talking"), "");
	await(&w, is_not_dialled, &l);
	CHECK_STR(ask_as(&l, 2, "", "", "", "tls"), "wrong");
	CHECK_STR(ask_as(&l, 3, "", "", "+49 30 123", "tls"), "joining");
	answer_await(&l, 3, "in");
	call_await(&l, "talking");
	CHECK_STR(host_asks(&w.box[LINES], "HangUp", in_hang_up(serial)), "");
	answer_await(&l, 3, "ended");
	call_await(&l, "ended");
	(void)lines_await(&l, ROOM, 0);
	CHECK_STR(host_asks(&w.box[LINES], "HangUp", in_hang_up(3)),
	    "NotFound");
	log = box_log(&w.box[LINES]);
	CHECK(strstr(log, "4930") == NULL);
	free(log);
	lines_end(&l, &w);
}

TEST(call_that_is_given_up_or_fails_is_over)
{
	struct world w;
	struct lined l;
	uint64_t serial, again;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	serial = dial_place(&l);
	CHECK_STR(host_asks(&w.box[LINES], "HangUp", in_hang_up(serial)), "");
	await(&w, is_not_dialled, &l);
	call_await(&l, "ended");
	CHECK_STR(placed(&l, serial, 0, "talking"), "WrongState");
	again = dial_place(&l);
	CHECK(again > serial);
	CHECK_STR(placed(&l, serial, 0, "busy"), "NotFound");
	CHECK_STR(placed(&l, again, 0, "busy"), "");
	call_await(&l, "busy");
	CHECK_STR(placed(&l, again, 0, "ringing"), "WrongState");
	lines_end(&l, &w);
}

TEST(no_number_may_be_called_where_the_site_names_none)
{
	struct world w;
	struct lined l;

	lines_meet(&l, &w, NULL);
	CHECK_STR(host_asks(&w.box[LINES], "Dial", in_number("110")), "Denied");
	CHECK_EQ(refusals(&l, "dials"), 1);
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
