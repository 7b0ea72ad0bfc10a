/*
 * words.h - what is pressed, in words.  Pure.
 *
 *     key NAME      one character, or up, down, left, right, enter, back,
 *                   erase, next, previous, call, hang-up, space
 *     press X Y     numbers from 0 to 1, as 0.25, with up to four digits
 *
 * A line feed may stand at the end.
 */
#pragma once
#include "drivers/input/input.h"

enum { INPUT_WORDS_BYTES = 32 }; /* no line is longer */

/* On error *event is left alone.  Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err input_words_parse(struct input_event *event,
    struct kk_view line);
