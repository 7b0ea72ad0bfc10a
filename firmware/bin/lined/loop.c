/* loop.c - as sd_event_get_fd(3) has it. */
#include "loop.h"

#include <glib.h>

/* Of ours that one turn runs at most, before SIP has its own. */
enum { TURN_EVENTS = 64 };

struct source {
	GSource of;
	GPollFD poll;
	sd_event *event;
	GMainLoop *loop;
	int status;
};

static gboolean prepare(GSource *of, gint *timeout)
{
	struct source *s = (struct source *)of;

	*timeout = -1;
	/* Found before, and not handed out yet. */
	if (sd_event_get_state(s->event) == SD_EVENT_PENDING)
		return TRUE;
	return sd_event_prepare(s->event) != 0;
}

static gboolean check(GSource *of)
{
	const struct source *s = (const struct source *)of;

	return sd_event_wait(s->event, 0) != 0;
}

static bool has_more(sd_event *event)
{
	return sd_event_prepare(event) != 0 || sd_event_wait(event, 0) != 0;
}

/* All that is due, so that sound waits for what one turn of SIP reads, however
 * much there is. */
static gboolean dispatch(GSource *of, GSourceFunc callback, gpointer arg)
{
	struct source *s = (struct source *)of;
	unsigned n = 0;

	(void)callback;
	(void)arg;
	do {
		s->status = sd_event_dispatch(s->event);
	} while (s->status > 0 && ++n < TURN_EVENTS && has_more(s->event));
	if (s->status > 0)
		return G_SOURCE_CONTINUE;
	g_main_loop_quit(s->loop);
	return G_SOURCE_REMOVE;
}

enum kk_err loop_run(sd_event *event)
{
	GSourceFuncs funcs = { .prepare = prepare,
		.check = check,
		.dispatch = dispatch };
	GSource *of = g_source_new(&funcs, sizeof(struct source));
	struct source *s = (struct source *)of;
	enum kk_err err;

	s->event = event;
	s->loop = g_main_loop_new(NULL, FALSE);
	s->poll = (GPollFD){ .fd = sd_event_get_fd(event), .events = G_IO_IN };
	g_source_add_poll(of, &s->poll);
	(void)g_source_attach(of, NULL);
	g_main_loop_run(s->loop);
	err = s->status < 0 ? KK_EIO : KK_OK;
	g_main_loop_unref(s->loop);
	g_source_destroy(of);
	g_source_unref(of);
	return err;
}
