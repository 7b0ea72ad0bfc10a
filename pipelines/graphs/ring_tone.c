/* ring_tone.c - a sine, and when it is heard. */
#include "pipelines/graphs/ring_tone.h"

#include <math.h>

#define TURN 6.283185307179586

static int32_t sample_of(const struct ring_tone *t)
{
	return (int32_t)lrint(RING_TONE_LEVEL *
	    sin(TURN * RING_TONE_HZ * t->at / AUDIO_RATE_HZ) * t->gain /
	    RING_TONE_FADE_SAMPLES);
}

static void step(struct ring_tone *t, bool is_on)
{
	const bool is_heard = is_on && t->at < RING_TONE_ON_SAMPLES;

	if (is_heard && t->gain < RING_TONE_FADE_SAMPLES)
		t->gain++;
	else if (!is_heard && t->gain > 0)
		t->gain--;
	t->at = t->at + 1 == RING_TONE_SAMPLES ? 0 : t->at + 1;
	if (!is_on && t->gain == 0)
		t->at = 0;
}

void ring_tone_mix(struct ring_tone *tone, bool is_on, int32_t *sum)
{
	for (unsigned i = 0; i < AUDIO_BLOCK_SAMPLES; i++) {
		if (!is_on && tone->gain == 0)
			break;
		if (tone->gain > 0)
			sum[i] += sample_of(tone);
		step(tone, is_on);
	}
	if (!is_on && tone->gain == 0)
		tone->at = 0;
}
