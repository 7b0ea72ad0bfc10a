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

/* One that could not be made counts as missing. */
void sandbox_args_add(struct sandbox_args *args, char *text)
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

	sandbox_args_add(a, sandbox_text("--state=%s/sfud", o->state));
	sandbox_args_add(a,
	    sandbox_text("--site-token-hash=%s/token.hash", s->site));
	sandbox_args_add(a,
	    sandbox_text("--media-port=%u",
		sandbox_port(o, SANDBOX_MEDIA_UDP)));
	/* A box is in one meeting, which lives on one. */
	sandbox_args_add(a, sandbox_text("--workers=1"));
	sandbox_args_add(a,
	    sandbox_text("--listen=%u", sandbox_port(o, SANDBOX_SIGNAL_TLS)));
	sandbox_args_add(a, sandbox_text("--cert=%s/tls.pem", s->site));
	sandbox_args_add(a, sandbox_text("--key=%s/tls.key", s->site));
	sandbox_args_add(a,
	    sandbox_text("--listen-loopback=%u",
		sandbox_port(o, SANDBOX_SIGNAL_PLAIN)));
}

/* TURN over TLS is for browsers alone: rooms do not speak it. */
static void plan_ice(const struct sandbox_options *o, bool has_tls,
    struct sandbox_args *a)
{
	for (size_t i = 0; i < o->ice_server_count; i++) {
		if (has_tls || strncmp(o->ice_servers[i], "turns:", 6) != 0)
			sandbox_args_add(a,
			    sandbox_text("--ice-server=%s", o->ice_servers[i]));
	}
	if (o->turn_secret)
		sandbox_args_add(a,
		    sandbox_text("--turn-secret=%s", o->turn_secret));
	if (o->is_relay_only)
		sandbox_args_add(a, sandbox_text("--relay-only"));
}

static void plan_webd(const struct sandbox *s, struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	sandbox_args_add(a, sandbox_text("--root=%s", o->page));
	sandbox_args_add(a, sandbox_text("--site=%s", o->name));
	sandbox_args_add(a, sandbox_text("--trust=%s/ca.pem", s->site));
	sandbox_args_add(a,
	    sandbox_text("--listen=%u", sandbox_port(o, SANDBOX_PAGE_TLS)));
	sandbox_args_add(a, sandbox_text("--cert=%s/tls.pem", s->site));
	sandbox_args_add(a, sandbox_text("--key=%s/tls.key", s->site));
	sandbox_args_add(a,
	    sandbox_text("--listen-loopback=%u",
		sandbox_port(o, SANDBOX_PAGE_PLAIN)));
	sandbox_args_add(a,
	    sandbox_text("--signal-port=%u",
		sandbox_port(o, SANDBOX_SIGNAL_TLS)));
	sandbox_args_add(a,
	    sandbox_text("--signal-loopback-port=%u",
		sandbox_port(o, SANDBOX_SIGNAL_PLAIN)));
	plan_ice(o, true, a);
	if (o->video)
		sandbox_args_add(a, sandbox_text("--video=%s", o->video));
}

char *sandbox_box_name(const struct sandbox *s, const struct sandbox_box *b)
{
	const char *name = s->options.name;

	if (b->number == SANDBOX_LINES)
		return sandbox_text("Lines of %s", name);
	return b->number == 1 ? sandbox_text("%s", name) :
				sandbox_text("%s %u", name, b->number);
}

static void name_add(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	char *name = sandbox_box_name(s, b);

	sandbox_args_add(a, name ? sandbox_text("--name=%s", name) : NULL);
	kk_free(name);
}

static void plan_keyd(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	sandbox_args_add(a, sandbox_text("--state=%s/keyd", b->folder));
	sandbox_args_add(a, sandbox_text("--wrap-key=%s/wrap-key", b->folder));
	name_add(s, b, a);
	sandbox_args_add(a, sandbox_text("--trust=%s/ca.pem", s->site));
	if (b->is_enrolled)
		sandbox_args_add(a, sandbox_text("--chain=%s", b->chain));
	sandbox_args_add(a,
	    sandbox_text("--socket=policy:%s/keyd%s.policy", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--socket=media:%s/keyd%s.media", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--socket=setup:%s/keyd%s.setup", s->run, b->tag));
}

static void plan_roomd(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	sandbox_args_add(a, sandbox_text("--state=%s/roomd", b->folder));
	sandbox_args_add(a,
	    sandbox_text("--keyd=%s/keyd%s.policy", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--server=localhost:%u",
		sandbox_port(o, SANDBOX_SIGNAL_TLS)));
	sandbox_args_add(a, sandbox_text("--trust=%s/ca.pem", s->site));
	sandbox_args_add(a,
	    sandbox_text("--page=https://%s:%u", s->host,
		sandbox_port(o, SANDBOX_PAGE_TLS)));
	if (b->number == SANDBOX_LINES)
		sandbox_plan_lines_roomd(s, b, a);
	else if (b->number == 1)
		sandbox_args_add(a,
		    sandbox_text("--site-token=%s/token", s->site));
	else
		sandbox_args_add(a, sandbox_text("--link=%s", s->box[0].link));
	sandbox_args_add(a,
	    sandbox_text("--socket=media:%s/roomd%s.media", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--socket=face:%s/roomd%s.face", s->run, b->tag));
	plan_ice(o, false, a);
}

static void plan_mediad(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a)
{
	const struct sandbox_options *o = &s->options;

	sandbox_args_add(a,
	    sandbox_text("--keyd=%s/keyd%s.media", s->run, b->tag));
	sandbox_args_add(a,
	    sandbox_text("--roomd=%s/roomd%s.media", s->run, b->tag));
	if (o->lines && b->number == 1)
		sandbox_args_add(a,
		    sandbox_text("--lines=%s/roomd%s.panel", s->run,
			s->box[SANDBOX_LINES - 1].tag));
	sandbox_args_add(a,
	    sandbox_text("--input=pipe:%s/mediad%s.input", s->run, b->tag));
	sandbox_args_add(a, sandbox_text("--book=%s/book", b->folder));
	name_add(s, b, a);
	sandbox_args_add(a, sandbox_text("--number=%u", b->number));
	sandbox_args_add(a,
	    sandbox_text("--language=%s", s->is_german ? "de" : "en"));
	sandbox_args_add(a, sandbox_text("--camera=%s", o->camera));
	sandbox_args_add(a, sandbox_text("--microphone=%s", o->microphone));
	sandbox_args_add(a, sandbox_text("--loudspeaker=%s", o->loudspeaker));
	sandbox_args_add(a, sandbox_text("--picture=%s", b->picture));
	sandbox_args_add(a,
	    sandbox_text("--screen=%s",
		o->has_window && b->number == 1 ? "window" : "none"));
	sandbox_args_add(a, sandbox_text("--size=%s", o->size));
	if (o->send_size)
		sandbox_args_add(a,
		    sandbox_text("--send-size=%s", o->send_size));
	sandbox_args_add(a, sandbox_text("--encodings=%u", o->encodings));
}

/* A --give argument with {box} and {state} replaced. */
static char *given_text(const char *arg, const struct sandbox_box *b)
{
	char *out = sandbox_text("%s", ""), *more;
	size_t length;

	while (out && *arg) {
		length = strcspn(arg + 1, "{") + 1;
		if (b && !strncmp(arg, "{box}", 5)) {
			more = sandbox_text("%s%s", out, b->tag);
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
			sandbox_args_add(a,
			    given_text(o->given[i] + length + 1, b));
	}
}

enum kk_err sandbox_plan(const struct sandbox_child *c,
    struct sandbox_args *args)
{
	const struct sandbox *s = c->sandbox;
	/* The site's own programs use none. */
	const struct sandbox_box *b = &s->box[c->box ? c->box - 1 : 0];

	*args = (struct sandbox_args){ 0 };
	sandbox_args_add(args,
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
	case SANDBOX_MEDIAD:
		plan_mediad(s, b, args);
		break;
	case SANDBOX_MIXD:
		sandbox_plan_mixd(s, b, args);
		break;
	default:
		sandbox_plan_lined(s, b, args);
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
