/* paint.c - the screen's ground, its texts, and what it says in its middle. */
#include "pipelines/graphs/paint.h"

#include <math.h>
#include <pango/pangocairo.h>

#include "pipelines/graphs/paint_private.h"

void paint_colour_set(cairo_t *cr, enum paint_colour colour)
{
	/* A dark neutral ground, so that pictures are what shines. */
	static const double colours[PAINT_COLOURS][3] = {
		[PAINT_BACK] = { 0.063, 0.071, 0.086 },
		[PAINT_TILE] = { 0.125, 0.141, 0.169 },
		[PAINT_TEXT] = { 0.949, 0.957, 0.969 },
		[PAINT_QUIET] = { 0.620, 0.655, 0.706 },
		[PAINT_GOOD] = { 0.420, 0.780, 0.580 },
		[PAINT_CARE] = { 0.910, 0.720, 0.370 },
		[PAINT_ACCENT] = { 0.360, 0.660, 0.960 },
		[PAINT_PANEL] = { 0.086, 0.098, 0.118 },
		[PAINT_END] = { 0.880, 0.390, 0.360 },
	};

	cairo_set_source_rgb(cr, colours[colour][0], colours[colour][1],
	    colours[colour][2]);
}

static PangoLayout *text_layout(cairo_t *cr, const struct paint_text *t)
{
	static const PangoAlignment aligns[] = { PANGO_ALIGN_LEFT,
		PANGO_ALIGN_CENTER, PANGO_ALIGN_RIGHT };
	PangoLayout *layout = pango_cairo_create_layout(cr);
	PangoFontDescription *font = pango_font_description_new();

	pango_font_description_set_family(font,
	    t->is_mono ? "DejaVu Sans Mono, monospace" :
			 "Inter, Noto Sans, DejaVu Sans, sans-serif");
	pango_font_description_set_weight(font,
	    t->is_bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_font_description_set_absolute_size(font, t->size * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_text(layout, t->text, -1);
	pango_layout_set_width(layout, (int)(t->width * PANGO_SCALE));
	pango_layout_set_alignment(layout, aligns[t->align]);
	if (t->wraps)
		pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	if (!t->wraps || t->lines_max > 0)
		pango_layout_set_height(layout, t->wraps ? -t->lines_max : -1);
	pango_layout_set_ellipsize(layout,
	    t->wraps && t->lines_max == 0 ? PANGO_ELLIPSIZE_NONE :
					    PANGO_ELLIPSIZE_END);
	/* A name is one line, whatever stands in it. */
	pango_layout_set_single_paragraph_mode(layout, !t->wraps);
	return layout;
}

double paint_text(cairo_t *cr, const struct paint_text *text)
{
	g_autoptr(PangoLayout) layout = text_layout(cr, text);
	int height = 0;

	paint_colour_set(cr, text->colour);
	cairo_move_to(cr, text->x, text->y);
	pango_cairo_show_layout(cr, layout);
	pango_layout_get_pixel_size(layout, NULL, &height);
	return height;
}

double paint_text_width(cairo_t *cr, const struct paint_text *text)
{
	g_autoptr(PangoLayout) layout = text_layout(cr, text);
	int width = 0;

	pango_layout_get_pixel_size(layout, &width, NULL);
	return width;
}

void paint_round(cairo_t *cr, const struct layout_rect *rect, double radius,
    double grow)
{
	double x = rect->x - grow, y = rect->y - grow, r = radius + grow;
	double w = rect->width + 2 * grow, h = rect->height + 2 * grow;

	cairo_new_sub_path(cr);
	cairo_arc(cr, x + w - r, y + r, r, -G_PI_2, 0);
	cairo_arc(cr, x + w - r, y + h - r, r, 0, G_PI_2);
	cairo_arc(cr, x + r, y + h - r, r, G_PI_2, G_PI);
	cairo_arc(cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
	cairo_close_path(cr);
}

/* The two lines in the middle, where there are no tiles. */
static bool middle_find(const struct paint *p, const char **title,
    const char **hint)
{
	static const enum words lines[VIEW_PHASE_COUNT][2] = {
		[VIEW_OFF] = { WORDS_OFF, WORDS_OFF_HINT },
		[VIEW_CONNECTING] = { WORDS_CONNECTING, WORDS_CONNECTING_HINT },
		[VIEW_JOINING] = { WORDS_JOINING, WORDS_JOINING_HINT },
		[VIEW_IN] = { WORDS_NOBODY, WORDS_NOBODY_HINT },
		[VIEW_REFUSED] = { WORDS_REFUSED, WORDS_OFF_HINT },
	};
	const struct view *v = p->view;
	const enum words *line = lines[v->phase];
	static const enum words gone[2] = { WORDS_DISCONNECTED,
		WORDS_DISCONNECTED_HINT };

	if (v->phase == VIEW_IN && v->is_disconnected)
		line = gone;
	*title = words_get(p->language, line[0]);
	*hint = words_get(p->language, line[1]);
	if (*view_trouble(v) && !view_has_media(v))
		*hint = words_trouble(p->language, view_trouble(v));
	return p->layout->tile_count == 0 || v->phase != VIEW_IN;
}

/* Whether nobody else is in the meeting, and there are words in the middle. */
static bool middle_paint(cairo_t *cr, const struct paint *p)
{
	const struct layout_rect *main = &p->layout->main;
	double size = p->layout->height / 18.0;
	struct paint_text text = { .x = main->x,
		.y = main->y + main->height / 2.0 - size * 1.6,
		.width = main->width,
		.size = size,
		.is_bold = true,
		.wraps = true,
		.align = PAINT_CENTRE,
		.colour = PAINT_TEXT };
	const char *hint;

	if (!middle_find(p, &text.text, &hint))
		return false;
	text.y += paint_text(cr, &text) + size / 3;
	text.text = hint;
	text.size = size * 0.62;
	text.is_bold = false;
	text.colour = *view_trouble(p->view) && !view_has_media(p->view) ?
	    PAINT_CARE :
	    PAINT_QUIET;
	(void)paint_text(cr, &text);
	return true;
}

void paint_all(cairo_t *cr, const struct paint *paint)
{
	bool is_idle = false;

	paint_colour_set(cr, PAINT_BACK);
	cairo_paint(cr);
	paint_tiles(cr, paint);
	paint_side(cr, paint);
	if (paint->pad->is_open)
		paint_pad(cr, paint);
	else
		is_idle = middle_paint(cr, paint);
	paint_notices(cr, paint, is_idle && paint->view->line_count == 0);
}
