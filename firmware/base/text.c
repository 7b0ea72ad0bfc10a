/* text.c */
#include "base/text.h"

#include <string.h>

#include "base/reader.h"

enum { NO_CHARACTER = 0x110000 };

/* Takes one character (RFC 3629, 4); NO_CHARACTER for what is none. */
static uint32_t utf8_take(struct kk_reader *r)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = kk_read_u8(r);
	unsigned int bytes = 1;
	uint32_t c = first;

	if (first >= 0x80) {
		bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
		c = first & (0x7fu >> bytes);
	}
	if ((first >= 0x80 && first < 0xc2) || first > 0xf4)
		return NO_CHARACTER;
	for (unsigned int i = 1; i < bytes; i++) {
		uint8_t next = kk_read_u8(r);

		if ((next & 0xc0) != 0x80)
			return NO_CHARACTER;
		c = c << 6 | (next & 0x3f);
	}
	if (kk_reader_err(r) || c < least[bytes] || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff))
		return NO_CHARACTER;
	return c;
}

/* Controls, line breaks, direction marks (Unicode 15, 3.5 of UAX 9), BOM. */
static bool character_is_shown(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == NO_CHARACTER)
		return false;
	if (c == 0x61c || c == 0x200e || c == 0x200f || c == 0xfeff)
		return false;
	return !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

bool kk_text_is_shown(struct kk_view text)
{
	struct kk_reader r;

	kk_reader_init(&r, text);
	while (kk_reader_more(&r))
		if (!character_is_shown(utf8_take(&r)))
			return false;
	return text.bytes > 0 && !kk_reader_err(&r);
}

bool kk_text_is_utf8(struct kk_view text)
{
	struct kk_reader r;

	kk_reader_init(&r, text);
	while (kk_reader_more(&r)) {
		/* Most of what comes is long and ASCII. */
		if (*r.p < 0x80) {
			r.p++;
			r.left_bytes--;
		} else if (utf8_take(&r) == NO_CHARACTER) {
			return false;
		}
	}
	return !kk_reader_err(&r);
}

void kk_text_blocks(const char *text, char *out, size_t room_bytes)
{
	enum { BLOCK = 4 };
	size_t at = 0;

	for (size_t i = 0; text[i]; i++) {
		bool is_next = i > 0 && i % BLOCK == 0;

		if (at + is_next + 1 >= room_bytes)
			break;
		if (is_next)
			out[at++] = ' ';
		out[at++] = text[i];
	}
	if (room_bytes > 0)
		out[at] = '\0';
}

/* Of ASCII, letters and digits count; all of what is beyond. */
static bool counts(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static int small(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool begins_with(const char *name, const char *words)
{
	for (;;) {
		while (*words && !counts(*words))
			words++;
		if (!*words)
			return true;
		while (*name && !counts(*name))
			name++;
		if (!*name || small(*name++) != small(*words++))
			return false;
	}
}

bool kk_text_has_words(const char *name, const char *words)
{
	while (!begins_with(name, words)) {
		if (!*name++)
			return false;
	}
	return true;
}

struct kk_view kk_text_line_take(struct kk_view *text)
{
	const uint8_t *end = text->bytes > 0 ?
	    memchr(text->data, '\n', text->bytes) :
	    NULL;
	const struct kk_view line = { text->data,
		end ? (size_t)(end - text->data) : text->bytes };
	const size_t taken = line.bytes + (end != NULL);

	if (taken == 0)
		return line;
	text->data += taken;
	text->bytes -= taken;
	return line;
}
