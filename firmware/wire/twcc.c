/* twcc.c - reading transport-wide feedback. */
#include "wire/twcc.h"

#include "wire/twcc_private.h"

enum { CHUNK_BYTES = 2, PADDING_MAX_BYTES = 3 };

static size_t chunk_length(unsigned chunk)
{
	if (!(chunk & TWCC_VECTOR_BIT))
		return chunk & TWCC_RUN_MAX;
	return chunk & TWCC_TWO_BIT ? TWCC_VECTOR_TWO : TWCC_VECTOR_ONE;
}

static unsigned chunk_symbol(unsigned chunk, size_t index)
{
	if (!(chunk & TWCC_VECTOR_BIT))
		return chunk >> TWCC_RUN_SHIFT & 3;
	if (chunk & TWCC_TWO_BIT)
		return chunk >> 2 * (TWCC_VECTOR_TWO - 1 - index) & 3;
	return chunk >> (TWCC_VECTOR_ONE - 1 - index) & 1;
}

static size_t delta_bytes(unsigned symbol)
{
	return symbol == TWCC_SMALL ? 1 : symbol == TWCC_LARGE ? 2 : 0;
}

/* Adds the bytes of the deltas of a chunk's first statuses. */
static enum kk_err chunk_measure(unsigned chunk, size_t statuses, size_t *bytes)
{
	bool is_vector = chunk & TWCC_VECTOR_BIT;
	size_t steps = is_vector ? statuses : 1;

	for (size_t i = 0; i < steps; i++) {
		unsigned symbol = chunk_symbol(chunk, i);

		if (symbol == TWCC_RESERVED)
			return KK_EFORMAT;
		*bytes += delta_bytes(symbol) * (is_vector ? 1 : statuses);
	}
	return KK_OK;
}

/* Takes the chunks off the reader, and the deltas' length from them. */
static enum kk_err chunks_read(struct kk_reader *r, struct wire_twcc *twcc,
    size_t *deltas_bytes)
{
	const uint8_t *start = r->p;
	size_t left = twcc->status_count;

	while (left > 0) {
		unsigned chunk = kk_read_u16(r);
		size_t length = chunk_length(chunk);
		enum kk_err err = kk_reader_err(r);

		length = length < left ? length : left;
		if (!err)
			err = chunk_measure(chunk, length, deltas_bytes);
		if (err)
			return err;
		left -= length;
	}
	twcc->chunks = kk_view_of(start, (size_t)(r->p - start));
	return KK_OK;
}

static int32_t signed_24(uint32_t n)
{
	return n & 0x800000 ? (int32_t)n - 0x1000000 : (int32_t)n;
}

enum kk_err wire_twcc_parse(struct wire_twcc *twcc,
    const struct wire_rtcp_fb *fb)
{
	struct wire_twcc parsed = { 0 };
	size_t deltas_bytes = 0;
	struct kk_reader r;
	uint32_t word;
	enum kk_err err;

	if (fb->is_payload_specific || fb->fmt != WIRE_RTCP_RTPFB_TWCC)
		return KK_EUNSUP;
	kk_reader_init(&r, fb->fci);
	parsed.base_seq = kk_read_u16(&r);
	parsed.status_count = kk_read_u16(&r);
	word = kk_read_u32(&r);
	parsed.reference_time = signed_24(word >> 8);
	parsed.feedback_nr = (uint8_t)word;
	if (!kk_reader_err(&r) && parsed.status_count == 0)
		return KK_EFORMAT;
	err = kk_reader_err(&r);
	if (!err)
		err = chunks_read(&r, &parsed, &deltas_bytes);
	if (err)
		return err;
	parsed.deltas = kk_read_raw(&r, deltas_bytes);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	if (r.left_bytes > PADDING_MAX_BYTES)
		return KK_EFORMAT;
	*twcc = parsed;
	return KK_OK;
}

void wire_twcc_begin(struct wire_twcc_iter *it, const struct wire_twcc *twcc)
{
	*it = (struct wire_twcc_iter){ .twcc = *twcc,
		.time = (int64_t)twcc->reference_time *
		    WIRE_TWCC_REFERENCE_UNITS };
}

static void delta_take(struct wire_twcc_iter *it, unsigned symbol)
{
	const uint8_t *at = it->twcc.deltas.data + it->delta_at;

	if (symbol == TWCC_SMALL)
		it->time += at[0];
	else
		it->time += (int16_t)wire_get_u16(at);
	it->delta_at += delta_bytes(symbol);
}

bool wire_twcc_next(struct wire_twcc_iter *it, struct wire_twcc_status *status)
{
	unsigned chunk, symbol;

	if (it->done >= it->twcc.status_count)
		return false;
	chunk = wire_get_u16(it->twcc.chunks.data + it->chunk * CHUNK_BYTES);
	while (it->index >= chunk_length(chunk)) {
		it->index = 0;
		it->chunk++;
		chunk = wire_get_u16(it->twcc.chunks.data +
		    it->chunk * CHUNK_BYTES);
	}
	symbol = chunk_symbol(chunk, it->index++);
	*status = (struct wire_twcc_status){
		.seq = (uint16_t)(it->twcc.base_seq + it->done++),
		.is_received = symbol != TWCC_LOST,
	};
	if (status->is_received) {
		delta_take(it, symbol);
		status->time = it->time;
	}
	return true;
}
