/* screen.c - the room's screen, at an even pace. */
#include "pipelines/graphs/screen.h"

#include <string.h>

#include "pipelines/graphs/blit.h"
#include "pipelines/graphs/lines.h"
#include "pipelines/graphs/pad_words.h"
#include "pipelines/graphs/scene.h"
#include "pipelines/graphs/sink.h"

enum { PIXEL_BYTES = 4, HEIGHT_MIN = 180, WIDTH_MAX = 4096, CLOCK_BYTES = 16 };

/* One that was shown.  Counts its references. */
struct picture {
	gint refs;
	uint8_t *pixels;
	struct scene *scene;
	uint64_t number;
};

struct screen {
	struct screen_config config;
	GThread *thread;
	/* Held for moments only, as the screen waits for it: what takes long
	 * is done with a reference. */
	GMutex lock; /* of all below */
	GCond stopping;
	bool is_stopping;
	struct scene *scene;
	struct picture *front; /* what is shown */
	GMutex watch_lock;
	void (*drawn)(void *arg);
	void *drawn_arg;
	/* The thread's own. */
	uint8_t *back; /* NULL: somebody still copies the one before */
	uint64_t number;
	struct sink *out; /* NULL: none */
	/* The view's thread's own: what the next painting needs. */
	struct view view;
	struct screen_source *sources;
	size_t source_count;
	struct frames *self;
	struct pad_look pad;
	struct notices notices;
	char clock[CLOCK_BYTES];
};

void screen_size_get(const struct screen *screen, unsigned *width,
    unsigned *height)
{
	*width = screen->config.width;
	*height = screen->config.height;
}

static size_t pixels_bytes(const struct screen *s)
{
	return (size_t)s->config.width * s->config.height * PIXEL_BYTES;
}

static void tile_lay(struct screen *s, struct scene *scene,
    struct scene_tile *tile, int64_t now_us)
{
	struct blit_screen to = { s->back,
		(size_t)s->config.width * PIXEL_BYTES };
	GstSample *sample = NULL;
	int64_t came_us = 0;
	bool is_there = false;

	if (tile->frames)
		sample = frames_latest(tile->frames, &came_us);
	/* A shared screen may well stand still. */
	if (sample && (tile->is_screen || now_us - came_us < SCREEN_STALE_US))
		is_there = blit_sample(&to, &tile->rect, scene->layout.radius,
		    sample);
	g_clear_pointer(&sample, gst_sample_unref);
	g_atomic_int_set(&tile->has_picture, is_there);
}

/* What is painted over the pictures. */
static void over_lay(struct screen *s, const struct scene *scene)
{
	const struct layout_rect *r = &scene->over;

	for (unsigned y = r->y; y < r->y + r->height; y++) {
		const size_t at = ((size_t)y * s->config.width + r->x) *
		    PIXEL_BYTES;

		memcpy(s->back + at, scene->pixels + at,
		    (size_t)r->width * PIXEL_BYTES);
	}
}

static void out_push(struct screen *s)
{
	if (s->out)
		sink_push(s->out, s->back);
}

/* The pixels of one that nobody has any more are taken over. */
static uint8_t *picture_unref(struct picture *p)
{
	uint8_t *pixels;

	if (!p || !g_atomic_int_dec_and_test(&p->refs))
		return NULL;
	pixels = p->pixels;
	scene_unref(p->scene);
	g_free(p);
	return pixels;
}

/* scene is given. */
static void picture_publish(struct screen *s, struct scene *scene)
{
	struct picture *new = g_new0(struct picture, 1), *old;

	*new = (struct picture){ 1, s->back, scene, ++s->number };
	g_mutex_lock(&s->lock);
	old = s->front;
	s->front = new;
	g_mutex_unlock(&s->lock);
	s->back = picture_unref(old);
}

static void picture_make(struct screen *s)
{
	int64_t now_us = g_get_monotonic_time();
	struct scene *scene;

	if (!s->back)
		s->back = g_malloc(pixels_bytes(s));
	g_mutex_lock(&s->lock);
	scene = scene_ref(s->scene);
	g_mutex_unlock(&s->lock);
	memcpy(s->back, scene->pixels, pixels_bytes(s));
	for (size_t i = 0; i < scene->tile_count; i++)
		tile_lay(s, scene, &scene->tiles[i], now_us);
	over_lay(s, scene);
	out_push(s);
	picture_publish(s, scene);
	g_mutex_lock(&s->watch_lock);
	if (s->drawn)
		s->drawn(s->drawn_arg);
	g_mutex_unlock(&s->watch_lock);
}

static gpointer run(gpointer arg)
{
	struct screen *s = arg;
	const int64_t step_us = G_TIME_SPAN_SECOND / s->config.fps;
	int64_t next_us = g_get_monotonic_time();
	bool goes_on = true;

	while (goes_on) {
		picture_make(s);
		next_us = MAX(next_us + step_us, g_get_monotonic_time());
		g_mutex_lock(&s->lock);
		while (!s->is_stopping &&
		    g_cond_wait_until(&s->stopping, &s->lock, next_us))
			;
		goes_on = !s->is_stopping;
		g_mutex_unlock(&s->lock);
	}
	return NULL;
}

static void paint(struct screen *s)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *clock = g_date_time_format(now, "%H:%M");
	struct scene_config config = { .screen = &s->config,
		.view = &s->view,
		.sources = s->sources,
		.source_count = s->source_count,
		.self = s->self,
		.clock = clock,
		.pad = &s->pad,
		.notices = &s->notices };
	struct scene *scene = scene_new(&config), *old;

	g_strlcpy(s->clock, clock, sizeof(s->clock));
	g_mutex_lock(&s->lock);
	old = s->scene;
	s->scene = scene;
	g_mutex_unlock(&s->lock);
	scene_unref(old);
}

static void sources_clear(struct screen *s)
{
	for (size_t i = 0; i < s->source_count; i++)
		frames_unref(s->sources[i].frames);
	g_clear_pointer(&s->sources, g_free);
	s->source_count = 0;
	g_clear_pointer(&s->self, frames_unref);
}

void screen_view_set(struct screen *screen, const struct view *view,
    const struct screen_source *sources, size_t count, struct frames *self)
{
	struct frames *new_self = self ? frames_ref(self) : NULL;
	struct screen_source *copy = g_new0(struct screen_source, count);

	for (size_t i = 0; i < count; i++)
		copy[i] = (struct screen_source){ sources[i].leaf,
			sources[i].is_screen, frames_ref(sources[i].frames) };
	sources_clear(screen);
	screen->sources = copy;
	screen->source_count = count;
	screen->self = new_self;
	screen->view = *view;
	paint(screen);
}

void screen_pad_set(struct screen *screen, const struct pad_look *pad)
{
	screen->pad = *pad;
	paint(screen);
}

void screen_notices_set(struct screen *screen, const struct notices *notices)
{
	bool is_same = screen->notices.count == notices->count;

	for (size_t i = 0; is_same && i < notices->count; i++)
		is_same = notice_is_equal(&screen->notices.list[i],
		    &notices->list[i]);
	screen->notices = *notices;
	if (!is_same)
		paint(screen);
}

void screen_tick(struct screen *screen)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *clock = g_date_time_format(now, "%H:%M");

	if (strcmp(clock, screen->clock) != 0)
		paint(screen);
}

static enum kk_err out_start(struct screen *s)
{
	const struct sink_config config = { .display = s->config.display,
		.width = s->config.width,
		.height = s->config.height,
		.fps = s->config.fps,
		.log = s->config.log };

	return config.display && display_launch(config.display) ?
	    sink_new(&s->out, &config) :
	    KK_OK;
}

enum kk_err screen_new(struct screen **screenp,
    const struct screen_config *config)
{
	struct screen *s;
	enum kk_err err;

	if (config->height < HEIGHT_MIN || config->width < config->height ||
	    config->width > WIDTH_MAX || config->fps == 0)
		return KK_EINVAL;
	s = g_new0(struct screen, 1);
	s->config = *config;
	g_mutex_init(&s->lock);
	g_cond_init(&s->stopping);
	g_mutex_init(&s->watch_lock);
	paint(s);
	s->front = g_new0(struct picture, 1);
	*s->front = (struct picture){ 1, g_malloc0(pixels_bytes(s)),
		scene_ref(s->scene), 0 };
	err = out_start(s);
	if (err) {
		screen_free(s);
		return err;
	}
	s->thread = g_thread_new("screen", run, s);
	*screenp = s;
	return KK_OK;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	g_mutex_lock(&screen->lock);
	screen->is_stopping = true;
	g_cond_signal(&screen->stopping);
	g_mutex_unlock(&screen->lock);
	if (screen->thread)
		g_thread_join(screen->thread);
	sink_free(screen->out);
	sources_clear(screen);
	kk_wipe(&screen->pad, sizeof(screen->pad));
	scene_unref(screen->scene);
	g_free(picture_unref(screen->front));
	g_free(screen->back);
	g_mutex_clear(&screen->watch_lock);
	g_cond_clear(&screen->stopping);
	g_mutex_clear(&screen->lock);
	g_free(screen);
}

static void tile_tell(const struct scene *scene, struct scene_tile *tile,
    const char *box_name, struct display_tile *out)
{
	bool is_person = tile->person >= 0;
	const struct view_person *person = is_person ?
	    &scene->view.people[tile->person] :
	    NULL;

	*out = (struct display_tile){ .leaf = tile->leaf,
		.x = tile->rect.x,
		.y = tile->rect.y,
		.width = tile->rect.width,
		.height = tile->rect.height,
		.is_self = !is_person || person->is_self,
		.is_screen = tile->is_screen,
		.has_picture = g_atomic_int_get(&tile->has_picture) };
	g_strlcpy(out->name, is_person ? person->name : box_name,
	    sizeof(out->name));
}

static void pad_tell(const struct screen *s, const struct scene *scene,
    struct display_picture *picture)
{
	const struct pad_look *pad = &scene->pad;

	picture->has_pad = pad->is_open;
	if (!pad->is_open)
		return;
	g_strlcpy(picture->pad_number, pad->number,
	    sizeof(picture->pad_number));
	pad_words(pad, &scene->view, s->config.language, picture->pad_notice);
}

static void notices_tell(const struct screen *s, const struct scene *scene,
    struct display_picture *picture)
{
	const bool is_german = s->config.language == WORDS_DE;

	_Static_assert((int)NOTICE_TITLE_BYTES <= (int)DISPLAY_TEXT_BYTES,
	    "has room");
	if (scene->notices.count > 0)
		notice_title(&scene->notices.list[0], is_german,
		    picture->notice);
}

static struct picture *front_ref(struct screen *s)
{
	struct picture *p;

	g_mutex_lock(&s->lock);
	p = s->front;
	g_atomic_int_inc(&p->refs);
	g_mutex_unlock(&s->lock);
	return p;
}

void screen_copy(struct screen *screen, struct display_picture *picture,
    uint8_t *pixels)
{
	struct picture *p = front_ref(screen);
	const struct view *view = &p->scene->view;

	*picture = (struct display_picture){ .pixels = pixels,
		.stride_bytes = (size_t)screen->config.width * PIXEL_BYTES,
		.width = screen->config.width,
		.height = screen->config.height,
		.number = p->number,
		.tile_count = p->scene->tile_count };
	memcpy(pixels, p->pixels, pixels_bytes(screen));
	g_strlcpy(picture->phase, view_phase_name(view->phase),
	    sizeof(picture->phase));
	g_strlcpy(picture->code, view->code, sizeof(picture->code));
	g_strlcpy(picture->trouble, view_trouble(view),
	    sizeof(picture->trouble));
	lines_sentence(view, screen->config.language, picture->lines);
	lines_waiting(view, screen->config.language, picture->waiting);
	lines_call(view, screen->config.language, picture->call);
	pad_tell(screen, p->scene, picture);
	notices_tell(screen, p->scene, picture);
	for (size_t i = 0; i < p->scene->tile_count; i++)
		tile_tell(p->scene, &p->scene->tiles[i],
		    screen->config.box_name, &picture->tiles[i]);
	g_free(picture_unref(p));
}

uint64_t screen_pictures(struct screen *screen)
{
	struct picture *p = front_ref(screen);
	uint64_t number = p->number;

	g_free(picture_unref(p));
	return number;
}

uint64_t screen_shown(struct screen *screen)
{
	return screen->out ? sink_shown(screen->out) : 0;
}

void screen_watch(struct screen *screen, void (*drawn)(void *arg), void *arg)
{
	g_mutex_lock(&screen->watch_lock);
	screen->drawn = drawn;
	screen->drawn_arg = arg;
	g_mutex_unlock(&screen->watch_lock);
}
