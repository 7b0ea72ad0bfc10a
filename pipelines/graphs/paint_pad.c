/* paint_pad.c - the number pad, over the middle of the screen. */
#include <string.h>

#include "pipelines/graphs/pad_words.h"
#include "pipelines/graphs/paint_private.h"

/* Parts of a key's or a line's height. */
#define DIGIT_SIZE 0.56
#define WORD_SIZE 0.30
#define NUMBER_SIZE 0.62
#define NAME_SIZE 0.44
#define SMALL_SIZE 0.34
#define NOTICE_SIZE 0.38
#define LINE_HEIGHT 1.25 /* of a font, in its size */
#define MONO_WIDTH 0.62 /* of a digit, in its size */

enum { BORDER_PART = 300, NOTICE_LINES_MAX = 2 };

struct painter {
	cairo_t *cr;
	const struct paint *paint;
	const struct pad_look *pad;
	struct pad_layout layout;
};

static void text_in(const struct painter *p, const struct layout_rect *r,
    struct paint_text text)
{
	text.x = r->x;
	text.width = r->width;
	if (text.y == 0)
		text.y = r->y + (r->height - text.size * LINE_HEIGHT) / 2;
	(void)paint_text(p->cr, &text);
}

/* A number that is long gets small: its end is what was typed last. */
static void number_paint(const struct painter *p)
{
	const struct layout_rect *r = &p->layout.number;
	const char *number = p->pad->number;
	const double most = r->width /
	    (MONO_WIDTH * ((double)strlen(number) + 1));
	const double wanted = r->height *
	    (p->pad->name[0] ? SMALL_SIZE : NUMBER_SIZE);
	struct paint_text text = { .text = number,
		.size = wanted < most ? wanted : most,
		.is_mono = true,
		.is_bold = true,
		.align = PAINT_CENTRE,
		.colour = PAINT_TEXT };

	if (!number[0]) {
		text.text = words_get(p->paint->language, WORDS_PAD_NUMBER);
		text.size = r->height * NAME_SIZE;
		text.is_mono = text.is_bold = false;
		text.colour = PAINT_QUIET;
	}
	if (p->pad->name[0]) {
		struct paint_text name = { .text = p->pad->name,
			.y = r->y,
			.size = r->height * NAME_SIZE,
			.is_bold = true,
			.align = PAINT_CENTRE,
			.colour = PAINT_TEXT };

		text_in(p, r, name);
		text.y = r->y + r->height * (1 - SMALL_SIZE * LINE_HEIGHT);
		text.colour = PAINT_QUIET;
	}
	text_in(p, r, text);
}

static void notice_paint(const struct painter *p)
{
	const struct layout_rect *r = &p->layout.notice;
	char notice[LINES_TEXT_BYTES];
	struct paint_text text = { .text = notice,
		.y = r->y,
		.size = r->height * NOTICE_SIZE,
		.wraps = true,
		.lines_max = NOTICE_LINES_MAX,
		.align = PAINT_CENTRE,
		.colour = PAINT_CARE };

	pad_words(p->pad, p->paint->view, p->paint->language, notice);
	if (notice[0])
		text_in(p, r, text);
}

static void key_paint(const struct painter *p, enum pad_key key,
    enum paint_colour ground, const struct paint_text *text)
{
	const struct layout_rect *r = &p->layout.keys[key];
	const double border = p->paint->layout->height / (double)BORDER_PART;
	const struct layout_rect inner = { r->x + p->layout.radius, r->y,
		r->width - 2 * p->layout.radius, r->height };

	paint_round(p->cr, r, p->layout.radius, 0);
	paint_colour_set(p->cr, ground);
	cairo_fill(p->cr);
	if (p->pad->focus == key) {
		paint_round(p->cr, r, p->layout.radius, border / 2);
		paint_colour_set(p->cr, PAINT_ACCENT);
		cairo_set_line_width(p->cr, border);
		cairo_stroke(p->cr);
	}
	text_in(p, &inner, *text);
}

static void digits_paint(const struct painter *p)
{
	static const char digits[][2] = { "1", "2", "3", "4", "5", "6", "7",
		"8", "9", "*", "0", "#", "+" };

	for (unsigned i = 0; i < KK_ARRAY_LEN(digits); i++) {
		const struct paint_text text = { .text = digits[i],
			.size = p->layout.keys[i].height * DIGIT_SIZE,
			.is_bold = true,
			.align = PAINT_CENTRE,
			.colour = PAINT_TEXT };

		key_paint(p, (enum pad_key)i, PAINT_TILE, &text);
	}
}

static void word_paint(const struct painter *p, enum pad_key key,
    enum words word, enum paint_colour ground, enum paint_colour colour)
{
	const struct paint_text text = { .text = words_get(p->paint->language,
					     word),
		.size = p->layout.keys[key].height * WORD_SIZE,
		.is_bold = true,
		.align = PAINT_CENTRE,
		.colour = colour };

	key_paint(p, key, ground, &text);
}

static void words_paint(const struct painter *p)
{
	const bool is_calling = p->pad->is_calling;

	word_paint(p, PAD_ERASE, WORDS_PAD_ERASE, PAINT_TILE, PAINT_TEXT);
	word_paint(p, PAD_CLOSE, WORDS_PAD_CLOSE, PAINT_TILE, PAINT_TEXT);
	word_paint(p, PAD_CALL, WORDS_PAD_CALL, PAINT_GOOD, PAINT_BACK);
	word_paint(p, PAD_HANG_UP_KEY, WORDS_PAD_HANG_UP,
	    is_calling ? PAINT_END : PAINT_TILE,
	    is_calling ? PAINT_BACK : PAINT_QUIET);
}

static void turn_paint(const struct painter *p, enum pad_key key,
    const char *arrow, bool has_more)
{
	const struct paint_text text = { .text = has_more ? arrow : "",
		.size = p->layout.keys[key].height * NAME_SIZE,
		.align = PAINT_CENTRE,
		.colour = PAINT_TEXT };

	key_paint(p, key, has_more ? PAINT_TILE : PAINT_PANEL, &text);
}

static void book_paint(const struct painter *p)
{
	const struct paint_text title = { .text = words_get(p->paint->language,
					      WORDS_PAD_BOOK),
		.size = p->layout.title.height * SMALL_SIZE,
		.align = PAINT_CENTRE,
		.colour = PAINT_QUIET };

	text_in(p, &p->layout.title, title);
	for (unsigned i = 0; i < p->pad->row_count; i++) {
		const struct paint_text name = { .text = p->pad->rows[i].name,
			.size = p->layout.keys[PAD_ROW].height * SMALL_SIZE,
			.align = PAINT_CENTRE,
			.colour = PAINT_TEXT };

		key_paint(p, (enum pad_key)(PAD_ROW + i), PAINT_TILE, &name);
	}
	turn_paint(p, PAD_ABOVE, "▲", p->pad->has_above);
	turn_paint(p, PAD_BELOW, "▼", p->pad->has_below);
}

void paint_pad(cairo_t *cr, const struct paint *paint)
{
	const struct layout *l = paint->layout;
	struct painter p = { .cr = cr, .paint = paint, .pad = paint->pad };
	const struct layout_rect *panel = &p.layout.panel;
	const double border = l->height / (double)BORDER_PART;

	pad_layout_make(&p.layout, l->width, l->height, p.pad->has_book);
	cairo_rectangle(cr, panel->x + border / 2, panel->y + border / 2,
	    panel->width - border, panel->height - border);
	paint_colour_set(cr, PAINT_PANEL);
	cairo_fill_preserve(cr);
	cairo_set_line_width(cr, border);
	paint_colour_set(cr, PAINT_QUIET);
	cairo_stroke(cr);
	number_paint(&p);
	notice_paint(&p);
	digits_paint(&p);
	words_paint(&p);
	if (p.pad->has_book)
		book_paint(&p);
}
