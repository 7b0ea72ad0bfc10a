/* paint_tile.c - what is around and behind a member's picture. */
#include <glib.h>
#include <math.h>
#include <stdio.h>

#include "pipelines/graphs/lines.h"
#include "pipelines/graphs/paint_private.h"

enum {
	INITIALS_BYTES = 16,
	LINE_BYTES = 96,
	TITLE_BYTES = LINES_TEXT_BYTES + 32
};

/* The first letters of the first and the last word. */
static void initials_make(const char *name, char out[INITIALS_BYTES])
{
	const char *last = g_utf8_strrchr(name, -1, ' ');
	gunichar a = g_utf8_get_char_validated(name, -1);
	gunichar b = last ? g_utf8_get_char_validated(last + 1, -1) : 0;
	int n = 0;

	if (a < 0x110000)
		n = g_unichar_to_utf8(g_unichar_toupper(a), out);
	if (b > ' ' && b < 0x110000)
		n += g_unichar_to_utf8(g_unichar_toupper(b), out + n);
	out[n] = '\0';
}

/* A handset, about as large as the disc that it lies on. */
static void handset_paint(cairo_t *cr, double x, double y, double radius)
{
	const double half = radius * 0.42, ear = radius * 0.2;

	paint_colour_set(cr, PAINT_TEXT);
	cairo_set_line_width(cr, radius * 0.2);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_new_path(cr);
	cairo_arc(cr, x, y + half * 0.75, half * 1.25, 1.18 * G_PI,
	    1.82 * G_PI);
	cairo_stroke(cr);
	cairo_set_line_width(cr, radius * 0.3);
	for (int side = -1; side <= 1; side += 2) {
		cairo_move_to(cr, x + side * half, y + ear * 0.2);
		cairo_line_to(cr, x + side * half * 1.1, y + ear * 1.1);
		cairo_stroke(cr);
	}
}

/* In place of a picture that does not come: initials, or a handset. */
static void placeholder_paint(cairo_t *cr, const struct paint *p,
    const struct layout_rect *r, const char *name, bool is_lines)
{
	double radius = r->height / 4.2;
	char initials[INITIALS_BYTES];
	struct paint_text text = { .text = initials,
		.x = r->x,
		.y = r->y + r->height / 2.0 - radius * 0.52,
		.width = r->width,
		.size = radius * 0.85,
		.align = PAINT_CENTRE,
		.colour = PAINT_TEXT };

	paint_round(cr, r, p->layout->radius, 0);
	paint_colour_set(cr, PAINT_TILE);
	cairo_fill(cr);
	initials_make(name, initials);
	cairo_arc(cr, r->x + r->width / 2.0, r->y + r->height / 2.0, radius, 0,
	    2 * G_PI);
	cairo_set_source_rgb(cr, 0.22, 0.25, 0.30);
	cairo_fill(cr);
	if (is_lines)
		handset_paint(cr, r->x + r->width / 2.0, r->y + r->height / 2.0,
		    radius);
	else
		(void)paint_text(cr, &text);
}

/* A check in a disc for who is verified, a plain ring for a guest. */
static void mark_paint(cairo_t *cr, double x, double y, double size,
    bool is_verified)
{
	double r = size / 2;

	cairo_set_line_width(cr, size * 0.12);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
	cairo_new_path(cr);
	paint_colour_set(cr, is_verified ? PAINT_GOOD : PAINT_CARE);
	if (!is_verified) {
		cairo_arc(cr, x + r, y + r, r * 0.86, 0, 2 * G_PI);
		cairo_stroke(cr);
		return;
	}
	cairo_arc(cr, x + r, y + r, r, 0, 2 * G_PI);
	cairo_fill(cr);
	paint_colour_set(cr, PAINT_BACK);
	cairo_move_to(cr, x + size * 0.28, y + size * 0.53);
	cairo_line_to(cr, x + size * 0.44, y + size * 0.69);
	cairo_line_to(cr, x + size * 0.73, y + size * 0.34);
	cairo_stroke(cr);
}

/* Verified or guest, and what else there is to say. */
static void standing_make(const struct paint *p,
    const struct view_person *person, bool is_screen, char out[LINE_BYTES])
{
	bool is_muted = !is_screen && !person->has_microphone &&
	    !lines_box(person);

	(void)snprintf(out, LINE_BYTES, "%s%s%s",
	    words_get(p->language,
		person->is_verified ? WORDS_VERIFIED : WORDS_GUEST),
	    is_muted ? " · " : "",
	    is_muted ? words_get(p->language, WORDS_MICROPHONE_OFF) : "");
}

static void title_make(const struct paint *p, const struct view_person *person,
    bool is_screen, char out[TITLE_BYTES])
{
	char name[LINES_TEXT_BYTES];

	lines_name(person, p->language, name);
	(void)snprintf(out, TITLE_BYTES, "%s%s%s",
	    is_screen ? words_get(p->language, WORDS_SCREEN_OF) : "",
	    is_screen ? " " : "", name);
}

/* Mark and name to the left, standing to the right; in the row below a screen
 * the mark has to do. */
static void caption_paint(cairo_t *cr, const struct paint *p, size_t tile)
{
	const struct layout_rect *r = &p->layout->tiles[tile];
	const struct view_person *person = &p->view->people[p->people[tile]];
	const bool is_small = p->layout->has_large && tile > 0;
	double high = p->layout->caption;
	double size = high * (is_small ? 0.4 : 0.56);
	double y = r->y + r->height + high * 0.16;
	char line[LINE_BYTES], title[TITLE_BYTES];
	struct paint_text standing = { .text = line,
		.y = y + size * 0.1,
		.width = r->width * 0.6,
		.size = size * 0.8,
		.align = PAINT_LEFT,
		.colour = person->is_verified ? PAINT_GOOD : PAINT_CARE };
	struct paint_text name = { .text = title,
		.x = r->x + size * 1.3,
		.y = y,
		.size = size,
		.is_bold = true,
		.colour = PAINT_TEXT };
	double width = 0;

	standing_make(p, person, p->is_screen[tile], line);
	title_make(p, person, p->is_screen[tile], title);
	if (!is_small)
		width = paint_text_width(cr, &standing);
	standing.x = r->x + r->width - width;
	name.width = r->width - width - size * 1.8;
	mark_paint(cr, r->x, y + size * 0.16, size * 0.92, person->is_verified);
	(void)paint_text(cr, &name);
	if (!is_small)
		(void)paint_text(cr, &standing);
}

static void ring_paint(cairo_t *cr, const struct paint *p,
    const struct layout_rect *r)
{
	double wide = p->layout->height / 180.0;

	paint_round(cr, r, p->layout->radius, wide);
	paint_colour_set(cr, PAINT_ACCENT);
	cairo_fill(cr);
}

static void tile_paint(cairo_t *cr, const struct paint *p, size_t tile)
{
	const struct layout_rect *r = &p->layout->tiles[tile];
	const struct view_person *person = &p->view->people[p->people[tile]];

	if (person->is_speaking && !p->is_screen[tile])
		ring_paint(cr, p, r);
	placeholder_paint(cr, p, r, person->name, lines_box(person));
	caption_paint(cr, p, tile);
}

void paint_tiles(cairo_t *cr, const struct paint *paint)
{
	const struct layout *l = paint->layout;

	for (size_t i = 0; i < l->tile_count; i++) {
		if (paint->view->phase == VIEW_IN && paint->people[i] >= 0)
			tile_paint(cr, paint, i);
	}
	placeholder_paint(cr, paint, &l->self, paint->box_name, false);
}
