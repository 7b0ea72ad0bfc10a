/* callback.c - what libwebsockets tells. */
#define _GNU_SOURCE /* strcasecmp(), strtok_r() */
#include <string.h>
#include <strings.h>

#include "ws/ws_private.h"

static struct ws_server *server_of(struct lws *lws)
{
	struct lws_vhost *vhost = lws_get_vhost(lws);

	return vhost ? lws_vhost_user(vhost) : NULL;
}

/* Is ours among those that the client offers (RFC 6455, 4.2.1)? */
static bool subprotocol_is_offered(struct lws *lws, const char *ours)
{
	char list[256], *rest = NULL;

	if (lws_hdr_copy(lws, list, sizeof(list), WSI_TOKEN_PROTOCOL) <= 0)
		return false;
	for (char *name = strtok_r(list, ", ", &rest); name;
	    name = strtok_r(NULL, ", ", &rest)) {
		if (!strcmp(name, ours))
			return true;
	}
	return false;
}

/* Gives what libwebsockets wants: more than 0 is answered. */
static int upgrade_confirm(struct lws *lws, const char *to)
{
	const struct ws_server *server = server_of(lws);

	if (server && !server->page.write && !strcasecmp(to, "websocket") &&
	    subprotocol_is_offered(lws, server->subprotocol))
		return 0;
	return lws_return_http_status(lws, HTTP_STATUS_BAD_REQUEST, NULL) ? -1 :
									    1;
}

static int plain(struct lws *lws, const char *uri)
{
	const struct ws_server *server = server_of(lws);

	if (server && server->page.write)
		return ws_page_answer(lws, &server->page, uri);
	(void)!lws_return_http_status(lws, HTTP_STATUS_BAD_REQUEST, NULL);
	return -1;
}

static int accepted(struct lws *lws)
{
	struct ws_server *server = server_of(lws);
	struct ws_conn *conn = NULL;

	if (!server ||
	    ws_conn_new(&conn, server->ws, server->handler, server->arg))
		return -1;
	conn->lws = lws;
	conn->state = WS_OPEN;
	conn->message_max_bytes = server->message_max_bytes;
	lws_set_opaque_user_data(lws, conn);
	conn->handler->opened(conn->arg, conn);
	return lws_get_opaque_user_data(lws) ? 0 : -1;
}

static int established(struct lws *lws, struct ws_conn *conn)
{
	if (!conn)
		return -1;
	if (!conn->is_name_checked) {
		ws_conn_end(conn, WS_UNTRUSTED);
		return -1;
	}
	conn->state = WS_OPEN;
	conn->pinged_us = ws_now_us(conn->ws);
	conn->handler->opened(conn->arg, conn);
	return lws_get_opaque_user_data(lws) ? 0 : -1;
}

/* Its socket is gone with this. */
static int gone(struct ws_conn *conn, enum ws_close why)
{
	if (!conn)
		return 0;
	conn->lws = NULL;
	ws_conn_end(conn, why);
	return 0;
}

static int failed(struct lws *lws, struct ws_conn *conn)
{
	/* Where it has answered at all, it is there. */
	bool is_answered = lws_http_client_http_response(lws) != 0;

	if (!is_answered && conn && conn->is_by_proxy)
		return gone(conn, WS_PROXY);
	return gone(conn, is_answered ? WS_REFUSED : WS_UNREACHABLE);
}

static int network_filter(struct lws *lws)
{
	const struct ws_server *server = server_of(lws);

	return server &&
	    server->sockets - server->listening >= server->connections_max;
}

static int server_callback(struct lws *lws, enum lws_callback_reasons reason,
    struct ws_conn *conn, void *in, size_t bytes)
{
	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		return network_filter(lws);
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return upgrade_confirm(lws, in);
	case LWS_CALLBACK_HTTP:
		return plain(lws, in);
	case LWS_CALLBACK_ESTABLISHED:
		return accepted(lws);
	case LWS_CALLBACK_RECEIVE:
		return conn ? ws_conn_read(conn, in, bytes) : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return conn ? ws_conn_write(conn) : -1;
	case LWS_CALLBACK_CLOSED:
		return gone(conn, WS_LOST);
	default:
		return 0;
	}
}

static int client_callback(struct lws *lws, enum lws_callback_reasons reason,
    struct ws_conn *conn, void *in, size_t bytes)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
		return conn && ws_client_subprotocol(lws, conn) ? 0 : -1;
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		return established(lws, conn);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		return failed(lws, conn);
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return conn ? ws_conn_read(conn, in, bytes) : -1;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return conn ? ws_conn_write(conn) : -1;
	case LWS_CALLBACK_CLIENT_CLOSED:
		return gone(conn, WS_LOST);
	default:
		return server_callback(lws, reason, conn, in, bytes);
	}
}

static int heard(struct ws_conn *conn)
{
	if (conn)
		ws_conn_heard(conn);
	return 0;
}

int ws_callback(struct lws *lws, enum lws_callback_reasons reason, void *user,
    void *in, size_t bytes)
{
	struct ws *ws = lws_context_user(lws_get_context(lws));
	struct ws_conn *conn;

	switch (reason) {
	case LWS_CALLBACK_ADD_POLL_FD:
	case LWS_CALLBACK_DEL_POLL_FD:
	case LWS_CALLBACK_CHANGE_MODE_POLL_FD:
		return ws_loop_poll(ws, lws, reason, in);
	case LWS_CALLBACK_LOCK_POLL:
	case LWS_CALLBACK_UNLOCK_POLL:
	case LWS_CALLBACK_GET_THREAD_ID: /* one thread */
		return 0;
	case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
		return ws_client_certificate(lws, user, bytes != 0);
	default:
		break;
	}
	conn = lws_get_opaque_user_data(lws);
	switch (reason) {
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		if (conn)
			ws_conn_why(conn, WS_CLOSED_BY_PEER);
		return 0;
	case LWS_CALLBACK_RECEIVE_PONG:
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		return heard(conn);
	default:
		return client_callback(lws, reason, conn, in, bytes);
	}
}
