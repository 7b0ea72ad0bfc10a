/*
 * pad.c - the number pad: what is pressed in the room, and the calls that
 * follow from it.  The lines' roomd lets this process dial, send tones and hang
 * up, and nothing else (role panel).  What was typed stands in no log.
 */
#define _GNU_SOURCE /* CLOCK_MONOTONIC; libsystemd's macros ask for it */
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "call/call.h"
#include "mediad.h"
#include "pipelines/graphs/words.h"

enum { MS_A_S = 1000, NS_A_MS = 1000000 };

static uint64_t now_ms(void)
{
	struct timespec now = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * MS_A_S + (uint64_t)now.tv_nsec / NS_A_MS;
}

/* Painted anew where something has changed, only. */
static void show(struct mediad *m)
{
	struct mediad_pad *p = &m->pad;
	struct pad_look look;

	if (p->shown == pad_version(p->pad))
		return;
	p->shown = pad_version(p->pad);
	pad_look(p->pad, &look);
	studio_pad_set(m->studio, &look);
	kk_wipe(&look, sizeof(look));
}

/* A book that is not there is empty. */
static void book_read(struct mediad *m)
{
	struct kk_bytes book = { NULL, 0 };
	const enum kk_err err = program_file_read(m->options.book,
	    ROOM_BOOK_BYTES, &book);

	if (err && err != KK_ENOENT)
		kk_log(&m->log, KK_LOG_WARNING,
		    "the address book cannot be read err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	pad_book_set(m->pad.pad, kk_bytes_view(&book));
	kk_bytes_clear(&book);
}

/* --- calls ---------------------------------------------------------------- */

static int dialled(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct mediad *m = arg;

	(void)out;
	(void)flags;
	m->pad.dialling = NULL;
	sd_varlink_close_unref(link);
	pad_dialled(m->pad.pad, call_err_of(error), now_ms());
	show(m);
	return 0;
}

static int hung_up(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct mediad *m = arg;

	(void)out;
	(void)flags;
	m->pad.hanging_up = NULL;
	sd_varlink_close_unref(link);
	if (error)
		kk_log(&m->log, KK_LOG_WARNING,
		    "call failed method=HangUp why=%s", error);
	return 0;
}

/* in is taken over. */
static enum kk_err ask(struct mediad *m, sd_varlink **linkp, const char *method,
    sd_json_variant *in, sd_varlink_reply_t answered)
{
	const struct client lines = { .event = member_event(m->member),
		.path = m->options.lines };
	enum kk_err err = KK_EUNSUP;

	if (m->options.lines)
		err = client_ask(&lines, linkp, method, in, answered, m);
	sd_json_variant_unref(in);
	return err;
}

static void dial(struct mediad *m)
{
	sd_json_variant *in = NULL;
	struct pad_look look;
	enum kk_err err;

	pad_look(m->pad.pad, &look);
	err = call_put_secret_text(&in, "number", look.number);
	kk_wipe(&look, sizeof(look));
	if (!err)
		err = ask(m, &m->pad.dialling, "io.konklave.Room.Dial", in,
		    dialled);
	if (err)
		pad_dialled(m->pad.pad, err, now_ms());
}

/* Where the last one has no answer yet, this one would have none either. */
static void hang_up(struct mediad *m)
{
	sd_json_variant *in = NULL;
	enum kk_err err;

	if (m->pad.hanging_up)
		return;
	err = call_put_u64(&in, "line", m->view.call_line);
	if (!err)
		err = ask(m, &m->pad.hanging_up, "io.konklave.Room.HangUp", in,
		    hung_up);
	if (err)
		kk_log(&m->log, KK_LOG_WARNING,
		    "nobody is there to hang up err=%s", kk_err_name(err));
}

static void tones_send(struct mediad *m);

static int pressed(sd_varlink *link, sd_json_variant *out, const char *error,
    sd_varlink_reply_flags_t flags, void *arg)
{
	struct mediad *m = arg;

	(void)out;
	(void)flags;
	m->pad.pressing = NULL;
	sd_varlink_close_unref(link);
	if (error) {
		kk_wipe(m->pad.tones, sizeof(m->pad.tones));
		pad_tones_refused(m->pad.pad, call_err_of(error), now_ms());
	}
	tones_send(m);
	show(m);
	return 0;
}

/* One request after the other, so that they arrive as they were pressed. */
static void tones_send(struct mediad *m)
{
	struct mediad_pad *p = &m->pad;
	sd_json_variant *in = NULL;
	enum kk_err err;

	if (p->pressing || !p->tones[0])
		return;
	err = call_put_u64(&in, "line", p->tones_line);
	if (!err)
		err = call_put_secret_text(&in, "digits", p->tones);
	kk_wipe(p->tones, sizeof(p->tones));
	if (!err)
		err = ask(m, &p->pressing, "io.konklave.Room.Tones", in,
		    pressed);
	else
		sd_json_variant_unref(in);
	if (err)
		pad_tones_refused(p->pad, err, now_ms());
}

/* Of another call nothing is kept; roomd is far faster than fingers. */
static void tone_press(struct mediad *m)
{
	struct mediad_pad *p = &m->pad;
	size_t n;

	if (p->tones_line != m->view.call_line)
		kk_wipe(p->tones, sizeof(p->tones));
	p->tones_line = m->view.call_line;
	n = strlen(p->tones);
	if (n + 1 == sizeof(p->tones)) {
		pad_tones_refused(p->pad, KK_EEXPIRED, now_ms());
		return;
	}
	p->tones[n] = pad_tone(p->pad);
	tones_send(m);
}

/* --- what comes in -------------------------------------------------------- */

static void event_take(struct mediad *m, const struct input_event *event)
{
	const bool was_open = pad_is_open(m->pad.pad);
	const enum pad_action action = pad_input(m->pad.pad, event, now_ms());

	if (!was_open && pad_is_open(m->pad.pad))
		book_read(m);
	if (action == PAD_DIAL)
		dial(m);
	if (action == PAD_HANG_UP)
		hang_up(m);
	if (action == PAD_TONE)
		tone_press(m);
}

static int input_came(sd_event_source *source, int fd, uint32_t events,
    void *arg)
{
	struct mediad *m = arg;
	struct input_event event;

	(void)source;
	(void)fd;
	(void)events;
	while (input_next(m->pad.input, &event))
		event_take(m, &event);
	kk_wipe(&event, sizeof(event));
	show(m);
	return 0;
}

void mediad_pad_room(struct mediad *m)
{
	const struct pad_room room = { .call = m->view.call,
		.line = m->view.call_line,
		.has_tones = m->view.call_has_tones,
		.forbids_lines = m->view.forbids_lines,
		.is_locked = m->view.is_locked };

	pad_room_set(m->pad.pad, &room);
	show(m);
}

void mediad_pad_tick(struct mediad *m)
{
	pad_tick(m->pad.pad, now_ms());
	show(m);
}

/* --- start and end -------------------------------------------------------- */

/* Pictures and sound are worth more than keys. */
static void input_start(struct mediad *m)
{
	const bool is_german = words_language_of(m->options.studio.language) ==
	    WORDS_DE;
	enum kk_err err = input_open(&m->pad.input, m->options.input,
	    is_german ? "de" : "us");

	if (!err && input_fd(m->pad.input) >= 0 &&
	    sd_event_add_io(member_event(m->member), &m->pad.source,
		input_fd(m->pad.input), EPOLLIN, input_came, m) < 0)
		err = KK_EIO;
	if (err)
		kk_log(&m->log, KK_LOG_WARNING,
		    "no keys and touches are read err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
}

enum kk_err mediad_pad_start(struct mediad *m)
{
	unsigned width, height;
	enum kk_err err;

	studio_size_get(m->studio, &width, &height);
	err = pad_new(&m->pad.pad, width, height);
	if (!err)
		input_start(m);
	return err;
}

void mediad_pad_stop(struct mediad *m)
{
	struct mediad_pad *p = &m->pad;

	p->source = sd_event_source_disable_unref(p->source);
	sd_varlink_close_unref(p->dialling);
	sd_varlink_close_unref(p->hanging_up);
	sd_varlink_close_unref(p->pressing);
	kk_wipe(p->tones, sizeof(p->tones));
	input_close(p->input);
	pad_free(p->pad);
	*p = (struct mediad_pad){ .input = NULL };
}
