/* items.c - what stands on a page, and where: for who draws it and for touches.
 */
#include <stdio.h>
#include <string.h>

#include "welcome/welcome_private.h"

/* Parts of the screen. */
#define MARGIN 0.08
#define WIDTH (1 - 2 * MARGIN)
#define BODY_TOP 0.30
#define BODY_END 0.72
#define ROW_MAX 0.084
#define LINE_MAX 0.06
#define BUTTONS_TOP 0.87
#define BUTTON_HEIGHT 0.085
#define GAP 0.012
#define KEYS_TOP 0.42

enum { LINES_MANY = 13 };

static struct welcome_item *item_add(struct welcome *w, enum welcome_kind kind,
    int number)
{
	struct welcome_view *v = &w->view;
	struct welcome_item *item = &v->items[v->item_count];

	if (v->item_count + 1 < WELCOME_ITEMS_MAX)
		v->item_count++;
	memset(item, 0, sizeof(*item));
	item->kind = kind;
	item->number = number;
	return item;
}

static void item_place(struct welcome_item *item, double x, double y,
    double width, double height)
{
	item->x = x;
	item->y = y;
	item->width = width;
	item->height = height;
}

static void text_put(char *out, size_t room, const char *text)
{
	(void)snprintf(out, room, "%s", text);
}

/* --- buttons -------------------------------------------------------------- */

/* In one row, of the same width; unused ones are BUTTONS. */
static void buttons_add(struct welcome *w, const enum welcome_button *list,
    size_t count)
{
	const double width = (WIDTH + GAP) / (double)count - GAP;

	for (size_t i = 0; i < count; i++) {
		struct welcome_item *item = item_add(w, WELCOME_BUTTON,
		    (int)list[i]);

		item_place(item, MARGIN + (double)i * (width + GAP),
		    BUTTONS_TOP, width, BUTTON_HEIGHT);
		text_put(item->label, sizeof(item->label),
		    word_button(list[i], welcome_is_german(w)));
	}
}

static void page_buttons_add(struct welcome *w)
{
	static const enum welcome_button walk[] = { BUTTON_BACK, BUTTON_NEXT };
	static const enum welcome_button review[] = { BUTTON_BACK, BUTTON_YES };
	static const enum welcome_button stick[] = { BUTTON_LEAVE,
		BUTTON_TAKE };
	static const enum welcome_button enrol[] = { BUTTON_BACK, BUTTON_WRITE,
		BUTTON_READ, BUTTON_LATER };

	if (w->page == WELCOME_STICK)
		buttons_add(w, w->is_offer_right ? stick : walk,
		    w->is_offer_right ? 2 : 1);
	else if (w->page == WELCOME_REVIEW)
		buttons_add(w, review, KK_ARRAY_LEN(review));
	else if (w->page == WELCOME_ENROL)
		buttons_add(w, enrol, KK_ARRAY_LEN(enrol));
	else if (w->page != WELCOME_LANGUAGE)
		buttons_add(w, walk, KK_ARRAY_LEN(walk));
}

/* --- fields --------------------------------------------------------------- */

static void value_put(const struct welcome *w, const struct profile *p,
    enum profile_key key, char out[PROFILE_SHOWN_BYTES])
{
	const struct field *f = field_get(key);
	const bool is_german = welcome_is_german(w);

	profile_value_show(p, key, out);
	for (size_t i = 0; f && f->options[0] && i < 2; i++) {
		if (!strcmp(p->values[key], f->options[i]))
			text_put(out, PROFILE_SHOWN_BYTES,
			    f->option_labels[i][is_german]);
	}
	if (!out[0])
		text_put(out, PROFILE_SHOWN_BYTES,
		    word_get(WORD_NOTHING, is_german));
}

/* The first option is taken where none was said. */
static bool is_chosen(const struct welcome *w, const struct field *f, size_t i)
{
	const char *value = w->said.values[f->key];

	return value[0] ? !strcmp(value, f->options[i]) : i == 0;
}

static void choice_add(struct welcome *w, const struct field *f, double y,
    double height)
{
	const double width = (WIDTH - GAP) / 2;

	for (size_t i = 0; i < 2; i++) {
		struct welcome_item *item = item_add(w, WELCOME_CHOICE,
		    (int)f->key);

		item->option = (int)i;
		item->is_chosen = is_chosen(w, f, i);
		item_place(item, MARGIN + (double)i * (width + GAP), y, width,
		    height - GAP);
		text_put(item->label, sizeof(item->label),
		    f->option_labels[i][welcome_is_german(w)]);
	}
}

static void field_add(struct welcome *w, const struct field *f, double y,
    double height)
{
	struct welcome_item *item;

	if (f->options[0]) {
		choice_add(w, f, y, height);
		return;
	}
	item = item_add(w, WELCOME_FIELD, (int)f->key);
	item_place(item, MARGIN, y, WIDTH, height - GAP);
	text_put(item->label, sizeof(item->label),
	    f->label[welcome_is_german(w)]);
	value_put(w, &w->said, f->key, item->value);
}

static void fields_add(struct welcome *w)
{
	const bool is_first = w->page == WELCOME_LANGUAGE;
	size_t count = 0, n = 0;
	double height;

	for (size_t i = 0; i < field_count; i++)
		count += fields[i].page == w->page &&
		    welcome_is_shown(w, &fields[i]);
	if (count == 0)
		return;
	height = (BODY_END - BODY_TOP) / (double)count;
	if (height > (is_first ? 2 : 1) * ROW_MAX)
		height = (is_first ? 2 : 1) * ROW_MAX;
	for (size_t i = 0; i < field_count; i++) {
		if (fields[i].page == w->page &&
		    welcome_is_shown(w, &fields[i]))
			field_add(w, &fields[i],
			    BODY_TOP + (is_first ? 0.1 : 0) +
				(double)n++ * height,
			    height);
	}
}

/* --- what is said, in lines ----------------------------------------------- */

static size_t anchors_count(struct kk_view text)
{
	static const char begin[] = "-----BEGIN ";
	const size_t bytes = sizeof(begin) - 1;
	size_t count = 0;

	for (size_t i = 0; i + bytes <= text.bytes; i++)
		count += !memcmp(text.data + i, begin, bytes);
	return count;
}

static bool is_line(const struct welcome *w, const struct profile *p,
    enum profile_key key)
{
	const struct field *f = field_get(key);

	return p->values[key][0] &&
	    (p != &w->said || !f || welcome_is_shown(w, f));
}

/* Two columns where there is much. */
static struct welcome_item *line_add(struct welcome *w, int key, size_t n,
    size_t count)
{
	const size_t columns = count > LINES_MANY ? 2 : 1;
	const size_t rows = (count + columns - 1) / columns;
	const size_t column = n / rows;
	const double width = WIDTH / (double)columns;
	double height = (BODY_END - BODY_TOP + 0.06) / (double)rows;
	struct welcome_item *item = item_add(w, WELCOME_LINE, key);

	if (height > LINE_MAX)
		height = LINE_MAX;
	item_place(item, MARGIN + (double)column * width,
	    BODY_TOP - 0.06 + (double)(n % rows) * height,
	    width - (columns > 1 ? GAP : 0), height);
	return item;
}

static void lines_add(struct welcome *w, const struct profile *p)
{
	const struct kk_view anchors = p->parts[PROFILE_ANCHORS];
	const bool is_german = welcome_is_german(w);
	size_t count = anchors.bytes > 0, n = 0;
	struct welcome_item *item;

	for (unsigned i = 0; i < PROFILE_KEYS; i++)
		count += is_line(w, p, (enum profile_key)i);
	for (unsigned i = 0; i < PROFILE_KEYS; i++) {
		const struct field *f = field_get((enum profile_key)i);

		if (!is_line(w, p, (enum profile_key)i))
			continue;
		item = line_add(w, (int)i, n++, count);
		text_put(item->label, sizeof(item->label),
		    f ? f->label[is_german] :
			profile_key_name((enum profile_key)i));
		value_put(w, p, (enum profile_key)i, item->value);
	}
	if (anchors.bytes == 0)
		return;
	item = line_add(w, PROFILE_KEYS, n, count);
	text_put(item->label, sizeof(item->label),
	    word_get(WORD_ANCHORS, is_german));
	(void)snprintf(item->value, sizeof(item->value), "%zu",
	    anchors_count(anchors));
}

static void key_add(struct welcome *w)
{
	const bool is_german = welcome_is_german(w);
	struct welcome_item *item;

	if (w->key.is_verified) {
		item = item_add(w, WELCOME_LINE, PROFILE_KEYS);
		item_place(item, MARGIN, BODY_TOP + 0.04, WIDTH, LINE_MAX);
		text_put(item->label, sizeof(item->label),
		    word_get(WORD_NAME_IS, is_german));
		text_put(item->value, sizeof(item->value), w->key.name);
	}
	if (!w->key.fingerprint[0])
		return;
	item = item_add(w, WELCOME_FINGERPRINT, 0);
	item_place(item, MARGIN, BODY_TOP + 0.11, WIDTH, 0.22);
	text_put(item->label, sizeof(item->label),
	    word_get(WORD_KEY_IS, is_german));
	text_put(item->value, sizeof(item->value), w->key.fingerprint);
}

/* --- the keyboard --------------------------------------------------------- */

static size_t letters_count(const struct welcome *w, const char *row)
{
	char letter[8];
	size_t count = 0, bytes;

	for (; (bytes = edit_letter(w, row, letter)) > 0; row += bytes)
		count++;
	return count;
}

static void letters_add(struct welcome *w, const char *row, double y,
    double width, double height)
{
	const size_t count = letters_count(w, row);
	const double left = 0.5 - (double)count * width / 2;

	for (size_t i = 0; i < count; i++) {
		char letter[8];
		struct welcome_item *item = item_add(w, WELCOME_KEY,
		    (int)w->view.item_count);

		row += edit_letter(w, row, letter);
		item_place(item, left + (double)i * width, y, width - GAP / 2,
		    height - GAP);
		text_put(item->label, sizeof(item->label), letter);
	}
}

static void keyboard_add(struct welcome *w)
{
	static const enum welcome_button under[] = { BUTTON_CANCEL,
		BUTTON_SHIFT, BUTTON_SPACE, BUTTON_ERASE, BUTTON_ENOUGH };
	static const enum welcome_button few[] = { BUTTON_CANCEL, BUTTON_ERASE,
		BUTTON_ENOUGH };
	const struct field *f = field_get(w->edited);
	const char *const *rows = edit_rows(w);
	const double height = (BUTTONS_TOP - KEYS_TOP) / KEY_ROWS_MAX;
	struct welcome_item *item = item_add(w, WELCOME_TYPED, (int)w->edited);

	item_place(item, MARGIN, 0.14, WIDTH, 0.16);
	text_put(item->value, sizeof(item->value), w->typed);
	for (size_t i = 0; i < KEY_ROWS_MAX && rows[i]; i++)
		letters_add(w, rows[i], KEYS_TOP + (double)i * height,
		    WIDTH / 11, height);
	if (f && f->keys != KEYS_TEXT)
		buttons_add(w, few, KK_ARRAY_LEN(few));
	else
		buttons_add(w, under, KK_ARRAY_LEN(under));
	for (size_t i = 0; i < w->view.item_count; i++) {
		item = &w->view.items[i];
		if (item->kind == WELCOME_BUTTON &&
		    item->number == BUTTON_SHIFT)
			item->is_chosen = w->has_shift;
	}
}

/* --- the whole ------------------------------------------------------------ */

static void message_make(struct welcome *w)
{
	static const enum welcome_word doing[WELCOME_ACTS] = {
		[WELCOME_KEEP] = WORD_KEEPS,
		[WELCOME_WRITE] = WORD_WRITES,
		[WELCOME_READ] = WORD_READS,
		[WELCOME_INSTALL] = WORD_READS,
		[WELCOME_FINISH] = WORD_READS,
	};
	const bool is_german = welcome_is_german(w);
	struct welcome_view *v = &w->view;

	v->is_bad = w->is_bad && !w->busy;
	if (w->busy)
		text_put(v->message, sizeof(v->message),
		    word_get(doing[w->busy], is_german));
	else if (welcome_counts_down(w))
		(void)snprintf(v->message, sizeof(v->message),
		    "%.400s%s%s %u %s.", w->message, w->message[0] ? " " : "",
		    word_get(WORD_COUNTS_DOWN, is_german), w->left_s,
		    word_get(WORD_SECONDS, is_german));
	else
		text_put(v->message, sizeof(v->message), w->message);
}

static void items_make(struct welcome *w)
{
	if (w->is_editing) {
		keyboard_add(w);
		return;
	}
	fields_add(w);
	if (w->page == WELCOME_REVIEW)
		lines_add(w, &w->said);
	else if (w->page == WELCOME_STICK && w->is_offer_right)
		lines_add(w, &w->offered);
	else if (w->page == WELCOME_ENROL)
		key_add(w);
	page_buttons_add(w);
}

static void view_build(struct welcome *w)
{
	struct welcome_view *v = &w->view;
	const bool is_german = welcome_is_german(w);
	const struct field *f = w->is_editing ? field_get(w->edited) : NULL;

	v->page = w->page;
	v->is_german = is_german;
	v->item_count = 0;
	text_put(v->title, sizeof(v->title),
	    f ? f->label[is_german] : word_title(w->page, is_german));
	text_put(v->hint, sizeof(v->hint),
	    f ? profile_key_text(f->key, is_german) :
		w->page == WELCOME_STICK && !w->is_offer_right ?
		"" :
		word_hint(w->page, is_german));
	items_make(w);
	message_make(w);
}

static bool is_focused(const struct welcome_item *item)
{
	return item->kind < WELCOME_TYPED;
}

void view_make(struct welcome *w, enum welcome_kind kind, int number)
{
	struct welcome_view *v = &w->view;
	int first = -1;

	view_build(w);
	v->focus = -1;
	for (size_t i = 0; i < v->item_count && !w->busy; i++) {
		const struct welcome_item *item = &v->items[i];

		if (first < 0 && is_focused(item) &&
		    (item->kind != WELCOME_CHOICE || item->is_chosen) &&
		    !(item->kind == WELCOME_BUTTON &&
			item->number == BUTTON_BACK))
			first = (int)i;
		if (item->kind == kind && item->number == number)
			v->focus = (int)i;
	}
	if (v->focus < 0)
		v->focus = first;
}

void view_refresh(struct welcome *w)
{
	struct welcome_view *v = &w->view;
	struct welcome_item was;

	if (v->focus >= 0)
		w->focused = v->items[v->focus];
	was = w->focused;
	view_make(w, was.kind, was.number);
	for (size_t i = 0;
	    was.kind == WELCOME_CHOICE && v->focus >= 0 && i < v->item_count;
	    i++) {
		if (v->items[i].kind == was.kind &&
		    v->items[i].number == was.number &&
		    v->items[i].option == was.option)
			v->focus = (int)i;
	}
}
