/*
 * rate.c - the bound by delay: up by a share while nothing is known, by little
 * near the capacity that over-use has shown, down to below what arrives.
 *
 * Source: draft-ietf-rmcat-gcc-02, 5.5 (rate control); the capacity's deviation
 * as libwebrtc keeps it.
 */
#include "estimate/estimate_private.h"

#include <math.h>

enum {
	FALL_AGAIN_MIN_US = 10000,
	FALL_AGAIN_MAX_US = 200000,
	RISE_MAX_US = 1000000, /* a pause is no reason to rise more */
	DETECT_US = 100000, /* what a detector takes, beyond the round trip */
	PACKET_BITS = 9600, /* 1200 bytes */
	STEP_MIN_BPS = 4000,
	ROOM_BPS = 10000, /* an audio stream may begin */
	BPS_PER_KBPS = 1000,
	MBPS = 1000000
};

static const double fall_to = 0.85; /* 5.5: beta */
static const double rise_by = 0.08; /* 5.5: eta 1.08 a second */
static const double rise_first_by = 0.3; /* where nothing is known yet */
/* Near the capacity, at 1 Mbit/s; it grows with the root of the rate, so that
 * flows become equal and a fast one is not slow to come back. */
static const double near_bps = 60000;
/* Times what arrives: 5.5 has 1.5, which nothing has shown to be there. */
static const double rise_limit = 1.25;
static const double capacity_weight = 0.05;
static const double deviation_min = 0.4, deviation_max = 2.5;
static const double deviations = 3;

static double spread_of(const struct estimate_rate *r)
{
	return deviations * sqrt(r->deviation_kbps * r->capacity_kbps);
}

static void capacity_learn(struct estimate_rate *r, double kbps)
{
	double off = r->capacity_kbps - kbps;

	if (r->capacity_kbps > 0 && fabs(off) > spread_of(r))
		r->capacity_kbps = 0; /* another path */
	if (r->capacity_kbps <= 0) {
		r->capacity_kbps = fmax(kbps, 1);
		r->deviation_kbps = deviation_min;
		return;
	}
	r->capacity_kbps -= capacity_weight * off;
	r->deviation_kbps = (1 - capacity_weight) * r->deviation_kbps +
	    capacity_weight * off * off / fmax(r->capacity_kbps, 1);
	r->deviation_kbps = fmin(fmax(r->deviation_kbps, deviation_min),
	    deviation_max);
}

static bool may_fall(const struct estimate_rate *r, uint64_t acked_bps,
    uint64_t rtt_us, uint64_t now_us)
{
	uint64_t wait_us = rtt_us;

	if (!r->has_fallen || (acked_bps && acked_bps < r->bps / 2))
		return true;
	if (wait_us < FALL_AGAIN_MIN_US)
		wait_us = FALL_AGAIN_MIN_US;
	if (wait_us > FALL_AGAIN_MAX_US)
		wait_us = FALL_AGAIN_MAX_US;
	return now_us - r->fell_us >= wait_us;
}

void estimate_rate_over(struct estimate_rate *r, uint64_t acked_bps,
    uint64_t rtt_us, uint64_t now_us)
{
	uint64_t from_bps = acked_bps ? acked_bps : r->bps, to_bps;

	r->phase = ESTIMATE_HOLD;
	r->changed_us = now_us;
	if (!may_fall(r, acked_bps, rtt_us, now_us))
		return;
	to_bps = (uint64_t)(fall_to * (double)from_bps);
	if (to_bps > r->bps && r->capacity_kbps > 0)
		to_bps = (uint64_t)(fall_to * r->capacity_kbps * BPS_PER_KBPS);
	if (to_bps < r->bps)
		r->bps = to_bps;
	if (acked_bps)
		capacity_learn(r, (double)acked_bps / BPS_PER_KBPS);
	r->has_fallen = true;
	r->fell_us = now_us;
}

void estimate_rate_under(struct estimate_rate *r, uint64_t now_us)
{
	/* The queue empties: what arrives is more than what is sent. */
	r->phase = ESTIMATE_HOLD;
	r->changed_us = now_us;
}

static double near_step(const struct estimate_rate *r, uint64_t rtt_us,
    double s)
{
	double response_s = (double)(rtt_us + DETECT_US) / ESTIMATE_US_PER_S;
	double step = PACKET_BITS / response_s; /* a second: 5.5 */

	step = fmax(step, near_bps * sqrt((double)r->bps / MBPS));
	return fmax(step, STEP_MIN_BPS) * s;
}

void estimate_rate_normal(struct estimate_rate *r, uint64_t acked_bps,
    uint64_t rtt_us, uint64_t now_us)
{
	uint64_t since_us = now_us - r->changed_us;
	uint64_t limit_bps = (uint64_t)(rise_limit * (double)acked_bps) +
	    ROOM_BPS;
	double s, step, by;

	r->changed_us = now_us;
	if (r->phase == ESTIMATE_HOLD) {
		r->phase = ESTIMATE_RISE;
		return;
	}
	if (acked_bps && r->capacity_kbps > 0 &&
	    (double)acked_bps / BPS_PER_KBPS > r->capacity_kbps + spread_of(r))
		r->capacity_kbps = 0; /* there is more than was */
	if (acked_bps && r->bps >= limit_bps)
		return;
	s = (double)(since_us < RISE_MAX_US ? since_us : RISE_MAX_US) /
	    ESTIMATE_US_PER_S;
	step = near_step(r, rtt_us, s);
	by = r->has_fallen ? rise_by : rise_first_by;
	if (r->capacity_kbps <= 0)
		step = fmax(step, (double)r->bps * (pow(1 + by, s) - 1));
	r->bps += (uint64_t)step;
	if (acked_bps && r->bps > limit_bps)
		r->bps = limit_bps;
}
