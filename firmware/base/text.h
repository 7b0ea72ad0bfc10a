/* text.h - texts that others have written.  Source: RFC 3629, 4. */
#pragma once
#include <stdbool.h>

#include "base/bytes.h"

bool kk_text_is_utf8(struct kk_view text);

/*
 * Whether it can stand on a screen as one name: UTF-8, not empty, and nothing
 * in it that ends a string early, moves the cursor or turns the direction of
 * text (controls, line breaks, direction marks of Unicode 15, UAX 9).
 */
bool kk_text_is_shown(struct kk_view text);

/*
 * A fingerprint in the form that people compare, the same wherever it is shown:
 * its digits in blocks of four with a space between.  room_bytes is out's, a
 * quarter more than the text's and its end; what does not fit is cut off.
 */
void kk_text_blocks(const char *text, char *out, size_t room_bytes);

/*
 * Whether a device's name has these words: the letters and digits of words
 * stand together in name, in that order.  Case (of ASCII) does not count, nor
 * what else of ASCII stands between: "c920-hd" is in "Webcam C920: HD Pro".
 */
bool kk_text_has_words(const char *name, const char *words);

/* Takes the first line off, and gives it without its line feed; borrowed. */
struct kk_view kk_text_line_take(struct kk_view *text);
