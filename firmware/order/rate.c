/* rate.c - how often. */
#include "order/order.h"

enum { SECOND_US = 1000000, MS_US = 1000 };

bool order_rate_take(struct order_rate *rate, unsigned per_second,
    unsigned burst, uint64_t now_us, uint64_t *retry_ms)
{
	const uint64_t cost_us = SECOND_US / per_second;
	const uint64_t room_us = cost_us * burst;
	uint64_t since_us = now_us > rate->last_us ? now_us - rate->last_us : 0;

	rate->used_us = rate->used_us > since_us ? rate->used_us - since_us : 0;
	rate->last_us = now_us;
	if (rate->used_us + cost_us <= room_us) {
		rate->used_us += cost_us;
		return true;
	}
	*retry_ms = (rate->used_us + cost_us - room_us) / MS_US + 1;
	return false;
}
