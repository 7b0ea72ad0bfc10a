/* call.c - a call from its number to its end, by io.konklave.Room. */
#define _GNU_SOURCE /* sigset_t; libsystemd's macros ask for it */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "konklave_room.h"

#define ROOM "io.konklave.Room."

struct call {
	const struct options *options;
	sd_event *event;
	uint64_t line; /* what Dial() answered */
	char state[STATE_BYTES]; /* the last that was said */
	enum kk_err err; /* how it ended */
};

/* One request over a connection of its own; in is taken over.  *out, where it
 * is wanted, is the caller's. */
static enum kk_err ask(const struct options *o, const char *method,
    sd_json_variant *in, sd_json_variant **out)
{
	sd_json_variant *answer = NULL;
	sd_varlink *link = NULL;
	const char *error = NULL;
	enum kk_err err = KK_EIO;

	if (sd_varlink_connect_address(&link, o->lines) >= 0 &&
	    sd_varlink_set_input_sensitive(link) >= 0 &&
	    sd_varlink_call(link, method, in, &answer, &error) >= 0)
		err = call_err_of(error);
	if (!err && out)
		*out = sd_json_variant_ref(answer);
	sd_json_variant_unref(in);
	sd_varlink_close_unref(link);
	return err;
}

static enum kk_err hang_up(const struct options *o, uint64_t line)
{
	sd_json_variant *in = NULL;
	enum kk_err err = call_put_u64(&in, "line", line);

	return err ? err : ask(o, ROOM "HangUp", in, NULL);
}

static enum kk_err dial(struct call *c, const char *number)
{
	sd_json_variant *in = NULL, *out = NULL;
	enum kk_err err = call_put_text(&in, "number", number);

	if (!err)
		err = ask(c->options, ROOM "Dial", in, &out);
	if (!err)
		err = call_needed(call_get_u64(out, "line", INT64_MAX,
		    &c->line));
	sd_json_variant_unref(out);
	return err;
}

static void end(struct call *c, enum kk_err err)
{
	c->err = err;
	(void)sd_event_exit(c->event, 0);
}

static bool is_on_its_way(const char *state)
{
	return !strcmp(state, "placing") || !strcmp(state, "ringing") ||
	    !strcmp(state, "early");
}

/* Says how the call stands, once. */
static void state_say(struct call *c, const char *state)
{
	if (!strcmp(state, c->state))
		return;
	(void)snprintf(c->state, sizeof(c->state), "%s", state);
	(void)puts(words_state(c->options->language, state));
	(void)fflush(stdout);
	if (!is_on_its_way(state))
		end(c, strcmp(state, "talking") != 0 ? KK_EEXPIRED : KK_OK);
}

/* Of a plan: another line means that a newer call was placed. */
static enum kk_err state_take(struct call *c, sd_json_variant *plan)
{
	sd_json_variant *call = sd_json_variant_by_key(plan, "call");
	char state[STATE_BYTES];
	uint64_t line = 0;
	enum kk_err err = call_has(plan, "call") ? KK_OK : KK_ENOENT;

	if (!err)
		err = call_get_u64(call, "line", INT64_MAX, &line);
	if (!err)
		err = call_get_text(call, "state", state, sizeof(state));
	if (!err && line != c->line)
		err = KK_ENOENT;
	if (!err)
		state_say(c, state);
	return err;
}

static int planned(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct call *c = arg;
	enum kk_err err = call_err_of(error);

	(void)link;
	if (!err && !(flags & SD_VARLINK_REPLY_CONTINUES))
		err = KK_EIO;
	if (!err)
		err = state_take(c, out);
	if (err)
		end(c, err);
	return 0;
}

/* What became of it is told as all else is. */
static int signalled(sd_event_source *source, const struct signalfd_siginfo *si,
    void *arg)
{
	struct call *c = arg;

	(void)source;
	(void)si;
	if (hang_up(c->options, c->line))
		end(c, KK_EEXPIRED);
	return 0;
}

static enum kk_err watch(struct call *c, sd_varlink **link)
{
	int r = sd_varlink_connect_address(link, c->options->lines);

	if (r < 0)
		return KK_EIO;
	(void)sd_varlink_set_userdata(*link, c);
	r = sd_varlink_bind_reply(*link, planned);
	if (r >= 0) /* the meeting's secret is among it */
		r = sd_varlink_set_input_sensitive(*link);
	if (r >= 0)
		r = sd_varlink_set_relative_timeout(*link, UINT64_MAX);
	if (r >= 0)
		r = sd_varlink_attach_event(*link, c->event, 0);
	if (r >= 0)
		r = sd_varlink_observe(*link, ROOM "Plan", NULL);
	return r < 0 ? KK_EIO : KK_OK;
}

static enum kk_err signals_take(struct call *c)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	return sigprocmask(SIG_BLOCK, &set, NULL) ||
		sd_event_add_signal(c->event, NULL, SIGINT, signalled, c) < 0 ||
		sd_event_add_signal(c->event, NULL, SIGTERM, signalled, c) < 0 ?
	    KK_EIO :
	    KK_OK;
}

enum kk_err call_place(const struct options *o, const char *number)
{
	struct call c = { .options = o };
	sd_varlink *link = NULL;
	enum kk_err err = sd_event_new(&c.event) < 0 ? KK_ENOMEM : KK_OK;

	if (!err)
		err = signals_take(&c);
	if (!err)
		err = dial(&c, number);
	if (!err) /* whatever it is by the time that we ask */
		state_say(&c, "placing");
	if (!err)
		err = watch(&c, &link);
	if (!err)
		err = sd_event_loop(c.event) < 0 ? KK_EIO : c.err;
	sd_varlink_close_unref(link);
	sd_event_unref(c.event);
	return err;
}

/* The last call that was placed, over or not. */
static enum kk_err last_find(const struct options *o, uint64_t *line)
{
	sd_json_variant *out = NULL, *call;
	enum kk_err err = ask(o, ROOM "Status", NULL, &out);

	call = sd_json_variant_by_key(out, "call");
	if (!err && !call_has(out, "call"))
		err = KK_ENOENT;
	if (!err)
		err = call_needed(call_get_u64(call, "line", INT64_MAX, line));
	sd_json_variant_unref(out);
	return err;
}

enum kk_err call_hang_up(const struct options *o)
{
	uint64_t line = 0;
	const enum kk_err err = last_find(o, &line);

	return err ? err : hang_up(o, line);
}

enum kk_err call_tones(const struct options *o, const char *digits)
{
	sd_json_variant *in = NULL;
	uint64_t line = 0;
	enum kk_err err = last_find(o, &line);

	if (!err)
		err = call_put_u64(&in, "line", line);
	if (!err)
		err = call_put_secret_text(&in, "digits", digits);
	if (err) {
		sd_json_variant_unref(in);
		return err;
	}
	return ask(o, ROOM "Tones", in, NULL);
}
