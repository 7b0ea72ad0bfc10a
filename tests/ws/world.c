/* world.c - see world.h. */
#define _GNU_SOURCE /* mkdtemp() */
#include "world.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TURN_US = 20000, SECONDS = 60 };

static void opened(void *arg, struct ws_conn *conn)
{
	struct side *s = arg;

	s->conn = conn;
	s->opened++;
}

static void message(void *arg, struct ws_conn *conn, const char *text,
    size_t bytes)
{
	struct side *s = arg;

	free(s->text);
	s->text = malloc(bytes + 1);
	CHECK(s->text != NULL);
	CHECK_EQ(text[bytes], '\0');
	memcpy(s->text, text, bytes + 1);
	s->bytes = bytes;
	s->total_bytes += bytes;
	if (s->counts)
		CHECK_EQ(strtoul(text, NULL, 10), s->messages);
	s->messages++;
	if (s->echoes)
		CHECK_OK(ws_send(conn, text, bytes));
	if (s->frees_on_message) {
		ws_conn_free(conn);
		s->conn = NULL;
	}
}

static void closed(void *arg, struct ws_conn *conn, enum ws_close why)
{
	struct side *s = arg;

	s->closed++;
	s->why = why;
	if (s->conn == conn)
		s->conn = NULL;
	ws_conn_free(conn);
}

const struct ws_handler side_handler = { opened, message, closed };

void world_turn(struct world *w)
{
	struct timespec now;
	static time_t end; /* of this test, set by world_start() */

	CHECK_EQ(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	if (!w) {
		end = now.tv_sec + SECONDS;
		return;
	}
	CHECK(now.tv_sec < end);
	CHECK(sd_event_run(w->event, TURN_US) >= 0);
}

static void start(struct world *w)
{
	char folder[sizeof(w->folder)];

	memcpy(folder, w->folder, sizeof(folder));
	*w = (struct world){ 0 };
	memcpy(w->folder, folder, sizeof(folder));
	w->at_server.world = w->at_client.world = w;
	CHECK(sd_event_new(&w->event) >= 0);
	CHECK_OK(ws_new(&w->server, w->event, NULL));
	CHECK_OK(ws_new(&w->client, w->event, NULL));
	world_turn(NULL);
}

void world_start(struct world *w)
{
	struct ws_listen how = { .address = "127.0.0.1",
		.subprotocol = "test.1",
		.connections_max = 512,
		.handler = &side_handler,
		.arg = &w->at_server };

	w->folder[0] = '\0';
	start(w);
	CHECK_OK(ws_listen(w->server, &how, &w->port));
	CHECK(w->port != 0);
}

static void command(const char *program, const char *arg, const char *path)
{
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		execlp(program, program, arg ? arg : path, arg ? path : NULL,
		    (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

void world_start_tls(struct world *w, const char *name)
{
	char cert[64], key[64];
	struct ws_listen how = { .subprotocol = "test.1",
		.cert_path = cert,
		.key_path = key,
		.connections_max = 512,
		.handler = &side_handler,
		.arg = &w->at_server };

	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/kk-ws-XXXXXX");
	CHECK(mkdtemp(w->folder) != NULL);
	command("tests/ws/ca", NULL, w->folder);
	start(w);
	(void)snprintf(cert, sizeof(cert), "%s/%s.pem", w->folder, name);
	(void)snprintf(key, sizeof(key), "%s/%s.key", w->folder, name);
	CHECK_OK(ws_listen(w->server, &how, &w->port));
}

void world_end(struct world *w)
{
	ws_conn_free(w->at_server.conn);
	ws_conn_free(w->at_client.conn);
	ws_free(w->client);
	ws_free(w->server);
	sd_event_unref(w->event);
	free(w->at_server.text);
	free(w->at_client.text);
	if (w->folder[0])
		command("rm", "-rf", w->folder);
}

void world_times(struct world *w, unsigned ping_ms, unsigned lost_ms,
    unsigned connect_ms)
{
	struct ws_times times = { ping_ms * UINT64_C(1000),
		lost_ms * UINT64_C(1000), connect_ms * UINT64_C(1000) };

	ws_times_set(w->server, &times);
	ws_times_set(w->client, &times);
}

struct ws_conn *world_connect(struct world *w, struct side *side,
    const struct ws_connect *how)
{
	struct ws_connect plain = { .host = "127.0.0.1",
		.port = w->port,
		.path = "/",
		.subprotocol = "test.1",
		.handler = &side_handler,
		.arg = side };
	struct ws_conn *conn = NULL;

	CHECK_OK(ws_connect(w->client, how ? how : &plain, &conn));
	side->conn = conn;
	return conn;
}

struct ws_conn *world_connect_tls(struct world *w, const char *host,
    const char *trust)
{
	char path[64];
	struct ws_connect how = { .host = host,
		.port = w->port,
		.path = "/",
		.subprotocol = "test.1",
		.has_tls = true,
		.trust_path = path,
		.handler = &side_handler,
		.arg = &w->at_client };

	(void)snprintf(path, sizeof(path), "%s/%s.pem", w->folder, trust);
	return world_connect(w, &w->at_client, &how);
}

void world_pair(struct world *w)
{
	world_connect(w, &w->at_client, NULL);
	WAIT_FOR(w, w->at_client.opened == 1 && w->at_server.opened == 1);
}

int raw_connect(struct world *w)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(w->port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK_EQ(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

void raw_send(int fd, const void *data, size_t bytes)
{
	CHECK_EQ(send(fd, data, bytes, MSG_NOSIGNAL), bytes);
}

/* What is there, or 0 at the end, after turns of the loop. */
size_t raw_read(struct world *w, int fd, char *out, size_t room)
{
	for (;;) {
		ssize_t n = recv(fd, out, room, MSG_DONTWAIT);

		if (n >= 0)
			return (size_t)n;
		if (errno == ECONNRESET)
			return 0;
		CHECK(errno == EAGAIN || errno == EINTR);
		world_turn(w);
	}
}

int raw_open(struct world *w, const char *subprotocol)
{
	char text[512], *end;
	int fd = raw_connect(w);
	size_t at = 0;

	(void)snprintf(text, sizeof(text),
	    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Protocol: %s\r\n\r\n",
	    subprotocol);
	raw_send(fd, text, strlen(text));
	do {
		size_t n = raw_read(w, fd, text + at, sizeof(text) - 1 - at);

		CHECK(n > 0);
		at += n;
		text[at] = '\0';
		end = strstr(text, "\r\n\r\n");
	} while (!end);
	CHECK(!strncmp(text, "HTTP/1.1 101 ", 13));
	/* RFC 6455, 1.3: the answer to this key */
	CHECK(strstr(text, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != NULL);
	return fd;
}

void raw_frame(int fd, uint8_t first, const void *data, size_t bytes)
{
	uint8_t head[14] = { first };
	size_t n = 2;

	if (bytes < 126) {
		head[1] = (uint8_t)(0x80 | bytes);
	} else {
		head[1] = 0x80 | 127;
		for (int i = 0; i < 8; i++)
			head[2 + i] = (uint8_t)((uint64_t)bytes >>
			    (56 - 8 * i));
		n = 10;
	}
	raw_send(fd, head, n + 4); /* a mask of zeroes */
	if (bytes)
		raw_send(fd, data, bytes);
}

unsigned raw_close_code(struct world *w, int fd)
{
	uint8_t in[256];
	size_t at = 0, n;

	while (at < sizeof(in) &&
	    (n = raw_read(w, fd, (char *)in + at, sizeof(in) - at)) > 0)
		at += n;
	return at >= 4 && in[0] == 0x88 ? in[2] * 256U + in[3] : 0;
}
