/* paint.c - what stands still on the room's screen is legible. */
#include <cairo.h>
#include <glib.h>

#include "harness/tap.h"
#include "pipelines/graphs/paint.h"

enum { HUE = 60 }; /* the least that red is above blue in what asks for care */

struct span { /* columns of the picture */
	int first, last;
};

static void span_take(struct span *s, int x)
{
	s->first = MIN(s->first, x);
	s->last = MAX(s->last, x);
}

/* The row of words below the box's own picture: plain ones, and coloured ones.
 */
static void caption_look(cairo_surface_t *picture, const struct layout *l,
    struct span *plain, struct span *care)
{
	const unsigned char *data = cairo_image_surface_get_data(picture);
	const unsigned top = l->self.y + l->self.height + 1;

	*plain = *care = (struct span){ (int)l->width, -1 };
	for (unsigned y = top; y < top + l->caption - 1; y++) {
		const uint32_t *row = (const uint32_t *)(const void *)(data +
		    (size_t)y * cairo_image_surface_get_stride(picture));

		for (unsigned x = l->self.x; x < l->width; x++) {
			const int red = (int)(row[x] >> 16 & 0xff);
			const int blue = (int)(row[x] & 0xff);

			if (red - blue > HUE)
				span_take(care, (int)x);
			else if (red + blue > 3 * HUE)
				span_take(plain, (int)x);
		}
	}
}

static void caption_check(unsigned width, unsigned height,
    enum words_language language)
{
	static struct view view = { .phase = VIEW_IN, .people_count = 1 };
	const struct pad_look pad = { .is_open = false };
	struct layout layout;
	struct paint paint = { .view = &view,
		.layout = &layout,
		.language = language,
		.box_name = "Room 4",
		.clock = "14:32",
		.pad = &pad };
	cairo_surface_t *picture = cairo_image_surface_create(
	    CAIRO_FORMAT_RGB24, (int)width, (int)height);
	cairo_t *cr = cairo_create(picture);
	struct span plain, care;

	layout_make(&layout, width, height, 0, false);
	paint_all(cr, &paint);
	cairo_surface_flush(picture);
	caption_look(picture, &layout, &plain, &care);
	CHECK(plain.last > plain.first && care.last > care.first);
	CHECK(plain.last + 4 < care.first);
	/* A letter may be smoothed by a pixel. */
	CHECK(care.last <= (int)(layout.self.x + layout.self.width));
	cairo_destroy(cr);
	cairo_surface_destroy(picture);
}

TEST(a_muted_rooms_name_and_that_it_is_stand_apart)
{
	static const unsigned sizes[][2] = { { 640, 360 }, { 1280, 720 },
		{ 1920, 1080 }, { 3840, 2160 } };

	for (size_t i = 0; i < KK_ARRAY_LEN(sizes); i++) {
		for (enum words_language l = 0; l < WORDS_LANGUAGES; l++)
			caption_check(sizes[i][0], sizes[i][1], l);
	}
}
