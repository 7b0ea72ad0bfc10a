/*
 * paint_notice.c - what the box tells beside the meeting, below the words in
 * the middle of an idle room.
 *
 * Among others it is one small line in the margin below their pictures: what it
 * is, without what to do, since in a meeting the box does nothing of it and who
 * has put a stick in wants to know that much at once.
 */
#include "pipelines/graphs/paint_private.h"

/* Parts of the screen's height. */
enum { TITLE_PART = 26, HINT_PART = 36, LINE_PART = 45 };

static double one_paint(cairo_t *cr, const struct paint *p,
    const struct notice *n, const struct layout_rect *box)
{
	const bool is_german = p->language == WORDS_DE;
	char title[NOTICE_TITLE_BYTES], hint[NOTICE_HINT_BYTES];
	struct paint_text text = { .text = title,
		.x = box->x,
		.y = box->y,
		.width = box->width,
		.size = (double)p->layout->height / TITLE_PART,
		.is_bold = true,
		.wraps = true,
		.align = PAINT_CENTRE,
		.colour = notice_needs_care(n->kind) ? PAINT_CARE :
						       PAINT_TEXT };

	notice_title(n, is_german, title);
	notice_hint(n, is_german, hint);
	text.y += paint_text(cr, &text);
	text.text = hint;
	text.size = (double)p->layout->height / HINT_PART;
	text.is_bold = false;
	text.colour = PAINT_QUIET;
	return text.y + paint_text(cr, &text) - box->y;
}

/* Each where the one before ends; returns the end of the last. */
static double all_paint(cairo_t *cr, const struct paint *p, double top)
{
	struct layout_rect box = p->layout->main;
	double y = top;

	for (size_t i = 0; i < p->notices->count; i++) {
		box.y = (unsigned)y;
		y += one_paint(cr, p, &p->notices->list[i], &box) +
		    p->layout->margin * 0.6;
	}
	return y - p->layout->margin * 0.6;
}

/* How high they get is known once they are painted: elsewhere, first. */
static double height_measure(cairo_t *cr, const struct paint *p)
{
	double end;

	cairo_push_group(cr);
	end = all_paint(cr, p, 0);
	cairo_pattern_destroy(cairo_pop_group(cr));
	return end;
}

static void line_paint(cairo_t *cr, const struct paint *p)
{
	const struct layout *l = p->layout;
	const struct notice *n = NULL;
	char title[NOTICE_TITLE_BYTES];
	struct paint_text text = { .text = title,
		.x = l->main.x,
		.y = (double)l->height - l->margin,
		.width = l->main.width,
		.size = (double)l->height / LINE_PART,
		.align = PAINT_CENTRE,
		.colour = PAINT_QUIET };

	for (size_t i = p->notices->count; i > 0; i--) {
		if (notice_is_for_meetings(p->notices->list[i - 1].kind))
			n = &p->notices->list[i - 1];
	}
	if (!n)
		return;
	notice_title(n, p->language == WORDS_DE, title);
	(void)paint_text(cr, &text);
}

void paint_notices(cairo_t *cr, const struct paint *paint, bool is_idle)
{
	const struct layout_rect *m = &paint->layout->main;

	if (!paint->notices || paint->notices->count == 0)
		return;
	if (is_idle)
		(void)all_paint(cr, paint,
		    m->y + m->height - height_measure(cr, paint));
	else
		line_paint(cr, paint);
}
