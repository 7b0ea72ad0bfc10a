/* dial.c - calls that a box places. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdlib.h>
#include <string.h>

#include "lined.h"

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
	const char *state; /* NULL: none */
	unsigned role; /* to whom it is told */
};

static bool call_is(struct world *w, const void *arg)
{
	const struct call_wanted *want = arg;
	sd_json_variant *v = sd_json_variant_by_key(want->b->plan[want->role],
	    "call");

	(void)w;
	if (!want->state)
		return !v || sd_json_variant_is_null(v);
	return v && !sd_json_variant_is_null(v) &&
	    !strcmp(sd_json_variant_string(sd_json_variant_by_key(v, "state")),
		want->state);
}

static void call_await(struct lined *l, const char *state)
{
	const struct call_wanted want = { &l->w->box[LINES], state, FACE };

	await(l->w, call_is, &want);
}

/* Of the box that places it, for its media. */
static void call_await_in_room(struct lined *l, const char *state)
{
	const struct call_wanted want = { &l->w->box[ROOM], state, MEDIA };

	await(l->w, call_is, &want);
}

/* Whether the room's media is told so of its call. */
static bool call_says(const struct lined *l, const char *name)
{
	sd_json_variant *v = sd_json_variant_by_key(
	    sd_json_variant_by_key(l->w->box[ROOM].plan[MEDIA], "call"), name);

	return v && sd_json_variant_boolean(v);
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

static sd_json_variant *in_tones(uint64_t line, const char *digits)
{
	sd_json_variant *in = in_hang_up(line);

	CHECK_OK(call_put_text(&in, "digits", digits));
	return in;
}

static const char *tones(struct lined *l, uint64_t line, const char *digits)
{
	return host_asks(&l->w->box[LINES], "Tones", in_tones(line, digits));
}

struct tones_wanted {
	const struct lined *l;
	uint64_t serial;
	const char *digits; /* NULL: none */
};

static bool tones_are(struct world *w, const void *arg)
{
	const struct tones_wanted *want = arg;
	sd_json_variant *v = sd_json_variant_by_key(want->l->told, "tones");

	(void)w;
	if (!want->digits)
		return !v || sd_json_variant_is_null(v);
	return v && !sd_json_variant_is_null(v) &&
	    sd_json_variant_unsigned(sd_json_variant_by_key(v, "serial")) ==
	    want->serial &&
	    !strcmp(sd_json_variant_string(sd_json_variant_by_key(v, "digits")),
		want->digits);
}

static void tones_await(struct lined *l, uint64_t serial, const char *digits)
{
	const struct tones_wanted want = { l, serial, digits };

	await(l->w, tones_are, &want);
}

TEST(tones_of_a_call_go_to_lined_while_it_is_heard_and_are_forgotten_with_it)
{
	struct world w;
	struct lined l;
	char many[128];
	uint64_t serial;
	char *log;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	plan_watch(&w.box[ROOM], MEDIA);
	CHECK_STR(tones(&l, 1024, "1"), "NotFound");
	serial = dial_place(&l);
	CHECK_STR(tones(&l, serial, "1"), "WrongState");
	CHECK_STR(placed(&l, serial, 3, "ringing"), "");
	CHECK_STR(tones(&l, serial, "1"), "WrongState");
	CHECK_STR(tones(&l, serial + 1, "1"), "NotFound");
	CHECK_STR(placed_with_tones(&l, serial, 3, "early"), "");
	CHECK_STR(tones(&l, serial, "8352"), "");
	tones_await(&l, serial, "8352");
	CHECK_STR(placed_with_tones(&l, serial, 3, "talking"), "");
	CHECK_STR(tones(&l, 3, "14#*"), "");
	tones_await(&l, serial, "835214#*");
	CHECK_STR(tones(&l, 2, "1"), "NotFound");
	CHECK_STR(tones(&l, serial, ""), "Invalid");
	CHECK_STR(tones(&l, serial, "+1"), "Invalid");
	CHECK_STR(tones(&l, serial, "1A"), "Invalid");
	memset(many, '7', sizeof(many));
	many[121] = '\0';
	CHECK_STR(tones(&l, serial, many), "Limit");
	many[120] = '\0';
	CHECK_STR(tones(&l, serial, many), "");
	CHECK_STR(tones(&l, serial, "1"), "Limit");
	call_await_in_room(&l, "talking");
	CHECK(call_says(&l, "hasTones") && !call_says(&l, "isLong"));
	/* The other end takes none any more. */
	CHECK_STR(placed_with_tones(&l, serial, 2, "talking"), "Invalid");
	CHECK_STR(placed(&l, serial, 3, "talking"), "");
	CHECK_STR(tones(&l, serial, "1"), "Unsupported");
	CHECK_STR(host_asks(&w.box[LINES], "HangUp", in_hang_up(serial)), "");
	tones_await(&l, serial, NULL);
	CHECK_STR(tones(&l, serial, "1"), "NotFound");
	CHECK_STR(placed_with_tones(&l, serial, 3, "talking"), "WrongState");
	log = box_log(&w.box[LINES]);
	CHECK(strstr(log, "8352") == NULL);
	free(log);
	lines_end(&l, &w);
}

static bool is_long(struct world *w, const void *arg)
{
	(void)w;
	return call_says(arg, "isLong");
}

TEST(room_knows_its_call_for_as_long_as_it_lasts)
{
	struct world w;
	struct lined l;
	uint64_t serial;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	plan_watch(&w.box[ROOM], MEDIA);
	serial = dial_place(&l);
	CHECK_STR(placed_with_tones(&l, serial, 3, "talking"), "");
	call_await_in_room(&l, "talking");
	tap_diag("nothing is said of it after %.1f s",
	    await_s(&w, is_long, &l));
	CHECK(call_says(&l, "hasTones"));
	CHECK_STR(host_asks(&w.box[LINES], "HangUp", in_hang_up(serial)), "");
	call_await_in_room(&l, "ended");
	CHECK(!call_says(&l, "isLong"));
	lines_end(&l, &w);
}

TEST(the_number_pad_dials_and_hangs_up_and_may_do_nothing_else)
{
	static const char *const calls[] = { "Status", "Enter", "Leave",
		"LinesAdmit" };
	struct world w;
	struct lined l;
	const char *error;
	sd_json_variant *out;
	uint64_t serial;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	for (size_t i = 0; i < KK_ARRAY_LEN(calls); i++) {
		(void)ask(&w.box[LINES], PANEL, calls[i], NULL, &error);
		CHECK_STR(error, "NotAllowed");
	}
	(void)ask(&w.box[LINES], PANEL, "Dial", in_number("0900"), &error);
	CHECK_STR(error, "Denied");
	out = ask(&w.box[LINES], PANEL, "Dial", in_number("+4930123"), &error);
	CHECK(error == NULL);
	serial = sd_json_variant_unsigned(sd_json_variant_by_key(out, "line"));
	await(&w, is_dialled, &l);
	CHECK_STR(placed_with_tones(&l, serial, 3, "early"), "");
	(void)ask(&w.box[LINES], PANEL, "Tones", in_tones(serial, "1#"),
	    &error);
	CHECK(error == NULL);
	tones_await(&l, serial, "1#");
	(void)ask(&w.box[LINES], PANEL, "HangUp", in_hang_up(serial), &error);
	CHECK(error == NULL);
	await(&w, is_not_dialled, &l);
	call_await(&l, "ended");
	lines_end(&l, &w);
}

TEST(call_that_rings_aloud_comes_in_once_and_goes_when_nobody_answers)
{
	struct world w;
	struct lined l;
	uint64_t serial;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	serial = dial_place(&l);
	CHECK_STR(placed(&l, serial, 3, "early"), "");
	call_await(&l, "early");
	CHECK_STR(ask_as(&l, 2, "", "", "", "plain"), "wrong");
	CHECK_STR(ask_as(&l, 3, "", "", "+49 30 123", "plain"), "joining");
	answer_await(&l, 3, "in");
	(void)lines_await(&l, ROOM, 1);
	CHECK(is_dialled(&w, &l));
	CHECK_STR(placed(&l, serial, 3, "talking"), "");
	await(&w, is_not_dialled, &l);
	CHECK_STR(ask_as(&l, 2, "", "", "", "plain"), "wrong");
	end_line(&l, 3);
	(void)lines_await(&l, ROOM, 0);
	serial = dial_place(&l);
	CHECK_STR(placed(&l, serial, 3, "early"), "");
	CHECK_STR(ask_as(&l, 3, "", "", "+49 30 123", "plain"), "joining");
	answer_await(&l, 3, "in");
	CHECK_STR(placed(&l, serial, 3, "unknown"), "");
	call_await(&l, "unknown");
	end_line(&l, 3);
	(void)lines_await(&l, ROOM, 0);
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

/* Over a connection that stays; NULL: there is none. */
static const char *called_as(sd_varlink *link, const char *state, bool is_long)
{
	sd_json_variant *call = NULL, *in = NULL, *out = NULL;
	const char *error = NULL;

	if (state) {
		CHECK_OK(call_put_u64(&call, "line", 1024));
		CHECK_OK(call_put_text(&call, "state", state));
		if (is_long)
			CHECK_OK(call_put_bool(&call, "isLong", true));
		CHECK_OK(call_put_value(&in, "call", call));
		sd_json_variant_unref(call);
	}
	CHECK(sd_varlink_call(link, "io.konklave.Room.Called", in, &out,
		  &error) >= 0);
	sd_json_variant_unref(in);
	return error ? strrchr(error, '.') + 1 : "";
}

static const char *called(sd_varlink *link, const char *state)
{
	return called_as(link, state, false);
}

TEST(room_is_told_how_its_call_stands_but_not_whom_it_calls)
{
	struct world w;
	struct lined l;
	uint64_t serial;
	sd_varlink *link = NULL;
	char *text = NULL;

	lines_meet(&l, &w, "--dial-prefix=+4930");
	plan_watch(&w.box[ROOM], MEDIA);
	call_await_in_room(&l, NULL);
	serial = dial_place(&l);
	call_await_in_room(&l, "placing");
	CHECK_STR(placed(&l, serial, 3, "ringing"), "");
	call_await_in_room(&l, "ringing");
	CHECK(sd_json_variant_format(w.box[ROOM].plan[MEDIA], 0, &text) >= 0);
	CHECK(strstr(text, "4930") == NULL);
	free(text);
	CHECK_EQ(plan_count(&w.box[ROOM], "lines"), 0);
	CHECK_STR(placed(&l, serial, 3, "no-answer"), "");
	call_await_in_room(&l, "no-answer");
	/* And no more when who told it is gone, or there is nothing to tell. */
	roomd_kill(&w.box[LINES]);
	call_await_in_room(&l, NULL);
	CHECK(sd_varlink_connect_address(&link, w.box[ROOM].names[FACE]) >= 0);
	CHECK_STR(called(link, "calling"), "Invalid");
	CHECK_STR(called(link, "busy"), "");
	call_await_in_room(&l, "busy");
	CHECK_STR(called_as(link, "talking", true), "");
	call_await_in_room(&l, "talking");
	CHECK(call_says(&l, "isLong") && !call_says(&l, "hasTones"));
	CHECK_STR(called(link, NULL), "");
	call_await_in_room(&l, NULL);
	sd_varlink_close_unref(link);
	lines_end(&l, &w);
}
