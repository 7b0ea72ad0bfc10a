/* range.c - small texts: words, numbers, and the header that names a range. */
#include <string.h>

#include "bundle/bundle_private.h"

enum { DIGITS_MAX = 19 }; /* fits into 64 bits */

struct kk_view bundle_cut(struct kk_view *rest, char sign)
{
	const uint8_t *end = rest->bytes ?
	    memchr(rest->data, sign, rest->bytes) :
	    NULL;
	struct kk_view word = *rest;

	if (!end) {
		*rest = kk_view_of(rest->data, 0);
		return word;
	}
	word.bytes = (size_t)(end - rest->data);
	*rest = kk_view_of(end + 1, rest->bytes - word.bytes - 1);
	return word;
}

bool bundle_number_read(struct kk_view digits, uint64_t *n)
{
	uint64_t number = 0;

	if (digits.bytes == 0 || digits.bytes > DIGITS_MAX ||
	    (digits.data[0] == '0' && digits.bytes > 1))
		return false;
	for (size_t i = 0; i < digits.bytes; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return false;
		number = number * 10 + (unsigned)(digits.data[i] - '0');
	}
	*n = number;
	return true;
}

bool bundle_is_board(struct kk_view text)
{
	for (size_t i = 0; i < text.bytes; i++) {
		const uint8_t c = text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return text.bytes > 0;
}

bool bundle_text_copy(struct kk_view from, char *out, size_t room_bytes)
{
	out[0] = '\0';
	if (from.bytes >= room_bytes)
		return false;
	if (from.bytes)
		memcpy(out, from.data, from.bytes);
	out[from.bytes] = '\0';
	return true;
}

enum kk_err bundle_range_parse(struct bundle_range *r, const char *text)
{
	struct kk_view rest = kk_view_text(text);
	const struct kk_view unit = bundle_cut(&rest, ' ');
	const struct kk_view from = bundle_cut(&rest, '-');
	const struct kk_view to = bundle_cut(&rest, '/');

	*r = (struct bundle_range){ 0 };
	if (!kk_view_equal(unit, kk_view_text("bytes")) ||
	    !bundle_number_read(from, &r->from) ||
	    !bundle_number_read(to, &r->to) ||
	    !bundle_number_read(rest, &r->all) || r->from > r->to ||
	    r->to >= r->all) {
		*r = (struct bundle_range){ 0 };
		return KK_EFORMAT;
	}
	return KK_OK;
}
