/* room_book.c - an address book; what was read is found again. */
#include <stdlib.h>
#include <string.h>

#include "room/book.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void entry_check(struct kk_view text, const struct room_book_entry *e)
{
	char name[ROOM_BOOK_NAME_BYTES + 1] = "";
	struct room_book_entry found;

	must(room_dial_is_number(e->number));
	must(e->name.bytes > 0 && e->name.bytes <= ROOM_BOOK_NAME_BYTES);
	must(e->name.data >= text.data &&
	    e->name.data + e->name.bytes <= text.data + text.bytes);
	memcpy(name, e->name.data, e->name.bytes);
	must(room_book_find(text, name, &found) == KK_OK);
	must(found.name.bytes == e->name.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const struct kk_view text = kk_view_of(data, bytes);
	struct kk_view rest = text;
	struct room_book_entry e;
	enum kk_err err;
	size_t line = 0, before = 0;

	/* What is found is looked for from the beginning. */
	if (bytes == 0 || bytes > 4096)
		return 0;
	while ((err = room_book_next(&rest, &e, &line)) != KK_ENOENT) {
		must(line > before);
		before = line;
		if (!err)
			entry_check(text, &e);
	}
	must(rest.bytes == 0);
	return 0;
}
