/*
 * repair.h - fsck.fat, as konklave-update has it put the ESP right before it
 * writes there: nothing that a slot or the firmware starts is lost by it, also
 * where the power goes while it works.
 */
#pragma once
#include "tests/cuts/box.h"

struct repair_seen { /* how often */
	size_t runs; /* each of another ESP */
	size_t changes; /* it had something to put right */
	size_t cuts; /* of a run: subsets of the sectors that it changed */
};

struct repair {
	struct box box; /* what is seen there is no matter of the log's */
	struct repair_seen seen;
	const char *program;
	struct repair_memory *memory;
};

/* program is borrowed, and so is built, whose kernel images are known. */
void repair_open(struct repair *r, const char *program,
    const struct box *built);
void repair_close(struct repair *r);

/* Checks it on the ESP of a disk, once for each table and folders, since it
 * reads nothing else: afterwards no cluster is lost, none has two names, and of
 * it and of each cut in it the slot runs that ran before.  w: what box_check()
 * has given. */
void repair_check(struct repair *r, const struct cuts_disk *d,
    const struct world *w, enum boot_slot running);
