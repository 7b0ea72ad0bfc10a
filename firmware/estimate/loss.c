/*
 * loss.c - the bound by loss.
 *
 * Loss of a tenth cuts the rate to what arrives, as a trial: what is lost still
 * is not lost because of us, a radio's for example.  It is inherent then, and
 * taken out of what is held against the path.  So a bad radio does not starve a
 * receiver, and a policer that drops without a queue is found.
 *
 * Source: draft-ietf-rmcat-gcc-02, 6 (the limits of 2 and 10 per cent); the
 * trial is ours.
 */
#include "estimate/estimate_private.h"

#include <math.h>

enum {
	SPAN_US = 250000,
	SPAN_PACKETS = 10, /* a span is longer where less is told */
	CUT_PACKETS = 40, /* that make a share */
	CUT_EVERY_US = 300000, /* and the round trip: 6 */
	TRIAL_PACKETS = 100,
	TRIAL_SPANS = 4
};

static const double share_high = 0.10; /* 6 */
static const double share_low = 0.04, share_low_near = 0.02; /* 6: 0.02 */
static const double rise_by = 1.05; /* a span: 6 */
static const double near_by = 1.005; /* close to what was found */
static const double found_below = 0.95, found_above = 1.08;
static const double under = 0.95; /* of what arrives, in a trial */
static const double inherent_max = 0.30;
static const double inherent_weight = 0.1; /* a span */
static const double gone = 0.6; /* a loss fell to less: it was ours */
static const double faded = 0.5; /* the inherent is less than it was */

void estimate_loss_init(struct estimate_loss *l, uint64_t now_us)
{
	*l = (struct estimate_loss){ .bound_bps = UINT64_MAX,
		.span_us = now_us };
}

void estimate_loss_told(struct estimate_loss *l, enum estimate_fate before,
    bool is_received, uint64_t sent_us)
{
	if (sent_us < l->cut_us)
		return; /* at another rate */
	if (before == ESTIMATE_UNTOLD) {
		l->spans[0].told++;
		l->spans[0].lost += !is_received;
	} else if (before == ESTIMATE_LOST && is_received) {
		/* Told lost, but late.  Its span may be gone. */
		for (size_t i = 0; i < ESTIMATE_LOSS_SPANS; i++) {
			if (l->spans[i].lost == 0)
				continue;
			l->spans[i].lost--;
			return;
		}
	}
}

static unsigned told_count(const struct estimate_loss *l)
{
	unsigned told = 0;

	for (size_t i = 0; i < ESTIMATE_LOSS_SPANS; i++)
		told += l->spans[i].told;
	return told;
}

double estimate_loss_share(const struct estimate_loss *l)
{
	unsigned told = told_count(l), lost = 0;

	for (size_t i = 0; i < ESTIMATE_LOSS_SPANS; i++)
		lost += l->spans[i].lost;
	return told ? (double)lost / told : 0;
}

static void spans_shift(struct estimate_loss *l, uint64_t now_us)
{
	for (size_t i = ESTIMATE_LOSS_SPANS - 1; i > 0; i--)
		l->spans[i] = l->spans[i - 1];
	l->spans[0].told = l->spans[0].lost = 0;
	l->span_us = now_us;
}

static void spans_clear(struct estimate_loss *l, uint64_t now_us)
{
	for (size_t i = 0; i < ESTIMATE_LOSS_SPANS; i++)
		l->spans[i].told = l->spans[i].lost = 0;
	l->span_us = now_us;
}

/* Down to below what arrives; what is lost from now on tells why. */
static void cut(struct estimate_loss *l, double share, uint64_t bps,
    uint64_t now_us)
{
	if (!l->is_trial) {
		l->is_trial = true;
		l->trial_loss = share;
		l->trial_bps = bps;
	}
	if (l->bound_bps > bps)
		l->bound_bps = bps;
	l->bound_bps = (uint64_t)((double)l->bound_bps * (1 - share) * under);
	l->trial_spans = 0;
	l->cut_us = now_us;
	spans_clear(l, now_us);
}

static void trial_judge(struct estimate_loss *l, double share)
{
	if (++l->trial_spans < TRIAL_SPANS || told_count(l) < TRIAL_PACKETS)
		return;
	l->is_trial = false;
	l->inherent = share < inherent_max ? share : inherent_max;
	l->found_bps = l->trial_bps;
	if (share > l->trial_loss * gone && l->bound_bps < l->trial_bps)
		l->bound_bps = l->trial_bps; /* it was not the rate */
	else
		l->found_bps = (uint64_t)((double)l->trial_bps *
		    (1 - l->trial_loss));
}

/* What is lost at a rate that is known to get through is not our doing. */
static void inherent_follow(struct estimate_loss *l, double share)
{
	bool is_known = l->bound_bps <= l->found_bps;

	if (!is_known && share >= l->inherent * faded)
		return;
	l->inherent += (share - l->inherent) * inherent_weight;
	l->inherent = fmin(l->inherent, inherent_max);
}

/* Close to where a trial has ended, it is looked at twice. */
static void rise(struct estimate_loss *l, double excess)
{
	bool is_near = (double)l->bound_bps >
		found_below * (double)l->found_bps &&
	    (double)l->bound_bps < found_above * (double)l->found_bps;

	if (l->bound_bps == UINT64_MAX ||
	    excess >= (is_near ? share_low_near : share_low))
		return;
	l->bound_bps = (uint64_t)((double)l->bound_bps *
	    (is_near ? near_by : rise_by));
}

static void judge(struct estimate_loss *l, uint64_t bps, uint64_t rtt_us,
    uint64_t now_us)
{
	double share = estimate_loss_share(l);
	double excess;

	if (told_count(l) < CUT_PACKETS)
		return;
	if (l->is_trial)
		trial_judge(l, share);
	else
		inherent_follow(l, share);
	excess = (share - l->inherent) / (1 - l->inherent);
	if (excess > share_high) {
		/* In a trial the loss is to be seen whole, unless it gets
		 * much worse. */
		if (now_us - l->cut_us >= CUT_EVERY_US + rtt_us &&
		    (!l->is_trial || share > 2 * l->trial_loss))
			cut(l, share, bps, now_us);
	} else {
		rise(l, excess);
	}
}

void estimate_loss_update(struct estimate_loss *l, uint64_t bps,
    uint64_t rtt_us, uint64_t now_us)
{
	if (now_us - l->span_us < SPAN_US || l->spans[0].told < SPAN_PACKETS)
		return;
	judge(l, bps, rtt_us, now_us);
	if (l->spans[0].told > 0) /* a cut has cleared them */
		spans_shift(l, now_us);
}
