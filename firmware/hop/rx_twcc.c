/* rx_twcc.c - what a receiver tells about all packets of a transport. */
#include "hop/rx_twcc.h"

#include <string.h>

#include "wire/seq.h"

enum {
	SEQ_RANGE = 1 << 16,
	GAP_MAX = 1000,
	GAP_MAX_US = 1000000, /* a delta holds 8 s */
	ROOM_STEP = HOP_TWCC_ARRIVALS_MAX / 4 /* forgotten when it is full */
};

void hop_rx_twcc_init(struct hop_rx_twcc *t)
{
	*t = (struct hop_rx_twcc){ 0 };
}

static void forget(struct hop_rx_twcc *t, size_t count)
{
	memmove(&t->list[0], &t->list[count],
	    (t->count - count) * sizeof(t->list[0]));
	t->count -= count;
	t->told -= t->told < count ? t->told : count;
}

/* Where number seq belongs; packets come in their order, nearly. */
static size_t place_of(const struct hop_rx_twcc *t, uint64_t seq)
{
	size_t at = t->count;

	while (at > 0 && t->list[at - 1].seq > seq)
		at--;
	return at;
}

static void insert(struct hop_rx_twcc *t, uint64_t seq, uint64_t now_us)
{
	size_t at = place_of(t, seq);

	if (at > 0 && t->list[at - 1].seq == seq)
		return;
	if (at == 0 && t->told > 0)
		return; /* older than all that is remembered as told */
	memmove(&t->list[at + 1], &t->list[at],
	    (t->count - at) * sizeof(t->list[0]));
	t->list[at] = (struct wire_twcc_arrival){ seq, (int64_t)now_us };
	t->count++;
	/* Told as lost: so it and all behind it are told again. */
	if (at < t->told)
		t->told = at;
}

void hop_rx_twcc_packet(struct hop_rx_twcc *t, uint16_t seq, uint64_t now_us)
{
	uint64_t extended = t->top_seq ? wire_seq_extend(t->top_seq, seq) :
					 SEQ_RANGE + (uint64_t)seq;

	if (t->top_seq == 0)
		t->told_us = now_us;
	if (extended > t->top_seq)
		t->top_seq = extended;
	if (t->count == HOP_TWCC_ARRIVALS_MAX)
		forget(t, ROOM_STEP);
	insert(t, extended, now_us);
}

int64_t hop_rx_twcc_wait_us(const struct hop_rx_twcc *t, uint64_t now_us)
{
	uint64_t due_us = t->told_us + HOP_TWCC_EVERY_US;

	if (t->told == t->count)
		return -1;
	if (t->count - t->told >= HOP_TWCC_FULL || now_us >= due_us)
		return 0;
	return (int64_t)(due_us - now_us);
}

/*
 * Where to begin, so that the packets missing in front of the next one are told
 * as lost: at the last one told, where there is a gap that one packet can tell.
 */
static size_t start_of(const struct hop_rx_twcc *t)
{
	const struct wire_twcc_arrival *last, *next = &t->list[t->told];

	if (t->told == 0)
		return 0;
	last = next - 1;
	if (next->seq == last->seq + 1 || next->seq - last->seq > GAP_MAX ||
	    next->time_us - last->time_us > GAP_MAX_US)
		return t->told;
	return t->told - 1;
}

bool hop_rx_twcc_write(struct hop_rx_twcc *t, struct wire_out *w,
    uint32_t sender_ssrc, uint32_t media_ssrc, uint64_t now_us)
{
	size_t taken = 0, start;

	if (hop_rx_twcc_wait_us(t, now_us) != 0)
		return false;
	start = start_of(t);
	wire_twcc_write(w, sender_ssrc, media_ssrc, t->feedback_nr,
	    &t->list[start], t->count - start, &taken);
	if (start + taken <= t->told)
		return false; /* no room */
	t->feedback_nr++;
	t->told = start + taken;
	if (t->told == t->count)
		t->told_us = now_us;
	return true;
}
