/* io.c - messages in and out. */
#include <string.h>

#include "ws/ws_private.h"

void ws_text_unref(struct ws_text *text)
{
	if (--text->refs > 0)
		return;
	if (text->ws)
		text->ws->text_bytes -= text->bytes;
	kk_free_wiped(text, sizeof(*text) + text->bytes);
}

static void slow_end(struct ws_conn *conn)
{
	conn->ws->slow_readers++;
	ws_conn_end(conn, WS_LOST);
}

static struct ws_conn *slowest_find(const struct ws *ws)
{
	struct ws_conn *slowest = NULL;

	for (struct ws_conn *c = ws->conns; c; c = c->next) {
		if (c->queue && (!slowest || c->moved_us < slowest->moved_us))
			slowest = c;
	}
	return slowest;
}

/* Each queue has its bound, but there may be thousands. */
static void room_find(struct ws *ws, size_t bytes)
{
	while (ws->text_bytes + bytes > ws->text_max_bytes) {
		struct ws_conn *slowest = slowest_find(ws);

		if (!slowest)
			break;
		slow_end(slowest);
	}
}

/* It makes room: connections may end by it. */
static struct ws_text *text_new(struct ws *ws, const char *text, size_t bytes)
{
	struct ws_text *t = kk_calloc(1, sizeof(*t) + bytes);

	if (!t)
		return NULL;
	if (ws) {
		room_find(ws, bytes);
		ws->text_bytes += bytes;
	}
	t->ws = ws;
	t->refs = 1;
	t->bytes = bytes;
	memcpy(t->text, text, bytes);
	return t;
}

static enum kk_err text_queue(struct ws_conn *conn, struct ws_text *text)
{
	size_t bytes = text->bytes + sizeof(struct ws_queued);
	struct ws_queued *q;

	if (conn->state != WS_OPEN)
		return KK_ESTATE;
	if (conn->queue_bytes + bytes > WS_QUEUE_MAX_BYTES) {
		slow_end(conn);
		return KK_ENOSPC;
	}
	q = kk_calloc(1, sizeof(*q));
	if (!q)
		return KK_ENOMEM;
	q->text = text;
	text->refs++;
	if (!conn->queue)
		conn->moved_us = ws_now_us(conn->ws);
	*conn->queue_end = q;
	conn->queue_end = &q->next;
	conn->queue_bytes += bytes;
	(void)lws_callback_on_writable(conn->lws);
	return KK_OK;
}

enum kk_err ws_send_all(struct ws_conn *const *conns, size_t count,
    const char *text, size_t bytes)
{
	struct ws_text *t;
	enum kk_err err = KK_OK;

	if (bytes > WS_MESSAGE_MAX_BYTES)
		return KK_ELIMIT;
	if (count == 0)
		return KK_OK;
	t = text_new(conns[0]->ws, text, bytes);
	if (!t)
		return KK_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (text_queue(conns[i], t) == KK_ENOMEM)
			err = KK_ENOMEM;
	}
	ws_text_unref(t);
	return err;
}

enum kk_err ws_send(struct ws_conn *conn, const char *text, size_t bytes)
{
	struct ws_text *t;
	enum kk_err err;

	if (bytes > WS_MESSAGE_MAX_BYTES)
		return KK_ELIMIT;
	if (conn->state != WS_OPEN)
		return KK_ESTATE;
	t = text_new(conn->ws, text, bytes);
	if (!t)
		return KK_ENOMEM;
	err = text_queue(conn, t);
	ws_text_unref(t);
	return err;
}

static void queue_pop(struct ws_conn *conn)
{
	struct ws_queued *q = conn->queue;

	conn->queue = q->next;
	if (!conn->queue)
		conn->queue_end = &conn->queue;
	conn->queue_bytes -= q->text->bytes + sizeof(*q);
	ws_text_unref(q->text);
	kk_free(q);
}

struct ws_counts ws_counts(const struct ws *ws)
{
	struct ws_counts counts = { .slow_readers = ws->slow_readers };

	for (const struct ws_conn *c = ws->conns; c; c = c->next)
		counts.unsent_bytes += c->queue_bytes;
	return counts;
}

/* One frame of the first message. */
static bool chunk_write(struct ws_conn *conn)
{
	struct ws_queued *q = conn->queue;
	uint8_t *chunk = conn->ws->chunk;
	size_t bytes = q->text->bytes - q->sent_bytes;
	bool is_first = q->sent_bytes == 0, is_last = true;
	int sent;

	if (bytes > WS_CHUNK_BYTES) {
		bytes = WS_CHUNK_BYTES;
		is_last = false;
	}
	memcpy(chunk + LWS_PRE, q->text->text + q->sent_bytes, bytes);
	/* What does not go out at once, libwebsockets keeps: all is taken. */
	sent = lws_write(conn->lws, chunk + LWS_PRE, bytes,
	    (enum lws_write_protocol)lws_write_ws_flags(LWS_WRITE_TEXT,
		is_first, is_last));
	kk_wipe(chunk, LWS_PRE + bytes);
	if (sent < 0)
		return false;
	q->sent_bytes += bytes;
	conn->moved_us = ws_now_us(conn->ws);
	if (is_last)
		queue_pop(conn);
	return true;
}

static bool ping_write(struct ws_conn *conn)
{
	/* Of an empty pong libwebsockets does not tell. */
	uint8_t ping[LWS_PRE + 1] = { 0 };

	conn->wants_ping = false;
	return lws_write(conn->lws, ping + LWS_PRE, 1, LWS_WRITE_PING) >= 0;
}

int ws_conn_write(struct ws_conn *conn)
{
	if (conn->state == WS_CLOSE_SENT)
		return 0;
	if (conn->wants_ping && !ping_write(conn))
		return -1;
	/* Of one that did not go out as a whole, libwebsockets has the rest. */
	for (int i = 0; conn->queue && i < WS_CHUNKS_AT_ONCE &&
	    !lws_partial_buffered(conn->lws);
	    i++) {
		if (!chunk_write(conn))
			return -1;
	}
	if (conn->queue) {
		(void)lws_callback_on_writable(conn->lws);
		return 0;
	}
	if (conn->state != WS_CLOSING)
		return 0;
	conn->state = WS_CLOSE_SENT;
	lws_close_reason(conn->lws, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
	return -1;
}

/* What an unfinished message has of the common room. */
static size_t beyond_free(size_t bytes)
{
	return bytes > WS_FREE_BYTES ? bytes - WS_FREE_BYTES : 0;
}

void ws_conn_forget_in(struct ws_conn *conn)
{
	conn->ws->unfinished_bytes -= beyond_free(conn->in_room);
	kk_free_wiped(conn->in, conn->in_room);
	conn->in = NULL;
	conn->in_bytes = 0;
	conn->in_room = 0;
}

/* Doubles, so that a byte at a time does not copy without bound. */
static bool room_make(struct ws_conn *conn, size_t needed)
{
	size_t room = conn->in_room ? conn->in_room : 1024;
	size_t others = conn->ws->unfinished_bytes - beyond_free(conn->in_room);
	char *in;

	while (room < needed)
		room *= 2;
	if (room == conn->in_room)
		return true;
	if (beyond_free(room) > WS_UNFINISHED_MAX_BYTES - others)
		return false;
	in = kk_regrow(conn->in, conn->in_room, room, 1);
	if (!in)
		return false;
	conn->in = in;
	conn->in_room = room;
	conn->ws->unfinished_bytes = others + beyond_free(room);
	return true;
}

static int refuse(struct ws_conn *conn, enum lws_close_status status)
{
	ws_conn_why(conn, WS_CLOSED_BY_US);
	conn->state = WS_CLOSE_SENT;
	lws_close_reason(conn->lws, status, NULL, 0);
	return -1;
}

static int message_give(struct ws_conn *conn)
{
	struct lws *lws = conn->lws;
	char *text = conn->in;
	size_t bytes = conn->in_bytes, room = conn->in_room;

	if (!kk_text_is_utf8(kk_view_of(text, bytes)))
		return refuse(conn, LWS_CLOSE_STATUS_INVALID_PAYLOAD);
	/* conn may be gone after the call, the text not before its end. */
	conn->ws->unfinished_bytes -= beyond_free(room);
	conn->in = NULL;
	conn->in_bytes = 0;
	conn->in_room = 0;
	conn->handler->message(conn->arg, conn, text, bytes);
	kk_free_wiped(text, room);
	return lws_get_opaque_user_data(lws) ? 0 : -1;
}

int ws_conn_read(struct ws_conn *conn, const void *data, size_t bytes)
{
	size_t rest = lws_remaining_packet_payload(conn->lws);

	if (conn->state != WS_OPEN)
		return 0;
	ws_conn_heard(conn);
	if (lws_frame_is_binary(conn->lws))
		return refuse(conn, LWS_CLOSE_STATUS_UNACCEPTABLE_OPCODE);
	if (bytes > conn->message_max_bytes - conn->in_bytes ||
	    rest > conn->message_max_bytes - conn->in_bytes - bytes)
		return refuse(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
	if (!room_make(conn, conn->in_bytes + bytes + 1))
		return refuse(conn, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
	if (bytes)
		memcpy(conn->in + conn->in_bytes, data, bytes);
	conn->in_bytes += bytes;
	conn->in[conn->in_bytes] = '\0';
	if (rest || !lws_is_final_fragment(conn->lws))
		return 0;
	return message_give(conn);
}
