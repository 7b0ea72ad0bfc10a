/* server.c - the link to the forwarder. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <string.h>

#include "roomd.h"

static const char subprotocol[] = "konklave.1";

/* It may have a password. */
static enum kk_err proxy_set(struct roomd *d)
{
	struct kk_bytes url;
	enum kk_err err;

	if (!d->options.proxy)
		return KK_OK;
	err = program_secret_read(d->options.proxy, WS_PROXY_BYTES, &url);
	if (!err)
		err = ws_proxy_set(d->ws, kk_bytes_view(&url));
	kk_bytes_clear(&url);
	if (err == KK_EDENIED)
		kk_log(&d->log, KK_LOG_ERROR,
		    "--proxy: others could read the file; make it mode 0600");
	else if (err)
		kk_log(&d->log, KK_LOG_ERROR,
		    "--proxy: the file is not a line of "
		    "http://[USER:PASSWORD@]HOST[:PORT] err=%s",
		    kk_err_name(err));
	return err;
}

enum kk_err roomd_server_start(struct roomd *d)
{
	const enum kk_err err = ws_new(&d->ws, d->event, &d->log);

	return err ? err : proxy_set(d);
}

static bool is_loopback(const char *host)
{
	return !strcmp(host, "localhost") || !strcmp(host, "::1") ||
	    !strncmp(host, "127.", 4);
}

static void conn_free(struct roomd_conn *c)
{
	struct roomd_conn **at = &c->d->conns;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
	if (c->d->conn == c)
		c->d->conn = NULL;
	ws_conn_free(c->ws);
	kk_free(c);
}

static void opened(void *arg, struct ws_conn *ws)
{
	struct roomd_conn *c = arg;
	struct roomd *d = c->d;

	(void)ws;
	d->is_proxy_told = false;
	if (c != d->conn || !d->room)
		return;
	room_link_up(d->room, roomd_now_ms(d));
	roomd_drive(d);
}

static void message(void *arg, struct ws_conn *ws, const char *text,
    size_t bytes)
{
	struct roomd_conn *c = arg;
	struct roomd *d = c->d;
	struct room_signal s;
	enum kk_err err;

	(void)ws;
	if (c != d->conn || !d->room)
		return;
	err = room_signal_parse(&s, text, bytes);
	if (err)
		room_signal_bad(d->room, err, roomd_now_ms(d));
	else
		room_signal(d->room, &s, roomd_now_ms(d));
	room_signal_clear(&s);
	roomd_drive(d);
}

static enum room_link_loss loss_of(enum ws_close why)
{
	switch (why) {
	case WS_UNREACHABLE:
	case WS_PROXY:
		return ROOM_LINK_UNREACHABLE;
	case WS_UNTRUSTED:
		return ROOM_LINK_UNTRUSTED;
	case WS_REFUSED:
		return ROOM_LINK_REFUSED;
	default:
		return ROOM_LINK_LOST;
	}
}

static void closed(void *arg, struct ws_conn *ws, enum ws_close why)
{
	struct roomd_conn *c = arg;
	struct roomd *d = c->d;
	const bool was_used = c == d->conn;

	(void)ws;
	if (why == WS_PROXY && !d->is_proxy_told) {
		d->is_proxy_told = true;
		kk_log(&d->log, KK_LOG_WARNING,
		    "the proxy does not answer, asks for another password, or "
		    "does not let us to the server: look at the profile's "
		    "proxy, and at what the proxy allows");
	}
	conn_free(c);
	if (!was_used || !d->room)
		return;
	room_link_down(d->room, loss_of(why), roomd_now_ms(d));
	roomd_drive(d);
}

static const struct ws_handler handler = { opened, message, closed };

void roomd_server_connect(struct roomd *d)
{
	struct roomd_conn *c = kk_calloc(1, sizeof(*c));
	struct ws_connect how = { .host = d->options.server,
		.port = d->options.server_port,
		.path = "/",
		.subprotocol = subprotocol,
		.has_tls = d->options.trust || !is_loopback(d->options.server),
		.trust_path = d->options.trust,
		.handler = &handler,
		.arg = c };
	enum kk_err err = c ? KK_OK : KK_ENOMEM;

	if (!err) {
		c->d = d;
		c->next = d->conns;
		d->conns = d->conn = c;
		err = ws_connect(d->ws, &how, &c->ws);
	}
	if (!err)
		return;
	kk_log(&d->log, KK_LOG_WARNING, "cannot connect err=%s",
	    kk_err_name(err));
	if (c)
		conn_free(c);
	room_link_down(d->room, ROOM_LINK_UNREACHABLE, roomd_now_ms(d));
}

/* Sends what is queued, and is then freed by closed(). */
void roomd_server_disconnect(struct roomd *d)
{
	struct roomd_conn *c = d->conn;

	d->conn = NULL;
	if (c)
		ws_close(c->ws);
}

void roomd_server_send(struct roomd *d, struct room_request *rq)
{
	char *text = NULL;
	enum kk_err err = room_request_write(rq, &text);

	if (!err && d->conn)
		err = ws_send(d->conn->ws, text, strlen(text));
	if (err)
		kk_log(&d->log, KK_LOG_WARNING,
		    "request is not sent which=%s err=%s",
		    room_request_name(rq->type), kk_err_name(err));
	kk_free_wiped(text, text ? strlen(text) : 0);
	room_request_free(rq); /* no answer will come: the room gives up then */
}

void roomd_server_stop(struct roomd *d)
{
	while (d->conns)
		conn_free(d->conns);
	ws_free(d->ws);
}
