/* press.h - what tests press. */
#pragma once
#include "welcome/welcome.h"

static inline enum welcome_act press(struct welcome *w, enum input_kind kind)
{
	const struct input_event event = { .kind = kind };

	return welcome_press(w, &event);
}

/* ASCII. */
static inline void type(struct welcome *w, const char *text)
{
	for (; *text; text++) {
		const struct input_event event = { .kind = INPUT_TEXT,
			.text = { *text } };

		(void)welcome_press(w, &event);
	}
}

/* -1: no such item. */
static inline int item_find(const struct welcome *w, const char *label)
{
	const struct welcome_view *v = welcome_view(w);

	for (size_t i = 0; i < v->item_count; i++) {
		if (!strcmp(v->items[i].label, label))
			return (int)i;
	}
	return -1;
}

/* A touch in the middle of what has such a label. */
static inline enum welcome_act touch(struct welcome *w, const char *label)
{
	const int at = item_find(w, label);
	struct input_event event = { .kind = INPUT_PRESS };

	if (at < 0)
		return WELCOME_ACTS;
	event.x = welcome_view(w)->items[at].x +
	    welcome_view(w)->items[at].width / 2;
	event.y = welcome_view(w)->items[at].y +
	    welcome_view(w)->items[at].height / 2;
	return welcome_press(w, &event);
}

/* The field or button that has the focus; "" where none has. */
static inline const char *focus(const struct welcome *w)
{
	const struct welcome_view *v = welcome_view(w);

	return v->focus < 0 ? "" : v->items[v->focus].label;
}
