/*
 * world.h - boxes: mediad as a program, each with a keyd, a roomd and a
 * forwarder's end of its own, all served by the test's one thread.  Checks end
 * a test.
 */
#pragma once
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "drivers/camera/strip.h"
#include "harness/process.h"
#include "harness/tap.h"
#include "pipelines/link/peer.h"
#include "pipelines/member/siblings.h"

enum {
	BOXES = 2,
	WIDTH = 640,
	HEIGHT = 360,
	OPUS = 111,
	VP8 = 96,
	AUDIO = 100, /* SSRCs of what a box sends: these and its number */
	VIDEO = 200,
	LEVEL_BOX = 0, /* is told to say how loud it is */
	AUDIO_SLOT = 300,
	VIDEO_SLOT = 400,
	RTX_SLOT = 500,
	OLD_MAX = 8
};

struct hop { /* of packets into a slot: they go on when the sender changes */
	bool is_on;
	uint16_t seq_offset, last_seq;
	uint32_t ts_offset, last_ts;
};

struct box {
	struct world *world;
	unsigned number; /* and leaf */
	pid_t pid; /* 0: not running */
	bool is_ending; /* it was told to */
	char png[96], json[96], wav[96], log[96];
	struct siblings siblings;
	bool may_seal; /* not told yet for this epoch */
	struct peer *peer;
	struct hop audio, video; /* what it is sent */
	unsigned plis; /* that have been passed on */
	uint16_t
	    turn_port; /* of coturn in its plan, and its only way; 0: none */
	const char *turn_password;
};

struct world {
	char folder[32];
	sd_event *event;
	uint64_t epoch;
	unsigned members; /* bitmap */
	unsigned lines; /* telephone lines behind the member with leaf 0 */
	struct box box[BOXES];
	struct siblings old[OLD_MAX]; /* that were closed */
	size_t old_count;
};

/* Fakes of all boxes are there; no program runs. */
void world_start(struct world *w);
void world_end(struct world *w); /* who still runs must end well */

void box_run(struct box *b);
void box_kill(struct box *b); /* kill -9 */
void box_end(struct box *b); /* SIGTERM: must end with status 0 */
void box_fakes_stop(struct box *b); /* keyd and roomd are gone ... */
void box_fakes_start(struct box *b); /* ... and there again */

/* The next epoch, for these members; plans follow it. */
void epoch_next(struct world *w, unsigned members);
void plan_tell(struct box *b);
/* A new transport for a box. */
void generation_next(struct box *b);

/* Serves until a condition holds; the runner ends a test that hangs. */
void world_step(struct world *w);
#define UNTIL(w, condition)            \
	do {                           \
		while (!(condition))   \
			world_step(w); \
	} while (0)

/* What is on a box's picture: the strip in the tile of a name. */
bool picture_strip(struct box *b, const char *name, struct strip *strip);
bool sees(struct box *b, unsigned other); /* its strip, under its name */
/* ... and what stands there of telephone lines. */
bool says_of_lines(struct box *b, const char *sentence);
/* ... and of updates and sticks, of which notices stand in the world's folder;
 * "": nothing. */
bool says_notice(struct box *b, const char *title);

/* fakes.c */
void fakes_open(struct box *b);
void fakes_close(struct box *b);
void keys_tell(struct box *b);
void keys_end(struct box *b); /* the meeting has ended */
/* forward.c */
void forward_step(struct world *w);
