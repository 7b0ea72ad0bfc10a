/* rates.c - how the room on the way out is shared among a picture's sizes. */
#include "pipelines/graphs/rates.h"

enum {
	/* About 1.5 Mbit/s at 1280x720 and 25 pictures a second, and less than
	 * in proportion below that. */
	BITS_PER_PIXEL_1000 = 65,
	PERCENT = 100
};

static unsigned full_bps(const struct size *size, unsigned fps)
{
	unsigned bps = size->width * size->height * fps / 1000 *
	    BITS_PER_PIXEL_1000;

	return bps > RATES_LEAST_BPS ? bps : RATES_LEAST_BPS;
}

void rates_init(struct rates *rates, const struct sizes *sizes, unsigned fps)
{
	*rates = (struct rates){ .count = sizes->count,
		.wanted = sizes->count };
	for (size_t i = 0; i < sizes->count; i++)
		rates->bps[i] = rates->full_bps[i] = full_bps(&sizes->list[i],
		    fps);
}

/* What has to be left for a size to be sent. */
static uint64_t needed_bps(const struct rates *r, size_t i, uint64_t now_us)
{
	uint64_t least_bps = (uint64_t)r->full_bps[i] * RATES_LEAST_PERCENT /
	    PERCENT;

	if (r->bps[i] > 0)
		return least_bps;
	if (r->has_fallen && now_us - r->fell_us < RATES_BACK_US)
		return UINT64_MAX;
	return least_bps * RATES_BACK_PERCENT / PERCENT;
}

static void leave_out(struct rates *r, size_t from, uint64_t now_us)
{
	for (size_t i = from; i < r->count; i++) {
		if (r->bps[i] > 0) {
			r->has_fallen = true;
			r->fell_us = now_us;
		}
		r->bps[i] = 0;
	}
}

bool rates_want(struct rates *rates, size_t count)
{
	const size_t was = rates->wanted;

	rates->wanted = count > 0 && count < rates->count ? count :
							    rates->count;
	return rates->wanted != was;
}

void rates_share(struct rates *rates, uint64_t room_bps, uint64_t now_us)
{
	uint64_t left_bps = room_bps;

	/* It has not fallen, for want of room. */
	for (size_t i = rates->wanted; i < rates->count; i++)
		rates->bps[i] = 0;
	for (size_t i = 0; i < rates->wanted; i++) {
		unsigned bps = left_bps < rates->full_bps[i] ?
		    (unsigned)left_bps :
		    rates->full_bps[i];

		if (i > 0 && left_bps < needed_bps(rates, i, now_us)) {
			leave_out(rates, i, now_us);
			return;
		}
		if (i == 0 && bps < RATES_LEAST_BPS)
			bps = RATES_LEAST_BPS;
		rates->bps[i] = bps;
		left_bps -= bps < left_bps ? bps : left_bps;
	}
}
