/*
 * probe.c - a little more than is known, for a moment: as fast as it comes out
 * at the other end, the path is.
 *
 * It goes out in bursts, one a tick.  A rate is that of what follows the first
 * burst, from that one's end to the last one's: so the bursts do not blur it.
 *
 * Source: draft-ietf-rmcat-gcc-02 names probing only; the numbers are those of
 * libwebrtc.
 */
#include "estimate/estimate_private.h"

#include <math.h>

enum {
	LENGTH_US = 30000,
	BYTES_MIN = 1200, /* at a low rate it is longer */
	PACKETS_MIN = 4,
	GIVE_UP_US = 1000000, /* without feedback */
	START_US = ESTIMATE_TICK_US, /* all bursts are alike */
	BURST_US = 1000,
	END_PACKETS = 3, /* that make a burst */
	SENT_MIN_US = 5000,
	SPAN_MIN_US = 1000,
	SPAN_MAX_US = 1000000
};

static const double told_min = 0.8;
static const double faster_max = 2; /* than sent: that is nonsense */
static const double full = 0.85; /* less came out: that is the path's rate */
static const double full_keep = 0.95;

/* In a queue that a probe makes each packet waits longer than the one before:
 * the last ones cannot come in time when others did not.  And a burst takes as
 * long to pass as it is to the next one: it cannot come at once. */
static const int64_t held_up_us = 6000, at_once_us = 3000;

void estimate_probe_begin(struct estimate_probe *p, uint64_t bps,
    uint64_t now_us)
{
	struct estimate_probe begun = { .cluster = (uint8_t)(p->cluster + 1),
		.is_due = true,
		.is_waiting = true,
		.bps = bps,
		.begun_us = now_us,
		.pause_us = p->pause_us,
		.count = p->count + 1 };

	if (begun.cluster == 0)
		begun.cluster = 1;
	*p = begun;
}

/* Whole bursts, or they would not be alike. */
static bool is_enough(const struct estimate_probe *p, uint64_t now_us)
{
	return now_us - p->begun_us > LENGTH_US + BURST_US &&
	    p->sent_bytes >= BYTES_MIN && p->sent_count >= PACKETS_MIN &&
	    p->last_us - p->first_us >= SENT_MIN_US;
}

uint8_t estimate_probe_sent(struct estimate_probe *p, size_t bytes,
    uint64_t now_us)
{
	if (p->is_sending && is_enough(p, now_us))
		p->is_sending = false;
	if (!p->is_sending)
		return 0;
	if (p->sent_count == 0)
		p->first_us = now_us;
	if (now_us - p->first_us < BURST_US)
		p->first_bytes += bytes;
	p->last_us = now_us;
	p->sent_bytes += bytes;
	p->sent_count++;
	return p->cluster;
}

size_t estimate_probe_due(struct estimate_probe *p, uint64_t now_us)
{
	uint64_t since_us, due;

	if (p->is_due) {
		p->is_due = false;
		p->is_sending = true;
		p->begun_us = now_us;
	}
	since_us = now_us - p->begun_us + START_US;
	if (!p->is_sending || since_us > SPAN_MAX_US || is_enough(p, now_us))
		return 0;
	due = p->bps * since_us / ESTIMATE_US_PER_S / ESTIMATE_BITS;
	return due > p->sent_bytes ? (size_t)(due - p->sent_bytes) : 0;
}

static void end_note(struct estimate_probe *p, uint64_t sent_us,
    int64_t came_us)
{
	if (p->end_count == 0 || sent_us > p->end_sent_us + BURST_US) {
		p->end_count = 0;
		p->end_first_us = p->end_last_us = came_us;
	} else if (sent_us + BURST_US < p->end_sent_us) {
		return; /* of an earlier one */
	}
	p->end_count++;
	if (came_us < p->end_first_us)
		p->end_first_us = came_us;
	if (came_us > p->end_last_us)
		p->end_last_us = came_us;
}

static void delay_note(struct estimate_probe *p, uint64_t sent_us,
    int64_t came_us)
{
	int64_t delay_us = came_us - (int64_t)sent_us;

	end_note(p, sent_us, came_us);
	if (!p->has_delay || delay_us > p->most_delay_us)
		p->most_delay_us = delay_us;
	if (!p->has_delay || sent_us > p->end_sent_us ||
	    (sent_us == p->end_sent_us && delay_us > p->end_delay_us)) {
		p->end_sent_us = sent_us;
		p->end_delay_us = delay_us;
	}
	p->has_delay = true;
}

void estimate_probe_told(struct estimate_probe *p, uint8_t cluster,
    bool is_received, uint64_t sent_us, int64_t came_us, size_t bytes)
{
	if (cluster == 0 || cluster != p->cluster || !p->is_waiting)
		return;
	p->told_count++;
	if (!is_received)
		return;
	p->came_count++;
	delay_note(p, sent_us, came_us);
	if (sent_us - p->first_us < BURST_US) {
		if (!p->has_first || came_us > p->first_came_us)
			p->first_came_us = came_us;
		p->has_first = true;
		return;
	}
	p->came_bytes += bytes;
	if (!p->has_last || came_us > p->last_came_us)
		p->last_came_us = came_us;
	p->has_last = true;
}

static double bps_of(size_t bytes, uint64_t span_us)
{
	return (double)bytes * ESTIMATE_BITS * ESTIMATE_US_PER_S /
	    (double)(span_us < SPAN_MIN_US ? SPAN_MIN_US : span_us);
}

static bool is_held_up(const struct estimate_probe *p)
{
	return p->most_delay_us - p->end_delay_us > held_up_us ||
	    (p->end_count >= END_PACKETS &&
		p->end_last_us - p->end_first_us < at_once_us);
}

static enum estimate_answer judge(const struct estimate_probe *p, uint64_t *bps)
{
	uint64_t sent_us = p->last_us - p->first_us;
	int64_t came_us = p->last_came_us - p->first_came_us;
	double sent, came;

	*bps = 0;
	if (!p->has_first || !p->has_last || came_us <= 0 ||
	    came_us > SPAN_MAX_US || sent_us > SPAN_MAX_US)
		return ESTIMATE_HELD_UP;
	sent = bps_of(p->sent_bytes - p->first_bytes, sent_us);
	came = bps_of(p->came_bytes, (uint64_t)came_us);
	if (came > faster_max * sent)
		return ESTIMATE_HELD_UP;
	*bps = (uint64_t)fmin(came, sent);
	if (came >= full * sent)
		return ESTIMATE_PASSED;
	if (is_held_up(p))
		return ESTIMATE_HELD_UP;
	*bps = (uint64_t)(full_keep * came);
	return ESTIMATE_FULL;
}

enum estimate_answer estimate_probe_result(struct estimate_probe *p,
    uint64_t *bps)
{
	if (p->is_due || p->is_sending || !p->is_waiting ||
	    p->told_count < told_min * p->sent_count)
		return ESTIMATE_NO_ANSWER;
	if (p->came_count < told_min * p->sent_count) {
		p->is_waiting = p->told_count < p->sent_count;
		return p->is_waiting ? ESTIMATE_NO_ANSWER : ESTIMATE_HELD_UP;
	}
	p->is_waiting = false;
	return judge(p, bps);
}

uint64_t estimate_probe_end_us(const struct estimate_probe *p)
{
	return !p->is_due && p->is_waiting ? p->begun_us + GIVE_UP_US + 1 :
					     UINT64_MAX;
}

void estimate_probe_tick(struct estimate_probe *p, uint64_t now_us)
{
	if (now_us >= estimate_probe_end_us(p))
		p->is_sending = p->is_waiting = false;
}
