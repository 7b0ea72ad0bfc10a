/* words.h - what programs say to people, in English or German.  Any zone. */
#pragma once
#include <stdio.h>

#include "base/base.h"

/*
 * Whose language the user's is: KK_LANG first, since tools/enter gives all
 * programs one locale, then LC_ALL, LC_MESSAGES and LANG (locale(7)).
 */
bool program_wants_german(void);

enum { PROGRAM_VALUES = 3 };

/*
 * A sentence as a line, in which {1} to {3} stand for the values; one that is
 * NULL is nothing.
 */
void program_say(FILE *out, const char *text,
    const char *const values[PROGRAM_VALUES]);
