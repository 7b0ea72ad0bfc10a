/*
 * probe.c - a little more than is known, for a moment: as fast as it comes out
 * at the other end, the path is.
 *
 * Source: draft-ietf-rmcat-gcc-02 names probing only; the numbers are those of
 * libwebrtc.
 */
#include "estimate/estimate_private.h"

#include <math.h>

enum {
	LENGTH_US = 25000,
	BYTES_MIN = 1200, /* at a low rate it is longer */
	PACKETS_MIN = 4,
	GIVE_UP_US = 1000000, /* without feedback */
	START_US = 5000, /* due at once */
	SPAN_MIN_US = 1000,
	SPAN_MAX_US = 1000000
};

static const double told_min = 0.8;
static const double faster_max = 2; /* than sent: that is nonsense */
static const double full = 0.9; /* less came out: that is the path's rate */
static const double full_keep = 0.95;

void estimate_probe_begin(struct estimate_probe *p, uint64_t bps,
    uint64_t now_us)
{
	uint64_t bytes = bps * LENGTH_US / ESTIMATE_US_PER_S / ESTIMATE_BITS;
	struct estimate_probe begun = { .cluster = (uint8_t)(p->cluster + 1),
		.is_sending = true,
		.is_waiting = true,
		.bps = bps,
		.begun_us = now_us,
		.want_bytes = bytes > BYTES_MIN ? bytes : BYTES_MIN,
		.pause_us = p->pause_us,
		.count = p->count + 1 };

	if (begun.cluster == 0)
		begun.cluster = 1;
	*p = begun;
}

uint8_t estimate_probe_sent(struct estimate_probe *p, size_t bytes,
    uint64_t now_us)
{
	if (!p->is_sending)
		return 0;
	if (p->sent_count == 0)
		p->first_us = now_us;
	p->last_us = now_us;
	p->last_bytes = bytes;
	p->sent_bytes += bytes;
	p->sent_count++;
	if (p->sent_bytes >= p->want_bytes && p->sent_count >= PACKETS_MIN &&
	    p->last_us > p->first_us)
		p->is_sending = false;
	return p->cluster;
}

size_t estimate_probe_due(const struct estimate_probe *p, uint64_t now_us)
{
	uint64_t since_us = now_us - p->begun_us + START_US;
	uint64_t due;

	if (!p->is_sending || since_us > SPAN_MAX_US)
		return 0;
	due = p->bps * since_us / ESTIMATE_US_PER_S / ESTIMATE_BITS;
	return due > p->sent_bytes ? (size_t)(due - p->sent_bytes) : 0;
}

void estimate_probe_told(struct estimate_probe *p, uint8_t cluster,
    bool is_received, int64_t came_us, size_t bytes)
{
	if (cluster == 0 || cluster != p->cluster || !p->is_waiting)
		return;
	p->told_count++;
	if (!is_received)
		return;
	if (p->came_count == 0 || came_us < p->first_came_us) {
		p->first_came_us = came_us;
		p->first_came_bytes = bytes;
	}
	if (p->came_count == 0 || came_us > p->last_came_us)
		p->last_came_us = came_us;
	p->came_count++;
	p->came_bytes += bytes;
}

static double bps_of(size_t bytes, uint64_t span_us)
{
	return (double)bytes * ESTIMATE_BITS * ESTIMATE_US_PER_S /
	    (double)(span_us < SPAN_MIN_US ? SPAN_MIN_US : span_us);
}

bool estimate_probe_result(struct estimate_probe *p, uint64_t *bps,
    bool *is_full)
{
	uint64_t sent_us = p->last_us - p->first_us;
	double sent, came;

	if (p->is_sending || !p->is_waiting ||
	    p->told_count < told_min * p->sent_count)
		return false;
	if (p->told_count >= p->sent_count)
		p->is_waiting = false;
	if (p->came_count < told_min * p->sent_count)
		return false;
	p->is_waiting = false;
	if (p->last_came_us - p->first_came_us > SPAN_MAX_US ||
	    sent_us > SPAN_MAX_US)
		return false;
	sent = bps_of(p->sent_bytes - p->last_bytes, sent_us);
	came = bps_of(p->came_bytes - p->first_came_bytes,
	    (uint64_t)(p->last_came_us - p->first_came_us));
	if (came > faster_max * sent)
		return false;
	*is_full = came < full * sent;
	*bps = (uint64_t)(*is_full ? full_keep * came : fmin(came, sent));
	return true;
}

void estimate_probe_tick(struct estimate_probe *p, uint64_t now_us)
{
	if (p->is_waiting && now_us - p->begun_us > GIVE_UP_US)
		p->is_sending = p->is_waiting = false;
}
