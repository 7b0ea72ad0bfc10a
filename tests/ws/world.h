/* world.h - a loop with a server, clients, and peers of bare sockets. */
#pragma once
#include <systemd/sd-event.h>

#include "harness/tap.h"
#include "ws/ws.h"
#include "ws/ws_private.h"

enum { SEEN_MAX = 4096 };

struct world;

/* What a side has been told. */
struct side {
	struct world *world;
	struct ws_conn *conn; /* the last one opened */
	size_t opened, closed, messages;
	enum ws_close why; /* of the last one closed */
	char *text; /* the last message */
	size_t bytes;
	size_t total_bytes;
	bool counts; /* the nth text is n */
	bool echoes, frees_on_message;
};

struct world {
	sd_event *event;
	struct ws *server, *client;
	struct side at_server, at_client;
	uint16_t port;
	char folder[32]; /* certificates; empty where none */
};

extern const struct ws_handler side_handler;

void world_start(struct world *w); /* without TLS */
void world_start_tls(struct world *w, const char *name);
void world_end(struct world *w);
void world_times(struct world *w, unsigned ping_ms, unsigned lost_ms,
    unsigned connect_ms);

/* Connects a client; how may be NULL. */
struct ws_conn *world_connect(struct world *w, struct side *side,
    const struct ws_connect *how);
struct ws_conn *world_connect_tls(struct world *w, const char *host,
    const char *trust);
void world_pair(struct world *w); /* until both have opened */

/* One turn of the loop; fails the test after a minute of them. */
void world_turn(struct world *w);
#define WAIT_FOR(w, cond)              \
	do {                           \
		while (!(cond))        \
			world_turn(w); \
	} while (0)

/* A peer of a bare socket, connected; and after its handshake. */
int raw_connect(struct world *w);
int raw_open(struct world *w, const char *subprotocol);
void raw_send(int fd, const void *data, size_t bytes);
/* A frame of a client, masked by zeroes. */
void raw_frame(int fd, uint8_t first, const void *data, size_t bytes);
/* Reads until the end; gives the code of the closing frame, or 0. */
unsigned raw_close_code(struct world *w, int fd);
size_t raw_read(struct world *w, int fd, char *out, size_t room);
