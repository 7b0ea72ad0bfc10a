/* sound.c */
#include <math.h>
#include <stdlib.h>

#include "sound.h"

#define TURN 6.283185307179586

void sound_tone(struct sound_tone *tone, int16_t *pcm)
{
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		pcm[i] = (int16_t)lrint(tone->peak *
		    sin(TURN * tone->hz * (double)tone->at++ / MIX_HZ));
}

void sound_noise(uint32_t *seed, int peak, int16_t *pcm)
{
	for (size_t i = 0; i < MIX_SAMPLES; i++) {
		*seed = *seed * 1664525 + 1013904223;
		pcm[i] = (int16_t)((int)(*seed >> 8) % (2 * peak + 1) - peak);
	}
}

double sound_rms_db(const int16_t *pcm)
{
	double squares = 0;

	for (size_t i = 0; i < MIX_SAMPLES; i++)
		squares += (double)pcm[i] * pcm[i];
	return 10 * log10(squares / MIX_SAMPLES / 32768 / 32768 + 1e-12);
}

int sound_step(int16_t last, const int16_t *pcm)
{
	int most = 0;

	for (size_t i = 0; i < MIX_SAMPLES; i++) {
		const int step = abs(pcm[i] - last);

		most = step > most ? step : most;
		last = pcm[i];
	}
	return most;
}
