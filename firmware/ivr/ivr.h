/*
 * ivr.h - what a caller hears and can do by keys: meeting number, PIN, waiting,
 * and in the meeting *6 mute, *9 hand, *1 help, # leave.  Zone: telephone.
 *
 * A pure machine: keys, ends of prompts, answers and time go in; actions come
 * out and are taken with ivr_action_take() after each call.  Which numbers
 * exist cannot be found out: number and PIN are asked for together, always, and
 * what is wrong is wrong for one reason only.
 *
 * No socket, no clock: now_ms never goes back.  One thread.  Digits are wiped
 * as soon as they were asked about.
 */
#pragma once
#include "base/base.h"

enum {
	IVR_DIGITS_MAX = 12, /* of a number or a PIN */
	IVR_TRIES_MAX = 3,
	IVR_PAUSE_MS = 4000,   /* after a digit, as good as # */
	IVR_SILENCE_MS = 10000, /* without a digit: said again */
	IVR_SILENCES_MAX = 3,
	IVR_COMMAND_MS = 4000, /* from * to what it is about */
	IVR_WAIT_MAX_MS = 1800000 /* until somebody lets the caller in */
};

enum ivr_prompt { /* rootfs has a sound for each, in each language */
	IVR_WELCOME,
	IVR_ASK_NUMBER,
	IVR_ASK_PIN,
	IVR_WRONG,
	IVR_CHECKING,
	IVR_WAIT, /* until somebody of the meeting lets you in */
	IVR_WAIT_ALONE, /* nobody is there yet */
	IVR_ENTERED,
	IVR_MUTED,
	IVR_UNMUTED,
	IVR_MUTED_BY_HOST,
	IVR_HAND_UP,
	IVR_HAND_DOWN,
	IVR_HELP,
	IVR_REFUSED,
	IVR_REMOVED,
	IVR_FULL,
	IVR_FORBIDDEN, /* the site or the meeting allows no lines */
	IVR_CLASSIFIED, /* not under the meeting's classification */
	IVR_ENDED,
	IVR_NO_ANSWER, /* the box is not well */
	IVR_TOO_MANY_TRIES,
	IVR_GOODBYE,
	IVR_JOINED, /* another caller is in the meeting */
	IVR_ENDING, /* the call's time is over in a minute */
	IVR_PROMPT_COUNT
};

/* "welcome", "ask-number", ...; NULL: no such prompt. */
const char *ivr_prompt_name(enum ivr_prompt prompt);

enum ivr_action_type {
	IVR_PLAY,  /* one prompt, after those that play already */
	IVR_STOP,  /* drop all prompts: a key was pressed */
	IVR_MUSIC, /* on or off, under the prompts */
	IVR_ASK,   /* number and pin: ivr_answer() follows */
	IVR_TALK,  /* the line is heard and hears, or neither */
	IVR_MUTE,
	IVR_HAND,
	IVR_HANG_UP
};

struct ivr_action {
	enum ivr_action_type type;
	enum ivr_prompt prompt;
	bool is_on;
	char number[IVR_DIGITS_MAX + 1], pin[IVR_DIGITS_MAX + 1];
};

enum ivr_answer {
	IVR_ANSWER_WRONG, /* no such number, or another PIN */
	IVR_ANSWER_WAIT,
	IVR_ANSWER_WAIT_ALONE,
	IVR_ANSWER_IN,
	IVR_ANSWER_REFUSED,
	IVR_ANSWER_REMOVED,
	IVR_ANSWER_FULL,
	IVR_ANSWER_FORBIDDEN,
	IVR_ANSWER_CLASSIFIED,
	IVR_ANSWER_ENDED,
	IVR_ANSWER_FAILED
};

struct ivr;

/* A call was taken.  On error *ip is left alone.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err ivr_new(struct ivr **ip, uint64_t now_ms);
/* As ivr_new(), where we called: nothing is entered, IVR_ASK comes at once with
 * empty number and PIN. */
MUST_CHECK enum kk_err ivr_new_placed(struct ivr **ip, uint64_t now_ms);
void ivr_free(struct ivr *i); /* wipes; NULL is fine */

void ivr_key(struct ivr *i, char key, uint64_t now_ms); /* others: ignored */
void ivr_played(struct ivr *i, uint64_t now_ms); /* no prompt plays any more */
void ivr_tick(struct ivr *i, uint64_t now_ms);

/*
 * What the box says: to IVR_ASK, and later of itself (let in, refused, removed,
 * ended).  One that cannot be in this state is ignored: false.
 */
bool ivr_answer(struct ivr *i, enum ivr_answer answer, uint64_t now_ms);
void ivr_mute(struct ivr *i, bool is_muted, uint64_t now_ms); /* by a host */
void ivr_joined(
    struct ivr *i); /* another caller came in: said in the meeting */

void ivr_ending(struct ivr *i); /* a minute is left: said in the meeting */

/* When ivr_tick() has something to do; UINT64_MAX: nothing. */
uint64_t ivr_due_ms(const struct ivr *i);

/* Takes the oldest action; false: none.  The caller wipes it. */
bool ivr_action_take(struct ivr *i, struct ivr_action *action);

bool ivr_is_over(const struct ivr *i); /* IVR_HANG_UP was among them */

/*
 * Guesses at numbers and PINs, of one caller and of all: each that was wrong
 * makes the next answer slower.  caller is what tells callers apart (a number,
 * an address), hashed by who calls; of more than IVR_CALLERS_MAX the quietest
 * is forgotten.
 */
enum {
	IVR_CALLERS_MAX = 1024,
	IVR_CALLER_WRONG_MAX = 10, /* then it is refused, for a while */
	IVR_CALLER_FORGET_MS = 3600000,
	IVR_ALL_WRONG_MAX = 200, /* in an hour: then all wait longer */
	IVR_DELAY_MAX_MS = 30000
};

struct ivr_limits;

MUST_CHECK enum kk_err ivr_limits_new(struct ivr_limits **lp);
void ivr_limits_free(struct ivr_limits *l); /* NULL is fine */
void ivr_limits_wrong(struct ivr_limits *l, uint64_t caller, uint64_t now_ms);
/* How long the next answer to this caller waits; KK_ELIMIT: it gets none. */
MUST_CHECK enum kk_err ivr_limits_delay(const struct ivr_limits *l,
    uint64_t caller, uint64_t now_ms, uint64_t *delay_ms);
