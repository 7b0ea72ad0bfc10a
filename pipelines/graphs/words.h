/* words.h - what the screen says, in English and German. */
#pragma once
#include "pipelines/graphs/view.h"

enum words_language { WORDS_EN, WORDS_DE, WORDS_LANGUAGES };

enum words {
	WORDS_ENCRYPTED,
	WORDS_NOT_CONNECTED,
	WORDS_SECURITY_CODE,
	WORDS_VERIFIED,
	WORDS_GUEST,
	WORDS_MICROPHONE_OFF,
	WORDS_SCREEN_OF, /* and a name */
	WORDS_LINES_OF, /* and a box's name */
	WORDS_LINE_BEYOND, /* after their number, before names */
	WORDS_LINES_BEYOND,
	WORDS_LINE_WAITS, /* after their number, before names */
	WORDS_LINES_WAIT,
	WORDS_WAIT_MORE, /* after a number: others that wait */
	WORDS_LINE_UNKNOWN,
	WORDS_CLAIM_OPENS, /* around a name that only the caller says */
	WORDS_CLAIM_ENDS,
	WORDS_AND,
	WORDS_MORE, /* after a number: others */
	WORDS_LOCKED,
	WORDS_CALL, /* before the next ones: as enum view_call, from 1 on */
	WORDS_CALL_PLACING,
	WORDS_CALL_RINGING,
	WORDS_CALL_EARLY,
	WORDS_CALL_TALKING,
	WORDS_CALL_BUSY,
	WORDS_CALL_NO_ANSWER,
	WORDS_CALL_UNKNOWN,
	WORDS_CALL_UNREACHABLE,
	WORDS_CALL_REFUSED,
	WORDS_CALL_FAILED,
	WORDS_CALL_ENDED,
	WORDS_PAD_NUMBER, /* where none was typed yet */
	WORDS_PAD_BOOK,
	WORDS_PAD_ERASE,
	WORDS_PAD_CLOSE,
	WORDS_PAD_CALL,
	WORDS_PAD_HANG_UP,
	WORDS_PAD_EMPTY, /* what to do before a call */
	WORDS_PAD_FORBIDDEN,
	WORDS_PAD_LOCKED,
	WORDS_PAD_TONES, /* what digits are for in a call */
	WORDS_SELF,
	WORDS_NOBODY,
	WORDS_NOBODY_HINT,
	WORDS_OFF,
	WORDS_OFF_HINT,
	WORDS_CONNECTING,
	WORDS_CONNECTING_HINT,
	WORDS_JOINING,
	WORDS_JOINING_HINT,
	WORDS_REFUSED,
	WORDS_DISCONNECTED,
	WORDS_DISCONNECTED_HINT,
	WORDS_COUNT
};

const char *words_get(enum words_language language, enum words what);

/* What went wrong, and what to do; of an unknown error's name a sentence that
 * is always true. */
const char *words_trouble(enum words_language language, const char *error);

/* "de", "de_AT.UTF-8" and so on are German, all else English. */
enum words_language words_language_of(const char *name);
