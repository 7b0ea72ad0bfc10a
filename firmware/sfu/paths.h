/*
 * paths.h - what is known of the ways to all peers together: for metrics, so
 * without anything that tells one from another.  Zone: forward.
 *
 * Source: RFC 3550, 6.4.1 (loss); RFC 4585 (NACK, PLI).
 */
#pragma once
#include "base/base.h"

enum { SFU_LOSS_STEPS = 7, SFU_RATE_STEPS = 8, SFU_STEPS_MAX = 8 };

struct sfu_step {
	uint64_t most; /* inclusive */
	const char *name; /* in whole units */
};
extern const struct sfu_step sfu_loss_steps[SFU_LOSS_STEPS]; /* in 1/256 */
extern const struct sfu_step sfu_rate_steps[SFU_RATE_STEPS]; /* in bit/s */

struct sfu_spread { /* values, counted by size */
	/* Up to each step, and more than the one before; then those that are
	 * beyond the last. */
	uint64_t counts[SFU_STEPS_MAX + 1];
	uint64_t sum;
};

struct sfu_paths { /* all only grow */
	/* Of each link that is measured, once a second. */
	struct sfu_spread estimate;
	/* As receivers report it of each slot, twice a second at most; and as
	 * publishers are told of each encoding that comes, once a second. */
	struct sfu_spread loss_out, loss_in;
	uint64_t lost_out; /* packets, by receivers' reports */
	uint64_t nacks_in; /* packets that publishers were asked for again */
	uint64_t plis_out; /* key frames that receivers have asked for */
};
