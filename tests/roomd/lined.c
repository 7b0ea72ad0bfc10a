/* lined.c - a lined that is played, and what it and boxes are told. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include "lined.h"

#include <stdio.h>
#include <string.h>

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
void lines_make(struct lined *l, struct world *w, const char *more)
{
	struct box *b = &w->box[LINES];

	*l = (struct lined){ .w = w, .origin = "exchange" };
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

void lined_start(struct lined *l)
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

void lined_stop(struct lined *l)
{
	l->watch = sd_varlink_close_unref(l->watch);
	l->link = sd_varlink_close_unref(l->link);
	l->told = sd_json_variant_unref(l->told);
}

bool is_told(struct world *w, const void *arg)
{
	const struct lined *l = arg;

	(void)w;
	return l->told != NULL;
}

/* A box with lines, both in its meeting, and a lined. */
void lines_meet(struct lined *l, struct world *w, const char *more)
{
	world_start(w);
	lines_make(l, w, more);
	lines_begin(l);
}

void lines_begin(struct lined *l)
{
	struct world *w = l->w;

	box_start(&w->box[ROOM]);
	box_start(&w->box[LINES]);
	await(w, all_meet, NULL);
	lined_start(l);
	await(w, is_told, l);
}

void lines_end(struct lined *l, struct world *w)
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

const char *ask_as(struct lined *l, uint64_t lane, const char *number,
    const char *pin, const char *label, const char *transport)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_OK(call_put_secret_text(&in, "number", number));
	CHECK_OK(call_put_secret_text(&in, "pin", pin));
	CHECK_OK(call_put_text(&in, "label", label));
	CHECK_OK(call_put_text(&in, "origin", l->origin));
	CHECK_OK(call_put_text(&in, "transport", transport));
	return call(l, "Ask", in);
}

const char *ask_line(struct lined *l, uint64_t lane)
{
	return ask_as(l, lane, NUMBER, PIN, "030 1234", "srtp");
}

void tell_line(struct lined *l, uint64_t lane, bool is_muted, bool has_hand_up)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_OK(call_put_bool(&in, "isMuted", is_muted));
	CHECK_OK(call_put_bool(&in, "hasHandUp", has_hand_up));
	CHECK_STR(call(l, "Tell", in), "");
}

void end_line(struct lined *l, uint64_t lane)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_STR(call(l, "End", in), "");
}

static sd_json_variant *in_placed(uint64_t serial, uint64_t lane,
    const char *state)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_u64(&in, "serial", serial));
	CHECK_OK(call_put_u64(&in, "line", lane));
	CHECK_OK(call_put_text(&in, "state", state));
	return in;
}

const char *placed(struct lined *l, uint64_t serial, uint64_t lane,
    const char *state)
{
	return call(l, "Placed", in_placed(serial, lane, state));
}

const char *placed_with_tones(struct lined *l, uint64_t serial, uint64_t lane,
    const char *state)
{
	sd_json_variant *in = in_placed(serial, lane, state);

	CHECK_OK(call_put_bool(&in, "hasTones", true));
	return call(l, "Placed", in);
}

/*
 * What is told.
 */
sd_json_variant *line_told(const struct lined *l, uint64_t lane)
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

bool is_answered(struct world *w, const void *arg)
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

void answer_await(struct lined *l, uint64_t lane, const char *answer)
{
	const struct wanted want = { l, lane, answer, false };

	await(l->w, is_answered, &want);
}

void come(struct lined *l, uint64_t lane)
{
	const char *answer = ask_line(l, lane);

	CHECK(!strcmp(answer, "joining") || !strcmp(answer, "in"));
	answer_await(l, lane, "in");
}

/* Of a box's plan, the first of its lines; NULL: it has none. */
sd_json_variant *line_of(const struct box *b)
{
	sd_json_variant *list = sd_json_variant_by_key(b->plan[FACE], "lines");

	return list && sd_json_variant_elements(list) > 0 ?
	    sd_json_variant_by_index(list, 0) :
	    NULL;
}

bool line_has(const struct box *b, const char *name)
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

double lines_await(struct lined *l, size_t box, size_t count)
{
	const struct lines_wanted want = { &l->w->box[box], count };

	return await_s(l->w, has_lines, &want);
}

sd_json_variant *in_line(const struct box *b, const char *flag, bool is_on)
{
	sd_json_variant *v = line_of(b), *in = NULL;

	CHECK_OK(call_put_value(&in, "leaf",
	    sd_json_variant_by_key(v, "leaf")));
	CHECK_OK(call_put_value(&in, "id", sd_json_variant_by_key(v, "id")));
	if (flag)
		CHECK_OK(call_put_bool(&in, flag, is_on));
	return in;
}

sd_json_variant *in_flag(const char *name, bool is_on)
{
	sd_json_variant *in = NULL;

	CHECK_OK(call_put_bool(&in, name, is_on));
	return in;
}

const char *host_asks(struct box *b, const char *method, sd_json_variant *in)
{
	const char *error;

	(void)ask(b, FACE, method, in, &error);
	return error ? error : "";
}

uint64_t refusals(struct lined *l, const char *name)
{
	const char *error;
	sd_json_variant *v = ask(&l->w->box[LINES], FACE, "Status", NULL,
	    &error);

	v = sd_json_variant_by_key(v, "refusals");
	CHECK(v != NULL);
	return sd_json_variant_unsigned(sd_json_variant_by_key(v, name));
}
