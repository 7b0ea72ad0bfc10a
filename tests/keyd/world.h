/* world.h - boxes: keyd as a program, with clients.  Checks end a test. */
#pragma once
#include <sys/types.h>

#include "call/call.h"
#include "harness/process.h"
#include "harness/tap.h"

enum { BOX_ROLES = 5, WORLD_BOXES = 3, WORLD_KEPT = 256 };

enum { POLICY, MEDIA, MIX, SETUP, HEALTH };

#define MEETING "bWVldGluZyBvbmU=" /* "meeting one" */
#define SECRET "9C3kQb7mX0pWf1sZ8vJ2yA==" /* random once */
#define SECRET_RAW                                                          \
	{ 0xf4, 0x2d, 0xe4, 0x41, 0xbe, 0xe6, 0x5f, 0x4a, 0x56, 0x7f, 0x5b, \
		0x19, 0xf2, 0xf2, 0x76, 0xc8 }

struct box {
	pid_t pid; /* 0: not running */
	char folder[64];
	char paths[BOX_ROLES][96];
	char log[96];
	const char *options[8]; /* more of them, for the next start */
	int passed_fd; /* a listening socket for policy, or 0: a path */
	bool has_no_rights; /* runs without root's capabilities */
	sd_varlink *link[BOX_ROLES];
};

struct world {
	struct box box[WORLD_BOXES];
	sd_json_variant *kept[WORLD_KEPT];
	size_t kept_count;
};

/* Boxes 0 to count - 1, running. */
void world_start(struct world *w, size_t count);
void world_end(struct world *w); /* each must still be running, and end well */

void box_make(struct box *b); /* its folder and key, nothing runs */
void box_start(struct box *b);
void box_kill(struct box *b); /* kill -9 */
void box_stop(struct box *b); /* SIGTERM: must end with status 0 */
char *box_log(const struct box *b); /* to be freed */
void rights_drop(void); /* in a child: no capabilities, also after exec() */

/*
 * A call.  in is taken over, or NULL.  The answer lives until the world ends.
 */
sd_json_variant *ask(struct world *w, sd_varlink *link, const char *method,
    sd_json_variant *in);
/* One that must fail; gives the error's name, without what stands before it. */
const char *ask_fails(sd_varlink *link, const char *method,
    sd_json_variant *in);
sd_json_variant *in_meeting(void); /* parameters with the meeting alone */
sd_json_variant *in_with(const char *name, const char *text);
sd_json_variant *in_handle(sd_json_variant *of);
sd_json_variant *in_open(void); /* the meeting and its secret */
const char *text_of(sd_json_variant *v, const char *name);
uint64_t number_of(sd_json_variant *v, const char *name);
bool is_true(sd_json_variant *v, const char *name);

/* What most tests do. */
void meeting_create(struct world *w, struct box *b);
/* b joins by a welcome from by; the others of the first count take it in. */
void meeting_join(struct world *w, struct box *by, struct box *b);
/* A commit of by's, accepted: it applies, the others process and apply. */
sd_json_variant *commit(struct world *w, struct box *by, sd_json_variant *in);
void spread(struct world *w, struct box *by, const char *message);
const char *code_of(struct world *w, struct box *b);
void agree(struct world *w, size_t count);

/* A subscription to epoch keys, and all that came. */
enum { SEEN_MAX = 16 };

struct seen {
	sd_json_variant *v[SEEN_MAX];
	size_t count;
	bool is_over;
};

void subscribe(sd_varlink *link, struct seen *s);
/* Waits for that many; gives the last of them. */
sd_json_variant *await(sd_varlink *link, struct seen *s, size_t count);
void seen_clear(struct seen *s);
