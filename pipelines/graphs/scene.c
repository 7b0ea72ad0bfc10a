/* scene.c - a painted screen. */
#include "pipelines/graphs/scene.h"

#include "pipelines/graphs/paint.h"

enum { PIXEL_BYTES = 4 };

static struct frames *frames_of(const struct scene_config *config,
    uint32_t leaf)
{
	for (size_t i = 0; i < config->source_count; i++) {
		if (config->sources[i].leaf == leaf)
			return frames_ref(config->sources[i].frames);
	}
	return NULL;
}

/* The others in the order they are given in, as far as there is room. */
static void tiles_make(struct scene *s, const struct scene_config *config,
    struct paint *paint)
{
	const struct view *v = &s->view;

	for (size_t i = 0; i < v->people_count; i++) {
		const struct view_person *person = &v->people[i];

		if (person->is_self) {
			paint->self = (int)i;
			continue;
		}
		if (s->tile_count == s->layout.tile_count)
			continue;
		paint->people[s->tile_count] = (int)i;
		s->tiles[s->tile_count] =
		    (struct scene_tile){ .rect = s->layout.tiles[s->tile_count],
			    .leaf = person->leaf,
			    .person = (int)i,
			    .frames = person->has_camera ?
				frames_of(config, person->leaf) :
				NULL };
		s->tile_count++;
	}
	s->tiles[s->tile_count++] = (struct scene_tile){ .rect = s->layout.self,
		.leaf = paint->self < 0 ? 0 : v->people[paint->self].leaf,
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
static size_t others_count(const struct view *view)
{
	size_t count = 0;

	for (size_t i = 0; i < view->people_count; i++)
		count += !view->people[i].is_self;
	return view_has_media(view) ? count : 0;
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
		.self = -1 };

	s->refs = 1;
	s->view = *config->view;
	layout_make(&s->layout, screen->width, screen->height,
	    others_count(&s->view));
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
	g_free(scene);
}

void screen_tile_size(const struct screen *screen, const struct view *view,
    unsigned *width, unsigned *height)
{
	struct layout layout;
	unsigned w, h;

	screen_size_get(screen, &w, &h);
	layout_make(&layout, w, h, others_count(view));
	*width = layout.tile_count ? layout.tiles[0].width : layout.self.width;
	*height = layout.tile_count ? layout.tiles[0].height :
				      layout.self.height;
}

void screen_self_size(const struct screen *screen, unsigned *width,
    unsigned *height)
{
	struct layout layout;
	unsigned w, h;

	screen_size_get(screen, &w, &h);
	layout_make(&layout, w, h, 0);
	*width = layout.self.width;
	*height = layout.self.height;
}
