/* streams.c - what is kept of each source. */
#include "srtp/streams.h"

#include <string.h>

enum { ROOM_FIRST = 4, TABLE_PER_ROOM = 2 };

/* Knuth, The Art of Computer Programming 6.4: the golden ratio's multiplier. */
static const uint32_t golden = 2654435769u;

void srtp_streams_init(struct srtp_streams *s, size_t max, uint32_t seed)
{
	*s = (struct srtp_streams){ .max = max, .seed = seed };
}

void srtp_streams_clear(struct srtp_streams *s)
{
	kk_free(s->list);
	kk_free(s->table);
	*s = (struct srtp_streams){ 0 };
}

/* --- the table ------------------------------------------------------------ */

/* The room is a power of two, so the table's size is one, too. */
static size_t table_mask(const struct srtp_streams *s)
{
	return s->room * TABLE_PER_ROOM - 1;
}

static size_t home_of(const struct srtp_streams *s, uint32_t ssrc)
{
	uint32_t h = (ssrc ^ s->seed) * golden;

	return (h ^ h >> 16) & table_mask(s);
}

/* Place in the table of an SSRC, or of the free one where it would stand. */
static size_t place_find(const struct srtp_streams *s, uint32_t ssrc)
{
	size_t at = home_of(s, ssrc);

	while (s->table[at] && s->list[s->table[at] - 1].ssrc != ssrc)
		at = (at + 1) & table_mask(s);
	return at;
}

struct srtp_stream *srtp_streams_find(struct srtp_streams *s, uint32_t ssrc)
{
	size_t at;

	if (s->count == 0)
		return NULL;
	if (s->last < s->count && s->list[s->last].ssrc == ssrc)
		return &s->list[s->last];
	at = place_find(s, ssrc);
	if (!s->table[at])
		return NULL;
	s->last = s->table[at] - 1u;
	return &s->list[s->last];
}

enum kk_err srtp_streams_reserve(struct srtp_streams *s)
{
	const size_t room = s->room ? 2 * s->room : ROOM_FIRST;
	struct srtp_stream *list;
	uint16_t *table;

	if (s->count >= s->max)
		return KK_ELIMIT;
	if (s->count < s->room)
		return KK_OK;
	table = kk_calloc(room * TABLE_PER_ROOM, sizeof(table[0]));
	list = table ? kk_regrow(s->list, s->room, room, sizeof(list[0])) :
		       NULL;
	if (!list) {
		kk_free(table);
		return KK_ENOMEM;
	}
	kk_free(s->table);
	s->list = list;
	s->table = table;
	s->room = room;
	for (size_t i = 0; i < s->count; i++)
		s->table[place_find(s, list[i].ssrc)] = (uint16_t)(i + 1);
	return KK_OK;
}

void srtp_streams_add(struct srtp_streams *s, const struct srtp_stream *stream)
{
	s->table[place_find(s, stream->ssrc)] = (uint16_t)(s->count + 1);
	s->last = s->count;
	s->list[s->count++] = *stream;
}

/* Entries behind a freed place move up, unless they stand before their home. */
static void place_free(struct srtp_streams *s, size_t at)
{
	const size_t mask = table_mask(s);
	size_t next = at;

	s->table[at] = 0;
	for (;;) {
		size_t home;

		next = (next + 1) & mask;
		if (!s->table[next])
			return;
		home = home_of(s, s->list[s->table[next] - 1].ssrc);
		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		s->table[at] = s->table[next];
		s->table[next] = 0;
		at = next;
	}
}

void srtp_streams_remove(struct srtp_streams *s, uint32_t ssrc)
{
	const struct srtp_stream *stream = srtp_streams_find(s, ssrc);
	size_t hole;

	if (!stream)
		return;
	hole = (size_t)(stream - s->list);
	place_free(s, place_find(s, ssrc));
	s->count--;
	if (hole == s->count)
		return;
	/* The last one fills the hole. */
	s->table[place_find(s, s->list[s->count].ssrc)] = (uint16_t)(hole + 1);
	s->list[hole] = s->list[s->count];
}

/* --- indices -------------------------------------------------------------- */

enum { SEQ_SPAN = 0x10000, SEQ_HALF = 0x8000 };

static const uint64_t rtp_index_max = 0xffffffffffff; /* RFC 3711, 9.2 */

static bool ring_has(const uint64_t *ring, size_t bits, uint64_t index)
{
	const size_t at = index % bits;

	return ring[at / SRTP_WORD_BITS] >> at % SRTP_WORD_BITS & 1;
}

static void ring_set(uint64_t *ring, size_t bits, uint64_t index)
{
	const size_t at = index % bits;

	ring[at / SRTP_WORD_BITS] |= (uint64_t)1 << at % SRTP_WORD_BITS;
}

static void ring_unset(uint64_t *ring, size_t bits, uint64_t index)
{
	const size_t at = index % bits;

	ring[at / SRTP_WORD_BITS] &= ~((uint64_t)1 << at % SRTP_WORD_BITS);
}

/* A new top empties what it passes; bits is a multiple of a word's. */
static void ring_mark(uint64_t *ring, size_t bits, uint64_t top, uint64_t index)
{
	if (index > top && index - top >= bits)
		memset(ring, 0, bits / 8);
	else
		for (uint64_t i = top + 1; i < index; i++)
			ring_unset(ring, bits, i);
	ring_set(ring, bits, index);
}

/* Before the first half of the first round has passed there is nothing to wrap
 * back to, so all numbers are the first round's. */
static uint64_t index_guess(uint64_t top, uint16_t seq)
{
	const uint64_t same = (top & ~(uint64_t)0xffff) | seq;
	const uint16_t top_seq = (uint16_t)top;

	if (top <= SEQ_HALF)
		return same;
	if (top_seq < SEQ_HALF && seq - top_seq > SEQ_HALF)
		return same - SEQ_SPAN;
	if (top_seq >= SEQ_HALF && top_seq - SEQ_HALF > seq)
		return same + SEQ_SPAN;
	return same;
}

enum kk_err srtp_rtp_index(const struct srtp_stream *stream, uint16_t seq,
    uint64_t *index)
{
	const uint64_t top = stream->rtp_top;

	*index = index_guess(top, seq);
	if (*index > rtp_index_max)
		return KK_ESPENT;
	if (*index > top)
		return KK_OK;
	if (top - *index >= SRTP_REPLAY_PACKETS ||
	    ring_has(stream->rtp_seen, SRTP_REPLAY_PACKETS, *index))
		return KK_EREPLAY;
	return KK_OK;
}

void srtp_rtp_mark(struct srtp_stream *stream, uint64_t index)
{
	ring_mark(stream->rtp_seen, SRTP_REPLAY_PACKETS, stream->rtp_top,
	    index);
	if (index > stream->rtp_top)
		stream->rtp_top = index;
}

enum kk_err srtp_rtcp_check(const struct srtp_stream *stream, uint32_t index)
{
	const uint32_t top = stream->rtcp_top;

	if (index > top)
		return KK_OK;
	if (top - index >= SRTP_RTCP_REPLAY_PACKETS ||
	    ring_has(stream->rtcp_seen, SRTP_RTCP_REPLAY_PACKETS, index))
		return KK_EREPLAY;
	return KK_OK;
}

void srtp_rtcp_mark(struct srtp_stream *stream, uint32_t index)
{
	ring_mark(stream->rtcp_seen, SRTP_RTCP_REPLAY_PACKETS, stream->rtcp_top,
	    index);
	if (index > stream->rtcp_top)
		stream->rtcp_top = index;
}
