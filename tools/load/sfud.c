/* sfud.c - sfud's signalling (docs/protocol.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/call.h"
#include "crypto/crypto.h"
#include "program/program.h"
#include "room/signal.h"
#include "tools/load/load.h"

/* What is asked for, one after the other; each step's answer begins the next.
 */
enum step {
	STEP_HELLO,
	STEP_REGISTER, /* the first publisher of a meeting */
	STEP_ENTER,
	STEP_TRANSPORT,
	STEP_CONNECT,
	STEP_CAMERA, /* publishers */
	STEP_MICROPHONE,
	STEP_SLOTS, /* receivers */
	STEP_WATCH,
	STEP_DONE
};

static enum kk_err sfud_open(struct load *load)
{
	struct kk_bytes file;
	enum kk_err err = crypto_init();

	if (err)
		return err;
	err = program_file_read(load->options.site_token,
	    sizeof(load->site_token), &file);
	if (!err && file.bytes != sizeof(load->site_token))
		err = KK_EFORMAT;
	if (!err)
		memcpy(load->site_token, file.data, file.bytes);
	else
		load_fail(load, "--site-token: %s", kk_err_text(err));
	kk_bytes_clear(&file);
	return err;
}

static void sfud_close(struct load *load)
{
	kk_wipe(load->site_token, sizeof(load->site_token));
}

/* The room's own request is for as many as a box registers. */
static enum kk_err register_write(struct load_member *m, char **text)
{
	const struct kk_view token = kk_view_of(m->meeting->token,
	    ROOM_TOKEN_BYTES);
	const struct load_options *o = &m->load->options;
	sd_json_variant *out = NULL;
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err = crypto_hash(CRYPTO_SHA256, &token, 1, hash);

	if (!err)
		err = call_put_text(&out, "type", "register");
	if (!err)
		err = call_put_u64(&out, "id", m->last_id);
	if (!err)
		err = call_put_bytes(&out, "siteToken",
		    kk_view_of(m->load->site_token, ROOM_TOKEN_BYTES));
	if (!err)
		err = call_put_bytes(&out, "meeting",
		    kk_view_of(m->meeting->id, ROOM_ID_BYTES));
	if (!err)
		err = call_put_bytes(&out, "tokenHash", kk_view_of(hash, 32));
	if (!err)
		err = call_put_u64(&out, "participants",
		    o->publishers + o->receivers);
	if (!err && sd_json_variant_format(out, 0, text) < 0)
		err = KK_ENOMEM;
	sd_json_variant_unref(out);
	return err;
}

static const enum room_request_type requests[STEP_DONE] = {
	[STEP_HELLO] = ROOM_ASK_HELLO,
	[STEP_ENTER] = ROOM_ASK_ENTER,
	[STEP_TRANSPORT] = ROOM_ASK_TRANSPORT,
	[STEP_CONNECT] = ROOM_ASK_CONNECT,
	[STEP_CAMERA] = ROOM_ASK_PUBLISH,
	[STEP_MICROPHONE] = ROOM_ASK_PUBLISH,
	[STEP_SLOTS] = ROOM_ASK_SLOTS,
	[STEP_WATCH] = ROOM_ASK_WATCH,
};

static void request_fill(struct load_member *m, struct room_request *rq)
{
	const struct load_options *o = &m->load->options;
	const bool is_audio = m->step == STEP_MICROPHONE;

	rq->type = requests[m->step];
	rq->id = m->last_id;
	rq->meeting = kk_view_of(m->meeting->id, ROOM_ID_BYTES);
	rq->token = kk_view_of(m->meeting->token, ROOM_TOKEN_BYTES);
	rq->transport = m->transport;
	(void)snprintf(rq->fingerprint, sizeof(rq->fingerprint), "%s",
	    dtls_identity_fingerprint_text(m->load->identity));
	rq->source = is_audio ? ROOM_MICROPHONE : ROOM_CAMERA;
	rq->encodings[0] = (struct room_encoding){
		.ssrc = is_audio ? m->source.audio_ssrc : m->source.video_ssrc
	};
	rq->encoding_count = 1;
	rq->payload_type = is_audio ? LOAD_AUDIO_TYPE : LOAD_VIDEO_TYPE;
	rq->video_slots = (unsigned)o->publishers;
	rq->audio_slots = o->has_audio ? (unsigned)o->publishers : 0;
}

/* Each publisher into a slot of each kind. */
static void watch_fill(const struct load_member *m, struct room_request *rq,
    const struct room_signal *answer)
{
	size_t audio = 0, video = 0;

	for (size_t i = 0; i < answer->slot_count; i++) {
		const struct room_slot *slot = &answer->slots[i];
		size_t *next = slot->is_audio ? &audio : &video;
		const struct load_member *of = *next < LOAD_PUBLISHERS_MAX ?
		    m->meeting->publishers[*next] :
		    NULL;

		if (!of || rq->watch_count == ROOM_SLOTS_MAX)
			continue;
		rq->watch[rq->watch_count++] = (struct room_watch){
			.slot = slot->slot,
			.has_peer = true,
			.peer = of->participant,
			.source = slot->is_audio ? ROOM_MICROPHONE : ROOM_CAMERA
		};
		++*next;
	}
}

static enum kk_err ask(struct load_member *m, const struct room_signal *answer)
{
	struct room_request *rq = kk_calloc(1, sizeof(*rq));
	char *text = NULL;
	enum kk_err err;

	if (!rq)
		return KK_ENOMEM;
	m->last_id++;
	request_fill(m, rq);
	if (answer && m->step == STEP_WATCH)
		watch_fill(m, rq, answer);
	err = m->step == STEP_REGISTER ? register_write(m, &text) :
					 room_request_write(rq, &text);
	if (!err)
		err = load_member_say(m, text);
	if (text)
		kk_free_wiped(text, strlen(text));
	room_request_free(rq);
	return err;
}

static enum kk_err sfud_begin(struct load_member *m)
{
	m->step = STEP_HELLO;
	return ask(m, NULL);
}

static bool is_wanted(const struct load_member *m, enum step step)
{
	switch (step) {
	case STEP_REGISTER:
		return m->is_publisher && m->rank == 0;
	case STEP_CAMERA:
		return m->is_publisher;
	case STEP_MICROPHONE:
		return m->is_publisher && m->load->options.has_audio;
	case STEP_SLOTS:
	case STEP_WATCH:
		return !m->is_publisher;
	default:
		return true;
	}
}

/* We speak UDP over IPv4. */
static bool is_ours(const struct room_candidate *c)
{
	return strcmp(c->protocol, "udp") == 0 && !strchr(c->address, ':');
}

/* The first candidate that is ours. */
static enum kk_err connect_to(struct load_member *m,
    const struct room_transport *t)
{
	struct load_remote to = { 0 };
	size_t i = 0;
	enum kk_err err = dtls_fingerprint_read(t->fingerprint, to.fingerprint);

	if (err)
		return err;
	while (i < t->candidate_count && !is_ours(&t->candidates[i]))
		i++;
	if (i == t->candidate_count)
		return KK_ENOENT;
	(void)snprintf(to.address, sizeof(to.address), "%.15s",
	    t->candidates[i].address);
	to.port = t->candidates[i].port;
	(void)snprintf(to.ufrag, sizeof(to.ufrag), "%s", t->ufrag);
	(void)snprintf(to.pwd, sizeof(to.pwd), "%s", t->pwd);
	m->transport = t->number;
	m->peer.remote = to;
	return KK_OK;
}

static enum kk_err answer_use(struct load_member *m,
    const struct room_signal *s)
{
	if (m->step == STEP_ENTER) {
		m->participant = s->peer;
		return s->has_peer ? KK_OK : KK_EFORMAT;
	}
	if (m->step == STEP_TRANSPORT)
		return s->transport ? connect_to(m, s->transport) : KK_EFORMAT;
	if (m->step == STEP_CONNECT) {
		const struct load_remote remote = m->peer.remote;

		return load_peer_connect(m, &remote);
	}
	return KK_OK;
}

static enum kk_err answer_take(struct load_member *m,
    const struct room_signal *s)
{
	enum kk_err err = s->id == m->last_id ? answer_use(m, s) : KK_ESTATE;

	if (err)
		return err;
	do {
		m->step++;
	} while (m->step < STEP_DONE && !is_wanted(m, (enum step)m->step));
	if (m->step < STEP_DONE)
		return ask(m, s);
	load_member_signalled(m);
	return KK_OK;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static enum kk_err sfud_text(struct load_member *m, const char *text,
    size_t bytes)
{
	struct room_signal s;
	enum kk_err err;

	/* With a thousand participants these are a million. */
	if (begins(text, "{\"type\":\"joined\"") ||
	    begins(text, "{\"type\":\"left\""))
		return KK_OK;
	err = room_signal_parse(&s, text, bytes);
	if (err)
		return err;
	if (s.type == ROOM_ANSWER) {
		err = answer_take(m, &s);
	} else if (s.type == ROOM_ANSWER_ERROR) {
		load_fail(m->load, "participant %zu: sfud refuses step %u: %s",
		    m->number, m->step, room_error_name(s.error));
	} else if (s.type == ROOM_TRANSPORT && s.is_lost) {
		load_fail(m->load, "participant %zu: sfud has lost it",
		    m->number);
	}
	room_signal_clear(&s);
	return err;
}

const struct load_adapter load_sfud = { "konklave.1", sfud_open, sfud_begin,
	sfud_text, sfud_close };
