/* count.c - continuity of sequence numbers, and percentiles. */
#include "tools/load/count.h"

#include <stdlib.h>

#include "wire/seq.h"

static void ahead(struct load_stream *s, uint64_t by, struct load_counts *c)
{
	s->seen = by < LOAD_STREAM_SPAN ? s->seen << by | 1 : 1;
	s->top += by;
	c->missing += by - 1;
	c->delivered++;
}

static void behind(struct load_stream *s, uint64_t by, struct load_counts *c)
{
	if (by >= LOAD_STREAM_SPAN) {
		c->late++;
		return;
	}
	if (s->seen >> by & 1) {
		c->twice++;
		return;
	}
	s->seen |= UINT64_C(1) << by;
	c->delivered++;
	c->missing -= c->missing > 0;
}

void load_stream_take(struct load_stream *s, uint16_t seq,
    struct load_counts *counts)
{
	uint64_t n;

	if (!s->is_begun) {
		s->is_begun = true;
		s->top = (UINT64_C(1) << 16) + seq;
		s->seen = ~UINT64_C(0) << 1 |
		    1; /* what was before is no loss */
		counts->delivered++;
		return;
	}
	n = wire_seq_extend(s->top, seq);
	if (n > s->top)
		ahead(s, n - s->top, counts);
	else
		behind(s, s->top - n, counts);
}

enum kk_err load_series_add(struct load_series *s, uint32_t n)
{
	size_t room = s->room ? 2 * s->room : 1024;
	uint32_t *list;

	if (s->count >= LOAD_SERIES_MAX)
		return KK_ELIMIT;
	if (s->count == s->room) {
		list = kk_regrow(s->list, s->room, room, sizeof(*list));
		if (!list)
			return KK_ENOMEM;
		s->list = list;
		s->room = room;
	}
	s->list[s->count++] = n;
	return KK_OK;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

uint32_t load_series_get(struct load_series *s, unsigned permille)
{
	size_t at = (s->count * permille + 999) / 1000;

	if (s->count == 0)
		return 0;
	qsort(s->list, s->count, sizeof(*s->list), compare);
	return s->list[at > 0 ? at - 1 : 0];
}

void load_series_clear(struct load_series *s)
{
	kk_free(s->list);
	*s = (struct load_series){ 0 };
}
