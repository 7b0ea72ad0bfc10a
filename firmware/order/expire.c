/*
 * expire.c - meetings that nobody has used for long.
 *
 * What is counted, and kept, is how long the server has run without anybody in
 * the meeting: a clock that is set, or a server that was off, ends none.
 */
#include "order/order_private.h"

enum {
	SWEEP_S = 1,
	KEEP_STEP_S = 3600, /* a restart may forget so much */
	WRITES_MAX = 16 /* to the disk, by one sweep */
};

static void idle_count(struct order_meeting *m, uint64_t elapsed_s)
{
	const bool is_idle = m->member_count == 0 && !m->was_used;

	m->was_used = false;
	m->idle_s = is_idle ? m->idle_s + elapsed_s : 0;
}

static bool must_keep(const struct order_meeting *m)
{
	return m->idle_s < m->kept_idle_s ||
	    m->idle_s - m->kept_idle_s >= KEEP_STEP_S;
}

/* True: the disk was written to. */
static bool idle_judge(struct order_meeting *m, uint64_t keep_s, size_t *ended)
{
	if (keep_s && m->idle_s >= keep_s) {
		*ended += order_unregister(m->order, order_meeting_id(m)) ==
		    ORDER_OK;
		return true;
	}
	if (!must_keep(m))
		return false;
	if (order_keep_idle(m))
		m->must_replace = true; /* the owner has said why */
	return true;
}

size_t order_sweep(struct order *order, uint64_t now_s, uint64_t keep_s)
{
	const uint64_t elapsed_s = order->has_swept ? now_s - order->swept_s :
						      0;
	size_t ended = 0, writes = 0;

	if (order->has_swept && elapsed_s < SWEEP_S)
		return 0;
	order->has_swept = true;
	order->swept_s = now_s;
	for (size_t i = 0; i < ORDER_BUCKETS; i++) {
		struct order_meeting *m = order->buckets[i], *next;

		for (; m; m = next) {
			next = m->next;
			idle_count(m, elapsed_s);
			if (writes < WRITES_MAX)
				writes += idle_judge(m, keep_s, &ended);
		}
	}
	return ended;
}
