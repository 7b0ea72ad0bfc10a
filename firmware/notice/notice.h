/*
 * notice.h - what a box tells on the room's picture beside the meeting: of an
 * update, and of a stick that was put in.  Any zone.
 *
 * A program that has something to tell keeps it in a small file of its own
 * (program_notice_put()); the picture's program reads all of them.  Only a
 * kind, a number and a name go this way: the sentences are here, whoever
 * writes.  A file that is not wholly right counts as none.
 *
 * No files, no clock.
 */
#pragma once
#include "base/base.h"

enum notice_kind {
	NOTICE_NONE,
	/* An update, as firmware/update has it. */
	NOTICE_UPDATE_LOADING, /* number: percent, as in _WRITING */
	NOTICE_UPDATE_LOADED, /* waits for the end of a meeting */
	NOTICE_UPDATE_CHECKING,
	NOTICE_UPDATE_WRITING,
	NOTICE_UPDATE_WAITING,
	NOTICE_UPDATE_RESTARTING, /* number: seconds, as in _RETURNING */
	NOTICE_UPDATE_TRYING,
	NOTICE_UPDATE_DONE,
	NOTICE_UPDATE_SICK,
	NOTICE_UPDATE_RETURNING,
	NOTICE_UPDATE_CAME_BACK,
	/* Why one was not taken. */
	NOTICE_UPDATE_MEETING,
	NOTICE_UPDATE_UNCONFIRMED,
	NOTICE_UPDATE_SIGNATURE,
	NOTICE_UPDATE_BOARD, /* name: of the file that this box takes */
	NOTICE_UPDATE_OLDER,
	NOTICE_UPDATE_SAME,
	NOTICE_UPDATE_FORMAT,
	NOTICE_UPDATE_NOT_WRITTEN,
	NOTICE_UPDATE_NOT_SET,
	NOTICE_UPDATE_CANCELLED,
	NOTICE_UPDATE_UNREADABLE,
	NOTICE_UPDATE_FAILED_BEFORE,
	/* A stick. */
	NOTICE_STICK_READING,
	NOTICE_STICK_NOTHING,
	NOTICE_PROFILE_THERE, /* the box has one, and takes no other */
	NOTICE_RESET_SET, /* the next start erases all */
	NOTICE_RESET_OTHER, /* another box is meant */
	/* A certificate, of the box or its lines; name: of its file. */
	NOTICE_CERTIFICATE_WAITS,
	NOTICE_CERTIFICATE_TAKEN,
	NOTICE_CERTIFICATE_SAME,
	NOTICE_CERTIFICATE_OTHER, /* only others' are there */
	NOTICE_CERTIFICATE_FOREIGN,
	NOTICE_CERTIFICATE_OVER,
	NOTICE_CERTIFICATE_REVOKED,
	NOTICE_CERTIFICATE_FAILED,
	NOTICE_REQUEST_PUT, /* name: of the file */
	NOTICE_REQUEST_FAILED,
	/* The same for the wired port's. */
	NOTICE_PORT_TAKEN,
	NOTICE_PORT_REFUSED,
	NOTICE_KINDS
};

enum {
	NOTICE_NAME_BYTES = 96, /* letters, digits, '.', '-' and '_' */
	NOTICE_BYTES = 192, /* of a file */
	NOTICE_NUMBER_MAX = 9999,
	NOTICE_TITLE_BYTES = 160,
	NOTICE_HINT_BYTES = 320,
	NOTICES_SHOWN = 2
};

struct notice {
	enum notice_kind kind;
	unsigned number; /* as the kind has it, else 0 */
	uint64_t at_s; /* since when it holds, by the kernel's clock */
	char name[NOTICE_NAME_BYTES]; /* of a file, or "" */
};

struct notices {
	struct notice list[NOTICES_SHOWN]; /* the newest first */
	size_t count;
};

bool notice_is_name(const char *name); /* "" is one */

/*
 * A file: "KIND NUMBER SECONDS[ NAME]\n" and nothing else.
 * Errors: KK_EFORMAT, and *out is of NOTICE_NONE.
 */
MUST_CHECK enum kk_err notice_parse(struct notice *out, struct kk_view in);
/* Returns its bytes, without the 0 behind them.  Its name has to be one. */
size_t notice_format(const struct notice *n, char out[NOTICE_BYTES]);

bool notice_is_equal(const struct notice *a, const struct notice *b);

/*
 * What is shown of all that was told (pick.c): the newest, of those that still
 * count; seconds that pass are counted down.  Of two that are equally new the
 * later one in the list goes first.
 */
void notice_pick(struct notices *out, const struct notice *all, size_t count,
    uint64_t now_s);

/* In plain words, English or German (words.c): what it is, and what to do. */
void notice_title(const struct notice *n, bool is_german,
    char out[NOTICE_TITLE_BYTES]);
void notice_hint(const struct notice *n, bool is_german,
    char out[NOTICE_HINT_BYTES]);
/* Among others, too, it is worth a line; else it can wait. */
bool notice_is_for_meetings(enum notice_kind kind);
/* Somebody has to do something. */
bool notice_needs_care(enum notice_kind kind);
