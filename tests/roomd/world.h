/*
 * world.h - boxes of keyd and roomd, and a forwarder.  Checks end a test.
 *
 * All are processes of their own, and each can be killed and started.
 */
#pragma once
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "call/call.h"
#include "harness/process.h"
#include "harness/tap.h"
#include "room/room.h"

enum { WORLD_BOXES = 3, WORLD_OPTIONS = 8 };

enum { MEDIA, FACE, HEALTH, PANEL, SOCKETS };
enum { ROLES = HEALTH }; /* those that are told the plan */

#define SITE_TOKEN "thirty-two bytes that allow much"

struct box {
	struct world *w;
	char folder[64];
	pid_t keyd, roomd; /* 0: not running */
	bool has_site_token;
	const char *link; /* to join, or NULL */
	const char *keyd_options[WORLD_OPTIONS]; /* more of them */
	const char *roomd_options[WORLD_OPTIONS];
	char names[SOCKETS][96];
	sd_varlink *link_to[ROLES];
	bool is_told[ROLES]; /* it is connected */
	sd_json_variant *plan[ROLES]; /* the last that was told */
};

struct server { /* sfud */
	pid_t pid;
	uint16_t port; /* 0: any, and then the one it has got */
	bool has_tls; /* by the site of tests/ws/ca */
};

struct world {
	sd_event *event;
	char folder[64];
	struct server server;
	struct box box[WORLD_BOXES];
	const char *trust; /* of the boxes, or NULL */
};

/* A server, and boxes that are made and do not run. */
void world_start(struct world *w);
void world_end(struct world *w);

void server_start(struct world *w);
void server_kill(struct world *w); /* kill -9 */
void server_forget(struct world *w); /* its disk, while it is down */
/* In its place a server that speaks another version. */
void server_start_other(struct world *w);
_Noreturn void other_version_run(int port_fd);
/* No more than two may be in the meeting of this box. */
void meeting_make_small(struct box *b);

void box_start(struct box *b); /* keyd and roomd */
void box_stop(struct box *b); /* SIGTERM: must end with status 0 */
void keyd_start(struct box *b);
void roomd_start(struct box *b);
void plan_watch(struct box *b, unsigned role); /* FACE is, from the start */
void keyd_kill(struct box *b); /* kill -9 */
void roomd_kill(struct box *b);
char *box_log(const struct box *b); /* to be freed */
char *box_file(const struct box *b, const char *name); /* to be freed */

/* Turns the loop until it is so; the test fails when it takes too long. */
void await(struct world *w, bool (*is_so)(struct world *w, const void *arg),
    const void *arg);
double await_s(struct world *w, bool (*is_so)(struct world *w, const void *arg),
    const void *arg); /* and gives how long it took */

/* The boxes that run are in, with each other, under one code. */
bool all_meet(struct world *w, const void *unused);
/* Of the last plan: a text or NULL, a number or 0. */
const char *plan_text(const struct box *b, const char *name);
uint64_t plan_number(const struct box *b, const char *name);
size_t plan_count(const struct box *b, const char *name); /* of a list */
bool box_has_trouble(const struct box *b, const char *trouble);
void trouble_await(struct box *b, const char *trouble);

/* A call.  in is taken over, or NULL.  The answer lives until the next one;
 * error gets the error's name, without what stands before it, or NULL. */
sd_json_variant *ask(struct box *b, unsigned role, const char *method,
    sd_json_variant *in, const char **error);
