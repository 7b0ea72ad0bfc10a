/* voice.c - the gate and the gain: noise is kept out, words are not, and near
 * and far telephones come out alike. */
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "sound.h"

enum {
	SECOND = 1000 / MIX_TICK_MS, /* ticks */
	NOISE_PEAK = 60,      /* about -59 dB */
	LOUD_NOISE_PEAK = 300      /* about -45 dB */
};

struct call { /* a line of its own, with or without something else on it */
	struct mix *m;
	struct sound_tone tone;
	uint32_t seed;
	int noise_peak;
	int16_t pcm[MIX_SAMPLES];
};

static void call_open(struct call *c, bool has_gain, int noise_peak)
{
	const struct mix_config config = { .lines = 1,
		.has_gate = true,
		.has_gain = has_gain };
	size_t line;

	*c = (struct call){ .tone = { 500, 0, 0 },
		.seed = 1,
		.noise_peak = noise_peak };
	CHECK_OK(mix_new(&c->m, &config));
	CHECK_OK(mix_line_add(c->m, &line));
}

static void call_close(struct call *c)
{
	mix_free(c->m);
}

/* A tick with a tone of a peak in the line's noise; true: it was heard. */
static bool say(struct call *c, double peak)
{
	int16_t noise[MIX_SAMPLES];

	c->tone.peak = peak;
	sound_tone(&c->tone, c->pcm);
	sound_noise(&c->seed, c->noise_peak, noise);
	for (size_t i = 0; i < MIX_SAMPLES; i++)
		c->pcm[i] = (int16_t)(c->pcm[i] + noise[i]);
	mix_line_put(c->m, 0, c->pcm);
	mix_tick(c->m);
	return mix_line_is_talking(c->m, 0);
}

/* Syllables: 200 ms of tone, 100 ms of none, for a time. */
static void talk(struct call *c, double peak, unsigned seconds)
{
	for (unsigned t = 0; t < seconds * SECOND; t++)
		(void)say(c, t % 15 < 10 ? peak : 0);
}

TEST(noise_of_a_line_is_never_heard_and_its_first_word_is_at_once)
{
	static const int peaks[] = { 0, NOISE_PEAK };

	for (size_t i = 0; i < KK_ARRAY_LEN(peaks); i++) {
		struct call c;

		call_open(&c, false, peaks[i]);
		for (unsigned t = 0; t < 10 * SECOND; t++)
			CHECK(!say(&c, 0));
		CHECK(say(&c, 3000));
		/* After 5 ms of opening it is the frame as it was said. */
		CHECK_MEM(mix_lines_get(c.m) + 240, c.pcm + 240,
		    sizeof(c.pcm) - 240 * sizeof(c.pcm[0]));
		call_close(&c);
	}
}

TEST(noise_that_is_loud_is_learnt_within_seconds)
{
	struct call c;
	unsigned heard = 0;

	call_open(&c, false, LOUD_NOISE_PEAK);
	for (unsigned t = 0; t < 5 * SECOND; t++)
		(void)say(&c, 0);
	for (unsigned t = 0; t < 10 * SECOND; t++)
		heard += say(&c, 0);
	CHECK_EQ(heard, 0);
	CHECK(say(&c, 3000)); /* -23 dB: well above it */
	call_close(&c);
}

TEST(pause_between_words_does_not_close_the_gate_and_a_long_one_does)
{
	struct call c;
	unsigned ticks = 0;

	call_open(&c, false, NOISE_PEAK);
	(void)say(&c, 0);
	for (unsigned t = 0; t < 5 * SECOND; t++)
		CHECK(say(&c, t % 15 < 10 ? 3000 : 0));
	while (say(&c, 0))
		ticks++;
	CHECK(ticks >= 250 / MIX_TICK_MS && ticks <= 400 / MIX_TICK_MS);
	call_close(&c);
}

TEST(half_a_minute_without_a_pause_is_still_heard)
{
	struct call c;

	call_open(&c, false, NOISE_PEAK);
	for (unsigned t = 0; t < 30 * SECOND; t++)
		(void)say(&c, t % 30 < 28 ? 3000 : 0); /* barely a breath */
	CHECK(say(&c, 3000));
	call_close(&c);
}

TEST(gate_opens_and_closes_without_a_click)
{
	struct call c;
	int16_t last = 0;

	call_open(&c, false, 0);
	for (unsigned t = 0; t < 4 * SECOND; t++) {
		(void)say(&c, t % SECOND < SECOND / 2 ? 8000 : 0);
		/* The steepest of 500 Hz at that peak, and no more. */
		CHECK(sound_step(last, mix_lines_get(c.m)) <= 530);
		last = mix_lines_get(c.m)[MIX_SAMPLES - 1];
	}
	call_close(&c);
}

TEST(muted_line_fades_out_is_not_heard_and_fades_in)
{
	struct call c;
	int16_t last = 0;

	call_open(&c, false, 0);
	for (unsigned t = 0; t < SECOND; t++) {
		mix_line_mute(c.m, 0, t >= 10 && t < 30);
		CHECK_EQ(say(&c, 8000), t <= 10 || t >= 30);
		CHECK(sound_step(last, mix_lines_get(c.m)) <= 560);
		last = mix_lines_get(c.m)[MIX_SAMPLES - 1];
	}
	call_close(&c);
}

static double level_after(double peak, unsigned seconds)
{
	struct call c;
	double db;

	call_open(&c, true, NOISE_PEAK / 4);
	talk(&c, peak, seconds);
	(void)say(&c, peak);
	db = sound_rms_db(mix_lines_get(c.m));
	call_close(&c);
	return db;
}

TEST(soft_and_loud_voices_come_to_one_level)
{
	/* Tones of -36, -23 and -12 dB. */
	static const double peaks[] = { 734, 3281, 11640 };

	for (size_t i = 0; i < KK_ARRAY_LEN(peaks); i++) {
		const double db = level_after(peaks[i], 8);

		tap_diag("peak %.0f comes out at %.1f dB", peaks[i], db);
		CHECK(db > -26 && db < -20);
	}
}

TEST(gain_has_its_bounds)
{
	/* -50 dB cannot come up by more than 15. */
	const double db = level_after(146, 60);

	CHECK(db > -36 && db < -34);
}

TEST(silence_does_not_turn_the_gain_up)
{
	struct call c;
	double db;

	call_open(&c, true, NOISE_PEAK / 4);
	talk(&c, 3281, 8);
	for (unsigned t = 0; t < 60 * SECOND; t++)
		(void)say(&c, 0);
	(void)say(&c, 3281);
	(void)say(&c, 3281);
	db = sound_rms_db(mix_lines_get(c.m));
	CHECK(db > -25 && db < -21);
	call_close(&c);
}
