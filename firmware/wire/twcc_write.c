/* twcc_write.c - writing transport-wide feedback. */
#include "wire/twcc.h"

#include "wire/twcc_private.h"

enum {
	HEAD_BYTES = 20, /* RTCP header, two SSRCs, head of the FCI */
	CHUNK_BYTES = 2,
	WORD_BYTES = 4,
	RUN_MIN = TWCC_VECTOR_TWO /* where a run is as short as a vector */
};

struct arrivals { /* what goes into one packet */
	const struct wire_twcc_arrival *list;
	size_t count;
};

struct place { /* a status: number seq; list[next] is the next received */
	uint64_t seq;
	size_t next;
};

static int64_t floor_div(int64_t n, int64_t by)
{
	return n / by - (n % by < 0);
}

static int64_t units_of(const struct wire_twcc_arrival *arrival)
{
	return floor_div(arrival->time_us, WIRE_TWCC_UNIT_US);
}

static int64_t reference_of(const struct wire_twcc_arrival *first)
{
	return floor_div(units_of(first), WIRE_TWCC_REFERENCE_UNITS);
}

static int64_t delta_of(const struct wire_twcc_arrival *list, size_t i)
{
	int64_t before = i > 0 ?
	    units_of(&list[i - 1]) :
	    reference_of(&list[0]) * WIRE_TWCC_REFERENCE_UNITS;

	return units_of(&list[i]) - before;
}

static bool delta_is_small(int64_t delta)
{
	return delta >= 0 && delta <= UINT8_MAX;
}

/* How many arrivals one packet's form can tell. */
static enum kk_err arrivals_limit(struct arrivals *a)
{
	size_t i = 0;

	for (; i < a->count; i++) {
		int64_t delta = delta_of(a->list, i);

		if (i > 0 && a->list[i].seq <= a->list[i - 1].seq)
			return KK_EINVAL;
		if (delta < INT16_MIN || delta > INT16_MAX ||
		    a->list[i].seq - a->list[0].seq >= WIRE_TWCC_STATUSES_MAX)
			break;
	}
	a->count = i;
	return i > 0 ? KK_OK : KK_EINVAL;
}

static size_t statuses_of(const struct arrivals *a)
{
	return (size_t)(a->list[a->count - 1].seq - a->list[0].seq) + 1;
}

static enum twcc_symbol symbol_of(const struct arrivals *a,
    const struct place *at)
{
	if (at->next >= a->count || a->list[at->next].seq != at->seq)
		return TWCC_LOST;
	return delta_is_small(delta_of(a->list, at->next)) ? TWCC_SMALL :
							     TWCC_LARGE;
}

static void place_step(const struct arrivals *a, struct place *at)
{
	if (at->next < a->count && a->list[at->next].seq == at->seq)
		at->next++;
	at->seq++;
}

/* Moves over equal symbols, up to most; returns how many. */
static size_t run_take(const struct arrivals *a, struct place *at, size_t most)
{
	enum twcc_symbol symbol = symbol_of(a, at);
	size_t length = 0;

	if (symbol == TWCC_LOST) { /* up to the next one, in one step */
		uint64_t gap = a->list[at->next].seq - at->seq;

		length = gap < most ? (size_t)gap : most;
		at->seq += length;
		return length;
	}
	for (;
	    length < most && at->next < a->count && symbol_of(a, at) == symbol;
	    length++)
		place_step(a, at);
	return length;
}

/* A vector of symbols: 14 when none needs two bits, else 7. */
static unsigned vector_take(const struct arrivals *a, struct place *at)
{
	struct place look = *at;
	unsigned bits = 1, chunk = 0;
	size_t length = TWCC_VECTOR_ONE;

	for (size_t i = 0; i < TWCC_VECTOR_ONE && bits == 1; i++) {
		if (symbol_of(a, &look) == TWCC_LARGE)
			bits = 2;
		place_step(a, &look);
	}
	if (bits == 2)
		length = TWCC_VECTOR_TWO;
	for (size_t i = 0; i < length; i++) {
		chunk = chunk << bits | symbol_of(a, at);
		place_step(a, at);
	}
	return chunk | TWCC_VECTOR_BIT | (bits == 2 ? TWCC_TWO_BIT : 0u);
}

static unsigned chunk_take(const struct arrivals *a, struct place *at)
{
	struct place ahead = *at;
	enum twcc_symbol symbol = symbol_of(a, at);
	size_t length = run_take(a, &ahead, TWCC_RUN_MAX);

	if (length < RUN_MIN && ahead.next < a->count)
		return vector_take(a, at);
	*at = ahead;
	return (unsigned)symbol << TWCC_RUN_SHIFT | (unsigned)length;
}

/* Writes the chunks, or only counts them when w is NULL. */
static size_t chunks_write(struct wire_out *w, const struct arrivals *a)
{
	struct place at = { a->list[0].seq, 0 };
	size_t count = 0;

	while (at.next < a->count) {
		unsigned chunk = chunk_take(a, &at);

		if (w)
			wire_out_u16(w, chunk);
		count++;
	}
	return count;
}

static size_t deltas_write(struct wire_out *w, const struct arrivals *a)
{
	size_t bytes = 0;

	for (size_t i = 0; i < a->count; i++) {
		int64_t delta = delta_of(a->list, i);
		bool is_small = delta_is_small(delta);

		bytes += is_small ? 1 : 2;
		if (w && is_small)
			wire_out_u8(w, (unsigned)delta);
		else if (w)
			wire_out_u16(w, (uint16_t)delta);
	}
	return bytes;
}

static size_t packet_bytes(const struct arrivals *a)
{
	size_t bytes = HEAD_BYTES + chunks_write(NULL, a) * CHUNK_BYTES +
	    deltas_write(NULL, a);

	return (bytes + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
}

static void packet_write(struct wire_out *w, uint32_t sender_ssrc,
    uint32_t media_ssrc, uint8_t feedback_nr, const struct arrivals *a)
{
	size_t at = wire_rtcp_fb_begin(w, WIRE_RTCP_RTPFB, WIRE_RTCP_RTPFB_TWCC,
	    sender_ssrc, media_ssrc);

	wire_out_u16(w, (uint16_t)a->list[0].seq);
	wire_out_u16(w, (unsigned)statuses_of(a));
	wire_out_u24(w, (uint32_t)reference_of(&a->list[0]));
	wire_out_u8(w, feedback_nr);
	chunks_write(w, a);
	deltas_write(w, a);
	wire_out_zero(w, -(w->bytes - at) % WORD_BYTES);
	wire_rtcp_packet_end(w, at);
}

void wire_twcc_write(struct wire_out *w, uint32_t sender_ssrc,
    uint32_t media_ssrc, uint8_t feedback_nr,
    const struct wire_twcc_arrival *arrivals, size_t count, size_t *taken)
{
	struct arrivals a = { arrivals, count };
	enum kk_err err = arrivals_limit(&a);

	*taken = 0;
	if (err)
		wire_out_fail(w, err);
	if (w->err)
		return;
	while (a.count > 1 && packet_bytes(&a) > w->room_bytes - w->bytes)
		a.count /= 2; /* the rest goes into the next packets */
	packet_write(w, sender_ssrc, media_ssrc, feedback_nr, &a);
	if (!w->err)
		*taken = a.count;
}
