/* history.c - packets that were sent, to be sent again. */
#include "hop/history.h"

#include <string.h>

struct entry {
	uint64_t seq;
	uint64_t at; /* counts all bytes ever put */
	uint64_t us;
	size_t bytes; /* 0: none */
};

struct hop_history {
	struct entry *entries; /* by the low bits of the number */
	size_t packets;
	uint8_t *ring;
	size_t ring_bytes;
	uint64_t head; /* where the next packet goes; counts on */
};

enum kk_err hop_history_new(struct hop_history **historyp, size_t packets,
    size_t bytes)
{
	struct hop_history *h;

	if (packets == 0 || (packets & (packets - 1)) != 0 ||
	    bytes < HOP_PACKET_MAX_BYTES)
		return KK_EINVAL;
	h = kk_calloc(1, sizeof(*h));
	if (!h)
		return KK_ENOMEM;
	h->packets = packets;
	h->ring_bytes = bytes;
	h->entries = kk_calloc(packets, sizeof(h->entries[0]));
	h->ring = kk_calloc(1, bytes);
	if (!h->entries || !h->ring) {
		hop_history_free(h);
		return KK_ENOMEM;
	}
	*historyp = h;
	return KK_OK;
}

void hop_history_free(struct hop_history *history)
{
	if (!history)
		return;
	kk_free(history->entries);
	kk_free(history->ring);
	kk_free(history);
}

static struct entry *entry_of(const struct hop_history *h, uint64_t seq)
{
	return &h->entries[seq & (h->packets - 1)];
}

void hop_history_put(struct hop_history *history, uint64_t seq,
    struct kk_view packet, uint64_t now_us)
{
	size_t at = (size_t)(history->head % history->ring_bytes);

	if (packet.bytes == 0 || packet.bytes > HOP_PACKET_MAX_BYTES)
		return;
	if (packet.bytes > history->ring_bytes - at) { /* stays in one piece */
		history->head += history->ring_bytes - at;
		at = 0;
	}
	memcpy(history->ring + at, packet.data, packet.bytes);
	*entry_of(history, seq) = (struct entry){ seq, history->head, now_us,
		packet.bytes };
	history->head += packet.bytes;
}

enum kk_err hop_history_get(const struct hop_history *history, uint64_t seq,
    uint64_t now_us, struct kk_view *packet)
{
	const struct entry *e = entry_of(history, seq);

	if (e->bytes == 0 || e->seq != seq ||
	    history->head - e->at > history->ring_bytes ||
	    now_us - e->us > HOP_HISTORY_AGE_US)
		return KK_ENOENT;
	*packet = kk_view_of(history->ring + e->at % history->ring_bytes,
	    e->bytes);
	return KK_OK;
}

bool hop_resent_may(struct hop_resent *resent, uint64_t seq, uint64_t rtt_us,
    uint64_t now_us)
{
	const uint32_t us = (uint32_t)now_us;
	size_t at = seq % HOP_RESENT_MAX;

	/* Never sent, an empty place.  A number comes round again long after
	 * anybody could ask for it. */
	if (resent->list[at].seq != (uint32_t)seq)
		resent->list[at].times = 0;
	if (resent->list[at].times == HOP_RESENT_TIMES_MAX ||
	    (resent->list[at].times > 0 && us - resent->list[at].us < rtt_us))
		return false;
	resent->list[at].seq = (uint32_t)seq;
	resent->list[at].us = us;
	resent->list[at].times++;
	return true;
}
