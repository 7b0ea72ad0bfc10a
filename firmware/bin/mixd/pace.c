/* pace.c - one tick after the other. */
#include "pace.h"

void pace_start(struct pace *p, uint64_t now_us)
{
	*p = (struct pace){ .next_us = (now_us / PACE_TICK_US + 1) *
		    PACE_TICK_US };
}

bool pace_take(struct pace *p, uint64_t now_us, uint64_t *at_us)
{
	uint64_t due;

	if (now_us < p->next_us)
		return false;
	due = (now_us - p->next_us) / PACE_TICK_US + 1;
	if (due > PACE_CATCH_UP_MAX) {
		p->skipped += due - PACE_CATCH_UP_MAX;
		p->next_us += (due - PACE_CATCH_UP_MAX) * PACE_TICK_US;
	}
	*at_us = p->next_us;
	p->next_us += PACE_TICK_US;
	return true;
}
