/*
 * ring_tone.h - what the room hears while the telephone that it calls rings,
 * and the network sends no tone of its own: made here, and heard in the room
 * alone. No clock: blocks of sound are the time.
 *
 * Source: ITU-T E.180, Supplement 2: 425 Hz, a second on, four off, as in
 * Germany and most of Europe.
 */
#pragma once
#include "drivers/audio/audio.h"

enum {
	RING_TONE_HZ = 425,
	RING_TONE_ON_SAMPLES = AUDIO_RATE_HZ,
	RING_TONE_SAMPLES = 5 * AUDIO_RATE_HZ, /* with the pause */
	RING_TONE_LEVEL = 2600, /* -22 dBFS: softer than who speaks */
	RING_TONE_FADE_SAMPLES = AUDIO_RATE_HZ /
	    200 /* so that nothing clicks */
};

struct ring_tone { /* zeroed at first */
	unsigned at; /* samples since the last one began */
	unsigned gain; /* of RING_TONE_FADE_SAMPLES */
};

/* Adds the next AUDIO_BLOCK_SAMPLES to sum.  One that is on anew begins with
 * the tone. */
void ring_tone_mix(struct ring_tone *tone, bool is_on, int32_t *sum);
