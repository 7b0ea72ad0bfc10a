/*
 * voices.h - sounds that are told apart, each of another pitch: short chirps
 * and pauses, as of somebody who speaks.
 */
#pragma once
#include "harness/tap.h"
#include "mix/mix.h"

enum voices { VOICE_FAR, VOICE_A, VOICE_B, VOICES };

enum {
	VOICE_PERIOD = MIX_HZ * 3 / 10, /* a chirp and a pause */
	EAR_SAMPLES = MIX_HZ * 8 / 10 /* the latest that was heard */
};

/* The next tick of a voice that is at this sample. */
void voice_say(enum voices voice, uint64_t at, int16_t *pcm);

/* Writes anything into some of the bytes. */
void voice_garble(uint8_t *bytes, size_t count, uint32_t seed);

struct ear {
	int16_t pcm[EAR_SAMPLES];
	uint64_t count; /* samples ever */
	bool is_silent; /* every one of them was 0 */
	uint64_t looked[VOICES]; /* samples when it was looked at last */
	double likeness[VOICES];
};

void ear_open(struct ear *e);
void ear_hear(struct ear *e, const int16_t *pcm, size_t samples);

/*
 * How alike what was heard and a voice are, 0 to 1, wherever in the voice's
 * period that is; *lag gets by how many samples it is behind one that began
 * with the first sample heard, modulo the period.  NULL: nobody wants to know.
 */
double ear_likeness(const struct ear *e, enum voices voice, unsigned *lag);
bool ear_has(struct ear *e, enum voices voice);
bool ear_has_not(struct ear *e, enum voices voice); /* is full, and not */
