/* paint_side.c - the column to the right: room, time, lock, security code. */
#include <glib.h>
#include <string.h>

#include "pipelines/graphs/lines.h"
#include "pipelines/graphs/paint_private.h"

/* The code has its room, whatever stands above it. */
enum {
	CODE_GROUPS_A_LINE = 2,
	MARK_LINES_MAX = 2,
	LINES_LINES_MAX = 4, /* of both what lines are and who waits */
	LINES_BESIDE_MAX = 3, /* where somebody waits */
	WAITING_BESIDE_MAX = 2, /* where there are lines */
	CALL_LINES_MAX = 1 /* of the room's own: one less of the others' */
};

/* A closed lock, or an open one in grey. */
static void lock_paint(cairo_t *cr, double x, double y, double size,
    bool is_closed)
{
	double w = size * 0.72, body = size * 0.56, r = w * 0.29;
	struct layout_rect box = { (unsigned)x, (unsigned)(y + size - body),
		(unsigned)w, (unsigned)body };

	paint_colour_set(cr, is_closed ? PAINT_GOOD : PAINT_QUIET);
	cairo_set_line_width(cr, size * 0.11);
	cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
	cairo_new_path(cr);
	cairo_move_to(cr, x + w / 2 - r, y + size - body + 1);
	cairo_line_to(cr, x + w / 2 - r, y + r + size * 0.06);
	cairo_arc(cr, x + w / 2, y + r + size * 0.06, r, G_PI, 2 * G_PI);
	if (is_closed)
		cairo_line_to(cr, x + w / 2 + r, y + size - body + 1);
	cairo_stroke(cr);
	paint_round(cr, &box, size * 0.09, 0);
	cairo_fill(cr);
}

/* Two groups a line, so that they are read in pairs. */
static char *code_lines(const char *code)
{
	g_auto(GStrv) groups = g_strsplit(code, " ", -1);
	GString *lines = g_string_new(NULL);

	for (guint i = 0; groups[i]; i++) {
		if (i > 0)
			g_string_append_c(lines,
			    i % CODE_GROUPS_A_LINE ? ' ' : '\n');
		g_string_append(lines, groups[i]);
	}
	return g_string_free(lines, FALSE);
}

static double code_paint(cairo_t *cr, const struct paint *p, double y,
    bool has_label)
{
	const struct layout_rect *s = &p->layout->side;
	g_autofree char *lines = code_lines(p->view->code);
	struct paint_text label = { .text = words_get(p->language,
					WORDS_SECURITY_CODE),
		.x = s->x,
		.y = y,
		.width = s->width,
		.size = p->layout->height / 34.0,
		.colour = PAINT_QUIET };
	struct paint_text code = { .text = lines,
		.x = s->x,
		.width = s->width,
		.size = s->width / 7.2,
		.is_bold = true,
		.is_mono = true,
		.wraps = true,
		.colour = PAINT_TEXT };

	code.y = y;
	if (has_label)
		code.y += paint_text(cr, &label) + label.size * 0.3;
	return code.y + paint_text(cr, &code);
}

/* The same, for those who have something to scan it with. */
static void code_qr_paint(cairo_t *cr, const struct paint *p, double y)
{
	const struct layout *l = p->layout;
	unsigned top = (unsigned)y + l->margin / 3;
	unsigned end = l->self.y - l->margin / 3;
	struct layout_rect box = { l->side.x, top, l->side.width,
		end > top ? end - top : 0 };

	paint_qr(cr, p->view->code, &box, l->radius);
}

/* What is wrong though the room is in; NULL where all is well. */
static const char *notice_find(const struct paint *p)
{
	const struct view *v = p->view;

	if (v->trouble[0])
		return words_trouble(p->language, v->trouble);
	/* Without others it stands in the middle. */
	if (v->is_disconnected && p->layout->tile_count > 0)
		return words_get(p->language, WORDS_DISCONNECTED);
	return NULL;
}

/* In place of the QR code: what goes wrong comes first. */
static void notice_paint(cairo_t *cr, const struct paint *p, double y,
    const char *notice)
{
	struct paint_text text = { .text = notice,
		.x = p->layout->side.x,
		.y = y + p->layout->margin / 3.0,
		.width = p->layout->side.width,
		.size = p->layout->height / 36.0,
		.is_bold = true,
		.wraps = true,
		.colour = PAINT_CARE };

	(void)paint_text(cr, &text);
}

static double lock_line_paint(cairo_t *cr, const struct paint *p, double y)
{
	const struct layout_rect *s = &p->layout->side;
	bool is_closed = p->view->phase == VIEW_IN;
	double icon = p->layout->height / 14.0;
	struct paint_text text = { .text = words_get(p->language,
				       is_closed ? WORDS_ENCRYPTED :
						   WORDS_NOT_CONNECTED),
		.x = s->x + icon * 0.92,
		.width = s->width - icon * 0.92,
		.size = p->layout->height / 32.0,
		.is_bold = true,
		.wraps = true,
		.colour = is_closed ? PAINT_GOOD : PAINT_QUIET };

	text.y = y + (is_closed ? 0 : icon * 0.3);
	lock_paint(cr, s->x, y + icon * 0.1, icon, is_closed);
	(void)paint_text(cr, &text);
	return y + icon * 1.25;
}

/* Classification and lock, where there is one. */
static double marks_paint(cairo_t *cr, const struct paint *p, double y)
{
	const struct view *v = p->view;
	g_autofree char *line = g_strdup_printf("%s%s%s", v->label,
	    v->label[0] && v->is_locked ? " · " : "",
	    v->is_locked ? words_get(p->language, WORDS_LOCKED) : "");
	struct paint_text text = { .text = line,
		.x = p->layout->side.x,
		.y = y,
		.width = p->layout->side.width,
		.size = p->layout->height / 38.0,
		.is_bold = true,
		.wraps = true,
		.lines_max = MARK_LINES_MAX,
		.colour = PAINT_TEXT };

	return line[0] ? y + paint_text(cr, &text) + text.size * 0.3 : y;
}

static double sentence_paint(cairo_t *cr, const struct paint *p, double y,
    const char *sentence, int lines_max)
{
	struct paint_text text = { .text = sentence,
		.x = p->layout->side.x,
		.y = y,
		.width = p->layout->side.width,
		.size = p->layout->height / 36.0,
		.is_bold = true,
		.wraps = true,
		.lines_max = lines_max,
		.colour = PAINT_CARE };

	return sentence[0] ? y + paint_text(cr, &text) + text.size * 0.3 : y;
}

/* As long as there is a telephone line: where its protection ends.  And who
 * waits at the door, and how the room's own call stands. */
static double lines_paint(cairo_t *cr, const struct paint *p, double y)
{
	const struct view *v = p->view;
	const int call = v->call != VIEW_CALL_NONE && !v->call_is_long ?
	    CALL_LINES_MAX :
	    0;
	const int lines = v->waiting_count > 0 ? LINES_BESIDE_MAX :
						 LINES_LINES_MAX;
	const int waiting = v->line_count > 0 ? WAITING_BESIDE_MAX :
						LINES_LINES_MAX;
	char sentence[LINES_TEXT_BYTES];

	lines_call(v, p->language, sentence);
	y = sentence_paint(cr, p, y, sentence, CALL_LINES_MAX);
	lines_sentence(v, p->language, sentence);
	y = sentence_paint(cr, p, y, sentence,
	    v->waiting_count > 0 ? lines : lines - call);
	lines_waiting(v, p->language, sentence);
	return sentence_paint(cr, p, y, sentence, waiting - call);
}

/* What is wrong needs the room of the code's label where lines have theirs, and
 * so does who waits. */
static void meeting_paint(cairo_t *cr, const struct paint *p, double y)
{
	const char *notice = notice_find(p);

	y = marks_paint(cr, p, y);
	y = lines_paint(cr, p, y);
	if (p->view->code[0])
		y = code_paint(cr, p, y,
		    p->view->waiting_count == 0 &&
			(!notice || p->view->line_count == 0));
	if (notice)
		notice_paint(cr, p, y, notice);
	else if (p->view->code[0])
		code_qr_paint(cr, p, y);
}

/* Side by side in the width of one: smaller where they have to be. */
static void pair_fit(cairo_t *cr, struct paint_text *left,
    struct paint_text *right)
{
	double width = paint_text_width(cr, left) + left->size +
	    paint_text_width(cr, right);

	right->align = PAINT_RIGHT;
	if (width > left->width)
		left->size = right->size *= left->width / width;
}

static void self_caption_paint(cairo_t *cr, const struct paint *p)
{
	bool is_muted = p->self >= 0 &&
	    !p->view->people[p->self].has_microphone;
	const struct layout_rect *r = &p->layout->self;
	double size = p->layout->caption * 0.5;
	struct paint_text text = { .text = words_get(p->language, WORDS_SELF),
		.x = r->x,
		.y = r->y + r->height + p->layout->caption * 0.18,
		.width = r->width,
		.size = size,
		.colour = PAINT_QUIET };
	struct paint_text off = text;

	off.text = words_get(p->language, WORDS_MICROPHONE_OFF);
	off.colour = PAINT_CARE;
	if (is_muted) {
		pair_fit(cr, &text, &off);
		(void)paint_text(cr, &off);
	}
	(void)paint_text(cr, &text);
}

void paint_side(cairo_t *cr, const struct paint *paint)
{
	const struct layout *l = paint->layout;
	struct paint_text text = { .text = paint->box_name,
		.x = l->side.x,
		.y = l->side.y,
		.width = l->side.width,
		.size = l->height / 24.0,
		.is_bold = true,
		.colour = PAINT_TEXT };

	text.y += paint_text(cr, &text);
	text.text = paint->clock;
	text.size = l->height / 28.0;
	text.is_bold = false;
	text.colour = PAINT_QUIET;
	text.y += paint_text(cr, &text) + l->margin;
	text.y = lock_line_paint(cr, paint, text.y) + l->margin * 0.4;
	if (paint->view->phase == VIEW_IN)
		meeting_paint(cr, paint, text.y);
	self_caption_paint(cr, paint);
}
