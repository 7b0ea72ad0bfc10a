/* history.c - what was sent. */
#include "estimate/estimate_private.h"

enum {
	SEQ_RANGE = 1 << 16,
	/* Most paths never have more on their way. */
	ROOM_FIRST = 256
};

enum kk_err estimate_history_init(struct estimate_history *h)
{
	h->ring = kk_calloc(ROOM_FIRST, sizeof(h->ring[0]));
	h->room = ROOM_FIRST;
	/* A wrap above 0, so that older numbers than the first exist. */
	h->next_seq = SEQ_RANGE;
	return h->ring ? KK_OK : KK_ENOMEM;
}

void estimate_history_clear(struct estimate_history *h)
{
	kk_free(h->ring);
	*h = (struct estimate_history){ 0 };
}

static void room_double(struct estimate_history *h)
{
	const size_t room = 2 * h->room;
	struct estimate_packet *ring = kk_calloc(room, sizeof(ring[0]));

	if (!ring)
		return;
	for (uint64_t seq = h->next_seq - h->room; seq < h->next_seq; seq++)
		ring[seq % room] = h->ring[seq % h->room];
	kk_free(h->ring);
	h->ring = ring;
	h->room = room;
}

void estimate_history_stretch(struct estimate_history *h, uint64_t seq)
{
	if (h->room < ESTIMATE_HISTORY_PACKETS && seq < h->next_seq &&
	    h->next_seq - seq > h->room / 2)
		room_double(h);
}

uint16_t estimate_history_put(struct estimate_history *h, size_t bytes,
    uint8_t cluster, uint64_t now_us)
{
	uint64_t seq = h->next_seq++;

	h->ring[seq % h->room] = (struct estimate_packet){
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
	struct estimate_packet *p = &h->ring[seq % h->room];

	if (seq >= h->next_seq || h->next_seq - seq > h->room ||
	    p->fate == ESTIMATE_UNSENT)
		return NULL;
	return p;
}

uint64_t estimate_history_sent_us(const struct estimate_packet *p,
    uint64_t now_us)
{
	return now_us - (uint32_t)((uint32_t)now_us - p->sent_us);
}
