/* ws.c - the loop's object, and servers. */
#define _GNU_SOURCE /* inet_pton() */
#include <arpa/inet.h>
#include <string.h>

#include "ws/ws_private.h"

char *ws_copy(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *copy = kk_calloc(1, bytes);

	if (copy)
		memcpy(copy, text, bytes);
	return copy;
}

bool ws_is_loopback(const char *host)
{
	static const uint8_t six[16] = { [15] = 1 };
	uint8_t address[16];

	if (!host)
		return false;
	if (!strcmp(host, "localhost"))
		return true;
	if (inet_pton(AF_INET, host, address) == 1)
		return address[0] == 127;
	return inet_pton(AF_INET6, host, address) == 1 &&
	    !memcmp(address, six, sizeof(six));
}

void ws_times_set(struct ws *ws, const struct ws_times *times)
{
	ws->times = *times;
	if (ws->tick)
		(void)sd_event_source_set_time(ws->tick, 0);
}

enum kk_err ws_new(struct ws **wsp, sd_event *event, const struct kk_log *log)
{
	struct lws_context_creation_info info = {
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		    LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.pt_serv_buf_size = WS_CHUNK_BYTES,
		.max_http_header_pool = WS_HEADERS_AT_ONCE,
		.timeout_secs = WS_HANDSHAKE_SECONDS,
	};
	struct ws *ws = kk_calloc(1, sizeof(*ws));
	enum kk_err err;

	if (!ws)
		return KK_ENOMEM;
	ws->event = sd_event_ref(event);
	ws->log = log;
	ws->text_max_bytes = WS_QUEUES_MAX_BYTES;
	ws->times = (struct ws_times){ WS_PING_MS * UINT64_C(1000),
		WS_LOST_MS * UINT64_C(1000), WS_CONNECT_MS * UINT64_C(1000) };
	/* Its log is one for the process, and could show what passes. */
	lws_set_log_level(0, NULL);
	info.user = ws;
	ws->context = lws_create_context(&info);
	err = ws->context ? ws_loop_start(ws) : KK_EIO;
	if (err) {
		ws_free(ws);
		return err;
	}
	*wsp = ws;
	return KK_OK;
}

static void server_free(struct ws_server *server)
{
	kk_free(server->subprotocol);
	kk_free(server->cert_path);
	kk_free(server->key_path);
	kk_free(server);
}

/* Who owns connections still has them. */
static void conns_leave(struct ws_conn *conn)
{
	for (; conn; conn = conn->next) {
		if (conn->lws)
			lws_set_opaque_user_data(conn->lws, NULL);
		conn->lws = NULL;
		conn->state = WS_ENDED;
	}
}

static void conns_orphan(struct ws_conn **list)
{
	while (*list) {
		struct ws_conn *conn = *list;

		ws_conn_forget_in(conn);
		ws_conn_forget_out(conn);
		ws_conn_unlink(conn);
		conn->ws = NULL;
	}
}

void ws_free(struct ws *ws)
{
	if (!ws)
		return;
	conns_leave(ws->conns);
	if (ws->context)
		lws_context_destroy(ws->context);
	conns_orphan(&ws->conns);
	conns_orphan(&ws->ended);
	ws_loop_stop(ws);
	while (ws->servers) {
		struct ws_server *server = ws->servers;

		ws->servers = server->next;
		server_free(server);
	}
	while (ws->trusts) {
		struct ws_trust *trust = ws->trusts;

		ws->trusts = trust->next;
		ws_trust_free(trust);
	}
	sd_event_unref(ws->event);
	kk_wipe(ws->proxy, sizeof(ws->proxy));
	kk_free(ws);
}

/* False: no memory. */
static bool texts_keep(struct ws_server *server, const struct ws_listen *listen)
{
	server->subprotocol = ws_copy(listen->page ? "page" :
						     listen->subprotocol);
	if (!listen->cert_path)
		return server->subprotocol != NULL;
	server->cert_path = ws_copy(listen->cert_path);
	server->key_path = ws_copy(listen->key_path);
	return server->subprotocol && server->cert_path && server->key_path;
}

static enum kk_err server_new(struct ws_server **serverp, struct ws *ws,
    const struct ws_listen *listen)
{
	struct ws_server *server = kk_calloc(1, sizeof(*server));

	if (!server)
		return KK_ENOMEM;
	if (listen->page)
		server->page = *listen->page;
	if (!texts_keep(server, listen)) {
		server_free(server);
		return KK_ENOMEM;
	}
	server->ws = ws;
	server->handler = listen->handler;
	server->arg = listen->arg;
	server->connections_max = listen->connections_max;
	server->message_max_bytes = listen->message_max_bytes ?
	    listen->message_max_bytes :
	    WS_MESSAGE_MAX_BYTES;
	/* The first is for what is no WebSocket. */
	server->protocols[0] = (struct lws_protocols){ .name = "none",
		.callback = ws_callback,
		.rx_buffer_size = WS_RECEIVE_BYTES };
	server->protocols[1] =
	    (struct lws_protocols){ .name = server->subprotocol,
		    .callback = ws_callback,
		    .rx_buffer_size = WS_RECEIVE_BYTES };
	*serverp = server;
	return KK_OK;
}

enum kk_err ws_listen(struct ws *ws, const struct ws_listen *listen,
    uint16_t *port)
{
	struct lws_context_creation_info info = {
		.port = listen->port,
		.iface = listen->address,
		.ssl_cert_filepath = listen->cert_path,
		.ssl_private_key_filepath = listen->key_path,
		.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1,
		.alpn = "http/1.1",
		.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
		.timeout_secs = WS_HANDSHAKE_SECONDS,
		.keepalive_timeout = WS_HANDSHAKE_SECONDS,
		.vhost_name = "server",
	};
	struct ws_server *server = NULL;
	enum kk_err err;

	if (!listen->cert_path != !listen->key_path ||
	    (!listen->cert_path && !ws_is_loopback(listen->address)))
		return KK_EINVAL;
	err = server_new(&server, ws, listen);
	if (err)
		return err;
	if (listen->cert_path)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if (listen->address && !strchr(listen->address, ':'))
		info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
	info.protocols = server->protocols;
	info.user = server;
	server->vhost = lws_create_vhost(ws->context, &info);
	if (!server->vhost) {
		server_free(server);
		return KK_EIO;
	}
	server->listening = server->sockets;
	server->next = ws->servers;
	ws->servers = server;
	*port = (uint16_t)lws_get_vhost_listen_port(server->vhost);
	ws_loop_wake(ws);
	return KK_OK;
}
