/* conn.c - the clients' connections. */
#include "sfud.h"

enum { MS_US = 1000 };

void sfud_send(struct sfud_conn *conn, enum kk_err err, struct kk_bytes *text)
{
	if (!err)
		err = ws_send(conn->ws, (const char *)text->data, text->bytes);
	kk_bytes_clear(text);
	/* One that misses something knows nothing for certain any more. */
	if (err)
		sfud_conn_close(conn);
}

void sfud_conn_close(struct sfud_conn *conn)
{
	if (conn->is_closing)
		return;
	conn->is_closing = true;
	ws_close(conn->ws);
}

static void meeting_leave(struct order_member *member, bool is_lost)
{
	struct order_meeting *meeting = order_member_meeting(member);
	size_t count;

	(void)order_members(meeting, &count);
	if (count == 1) {
		pool_meeting_free(order_meeting_owner(meeting));
		order_meeting_owner_set(meeting, NULL);
	}
	order_leave(member, is_lost);
}

void sfud_conn_leave(struct sfud_conn *conn, bool is_lost)
{
	struct order_member *member = conn->member;

	if (!member)
		return;
	conn->member = NULL;
	pool_peer_free(conn->peer);
	conn->peer = NULL;
	kk_free(conn->slots);
	conn->slots = NULL;
	conn->slot_count = 0;
	meeting_leave(member, is_lost);
	ws_conn_message_max_set(conn->ws, SFUD_OUTSIDE_MAX_BYTES);
}

static void conn_free(struct sfud_conn *conn)
{
	sfud_conn_leave(conn, true);
	*conn->back = conn->next;
	if (conn->next)
		conn->next->back = conn->back;
	ws_conn_free(conn->ws);
	kk_free(conn);
}

static void opened(void *arg, struct ws_conn *ws)
{
	struct sfud *s = arg;
	struct sfud_conn *conn = kk_calloc(1, sizeof(*conn));

	if (!conn || s->ends_ms) {
		kk_free(conn);
		ws_conn_free(ws);
		return;
	}
	conn->sfud = s;
	conn->ws = ws;
	conn->opened_ms = sfud_now_us(s) / MS_US;
	conn->next = s->conns;
	conn->back = &s->conns;
	if (conn->next)
		conn->next->back = &conn->next;
	s->conns = conn;
	ws_conn_arg_set(ws, conn);
}

static void message(void *arg, struct ws_conn *ws, const char *text,
    size_t bytes)
{
	struct sfud_conn *conn = arg;

	(void)ws;
	if (!conn->is_closing)
		sfud_request(conn, text, bytes);
}

static void closed(void *arg, struct ws_conn *ws, enum ws_close why)
{
	struct sfud_conn *conn = arg;

	(void)ws;
	sfud_conn_leave(conn, why != WS_CLOSED_BY_PEER);
	conn_free(conn);
}

const struct ws_handler sfud_handler = { opened, message, closed };

void sfud_conns_settle(struct sfud *s)
{
	for (struct sfud_conn *conn = s->conns; conn; conn = conn->next) {
		if (!conn->must_close)
			continue;
		sfud_conn_leave(conn, false);
		sfud_conn_close(conn);
	}
}

void sfud_conns_sweep(struct sfud *s, uint64_t now_ms)
{
	for (struct sfud_conn *conn = s->conns; conn; conn = conn->next) {
		if (conn->state == SIGNAL_NEW &&
		    now_ms - conn->opened_ms >= SFUD_HELLO_MS)
			sfud_conn_close(conn);
	}
}

void sfud_conns_say_closed(struct sfud *s)
{
	for (struct sfud_conn *conn = s->conns; conn; conn = conn->next) {
		struct kk_bytes text;
		enum kk_err err = signal_write_closed(&text, SIGNAL_SHUTDOWN);

		sfud_send(conn, err, &text);
		sfud_conn_close(conn);
	}
}

void sfud_conns_free(struct sfud *s)
{
	while (s->conns)
		conn_free(s->conns);
}
