/* meeting.h - some boxes in one process: studios whose packets go straight to
 * the others'.  Checks end a test. */
#pragma once
#include <glib.h>

#include "drivers/camera/strip.h"
#include "drivers/display/display.h"
#include "harness/tap.h"
#include "pipelines/graphs/screen.h"
#include "pipelines/graphs/studio.h"

enum {
	BOXES = 3,
	WIDTH = 640,
	HEIGHT = 360,
	SEND_WIDTH = 640,
	SEND_HEIGHT = 360,
	FPS = 12,
	LEAVES = 8
};

struct meeting;

/* A wire between boxes.  The packet may be changed; false: it is lost. */
typedef bool wire_fn(struct meeting *m, int from, int to, uint8_t *packet,
    size_t bytes);

struct box {
	struct meeting *meeting;
	int index; /* and leaf, and number in the strip */
	struct studio *studio; /* NULL: is not there */
	char name[32], sound[96];
	/* NULL: the synthetic room and voice, the file sound, no log. */
	const char *camera, *microphone, *loudspeaker;
	const struct kk_log *log;
	gint asks; /* for key frames, by others of it */
};

struct meeting {
	char folder[64];
	struct box boxes[BOXES];
	GRecMutex lock; /* of studio pointers, for packets */
	wire_fn *wire;
	uint64_t epoch;
	uint32_t members; /* bitmap */
	uint8_t base_key[64];
	gint packets;
	/* While it is set, threads of slots that ask for a key frame stand
	 * still, and whatever they hold is held; stalled counts them. */
	gint is_stalling, stalled;
	GThread *control;
};

void meeting_start(struct meeting *m);
void meeting_end(struct meeting *m);

void box_start(struct box *b);
void box_stop(struct box *b);

/* A new epoch for these members, and its people on their screens. */
void meeting_epoch(struct meeting *m, uint32_t members);
/* To one box alone; may it seal? */
void box_epoch(struct box *b, bool may_seal);
void box_view(struct box *b); /* the members, and slots for them */
void box_slots(struct box *b); /* the slots alone, again */

/* What is on a box's screen.  pixels are of WIDTH * HEIGHT * 4 bytes. */
const struct display_tile *tile_of(const struct display_picture *picture,
    uint32_t leaf);
/* The strip in a leaf's tile now; is false where there is none to be read. */
bool tile_strip(struct box *b, uint32_t leaf, struct strip *strip);

/* Waits for a condition, as long as it takes; a hang is the runner's to
 * end. */
#define AWAIT(condition)                     \
	do {                                 \
		while (!(condition))         \
			g_usleep(20 * 1000); \
	} while (0)

/* Does `of` see the leaf's strip, with that number? */
bool sees(struct box *b, uint32_t leaf);
