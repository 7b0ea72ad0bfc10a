/*
 * replay.h - the disks that a power cut can leave of a log.
 *
 * What was asked for before a flush is on the disk; of what was asked for since
 * then anything may be, in any order, and of the last one a part.  Each of
 * these disks is given with the variables that the box had then: a log's marks
 * say them (mark.h).
 */
#pragma once
#include "boot/world.h"
#include "tests/cuts/disk.h"

struct replay_count {
	size_t prefixes; /* all writes up to one */
	size_t torn; /* and a part of the next */
	size_t subsets; /* all of a window of few writes */
	size_t sampled; /* some, of a window of many */
	size_t mixed; /* subsets of which several writes are torn */
	size_t windows, large_windows;
	size_t states; /* different ones, of disk and variables */
	size_t looked; /* at, of these: one's part */
};

typedef void replay_fn(void *arg, const struct cuts_disk *d,
    const struct world *w);

struct replay {
	struct cuts_disk *disk; /* as it was before */
	const struct cuts_log *log;
	replay_fn *look;
	void *arg;
	uint64_t torn_most; /* cuts in one write; UINT64_MAX: at each sector */
	uint32_t subset_writes; /* in a window up to this many: all subsets */
	uint32_t samples; /* of a larger one, and of mixed ones in each */
	uint64_t seed;
	size_t part, parts; /* every parts-th state is looked at; 0: each */
	size_t tell; /* after so many it says how far it is; 0: it does not */
};

/* Checks end it.  The disk is then as after the last write. */
void replay_run(const struct replay *r, struct replay_count *count);
/* In the test's diagnosis. */
void replay_tell(const struct replay_count *count);
