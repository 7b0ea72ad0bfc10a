/* replay.c - which counters of a KID have been seen. */
#include "sframe/replay.h"

#include <string.h>

static uint64_t ctr_bit(uint64_t ctr)
{
	return UINT64_C(1) << ctr % SFRAME_REPLAY_WORD_BITS;
}

static size_t ctr_word(uint64_t ctr)
{
	return ctr / SFRAME_REPLAY_WORD_BITS % SFRAME_REPLAY_WORDS;
}

bool sframe_replay_is_fresh(const struct sframe_replay *r, uint64_t ctr)
{
	if (!r->has_top || ctr > r->top)
		return true;
	if (r->top - ctr >= SFRAME_REPLAY_FRAMES)
		return false;
	return !(r->words[ctr_word(ctr)] & ctr_bit(ctr));
}

/* Moves the top up to ctr, clearing the words that the ring takes up again. */
static void top_move(struct sframe_replay *r, uint64_t ctr)
{
	uint64_t ahead = ctr / SFRAME_REPLAY_WORD_BITS -
	    r->top / SFRAME_REPLAY_WORD_BITS;

	if (ahead >= SFRAME_REPLAY_WORDS) {
		memset(r->words, 0, sizeof(r->words));
	} else {
		for (uint64_t i = 0; i < ahead; i++)
			r->words[ctr_word(ctr - i * SFRAME_REPLAY_WORD_BITS)] =
			    0;
	}
	r->top = ctr;
}

void sframe_replay_mark(struct sframe_replay *r, uint64_t ctr)
{
	if (!r->has_top) {
		r->has_top = true;
		r->top = ctr;
	} else if (ctr > r->top) {
		top_move(r, ctr);
	}
	r->words[ctr_word(ctr)] |= ctr_bit(ctr);
}
