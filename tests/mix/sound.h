/* sound.h - sounds that tests of the mixer are made of. */
#pragma once
#include "mix/mix.h"

struct sound_tone { /* a sine that goes on from frame to frame */
	double hz, peak;
	uint64_t at; /* samples so far */
};

void sound_tone(struct sound_tone *tone, int16_t *pcm);
void sound_noise(uint32_t *seed, int peak, int16_t *pcm); /* white */
double sound_rms_db(const int16_t *pcm); /* as in mix_private.h */
/* The greatest step between neighbours, last being the sample before. */
int sound_step(int16_t last, const int16_t *pcm);
