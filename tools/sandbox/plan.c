/* plan.c - the command lines of the children. */
#define _GNU_SOURCE /* vasprintf() */
#include <stdarg.h>
#include <string.h>

#include "tools/sandbox/sandbox.h"

char *sandbox_text(const char *format, ...)
{
	char *text = NULL;
	va_list list;
	int n;

	va_start(list, format);
	n = vasprintf(&text, format, list);
	va_end(list);
	return n < 0 ? NULL : text;
}

/* Takes the text over.  One that could not be made counts as missing. */
static void add(struct sandbox_args *args, char *text)
{
	if (args->count < SANDBOX_ARGS_MAX && text)
		args->v[args->count++] = text;
	else
		kk_free(text);
	if (!text)
		args->count = SANDBOX_ARGS_MAX;
}

static void plan_sfud(const struct sandbox *s, struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	add(a, sandbox_text("--state=%s/sfud", o->state));
	add(a, sandbox_text("--site-token-hash=%s/token.hash", s->site));
	add(a,
	    sandbox_text("--media-port=%u",
		sandbox_port(o, SANDBOX_MEDIA_UDP)));
	/* A box is in one meeting, which lives on one. */
	add(a, sandbox_text("--workers=1"));
	add(a,
	    sandbox_text("--listen=%u", sandbox_port(o, SANDBOX_SIGNAL_TLS)));
	add(a, sandbox_text("--cert=%s/tls.pem", s->site));
	add(a, sandbox_text("--key=%s/tls.key", s->site));
	add(a,
	    sandbox_text("--listen-loopback=%u",
		sandbox_port(o, SANDBOX_SIGNAL_PLAIN)));
}

/* TURN over TLS is for browsers alone: rooms do not speak it. */
static void plan_ice(const struct sandbox_options *o, bool has_tls,
    struct sandbox_args *a)
{
	for (size_t i = 0; i < o->ice_server_count; i++) {
		if (has_tls || strncmp(o->ice_servers[i], "turns:", 6) != 0)
			add(a,
			    sandbox_text("--ice-server=%s", o->ice_servers[i]));
	}
	if (o->turn_secret)
		add(a, sandbox_text("--turn-secret=%s", o->turn_secret));
	if (o->is_relay_only)
		add(a, sandbox_text("--relay-only"));
}

static void plan_webd(const struct sandbox *s, struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	add(a, sandbox_text("--root=%s", o->page));
	add(a, sandbox_text("--site=%s", o->name));
	add(a, sandbox_text("--trust=%s/ca.pem", s->site));
	add(a, sandbox_text("--listen=%u", sandbox_port(o, SANDBOX_PAGE_TLS)));
	add(a, sandbox_text("--cert=%s/tls.pem", s->site));
	add(a, sandbox_text("--key=%s/tls.key", s->site));
	add(a,
	    sandbox_text("--listen-loopback=%u",
		sandbox_port(o, SANDBOX_PAGE_PLAIN)));
	add(a,
	    sandbox_text("--signal-port=%u",
		sandbox_port(o, SANDBOX_SIGNAL_TLS)));
	add(a,
	    sandbox_text("--signal-loopback-port=%u",
		sandbox_port(o, SANDBOX_SIGNAL_PLAIN)));
	plan_ice(o, true, a);
	if (o->video)
		add(a, sandbox_text("--video=%s", o->video));
}

static char *name_of(const struct sandbox *s, unsigned box)
{
	if (box == 1)
		return sandbox_text("--name=%s", s->options.name);
	return sandbox_text("--name=%s %u", s->options.name, box);
}

static void plan_keyd(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	add(a, sandbox_text("--state=%s/keyd", b->folder));
	add(a, sandbox_text("--wrap-key=%s/wrap-key", b->folder));
	add(a, name_of(s, b->number));
	add(a, sandbox_text("--trust=%s/ca.pem", s->site));
	if (b->is_enrolled)
		add(a, sandbox_text("--chain=%s", b->chain));
	add(a,
	    sandbox_text("--socket=policy:%s/keyd%u.policy", s->run,
		b->number));
	add(a,
	    sandbox_text("--socket=media:%s/keyd%u.media", s->run, b->number));
}

static void plan_roomd(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	add(a, sandbox_text("--state=%s/roomd", b->folder));
	add(a, sandbox_text("--keyd=%s/keyd%u.policy", s->run, b->number));
	add(a,
	    sandbox_text("--server=localhost:%u",
		sandbox_port(o, SANDBOX_SIGNAL_TLS)));
	add(a, sandbox_text("--trust=%s/ca.pem", s->site));
	add(a,
	    sandbox_text("--page=https://%s:%u", s->host,
		sandbox_port(o, SANDBOX_PAGE_TLS)));
	if (b->number == 1)
		add(a, sandbox_text("--site-token=%s/token", s->site));
	else
		add(a, sandbox_text("--link=%s", s->box[0].link));
	add(a,
	    sandbox_text("--socket=media:%s/roomd%u.media", s->run, b->number));
	add(a,
	    sandbox_text("--socket=face:%s/roomd%u.face", s->run, b->number));
	plan_ice(o, false, a);
}

static void plan_mediad(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	add(a, sandbox_text("--keyd=%s/keyd%u.media", s->run, b->number));
	add(a, sandbox_text("--roomd=%s/roomd%u.media", s->run, b->number));
	add(a, name_of(s, b->number));
	add(a, sandbox_text("--number=%u", b->number));
	add(a, sandbox_text("--language=%s", s->is_german ? "de" : "en"));
	add(a, sandbox_text("--camera=%s", o->camera));
	add(a, sandbox_text("--microphone=%s", o->microphone));
	add(a, sandbox_text("--loudspeaker=%s", o->loudspeaker));
	add(a, sandbox_text("--picture=%s", b->picture));
	add(a,
	    sandbox_text("--screen=%s",
		o->has_window && b->number == 1 ? "window" : "none"));
	add(a, sandbox_text("--size=%s", o->size));
	if (o->send_size)
		add(a, sandbox_text("--send-size=%s", o->send_size));
	add(a, sandbox_text("--encodings=%u", o->encodings));
}

/* A --give argument with {box} and {state} replaced. */
static char *given_text(const char *arg, const struct sandbox_box *b)
{
	char *out = sandbox_text("%s", ""), *more;
	size_t length;

	while (out && *arg) {
		length = strcspn(arg + 1, "{") + 1;
		if (b && !strncmp(arg, "{box}", 5)) {
			more = sandbox_text("%s%u", out, b->number);
			length = 5;
		} else if (b && !strncmp(arg, "{state}", 7)) {
			more = sandbox_text("%s%s", out, b->folder);
			length = 7;
		} else {
			more = sandbox_text("%s%.*s", out, (int)length, arg);
		}
		kk_free(out);
		out = more;
		arg += length;
	}
	return out;
}

static void given_add(const struct sandbox_child *c,
    const struct sandbox_box *b, struct sandbox_args *a)
{
	const struct sandbox_options *o = &c->sandbox->options;
	const char *name = sandbox_program_names[c->program];
	size_t length = strlen(name);

	for (size_t i = 0; i < o->given_count; i++) {
		if (!strncmp(o->given[i], name, length))
			add(a, given_text(o->given[i] + length + 1, b));
	}
}

enum kk_err sandbox_plan(const struct sandbox_child *c,
    struct sandbox_args *args)
{
	const struct sandbox *s = c->sandbox;
	/* The site's own programs use none. */
	const struct sandbox_box *b = &s->box[c->box ? c->box - 1 : 0];

	*args = (struct sandbox_args){ 0 };
	add(args,
	    sandbox_text("%s/%s", s->options.programs,
		sandbox_program_names[c->program]));
	switch (c->program) {
	case SANDBOX_SFUD:
		plan_sfud(s, args);
		break;
	case SANDBOX_WEBD:
		plan_webd(s, args);
		break;
	case SANDBOX_KEYD:
		plan_keyd(s, b, args);
		break;
	case SANDBOX_ROOMD:
		plan_roomd(s, b, args);
		break;
	default:
		plan_mediad(s, b, args);
		break;
	}
	given_add(c, c->box ? b : NULL, args);
	return args->count == SANDBOX_ARGS_MAX ? KK_ELIMIT : KK_OK;
}

void sandbox_args_clear(struct sandbox_args *args)
{
	for (size_t i = 0; i < SANDBOX_ARGS_MAX; i++)
		kk_free(args->v[i]);
	*args = (struct sandbox_args){ 0 };
}
