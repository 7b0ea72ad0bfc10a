/* scan.c - how deep and how many, before a parser makes objects of it. */
#include "signal/signal_private.h"

/* Each value but the outermost stands after one of these. */
static bool is_before_value(char c)
{
	return c == ',' || c == '[' || c == '{';
}

/* The first character after a text; a text without an end ends it. */
static size_t text_skip(const char *text, size_t at, size_t bytes)
{
	while (at < bytes && text[at] != '"')
		at += text[at] == '\\' ? 2 : 1;
	return at + 1;
}

enum kk_err signal_scan(const char *text, size_t bytes)
{
	size_t depth = 0, values = 0;

	for (size_t at = 0; at < bytes; at++) {
		char c = text[at];

		if (c == '"') {
			at = text_skip(text, at + 1, bytes) - 1;
			continue;
		}
		if (is_before_value(c) && ++values > SIGNAL_VALUES_MAX)
			return KK_ELIMIT;
		if ((c == '[' || c == '{') && ++depth > SIGNAL_DEPTH_MAX)
			return KK_ELIMIT;
		if ((c == ']' || c == '}') && depth > 0)
			depth--;
	}
	return KK_OK;
}
