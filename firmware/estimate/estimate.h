/*
 * estimate.h - how much a path carries, found out by its sender from what the
 * receiver tells about packets' arrivals.  Zones: forward, media.
 *
 * Each packet of a transport gets a number, which it carries in the extension
 * of hop/rx_twcc.h; feedback about the numbers comes back.  Three things are
 * made of it: a bound by delay (packets that come more and more late fill a
 * queue), a bound by loss (of which a share that does not go away with the rate
 * is not held against the path), and what probes have shown.  The estimate is
 * in the same bytes as estimate_sent() counts.
 *
 * A receiver can lie, but only about its own path: the estimate stays within
 * its bounds, and each feedback costs bounded work.
 *
 * No socket, no clock: now_us never goes back.  One thread.  About 5 kB; 6 more
 * where much is on its way before it is told of, which feedback allocates.
 *
 * Source: draft-ietf-rmcat-gcc-02 (delay, AIMD);
 * draft-holmer-rmcat-transport-wide-cc-extensions-01 (feedback).
 */
#pragma once
#include "wire/twcc.h"

enum {
	/* Packets that are remembered, at most: 0.5 s of 20 Mbit/s. */
	ESTIMATE_HISTORY_PACKETS = 1024,
	/* estimate_tick() and estimate_probe_bytes(): this often is right. */
	ESTIMATE_TICK_US = 10000,
	/* So long without a word although packets go out, and for each such
	 * time more the estimate is cut. */
	ESTIMATE_SILENCE_US = 1000000,
	ESTIMATE_SILENCE_STEP_US = 500000
};

struct estimate;

struct estimate_config {
	uint64_t start_bps, min_bps, max_bps; /* min <= start <= max */
};

/*
 * Creates an estimate that begins at start_bps.  On error *ep is left alone.
 * Errors: KK_EINVAL bounds of 0 or out of order; KK_ENOMEM.
 */
MUST_CHECK enum kk_err estimate_new(struct estimate **ep,
    const struct estimate_config *config, uint64_t now_us);
void estimate_free(struct estimate *e); /* NULL is fine */

/* A packet of bytes goes out; returns the number that it carries. */
uint16_t estimate_sent(struct estimate *e, size_t bytes, uint64_t now_us);

/*
 * Feedback has come.  Errors, and nothing has changed: KK_ENOENT it tells of
 * packets that were not sent, or only of such as are forgotten; KK_ELIMIT of
 * more packets than are remembered.
 */
MUST_CHECK enum kk_err estimate_feedback(struct estimate *e,
    const struct wire_twcc *twcc, uint64_t now_us);

/* Time goes by: lowers the estimate where no feedback comes. */
void estimate_tick(struct estimate *e, uint64_t now_us);

/*
 * Before this time estimate_tick() does nothing; UINT64_MAX: ever.  Each call
 * of another function may bring it nearer.
 */
uint64_t estimate_due_us(const struct estimate *e);
/* Whether estimate_probe_bytes() is to be asked at each tick. */
bool estimate_is_probing(const struct estimate *e);

/*
 * What the sender could make use of: most_bps in the end, which is not probed
 * beyond, and next_bps for its next step, which is what later probes try first;
 * 0 where every bit more is of use.  At first all of max_bps is wanted.
 */
void estimate_want(struct estimate *e, uint64_t next_bps, uint64_t most_bps);

/*
 * How many bytes are to be sent now beyond what goes out anyway, so that a
 * probe has its rate; mostly 0.  Sent are repetitions or padding, in packets
 * of any size; each counts by estimate_sent() like any other.
 */
size_t estimate_probe_bytes(struct estimate *e, uint64_t now_us);

struct estimate_state {
	uint64_t bps; /* send no more than this */
	uint64_t acked_bps; /* what arrived lately; 0: not known */
	uint64_t rtt_us; /* with the wait for feedback; 0: not known */
	unsigned loss_permille; /* over the last seconds */
	bool is_overused; /* a queue grows */
	bool is_app_limited; /* much less is sent than the estimate */
	bool is_known; /* feedback has come once; before, it is start_bps */
	bool is_silent; /* feedback is missing */
	uint64_t probes; /* of all time */
	uint64_t refused; /* feedback, of all time */
};

struct estimate_state estimate_get(const struct estimate *e);
