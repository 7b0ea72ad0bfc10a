/* paint_welcome.c - the first-boot screen: large, plain, the same at each size.
 */
#include "pipelines/graphs/paint_welcome.h"

#include <glib.h>
#include <string.h>

#include "pipelines/graphs/paint_private.h"

struct page {
	cairo_t *cr;
	const struct welcome_view *view;
	double width, height;
	double radius;
};

enum { LONG_TEXT = 90, VERY_LONG_TEXT = 160 };

static struct layout_rect rect_of(const struct page *p,
    const struct welcome_item *item)
{
	return (struct layout_rect){ (unsigned)(item->x * p->width),
		(unsigned)(item->y * p->height),
		(unsigned)(item->width * p->width),
		(unsigned)(item->height * p->height) };
}

/* A text in the middle of a box's height. */
static void text_in(const struct page *p, const struct layout_rect *box,
    struct paint_text *text)
{
	text->y = box->y + (box->height - text->size * 1.25) / 2;
	(void)paint_text(p->cr, text);
}

static void ground_paint(const struct page *p, const struct layout_rect *box,
    enum paint_colour colour, bool is_focus)
{
	const double line = p->height / 240;

	if (is_focus) {
		paint_round(p->cr, box, p->radius, line * 1.6);
		paint_colour_set(p->cr, PAINT_TEXT);
		cairo_fill(p->cr);
	}
	paint_round(p->cr, box, p->radius, is_focus ? -line * 0.4 : 0);
	paint_colour_set(p->cr, colour);
	cairo_fill(p->cr);
}

/* Dark letters on what shines. */
static void button_paint(const struct page *p, const struct welcome_item *item,
    bool is_focus)
{
	const struct layout_rect box = rect_of(p, item);
	const bool shines = is_focus || item->is_chosen;
	double size = box.height * 0.46;
	struct paint_text text = { .text = item->label,
		.x = box.x + p->radius / 2,
		.width = box.width - p->radius,
		.is_bold = is_focus,
		.align = PAINT_CENTRE,
		.colour = shines ? PAINT_BACK : PAINT_TEXT };

	if (size > p->height / 22)
		size = p->height / 22;
	/* A long word is smaller before it ends in dots. */
	text.size = size;
	text.width = 100 * p->width;
	if (paint_text_width(p->cr, &text) > box.width - p->radius)
		text.size = size * 0.8;
	text.width = box.width - p->radius;
	ground_paint(p, &box,
	    is_focus            ? PAINT_ACCENT :
		item->is_chosen ? PAINT_GOOD :
				  PAINT_TILE,
	    is_focus);
	text_in(p, &box, &text);
}

static void pair_paint(const struct page *p, const struct welcome_item *item,
    double size)
{
	const struct layout_rect box = rect_of(p, item);
	const double split = box.width * 0.36, pad = p->radius;
	struct paint_text text = { .text = item->label,
		.x = box.x + pad,
		.width = split - 2 * pad,
		.size = size,
		.colour = PAINT_QUIET };

	text_in(p, &box, &text);
	text.text = item->value;
	text.x = box.x + split;
	text.width = box.width - split - pad;
	text.colour = PAINT_TEXT;
	text_in(p, &box, &text);
}

static void field_paint(const struct page *p, const struct welcome_item *item,
    bool is_focus)
{
	const struct layout_rect box = rect_of(p, item);
	double size = box.height * 0.46;

	ground_paint(p, &box, PAINT_TILE, is_focus);
	pair_paint(p, item, size < p->height / 26 ? size : p->height / 26);
}

static void line_paint(const struct page *p, const struct welcome_item *item)
{
	const double size = item->height * p->height * 0.62;

	pair_paint(p, item, size < p->height / 30 ? size : p->height / 30);
}

/* All of it, smaller where it is long, with a bar where the next letter comes.
 */
static void typed_paint(const struct page *p, const struct welcome_item *item)
{
	const struct layout_rect box = rect_of(p, item);
	const size_t bytes = strlen(item->value);
	g_autofree char *shown = g_strdup_printf("%s▏", item->value);
	struct paint_text text = { .text = shown,
		.x = box.x + p->radius,
		.y = box.y + p->radius * 0.7,
		.width = box.width - 2 * p->radius,
		.size = p->height /
		    (bytes > VERY_LONG_TEXT   ? 34 :
			    bytes > LONG_TEXT ? 27 :
						20),
		.wraps = true,
		.colour = PAINT_TEXT };

	ground_paint(p, &box, PAINT_TILE, true);
	(void)paint_text(p->cr, &text);
}

static void fingerprint_paint(const struct page *p,
    const struct welcome_item *item)
{
	const struct layout_rect box = rect_of(p, item);
	struct paint_text text = { .text = item->label,
		.x = box.x,
		.y = box.y,
		.width = box.width,
		.size = p->height / 34,
		.colour = PAINT_QUIET };

	text.y += paint_text(p->cr, &text) + text.size * 0.4;
	text.text = item->value;
	text.size = p->height / 21;
	text.is_mono = true;
	text.is_bold = true;
	text.wraps = true;
	text.colour = PAINT_TEXT;
	(void)paint_text(p->cr, &text);
}

static void item_paint(const struct page *p, const struct welcome_item *item,
    bool is_focus)
{
	switch (item->kind) {
	case WELCOME_FIELD:
		field_paint(p, item, is_focus);
		break;
	case WELCOME_CHOICE:
	case WELCOME_BUTTON:
	case WELCOME_KEY:
		button_paint(p, item, is_focus);
		break;
	case WELCOME_TYPED:
		typed_paint(p, item);
		break;
	case WELCOME_LINE:
		line_paint(p, item);
		break;
	case WELCOME_FINGERPRINT:
		fingerprint_paint(p, item);
		break;
	}
}

static void texts_paint(const struct page *p, bool is_typing)
{
	const struct welcome_view *v = p->view;
	struct paint_text text = { .text = v->title,
		.x = p->width * 0.08,
		.y = p->height * 0.045,
		.width = p->width * 0.84,
		.size = p->height / 18,
		.is_bold = true,
		.colour = PAINT_TEXT };

	(void)paint_text(p->cr, &text);
	text.is_bold = false;
	text.text = v->hint;
	text.y = p->height * (is_typing ? 0.31 : 0.135);
	text.size = p->height / 34;
	text.wraps = true;
	text.colour = PAINT_QUIET;
	if (is_typing && v->message[0])
		text.text = "";
	(void)paint_text(p->cr, &text);
	text.text = v->message;
	text.is_bold = true;
	text.y = p->height * (is_typing ? 0.31 : 0.735);
	text.lines_max = is_typing ? 2 : 3;
	text.colour = v->is_bad ? PAINT_CARE : PAINT_GOOD;
	(void)paint_text(p->cr, &text);
}

void paint_welcome(cairo_t *cr, const struct welcome_view *view, unsigned width,
    unsigned height)
{
	const struct page page = { cr, view, width, height, height / 60.0 };
	bool is_typing = false;

	paint_colour_set(cr, PAINT_BACK);
	cairo_paint(cr);
	for (size_t i = 0; i < view->item_count; i++) {
		item_paint(&page, &view->items[i], view->focus == (int)i);
		is_typing |= view->items[i].kind == WELCOME_TYPED;
	}
	texts_paint(&page, is_typing);
}
