/* end.c - a participant's way into the meeting (docs/protocol.md,
 * "Signalling"). */
#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "trial.h"

enum { SOUND, PICTURE };

/* What is asked for, one after the other; each step's answer begins the next.
 */
enum step {
	STEP_HELLO,
	STEP_REGISTER, /* the first one */
	STEP_ENTER,
	STEP_TRANSPORT,
	STEP_CONNECT,
	STEP_CAMERA,
	STEP_MICROPHONE,
	STEP_SLOTS,
	STEP_WATCH, /* once both have come so far */
	STEP_DONE
};

enum { AUDIO_TYPE = 111, VIDEO_TYPE = 96 }; /* as all of us have them */

static const enum room_request_type requests[STEP_DONE] = {
	[STEP_HELLO] = ROOM_ASK_HELLO,
	[STEP_REGISTER] = ROOM_ASK_REGISTER,
	[STEP_ENTER] = ROOM_ASK_ENTER,
	[STEP_TRANSPORT] = ROOM_ASK_TRANSPORT,
	[STEP_CONNECT] = ROOM_ASK_CONNECT,
	[STEP_CAMERA] = ROOM_ASK_PUBLISH,
	[STEP_MICROPHONE] = ROOM_ASK_PUBLISH,
	[STEP_SLOTS] = ROOM_ASK_SLOTS,
	[STEP_WATCH] = ROOM_ASK_WATCH,
};

static void end_fail(struct trial_end *e, const char *what, enum kk_err err)
{
	char why[96];

	(void)snprintf(why, sizeof(why), "%s: %s", what, kk_err_text(err));
	trial_fail(e->trial, LOOPBACK_MEETING, why);
}

static void watch_fill(const struct trial_end *e, struct room_request *rq)
{
	const struct trial_end *other =
	    &e->trial->ends[(e->index + 1) % TRIAL_ENDS];

	for (int i = SOUND; i <= PICTURE; i++)
		rq->watch[rq->watch_count++] = (struct room_watch){
			.slot = e->slots[i].slot,
			.has_peer = true,
			.peer = other->peer,
			.source = i == SOUND ? ROOM_MICROPHONE : ROOM_CAMERA,
			.width = i == SOUND ? 0 : TRIAL_WIDTH,
			.height = i == SOUND ? 0 : TRIAL_HEIGHT,
		};
}

static void request_fill(const struct trial_end *e, struct room_request *rq)
{
	const struct trial *t = e->trial;
	const int of = e->step == STEP_CAMERA ? PICTURE : SOUND;

	rq->type = requests[e->step];
	rq->id = e->last_id;
	rq->meeting = kk_view_of(t->meeting, sizeof(t->meeting));
	rq->token = kk_view_of(t->token, sizeof(t->token));
	rq->token_hash = kk_view_of(t->token_hash, sizeof(t->token_hash));
	rq->site_token = kk_view_of(t->site_token, sizeof(t->site_token));
	rq->transport = e->transport;
	if (e->link)
		(void)snprintf(rq->fingerprint, sizeof(rq->fingerprint), "%s",
		    link_fingerprint(e->link));
	rq->source = of == SOUND ? ROOM_MICROPHONE : ROOM_CAMERA;
	rq->payload_type = of == SOUND ? AUDIO_TYPE : VIDEO_TYPE;
	rq->encodings[0] = (struct room_encoding){ .ssrc = e->ssrcs[of] };
	rq->encoding_count = 1;
	rq->audio_slots = rq->video_slots = 1;
	if (e->step == STEP_WATCH)
		watch_fill(e, rq);
}

static enum kk_err ask(struct trial_end *e)
{
	struct room_request *rq = kk_calloc(1, sizeof(*rq));
	char *text = NULL;
	enum kk_err err;

	if (!rq)
		return KK_ENOMEM;
	e->last_id++;
	request_fill(e, rq);
	err = room_request_write(rq, &text);
	if (!err)
		err = e->conn ? ws_send(e->conn, text, strlen(text)) :
				KK_ESTATE;
	if (text)
		kk_free_wiped(text, strlen(text));
	room_request_free(rq);
	return err;
}

/* --- answers -------------------------------------------------------------- */

static enum kk_err transport_take(struct trial_end *e,
    const struct room_signal *s)
{
	if (!s->transport || e->remote)
		return KK_EFORMAT;
	e->remote = kk_calloc(1, sizeof(*e->remote));
	if (!e->remote)
		return KK_ENOMEM;
	*e->remote = *s->transport;
	e->transport = s->transport->number;
	return trial_media_start(e);
}

static enum kk_err slots_take(struct trial_end *e, const struct room_signal *s)
{
	bool has[2] = { false, false };

	for (size_t i = 0; i < s->slot_count; i++) {
		const int of = s->slots[i].is_audio ? SOUND : PICTURE;

		e->slots[of] = s->slots[i];
		has[of] = true;
	}
	return has[SOUND] && has[PICTURE] ? KK_OK : KK_EFORMAT;
}

static enum kk_err answer_use(struct trial_end *e, const struct room_signal *s)
{
	switch (e->step) {
	case STEP_ENTER:
		e->peer = s->peer;
		e->has_peer = s->has_peer;
		return s->has_peer ? KK_OK : KK_EFORMAT;
	case STEP_TRANSPORT:
		return transport_take(e, s);
	case STEP_CONNECT:
		return trial_media_connect(e);
	case STEP_SLOTS:
		return slots_take(e, s);
	default:
		return KK_OK;
	}
}

static enum kk_err end_connect(struct trial_end *e);

/* The second one comes when there is a meeting, and nobody watches before both
 * can be seen. */
static enum kk_err proceed(struct trial_end *e)
{
	struct trial_end *other = &e->trial->ends[(e->index + 1) % TRIAL_ENDS];
	enum kk_err err;

	if (e->step == STEP_DONE)
		return KK_OK;
	if (e->step != STEP_WATCH)
		return ask(e);
	if (other->step != STEP_WATCH)
		return KK_OK;
	err = trial_media_receive(e);
	if (!err)
		err = trial_media_receive(other);
	if (!err)
		err = ask(e);
	return err ? err : ask(other);
}

static enum kk_err answer_take(struct trial_end *e, const struct room_signal *s)
{
	const bool has_registered = e->step == STEP_REGISTER;
	enum kk_err err = s->id == e->last_id && e->step < STEP_DONE ?
	    answer_use(e, s) :
	    KK_ESTATE;

	if (err)
		return err;
	e->step++;
	if (e->step == STEP_REGISTER && e->index > 0)
		e->step++;
	if (has_registered)
		err = end_connect(&e->trial->ends[1]);
	return err ? err : proceed(e);
}

static void message(void *arg, struct ws_conn *conn, const char *text,
    size_t bytes)
{
	struct trial_end *e = arg;
	struct room_signal s;
	enum kk_err err = room_signal_parse(&s, text, bytes);

	(void)conn;
	if (err) {
		end_fail(e, "the forwarder's answer", err);
		return;
	}
	if (s.type == ROOM_ANSWER)
		err = answer_take(e, &s);
	if (s.type == ROOM_ANSWER_ERROR)
		trial_fail(e->trial, LOOPBACK_MEETING,
		    room_error_name(s.error));
	else if (s.type == ROOM_TRANSPORT && s.is_lost)
		trial_fail(e->trial, LOOPBACK_WAY, "the forwarder has lost it");
	else if (err)
		end_fail(e, room_request_name(requests[e->step % STEP_DONE]),
		    err);
	room_signal_clear(&s);
}

static void opened(void *arg, struct ws_conn *conn)
{
	struct trial_end *e = arg;
	enum kk_err err = ask(e);

	(void)conn;
	if (err)
		end_fail(e, "hello", err);
}

static void closed(void *arg, struct ws_conn *conn, enum ws_close why)
{
	struct trial_end *e = arg;

	(void)why;
	e->conn = NULL;
	ws_conn_free(conn);
	trial_fail(e->trial, LOOPBACK_MEETING,
	    "the forwarder's connection is closed");
}

static enum kk_err end_connect(struct trial_end *e)
{
	static const struct ws_handler handler = { opened, message, closed };
	const struct ws_connect how = { .host = "127.0.0.1",
		.port = e->trial->port,
		.path = "/",
		.subprotocol = "konklave.1",
		.handler = &handler,
		.arg = e };

	return ws_connect(e->trial->ws, &how, &e->conn);
}

/* The second one follows by itself. */
enum kk_err trial_ends_connect(struct trial *t)
{
	return end_connect(&t->ends[0]);
}

/* --- both ----------------------------------------------------------------- */

static enum kk_err end_init(struct trial *t, unsigned index)
{
	struct trial_end *e = &t->ends[index];
	enum kk_err err = crypto_random(e->ssrcs, sizeof(e->ssrcs));

	e->index = index;
	e->ssrcs[SOUND] |= 1; /* not 0, and not the other one */
	e->ssrcs[PICTURE] = (e->ssrcs[PICTURE] | 2) & ~1U;
	e->ways[SOUND] = (struct trial_way){ e, false };
	e->ways[PICTURE] = (struct trial_way){ e, true };
	if (pthread_mutex_init(&e->lock, NULL))
		return KK_ENOMEM;
	e->trial = t;
	return err ? err :
		     crypto_random(e->config.nonce, sizeof(e->config.nonce));
}

enum kk_err trial_ends_init(struct trial *t)
{
	const struct kk_view token = kk_view_of(t->token, sizeof(t->token));
	uint8_t hash[CRYPTO_HASH_MAX_BYTES];
	enum kk_err err = crypto_random(t->meeting, sizeof(t->meeting));

	if (!err)
		err = crypto_random(t->token, sizeof(t->token));
	if (!err)
		err = crypto_hash(CRYPTO_SHA256, &token, 1, hash);
	if (!err)
		memcpy(t->token_hash, hash, sizeof(t->token_hash));
	for (unsigned i = 0; !err && i < TRIAL_ENDS; i++)
		err = end_init(t, i);
	return err;
}

void trial_ends_free(struct trial *t)
{
	for (int i = 0; i < TRIAL_ENDS; i++)
		trial_media_stop(&t->ends[i]);
	for (int i = 0; i < TRIAL_ENDS; i++) {
		loopback_free(t->ends[i].loopback);
		ws_conn_free(t->ends[i].conn);
		kk_free(t->ends[i].remote);
		if (t->ends[i].trial)
			(void)pthread_mutex_destroy(&t->ends[i].lock);
	}
	kk_wipe(t->token, sizeof(t->token));
}

bool trial_ends_are_in(const struct trial *t)
{
	return t->ends[0].step == STEP_DONE && t->ends[1].step == STEP_DONE;
}
