/* decode.c - the kernel's events, without a kernel's device. */
#define _GNU_SOURCE /* mkdtemp() */
#include <linux/input-event-codes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/input/input_internal.h"
#include "harness/tap.h"

struct keyboard {
	struct input_keymap *map;
	struct input_decode decode;
	struct input_event event; /* the last one */
};

static struct keyboard keyboard_new(const char *keymap)
{
	struct keyboard k = { .map = NULL };

	CHECK_OK(input_keymap_new(&k.map, keymap));
	CHECK_OK(input_decode_init(&k.decode, k.map));
	return k;
}

static void keyboard_clear(struct keyboard *k)
{
	input_decode_clear(&k->decode);
	input_keymap_free(k->map);
}

static bool came(struct keyboard *k, unsigned type, unsigned code,
    int32_t value)
{
	return input_decode(&k->decode, type, code, value, &k->event);
}

/* Down and up. */
static bool strikes(struct keyboard *k, unsigned code)
{
	const bool is_there = came(k, EV_KEY, code, 1);

	CHECK(!came(k, EV_KEY, code, 0));
	return is_there;
}

static void types(struct keyboard *k, unsigned code, const char *text)
{
	CHECK(strikes(k, code));
	CHECK_EQ(k->event.kind, INPUT_TEXT);
	CHECK_STR(k->event.text, text);
}

static void means(struct keyboard *k, unsigned code, enum input_kind kind)
{
	CHECK(strikes(k, code));
	CHECK_EQ(k->event.kind, kind);
}

TEST(letters_follow_the_keymap_shift_and_the_third_level)
{
	struct keyboard k = keyboard_new("de");

	types(&k, KEY_Y, "z");
	types(&k, KEY_APOSTROPHE, "ä");
	types(&k, KEY_MINUS, "ß");
	types(&k, KEY_GRAVE, "^"); /* no accent that waits for a letter */
	CHECK(!came(&k, EV_KEY, KEY_LEFTSHIFT, 1));
	types(&k, KEY_Y, "Z");
	types(&k, KEY_RIGHTBRACE, "*");
	CHECK(!came(&k, EV_KEY, KEY_LEFTSHIFT, 0));
	types(&k, KEY_BACKSLASH, "#");
	CHECK(!came(&k, EV_KEY, KEY_RIGHTALT, 1));
	types(&k, KEY_Q, "@");
	types(&k, KEY_E, "€");
	CHECK(!came(&k, EV_KEY, KEY_RIGHTALT, 0));
	CHECK(!strikes(&k, KEY_CAPSLOCK));
	types(&k, KEY_A, "A");
	keyboard_clear(&k);
	k = keyboard_new("us");
	types(&k, KEY_Y, "y");
	CHECK(!came(&k, EV_KEY, KEY_RIGHTSHIFT, 1));
	types(&k, KEY_3, "#");
	types(&k, KEY_8, "*");
	keyboard_clear(&k);
}

TEST(a_number_pad_gives_digits_with_num_lock_and_without)
{
	static const unsigned codes[] = { KEY_KP0, KEY_KP1, KEY_KP2, KEY_KP3,
		KEY_KP4, KEY_KP5, KEY_KP6, KEY_KP7, KEY_KP8, KEY_KP9 };
	struct keyboard k = keyboard_new("de");

	for (unsigned lock = 0; lock < 2; lock++) {
		for (unsigned i = 0; i < 10; i++) {
			const char digit[2] = { (char)('0' + i), '\0' };

			types(&k, codes[i], digit);
			types(&k, KEY_NUMERIC_0 + i, digit);
		}
		CHECK(!strikes(&k, KEY_NUMLOCK));
	}
	types(&k, KEY_KPASTERISK, "*");
	types(&k, KEY_KPPLUS, "+");
	types(&k, KEY_NUMERIC_STAR, "*");
	types(&k, KEY_NUMERIC_POUND, "#");
	means(&k, KEY_KPENTER, INPUT_ENTER);
	keyboard_clear(&k);
}

TEST(keys_say_what_they_are)
{
	struct keyboard k = keyboard_new("us");

	means(&k, KEY_UP, INPUT_UP);
	means(&k, KEY_DOWN, INPUT_DOWN);
	means(&k, KEY_LEFT, INPUT_LEFT);
	means(&k, KEY_RIGHT, INPUT_RIGHT);
	means(&k, KEY_ENTER, INPUT_ENTER);
	means(&k, KEY_OK, INPUT_ENTER);
	means(&k, KEY_ESC, INPUT_BACK);
	means(&k, KEY_BACK, INPUT_BACK);
	means(&k, KEY_BACKSPACE, INPUT_ERASE);
	means(&k, KEY_PHONE, INPUT_CALL);
	means(&k, KEY_PICKUP_PHONE, INPUT_CALL);
	means(&k, KEY_HANGUP_PHONE, INPUT_HANG_UP);
	means(&k, KEY_TAB, INPUT_NEXT);
	CHECK(!came(&k, EV_KEY, KEY_LEFTSHIFT, 1));
	means(&k, KEY_TAB, INPUT_PREVIOUS);
	keyboard_clear(&k);
}

TEST(keys_without_a_meaning_make_no_event)
{
	static const unsigned codes[] = { KEY_POWER, KEY_SLEEP, KEY_F1,
		KEY_VOLUMEUP, KEY_LEFTCTRL, KEY_LEFTMETA, KEY_SYSRQ, BTN_RIGHT,
		KEY_MAX };
	struct keyboard k = keyboard_new("de");

	for (size_t i = 0; i < KK_ARRAY_LEN(codes); i++)
		CHECK(!strikes(&k, codes[i]));
	CHECK(!came(&k, EV_KEY, KEY_LEFTCTRL, 1));
	CHECK(!strikes(&k, KEY_C)); /* a control character */
	CHECK(!came(&k, EV_REL, REL_X, 5));
	CHECK(!came(&k, EV_SYN, SYN_REPORT, 0));
	keyboard_clear(&k);
}

TEST(a_key_that_is_held_comes_again_and_again)
{
	struct keyboard k = keyboard_new("de");

	CHECK(came(&k, EV_KEY, KEY_BACKSPACE, 1));
	CHECK(came(&k, EV_KEY, KEY_BACKSPACE, 2));
	CHECK(came(&k, EV_KEY, KEY_BACKSPACE, 2));
	CHECK_EQ(k.event.kind, INPUT_ERASE);
	CHECK(!came(&k, EV_KEY, KEY_BACKSPACE, 0));
	keyboard_clear(&k);
}

static struct keyboard screen_new(bool has_slots)
{
	struct keyboard k = keyboard_new("de");

	k.decode.x = (struct input_axis){ 100, 1100, 100 };
	k.decode.y = (struct input_axis){ 0, 500, 0 };
	k.decode.has_slots = has_slots;
	return k;
}

static void is_at(const struct keyboard *k, double x, double y)
{
	CHECK_EQ(k->event.kind, INPUT_PRESS);
	CHECK(k->event.x > x - 0.001 && k->event.x < x + 0.001);
	CHECK(k->event.y > y - 0.001 && k->event.y < y + 0.001);
}

TEST(a_touch_is_one_press_at_its_place)
{
	struct keyboard k = screen_new(false);

	CHECK(!came(&k, EV_KEY, BTN_TOUCH, 1)); /* the place comes with it */
	CHECK(!came(&k, EV_ABS, ABS_X, 350));
	CHECK(!came(&k, EV_ABS, ABS_Y, 400));
	CHECK(came(&k, EV_SYN, SYN_REPORT, 0));
	is_at(&k, 0.25, 0.8);
	CHECK(!came(&k, EV_ABS, ABS_X, 700)); /* it moves */
	CHECK(!came(&k, EV_SYN, SYN_REPORT, 0));
	CHECK(!came(&k, EV_KEY, BTN_TOUCH, 0));
	CHECK(!came(&k, EV_SYN, SYN_REPORT, 0));
	/* The same place again is not told again. */
	CHECK(!came(&k, EV_KEY, BTN_LEFT, 1));
	CHECK(came(&k, EV_SYN, SYN_REPORT, 0));
	is_at(&k, 0.6, 0.8);
	keyboard_clear(&k);
}

TEST(places_beyond_the_screen_are_at_its_edge)
{
	struct keyboard k = screen_new(false);

	CHECK(!came(&k, EV_ABS, ABS_X, -2147483647));
	CHECK(!came(&k, EV_ABS, ABS_Y, 2147483647));
	CHECK(!came(&k, EV_KEY, BTN_TOUCH, 1));
	CHECK(came(&k, EV_SYN, SYN_REPORT, 0));
	CHECK(k.event.x == 0 && k.event.y == 1);
	/* A device that does not say how large it is, presses nowhere. */
	k.decode.x = (struct input_axis){ 5, 5, 5 };
	CHECK(!came(&k, EV_KEY, BTN_TOUCH, 1));
	CHECK(!came(&k, EV_SYN, SYN_REPORT, 0));
	keyboard_clear(&k);
}

TEST(of_many_fingers_the_first_counts)
{
	struct keyboard k = screen_new(true);

	CHECK(!came(&k, EV_ABS, ABS_MT_SLOT, 3));
	CHECK(!came(&k, EV_ABS, ABS_MT_TRACKING_ID, 11));
	CHECK(!came(&k, EV_ABS, ABS_MT_POSITION_X, 600));
	CHECK(!came(&k, EV_ABS, ABS_MT_POSITION_Y, 250));
	CHECK(!came(&k, EV_KEY, BTN_TOUCH, 1)); /* says nothing more */
	CHECK(came(&k, EV_SYN, SYN_REPORT, 0));
	is_at(&k, 0.5, 0.5);
	CHECK(!came(&k, EV_ABS, ABS_MT_SLOT, 4));
	CHECK(!came(&k, EV_ABS, ABS_MT_TRACKING_ID, 12));
	CHECK(!came(&k, EV_ABS, ABS_MT_POSITION_X, 1100));
	CHECK(!came(&k, EV_SYN, SYN_REPORT, 0));
	CHECK(!came(&k, EV_ABS, ABS_MT_SLOT, 3));
	CHECK(!came(&k, EV_ABS, ABS_MT_TRACKING_ID, -1));
	CHECK(!came(&k, EV_SYN, SYN_REPORT, 0));
	/* The next one is a first one again. */
	CHECK(!came(&k, EV_ABS, ABS_MT_TRACKING_ID, 13));
	CHECK(!came(&k, EV_ABS, ABS_MT_POSITION_X, 100));
	CHECK(came(&k, EV_SYN, SYN_REPORT, 0));
	is_at(&k, 0, 0.5);
	keyboard_clear(&k);
}

TEST(a_pc_without_devices_has_none_until_there_are_some)
{
	char folder[] = "/tmp/kk-evdev-XXXXXX", inside[64], node[80];
	struct input *input = NULL;
	struct input_event e;
	struct pollfd ready = { .events = POLLIN };

	CHECK(mkdtemp(folder) != NULL);
	(void)snprintf(inside, sizeof(inside), "%s/input", folder);
	(void)snprintf(node, sizeof(node), "%s/event0", inside);
	CHECK_OK(input_evdev_open(&input, folder, "de"));
	CHECK(!input_next(input, &e));
	ready.fd = input_fd(input);
	CHECK_EQ(poll(&ready, 1, 0), 0);
	CHECK_EQ(mkdir(inside, 0700), 0);
	CHECK_EQ(poll(&ready, 1, 0), 1);
	CHECK(!input_next(input, &e)); /* watches it from now on */
	CHECK_EQ(poll(&ready, 1, 0), 0);
	CHECK_EQ(mkfifo(node, 0600), 0); /* no device: it is let go */
	CHECK_EQ(poll(&ready, 1, 0), 1);
	CHECK(!input_next(input, &e));
	CHECK_EQ(poll(&ready, 1, 0), 0);
	input_close(input);
	CHECK_EQ(unlink(node), 0);
	CHECK_EQ(rmdir(inside), 0);
	input = NULL;
	CHECK_EQ(rmdir(folder), 0);
	CHECK_EQ(input_evdev_open(&input, folder, "de"), KK_EIO);
	CHECK(!input);
}
