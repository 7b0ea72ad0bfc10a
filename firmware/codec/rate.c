/*
 * rate.c - from CODEC_HZ to a third or a sixth of it, and back: a windowed
 * sinc, one row of weights for each phase.
 *
 * libspeexdsp's, for any two rates, took two thirds of what a line with G.711
 * costs.  Here samples and weights are 16 bits and rows have one length, which
 * the compiler knows: machines multiply eight at once.  The way is SPAN / 2
 * samples of the lower rate late, each time.
 */
#include <math.h>
#include <string.h>

#include "codec/codec_private.h"

#define PI 3.14159265358979
/* Of half the lower rate; telephones' voices end at 3400 Hz. */
#define CUTOFF 0.925
#define KAISER_BETA 5.65 /* 60 dB: less than G.711's own noise */

enum {
	TIMES_MAX = 6, /* or half of it */
	ROWS = 3, /* of which both are multiples */
	SPAN = 32, /* samples of the lower rate that one is made of: 4 ms */
	PARTS = SPAN * TIMES_MAX,
	ONE_BITS = 14, /* 1.0: sums of absolute weights stay below 4.0 */
	ONE = 1 << ONE_BITS,
	CHUNK = CODEC_TICK_SAMPLES,
	BESSEL_TERMS = 24
};

struct codec_rate {
	unsigned times;
	/* Up: row p makes the p-th of each times samples.  Down: the rows in
	 * turn are one. */
	int16_t weight[PARTS];
	size_t kept; /* samples of before at the beginning of pcm */
	int16_t pcm[PARTS + CHUNK];
};

/* The modified Bessel function of order 0, by its series. */
static double bessel(double x)
{
	double sum = 1, term = 1;

	for (int k = 1; k < BESSEL_TERMS; k++) {
		term *= (x / (2 * k)) * (x / (2 * k));
		sum += term;
	}
	return sum;
}

/* at: in samples of the lower rate, 0 in the middle. */
static double sinc_windowed(double at)
{
	const double x = PI * CUTOFF * at, part = at / (SPAN / 2.0);
	const double window = bessel(KAISER_BETA * sqrt(1 - part * part)) /
	    bessel(KAISER_BETA);

	return window * (fabs(x) < 1e-9 ? 1 : sin(x) / x);
}

/* Weights of a row in 16 bits, whose sum is ONE: where nothing moves, nothing
 * is added.  What rounding left goes to the heaviest. */
static void row_set(int16_t *row, const double *weight, size_t count)
{
	double sum = 0;
	size_t heaviest = 0;
	int left = ONE;

	for (size_t i = 0; i < count; i++)
		sum += weight[i];
	for (size_t i = 0; i < count; i++) {
		row[i] = (int16_t)lrint(weight[i] / sum * ONE);
		left -= row[i];
		heaviest = row[i] > row[heaviest] ? i : heaviest;
	}
	row[heaviest] = (int16_t)(row[heaviest] + left);
}

/* Part i of a sample's impulse, at the higher rate: its middle is a sample. */
static double part_of(unsigned times, size_t i)
{
	return sinc_windowed((double)i / times - SPAN / 2.0);
}

/* The newest sample is the last one of a row, here and below. */
static void up_make(struct codec_rate *r)
{
	for (size_t p = 0; p < r->times; p++) {
		double weight[SPAN];

		for (size_t i = 0; i < SPAN; i++)
			weight[i] = part_of(r->times,
			    (SPAN - 1 - i) * r->times + p);
		row_set(r->weight + p * SPAN, weight, SPAN);
	}
}

static void down_make(struct codec_rate *r)
{
	double weight[PARTS];

	for (size_t i = 0; i < SPAN * r->times; i++)
		weight[i] = part_of(r->times, SPAN * r->times - 1 - i);
	row_set(r->weight, weight, SPAN * r->times);
}

struct codec_rate *codec_rate_new(enum codec_way way, unsigned times)
{
	struct codec_rate *r = kk_calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->times = times;
	if (way == CODEC_WAY_UP) {
		up_make(r);
		r->kept = SPAN - 1;
	} else {
		down_make(r);
		r->kept = SPAN * times - 1;
	}
	return r;
}

void codec_rate_free(struct codec_rate *r)
{
	kk_free_wiped(r, sizeof(*r));
}

void codec_rate_restart(struct codec_rate *r)
{
	kk_wipe(r->pcm, sizeof(r->pcm));
}

/* Of a number that is known where this is called. */
static inline int32_t row_run(const int16_t *pcm, const int16_t *row,
    size_t count)
{
	int32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += pcm[i] * row[i];
	return sum;
}

static int16_t rounded(int32_t sum)
{
	const int32_t n = (sum + ONE / 2) >> ONE_BITS;

	return (int16_t)(n > INT16_MAX ? INT16_MAX :
		n < INT16_MIN          ? INT16_MIN :
					 n);
}

/* So many samples behind those that were kept; the last ones are kept next. */
static void add(struct codec_rate *r, const int16_t *pcm, size_t samples)
{
	memcpy(r->pcm + r->kept, pcm, samples * sizeof(*pcm));
}

static void keep(struct codec_rate *r, size_t samples)
{
	memmove(r->pcm, r->pcm + samples, r->kept * sizeof(*r->pcm));
}

/* Three rows at once: what came is loaded once for them. */
static void rows_run(const int16_t *restrict pcm, const int16_t *restrict row,
    int16_t *restrict out)
{
	int32_t a = 0, b = 0, c = 0;

	for (size_t i = 0; i < SPAN; i++) {
		a += pcm[i] * row[i];
		b += pcm[i] * row[SPAN + i];
		c += pcm[i] * row[2 * SPAN + i];
	}
	out[0] = rounded(a);
	out[1] = rounded(b);
	out[2] = rounded(c);
}

static void up_chunk(struct codec_rate *r, const int16_t *low, size_t samples,
    int16_t *pcm)
{
	add(r, low, samples);
	for (size_t i = 0; i < samples; i++) {
		for (size_t p = 0; p < r->times; p += ROWS, pcm += ROWS)
			rows_run(r->pcm + i, r->weight + p * SPAN, pcm);
	}
	keep(r, samples);
}

void codec_rate_up(struct codec_rate *r, const int16_t *low, size_t samples,
    int16_t *pcm)
{
	while (samples > 0) {
		const size_t count = samples < CHUNK ? samples : CHUNK;

		up_chunk(r, low, count, pcm);
		low += count;
		pcm += count * r->times;
		samples -= count;
	}
}

void codec_rate_down(struct codec_rate *r, const int16_t *pcm, int16_t *low)
{
	add(r, pcm, CODEC_TICK_SAMPLES);
	for (size_t i = 0; i < CODEC_TICK_SAMPLES / r->times; i++) {
		const int16_t *from = r->pcm + i * r->times;

		low[i] = rounded(r->times == TIMES_MAX ?
			row_run(from, r->weight, PARTS) :
			row_run(from, r->weight, PARTS / 2));
	}
	keep(r, CODEC_TICK_SAMPLES);
}
