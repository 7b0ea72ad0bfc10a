/*
 * rates.h - how the room on the way out is shared among a picture's sizes.
 *
 * The smallest one always goes out, and first gets all that it can use; then
 * the next one, where enough is left for a picture that is worth its size.  One
 * that was left out comes back when there is some room to spare, and a while
 * after the last one was left out: each coming costs a key frame.
 *
 * Pure; no clock: now_us never goes back.
 */
#pragma once
#include "pipelines/graphs/sizes.h"

enum {
	RATES_LEAST_BPS = 150000, /* of any picture */
	RATES_LEAST_PERCENT = 40, /* of a size's full rate; else not sent */
	RATES_BACK_PERCENT = 125, /* of that, to come back */
	RATES_BACK_US = 5000000 /* after the last was left out */
};

struct rates {
	size_t count;
	size_t wanted; /* that anybody draws; the others are left out */
	unsigned full_bps[SIZES_MAX]; /* what a size calls for */
	unsigned bps[SIZES_MAX]; /* 0: is left out */
	bool has_fallen;
	uint64_t fell_us;
};

/* All have their full rate. */
void rates_init(struct rates *rates, const struct sizes *sizes, unsigned fps);
/* So many are wanted from the next sharing on, 0 or too many: all.  What comes
 * back by that does so at once, where there is room.  Whether it has changed.
 */
bool rates_want(struct rates *rates, size_t count);
void rates_share(struct rates *rates, uint64_t room_bps, uint64_t now_us);
