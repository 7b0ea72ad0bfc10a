/* sdp.c - see sdp.h. */
#include "tools/load/sdp.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LINE_BYTES = 1024, /* longer ones are not for us */
	WORDS_MAX = 8,
	TYPE_MAX = 127
};

struct words {
	char line[LINE_BYTES];
	char *list[WORDS_MAX];
	size_t count;
};

/* Splits at blanks; a ninth word stays in the eighth. */
static void words_split(struct words *w, const char *from)
{
	char *at = w->line;

	(void)snprintf(w->line, sizeof(w->line), "%s", from);
	w->count = 0;
	while (*at && w->count < WORDS_MAX) {
		w->list[w->count++] = at;
		at += strcspn(at, " ");
		if (*at && w->count < WORDS_MAX)
			*at++ = '\0';
	}
}

static enum kk_err number_take(const char *text, unsigned long max,
    unsigned long *n)
{
	char *end = NULL;

	if (*text < '0' || *text > '9')
		return KK_EFORMAT;
	*n = strtoul(text, &end, 10);
	return *end || *n > max ? KK_EFORMAT : KK_OK;
}

/* Only the first counts, and one that is too long is none. */
static void text_take(char *to, size_t room, const char *from)
{
	size_t bytes = strlen(from);

	if (!*to && bytes < room)
		memcpy(to, from, bytes + 1);
}

static const char *behind(const char *line, const char *name)
{
	size_t bytes = strlen(name);

	return strncmp(line, name, bytes) ? NULL : line + bytes;
}

/* "m=video 9 UDP/TLS/RTP/SAVPF 96 97" */
static enum kk_err media_take(struct sdp *sdp, const char *value)
{
	struct sdp_media *m = &sdp->media[sdp->media_count];
	unsigned long port = 0, type = 0;
	struct words w;
	enum kk_err err;

	if (sdp->media_count == SDP_MEDIA_MAX)
		return KK_ELIMIT;
	words_split(&w, value);
	if (w.count < 4)
		return KK_EFORMAT;
	w.list[3][strcspn(w.list[3], " ")] = '\0';
	err = number_take(w.list[1], UINT16_MAX, &port);
	if (!err)
		err = number_take(w.list[3], TYPE_MAX, &type);
	if (err)
		return err;
	m->is_audio = !strcmp(w.list[0], "audio");
	if (!m->is_audio && strcmp(w.list[0], "video") != 0)
		return KK_EFORMAT;
	m->is_refused = port == 0;
	m->payload_type = (uint8_t)type;
	sdp->media_count++;
	return KK_OK;
}

struct state {
	struct sdp sdp;
	bool has_fingerprint;
};

/* "1 1 udp 2015363327 10.0.0.1 40000 typ host" (RFC 8839, 5.1) */
static enum kk_err candidate_take(struct state *s, const char *value)
{
	struct sdp *sdp = &s->sdp;
	unsigned long port = 0;
	struct words w;

	words_split(&w, value);
	if (*sdp->address || w.count < WORDS_MAX ||
	    strcmp(w.list[1], "1") != 0 ||
	    (strcmp(w.list[2], "udp") != 0 && strcmp(w.list[2], "UDP") != 0) ||
	    strchr(w.list[4], ':') || !behind(w.list[7], "host"))
		return KK_OK;
	if (number_take(w.list[5], UINT16_MAX, &port) || port == 0)
		return KK_EFORMAT;
	text_take(sdp->address, sizeof(sdp->address), w.list[4]);
	sdp->port = (uint16_t)port;
	return KK_OK;
}

static enum kk_err fingerprint_take(struct state *s, const char *value)
{
	if (s->has_fingerprint)
		return KK_OK;
	s->has_fingerprint = true;
	return dtls_fingerprint_read(value, s->sdp.fingerprint);
}

static enum kk_err ufrag_take(struct state *s, const char *value)
{
	text_take(s->sdp.ufrag, sizeof(s->sdp.ufrag), value);
	return KK_OK;
}

static enum kk_err pwd_take(struct state *s, const char *value)
{
	text_take(s->sdp.pwd, sizeof(s->sdp.pwd), value);
	return KK_OK;
}

static enum kk_err mid_take(struct state *s, const char *value)
{
	if (s->sdp.media_count > 0)
		text_take(s->sdp.media[s->sdp.media_count - 1].mid,
		    SDP_MID_BYTES, value);
	return KK_OK;
}

static enum kk_err lite_take(struct state *s, const char *value)
{
	s->sdp.is_lite = !*value;
	return KK_OK;
}

static const struct {
	const char *name;
	enum kk_err (*take)(struct state *s, const char *value);
} attributes[] = {
	{ "ice-ufrag:", ufrag_take },
	{ "ice-pwd:", pwd_take },
	{ "fingerprint:sha-256 ", fingerprint_take },
	{ "candidate:", candidate_take },
	{ "mid:", mid_take },
	{ "ice-lite", lite_take },
};

static enum kk_err attribute_take(struct state *s, const char *line)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(attributes); i++) {
		const char *value = behind(line, attributes[i].name);

		if (value)
			return attributes[i].take(s, value);
	}
	return KK_OK;
}

static enum kk_err line_take(struct state *s, const char *line)
{
	if (line[0] < 'a' || line[0] > 'z' || line[1] != '=')
		return KK_EFORMAT;
	if (line[0] == 'm')
		return media_take(&s->sdp, line + 2);
	return line[0] == 'a' ? attribute_take(s, line + 2) : KK_OK;
}

static enum kk_err lines_take(struct state *s, const char *text, size_t bytes)
{
	char line[LINE_BYTES];
	enum kk_err err = KK_OK;

	for (size_t at = 0; !err && at < bytes;) {
		const char *end = memchr(text + at, '\n', bytes - at);
		size_t length = end ? (size_t)(end - text) - at : bytes - at;
		size_t kept = length;

		if (kept > 0 && text[at + kept - 1] == '\r')
			kept--;
		if (memchr(text + at, '\0', kept))
			return KK_EFORMAT;
		if (kept > 0 && kept < sizeof(line)) {
			memcpy(line, text + at, kept);
			line[kept] = '\0';
			err = line_take(s, line);
		}
		at += length + 1;
	}
	return err;
}

enum kk_err sdp_parse(struct sdp *sdp, const char *text, size_t bytes)
{
	struct state s = { 0 };
	enum kk_err err;

	if (bytes > SDP_TEXT_MAX_BYTES)
		return KK_ELIMIT;
	if (bytes < 4 || strncmp(text, "v=0", 3) != 0)
		return KK_EFORMAT;
	err = lines_take(&s, text, bytes);
	if (err)
		return err;
	if (!*s.sdp.ufrag || !*s.sdp.pwd || !s.has_fingerprint ||
	    !*s.sdp.address || s.sdp.media_count == 0)
		return KK_ENOENT;
	*sdp = s.sdp;
	return KK_OK;
}

/* --- writing ------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void put(struct wire_out *w,
    const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		wire_out_fail(w, KK_ENOSPC);
	else
		wire_out_raw(w, kk_view_of(line, (size_t)n));
}

static void media_put(struct wire_out *w, const struct sdp_own *own,
    const struct sdp_media *m)
{
	const unsigned type = m->payload_type;

	put(w, "m=%s %u UDP/TLS/RTP/SAVPF %u\r\n",
	    m->is_audio ? "audio" : "video", m->is_refused ? 0 : own->port,
	    type);
	put(w, "c=IN IP4 %s\r\na=mid:%s\r\na=rtcp-mux\r\n", own->address,
	    m->mid);
	put(w, "a=%s\r\n", own->is_sender ? "sendonly" : "recvonly");
	put(w, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", own->ufrag, own->pwd);
	put(w, "a=fingerprint:sha-256 %s\r\na=setup:active\r\n",
	    own->fingerprint);
	put(w,
	    m->is_audio ? "a=rtpmap:%u opus/48000/2\r\n" :
			  "a=rtpmap:%u VP8/90000\r\n",
	    type);
	if (!m->is_audio)
		put(w, "a=rtcp-fb:%u nack\r\na=rtcp-fb:%u nack pli\r\n", type,
		    type);
	if (own->is_sender)
		put(w, "a=ssrc:%u cname:load\r\n",
		    m->is_audio ? own->audio_ssrc : own->video_ssrc);
	put(w, "a=candidate:1 1 udp 2130706431 %s %u typ host\r\n",
	    own->address, own->port);
	put(w, "a=end-of-candidates\r\n");
}

void sdp_write(struct wire_out *w, const struct sdp_own *own)
{
	put(w, "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nt=0 0\r\na=group:BUNDLE",
	    own->address);
	for (size_t i = 0; i < own->media_count; i++)
		put(w, " %s", own->media[i].mid);
	put(w, "\r\n");
	for (size_t i = 0; i < own->media_count; i++)
		media_put(w, own, &own->media[i]);
}
