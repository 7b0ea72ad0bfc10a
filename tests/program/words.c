/* words.c - sentences with values, in the user's language. */
#define _GNU_SOURCE /* fmemopen() */
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "program/words.h"

static void says(const char *text, const char *one, const char *two,
    const char *wanted)
{
	char said[128] = "";
	FILE *out = fmemopen(said, sizeof(said), "w");

	CHECK(out != NULL);
	program_say(out, text, (const char *const[]){ one, two, NULL });
	(void)fclose(out);
	CHECK_STR(said, wanted);
}

TEST(values_stand_where_their_numbers_do)
{
	says("{2} of {1}, {1}.", "a", "b", "b of a, a.\n");
	says("{1}{2}", "{2}", "{1}", "{2}{1}\n"); /* once */
	says("plain", "a", "b", "plain\n");
	says("{1}, {3}.", "a", "b", "a, .\n"); /* no such value */
	says("{0} {4} {x} {1 {", "a", "b", "{0} {4} {x} {1 {\n");
	says("", "a", "b", "\n");
}

static void language(const char *own, const char *all, const char *lang)
{
	CHECK(!setenv("KK_LANG", own, 1) && !setenv("LC_ALL", all, 1) &&
	    !setenv("LANG", lang, 1) && !unsetenv("LC_MESSAGES"));
}

TEST(the_first_variable_that_says_something_decides)
{
	language("", "", "de_AT.UTF-8");
	CHECK(program_wants_german());
	language("", "C.UTF-8", "de_DE");
	CHECK(!program_wants_german());
	language("de", "C.UTF-8", "en_GB");
	CHECK(program_wants_german());
	language("", "", "en_GB");
	CHECK(!program_wants_german());
}
