/*
 * replay.h - which counters of a KID have been seen.  Internal.
 *
 * A window of SFRAME_REPLAY_FRAMES counters that ends at the highest one seen.
 * Source: the bit ring of RFC 6479.
 */
#pragma once
#include "sframe/sframe.h"

enum {
	SFRAME_REPLAY_WORD_BITS = 64,
	/* One more than the window has, so that the part of the newest
	 * word that is ahead of the top never overlaps the window's end. */
	SFRAME_REPLAY_WORDS = SFRAME_REPLAY_FRAMES / 64 + 1
};

struct sframe_replay { /* all zero: nothing seen */
	bool has_top;
	uint64_t top; /* highest counter seen */
	uint64_t words[SFRAME_REPLAY_WORDS];
};

/* Whether ctr may be new: not seen, and not older than the window. */
bool sframe_replay_is_fresh(const struct sframe_replay *r, uint64_t ctr);

/* Notes a fresh counter, after its frame has proved authentic. */
void sframe_replay_mark(struct sframe_replay *r, uint64_t ctr);
