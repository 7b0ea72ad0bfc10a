/* acked.c - what arrives, by the receiver's clock. */
#include "estimate/estimate_private.h"

enum { SPAN_MIN_US = 100000 };

void estimate_acked_add(struct estimate_acked *a, int64_t at_us, uint32_t bytes)
{
	a->ring[a->next].at_us = at_us;
	a->ring[a->next].bytes = bytes;
	a->next = (a->next + 1) % ESTIMATE_ACKED_GROUPS;
	if (a->count < ESTIMATE_ACKED_GROUPS)
		a->count++;
}

uint64_t estimate_acked_bps(const struct estimate_acked *a, uint64_t span_us)
{
	uint64_t bytes = 0, took_us = 0, last_bytes = 0;
	int64_t newest_us = 0;

	for (size_t i = 1; i <= a->count; i++) {
		size_t at = (a->next + ESTIMATE_ACKED_GROUPS - i) %
		    ESTIMATE_ACKED_GROUPS;

		if (i == 1)
			newest_us = a->ring[at].at_us;
		if (a->ring[at].at_us > newest_us)
			continue; /* came out of order */
		took_us = (uint64_t)(newest_us - a->ring[at].at_us);
		last_bytes = a->ring[at].bytes;
		bytes += last_bytes;
		if (took_us >= span_us)
			break;
	}
	bytes -= last_bytes; /* they came before the time counted */
	if (took_us < SPAN_MIN_US)
		return 0;
	return bytes * ESTIMATE_BITS * ESTIMATE_US_PER_S / took_us;
}
