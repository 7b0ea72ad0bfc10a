/* voices.c */
#define _GNU_SOURCE /* M_PI */
#include "voices.h"

#include <math.h>
#include <string.h>

enum {
	CHIRP = VOICE_PERIOD * 2 / 3,
	PEAK = 8000,
	EDGE = 480, /* nothing clicks */
	STEP = 16, /* samples are looked at 3000 times a second, */
	LAG_STEP = 96, /* and shifts of 2 ms: a chirp's width allows it */
	LOOK_EVERY = MIX_HZ / 10
};

/* In Hz, from and to; no two overlap. */
static const double pitch[VOICES][2] = { { 300, 420 }, { 600, 750 },
	{ 1000, 1200 } };

/* quarter: 0, or 1 for the same a quarter of a wave ahead. */
static double sample(enum voices voice, uint64_t at, int quarter)
{
	const double k = (double)(at % VOICE_PERIOD);
	const double low = pitch[voice][0], high = pitch[voice][1];
	double edge;

	if (k >= CHIRP)
		return 0;
	edge = fmin(1, fmin(k, CHIRP - k) / EDGE);
	return PEAK * edge *
	    sin(2 * M_PI * k / MIX_HZ * (low + (high - low) * k / CHIRP / 2) +
		quarter * M_PI / 2);
}

void voice_say(enum voices voice, uint64_t at, int16_t *pcm)
{
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		pcm[i] = (int16_t)sample(voice, at + i, 0);
}

void voice_garble(uint8_t *bytes, size_t count, uint32_t seed)
{
	for (size_t i = seed % 4; i < count; i += 4) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(seed >> 24);
	}
}

void ear_open(struct ear *e)
{
	*e = (struct ear){ .is_silent = true };
}

void ear_hear(struct ear *e, const int16_t *pcm, size_t samples)
{
	for (size_t i = 0; i < samples; i++) {
		e->pcm[e->count++ % EAR_SAMPLES] = pcm[i];
		e->is_silent = e->is_silent && pcm[i] == 0;
	}
}

/* Both are taken at the ear's oldest sample and after.  A wave that is anywhere
 * between two looks is found by its two quarters. */
static double likeness_at(const struct ear *e, double voice[2][VOICE_PERIOD],
    unsigned lag)
{
	const uint64_t first = e->count - EAR_SAMPLES;
	double xy[2] = { 0 }, xx = 0, yy = 0;

	for (uint64_t i = 0; i < EAR_SAMPLES; i += STEP) {
		const double x = e->pcm[(first + i) % EAR_SAMPLES];
		const uint64_t k = (first + i + VOICE_PERIOD - lag) %
		    VOICE_PERIOD;

		xy[0] += x * voice[0][k];
		xy[1] += x * voice[1][k];
		xx += x * x;
		yy += voice[0][k] * voice[0][k];
	}
	return xx > 0 && yy > 0 ?
	    sqrt((xy[0] * xy[0] + xy[1] * xy[1]) / (xx * yy)) :
	    0;
}

struct period {
	bool is_made;
	double at[2][VOICE_PERIOD];
};

static struct period *period_of(enum voices voice)
{
	static struct period all[VOICES];
	struct period *p = &all[voice];

	if (!p->is_made) {
		for (unsigned i = 0; i < VOICE_PERIOD; i++) {
			p->at[0][i] = sample(voice, i, 0);
			p->at[1][i] = sample(voice, i, 1);
		}
		p->is_made = true;
	}
	return p;
}

double ear_likeness(const struct ear *e, enum voices voice, unsigned *lag)
{
	double best = 0;

	if (e->count < EAR_SAMPLES)
		return 0;
	for (unsigned i = 0; i < VOICE_PERIOD; i += LAG_STEP) {
		const double one = likeness_at(e, period_of(voice)->at, i);

		if (one > best && lag)
			*lag = i;
		best = fmax(best, one);
	}
	return best;
}

/* Looking takes a while, and the test has to be on time. */
static double likeness(struct ear *e, enum voices voice)
{
	if (e->count >= e->looked[voice] + LOOK_EVERY) {
		e->likeness[voice] = ear_likeness(e, voice, NULL);
		e->looked[voice] = e->count;
	}
	return e->likeness[voice];
}

/* Of two voices of one loudness each has 0.7 of the whole, of three 0.58. */
bool ear_has(struct ear *e, enum voices voice)
{
	return likeness(e, voice) > 0.4;
}

bool ear_has_not(struct ear *e, enum voices voice)
{
	return e->count >= EAR_SAMPLES && likeness(e, voice) < 0.2;
}
