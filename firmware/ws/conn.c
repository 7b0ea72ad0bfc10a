/* conn.c - the life of a connection. */
#include <string.h>

#include "ws/ws_private.h"

void ws_conn_link(struct ws_conn **list, struct ws_conn *conn)
{
	conn->next = *list;
	conn->back = list;
	if (conn->next)
		conn->next->back = &conn->next;
	*list = conn;
}

void ws_conn_unlink(struct ws_conn *conn)
{
	*conn->back = conn->next;
	if (conn->next)
		conn->next->back = conn->back;
	conn->next = NULL;
	conn->back = NULL;
}

enum kk_err ws_conn_new(struct ws_conn **connp, struct ws *ws,
    const struct ws_handler *handler, void *arg)
{
	struct ws_conn *conn = kk_calloc(1, sizeof(*conn));

	if (!conn)
		return KK_ENOMEM;
	conn->ws = ws;
	conn->handler = handler;
	conn->arg = arg;
	conn->queue_end = &conn->queue;
	conn->message_max_bytes = WS_MESSAGE_MAX_BYTES;
	conn->began_us = ws_now_us(ws);
	conn->pinged_us = conn->began_us;
	ws_conn_link(&ws->conns, conn);
	*connp = conn;
	return KK_OK;
}

void ws_conn_arg_set(struct ws_conn *conn, void *arg)
{
	conn->arg = arg;
}

void ws_conn_message_max_set(struct ws_conn *conn, size_t bytes)
{
	conn->message_max_bytes = bytes < WS_MESSAGE_MAX_BYTES ?
	    bytes :
	    WS_MESSAGE_MAX_BYTES;
}

void ws_conn_why(struct ws_conn *conn, enum ws_close why)
{
	if (conn->has_why)
		return;
	conn->why = why;
	conn->has_why = true;
}

/* Its socket is closed by libwebsockets, from its own timer: this may be called
 * inside one of its callbacks. */
static void socket_leave(struct ws_conn *conn)
{
	if (!conn->lws)
		return;
	lws_set_opaque_user_data(conn->lws, NULL);
	lws_set_timeout(conn->lws, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
	conn->lws = NULL;
	ws_loop_wake(conn->ws);
}

void ws_conn_forget_out(struct ws_conn *conn)
{
	while (conn->queue) {
		struct ws_queued *q = conn->queue;

		conn->queue = q->next;
		ws_text_unref(q->text);
		kk_free(q);
	}
	conn->queue_end = &conn->queue;
	conn->queue_bytes = 0;
}

void ws_conn_end(struct ws_conn *conn, enum ws_close why)
{
	if (conn->state == WS_ENDED)
		return;
	ws_conn_why(conn, why);
	conn->state = WS_ENDED;
	socket_leave(conn);
	ws_conn_forget_out(conn);
	ws_conn_forget_in(conn);
	ws_conn_unlink(conn);
	ws_conn_link(&conn->ws->ended, conn);
	(void)sd_event_source_set_enabled(conn->ws->defer, SD_EVENT_ONESHOT);
}

void ws_close(struct ws_conn *conn)
{
	ws_conn_why(conn, WS_CLOSED_BY_US);
	if (conn->state == WS_CONNECTING) {
		ws_conn_end(conn, WS_CLOSED_BY_US);
	} else if (conn->state == WS_OPEN) {
		conn->state = WS_CLOSING;
		(void)lws_callback_on_writable(conn->lws);
	}
}

void ws_conn_free(struct ws_conn *conn)
{
	if (!conn)
		return;
	if (conn->ws) {
		socket_leave(conn);
		ws_conn_forget_in(conn);
		ws_conn_unlink(conn);
	}
	ws_conn_forget_out(conn);
	kk_free(conn->host);
	kk_free((void *)(uintptr_t)conn->subprotocol);
	kk_free(conn);
}

void ws_conn_heard(struct ws_conn *conn)
{
	conn->asked_us = 0;
}

void ws_conn_tick(struct ws_conn *conn, uint64_t now_us)
{
	const struct ws_times *times = &conn->ws->times;

	if (conn->state == WS_CONNECTING) {
		if (now_us - conn->began_us >= times->connect_us)
			ws_conn_end(conn, WS_UNREACHABLE);
		return;
	}
	/* Only a ping without an answer counts: a time in which this process
	 * stood still says nothing about the peer. */
	if (conn->asked_us &&
	    now_us - conn->asked_us >= times->lost_us - times->ping_us) {
		ws_conn_end(conn, WS_LOST);
		return;
	}
	if (conn->state == WS_CLOSE_SENT && !conn->asked_us)
		conn->asked_us = now_us; /* its closing frame is the answer */
	if (conn->state == WS_CLOSE_SENT ||
	    now_us - conn->pinged_us < times->ping_us)
		return;
	conn->pinged_us = now_us;
	if (!conn->asked_us)
		conn->asked_us = now_us;
	conn->wants_ping = true;
	(void)lws_callback_on_writable(conn->lws);
}
