/* server.c - what the real forwarder does not do by itself: a server of another
 * version, and a meeting for two alone. */
#define _GNU_SOURCE /* libsystemd's macros ask for it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "world.h"
#include "ws/ws.h"

static const char subprotocol[] = "konklave.1";

/*
 * Another version.
 */
static void other_opened(void *arg, struct ws_conn *conn)
{
	(void)arg;
	(void)conn;
}

static void other_message(void *arg, struct ws_conn *conn, const char *text,
    size_t bytes)
{
	static const char no[] = "{\"type\":\"error\",\"id\":1,\"error\":"
				 "\"version\",\"supported\":[2],\"text\":\"\"}";

	(void)arg;
	(void)bytes;
	if (!strstr(text, "\"hello\"") || !strstr(text, "\"id\":1") ||
	    ws_send(conn, no, sizeof(no) - 1))
		_exit(3);
	ws_close(conn);
}

static void other_closed(void *arg, struct ws_conn *conn, enum ws_close why)
{
	(void)arg;
	(void)why;
	ws_conn_free(conn);
}

_Noreturn void other_version_run(int port_fd)
{
	static const struct ws_handler handler = { other_opened, other_message,
		other_closed };
	const struct ws_listen listen = { .address = "127.0.0.1",
		.subprotocol = subprotocol,
		.connections_max = 4,
		.handler = &handler };
	sd_event *loop = NULL;
	struct ws *ws = NULL;
	uint16_t port = 0;

	if (sd_event_new(&loop) < 0 || ws_new(&ws, loop, NULL) ||
	    ws_listen(ws, &listen, &port) ||
	    write(port_fd, &port, sizeof(port)) != sizeof(port))
		_exit(3);
	(void)close(port_fd);
	(void)sd_event_loop(loop);
	_exit(0);
}

/*
 * A meeting for two: registered again, by who knows the site's token.
 */
struct registrar {
	char request[512];
	bool is_done, is_refused;
};

static void registrar_opened(void *arg, struct ws_conn *conn)
{
	static const char hello[] = "{\"type\":\"hello\",\"id\":1,"
				    "\"version\":1,\"client\":\"test\"}";
	const struct registrar *r = arg;

	CHECK_OK(ws_send(conn, hello, sizeof(hello) - 1));
	CHECK_OK(ws_send(conn, r->request, strlen(r->request)));
}

static void registrar_message(void *arg, struct ws_conn *conn, const char *text,
    size_t bytes)
{
	struct registrar *r = arg;

	(void)conn;
	(void)bytes;
	r->is_refused |= strstr(text, "\"error\"") != NULL;
	r->is_done |= strstr(text, "\"id\":2") != NULL;
}

static void registrar_closed(void *arg, struct ws_conn *conn, enum ws_close why)
{
	struct registrar *r = arg;

	(void)conn;
	(void)why;
	r->is_done = r->is_refused = true;
}

static bool is_done(struct world *w, const void *arg)
{
	const struct registrar *r = arg;

	(void)w;
	return r->is_done;
}

static void request_make(struct registrar *r, const struct box *b)
{
	char *saved = box_file(b, "room/meeting");
	sd_json_variant *v = NULL, *token = NULL;

	CHECK(sd_json_parse(saved, 0, &v, NULL, NULL) >= 0);
	CHECK(sd_json_variant_new_base64(&token, SITE_TOKEN,
		  sizeof(SITE_TOKEN) - 1) >= 0);
	(void)snprintf(r->request, sizeof(r->request),
	    "{\"type\":\"register\",\"id\":2,\"siteToken\":\"%s\","
	    "\"meeting\":\"%s\",\"tokenHash\":\"%s\",\"participants\":2}",
	    sd_json_variant_string(token), plan_text(b, "meeting"),
	    sd_json_variant_string(sd_json_variant_by_key(v, "tokenHash")));
	sd_json_variant_unref(token);
	sd_json_variant_unref(v);
	free(saved);
}

void meeting_make_small(struct box *b)
{
	static const struct ws_handler handler = { registrar_opened,
		registrar_message, registrar_closed };
	struct registrar r = { .is_done = false };
	const struct ws_connect how = { .host = "127.0.0.1",
		.port = b->w->server.port,
		.path = "/",
		.subprotocol = subprotocol,
		.handler = &handler,
		.arg = &r };
	struct ws_conn *conn = NULL;
	struct ws *ws = NULL;

	request_make(&r, b);
	CHECK_OK(ws_new(&ws, b->w->event, NULL));
	CHECK_OK(ws_connect(ws, &how, &conn));
	await(b->w, is_done, &r);
	CHECK(!r.is_refused);
	ws_conn_free(conn);
	ws_free(ws);
}
