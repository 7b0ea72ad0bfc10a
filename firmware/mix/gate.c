/*
 * gate.c - a gate that learns a line's noise: down at once to the quietest
 * frame, up slowly, so that pauses between words set it and words do not.
 */
#include <math.h>

#include "mix/mix_private.h"

#define NOISE_START_DB (-60.0f)
#define NOISE_UP_DB 0.06f /* a tick: 3 dB a second */
#define NOISE_DOWN_PART 0.25f
#define OPEN_ABOVE_DB 9.0f
#define OPEN_LEAST_DB (-55.0f)

enum { HOLD_TICKS = 300 / MIX_TICK_MS };

void mix_gate_init(struct mix_gate *g)
{
	*g = (struct mix_gate){ .noise_db = NOISE_START_DB };
}

bool mix_gate_is_open(struct mix_gate *g, float level_db, unsigned ticks)
{
	const bool is_speech = level_db >=
	    fmaxf(g->noise_db + OPEN_ABOVE_DB, OPEN_LEAST_DB);

	if (level_db < g->noise_db)
		g->noise_db += (level_db - g->noise_db) * NOISE_DOWN_PART;
	else
		g->noise_db += NOISE_UP_DB * (float)ticks;
	if (is_speech)
		g->hold = HOLD_TICKS;
	else if (g->hold > 0)
		g->hold--;
	return g->hold > 0;
}

bool mix_gate_pass(struct mix_gate *g, bool is_speech)
{
	if (is_speech && g->hold > 0)
		g->hold = HOLD_TICKS;
	else if (g->hold > 0)
		g->hold--;
	return g->hold > 0;
}
