/*
 * book.h - the room's address book: whom it calls by a name.  Zone: policy.
 * Pure.
 *
 * A text of lines "NUMBER NAME"; empty ones, and those that begin with #, say
 * nothing.  Of several with one name the first counts.
 */
#pragma once
#include "room/dial.h"

enum { ROOM_BOOK_BYTES = 65536, ROOM_BOOK_NAME_BYTES = 64 };

struct room_book_entry {
	char number[ROOM_DIAL_BYTES];
	struct kk_view name; /* borrowed: of the text; 1 to 64 bytes */
};

/*
 * Takes the next entry off *text; *line counts the lines that were taken.  On
 * error *entry is left alone.
 * Errors: KK_ENOENT there is none; KK_EFORMAT the line is none: it was taken.
 */
MUST_CHECK enum kk_err room_book_next(struct kk_view *text,
    struct room_book_entry *entry, size_t *line);

/* Whose name it is; lines that are wrong are passed over.  Errors: KK_ENOENT.
 */
MUST_CHECK enum kk_err room_book_find(struct kk_view text, const char *name,
    struct room_book_entry *entry);
