/* konklave_room.h - what the files of konklave-room share.  Zone: face: what
 * people in the room may ask of its roomd, and nothing else. */
#pragma once
#include "call/call.h"
#include "program/options.h"
#include "program/program.h"
#include "room/book.h"

enum { STATE_BYTES = 16 };

enum language { ENGLISH, GERMAN, LANGUAGES };

struct options {
	const char *lines; /* the lines' roomd's socket of role face */
	const char *book; /* a file */
	const char *input; /* mediad's socket for keys, or NULL */
	enum language language;
	const char *const *words; /* the command, up to NULL */
	size_t word_count;
	bool is_done;
};

/* words.c */
enum language words_language(const char *name); /* of a locale, or NULL */
/* A call's state, as Call of io.konklave.Room has it; itself where it is not
 * known. */
const char *words_state(enum language language, const char *state);
/* Why something was not done. */
const char *words_error(enum language language, enum kk_err err);
const char *words_tones_error(enum language language, enum kk_err err);

/*
 * call.c.  Places a call and says how it stands on standard output, a line
 * each, until it was answered (KK_OK) or is over (KK_EEXPIRED).  SIGINT and
 * SIGTERM end it.  Errors: those of the call, and KK_EIO nobody is at the
 * socket.
 */
MUST_CHECK enum kk_err call_place(const struct options *o, const char *number);
/* Ends the last call.  Errors: KK_ENOENT there is none; likewise. */
MUST_CHECK enum kk_err call_hang_up(const struct options *o);
/* Presses keys for the last call.  Errors: those of Tones() (io.konklave.Room);
 * likewise. */
MUST_CHECK enum kk_err call_tones(const struct options *o, const char *digits);

/* press.c.  Presses the keys that are the command's words; all of them are
 * looked at before the first.  The exit status; says what is wrong. */
int press_keys(const struct options *o);
