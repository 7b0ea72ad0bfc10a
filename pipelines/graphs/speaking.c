/* speaking.c - does somebody speak? */
#include "pipelines/graphs/speaking.h"

#include <math.h>

/*
 * Speech stands 12 dB above the room's noise at least, and above -50 dBFS
 * whatever the room; it begins with 60 ms of that, and a pause of 600 ms
 * between two words does not end it.
 */
#define ABOVE_NOISE 16.0
#define POWER_MIN (32768.0 * 32768.0 * 1e-5)
#define NOISE_FALL 0.2 /* quickly down ... */
#define NOISE_RISE 0.0005 /* ... and slowly up: within some 20 s */

#define OVERLOAD (32768.0 * 32768.0) /* a square wave's power */

enum { BEGIN_BLOCKS = 6, HOLD_BLOCKS = 60, SILENCE = 127 };

static double power_of(const int16_t *samples, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (double)samples[i] * samples[i];
	return count ? sum / (double)count : 0;
}

bool speaking_block(struct speaking *s, const int16_t *samples, size_t count)
{
	double power = power_of(samples, count);
	bool is_loud = power > POWER_MIN && power > s->noise * ABOVE_NOISE;
	bool was_speaking = s->is_speaking;

	s->noise += (power - s->noise) *
	    (power < s->noise ? NOISE_FALL : NOISE_RISE);
	s->loud_blocks = is_loud ? s->loud_blocks + 1 : 0;
	if (s->hold_blocks > 0)
		s->hold_blocks--;
	if (s->loud_blocks >= BEGIN_BLOCKS || (is_loud && was_speaking))
		s->hold_blocks = HOLD_BLOCKS;
	s->is_speaking = s->hold_blocks > 0;
	return s->is_speaking != was_speaking;
}

uint8_t speaking_level(const int16_t *samples, size_t count)
{
	const double power = power_of(samples, count);
	double below;

	if (power <= 0)
		return SILENCE;
	below = round(-10 * log10(power / OVERLOAD));
	if (below < 0)
		return 0;
	return below < SILENCE ? (uint8_t)below : SILENCE;
}
