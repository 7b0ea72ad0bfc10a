/* notice.c - a notice as a line in a file. */
#include "notice/notice.h"

#include <stdio.h>
#include <string.h>

static const char *const names[NOTICE_KINDS] = {
	[NOTICE_NONE] = "none",
	[NOTICE_UPDATE_LOADING] = "update-loading",
	[NOTICE_UPDATE_LOADED] = "update-loaded",
	[NOTICE_UPDATE_CHECKING] = "update-checking",
	[NOTICE_UPDATE_WRITING] = "update-writing",
	[NOTICE_UPDATE_WAITING] = "update-waiting",
	[NOTICE_UPDATE_RESTARTING] = "update-restarting",
	[NOTICE_UPDATE_TRYING] = "update-trying",
	[NOTICE_UPDATE_DONE] = "update-done",
	[NOTICE_UPDATE_SICK] = "update-sick",
	[NOTICE_UPDATE_RETURNING] = "update-returning",
	[NOTICE_UPDATE_CAME_BACK] = "update-came-back",
	[NOTICE_UPDATE_MEETING] = "update-meeting",
	[NOTICE_UPDATE_UNCONFIRMED] = "update-unconfirmed",
	[NOTICE_UPDATE_SIGNATURE] = "update-signature",
	[NOTICE_UPDATE_BOARD] = "update-board",
	[NOTICE_UPDATE_OLDER] = "update-older",
	[NOTICE_UPDATE_SAME] = "update-same",
	[NOTICE_UPDATE_FORMAT] = "update-format",
	[NOTICE_UPDATE_NOT_WRITTEN] = "update-not-written",
	[NOTICE_UPDATE_NOT_SET] = "update-not-set",
	[NOTICE_UPDATE_CANCELLED] = "update-cancelled",
	[NOTICE_UPDATE_UNREADABLE] = "update-unreadable",
	[NOTICE_UPDATE_FAILED_BEFORE] = "update-failed-before",
	[NOTICE_STICK_READING] = "stick-reading",
	[NOTICE_STICK_NOTHING] = "stick-nothing",
	[NOTICE_PROFILE_THERE] = "profile-there",
	[NOTICE_RESET_SET] = "reset-set",
	[NOTICE_RESET_OTHER] = "reset-other",
	[NOTICE_CERTIFICATE_WAITS] = "certificate-waits",
	[NOTICE_CERTIFICATE_TAKEN] = "certificate-taken",
	[NOTICE_CERTIFICATE_SAME] = "certificate-same",
	[NOTICE_CERTIFICATE_OTHER] = "certificate-other",
	[NOTICE_CERTIFICATE_FOREIGN] = "certificate-foreign",
	[NOTICE_CERTIFICATE_OVER] = "certificate-over",
	[NOTICE_CERTIFICATE_REVOKED] = "certificate-revoked",
	[NOTICE_CERTIFICATE_FAILED] = "certificate-failed",
	[NOTICE_REQUEST_PUT] = "request-put",
	[NOTICE_REQUEST_FAILED] = "request-failed",
	[NOTICE_PORT_TAKEN] = "port-taken",
	[NOTICE_PORT_REFUSED] = "port-refused",
};

static bool is_name_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool notice_is_name(const char *name)
{
	size_t n = 0;

	while (n < NOTICE_NAME_BYTES && is_name_letter((uint8_t)name[n]))
		n++;
	return n < NOTICE_NAME_BYTES && name[n] == '\0';
}

/* --- reading: in stands behind what was taken ----------------------------- */

static struct kk_view word_take(struct kk_view *in)
{
	size_t n = 0;
	struct kk_view word;

	while (n < in->bytes && is_name_letter(in->data[n]))
		n++;
	word = kk_view_of(in->data, n);
	if (n > 0) /* an empty file has no bytes at all */
		*in = kk_view_of(in->data + n, in->bytes - n);
	return word;
}

static bool byte_take(struct kk_view *in, char c)
{
	if (in->bytes == 0 || in->data[0] != (uint8_t)c)
		return false;
	*in = kk_view_of(in->data + 1, in->bytes - 1);
	return true;
}

static bool number_take(struct kk_view *in, uint64_t max, uint64_t *out)
{
	const struct kk_view word = word_take(in);
	uint64_t n = 0;

	if (word.bytes == 0 || (word.bytes > 1 && word.data[0] == '0'))
		return false;
	for (size_t i = 0; i < word.bytes; i++) {
		const unsigned digit = (unsigned)word.data[i] - '0';

		if (digit > 9 || n > (max - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	*out = n;
	return true;
}

static bool kind_take(struct kk_view *in, enum notice_kind *out)
{
	const struct kk_view word = word_take(in);

	for (unsigned i = 0; i < NOTICE_KINDS; i++) {
		if (kk_view_equal(word, kk_view_text(names[i]))) {
			*out = (enum notice_kind)i;
			return true;
		}
	}
	return false;
}

static bool name_take(struct kk_view *in, char out[NOTICE_NAME_BYTES])
{
	const struct kk_view word = word_take(in);

	if (word.bytes == 0 || word.bytes >= NOTICE_NAME_BYTES)
		return false;
	memcpy(out, word.data, word.bytes);
	out[word.bytes] = '\0';
	return true;
}

enum kk_err notice_parse(struct notice *out, struct kk_view in)
{
	struct notice n = { .kind = NOTICE_NONE };
	uint64_t number = 0;
	bool is_right = in.bytes < NOTICE_BYTES && kind_take(&in, &n.kind) &&
	    byte_take(&in, ' ') &&
	    number_take(&in, NOTICE_NUMBER_MAX, &number) &&
	    byte_take(&in, ' ') && number_take(&in, UINT32_MAX, &n.at_s);

	n.number = (unsigned)number;
	if (is_right && byte_take(&in, ' '))
		is_right = name_take(&in, n.name);
	is_right = is_right && byte_take(&in, '\n') && in.bytes == 0;
	*out = is_right ? n : (struct notice){ .kind = NOTICE_NONE };
	return is_right ? KK_OK : KK_EFORMAT;
}

size_t notice_format(const struct notice *n, char out[NOTICE_BYTES])
{
	const int bytes = snprintf(out, NOTICE_BYTES, "%s %u %ju%s%s\n",
	    names[n->kind], n->number, (uintmax_t)n->at_s,
	    n->name[0] ? " " : "", n->name);

	return bytes > 0 && bytes < NOTICE_BYTES ? (size_t)bytes : 0;
}

bool notice_is_equal(const struct notice *a, const struct notice *b)
{
	return a->kind == b->kind && a->number == b->number &&
	    !strcmp(a->name, b->name);
}
