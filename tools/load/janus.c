/*
 * janus.c - Janus' signalling: a session, a handle of its videoroom, and SDP.
 *
 * A publisher offers; a receiver is offered all publishers of its meeting, and
 * answers.  As the DTLS client on both.
 */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <string.h>

#include "call/call.h"
#include "tools/load/janus_text.h"
#include "tools/load/load.h"
#include "tools/load/sdp.h"

enum { TEXT_BYTES = 64 * 1024, FIELDS_BYTES = 2048, FIRST_ROOM = 1000 };

enum step {
	STEP_SESSION,
	STEP_HANDLE,
	STEP_ROOM, /* the first publisher makes it */
	STEP_JOIN,
	STEP_MEDIA, /* publishers: the offer; receivers: the answer */
	STEP_DONE
};

static enum kk_err janus_open(struct load *load)
{
	(void)load;
	return KK_OK;
}

static void janus_close(struct load *load)
{
	(void)load;
}

/* --- requests ------------------------------------------------------------ */

static unsigned room_of(const struct load_member *m)
{
	return FIRST_ROOM + (unsigned)(m->meeting - m->load->meetings);
}

/* fields is JSON of this file's making, sdp goes in as a text. */
static enum kk_err say(struct load_member *m, const char *what,
    const char *fields, const char *jsep, const char *sdp)
{
	sd_json_variant *out = NULL, *body = NULL, *part = NULL;
	char number[24];
	char *text = NULL;
	enum kk_err err;

	(void)snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)++m->last_id);
	err = call_put_text(&out, "janus", what);
	if (!err)
		err = call_put_text(&out, "transaction", number);
	if (!err && m->session)
		err = call_put_u64(&out, "session_id", m->session);
	if (!err && m->handle)
		err = call_put_u64(&out, "handle_id", m->handle);
	if (!err && !m->handle && m->session)
		err = call_put_text(&out, "plugin", "janus.plugin.videoroom");
	if (!err && fields && sd_json_parse(fields, 0, &body, NULL, NULL) < 0)
		err = KK_EFORMAT;
	if (!err && body)
		err = call_put_value(&out, "body", body);
	if (!err && sdp)
		err = call_put_text(&part, "type", jsep);
	if (!err && sdp)
		err = call_put_text(&part, "sdp", sdp);
	if (!err && sdp)
		err = call_put_value(&out, "jsep", part);
	if (!err && sd_json_variant_format(out, 0, &text) < 0)
		err = KK_ENOMEM;
	if (!err)
		err = load_member_say(m, text);
	kk_free(text);
	sd_json_variant_unref(part);
	sd_json_variant_unref(body);
	sd_json_variant_unref(out);
	return err;
}

static enum kk_err room_ask(struct load_member *m)
{
	char fields[FIELDS_BYTES];

	(void)snprintf(fields, sizeof(fields),
	    "{\"request\": \"create\", \"room\": %u, \"publishers\": %u, "
	    "\"videocodec\": \"vp8\", \"audiocodec\": \"opus\", "
	    "\"permanent\": false}",
	    room_of(m), m->load->options.publishers);
	return say(m, "message", fields, NULL, NULL);
}

static enum kk_err join_ask(struct load_member *m)
{
	const struct load_options *o = &m->load->options;
	char fields[FIELDS_BYTES];
	int at;

	if (m->is_publisher) {
		(void)snprintf(fields, sizeof(fields),
		    "{\"request\": \"join\", \"ptype\": \"publisher\", "
		    "\"room\": %u}",
		    room_of(m));
		return say(m, "message", fields, NULL, NULL);
	}
	at = snprintf(fields, sizeof(fields),
	    "{\"request\": \"join\", \"ptype\": \"subscriber\", "
	    "\"room\": %u, \"streams\": [",
	    room_of(m));
	for (unsigned i = 0; i < o->publishers; i++)
		at += snprintf(fields + at, sizeof(fields) - (size_t)at,
		    "%s{\"feed\": %llu}", i ? ", " : "",
		    (unsigned long long)m->meeting->publishers[i]->feed);
	(void)snprintf(fields + at, sizeof(fields) - (size_t)at, "]}");
	return say(m, "message", fields, NULL, NULL);
}

/* What we say of our own end. */
static enum kk_err jsep_say(struct load_member *m, const char *fields,
    const struct sdp_media *media, size_t count)
{
	const struct sdp_own own = { .ufrag = m->peer.ufrag,
		.pwd = m->peer.pwd,
		.fingerprint = dtls_identity_fingerprint_text(
		    m->load->identity),
		.address = m->load->options.address,
		.port = m->peer.port,
		.is_sender = m->is_publisher,
		.audio_ssrc = m->source.audio_ssrc,
		.video_ssrc = m->source.video_ssrc,
		.media = media,
		.media_count = count };
	uint8_t *text = kk_calloc(1, TEXT_BYTES);
	struct wire_out w;
	enum kk_err err;

	if (!text)
		return KK_ENOMEM;
	wire_out_init(&w, text, TEXT_BYTES - 1);
	sdp_write(&w, &own);
	err = w.err;
	if (!err)
		err = say(m, "message", fields,
		    m->is_publisher ? "offer" : "answer", (char *)text);
	kk_free_wiped(text, TEXT_BYTES);
	return err;
}

static enum kk_err offer_ask(struct load_member *m)
{
	static const struct sdp_media media[] = {
		{ .payload_type = LOAD_VIDEO_TYPE, .mid = "0" },
		{ .is_audio = true,
		    .payload_type = LOAD_AUDIO_TYPE,
		    .mid = "1" }
	};

	return jsep_say(m, "{\"request\": \"publish\"}", media,
	    m->load->options.has_audio ? 2 : 1);
}

/* --- answers ------------------------------------------------------------- */

static enum kk_err sdp_use(struct load_member *m, const char *text)
{
	struct load_remote to = { 0 };
	struct sdp sdp;
	enum kk_err err = sdp_parse(&sdp, text, strlen(text));

	if (err)
		return err;
	if (!m->is_publisher)
		err = jsep_say(m, "{\"request\": \"start\"}", sdp.media,
		    sdp.media_count);
	if (err)
		return err;
	(void)snprintf(to.ufrag, sizeof(to.ufrag), "%s", sdp.ufrag);
	(void)snprintf(to.pwd, sizeof(to.pwd), "%s", sdp.pwd);
	(void)snprintf(to.address, sizeof(to.address), "%.15s", sdp.address);
	to.port = sdp.port;
	memcpy(to.fingerprint, sdp.fingerprint, sizeof(to.fingerprint));
	/* The offerer controls, but a lite agent (RFC 8445, 6.1.1). */
	to.is_controlling = !m->is_publisher && !sdp.is_lite;
	return load_peer_connect(m, &to);
}

static enum kk_err step_ask(struct load_member *m)
{
	switch ((enum step)m->step) {
	case STEP_SESSION:
		return say(m, "create", NULL, NULL, NULL);
	case STEP_HANDLE:
		return say(m, "attach", NULL, NULL, NULL);
	case STEP_ROOM:
		return room_ask(m);
	case STEP_JOIN:
		return join_ask(m);
	case STEP_MEDIA:
		/* A receiver's has gone with its offer's coming. */
		return m->is_publisher ? offer_ask(m) : KK_OK;
	default:
		load_member_signalled(m);
		return KK_OK;
	}
}

static enum kk_err janus_begin(struct load_member *m)
{
	m->step = STEP_SESSION;
	return step_ask(m);
}

/* Whether it is what the step has waited for; then what it brings is used. */
static bool is_answer(const struct load_member *m, const struct janus_text *t)
{
	switch ((enum step)m->step) {
	case STEP_SESSION:
	case STEP_HANDLE:
		return !strcmp(t->what, "success") && t->id;
	case STEP_ROOM:
		return !strcmp(t->room, "created");
	case STEP_JOIN:
		return !strcmp(t->room,
			   m->is_publisher ? "joined" : "attached") &&
		    (m->is_publisher ? t->feed != 0 : t->sdp != NULL);
	case STEP_MEDIA:
		return !strcmp(t->room, "event") &&
		    (t->sdp != NULL || !m->is_publisher);
	default:
		return false;
	}
}

static enum kk_err answer_use(struct load_member *m, const struct janus_text *t)
{
	if (m->step == STEP_SESSION)
		m->session = t->id;
	else if (m->step == STEP_HANDLE)
		m->handle = t->id;
	else if (m->step == STEP_JOIN && m->is_publisher)
		m->feed = t->feed;
	else if (t->sdp)
		return sdp_use(m, t->sdp);
	return KK_OK;
}

static enum kk_err answer_take(struct load_member *m,
    const struct janus_text *t)
{
	enum kk_err err;

	if (*t->why) {
		load_fail(m->load, "participant %zu: Janus refuses step %u: %s",
		    m->number, m->step, t->why);
		return KK_OK;
	}
	if (!strcmp(t->what, "hangup") || !strcmp(t->what, "timeout")) {
		load_fail(m->load, "participant %zu: Janus hangs up",
		    m->number);
		return KK_OK;
	}
	if (!is_answer(m, t))
		return KK_OK; /* acks, and news of others */
	err = answer_use(m, t);
	if (err)
		return err;
	m->step++;
	if (m->step == STEP_ROOM && (!m->is_publisher || m->rank > 0))
		m->step++;
	return step_ask(m);
}

static enum kk_err janus_text_take(struct load_member *m, const char *text,
    size_t bytes)
{
	struct janus_text t;
	enum kk_err err = janus_text_parse(&t, text, bytes);

	if (err)
		return err;
	err = answer_take(m, &t);
	janus_text_clear(&t);
	return err;
}

const struct load_adapter load_janus = { "janus-protocol", janus_open,
	janus_begin, janus_text_take, janus_close };
