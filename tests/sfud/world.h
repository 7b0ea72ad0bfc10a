/* world.h - sfud as a program, with clients. */
#pragma once
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <systemd/sd-json.h>

#include "harness/process.h"
#include "harness/tap.h"
#include "ws/ws.h"

enum { WORLD_CLIENTS = 24, TEXTS_MAX = 1024, ARGS_MAX = 8, KEPT_MAX = 8192 };

struct world;

struct client {
	struct world *world;
	struct ws_conn *conn; /* NULL: closed */
	bool is_open, is_closed;
	enum ws_close why;
	uint64_t last_id;
	sd_json_variant *texts[TEXTS_MAX]; /* that came and were not taken */
	size_t text_count;
	const char *participant; /* its own, base64; after entering */
};

struct world {
	sd_event *event;
	struct ws *ws;
	char folder[40], log[64];
	pid_t pid;
	unsigned port, loopback_port, media_port, metrics_port;
	const char *args[ARGS_MAX]; /* beyond the usual ones */
	bool is_patient; /* clients wait long for a pong */
	void (*turned)(void *arg); /* each turn; NULL: nothing */
	void *turned_arg;
	struct client clients[WORLD_CLIENTS];
	sd_json_variant *kept[KEPT_MAX];
	size_t kept_count;
};

/* Secrets of the tests, base64. */
extern const char SITE_TOKEN[], OTHER_TOKEN[], TOKEN[], TOKEN_HASH[],
    OTHER_HASH[], MEETING[], MEETING_2[];

void world_start(struct world *w); /* and the program */
void world_end(struct world *w); /* ends it by SIGTERM, if it runs */
void sfud_start(struct world *w);
void sfud_kill(struct world *w);
void sfud_stop(struct world *w); /* it must end with status 0 */
char *sfud_log(const struct world *w); /* free() it */
/* The page for Prometheus, with its head; kk_free() it.  And of one line the
 * number: name, a space, the number. */
char *metrics_read(const struct world *w);
long metrics_value(const struct world *w, const char *name);

void world_turn(struct world *w);
#define WAIT_FOR(w, cond)              \
	do {                           \
		while (!(cond))        \
			world_turn(w); \
	} while (0)

/* Connects, and with greet() says hello. */
struct client *client_open(struct world *w, size_t i);
struct client *client_greet(struct world *w, size_t i);
void client_close(struct client *c); /* with a closing handshake */
void client_drop(struct client *c); /* without */
void client_send(struct client *c, const char *text);
void client_wait_closed(struct client *c);

/*
 * Sends a request, fields being what follows type and id (", \"x\": 1" or ""),
 * and gives its answer, kept until the world's end; others stay for later.
 */
__attribute__((format(printf, 3, 4))) sd_json_variant *ask(struct client *c,
    const char *type, const char *fields, ...);
/* The same, and it must be refused; gives the error's name. */
__attribute__((format(printf, 3, 4))) const char *ask_fails(struct client *c,
    const char *type, const char *fields, ...);
uint64_t ask_send(struct client *c, const char *type, const char *fields);
sd_json_variant *answer_take(struct client *c, uint64_t id); /* or error */

/* The next event of a type; those before it of other types stay. */
sd_json_variant *event_take(struct client *c, const char *type);
/* All events that came are taken; fails if there were others than of type. */
size_t events_left(struct client *c);
/* Asks something and drops nothing: what was sent before has come by then. */
void client_settle(struct client *c);

const char *text_of(sd_json_variant *v, const char *name);
uint64_t number_of(sd_json_variant *v, const char *name);
bool is_null(sd_json_variant *v, const char *name);

/* Registers MEETING for up to so many, by a client of its own. */
void meeting_make(struct world *w, unsigned participants);
/* Greets and enters; epoch is "null" or a number as text. */
sd_json_variant *client_enter(struct world *w, size_t i, const char *epoch);
const char *b64(struct world *w, const char *text); /* kept */
