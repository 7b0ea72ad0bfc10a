/* level.c - how loud a frame is, and making it louder or softer. */
#include <math.h>

#include "mix/mix_private.h"

float mix_level_db(const int16_t *pcm)
{
	int64_t squares = 0;
	float mean;

	for (size_t i = 0; i < MIX_SAMPLES; i++)
		squares += (int32_t)pcm[i] * pcm[i];
	if (squares == 0)
		return MIX_SILENCE_DB;
	mean = (float)squares / MIX_SAMPLES / (32768.0f * 32768.0f);
	return fmaxf(10.0f * log10f(mean), MIX_SILENCE_DB);
}

float mix_factor_of_db(float db)
{
	return powf(10.0f, db / 20.0f);
}

static int16_t clip(float x)
{
	return (int16_t)lrintf(fminf(fmaxf(x, INT16_MIN), INT16_MAX));
}

static bool is_one(float factor)
{
	return fabsf(factor - 1.0f) < 1e-6f;
}

void mix_ramp(int16_t *pcm, float from, float to, size_t samples)
{
	const float step = (to - from) / (float)samples;

	if (is_one(from) && is_one(to))
		return;
	for (size_t i = 0; i < samples; i++)
		pcm[i] = clip((float)pcm[i] * (from + step * (float)(i + 1)));
	for (size_t i = samples; !is_one(to) && i < MIX_SAMPLES; i++)
		pcm[i] = clip((float)pcm[i] * to);
}
