/*
 * dial.h - numbers: the meeting's, which callers enter with its PIN, and those
 * that may be called from here.  Zone: policy.  Pure.
 */
#pragma once
#include "base/base.h"

enum {
	ROOM_DIGITS_MAX = 12, /* of a number or a PIN, as firmware/ivr has it */
	ROOM_PIN_MIN = 4,
	ROOM_DIAL_FILE_BYTES = 64,
	ROOM_DIAL_BYTES = 33, /* of a telephone's number, with the final zero */
	/* Wrong ones that are compared: so many at once, then one in so many
	 * milliseconds.  lined slows its callers down by itself
	 * (firmware/ivr); this bounds a lined that was taken over. */
	ROOM_GUESSES = 300,
	ROOM_GUESS_MS = 6000
};

struct room_dial_in {
	char number[ROOM_DIGITS_MAX + 1], pin[ROOM_DIGITS_MAX + 1];
};

/*
 * A file of one line, "NUMBER PIN": digits, one blank, and a line feed may
 * stand at the end.  On error *d is wiped.  Errors: KK_EFORMAT, KK_ELIMIT over
 * ROOM_DIGITS_MAX digits, or under ROOM_PIN_MIN.
 */
MUST_CHECK enum kk_err room_dial_in_parse(struct room_dial_in *d,
    struct kk_view file);

/* Takes as long whatever is right or wrong of which. */
bool room_dial_in_is(const struct room_dial_in *d, const char *number,
    const char *pin);

/* Digits, at least one; + may stand in front; not over ROOM_DIAL_BYTES. */
bool room_dial_is_number(const char *text);

/* Guesses.  Zeroed is none so far; time does not go back. */
struct room_guesses {
	uint32_t count;
	uint64_t at_ms; /* as of when */
};

/* May another one be compared? */
bool room_guess_may(struct room_guesses *g, uint64_t now_ms);
void room_guess_wrong(struct room_guesses *g);
