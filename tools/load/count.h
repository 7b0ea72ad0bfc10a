/* count.h - what was delivered, and how late.  No state of its own. */
#pragma once
#include "base/base.h"

/* One stream's sequence numbers.  All zero is a new one. */
struct load_stream {
	uint32_t ssrc;
	bool is_begun;
	uint64_t top; /* the newest number, extended */
	uint64_t seen; /* bit n: top - n has come */
};

struct load_counts { /* of all streams together */
	uint64_t delivered; /* each packet once */
	uint64_t missing; /* numbers that were skipped and never came */
	uint64_t twice;
	uint64_t late; /* further behind than can be told apart */
};

enum { LOAD_STREAM_SPAN = 64 }; /* numbers that are remembered */

/* One packet of the stream, in whatever order. */
void load_stream_take(struct load_stream *stream, uint16_t seq,
    struct load_counts *counts);

/* A series of measurements.  All zero is an empty one. */
struct load_series {
	uint32_t *list;
	size_t count, room;
};

/* Errors: KK_ELIMIT over LOAD_SERIES_MAX; KK_ENOMEM. */
enum { LOAD_SERIES_MAX = 4000000 };
MUST_CHECK enum kk_err load_series_add(struct load_series *series, uint32_t n);
/* The smallest of the numbers that so many of 1000 do not exceed; 0: none. */
uint32_t load_series_get(struct load_series *series, unsigned permille);
void load_series_clear(struct load_series *series);
