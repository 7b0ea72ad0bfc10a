/* utf8.c - is a text UTF-8?  Source: RFC 3629, 4. */
#include "ws/ws_private.h"

/* What may follow a first byte: how many, and the bounds of the second. */
struct form {
	uint8_t first_low, first_high, more, second_low, second_high;
};

static const struct form forms[] = {
	{ 0x00, 0x7f, 0, 0x80, 0xbf },
	{ 0xc2, 0xdf, 1, 0x80, 0xbf },
	{ 0xe0, 0xe0, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, 2, 0x80, 0xbf },
	{ 0xed, 0xed, 2, 0x80, 0x9f },
	{ 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf },
	{ 0xf1, 0xf3, 3, 0x80, 0xbf },
	{ 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static const struct form *form_get(uint8_t first)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(forms); i++) {
		if (first >= forms[i].first_low && first <= forms[i].first_high)
			return &forms[i];
	}
	return NULL;
}

bool ws_is_utf8(const char *text, size_t bytes)
{
	const uint8_t *p = (const uint8_t *)text;

	for (size_t at = 0; at < bytes;) {
		const struct form *form = form_get(p[at++]);
		uint8_t low, high;

		if (!form || form->more > bytes - at)
			return false;
		low = form->second_low;
		high = form->second_high;
		for (size_t i = 0; i < form->more; i++, at++) {
			if (p[at] < low || p[at] > high)
				return false;
			low = 0x80;
			high = 0xbf;
		}
	}
	return true;
}
