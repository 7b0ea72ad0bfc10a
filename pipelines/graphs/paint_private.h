/* paint_private.h - what the painters share. */
#pragma once
#include "pipelines/graphs/paint.h"

enum paint_colour {
	PAINT_BACK,
	PAINT_TILE,
	PAINT_TEXT,
	PAINT_QUIET,
	PAINT_GOOD,
	PAINT_CARE,
	PAINT_ACCENT,
	PAINT_PANEL,
	PAINT_END,
	PAINT_COLOURS
};

void paint_colour_set(cairo_t *cr, enum paint_colour colour);

enum paint_align { PAINT_LEFT, PAINT_CENTRE, PAINT_RIGHT };

struct paint_text {
	const char *text;
	double x, y; /* the upper left corner of its box */
	double width; /* of the box; longer text ends in an ellipsis */
	double size; /* height of the font, in pixels */
	bool is_bold, is_mono;
	bool wraps; /* into lines, instead of the ellipsis */
	int lines_max; /* then the ellipsis; 0: as many as it takes */
	enum paint_align align;
	enum paint_colour colour;
};

/* Returns the height it takes. */
double paint_text(cairo_t *cr, const struct paint_text *text);
double paint_text_width(cairo_t *cr, const struct paint_text *text);

void paint_round(cairo_t *cr, const struct layout_rect *rect, double radius,
    double grow); /* a path: the rectangle, larger by grow on each side */

/* A QR code in the upper left of the box, as large as it gets there in whole
 * pixels a module; nothing where none has room that could be read. */
void paint_qr(cairo_t *cr, const char *text, const struct layout_rect *box,
    unsigned radius);

void paint_tiles(cairo_t *cr, const struct paint *paint);
void paint_side(cairo_t *cr, const struct paint *paint);
void paint_pad(cairo_t *cr, const struct paint *paint);
/* In an idle room (is_idle) with all their words, else as one small line. */
void paint_notices(cairo_t *cr, const struct paint *paint, bool is_idle);
