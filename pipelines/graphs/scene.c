/* scene.c - a painted screen. */
#include "pipelines/graphs/scene.h"

#include "pipelines/graphs/lines.h"
#include "pipelines/graphs/paint.h"

enum { PIXEL_BYTES = 4 };

static struct frames *frames_of(const struct scene_config *config,
    uint32_t leaf, bool is_screen)
{
	for (size_t i = 0; i < config->source_count; i++) {
		if (config->sources[i].leaf == leaf &&
		    config->sources[i].is_screen == is_screen)
			return frames_ref(config->sources[i].frames);
	}
	return NULL;
}

/* What has no place any more is left out. */
static void tile_make(struct scene *s, const struct scene_config *config,
    struct paint *paint, int person, bool is_screen)
{
	const struct view_person *p = &s->view.people[person];
	const size_t at = s->tile_count;

	if (at == s->layout.tile_count)
		return;
	paint->people[at] = person;
	paint->is_screen[at] = is_screen;
	s->tiles[at] = (struct scene_tile){ .rect = s->layout.tiles[at],
		.leaf = p->leaf,
		.person = person,
		.is_screen = is_screen,
		.frames = is_screen || p->has_camera ?
		    frames_of(config, p->leaf, is_screen) :
		    NULL };
	s->tile_count++;
}

/* The newest first. */
static void screens_make(struct scene *s, const struct scene_config *config,
    struct paint *paint)
{
	uint64_t below = UINT64_MAX;

	for (;;) {
		uint64_t newest = 0;
		int which = -1;

		for (size_t i = 0; i < s->view.people_count; i++) {
			const uint64_t screen = s->view.people[i].screen;

			if (screen < below && screen > newest) {
				newest = screen;
				which = (int)i;
			}
		}
		if (which < 0)
			return;
		tile_make(s, config, paint, which, true);
		below = newest;
	}
}

/* The others in the order they are given in, as far as there is room; in a row
 * below a screen those with a camera first. */
static void people_make(struct scene *s, const struct scene_config *config,
    struct paint *paint)
{
	const struct view *v = &s->view;
	const bool has_large = s->layout.has_large;

	for (int i = 0; i < (int)v->people_count; i++) {
		if (v->people[i].is_self)
			paint->self = i;
		else if ((!has_large || v->people[i].has_camera) &&
		    lines_person_is_shown(v, &v->people[i]))
			tile_make(s, config, paint, i, false);
	}
	for (int i = 0; has_large && i < (int)v->people_count; i++) {
		if (!v->people[i].is_self && !v->people[i].has_camera &&
		    lines_person_is_shown(v, &v->people[i]))
			tile_make(s, config, paint, i, false);
	}
}

static void tiles_make(struct scene *s, const struct scene_config *config,
    struct paint *paint)
{
	screens_make(s, config, paint);
	people_make(s, config, paint);
	s->tiles[s->tile_count++] = (struct scene_tile){ .rect = s->layout.self,
		.leaf = paint->self < 0 ? 0 : s->view.people[paint->self].leaf,
		.person = paint->self,
		.frames = config->self ? frames_ref(config->self) : NULL };
}

static void pixels_make(struct scene *s, const struct paint *paint)
{
	int width = (int)s->layout.width, height = (int)s->layout.height;
	cairo_surface_t *surface;
	cairo_t *cr;

	s->pixels = g_malloc0((gsize)width * height * PIXEL_BYTES);
	surface = cairo_image_surface_create_for_data(s->pixels,
	    CAIRO_FORMAT_RGB24, width, height, width * PIXEL_BYTES);
	cr = cairo_create(surface);
	paint_all(cr, paint);
	cairo_destroy(cr);
	cairo_surface_flush(surface);
	cairo_surface_destroy(surface);
}

/* Where nobody can be shown there are no tiles. */
static void view_layout(struct layout *layout, unsigned width, unsigned height,
    const struct view *view)
{
	size_t count = 0;

	for (size_t i = 0; i < view->people_count; i++) {
		const struct view_person *p = &view->people[i];

		count += (p->screen > 0) +
		    (!p->is_self && lines_person_is_shown(view, p));
	}
	layout_make(layout, width, height, view_has_media(view) ? count : 0,
	    view_screen(view) > 0);
}

/* The number pad lies over the pictures. */
static void over_make(struct scene *s, unsigned width, unsigned height)
{
	struct pad_layout layout;

	if (!s->pad.is_open)
		return;
	pad_layout_make(&layout, width, height, s->pad.has_book);
	s->over = layout.panel;
}

struct scene *scene_new(const struct scene_config *config)
{
	const struct screen_config *screen = config->screen;
	struct scene *s = g_new0(struct scene, 1);
	struct paint paint = { .view = &s->view,
		.layout = &s->layout,
		.language = screen->language,
		.box_name = screen->box_name,
		.clock = config->clock,
		.self = -1,
		.pad = &s->pad,
		.notices = &s->notices };

	s->refs = 1;
	s->view = *config->view;
	s->pad = *config->pad;
	s->notices = *config->notices;
	over_make(s, screen->width, screen->height);
	view_layout(&s->layout, screen->width, screen->height, &s->view);
	for (int i = 0; i < VIEW_TILES_MAX; i++)
		paint.people[i] = -1;
	tiles_make(s, config, &paint);
	pixels_make(s, &paint);
	return s;
}

struct scene *scene_ref(struct scene *scene)
{
	g_atomic_int_inc(&scene->refs);
	return scene;
}

void scene_unref(struct scene *scene)
{
	if (!scene || !g_atomic_int_dec_and_test(&scene->refs))
		return;
	for (size_t i = 0; i < scene->tile_count; i++)
		frames_unref(scene->tiles[i].frames);
	g_free(scene->pixels);
	kk_wipe(&scene->pad, sizeof(scene->pad));
	g_free(scene);
}

void screen_sizes_get(const struct screen *screen, const struct view *view,
    struct screen_sizes *sizes)
{
	const struct layout_rect *tile, *large;
	struct layout l;
	unsigned w, h;

	screen_size_get(screen, &w, &h);
	view_layout(&l, w, h, view);
	large = l.tile_count ? &l.tiles[0] : &l.self;
	tile = l.has_large && l.tile_count > 1 ? &l.tiles[1] : large;
	*sizes = (struct screen_sizes){ tile->width, tile->height, large->width,
		large->height };
}

void screen_self_size(const struct screen *screen, unsigned *width,
    unsigned *height)
{
	struct layout layout;
	unsigned w, h;

	screen_size_get(screen, &w, &h);
	layout_make(&layout, w, h, 0, false);
	*width = layout.self.width;
	*height = layout.self.height;
}
