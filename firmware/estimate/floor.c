/*
 * floor.c - is there a queue at all?  In one, all packets wait; but of those
 * that a receiver which was not run reads together, the last has hardly waited.
 * So the least delay of late tells a queue from a processor that is taken away,
 * and from jitter.
 */
#include "estimate/estimate_private.h"

enum { LATE_US = 100000, LATE_STEP_US = 25000, LONG_STEP_US = 2000000 };

/* The least of each step of time, in a ring. */
static void least_add(struct estimate_least *list, size_t count,
    int64_t step_us, int64_t at_us, int64_t delay_us)
{
	int64_t step = at_us / step_us;
	struct estimate_least *l = &list[(uint64_t)step % count];

	if (!l->is_set || l->step != step || delay_us < l->delay_us)
		*l = (struct estimate_least){ true, step, delay_us };
}

static bool least_get(const struct estimate_least *list, size_t count,
    int64_t from_step, int64_t *delay_us)
{
	bool has_any = false;

	for (size_t i = 0; i < count; i++) {
		if (!list[i].is_set || list[i].step < from_step ||
		    (has_any && list[i].delay_us >= *delay_us))
			continue;
		*delay_us = list[i].delay_us;
		has_any = true;
	}
	return has_any;
}

void estimate_floor_add(struct estimate_floor *f, uint64_t sent_us,
    int64_t came_us)
{
	int64_t delay_us = came_us - (int64_t)sent_us;

	least_add(f->late, ESTIMATE_FLOOR_LATE, LATE_STEP_US, came_us,
	    delay_us);
	least_add(f->long_ago, ESTIMATE_FLOOR_LONG, LONG_STEP_US, came_us,
	    delay_us);
	if (came_us > f->newest_us || !f->has_newest)
		f->newest_us = came_us;
	f->has_newest = true;
}

uint64_t estimate_floor_queue_us(const struct estimate_floor *f)
{
	int64_t late_us = 0, least_us = 0;

	if (!least_get(f->late, ESTIMATE_FLOOR_LATE,
		(f->newest_us - LATE_US) / LATE_STEP_US, &late_us) ||
	    !least_get(f->long_ago, ESTIMATE_FLOOR_LONG,
		f->newest_us / LONG_STEP_US - ESTIMATE_FLOOR_LONG + 1,
		&least_us))
		return 0;
	return late_us > least_us ? (uint64_t)(late_us - least_us) : 0;
}
