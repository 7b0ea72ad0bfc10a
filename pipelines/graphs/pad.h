/*
 * pad.h - the number pad on the room's picture: what is pressed goes in, what
 * is to be shown and to be done comes out.  Pure: time is an argument.
 *
 * It is opened by a digit, the call key, Enter or a press anywhere, and closes
 * by Escape, a press beside it, by itself after PAD_IDLE_MS without input, and
 * when a call begins.  What was typed is wiped then, and stands in no log.
 *
 * While the room's call takes tones, digits are pressed into it, and shown as
 * they are; an entry of the address book is called all the same.
 */
#pragma once
#include "drivers/input/input.h"
#include "pipelines/graphs/pad_layout.h"
#include "room/book.h"

enum {
	PAD_IDLE_MS = 30000,
	PAD_ENTRIES_MAX =
	    500, /* of the address book; the others are left out */
	PAD_NAME_BYTES = ROOM_BOOK_NAME_BYTES + 1
};

/* What is said below the number, besides what refused a call. */
enum pad_notice {
	PAD_NOTICE_NONE,
	PAD_NOTICE_NUMBER, /* a number is needed */
	PAD_NOTICE_REFUSED, /* why: look's err */
	PAD_NOTICE_CALL, /* how the call stands: the view says */
	PAD_NOTICE_FORBIDDEN, /* the meeting forbids lines */
	PAD_NOTICE_LOCKED, /* who is called waits at the door */
	PAD_NOTICE_TONES, /* digits are pressed into the call */
	PAD_NOTICE_NO_TONES /* why not: look's err */
};

struct pad_row { /* of the address book, as it is shown */
	char name[PAD_NAME_BYTES];
};

/* What is to be painted.  Plain data. */
struct pad_look {
	bool is_open, has_book, is_calling; /* there is a call to be ended */
	char number[ROOM_DIAL_BYTES]; /* or the tones that were pressed last */
	char name[PAD_NAME_BYTES]; /* whose number it is, or "" */
	enum pad_notice notice;
	enum kk_err err; /* with PAD_NOTICE_REFUSED and PAD_NOTICE_NO_TONES */
	enum pad_key focus;
	struct pad_row rows[PAD_ROWS];
	size_t row_count;
	bool has_above, has_below; /* more of the address book */
};

/* What the room is in: of its plan. */
struct pad_room {
	enum view_call call;
	uint64_t line; /* of the call */
	bool has_tones; /* the call takes them */
	bool forbids_lines, is_locked;
};

enum pad_action { PAD_NOTHING, PAD_DIAL, PAD_HANG_UP, PAD_TONE };

struct pad;

/* width and height: of the screen, as layout_make().  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err pad_new(struct pad **padp, unsigned width,
    unsigned height);
void pad_free(struct pad *pad); /* wipes; NULL is fine */

/* The address book, a text as of room/book.h: looked at when it opens. */
void pad_book_set(struct pad *pad, struct kk_view text);

/* PAD_DIAL: pad_look()'s number, which is one; then pad_dialled() is to be
 * told.  PAD_HANG_UP: the room's call.  PAD_TONE: pad_tone() is to be sent to
 * it, and pad_tones_refused() is to be told where that was not done. */
enum pad_action pad_input(struct pad *pad, const struct input_event *event,
    uint64_t now_ms);
/* What became of PAD_DIAL: KK_OK, and it closes, or why not. */
void pad_dialled(struct pad *pad, enum kk_err err, uint64_t now_ms);
char pad_tone(const struct pad *pad);
void pad_tones_refused(struct pad *pad, enum kk_err err, uint64_t now_ms);
void pad_room_set(struct pad *pad, const struct pad_room *room);
void pad_tick(struct pad *pad, uint64_t now_ms);

bool pad_is_open(const struct pad *pad);
/* Rises with all that pad_look() shows. */
uint64_t pad_version(const struct pad *pad);
void pad_look(const struct pad *pad, struct pad_look *look);
