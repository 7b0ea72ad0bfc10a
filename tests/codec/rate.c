/* rate.c - tests of the ways between rates, tone by tone. */
#include <math.h>
#include <string.h>

#include "codec/codec_private.h"
#include "harness/tap.h"

#define TURN 6.283185307179586

enum { TICK = CODEC_TICK_SAMPLES, TICKS = 20, AMPLITUDE = 16000 };

static const unsigned times_of[] = { 3, 6 };

static void tone(int16_t *pcm, size_t samples, double hz, double rate)
{
	for (size_t i = 0; i < samples; i++)
		pcm[i] = (int16_t)lrint(AMPLITUDE *
		    sin(TURN * hz / rate * (double)i));
}

/* In dB beside the tone, of the second half. */
static double loudness(const int16_t *pcm, size_t samples)
{
	const size_t half = samples / 2;
	double sum = 1e-9;

	for (size_t i = samples - half; i < samples; i++)
		sum += (double)pcm[i] * pcm[i];
	return 10 * log10(2 * sum / (double)half / AMPLITUDE / AMPLITUDE);
}

static size_t down(unsigned times, const int16_t *pcm, int16_t *low)
{
	struct codec_rate *r = codec_rate_new(CODEC_WAY_DOWN, times);

	for (size_t t = 0; t < TICKS; t++)
		codec_rate_down(r, pcm + t * TICK, low + t * (TICK / times));
	codec_rate_free(r);
	return (size_t)TICKS * (TICK / times);
}

static double down_db(unsigned times, double part)
{
	static int16_t pcm[TICKS * TICK], low[TICKS * TICK / 3];

	tone(pcm, TICKS * TICK, part * CODEC_HZ / times, CODEC_HZ);
	return loudness(low, down(times, pcm, low));
}

/* What else is in it than the tone, and the tone itself. */
static double up_db(unsigned times, double part, double *rest_db)
{
	static int16_t low[TICKS * TICK / 3], pcm[TICKS * TICK];
	static int16_t ideal[TICKS * TICK];
	struct codec_rate *r = codec_rate_new(CODEC_WAY_UP, times);
	const size_t late = 16 * (size_t)times;
	double level;

	tone(low, TICKS * TICK / times, part, 1);
	tone(ideal, TICKS * TICK, part, times);
	codec_rate_up(r, low, TICKS * TICK / times, pcm);
	codec_rate_free(r);
	level = loudness(pcm, TICKS * TICK);
	for (size_t i = TICKS * TICK - 1; i >= late; i--)
		pcm[i] = (int16_t)(pcm[i] - ideal[i - late]);
	*rest_db = loudness(pcm, TICKS * TICK);
	return level;
}

/* To 0.4 of the lower rate: 3.2 kHz of 8. */
TEST(voices_pass_in_both_ways_as_they_are)
{
	for (size_t k = 0; k < KK_ARRAY_LEN(times_of); k++) {
		for (int percent = 2; percent <= 40; percent += 2) {
			const double part = percent / 100.0;
			double rest_db;

			CHECK(fabs(down_db(times_of[k], part)) < 0.2);
			CHECK(fabs(up_db(times_of[k], part, &rest_db)) < 0.2);
			CHECK(rest_db < (percent < 40 ? -55 : -40));
		}
	}
}

/* From 0.53 of it: 4.24 kHz of 8, which would be heard as 3.76. */
TEST(what_a_lower_rate_cannot_have_is_not_heard_as_something_else)
{
	for (size_t k = 0; k < KK_ARRAY_LEN(times_of); k++) {
		for (unsigned percent = 53; percent < 50 * times_of[k];
		    percent += 7)
			CHECK(down_db(times_of[k], percent / 100.0) < -55);
	}
}

/* All of one sign where weights are: more than twice full scale. */
TEST(loudest_samples_are_cut_off_and_never_wrap)
{
	enum { LOW = 32 };

	for (size_t k = 0; k < KK_ARRAY_LEN(times_of); k++) {
		const unsigned times = times_of[k];
		struct codec_rate *r = codec_rate_new(CODEC_WAY_UP, times);
		int16_t low[LOW] = { AMPLITUDE }, worst[LOW], pcm[LOW * 6];

		codec_rate_up(r, low, LOW, pcm);
		for (size_t i = 0; i < LOW; i++)
			worst[LOW - 1 - i] = pcm[i * times + 1] < 0 ?
			    INT16_MIN :
			    INT16_MAX;
		codec_rate_restart(r);
		codec_rate_up(r, worst, LOW, pcm);
		CHECK_EQ(pcm[(LOW - 1) * times + 1], INT16_MAX);
		codec_rate_free(r);
	}
}

TEST(any_split_of_the_same_sound_makes_the_same)
{
	static int16_t low[2 * TICK], one[12 * TICK], other[12 * TICK];
	struct codec_rate *r = codec_rate_new(CODEC_WAY_UP, 6);
	size_t at = 0;

	tone(low, 2 * TICK, 0.11, 1);
	codec_rate_up(r, low, 2 * TICK, one);
	codec_rate_restart(r);
	for (size_t count = 1; at < 2 * TICK; count = count * 3 % 257) {
		const size_t n = count < 2 * TICK - at ? count : 2 * TICK - at;

		codec_rate_up(r, low + at, n, other + 6 * at);
		at += n;
	}
	CHECK(!memcmp(one, other, sizeof(one)));
	codec_rate_free(r);
}
