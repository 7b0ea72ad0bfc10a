/* sandbox.c - the synthetic room: a picture that moves, the box's name, a
 * clock, and the test strip (strip.h). */
#define _GNU_SOURCE /* localtime_r(), M_PI */
#include <cairo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "drivers/camera/camera_internal.h"
#include "drivers/camera/strip.h"

enum {
	NAME_BYTES = 256,
	CLOCK_BYTES = 16,
	MS_PER_S = 1000,
	SWING_MS = 4000, /* the disc, there and back */
	PIXEL_BYTES = 4
};

struct room {
	cairo_surface_t *wall; /* what does not move */
	unsigned width, height, number;
};

/* A colour for each number: hue around the circle, muted. */
static void colour_set(cairo_t *cr, unsigned number, double light, double alpha)
{
	double hue = 2 * M_PI * (number * 7 % CAMERA_NUMBERS) / CAMERA_NUMBERS;

	cairo_set_source_rgba(cr, light * (0.62 + 0.38 * cos(hue)),
	    light * (0.62 + 0.38 * cos(hue - 2 * M_PI / 3)),
	    light * (0.62 + 0.38 * cos(hue + 2 * M_PI / 3)), alpha);
}

/* Centred, in a size that fits the width. */
static void text_draw(cairo_t *cr, const char *text, double x, double y,
    double size, double width_max)
{
	cairo_text_extents_t e;

	cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
	    CAIRO_FONT_WEIGHT_BOLD);
	cairo_set_font_size(cr, size);
	cairo_text_extents(cr, text, &e);
	if (e.width > width_max) {
		cairo_set_font_size(cr, size * width_max / e.width);
		cairo_text_extents(cr, text, &e);
	}
	cairo_move_to(cr, x - e.width / 2 - e.x_bearing, y);
	cairo_show_text(cr, text);
}

/* A wall, a floor and a table in a quiet colour. */
static void wall_draw(const struct room *r, const char *name)
{
	cairo_t *cr = cairo_create(r->wall);
	double w = r->width, h = r->height;

	colour_set(cr, r->number, 0.42, 1);
	cairo_paint(cr);
	colour_set(cr, r->number, 0.28, 1);
	cairo_rectangle(cr, 0, h * 0.66, w, h);
	cairo_fill(cr);
	colour_set(cr, r->number, 0.20, 1);
	cairo_move_to(cr, w * 0.28, h * 0.74);
	cairo_line_to(cr, w * 0.72, h * 0.74);
	cairo_line_to(cr, w * 0.88, h);
	cairo_line_to(cr, w * 0.12, h);
	cairo_fill(cr);
	cairo_set_source_rgb(cr, 1, 1, 1);
	text_draw(cr, name, w / 2, h * 0.30, h * 0.17, w * 0.9);
	cairo_destroy(cr);
	cairo_surface_flush(r->wall);
}

static void disc_draw(const struct room *r, cairo_t *cr, uint64_t now_ms)
{
	double turn = 2 * M_PI * (double)(now_ms % SWING_MS) / SWING_MS;
	double x = r->width * (0.5 + 0.40 * sin(turn));
	double y = r->height * (0.76 - 0.10 * fabs(cos(turn)));

	colour_set(cr, r->number + CAMERA_NUMBERS / 2, 0.95, 1);
	cairo_arc(cr, x, y, r->height * 0.08, 0, 2 * M_PI);
	cairo_fill(cr);
}

static void clock_draw(const struct room *r, cairo_t *cr, uint64_t now_ms)
{
	time_t seconds = (time_t)(now_ms / MS_PER_S);
	char text[CLOCK_BYTES] = "";
	struct tm tm;

	if (!localtime_r(&seconds, &tm) ||
	    !strftime(text, sizeof(text), "%H:%M:%S", &tm))
		return;
	cairo_set_source_rgb(cr, 1, 1, 1);
	text_draw(cr, text, r->width / 2.0, r->height * 0.57, r->height * 0.20,
	    r->width * 0.9);
}

static void room_draw(void *ctx, uint8_t *pixels, size_t stride_bytes,
    uint64_t now_ms)
{
	struct room *r = ctx;
	const uint8_t *wall = cairo_image_surface_get_data(r->wall);
	size_t wall_stride = (size_t)cairo_image_surface_get_stride(r->wall);
	struct strip_picture picture = { pixels, stride_bytes, r->width,
		r->height };
	struct strip strip = { r->number, (uint16_t)(now_ms / STRIP_UNIT_MS) };
	cairo_surface_t *to;
	cairo_t *cr;

	for (unsigned y = 0; y < r->height; y++)
		memcpy(pixels + y * stride_bytes, wall + y * wall_stride,
		    (size_t)r->width * PIXEL_BYTES);
	to = cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24,
	    (int)r->width, (int)r->height, (int)stride_bytes);
	cr = cairo_create(to);
	disc_draw(r, cr, now_ms);
	clock_draw(r, cr, now_ms);
	cairo_destroy(cr);
	cairo_surface_flush(to);
	cairo_surface_destroy(to);
	strip_write(&picture, &strip);
}

static void room_close(void *ctx)
{
	struct room *r = ctx;

	cairo_surface_destroy(r->wall);
	kk_free(r);
}

static const struct camera_ops room_ops = { .draw = room_draw,
	.close = room_close };

enum kk_err camera_sandbox_open(struct camera **camerap,
    const struct camera_config *config)
{
	struct room *r = kk_calloc(1, sizeof(*r));

	if (!r)
		return KK_ENOMEM;
	r->width = config->width;
	r->height = config->height;
	r->number = config->number < 0 ?
	    camera_number_of(config->name) :
	    (unsigned)config->number % CAMERA_NUMBERS;
	r->wall = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)r->width,
	    (int)r->height);
	if (cairo_surface_status(r->wall)) {
		room_close(r);
		return KK_ENOMEM;
	}
	wall_draw(r, config->name);
	return camera_new(camerap, &room_ops, r);
}
