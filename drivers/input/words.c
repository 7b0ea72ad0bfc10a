/* words.c - reading what is pressed. */
#include "drivers/input/words.h"

#include <string.h>

enum { DECIMALS_MAX = 4 };

static const char *const names[] = {
	[INPUT_UP] = "up",
	[INPUT_DOWN] = "down",
	[INPUT_LEFT] = "left",
	[INPUT_RIGHT] = "right",
	[INPUT_ENTER] = "enter",
	[INPUT_BACK] = "back",
	[INPUT_ERASE] = "erase",
	[INPUT_NEXT] = "next",
	[INPUT_PREVIOUS] = "previous",
	[INPUT_CALL] = "call",
	[INPUT_HANG_UP] = "hang-up",
};

static bool is_text(struct kk_view v, const char *text)
{
	return v.bytes == strlen(text) && !memcmp(v.data, text, v.bytes);
}

static bool text_take(struct kk_view *v, const char *text)
{
	const size_t bytes = strlen(text);

	if (v->bytes < bytes || memcmp(v->data, text, bytes) != 0)
		return false;
	*v = kk_view_of(v->data + bytes, v->bytes - bytes);
	return true;
}

/* The bytes of the character that begins so; 0: none does (RFC 3629, 3). */
static size_t character_bytes(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static enum kk_err character_parse(struct input_event *event, struct kk_view v)
{
	if (v.bytes == 0 || v.bytes >= sizeof(event->text) ||
	    character_bytes(v.data[0]) != v.bytes || !kk_text_is_shown(v))
		return KK_EFORMAT;
	*event = (struct input_event){ .kind = INPUT_TEXT };
	memcpy(event->text, v.data, v.bytes);
	return KK_OK;
}

static enum kk_err key_parse(struct input_event *event, struct kk_view name)
{
	if (is_text(name, "space")) {
		*event = (struct input_event){ INPUT_TEXT, " ", 0, 0 };
		return KK_OK;
	}
	for (size_t i = INPUT_UP; i < KK_ARRAY_LEN(names); i++) {
		if (!is_text(name, names[i]))
			continue;
		*event = (struct input_event){ .kind = (enum input_kind)i };
		return KK_OK;
	}
	return character_parse(event, name);
}

/* "0", "1", "0.25", "1.0". */
static bool part_take(struct kk_view *v, double *part)
{
	double unit = 1, n;
	size_t i = 1;

	if (v->bytes == 0 || (v->data[0] != '0' && v->data[0] != '1'))
		return false;
	n = v->data[0] - '0';
	if (v->bytes > 1 && v->data[1] == '.') {
		for (i = 2; i < v->bytes && i < 2 + DECIMALS_MAX &&
		    v->data[i] >= '0' && v->data[i] <= '9';
		    i++) {
			unit /= 10;
			n += (v->data[i] - '0') * unit;
		}
		if (i == 2)
			return false;
	}
	*v = kk_view_of(v->data + i, v->bytes - i);
	*part = n;
	return n <= 1;
}

static enum kk_err press_parse(struct input_event *event, struct kk_view v)
{
	struct input_event e = { .kind = INPUT_PRESS };

	if (!part_take(&v, &e.x) || !text_take(&v, " ") ||
	    !part_take(&v, &e.y) || v.bytes > 0)
		return KK_EFORMAT;
	*event = e;
	return KK_OK;
}

enum kk_err input_words_parse(struct input_event *event, struct kk_view line)
{
	if (line.bytes > INPUT_WORDS_BYTES)
		return KK_EFORMAT;
	if (line.bytes > 0 && line.data[line.bytes - 1] == '\n')
		line.bytes--;
	if (text_take(&line, "key "))
		return key_parse(event, line);
	return text_take(&line, "press ") ? press_parse(event, line) :
					    KK_EFORMAT;
}
