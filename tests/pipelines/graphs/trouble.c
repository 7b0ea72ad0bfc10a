/* trouble.c - what the room's screen says when something is wrong, or is not
 * protected: the words are looked for in the picture. */
#include <pango/pangocairo.h>
#include <stdlib.h>
#include <string.h>

#include "face.h"
#include "pipelines/graphs/layout.h"
#include "pipelines/graphs/lines.h"
#include "room/room.h"

enum { FACE_WIDTH = 960, FACE_HEIGHT = 540, SHIFT = 2 };

/* Text as it is on a picture, 0 to 255, with the box that it fills. */
struct ink {
	unsigned width, height; /* of all */
	uint8_t *level;
	unsigned left, top, right, bottom; /* right <= left: there is none */
};

static void ink_box_find(struct ink *ink)
{
	ink->left = ink->width;
	ink->top = ink->height;
	for (unsigned y = 0; y < ink->height; y++) {
		for (unsigned x = 0; x < ink->width; x++) {
			if (ink->level[y * ink->width + x] < 80)
				continue;
			ink->left = MIN(ink->left, x);
			ink->right = MAX(ink->right, x + 1);
			ink->top = MIN(ink->top, y);
			ink->bottom = MAX(ink->bottom, y + 1);
		}
	}
}

/* What the picture has in the colour of warnings, which alone is redder than it
 * is blue. */
static void ink_of_picture(struct ink *ink, const struct face *f)
{
	enum { WARM = 138 }; /* red less blue, of that colour in full */

	*ink = (struct ink){ .width = f->width, .height = f->height };
	ink->level = g_malloc0((gsize)f->width * f->height);
	for (size_t i = 0; i < (size_t)f->width * f->height; i++) {
		const uint8_t *p = f->pixels + 4 * i;
		int warm = (p[2] - p[0]) * 255 / WARM;

		ink->level[i] = (uint8_t)CLAMP(warm, 0, 255);
	}
	ink_box_find(ink);
}

struct how { /* a text is set */
	unsigned width, size_tenths;
	PangoAlignment align;
	PangoWeight weight;
};

static void ink_of_text(struct ink *ink, const char *text,
    const struct how *how)
{
	int height = FACE_HEIGHT, width = FACE_WIDTH;
	cairo_surface_t *to = cairo_image_surface_create(CAIRO_FORMAT_A8, width,
	    height);
	cairo_t *cr = cairo_create(to);
	g_autoptr(PangoLayout) layout = pango_cairo_create_layout(cr);
	PangoFontDescription *font = pango_font_description_new();
	size_t stride = (size_t)cairo_image_surface_get_stride(to);

	pango_font_description_set_family(font,
	    "Inter, Noto Sans, DejaVu Sans, sans-serif");
	pango_font_description_set_weight(font, how->weight);
	pango_font_description_set_absolute_size(font,
	    how->size_tenths * PANGO_SCALE / 10.0);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	pango_layout_set_text(layout, text, -1);
	pango_layout_set_width(layout, (int)how->width * PANGO_SCALE);
	pango_layout_set_alignment(layout, how->align);
	pango_cairo_show_layout(cr, layout);
	cairo_surface_flush(to);
	*ink = (struct ink){ .width = (unsigned)width,
		.height = (unsigned)height };
	ink->level = g_malloc0((gsize)width * (gsize)height);
	for (int y = 0; y < height; y++)
		memcpy(ink->level + (size_t)y * (size_t)width,
		    cairo_image_surface_get_data(to) + (size_t)y * stride,
		    (size_t)width);
	cairo_destroy(cr);
	cairo_surface_destroy(to);
	ink_box_find(ink);
}

static int level_at(const struct ink *ink, int x, int y)
{
	bool is_in = x >= 0 && y >= 0 && x < (int)ink->width &&
	    y < (int)ink->height;

	return is_in ? ink->level[y * (int)ink->width + x] : 0;
}

/* How much of both inks is in one of them alone, in percent, where the second
 * is moved so far from where the boxes fit. */
static unsigned differ_at(const struct ink *a, const struct ink *b, int dx,
    int dy)
{
	int x0 = (int)b->left - (int)a->left + dx;
	int y0 = (int)b->top - (int)a->top + dy;
	int64_t apart = 0, all = 1;

	for (int y = (int)a->top - SHIFT; y < (int)a->bottom + SHIFT; y++) {
		for (int x = (int)a->left - SHIFT; x < (int)a->right + SHIFT;
		    x++) {
			int one = level_at(a, x, y);
			int two = level_at(b, x + x0, y + y0);

			apart += abs(one - two);
			all += one + two;
		}
	}
	return (unsigned)(apart * 100 / all);
}

/* Letters stand on parts of pixels, so a little differs always. */
static unsigned differ(const struct ink *a, const struct ink *b)
{
	unsigned least = 100;

	if (abs((int)(a->right - a->left) - (int)(b->right - b->left)) > 3 ||
	    abs((int)(a->bottom - a->top) - (int)(b->bottom - b->top)) > 3)
		return least;
	for (int dy = -SHIFT; dy <= SHIFT; dy++) {
		for (int dx = -SHIFT; dx <= SHIFT; dx++)
			least = MIN(least, differ_at(a, b, dx, dy));
	}
	return least;
}

/* Does the picture say just this, all of it inside of the box? */
static bool says(const struct ink *seen, const char *text,
    const struct how *how, const struct layout_rect *box)
{
	enum { ENOUGH = 15 }; /* 6 are seen; the next sentence has 27 */
	struct ink want;
	unsigned percent;

	ink_of_text(&want, text, how);
	percent = differ(seen, &want);
	g_free(want.level);
	return percent < ENOUGH && seen->left >= box->x &&
	    seen->right <= box->x + box->width && seen->top >= box->y &&
	    seen->bottom <= box->y + box->height;
}

/* Which one of the troubles' sentences the picture says; NULL: none. */
static const char *trouble_read(const struct face *f,
    enum words_language language, const struct how *how,
    const struct layout_rect *box)
{
	const char *found = NULL;
	unsigned count = 0;
	struct ink seen;

	ink_of_picture(&seen, f);
	for (int i = 1; i < ROOM_TROUBLE_COUNT; i++) {
		const char *name = room_trouble_name((enum room_trouble)i);

		if (!says(&seen, words_trouble(language, name), how, box))
			continue;
		found = name;
		count++;
	}
	g_free(seen.level);
	return count == 1 ? found : NULL;
}

static void trouble_show(struct face *f, struct view *view, const char *name,
    const char *where, enum words_language language)
{
	g_autofree char *shot = g_strdup_printf("trouble-%s-%s-%s", where, name,
	    language == WORDS_DE ? "de" : "en");

	g_strlcpy(view->trouble, name, sizeof(view->trouble));
	face_show(f, view, shot);
	CHECK_STR(f->picture.trouble, name);
}

/* All that roomd can tell of, each by its own words and nothing else. */
static void troubles_check(const struct view *quiet, const char *where,
    enum words_language language, const struct how *how,
    const struct layout_rect *box)
{
	struct view view = *quiet;
	struct face f;

	face_start(&f, FACE_WIDTH, FACE_HEIGHT, language);
	face_show(&f, &view, where);
	CHECK(!trouble_read(&f, language, how, box));
	for (int i = 1; i < ROOM_TROUBLE_COUNT; i++) {
		const char *name = room_trouble_name((enum room_trouble)i);

		trouble_show(&f, &view, name, where, language);
		CHECK_STR(trouble_read(&f, language, how, box), name);
	}
	face_end(&f);
}

TEST(outside_of_a_meeting_each_trouble_stands_in_the_middle_in_both_languages)
{
	struct how how = { .align = PANGO_ALIGN_CENTER,
		.weight = PANGO_WEIGHT_NORMAL,
		.size_tenths = FACE_HEIGHT * 62 / 180 };
	struct layout l;
	struct view view;

	layout_make(&l, FACE_WIDTH, FACE_HEIGHT, 0, false);
	how.width = l.main.width;
	view_make(&view, VIEW_REFUSED, 0);
	troubles_check(&view, "out", WORDS_EN, &how, &l.main);
	troubles_check(&view, "out", WORDS_DE, &how, &l.main);
}

/* The column beside two others' pictures, above our own. */
static struct layout_rect column_make(struct how *how)
{
	struct layout l;

	layout_make(&l, FACE_WIDTH, FACE_HEIGHT, 2, false);
	*how = (struct how){ .align = PANGO_ALIGN_LEFT,
		.weight = PANGO_WEIGHT_BOLD,
		.size_tenths = FACE_HEIGHT * 10 / 36,
		.width = l.side.width };
	l.side.height = l.self.y - l.side.y;
	return l.side;
}

TEST(in_a_meeting_each_trouble_stands_below_the_code_in_both_languages)
{
	struct how how;
	struct layout_rect column = column_make(&how);
	struct view view;

	view_make(&view, VIEW_IN, 2);
	troubles_check(&view, "in", WORDS_EN, &how, &column);
	troubles_check(&view, "in", WORDS_DE, &how, &column);
}

TEST(a_lost_connection_is_told_below_the_code_in_both_languages)
{
	struct how how;
	struct layout_rect column = column_make(&how);

	for (int language = 0; language < WORDS_LANGUAGES; language++) {
		struct face f;
		struct view view;
		struct ink seen;

		face_start(&f, FACE_WIDTH, FACE_HEIGHT,
		    (enum words_language)language);
		view_make(&view, VIEW_IN, 2);
		view.is_disconnected = true;
		face_show(&f, &view, "lost");
		ink_of_picture(&seen, &f);
		CHECK(says(&seen,
		    words_get((enum words_language)language,
			WORDS_DISCONNECTED),
		    &how, &column));
		g_free(seen.level);
		face_end(&f);
	}
}

/* A meeting with another room and its lines, on which so many call. */
static void lines_make(struct view *view, size_t count)
{
	view_make(view, VIEW_IN, 2);
	g_strlcpy(view->people[1].name, "Room 7", sizeof(view->people[1].name));
	g_strlcpy(view->people[2].name, "Lines of Room 7",
	    sizeof(view->people[2].name));
	view->people[2].has_microphone = false;
	for (size_t i = 0; i < count; i++)
		view->lines[i] = 2;
	view->line_count = count;
}

TEST(as_long_as_there_is_a_line_the_picture_says_so_in_both_languages)
{
	static const char *const wanted[WORDS_LANGUAGES] = {
		[WORDS_EN] = "2 telephone lines, unprotected beyond Room 7",
		[WORDS_DE] = "2 Telefonleitungen, ungeschützt hinter Room 7"
	};
	struct how how;
	struct layout_rect column = column_make(&how);

	for (int i = 0; i < WORDS_LANGUAGES; i++) {
		struct face f;
		struct view view;
		struct ink seen;

		face_start(&f, FACE_WIDTH, FACE_HEIGHT, (enum words_language)i);
		lines_make(&view, 2);
		view.is_locked = true;
		g_strlcpy(view.label, "VS-NfD", sizeof(view.label));
		face_show(&f, &view, i == WORDS_DE ? "lines-de" : "lines-en");
		ink_of_picture(&seen, &f);
		CHECK(says(&seen, wanted[i], &how, &column));
		g_free(seen.level);
		CHECK_STR(f.picture.lines, wanted[i]);
		CHECK_EQ(f.picture.tile_count, 3);
		/* The last one hangs up. */
		lines_make(&view, 0);
		face_show(&f, &view, "no-lines");
		ink_of_picture(&seen, &f);
		CHECK(seen.right <= seen.left);
		g_free(seen.level);
		CHECK_STR(f.picture.lines, "");
		CHECK_EQ(f.picture.tile_count, 2);
		face_end(&f);
	}
}

static void waiting_add(struct view *view, const char *label, bool is_claimed)
{
	if (view->waiting_count < VIEW_WAITING_MAX) {
		struct view_waiting *w = &view->waiting[view->waiting_count];

		g_strlcpy(w->label, label, sizeof(w->label));
		w->is_claimed = is_claimed;
	}
	view->waiting_count++;
}

static void expect_waiting(const struct view *view,
    enum words_language language, const char *wanted)
{
	char sentence[LINES_TEXT_BYTES];

	lines_waiting(view, language, sentence);
	CHECK_STR(sentence, wanted);
}

TEST(who_waits_is_told_by_name_and_whose_word_that_is)
{
	struct view view;

	lines_make(&view, 0);
	expect_waiting(&view, WORDS_EN, "");
	waiting_add(&view, "+49 30 12", false);
	expect_waiting(&view, WORDS_EN,
	    "1 caller waits to be let in: +49 30 12");
	expect_waiting(&view, WORDS_DE,
	    "1 Anruf wartet auf Einlass: +49 30 12");
	waiting_add(&view, "The Boss", true);
	expect_waiting(&view, WORDS_EN,
	    "2 callers wait to be let in: +49 30 12 and "
	    "unverified “\u2068The Boss\u2069”");
	waiting_add(&view, "", false);
	expect_waiting(&view, WORDS_DE,
	    "3 Anrufe warten auf Einlass: +49 30 12, "
	    "ungeprüft „\u2068The Boss\u2069“ und Nummer unbekannt");
	waiting_add(&view, "4", false);
	expect_waiting(&view, WORDS_DE,
	    "4 Anrufe warten auf Einlass: +49 30 12, "
	    "ungeprüft „\u2068The Boss\u2069“, Nummer unbekannt und 1 "
	    "weitere");
	view.waiting_count = VIEW_LINES_MAX;
	for (size_t i = 0; i < VIEW_WAITING_MAX; i++) {
		memset(view.waiting[i].label, 'w', VIEW_LABEL_BYTES - 1);
		view.waiting[i].is_claimed = true;
	}
	{
		char sentence[LINES_TEXT_BYTES];

		lines_waiting(&view, WORDS_DE, sentence);
		CHECK(g_str_has_suffix(sentence, " und 253 weitere"));
	}
}

TEST(who_waits_has_its_place_in_the_picture_above_the_code)
{
	struct how how;
	struct layout_rect column = column_make(&how);

	for (int i = 0; i < WORDS_LANGUAGES; i++) {
		struct face f;
		struct view view;
		struct ink seen;

		face_start(&f, FACE_WIDTH, FACE_HEIGHT, (enum words_language)i);
		lines_make(&view, 0);
		view.is_locked = true;
		waiting_add(&view, "+49 30 12", false);
		waiting_add(&view, "Dr. Mabuse", true);
		face_show(&f, &view, i == WORDS_DE ? "waits-de" : "waits-en");
		ink_of_picture(&seen, &f);
		CHECK(seen.bottom > seen.top);
		g_free(seen.level);
		CHECK(strstr(f.picture.waiting, "+49 30 12"));
		CHECK_STR(f.picture.lines, "");
		/* With lines, lock and the longest label the code stands too.
		 */
		lines_make(&view, 2);
		view.is_locked = true;
		memset(view.label, 'w', sizeof(view.label) - 1);
		for (size_t n = 0; n < 5; n++)
			waiting_add(&view, "+49 30 123456789012345", true);
		view.call = VIEW_CALL_UNKNOWN;
		face_show(&f, &view, "waits-long");
		ink_of_picture(&seen, &f);
		CHECK(seen.bottom + FACE_HEIGHT * 7 / 40 <
		    column.y + column.height);
		g_free(seen.level);
		face_end(&f);
	}
}

TEST(the_code_has_its_room_below_the_longest_names_of_lines)
{
	struct how how;
	struct layout_rect column = column_make(&how);
	struct face f;
	struct view view;
	struct ink seen;

	face_start(&f, FACE_WIDTH, FACE_HEIGHT, WORDS_DE);
	lines_make(&view, 2);
	for (size_t i = strlen(view.people[2].name); i < VIEW_NAME_BYTES - 1;
	    i++)
		view.people[2].name[i] = i % 7 ? 'w' : ' ';
	view.is_locked = true;
	memset(view.label, 'w', sizeof(view.label) - 1);
	view.call = VIEW_CALL_UNREACHABLE;
	face_show(&f, &view, "lines-long");
	ink_of_picture(&seen, &f);
	CHECK(seen.top > column.y && seen.bottom > seen.top);
	/* The code's own label and three lines. */
	CHECK(seen.bottom + FACE_HEIGHT * 9 / 40 < column.y + column.height);
	g_free(seen.level);
	face_end(&f);
}

/* In one line, with no letter left out. */
static bool is_whole(const struct ink *seen, const char *text,
    const struct how *how, const struct layout_rect *box)
{
	struct how line = *how;
	struct ink want;

	line.width = FACE_WIDTH;
	ink_of_text(&want, text, &line);
	g_free(want.level);
	return abs((int)(seen->right - seen->left) -
		   (int)(want.right - want.left)) <= 3 &&
	    abs((int)(seen->bottom - seen->top) -
		(int)(want.bottom - want.top)) <= 3 &&
	    seen->left >= box->x && seen->right <= box->x + box->width;
}

TEST(how_the_room_s_call_stands_is_told_in_both_languages)
{
	static const char *const names[] = { "placing", "ringing", "early",
		"talking", "busy", "no-answer", "unknown", "unreachable",
		"refused", "failed", "ended" };
	char sentence[LINES_TEXT_BYTES];
	struct how how;
	struct layout_rect column = column_make(&how);
	struct view view;

	view_make(&view, VIEW_IN, 2);
	for (int i = 0; i < WORDS_LANGUAGES; i++) {
		struct face f;
		struct ink seen;

		face_start(&f, FACE_WIDTH, FACE_HEIGHT, (enum words_language)i);
		for (size_t n = 0; n < KK_ARRAY_LEN(names); n++) {
			view.call = view_call_of(names[n]);
			CHECK_EQ(view.call, n + 1);
			lines_call(&view, (enum words_language)i, sentence);
			face_show(&f, &view, names[n]);
			CHECK_STR(f.picture.call, sentence);
			ink_of_picture(&seen, &f);
			CHECK(is_whole(&seen, sentence, &how, &column));
			g_free(seen.level);
		}
		view.call = view_call_of("what is not known");
		face_show(&f, &view, "no-call");
		CHECK_STR(f.picture.call, "");
		face_end(&f);
	}
	view.call = VIEW_CALL_RINGING;
	lines_call(&view, WORDS_EN, sentence);
	CHECK_STR(sentence, "Call: it rings …");
	lines_call(&view, WORDS_DE, sentence);
	CHECK_STR(sentence, "Anruf: es klingelt …");
	view.call = VIEW_CALL_TALKING;
	view.call_is_long = true;
	lines_call(&view, WORDS_EN, sentence);
	CHECK_STR(sentence, "");
}

TEST(what_is_wrong_has_its_room_beside_lines_lock_and_label)
{
	struct how how;
	struct layout_rect column = column_make(&how);

	for (int i = 0; i < WORDS_LANGUAGES; i++) {
		struct face f;
		struct view view;
		struct ink seen, without;

		face_start(&f, FACE_WIDTH, FACE_HEIGHT, (enum words_language)i);
		lines_make(&view, 2);
		g_strlcpy(view.label, "VS-NfD", sizeof(view.label));
		face_show(&f, &view, "lines-well");
		ink_of_picture(&without, &f);
		g_free(without.level);
		view.is_disconnected = true;
		face_show(&f, &view, "lines-lost");
		ink_of_picture(&seen, &f);
		CHECK_EQ(seen.top, without.top);
		CHECK(seen.bottom > without.bottom + FACE_HEIGHT / 6);
		CHECK(seen.bottom < column.y + column.height);
		g_free(seen.level);
		face_end(&f);
	}
}

static void expect_sentence(const struct view *view,
    enum words_language language, const char *wanted)
{
	char sentence[LINES_TEXT_BYTES];

	lines_sentence(view, language, sentence);
	CHECK_STR(sentence, wanted);
}

TEST(lines_of_several_are_told_with_all_names_that_have_room)
{
	struct view view;

	lines_make(&view, 1);
	expect_sentence(&view, WORDS_EN,
	    "1 telephone line, unprotected beyond Room 7");
	expect_sentence(&view, WORDS_DE,
	    "1 Telefonleitung, ungeschützt hinter Room 7");
	/* A guest may have a line, and call itself what it likes. */
	view.people[2].is_verified = false;
	view.lines[0] = 1;
	view.lines[1] = 2;
	view.line_count = 2;
	expect_sentence(&view, WORDS_EN,
	    "2 telephone lines, unprotected beyond Room 7 and Lines of Room 7 "
	    "(guest, not verified)");
	CHECK(lines_person_is_shown(&view, &view.people[2]));
	for (uint32_t i = 0; i < 5; i++)
		view.lines[i] = i;
	view.line_count = 5;
	view.people[2].is_verified = true;
	view.people_count = 2;
	expect_sentence(&view, WORDS_DE,
	    "5 Telefonleitungen, ungeschützt hinter Room 4, Room 7 und ?");
	view.people_count = 3;
	expect_sentence(&view, WORDS_DE,
	    "5 Telefonleitungen, ungeschützt hinter Room 4, Room 7 und ?");
	view.people[2].is_verified = false;
	expect_sentence(&view, WORDS_EN,
	    "5 telephone lines, unprotected beyond Room 4, Room 7, Lines of "
	    "Room 7 (guest, not verified) and 1 more");
}

TEST(the_longest_sentence_has_room)
{
	char sentence[LINES_TEXT_BYTES];
	struct view view;

	lines_make(&view, 0);
	for (uint32_t i = 0; i < VIEW_LINES_MAX; i++)
		view.lines[i] = i;
	view.line_count = VIEW_LINES_MAX;
	for (size_t i = 0; i < 3; i++) {
		memset(view.people[i].name, 'w', VIEW_NAME_BYTES - 1);
		view.people[i].is_verified = false;
	}
	view.people[1].name[0] = 'v';
	view.people[2].name[0] = 'u';
	lines_sentence(&view, WORDS_DE, sentence);
	CHECK(g_str_has_suffix(sentence,
	    "(Gast, nicht geprüft) und 1 "
	    "weiteren"));
}
