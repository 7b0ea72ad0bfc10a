/* pad_world.c - what presses keys of a number pad. */
#include "pad_world.h"

#include <string.h>

#include "harness/tap.h"
#include "pipelines/graphs/pad_words.h"

void pad_look_at(struct pad_world *w)
{
	pad_look(w->pad, &w->look);
}

struct pad_world pad_world_new(const char *book)
{
	struct pad_world w = { .now_ms = NOW };

	CHECK_OK(pad_new(&w.pad, WIDTH, HEIGHT));
	pad_book_set(w.pad, kk_view_of(book, strlen(book)));
	pad_look_at(&w);
	return w;
}

enum pad_action pad_event(struct pad_world *w, const struct input_event *event)
{
	const enum pad_action action = pad_input(w->pad, event, w->now_ms);

	pad_look_at(w);
	return action;
}

enum pad_action pad_command(struct pad_world *w, enum input_kind kind)
{
	return pad_event(w, &(struct input_event){ .kind = kind });
}

void pad_types(struct pad_world *w, const char *text)
{
	for (; *text; text++) {
		struct input_event e = { .kind = INPUT_TEXT };

		e.text[0] = *text;
		CHECK_EQ(pad_event(w, &e), PAD_NOTHING);
	}
}

enum pad_action pad_touch(struct pad_world *w, enum pad_key k)
{
	struct pad_layout l;
	const struct layout_rect *r = &l.keys[k];

	pad_layout_make(&l, WIDTH, HEIGHT, w->look.has_book);
	return pad_event(w,
	    &(struct input_event){ .kind = INPUT_PRESS,
		.x = (r->x + r->width / 2.0) / WIDTH,
		.y = (r->y + r->height / 2.0) / HEIGHT });
}

void pad_room_is(struct pad_world *w, enum view_call call, uint64_t line)
{
	const struct pad_room r = { .call = call, .line = line };

	pad_room_set(w->pad, &r);
	pad_look_at(w);
}

void pad_says(struct pad_world *w, const struct view *v, const char *english,
    const char *german)
{
	char text[LINES_TEXT_BYTES];

	pad_look_at(w);
	pad_words(&w->look, v, WORDS_EN, text);
	CHECK_STR(text, english);
	pad_words(&w->look, v, WORDS_DE, text);
	CHECK_STR(text, german);
}
