/* pad_tones.c - the number pad in a call that takes tones. */
#include "pad_world.h"

#include <string.h>

#include "harness/tap.h"

static void tones_room(struct pad_world *w, enum view_call call)
{
	const struct pad_room r = { .call = call,
		.line = 5,
		.has_tones = true };

	pad_room_set(w->pad, &r);
	pad_look_at(w);
}

static void presses(struct pad_world *w, const char *keys)
{
	for (; *keys; keys++) {
		struct input_event e = { .kind = INPUT_TEXT };

		e.text[0] = *keys;
		CHECK_EQ(pad_event(w, &e), PAD_TONE);
		CHECK_EQ(pad_tone(w->pad), *keys);
	}
}

TEST(in_a_call_that_takes_tones_digits_are_pressed_into_it_and_shown)
{
	static const char texts[] = "123456789*0#";
	struct pad_world w = pad_world_new("");
	const struct view v = { .call = VIEW_CALL_TALKING };

	for (enum view_call call = VIEW_CALL_EARLY; call <= VIEW_CALL_TALKING;
	    call++) {
		tones_room(&w, call);
		presses(&w, "0123456789*#");
		CHECK(w.look.is_open);
		CHECK_STR(w.look.number, "0123456789*#");
		pad_says(&w, &v, "The keys send tones into the call.",
		    "Die Tasten senden Töne in den Anruf.");
		CHECK_EQ(pad_command(&w, INPUT_ERASE),
		    PAD_NOTHING); /* it was sent */
		CHECK_STR(w.look.number, "");
		for (unsigned i = 0; i < 12; i++) {
			CHECK_EQ(pad_touch(&w, (enum pad_key)i), PAD_TONE);
			CHECK_EQ(pad_tone(w.pad), texts[i]);
		}
		CHECK_EQ(pad_touch(&w, PAD_PLUS), PAD_NOTHING);
		CHECK_EQ(pad_touch(&w, PAD_CALL), PAD_NOTHING);
		CHECK_EQ(w.look.err, KK_EEXIST);
		CHECK_EQ(pad_touch(&w, PAD_HANG_UP_KEY), PAD_HANG_UP);
		CHECK(!w.look.is_open && !w.look.number[0]);
	}
	for (unsigned i = 0; i < 2 * ROOM_DIAL_BYTES; i++)
		presses(&w, i % 2 ? "8" : "7");
	CHECK_EQ(strlen(w.look.number), ROOM_DIAL_BYTES - 1);
	CHECK_EQ(w.look.number[ROOM_DIAL_BYTES - 2], '8');
	pad_free(w.pad);
}

TEST(digits_are_tones_in_no_other_state_and_of_no_call_that_takes_none)
{
	struct pad_world w = pad_world_new("");

	for (enum view_call call = VIEW_CALL_NONE; call < VIEW_CALL_COUNT;
	    call++) {
		if (call == VIEW_CALL_EARLY || call == VIEW_CALL_TALKING)
			pad_room_is(&w, call, 5);
		else
			tones_room(&w, call);
		pad_types(&w, "1");
		CHECK_STR(w.look.number, "1");
		CHECK_EQ(pad_command(&w, INPUT_BACK), PAD_NOTHING);
	}
	/* Half a number becomes none, and tones are none when it is over. */
	pad_types(&w, "03");
	tones_room(&w, VIEW_CALL_TALKING);
	CHECK_STR(w.look.number, "");
	presses(&w, "12");
	pad_room_is(&w, VIEW_CALL_ENDED, 5);
	CHECK_STR(w.look.number, "");
	pad_free(w.pad);
}

TEST(why_tones_were_not_sent_is_said_until_the_next_key)
{
	struct pad_world w = pad_world_new("");
	const struct view v = { .call = VIEW_CALL_TALKING };

	tones_room(&w, VIEW_CALL_TALKING);
	presses(&w, "12");
	pad_tones_refused(w.pad, KK_EUNSUP, w.now_ms);
	pad_says(&w, &v, "The other end takes no tones.",
	    "Die Gegenseite nimmt keine Töne an.");
	CHECK_STR(w.look.number, "");
	presses(&w, "3");
	pad_says(&w, &v, "The keys send tones into the call.",
	    "Die Tasten senden Töne in den Anruf.");
	pad_free(w.pad);
}
