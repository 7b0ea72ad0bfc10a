/*
 * conceal.c - what was lost is made of what was heard right before: the last
 * pitch period over and over, softer and softer, joined without steps.
 *
 * Source: the method of ITU-T G.711, appendix I.  (spandsp's own is for 8 kHz
 * alone, and copies memory onto itself.)
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec_private.h"

enum {
	HZ_MAX = 16000,
	PITCH_MIN_HZ = 66,
	PITCH_MAX_HZ = 200, /* of higher voices, several periods are one */
	PERIOD_MAX = HZ_MAX / PITCH_MIN_HZ,
	SPAN_MAX = HZ_MAX / 50, /* in which a pitch is looked for: 20 ms */
	HISTORY_MAX = PERIOD_MAX + SPAN_MAX,
	FADE_MS = 50
};

struct codec_conceal {
	int hz;
	int lost;   /* samples since something was heard */
	int period; /* samples; of what is repeated */
	float one[PERIOD_MAX];
	int history_len; /* samples */
	int16_t history[HISTORY_MAX];
};

struct codec_conceal *codec_conceal_new(unsigned hz)
{
	struct codec_conceal *c = kk_calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->hz = (int)hz;
	c->history_len = c->hz / PITCH_MIN_HZ + c->hz / 50;
	return c;
}

void codec_conceal_free(struct codec_conceal *c)
{
	kk_free_wiped(c, sizeof(*c));
}

static void remember(struct codec_conceal *c, const int16_t *pcm, int samples)
{
	const int count = samples < c->history_len ? samples : c->history_len;
	const int kept = c->history_len - count;

	memmove(c->history, c->history + count,
	    (size_t)kept * sizeof(*c->history));
	memcpy(c->history + kept, pcm + samples - count,
	    (size_t)count * sizeof(*c->history));
}

/* How unlike the last 20 ms are to what was a period before. */
static int64_t difference(const struct codec_conceal *c, int period)
{
	const int span = c->hz / 50;
	const int16_t *last = c->history + c->history_len - span;
	int64_t sum = 0;

	for (int i = 0; i < span; i++)
		sum += abs(last[i] - last[i - period]);
	return sum;
}

static int period_find(const struct codec_conceal *c)
{
	int best = c->hz / PITCH_MAX_HZ;
	int64_t least = difference(c, best);

	for (int p = best + 1; p <= c->hz / PITCH_MIN_HZ; p++) {
		const int64_t d = difference(c, p);

		if (d < least) {
			least = d;
			best = p;
		}
	}
	return best;
}

/* One period, whose end fits its own beginning. */
static void period_make(struct codec_conceal *c)
{
	const int16_t *end = c->history + c->history_len;
	int overlap;

	c->period = period_find(c);
	overlap = c->period / 4;
	for (int i = 0; i < c->period; i++)
		c->one[i] = (float)end[i - c->period];
	for (int i = 0; i < overlap; i++) {
		const float part = (float)(i + 1) / (float)overlap;
		const int at = c->period - overlap + i;

		c->one[at] = (1 - part) * c->one[at] +
		    part * (float)end[i - overlap - c->period];
	}
}

/* The sample that comes next, at its loudness. */
static float next(struct codec_conceal *c)
{
	const float fade = 1 - (float)c->lost * 1000 / (float)(FADE_MS * c->hz);
	const float sample = fade > 0 ? fade * c->one[c->lost % c->period] : 0;

	if (fade > 0)
		c->lost++; /* beyond it all is silence: no count to overflow */
	return sample;
}

const int16_t *codec_conceal_history(const struct codec_conceal *c,
    int *samples)
{
	*samples = c->history_len;
	return c->history;
}

void codec_conceal_lost(struct codec_conceal *c, int16_t *pcm, int samples)
{
	if (c->lost == 0)
		period_make(c);
	for (int i = 0; i < samples; i++)
		pcm[i] = (int16_t)lrintf(next(c));
	remember(c, pcm, samples);
}

void codec_conceal_heard(struct codec_conceal *c, int16_t *pcm, int samples)
{
	const int overlap = c->period / 4 < samples ? c->period / 4 : samples;

	for (int i = 0; c->lost > 0 && i < overlap; i++) {
		const float part = (float)(i + 1) / (float)overlap;

		pcm[i] = (int16_t)lrintf((1 - part) * next(c) +
		    part * (float)pcm[i]);
	}
	c->lost = 0;
	remember(c, pcm, samples);
}
