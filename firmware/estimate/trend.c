/*
 * trend.c - does a queue grow?  The slope of the delay over the last groups,
 * against a threshold that follows it slowly, so that neither jitter nor flows
 * that fill queues make us starve.
 *
 * Source: draft-ietf-rmcat-gcc-02, 5.4 and 5.5; the slope by least squares in
 * place of its Kalman filter, as libwebrtc has it since 2016, with its numbers.
 */
#include "estimate/estimate_private.h"

#include <math.h>

enum {
	US_PER_MS = 1000,
	DELTAS_MAX = 60, /* the more are known, the more a slope counts */
	ADAPT_MAX_MS = 100
};

static const double smoothing = 0.9;
static const double gain = 4.0;
static const double threshold_start_ms = 12.5; /* 5.4: del_var_th(0) */
static const double threshold_min_ms = 6, threshold_max_ms = 600;
static const double over_time_ms = 10; /* 5.4: overuse_time_th */
static const double adapt_up = 0.0087, adapt_down = 0.039; /* K_u, K_d */
static const double outlier_ms = 15; /* not adapted to */

void estimate_trend_init(struct estimate_trend *t)
{
	*t = (struct estimate_trend){ .threshold_ms = threshold_start_ms,
		.over_ms = -1 };
}

/* By least squares; the points need not be in order. */
static double slope_of(const struct estimate_trend *t)
{
	double at = 0, delay = 0, up = 0, down = 0;

	for (size_t i = 0; i < t->count; i++) {
		at += t->points[i].at_ms;
		delay += t->points[i].delay_ms;
	}
	at /= (double)t->count;
	delay /= (double)t->count;
	for (size_t i = 0; i < t->count; i++) {
		double x = t->points[i].at_ms - at;

		up += x * (t->points[i].delay_ms - delay);
		down += x * x;
	}
	return down > 0 ? up / down : 0;
}

static void adapt(struct estimate_trend *t, double trend, int64_t at_us)
{
	double off = fabs(trend);
	double since_ms = t->has_adapted ?
	    (double)(at_us - t->adapted_us) / US_PER_MS :
	    0;

	t->adapted_us = at_us;
	t->has_adapted = true;
	if (off > t->threshold_ms + outlier_ms)
		return;
	since_ms = fmin(fmax(since_ms, 0), ADAPT_MAX_MS);
	t->threshold_ms += (off < t->threshold_ms ? adapt_down : adapt_up) *
	    (off - t->threshold_ms) * since_ms;
	t->threshold_ms = fmin(fmax(t->threshold_ms, threshold_min_ms),
	    threshold_max_ms);
}

/* Above the threshold for a while, and still rising. */
static void above(struct estimate_trend *t, double slope, double since_ms)
{
	t->over_ms = t->over_ms < 0 ? since_ms / 2 : t->over_ms + since_ms;
	t->over_count++;
	if (t->over_ms > over_time_ms && t->over_count > 1 &&
	    slope >= t->trend) {
		t->over_ms = 0;
		t->over_count = 0;
		t->signal = ESTIMATE_OVER;
	}
}

static void detect(struct estimate_trend *t, double slope,
    const struct estimate_delta *d)
{
	unsigned deltas = t->deltas < DELTAS_MAX ? t->deltas : DELTAS_MAX;
	double trend = slope * deltas * gain;

	if (t->deltas < 2) {
		t->signal = ESTIMATE_NORMAL;
		return;
	}
	if (trend > t->threshold_ms) {
		above(t, slope, (double)d->sent_us / US_PER_MS);
	} else {
		t->over_ms = -1;
		t->over_count = 0;
		t->signal = trend < -t->threshold_ms ? ESTIMATE_UNDER :
						       ESTIMATE_NORMAL;
	}
	t->trend = slope;
	adapt(t, trend, d->at_us);
}

void estimate_trend_add(struct estimate_trend *t,
    const struct estimate_delta *d)
{
	double delta_ms = (double)(d->came_us - d->sent_us) / US_PER_MS;

	if (t->deltas == 0)
		t->first_us = d->at_us;
	if (t->deltas < UINT32_MAX)
		t->deltas++;
	t->sum_ms += delta_ms;
	t->smooth_ms = smoothing * t->smooth_ms + (1 - smoothing) * t->sum_ms;
	t->points[t->next].at_ms = (double)(d->at_us - t->first_us) / US_PER_MS;
	t->points[t->next].delay_ms = t->smooth_ms;
	t->next = (t->next + 1) % ESTIMATE_TREND_POINTS;
	if (t->count < ESTIMATE_TREND_POINTS)
		t->count++;
	detect(t, t->count == ESTIMATE_TREND_POINTS ? slope_of(t) : t->trend,
	    d);
}
