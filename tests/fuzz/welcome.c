/* welcome.c - fuzzes the first-boot screen: what is pressed, what a stick says,
 * how acts go, in any order. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "welcome/welcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

enum { STEPS_MAX = 400 };

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static struct kk_view take(struct kk_view *from, size_t bytes)
{
	struct kk_view out = *from;

	if (bytes > from->bytes)
		bytes = from->bytes;
	out.bytes = bytes;
	from->data += bytes;
	from->bytes -= bytes;
	return out;
}

static uint8_t byte(struct kk_view *from)
{
	const struct kk_view one = take(from, 1);

	return one.bytes ? one.data[0] : 0;
}

/* Two bytes of length in front. */
static struct kk_view text(struct kk_view *from)
{
	const size_t high = byte(from);

	return take(from, high << 8 | byte(from));
}

static enum welcome_act press(struct welcome *w, struct kk_view *from)
{
	struct input_event e = { .kind = (enum input_kind)(byte(from) % 13) };
	const struct kk_view letter = e.kind == INPUT_TEXT ?
	    take(from, 1 + byte(from) % 4) :
	    (struct kk_view){ 0 };

	if (letter.bytes)
		memcpy(e.text, letter.data, letter.bytes);
	if (e.kind == INPUT_PRESS) {
		e.x = byte(from) / 255.0;
		e.y = byte(from) / 255.0;
	}
	return welcome_press(w, &e);
}

/* Whatever is shown can be drawn, and what is kept is a profile. */
static void look(const struct welcome *w, enum welcome_act act)
{
	const struct welcome_view *v = welcome_view(w);
	struct profile_problem problem;
	struct profile p;

	must(v->item_count < WELCOME_ITEMS_MAX);
	must(v->focus < (int)v->item_count);
	must(kk_text_is_utf8(kk_view_text(v->title)));
	for (size_t i = 0; i < v->item_count; i++)
		must(kk_text_is_utf8(kk_view_text(v->items[i].value)));
	if (act != WELCOME_KEEP)
		return;
	if (profile_parse(&p, welcome_profile(w), &problem))
		must(!profile_parse_stored(&p, welcome_profile(w), &problem));
	must(!profile_check(&p, &problem));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_view from = kk_view_of(data, bytes);
	struct welcome *w = NULL;
	enum welcome_act act = WELCOME_NOTHING;

	if (welcome_new(&w))
		return 0;
	welcome_tpm_told(w, false);
	for (size_t i = 0; i < STEPS_MAX && from.bytes > 0; i++) {
		const uint8_t what = byte(&from);
		struct welcome_stick stick = { 0 };

		if (what < 8) {
			stick.profile = text(&from);
			stick.anchors = text(&from);
			stick.has_chain = what & 1;
			act = welcome_stick(w, &stick);
		} else if (what < 16) {
			welcome_told(w, (enum welcome_act)(what % 6),
			    (enum kk_err)(byte(&from) % KK_ERR_COUNT));
			act = WELCOME_NOTHING;
		} else if (what < 32) {
			act = welcome_second(w);
		} else if (what == 33) {
			const struct welcome_key key = {
				.trouble = (enum welcome_trouble)(byte(&from) %
				    WELCOME_TROUBLES)
			};

			welcome_key_told(w, &key);
			act = WELCOME_NOTHING;
		} else if (what == 32) {
			welcome_begin(w, text(&from));
		} else {
			act = press(w, &from);
		}
		look(w, act);
	}
	welcome_free(w);
	return 0;
}
