/* welcome.c - what is pressed, and what comes of it. */
#include "welcome/welcome.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "welcome/welcome_private.h"

enum kk_err welcome_new(struct welcome **wp)
{
	struct welcome *w = kk_calloc(1, sizeof(*w));

	if (!w)
		return KK_ENOMEM;
	page_go(w, WELCOME_LANGUAGE);
	*wp = w;
	return KK_OK;
}

void welcome_free(struct welcome *w)
{
	if (!w)
		return;
	kk_bytes_clear(&w->stored);
	kk_bytes_clear(&w->anchors);
	kk_bytes_clear(&w->kept);
	kk_bytes_clear(&w->offer);
	kk_free_wiped(w, sizeof(*w));
}

void welcome_begin(struct welcome *w, struct kk_view stored)
{
	struct profile_problem problem;

	kk_bytes_clear(&w->stored);
	if (kk_bytes_copy(&w->stored, stored) ||
	    profile_parse_stored(&w->said, kk_bytes_view(&w->stored), &problem))
		memset(&w->said, 0, sizeof(w->said));
	page_go(w, WELCOME_LANGUAGE);
}

const struct welcome_view *welcome_view(const struct welcome *w)
{
	return &w->view;
}

struct kk_view welcome_profile(const struct welcome *w)
{
	return kk_bytes_view(&w->kept);
}

void welcome_say(struct welcome *w, bool is_bad, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(w->message, sizeof(w->message), format, args);
	va_end(args);
	w->is_bad = is_bad;
}

void welcome_say_word(struct welcome *w, bool is_bad, enum welcome_word word)
{
	welcome_say(w, is_bad, "%s", word_get(word, welcome_is_german(w)));
}

/* --- what an item does ---------------------------------------------------- */

static void choice_take(struct welcome *w, const struct welcome_item *item)
{
	const struct field *f = field_get((enum profile_key)item->number);
	const int option = item->option;

	(void)snprintf(w->said.values[f->key], sizeof(w->said.values[f->key]),
	    "%s", f->options[option]);
	if (w->page == WELCOME_LANGUAGE)
		page_next(w);
	else
		view_refresh(w);
}

static void begin_act(struct welcome *w, enum welcome_act act)
{
	w->busy = act;
	view_refresh(w);
}

static void button_press(struct welcome *w, enum welcome_button button)
{
	switch (button) {
	case BUTTON_NEXT:
		page_next(w);
		break;
	case BUTTON_BACK:
	case BUTTON_LEAVE:
		page_back(w);
		break;
	case BUTTON_YES:
		if (pages_keep(w))
			begin_act(w, WELCOME_KEEP);
		break;
	case BUTTON_TAKE:
		stick_take(w);
		break;
	case BUTTON_WRITE:
		begin_act(w, WELCOME_WRITE);
		break;
	case BUTTON_READ:
		begin_act(w, WELCOME_READ);
		break;
	case BUTTON_LATER:
		begin_act(w, WELCOME_FINISH);
		break;
	case BUTTON_ENOUGH:
	case BUTTON_CANCEL:
		edit_end(w, button == BUTTON_ENOUGH);
		break;
	case BUTTON_ERASE:
		edit_erase(w);
		break;
	case BUTTON_SPACE:
		edit_add(w, " ");
		break;
	case BUTTON_SHIFT:
		w->has_shift = !w->has_shift;
		break;
	default:
		break;
	}
}

static void item_press(struct welcome *w, int at)
{
	const struct welcome_view *v = &w->view;
	struct welcome_item item;

	if (at < 0 || (size_t)at >= v->item_count)
		return;
	item = v->items[at];
	w->view.focus = at;
	if (item.kind == WELCOME_FIELD)
		edit_begin(w, (enum profile_key)item.number);
	else if (item.kind == WELCOME_CHOICE)
		choice_take(w, &item);
	else if (item.kind == WELCOME_BUTTON)
		button_press(w, (enum welcome_button)item.number);
	else if (item.kind == WELCOME_KEY)
		edit_add(w, item.label);
}

/* --- where the focus goes ------------------------------------------------- */

static void focus_step(struct welcome *w, int step)
{
	struct welcome_view *v = &w->view;
	const int count = (int)v->item_count;

	for (int i = 1; i <= count; i++) {
		const int at = ((v->focus + step * i) % count + count) % count;

		if (v->items[at].kind < WELCOME_TYPED) {
			v->focus = at;
			return;
		}
	}
}

/* How far an item is in a direction: what is aside counts more.  Negative: it
 * is not there. */
static double distance(const struct welcome_item *from,
    const struct welcome_item *to, enum input_kind way)
{
	const double dx = to->x + to->width / 2 - from->x - from->width / 2;
	const double dy = to->y + to->height / 2 - from->y - from->height / 2;
	const bool is_level = way == INPUT_LEFT || way == INPUT_RIGHT;
	const double ahead = way == INPUT_LEFT ? -dx :
	    way == INPUT_RIGHT                 ? dx :
	    way == INPUT_UP                    ? -dy :
						 dy;

	if (ahead < 0.01 || (is_level && fabs(dy) > 0.04))
		return -1;
	return is_level ? ahead : ahead + 0.2 * fabs(dx);
}

static void focus_move(struct welcome *w, enum input_kind way)
{
	struct welcome_view *v = &w->view;
	double best = -1;
	int to = v->focus;

	for (size_t i = 0; i < v->item_count; i++) {
		const double d = v->items[i].kind < WELCOME_TYPED ?
		    distance(&v->items[v->focus], &v->items[i], way) :
		    -1;

		if (d >= 0 && (best < 0 || d < best)) {
			best = d;
			to = (int)i;
		}
	}
	v->focus = to;
}

static int item_at(const struct welcome_view *v, double x, double y)
{
	for (size_t i = 0; i < v->item_count; i++) {
		const struct welcome_item *it = &v->items[i];

		if (it->kind < WELCOME_TYPED && x >= it->x && y >= it->y &&
		    x < it->x + it->width && y < it->y + it->height)
			return (int)i;
	}
	return -1;
}

/* --- events --------------------------------------------------------------- */

static void type(struct welcome *w, const struct input_event *e)
{
	const struct welcome_item *item = &w->view.items[w->view.focus];

	if (!w->is_editing) {
		if (item->kind != WELCOME_FIELD)
			return;
		edit_begin(w, (enum profile_key)item->number);
	}
	if (e->kind == INPUT_ERASE)
		edit_erase(w);
	else
		edit_add(w, e->text);
	/* Enter ends what is typed by keys. */
	view_make(w, WELCOME_BUTTON, BUTTON_ENOUGH);
}

static void event_take(struct welcome *w, const struct input_event *e)
{
	switch (e->kind) {
	case INPUT_TEXT:
	case INPUT_ERASE:
		type(w, e);
		break;
	case INPUT_UP:
	case INPUT_DOWN:
	case INPUT_LEFT:
	case INPUT_RIGHT:
		focus_move(w, e->kind);
		break;
	case INPUT_NEXT:
		focus_step(w, 1);
		break;
	case INPUT_PREVIOUS:
		focus_step(w, -1);
		break;
	case INPUT_ENTER:
		item_press(w, w->view.focus);
		break;
	case INPUT_BACK:
		if (w->is_editing)
			edit_end(w, false);
		else
			page_back(w);
		break;
	case INPUT_PRESS:
		item_press(w, item_at(&w->view, e->x, e->y));
		break;
	default:
		break;
	}
}

enum welcome_act welcome_press(struct welcome *w,
    const struct input_event *event)
{
	w->is_attended = true;
	if (w->busy || w->view.focus < 0)
		return WELCOME_NOTHING;
	w->message[0] = '\0';
	event_take(w, event);
	if (w->is_editing && !w->message[0])
		(void)edit_check(w);
	view_refresh(w);
	return w->busy;
}

/* --- nobody is there ------------------------------------------------------ */

bool welcome_counts_down(const struct welcome *w)
{
	return !w->is_attended && !w->busy &&
	    ((w->page == WELCOME_STICK && w->is_offer_right &&
		 !w->is_offer_anchors) ||
		w->page == WELCOME_ENROL);
}

enum welcome_act welcome_second(struct welcome *w)
{
	if (!welcome_counts_down(w))
		return WELCOME_NOTHING;
	if (w->left_s > 0)
		w->left_s--;
	if (w->left_s == 0 && w->page == WELCOME_STICK)
		stick_take(w);
	else if (w->left_s == 0)
		w->busy = WELCOME_FINISH;
	view_refresh(w);
	return w->busy;
}

/* --- how it went ---------------------------------------------------------- */

static enum welcome_word install_word(enum kk_err err)
{
	switch (err) {
	case KK_OK:
		return WORD_INSTALLED;
	case KK_EUNTRUSTED:
		return WORD_INSTALL_FOREIGN;
	case KK_EEXPIRED:
		return WORD_INSTALL_OVER;
	case KK_EREVOKED:
		return WORD_INSTALL_REVOKED;
	case KK_ESTATE:
		return WORD_INSTALL_BUSY;
	default:
		return WORD_INSTALL_FAILED;
	}
}

const char *welcome_install_text(enum kk_err err, bool is_german)
{
	return word_get(install_word(err), is_german);
}

/* The reader's language stays where the profile says none. */
static void kept_begin(struct welcome *w)
{
	const bool is_german = welcome_is_german(w);
	char *language = w->said.values[PROFILE_LANGUAGE];

	welcome_begin(w, kk_bytes_view(&w->kept));
	if (!language[0])
		(void)snprintf(language, PROFILE_VALUE_MAX + 1, "%s",
		    is_german ? "de" : "en");
}

static void keep_told(struct welcome *w, enum kk_err err)
{
	if (err) {
		welcome_say_word(w, true, WORD_KEEP_FAILED);
		/* A stick's: from there it can be taken again. */
		if (w->page == WELCOME_STICK)
			page_go(w, w->before_stick);
		return;
	}
	/* Back from here leads to what is kept now. */
	if (w->page == WELCOME_STICK)
		kept_begin(w);
	w->left_s = WELCOME_UNATTENDED_S;
	page_go(w, WELCOME_ENROL);
}

void welcome_told(struct welcome *w, enum welcome_act act, enum kk_err err)
{
	if (w->busy != act)
		return;
	w->busy = WELCOME_NOTHING;
	w->message[0] = '\0';
	if (act == WELCOME_KEEP)
		keep_told(w, err);
	else if (act == WELCOME_WRITE)
		welcome_say_word(w, err != KK_OK,
		    err ? WORD_WRITE_FAILED : WORD_WRITTEN);
	else if (act == WELCOME_READ && err)
		welcome_say_word(w, true, WORD_STICK_FAILED);
	else if (act == WELCOME_INSTALL)
		welcome_say_word(w, err != KK_OK, install_word(err));
	view_refresh(w);
}

void welcome_tpm_told(struct welcome *w, bool is_there)
{
	w->lacks_tpm = !is_there;
}

/* Without a key nothing else comes off on this page. */
void welcome_key_told(struct welcome *w, const struct welcome_key *key)
{
	static const enum welcome_word words[WELCOME_TROUBLES] = {
		[WELCOME_NO_TROUBLE] = WORD_NO_KEYS,
		[WELCOME_NO_TPM] = WORD_NO_TPM,
		[WELCOME_NO_CURVE] = WORD_NO_CURVE,
		[WELCOME_NO_TOKEN] = WORD_NO_TOKEN,
		[WELCOME_NO_PIN] = WORD_NO_PIN,
		[WELCOME_NO_KEY] = WORD_NO_KEY,
	};

	w->key = *key;
	if (!key->fingerprint[0] && w->page == WELCOME_ENROL &&
	    (key->trouble || !w->message[0]))
		welcome_say_word(w, true, words[key->trouble]);
	view_refresh(w);
}
