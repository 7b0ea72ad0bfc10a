/*
 * lines.h - telephone lines in the words of the room's screen.  No state.
 *
 * A box's lines are a member of the group of their own, by whose certificate
 * they are told (docs/protocol.md, "The meeting's secret"); people are shown it
 * while somebody calls.
 */
#pragma once
#include "pipelines/graphs/words.h"

enum { LINES_TEXT_BYTES = 1024 }; /* room for any sentence */

/* The box's name in that of its lines' member; NULL: somebody else. */
const char *lines_box(const struct view_person *person);

size_t lines_count(const struct view *view, uint32_t leaf);

/* Is there a place for it among people?  Not for lines that nobody is on. */
bool lines_person_is_shown(const struct view *view,
    const struct view_person *person);

/* "2 telephone lines, unprotected beyond Room 4"; "": there is none. */
void lines_sentence(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES]);

/* "1 caller waits to be let in: +49 30 1234"; "": nobody does. */
void lines_waiting(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES]);

/* "Call: it rings …"; "": there is none. */
void lines_call(const struct view *view, enum words_language language,
    char out[LINES_TEXT_BYTES]);

/* What a member is called on the screen. */
void lines_name(const struct view_person *person, enum words_language language,
    char out[LINES_TEXT_BYTES]);
