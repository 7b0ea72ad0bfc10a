/*
 * groups.c - packets that were sent together are one: what a link or a radio
 * does between them tells nothing about a queue.
 *
 * Source: draft-ietf-rmcat-gcc-02, 5.2 (pre-filtering) and 5.3.
 */
#include "estimate/estimate_private.h"

enum {
	GROUP_US = 5000, /* 5.2: burst_time */
	BURST_US = 100000, /* no burst is longer */
	JUMP_US = 3000000, /* then a clock has been set */
	BACKWARD_MAX = 3 /* groups: likewise */
};

/* Packets that piled up on the way, and were let go at once. */
static bool is_burst(const struct estimate_group *g, uint64_t sent_us,
    int64_t came_us)
{
	int64_t came = came_us - g->came_us;
	int64_t sent = (int64_t)(sent_us - g->sent_us);

	if (sent == 0)
		return true;
	return came - sent < 0 && came <= GROUP_US &&
	    came_us - g->first_came_us < BURST_US;
}

static bool is_same(const struct estimate_group *g, uint64_t sent_us,
    int64_t came_us)
{
	return sent_us - g->first_sent_us <= GROUP_US ||
	    is_burst(g, sent_us, came_us);
}

static void begin(struct estimate_groups *g, uint64_t sent_us, int64_t came_us,
    uint32_t bytes)
{
	g->now = (struct estimate_group){ .is_set = true,
		.first_sent_us = sent_us,
		.sent_us = sent_us,
		.first_came_us = came_us,
		.came_us = came_us,
		.bytes = bytes + g->untold_bytes };
	g->untold_bytes = 0;
}

static void join(struct estimate_group *g, uint64_t sent_us, int64_t came_us,
    uint32_t bytes)
{
	if (sent_us > g->sent_us)
		g->sent_us = sent_us;
	if (came_us > g->came_us)
		g->came_us = came_us;
	g->bytes += bytes;
}

static void compare(struct estimate_groups *g, struct estimate_delta *d)
{
	*d = (struct estimate_delta){
		.sent_us = (int64_t)(g->now.sent_us - g->before.sent_us),
		.came_us = g->now.came_us - g->before.came_us,
		.at_us = g->now.came_us,
		.bytes = g->now.bytes,
	};
	if (d->came_us - d->sent_us > JUMP_US ||
	    d->came_us - d->sent_us < -JUMP_US)
		d->is_reset = true;
	g->backward = d->came_us < 0 ? g->backward + 1 : 0;
	if (g->backward >= BACKWARD_MAX) {
		d->is_reset = true;
		g->backward = 0;
	}
	d->is_delay = !d->is_reset && d->came_us >= 0;
}

bool estimate_groups_add(struct estimate_groups *g, uint64_t sent_us,
    int64_t came_us, uint32_t bytes, struct estimate_delta *d)
{
	bool is_complete;

	if (!g->now.is_set) {
		begin(g, sent_us, came_us, bytes);
		return false;
	}
	if (sent_us < g->now.first_sent_us) { /* late news: bytes alone */
		g->untold_bytes += bytes;
		return false;
	}
	if (is_same(&g->now, sent_us, came_us)) {
		join(&g->now, sent_us, came_us, bytes);
		return false;
	}
	is_complete = g->before.is_set;
	if (is_complete)
		compare(g, d);
	g->before = g->now;
	begin(g, sent_us, came_us, bytes);
	return is_complete;
}
