/*
 * numbers.c - which packet went out as which.
 *
 * Layers that are not shown leave no hole: the numbers behind them move up.
 * What is missing keeps its place, since nobody knows yet what it was.  When it
 * comes and is not to be shown, an empty packet fills the place, so that the
 * receiver does not ask for it.
 */
#include "sfu/sfu_internal.h"

static struct sfu_number *entry_of(const struct sfu_slot *slot, uint64_t out)
{
	return &slot->video->numbers[out % SFU_NUMBERS_MAX];
}

static void append(struct sfu_slot *slot, uint64_t in, uint8_t flags)
{
	*entry_of(slot, ++slot->top_seq) =
	    (struct sfu_number){ .in = (uint32_t)in, .flags = flags };
}

static uint64_t oldest(const struct sfu_slot *slot, const struct sfu_run *run)
{
	uint64_t kept = slot->top_seq - SFU_NUMBERS_MAX + 1;

	return kept > run->first_out ? kept : run->first_out;
}

/* Numbers of a run rise on both sides; 0: this one took none. */
static uint64_t find(const struct sfu_slot *slot, const struct sfu_run *run,
    uint64_t seq)
{
	uint64_t low = oldest(slot, run), high = slot->top_seq + 1;
	uint32_t want = (uint32_t)(seq - run->base_in);

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		uint32_t at = entry_of(slot, middle)->in -
		    (uint32_t)run->base_in;

		if (at == want)
			return middle;
		if (at < want)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

static uint64_t take_late(struct sfu_slot *slot, struct sfu_run *run,
    uint64_t seq, bool is_shown)
{
	uint64_t out = find(slot, run, seq);
	struct sfu_number *n;

	if (out == 0)
		return 0;
	n = entry_of(slot, out);
	if (n->flags != SFU_NUMBER_MISSING)
		return 0;
	n->flags = SFU_NUMBER_SENT | (is_shown ? 0 : SFU_NUMBER_FILLER);
	return out;
}

static uint64_t take_newest(struct sfu_slot *slot, struct sfu_run *run,
    uint64_t seq, bool is_shown)
{
	uint64_t missing = seq - run->top_in - 1;

	if (missing > SFU_GAP_MAX)
		missing = 0;
	for (uint64_t in = seq - missing; in < seq; in++)
		append(slot, in, SFU_NUMBER_MISSING);
	run->top_in = seq;
	if (!is_shown)
		return 0;
	append(slot, seq, SFU_NUMBER_SENT);
	return slot->top_seq;
}

uint64_t sfu_number_take(struct sfu_slot *slot, struct sfu_run *run,
    uint64_t seq, bool is_shown)
{
	uint64_t out;

	if (slot->video)
		return seq > run->top_in ?
		    take_newest(slot, run, seq, is_shown) :
		    take_late(slot, run, seq, is_shown);
	/* Audio has no layers. */
	out = run->first_out + (seq - run->base_in);
	if (out > slot->top_seq)
		slot->top_seq = out;
	return out;
}

struct sfu_number *sfu_number_get(const struct sfu_slot *slot, uint64_t out)
{
	struct sfu_number *n;

	if (!slot->video || slot->run_count == 0 || out > slot->top_seq ||
	    out < oldest(slot, &slot->runs[0]))
		return NULL;
	n = entry_of(slot, out);
	return n->flags ? n : NULL;
}

const struct sfu_run *sfu_number_run(const struct sfu_slot *slot, uint64_t out)
{
	for (size_t i = slot->run_count; i > 0; i--) {
		if (out >= slot->runs[i - 1].first_out)
			return &slot->runs[i - 1];
	}
	return NULL;
}
