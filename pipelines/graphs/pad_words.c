/* pad_words.c - what the number pad says. */
#include "pipelines/graphs/pad_words.h"

#include <stdio.h>

#include "room/refusal.h"

enum { TO_CAPITAL = 'a' - 'A' };

/* A sentence of its own: it begins with a letter of ASCII in both languages. */
static void refusal_write(const char *why, char out[LINES_TEXT_BYTES])
{
	const int n = snprintf(out, LINES_TEXT_BYTES, "%s.", why);

	if (n > 0 && out[0] >= 'a' && out[0] <= 'z')
		out[0] = (char)(out[0] - TO_CAPITAL);
}

void pad_words(const struct pad_look *pad, const struct view *view,
    enum words_language language, char out[LINES_TEXT_BYTES])
{
	static const enum words words[] = {
		[PAD_NOTICE_NUMBER] = WORDS_PAD_EMPTY,
		[PAD_NOTICE_FORBIDDEN] = WORDS_PAD_FORBIDDEN,
		[PAD_NOTICE_LOCKED] = WORDS_PAD_LOCKED,
		[PAD_NOTICE_TONES] = WORDS_PAD_TONES,
	};
	const bool is_german = language == WORDS_DE;

	out[0] = '\0';
	if (pad->notice == PAD_NOTICE_REFUSED)
		refusal_write(room_refusal_text(pad->err, is_german), out);
	else if (pad->notice == PAD_NOTICE_NO_TONES)
		refusal_write(room_refusal_tones_text(pad->err, is_german),
		    out);
	else if (pad->notice == PAD_NOTICE_CALL)
		lines_call(view, language, out);
	else if (pad->notice != PAD_NOTICE_NONE)
		(void)snprintf(out, LINES_TEXT_BYTES, "%s",
		    words_get(language, words[pad->notice]));
}
