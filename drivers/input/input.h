/*
 * input.h - what people press: keyboards, remote controls, number pads, touch
 * screens.  One thread per object.
 *
 * Events come one at a time, decoded: a letter as the keymap has it, a key that
 * has a meaning of its own as its kind, a touch as a place on the screen.  Keys
 * that mean nothing here make no event.
 */
#pragma once
#include "base/base.h"

enum { INPUT_TEXT_BYTES = 8 };

enum input_kind {
	INPUT_TEXT, /* one character */
	INPUT_UP,
	INPUT_DOWN,
	INPUT_LEFT,
	INPUT_RIGHT,
	INPUT_ENTER,
	INPUT_BACK, /* Escape, and a remote's Back */
	INPUT_ERASE, /* Backspace */
	INPUT_NEXT, /* Tab */
	INPUT_PREVIOUS, /* Shift and Tab */
	INPUT_CALL, /* a remote's green telephone */
	INPUT_HANG_UP, /* and its red one */
	INPUT_PRESS /* a touch or a click at x, y */
};

struct input_event {
	enum input_kind kind;
	char text[INPUT_TEXT_BYTES]; /* INPUT_TEXT: UTF-8 and a zero */
	double x, y; /* INPUT_PRESS: 0 to 1 of the screen */
};

struct input;

bool input_kind_is(const char *kind); /* is there such a kind of --input? */

/*
 * The kind of --input: "evdev", the kernel's devices, which may come and go;
 * "pipe:PATH", words at a datagram socket that it makes there; "none".  keymap
 * is the keyboards' layout, "de" or "us"; both are borrowed for the call. On
 * success *inputp is the caller's; on error it is left alone. Errors: KK_EINVAL
 * no such kind or keymap, or PATH is too long; KK_EUNSUP not in this build;
 * KK_EIO the folder, the socket or the keymap's files; KK_ENOMEM.
 */
MUST_CHECK enum kk_err input_open(struct input **inputp, const char *kind,
    const char *keymap);
void input_close(struct input *input); /* NULL is fine */

/* To be polled for reading; the object's.  -1 for one that never has events. */
int input_fd(const struct input *input);

/* The next one that has come; false: no more for now, poll again. */
bool input_next(struct input *input, struct input_event *event);
