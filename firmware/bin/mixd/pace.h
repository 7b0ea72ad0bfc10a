/*
 * pace.h - when to mix: at each full 20 ms of CLOCK_MONOTONIC, so that others
 * who know the clock need no wake-up (ring/ring.h).  Pure.
 */
#pragma once
#include "base/base.h"

enum {
	PACE_TICK_US = 20000,
	/* What is late is caught up, as far as a ring has room for it. */
	PACE_CATCH_UP_MAX = 4
};

struct pace {
	uint64_t next_us; /* the next tick that was not taken */
	uint64_t skipped; /* ticks that were not caught up, ever */
};

void pace_start(struct pace *p, uint64_t now_us);

/* Whether a tick is due.  Then *at_us is its time; of more than are caught up
 * the oldest are skipped. */
bool pace_take(struct pace *p, uint64_t now_us, uint64_t *at_us);
