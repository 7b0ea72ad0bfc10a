/*
 * limit.c - sums that are too loud are turned down as a whole, for as long as
 * they are and a little longer; the rest of an onset is cut off.
 */
#include <math.h>
#include <stdlib.h>

#include "mix/mix_private.h"

#define CEILING 29204.0f /* 1 dB below full scale */
#define RELEASE 1.03f /* a tick: 13 dB a second */

enum { ATTACK_SAMPLES = MIX_HZ / 1000 };

void mix_limit_init(struct mix_limit *l)
{
	l->factor = 1.0f;
}

static float peak(const int32_t *sum)
{
	int32_t most = 0;

	for (size_t i = 0; i < MIX_SAMPLES; i++)
		most = abs(sum[i]) > most ? abs(sum[i]) : most;
	return (float)most;
}

static void steady(float factor, const int32_t *sum, int16_t *out)
{
	for (int32_t i = 0; i < MIX_SAMPLES; i++)
		out[i] = mix_clip((float)sum[i] * factor);
}

/* Up over the whole frame. */
static void rise(float from, float to, const int32_t *sum, int16_t *out)
{
	const float step = (to - from) / MIX_SAMPLES;

	for (int32_t i = 0; i < MIX_SAMPLES; i++)
		out[i] = mix_clip((float)sum[i] *
		    (from + step * (float)(i + 1)));
}

/* Down within a millisecond. */
static void fall(float from, float to, const int32_t *sum, int16_t *out)
{
	const float step = (to - from) / ATTACK_SAMPLES;

	steady(to, sum, out);
	for (int32_t i = 0; i < ATTACK_SAMPLES; i++)
		out[i] = mix_clip((float)sum[i] *
		    (from + step * (float)(i + 1)));
}

void mix_limit(struct mix_limit *l, const int32_t *sum, int16_t *out)
{
	const float most = peak(sum);
	const float from = l->factor;
	const float wanted = most > INT16_MAX ? CEILING / most : 1.0f;

	l->factor = fminf(wanted, from * RELEASE);
	if (l->factor < from)
		fall(from, l->factor, sum, out);
	else if (l->factor > from)
		rise(from, l->factor, sum, out);
	else
		steady(from, sum, out);
}
