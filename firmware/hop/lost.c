/* lost.c - the missing packets of a stream: when to ask, when to give up. */
#include "hop/lost.h"

#include <string.h>

enum { RTT_SHARE = 4 }; /* of a new measure in the smoothed one, as 1/4 */

static void drop(struct hop_losses *l, size_t at, size_t count)
{
	memmove(&l->list[at], &l->list[at + count],
	    (l->count - at - count) * sizeof(l->list[0]));
	l->count -= count;
}

void hop_losses_forget(struct hop_losses *l)
{
	l->given_up += l->count;
	l->count = 0;
}

void hop_losses_add(struct hop_losses *l, uint64_t first, uint64_t last,
    uint64_t now_us)
{
	uint64_t added = last - first + 1;
	size_t spare = HOP_LOST_MAX - l->count;

	if (added > HOP_LOST_MAX) { /* the newest are worth the most */
		l->given_up += added - HOP_LOST_MAX;
		first = last - HOP_LOST_MAX + 1;
		added = HOP_LOST_MAX;
	}
	if (added > spare) {
		l->given_up += added - spare;
		drop(l, 0, (size_t)added - spare);
	}
	for (uint64_t seq = first; seq <= last; seq++)
		l->list[l->count++] = (struct hop_lost){ .seq = seq,
			.since_us = now_us };
}

static void rtt_learn(struct hop_losses *l, uint64_t us)
{
	if (us > HOP_RTT_MAX_US)
		us = HOP_RTT_MAX_US;
	if (l->rtt_us == 0)
		l->rtt_us = us;
	else
		l->rtt_us = (l->rtt_us * (RTT_SHARE - 1) + us) / RTT_SHARE;
}

bool hop_losses_take(struct hop_losses *l, uint64_t seq, uint64_t now_us)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct hop_lost *lost = &l->list[i];

		if (lost->seq != seq)
			continue;
		/* Asked for twice, it may answer either. */
		if (lost->asks == 1 && now_us > lost->asked_us)
			rtt_learn(l, now_us - lost->asked_us);
		drop(l, i, 1);
		return true;
	}
	return false;
}

static uint64_t due_us(const struct hop_losses *l, const struct hop_lost *lost)
{
	uint64_t again_us = l->rtt_us ? l->rtt_us : HOP_RTT_DEFAULT_US;

	if (lost->asks == 0)
		return lost->since_us + HOP_ASK_FIRST_US;
	again_us += again_us / 4; /* a trip is not always as long */
	if (again_us < HOP_ASK_AGAIN_MIN_US)
		again_us = HOP_ASK_AGAIN_MIN_US;
	/* Who is asked may have to ask somebody far away. */
	again_us <<= (lost->asks - 1) / 2;
	return lost->asked_us + again_us;
}

static bool is_hopeless(const struct hop_losses *l, const struct hop_lost *lost,
    uint64_t now_us)
{
	return now_us >= lost->since_us + HOP_LOST_AGE_US ||
	    (lost->asks >= HOP_ASKS_MAX && now_us >= due_us(l, lost));
}

static void give_up(struct hop_losses *l, uint64_t now_us)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (is_hopeless(l, &l->list[i], now_us))
			l->given_up++;
		else
			l->list[kept++] = l->list[i];
	}
	l->count = kept;
}

size_t hop_losses_ask(struct hop_losses *l, uint64_t now_us, uint16_t *seqs,
    size_t max)
{
	size_t count = 0;

	give_up(l, now_us);
	for (size_t i = 0; i < l->count && count < max; i++) {
		struct hop_lost *lost = &l->list[i];

		if (now_us < due_us(l, lost))
			continue;
		lost->asked_us = now_us;
		lost->asks++;
		seqs[count++] = (uint16_t)lost->seq;
	}
	return count;
}

int64_t hop_losses_wait_us(const struct hop_losses *l, uint64_t now_us)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < l->count; i++) {
		uint64_t due = due_us(l, &l->list[i]);
		uint64_t end = l->list[i].since_us + HOP_LOST_AGE_US;

		if (due > end)
			due = end;
		if (due < first)
			first = due;
	}
	if (first == UINT64_MAX)
		return -1;
	return first > now_us ? (int64_t)(first - now_us) : 0;
}
