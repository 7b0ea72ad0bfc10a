/* show.c - the screen's picture, to a display at its own pace. */
#include "pipelines/graphs/show.h"

#include "pipelines/graphs/scene.h"

enum { PIXEL_BYTES = 4 };

struct show {
	struct screen *screen;
	struct display *display;
	const struct kk_log *log;
	GThread *thread;
	GMutex lock;
	GCond stopping;
	bool is_stopping, is_told;
	uint8_t *pixels;
};

static void picture_show(struct show *s)
{
	g_autofree struct display_picture *picture = g_new0(
	    struct display_picture, 1);
	enum kk_err err;

	screen_copy(s->screen, picture, s->pixels);
	err = display_show(s->display, picture);
	if (err && !s->is_told)
		kk_log(s->log, KK_LOG_WARNING,
		    "the picture cannot be written err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	s->is_told = err != KK_OK;
}

static gpointer run(gpointer arg)
{
	struct show *s = arg;
	const int64_t step_us = (int64_t)display_interval_ms(s->display) *
	    G_TIME_SPAN_MILLISECOND;
	bool goes_on = true;

	while (goes_on) {
		int64_t until_us = g_get_monotonic_time() + step_us;

		picture_show(s);
		g_mutex_lock(&s->lock);
		while (!s->is_stopping &&
		    g_cond_wait_until(&s->stopping, &s->lock, until_us))
			;
		goes_on = !s->is_stopping;
		g_mutex_unlock(&s->lock);
	}
	return NULL;
}

struct show *show_new(struct screen *screen, struct display *display,
    const struct kk_log *log)
{
	struct show *s = g_new0(struct show, 1);
	unsigned width, height;

	*s = (struct show){ .screen = screen, .display = display, .log = log };
	screen_size_get(screen, &width, &height);
	s->pixels = g_malloc0((gsize)width * height * PIXEL_BYTES);
	g_mutex_init(&s->lock);
	g_cond_init(&s->stopping);
	s->thread = g_thread_new("display", run, s);
	return s;
}

void show_free(struct show *show)
{
	if (!show)
		return;
	g_mutex_lock(&show->lock);
	show->is_stopping = true;
	g_cond_signal(&show->stopping);
	g_mutex_unlock(&show->lock);
	g_thread_join(show->thread);
	g_cond_clear(&show->stopping);
	g_mutex_clear(&show->lock);
	g_free(show->pixels);
	g_free(show);
}
