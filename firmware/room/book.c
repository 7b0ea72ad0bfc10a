/* book.c - lines of an address book. */
#include "room/book.h"

#include <string.h>

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct kk_view trimmed(struct kk_view v)
{
	while (v.bytes > 0 && is_blank(v.data[0])) {
		v.data++;
		v.bytes--;
	}
	while (v.bytes > 0 && is_blank(v.data[v.bytes - 1]))
		v.bytes--;
	return v;
}

static enum kk_err line_read(struct kk_view line, struct room_book_entry *entry)
{
	struct room_book_entry e = { .number = "" };
	size_t n = 0;

	while (n < line.bytes && !is_blank(line.data[n]))
		n++;
	if (n >= sizeof(e.number) || (n > 0 && memchr(line.data, '\0', n)))
		return KK_EFORMAT;
	memcpy(e.number, line.data, n);
	e.name = trimmed(kk_view_of(line.data + n, line.bytes - n));
	if (!room_dial_is_number(e.number) || e.name.bytes == 0 ||
	    e.name.bytes > ROOM_BOOK_NAME_BYTES || !kk_text_is_shown(e.name))
		return KK_EFORMAT;
	*entry = e;
	return KK_OK;
}

enum kk_err room_book_next(struct kk_view *text, struct room_book_entry *entry,
    size_t *line)
{
	while (text->bytes > 0) {
		const struct kk_view one = trimmed(kk_text_line_take(text));

		++*line;
		if (one.bytes > 0 && one.data[0] != '#')
			return line_read(one, entry);
	}
	return KK_ENOENT;
}

enum kk_err room_book_find(struct kk_view text, const char *name,
    struct room_book_entry *entry)
{
	const size_t bytes = strlen(name);
	struct room_book_entry e;
	enum kk_err err;
	size_t line = 0;

	while ((err = room_book_next(&text, &e, &line)) != KK_ENOENT) {
		if (err || e.name.bytes != bytes ||
		    memcmp(e.name.data, name, bytes) != 0)
			continue;
		*entry = e;
		return KK_OK;
	}
	return KK_ENOENT;
}
