/*
 * text.c - JSON, written piece by piece into one buffer.
 *
 * Libsystemd's way, a tree that is copied with each field and printed then,
 * took 13,000 instructions for each participant in an answer to enter.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "signal/signal_private.h"

enum {
	NUMBER_BYTES = 24,
	ESCAPE_BYTES = 8,
	BASE64_IN = 3,
	BASE64_OUT = 4,
	BASE64_TURN = 64 /* groups at a time */
};

static void plain(struct kk_writer *w, const char *text)
{
	kk_write_raw(w, kk_view_text(text));
}

/* The first one in an object or a list has no comma before it. */
static void comma(struct kk_writer *w)
{
	const uint8_t last = w->bytes > 0 ? w->data[w->bytes - 1] : 0;

	if (last != '{' && last != '[')
		plain(w, ",");
}

static void name_put(struct kk_writer *w, const char *name)
{
	comma(w);
	plain(w, "\"");
	plain(w, name);
	plain(w, "\":");
}

/* RFC 8259, 7. */
static void letter_put(struct kk_writer *w, char letter)
{
	char text[ESCAPE_BYTES] = { letter };

	if (letter == '"' || letter == '\\')
		(void)snprintf(text, sizeof(text), "\\%c", letter);
	else if ((unsigned char)letter < ' ')
		(void)snprintf(text, sizeof(text), "\\u%04x", (unsigned)letter);
	plain(w, text);
}

static bool is_plain(const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			return false;
	}
	return true;
}

void signal_put_text(struct kk_writer *w, const char *name, const char *text)
{
	name_put(w, name);
	plain(w, "\"");
	if (is_plain(text))
		plain(w, text);
	else
		for (; *text; text++)
			letter_put(w, *text);
	plain(w, "\"");
}

void signal_put_u64(struct kk_writer *w, const char *name, uint64_t n)
{
	char text[NUMBER_BYTES];

	(void)snprintf(text, sizeof(text), "%" PRIu64, n);
	name_put(w, name);
	plain(w, text);
}

void signal_put_bool(struct kk_writer *w, const char *name, bool is_true)
{
	name_put(w, name);
	plain(w, is_true ? "true" : "false");
}

void signal_put_null(struct kk_writer *w, const char *name)
{
	name_put(w, name);
	plain(w, "null");
}

void signal_put_epoch(struct kk_writer *w, struct signal_epoch epoch)
{
	if (epoch.is_set)
		signal_put_u64(w, "epoch", epoch.n);
	else
		signal_put_null(w, "epoch");
}

/* RFC 4648, 4. */
static void group_write(char *to, const uint8_t *from, size_t bytes)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/=";
	enum { NONE = 64 };
	const uint32_t n = (uint32_t)from[0] << 16 |
	    (bytes > 1 ? (uint32_t)from[1] << 8 : 0) |
	    (bytes > 2 ? from[2] : 0);

	to[0] = letters[n >> 18];
	to[1] = letters[n >> 12 & 63];
	to[2] = letters[bytes > 1 ? n >> 6 & 63 : NONE];
	to[3] = letters[bytes > 2 ? n & 63 : NONE];
}

void signal_put_bytes(struct kk_writer *w, const char *name,
    struct kk_view bytes)
{
	char text[BASE64_TURN * BASE64_OUT];
	size_t filled = 0;

	name_put(w, name);
	plain(w, "\"");
	for (size_t i = 0; i < bytes.bytes; i += BASE64_IN) {
		const size_t left = bytes.bytes - i;

		group_write(text + filled, bytes.data + i, left);
		filled += BASE64_OUT;
		if (filled < sizeof(text) && left > BASE64_IN)
			continue;
		kk_write_raw(w, kk_view_of(text, filled));
		filled = 0;
	}
	plain(w, "\"");
}

void signal_put_list(struct kk_writer *w, const char *name)
{
	name_put(w, name);
	plain(w, "[");
}

void signal_put_item(struct kk_writer *w)
{
	comma(w);
	plain(w, "{");
}

void signal_put_end(struct kk_writer *w, char bracket)
{
	kk_write_u8(w, (uint8_t)bracket);
}

struct kk_writer signal_write_event(const char *type)
{
	struct kk_writer w;

	kk_writer_init(&w);
	plain(&w, "{");
	signal_put_text(&w, "type", type);
	return w;
}

struct kk_writer signal_write_answer(uint64_t id)
{
	struct kk_writer w = signal_write_event("answer");

	signal_put_u64(&w, "id", id);
	return w;
}

enum kk_err signal_write_end(struct kk_writer *w, struct kk_bytes *out)
{
	signal_put_end(w, '}');
	return kk_writer_take(w, out);
}
