/* history.c - what was sent. */
#include "estimate/estimate_private.h"

enum { SEQ_RANGE = 1 << 16 };

void estimate_history_init(struct estimate_history *h)
{
	/* A wrap above 0, so that older numbers than the first exist. */
	h->next_seq = SEQ_RANGE;
}

uint16_t estimate_history_put(struct estimate_history *h, size_t bytes,
    uint8_t cluster, uint64_t now_us)
{
	uint64_t seq = h->next_seq++;

	h->ring[seq % ESTIMATE_HISTORY_PACKETS] = (struct estimate_packet){
		.sent_us = (uint32_t)now_us,
		.bytes = bytes < UINT16_MAX ? (uint16_t)bytes : UINT16_MAX,
		.fate = ESTIMATE_UNTOLD,
		.cluster = cluster,
	};
	return (uint16_t)seq;
}

struct estimate_packet *estimate_history_get(struct estimate_history *h,
    uint64_t seq)
{
	struct estimate_packet *p = &h->ring[seq % ESTIMATE_HISTORY_PACKETS];

	if (seq >= h->next_seq ||
	    h->next_seq - seq > ESTIMATE_HISTORY_PACKETS ||
	    p->fate == ESTIMATE_UNSENT)
		return NULL;
	return p;
}

uint64_t estimate_history_sent_us(const struct estimate_packet *p,
    uint64_t now_us)
{
	return now_us - (uint32_t)((uint32_t)now_us - p->sent_us);
}
