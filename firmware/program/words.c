/* words.c - sentences with values, in the user's language. */
#include <stdlib.h>
#include <string.h>

#include "program/words.h"

bool program_wants_german(void)
{
	static const char *const names[] = { "KK_LANG", "LC_ALL", "LC_MESSAGES",
		"LANG" };

	for (size_t i = 0; i < KK_ARRAY_LEN(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return !strncmp(value, "de", 2);
	}
	return false;
}

/* Which value stands here, from 1; 0: none does. */
static unsigned place_of(const char *text)
{
	return text[0] == '{' && text[1] >= '1' &&
		text[1] <= '0' + PROGRAM_VALUES && text[2] == '}' ?
	    (unsigned)(text[1] - '0') :
	    0;
}

void program_say(FILE *out, const char *text,
    const char *const values[PROGRAM_VALUES])
{
	for (; *text; text++) {
		const unsigned place = place_of(text);

		if (place == 0) {
			(void)putc(*text, out);
			continue;
		}
		if (values[place - 1])
			(void)fputs(values[place - 1], out);
		text += 2;
	}
	(void)putc('\n', out);
	(void)fflush(out);
}
