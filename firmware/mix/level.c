/* level.c - how loud a frame is, and making it louder or softer. */
#include <math.h>

#include "mix/mix_private.h"

enum { LANES = 8 }; /* sums side by side, which machines add at once */

float mix_level_db(const int16_t *pcm, size_t samples)
{
	float sums[LANES] = { 0 }, squares = 0, mean;

	for (size_t i = 0; i + LANES <= samples; i += LANES) {
		for (size_t k = 0; k < LANES; k++)
			sums[k] += (float)pcm[i + k] * (float)pcm[i + k];
	}
	for (size_t i = samples / LANES * LANES; i < samples; i++)
		squares += (float)pcm[i] * (float)pcm[i];
	for (size_t k = 0; k < LANES; k++)
		squares += sums[k];
	if (squares <= 0)
		return MIX_SILENCE_DB;
	mean = squares / (float)samples / (32768.0f * 32768.0f);
	return fmaxf(10.0f * log10f(mean), MIX_SILENCE_DB);
}

float mix_factor_of_db(float db)
{
	return powf(10.0f, db / 20.0f);
}

static bool is_one(float factor)
{
	return fabsf(factor - 1.0f) < 1e-6f;
}

/* A whole frame, as most are. */
static void frame_ramp(int16_t *pcm, float from, float step)
{
	for (int32_t i = 0; i < MIX_SAMPLES; i++)
		pcm[i] = mix_clip((float)pcm[i] *
		    (from + step * (float)(i + 1)));
}

void mix_ramp(int16_t *pcm, float from, float to, size_t samples)
{
	const float step = (to - from) / (float)samples;

	if (is_one(from) && is_one(to))
		return;
	if (samples == MIX_SAMPLES) {
		frame_ramp(pcm, from, step);
		return;
	}
	for (size_t i = 0; i < samples; i++)
		pcm[i] = mix_clip((float)pcm[i] *
		    (from + step * (float)(i + 1)));
	for (size_t i = samples; !is_one(to) && i < MIX_SAMPLES; i++)
		pcm[i] = mix_clip((float)pcm[i] * to);
}
