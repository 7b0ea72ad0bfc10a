/*
 * lanes.h - telephone lines between the ring that lined has, too, and the
 * mixer.  One thread.
 *
 * A lane that is open is a line of the mix.  One that is not says nothing,
 * whatever lined puts there, and hears silence.
 */
#pragma once
#include "base/base.h"
#include "mix/mix.h"
#include "pipelines/member/plan.h"

struct lanes;

/* Errors: KK_EINVAL lines of 0 or above RING_LINES_MAX; KK_ENOMEM. */
MUST_CHECK enum kk_err lanes_new(struct lanes **lp, size_t lines);
void lanes_free(struct lanes *l); /* wipes; NULL is fine */
size_t lanes_count(const struct lanes *l);

/*
 * A ring for whoever comes to speak with telephones; *fd is its memory and
 * stays ours.  One that was there is left: who has it is neither heard nor
 * hears any more.  Errors, and the old one stays: KK_ENOMEM.
 */
MUST_CHECK enum kk_err lanes_attach(struct lanes *l, int *fd);

/* Those that are open from now on, and no others; unknown ones are left out. */
void lanes_set(struct lanes *l, const struct plan_lane *open, size_t count);
size_t lanes_open_count(const struct lanes *l);

/*
 * A tick: first what the lines say, then whoever else is heard is put into the
 * mix by the caller, then what each line hears.  What all lines say together is
 * ours until the next tick.
 */
void lanes_take(struct lanes *l);
struct mix *lanes_mix(struct lanes *l); /* borrowed */
const int16_t *lanes_give(struct lanes *l);

/* Somebody on a line speaks; pauses between words do not end it. */
bool lanes_are_speaking(const struct lanes *l);

struct lanes_counts {
	uint64_t heard; /* frames of open lanes */
	uint64_t missing; /* ticks in which an open lane said nothing */
	uint64_t dropped; /* frames that came too many at once */
	uint64_t wrong; /* the ring was not as it has to be */
	uint64_t unheard; /* frames that lined did not take */
};
struct lanes_counts lanes_counts(const struct lanes *l);
