/* pad_words.h - what the number pad says below the number.  Pure. */
#pragma once
#include "pipelines/graphs/lines.h"
#include "pipelines/graphs/pad.h"

/* "": nothing. */
void pad_words(const struct pad_look *pad, const struct view *view,
    enum words_language language, char out[LINES_TEXT_BYTES]);
