/*
 * check.c - the lines of a text, before sofia-sip's parser sees any.  It trusts
 * counts and fields that nobody has checked, so it only gets lines that have
 * their form, and of these the few that we read; keys it gets none, since it
 * does not wipe.  RFC 8866, 5 and 9.
 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "offer/offer_private.h"

enum {
	LINE_BYTES_MAX = 1024,
	LINES_MAX = 512,
	FORMATS_MAX = 64,
	PORT_DIGITS_MAX = 5
};

/* Takes a line with its end off the text, and gives it without. */
static struct kk_view line_take(struct kk_view *text)
{
	struct kk_view line = kk_text_line_take(text);

	if (line.bytes > 0 && line.data[line.bytes - 1] == '\r')
		line.bytes--;
	return line;
}

static bool is_lineform(struct kk_view line)
{
	if (line.bytes < 3 || line.data[0] < 'a' || line.data[0] > 'z' ||
	    line.data[1] != '=')
		return false;
	for (size_t i = 2; i < line.bytes; i++) {
		if ((line.data[i] < ' ' && line.data[i] != '\t') ||
		    line.data[i] == 0x7f)
			return false;
	}
	return true;
}

/* RFC 8866, 9: token-char, and "/" between two of them.  sofia-sip's loop over
 * formats never ends at any other. */
static bool is_token(struct kk_view field)
{
	static const char others[] = "!#$%&'*+-.^_`{|}~/";

	for (size_t i = 0; i < field.bytes; i++) {
		const uint8_t c = field.data[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z') &&
		    !memchr(others, c, sizeof(others) - 1))
			return false;
	}
	return field.bytes > 0;
}

/* Takes what stands up to a blank; false: nothing, or no token. */
static bool field_take(struct kk_view *rest, struct kk_view *field)
{
	const uint8_t *blank = memchr(rest->data, ' ', rest->bytes);

	*field = *rest;
	if (blank)
		field->bytes = (size_t)(blank - rest->data);
	rest->data += field->bytes + (blank != NULL);
	rest->bytes -= field->bytes + (blank != NULL);
	return is_token(*field);
}

static bool is_number(struct kk_view field)
{
	if (field.bytes == 0 || field.bytes > PORT_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < field.bytes; i++) {
		if (field.data[i] < '0' || field.data[i] > '9')
			return false;
	}
	return true;
}

static bool is_port(struct kk_view field)
{
	const uint8_t *slash = memchr(field.data, '/', field.bytes);
	struct kk_view port = field, count = { 0 };

	if (!slash)
		return is_number(port);
	port.bytes = (size_t)(slash - field.data);
	count.data = slash + 1;
	count.bytes = field.bytes - port.bytes - 1;
	return is_number(port) && is_number(count);
}

static bool is_payload_type(struct kk_view field)
{
	unsigned type = 0;

	if (!is_number(field))
		return false;
	for (size_t i = 0; i < field.bytes; i++)
		type = type * 10 + (field.data[i] - '0');
	return type < 128;
}

/* m=TYPE PORT PROTO FORMAT..., where RTP's formats are numbers of 7 bits. */
static bool is_media(struct kk_view line)
{
	struct kk_view rest = kk_view_of(line.data + 2, line.bytes - 2);
	struct kk_view type, port, proto, format;
	size_t formats = 0;
	bool is_rtp;

	if (!field_take(&rest, &type) || !field_take(&rest, &port) ||
	    memchr(type.data, '/', type.bytes) || !is_port(port) ||
	    !field_take(&rest, &proto))
		return false;
	is_rtp = proto.bytes >= 3 &&
	    strncasecmp((const char *)proto.data, "RTP", 3) == 0;
	while (rest.bytes > 0) {
		if (!field_take(&rest, &format) ||
		    (is_rtp ? !is_payload_type(format) :
			      memchr(format.data, '/', format.bytes) != NULL))
			return false;
		formats++;
	}
	return formats > 0 && formats <= FORMATS_MAX;
}

static bool starts(struct kk_view line, const char *with)
{
	const size_t bytes = strlen(with);

	return line.bytes >= bytes && memcmp(line.data, with, bytes) == 0;
}

static bool is_read_by_us(struct kk_view line)
{
	static const char *const attributes[] = { "a=rtpmap:", "a=rtcp:",
		"a=rtcp-mux", "a=sendrecv", "a=sendonly", "a=recvonly",
		"a=inactive" };

	if (line.data[0] != 'a')
		return strchr("vosctm", line.data[0]) != NULL;
	for (size_t i = 0; i < KK_ARRAY_LEN(attributes); i++) {
		if (starts(line, attributes[i]))
			return true;
	}
	return false;
}

static void crypto_keep(struct offer_text *out, struct kk_view line)
{
	static const char prefix[] = "a=crypto:";
	const size_t skipped = sizeof(prefix) - 1;
	struct offer_keys *keys;

	if (out->media_count == 0 || !starts(line, prefix))
		return;
	keys = &out->keys[out->media_count - 1];
	if (keys->count < OFFER_CRYPTOS_MAX)
		keys->values[keys->count++] = kk_view_of(line.data + skipped,
		    line.bytes - skipped);
}

/* Behind "a=fmtp:".  Where nothing is said, it is 0 (RFC 7587, 6.1). */
static bool says_retold(struct kk_view line, size_t at)
{
	static const char name[] = "useinbandfec=1";
	const size_t bytes = sizeof(name) - 1;

	for (; at + bytes <= line.bytes; at++) {
		const char before = (char)line.data[at - 1];
		const bool is_end = at + bytes == line.bytes ||
		    strchr("; ", line.data[at + bytes]);

		if (strchr("; ", before) && is_end &&
		    !strncasecmp((const char *)line.data + at, name, bytes))
			return true;
	}
	return false;
}

static void retold_keep(struct offer_text *out, struct kk_view line)
{
	static const char prefix[] = "a=fmtp:";
	size_t at = sizeof(prefix) - 1;
	unsigned type = 0;

	if (out->media_count == 0 || !starts(line, prefix))
		return;
	for (; at < line.bytes && line.data[at] >= '0' &&
	    line.data[at] <= '9' && type <= OFFER_TYPE_MAX;
	    at++)
		type = type * 10 + (line.data[at] - '0');
	if (type <= OFFER_TYPE_MAX && says_retold(line, at))
		out->keys[out->media_count - 1].retold[type] = true;
}

/* sofia-sip reads no payload types where the profile has feedback (RFC 4585,
 * 5124), so it is told of the one without.  Where the F is; 0: nowhere. */
static size_t feedback_at(struct kk_view line)
{
	static const char *const profiles[] = { " RTP/AVPF ", " RTP/SAVPF " };

	for (size_t at = 0; line.data[0] == 'm' && at < line.bytes; at++) {
		const struct kk_view rest = kk_view_of(line.data + at,
		    line.bytes - at);

		for (size_t i = 0; i < KK_ARRAY_LEN(profiles); i++) {
			if (starts(rest, profiles[i]))
				return at + strlen(profiles[i]) - 2;
		}
	}
	return 0;
}

static void line_write(struct offer_text *out, struct kk_writer *w,
    struct kk_view line)
{
	const size_t at = feedback_at(line);

	if (at > 0) {
		out->keys[out->media_count - 1].has_feedback = true;
		kk_write_raw(w, kk_view_of(line.data, at));
		line = kk_view_of(line.data + at + 1, line.bytes - at - 1);
	}
	kk_write_raw(w, line);
	kk_write_raw(w, kk_view_text("\r\n"));
}

static enum kk_err line_keep(struct offer_text *out, struct kk_writer *w,
    struct kk_view line)
{
	if (line.bytes > LINE_BYTES_MAX)
		return KK_ELIMIT;
	if (!is_lineform(line) || (line.data[0] == 'm' && !is_media(line)))
		return KK_EFORMAT;
	if (line.data[0] == 'm' && out->media_count++ == OFFER_STREAMS_MAX)
		return KK_ELIMIT;
	crypto_keep(out, line);
	retold_keep(out, line);
	if (is_read_by_us(line))
		line_write(out, w, line);
	return KK_OK;
}

static enum kk_err lines_keep(struct offer_text *out, struct kk_writer *w,
    struct kk_view text)
{
	enum kk_err err = starts(text, "v=0") ? KK_OK : KK_EFORMAT;

	for (size_t n = 0; !err && text.bytes > 0; n++) {
		err = n < LINES_MAX ? line_keep(out, w, line_take(&text)) :
				      KK_ELIMIT;
	}
	return err;
}

enum kk_err offer_text_check(struct offer_text *out, struct kk_view text)
{
	struct kk_writer w;
	enum kk_err err;

	memset(out, 0, sizeof(*out));
	if (text.bytes > OFFER_TEXT_MAX_BYTES)
		return KK_ELIMIT;
	/* Some telephones send empty lines behind it. */
	while (text.bytes > 0 &&
	    (text.data[text.bytes - 1] == '\n' ||
		text.data[text.bytes - 1] == '\r'))
		text.bytes--;
	if (!kk_text_is_utf8(text))
		return KK_EFORMAT;
	kk_writer_init(&w);
	err = lines_keep(out, &w, text);
	if (err)
		kk_writer_clear(&w);
	else
		err = kk_writer_take(&w, &out->clean);
	return err;
}
