/* sound.c - what is spoken here is heard there. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/audio/audio.h"
#include "drivers/audio/wav.h"
#include "meeting.h"
#include "pipelines/graphs/sound_line.h"
#include "pipelines/graphs/speaking.h"

enum {
	SAID_SAMPLES = 3 * AUDIO_RATE_HZ,
	STEP = 8, /* compared at 6 kHz */
	SAID = SAID_SAMPLES / STEP,
	HEARD = 5 * AUDIO_RATE_HZ / STEP,
	WINDOW = AUDIO_RATE_HZ / STEP / 5, /* 200 ms */
	WINDOWS = SAID / WINDOW
};

/* What the synthetic voice of a box says, from its beginning. */
static void voice_take(const char *name, int16_t *out, size_t count)
{
	struct audio_config config = { "synthetic", name, "en", NULL };
	struct audio *microphone = NULL;

	CHECK_OK(audio_microphone_open(&microphone, &config));
	for (size_t i = 0; i < count; i += AUDIO_BLOCK_SAMPLES)
		CHECK_OK(audio_read(microphone, out + i));
	audio_close(microphone);
}

static void thin_out(const int16_t *samples, size_t count, float *out)
{
	for (size_t i = 0; i < count / STEP; i++) {
		out[i] = 0;
		for (size_t j = 0; j < STEP; j++)
			out[i] += (float)samples[i * STEP + j];
	}
}

/* The best match of a window in what was heard, as a correlation. */
static double window_best(const float *a, const float *b, size_t b_count)
{
	double best = 0, aa = 1, bb = 1;

	for (size_t i = 0; i < WINDOW; i++) {
		aa += (double)a[i] * a[i];
		bb += (double)b[i] * b[i];
	}
	for (size_t at = 0; at + WINDOW < b_count; at++) {
		float ab = 0;

		for (size_t i = 0; i < WINDOW; i++)
			ab += a[i] * b[at + i];
		best = fmax(best, ab / sqrt(aa * bb));
		bb += (double)b[at + WINDOW] * b[at + WINDOW] -
		    (double)b[at] * b[at];
	}
	return best;
}

/* Of all windows the best: a busy machine may leave others out. */
static double match_best(const float *a, const float *b, size_t b_count)
{
	double best = 0;

	for (size_t i = 0; i < WINDOWS; i += 4)
		best = fmax(best, window_best(a + i * WINDOW, b, b_count));
	return best;
}

static int16_t *heard_take(struct box *b, size_t *count)
{
	struct kk_bytes file = { 0 };
	int16_t *samples = NULL;
	char *data = NULL;
	gsize bytes = 0;

	CHECK(g_file_get_contents(b->sound, &data, &bytes, NULL));
	file = (struct kk_bytes){ (uint8_t *)data, bytes };
	CHECK_OK(wav_read(kk_bytes_view(&file), &samples, count));
	g_free(data);
	return samples;
}

static bool has_heard(struct box *b, size_t count)
{
	char *data = NULL;
	gsize bytes = 0;
	bool is_enough;

	CHECK(g_file_get_contents(b->sound, &data, &bytes, NULL));
	is_enough = bytes > WAV_HEADER_BYTES + count * 2;
	g_free(data);
	return is_enough;
}

TEST(what_a_box_says_is_heard_by_the_other_and_by_nobody_without_the_key)
{
	static int16_t said[SAID_SAMPLES];
	static float a[SAID], backward[SAID], b[HEARD];
	double match, chance;
	struct meeting m;
	int16_t *heard;
	size_t count = 0;

	meeting_start(&m);
	for (int i = 0; i < BOXES; i++)
		box_start(&m.boxes[i]);
	meeting_epoch(&m, 3); /* box 2 is no member, but gets all packets */
	m.members = 7;
	box_view(&m.boxes[2]);
	AWAIT(has_heard(&m.boxes[0], 5 * AUDIO_RATE_HZ));
	box_stop(&m.boxes[0]);
	box_stop(&m.boxes[2]);
	voice_take(m.boxes[1].name, said, SAID_SAMPLES);
	thin_out(said, SAID_SAMPLES, a);
	for (size_t i = 0; i < SAID; i++)
		backward[i] = a[SAID - 1 - i];
	heard = heard_take(&m.boxes[0], &count);
	count = MIN(count, (size_t)HEARD * STEP);
	thin_out(heard, count, b);
	match = match_best(a, b, count / STEP);
	chance = match_best(backward, b, count / STEP); /* the same, no words */
	tap_diag("match %.2f, backward %.2f", match, chance);
	CHECK(match > 0.75);
	CHECK(chance < match - 0.1);
	kk_free(heard);
	heard = heard_take(&m.boxes[2], &count);
	for (size_t i = 0; i < count; i++)
		CHECK_EQ(heard[i], 0);
	kk_free(heard);
	meeting_end(&m);
}

TEST(silence_and_steady_noise_are_no_speech_and_words_are)
{
	int16_t quiet[AUDIO_BLOCK_SAMPLES] = { 0 }, loud[AUDIO_BLOCK_SAMPLES];
	struct speaking s = { 0 };
	uint32_t random = 1;
	int blocks = 0;

	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		loud[i] = (int16_t)(8000 * sin(i * 0.03));
	for (int n = 0; n < 6000; n++) { /* a fan, for a minute */
		for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++) {
			random = random * 1103515245 + 12345;
			quiet[i] = (int16_t)((int)(random >> 16) % 400 - 200);
		}
		(void)speaking_block(&s, quiet, AUDIO_BLOCK_SAMPLES);
	}
	CHECK(!s.is_speaking);
	for (blocks = 0; !s.is_speaking && blocks < 20; blocks++)
		(void)speaking_block(&s, loud, AUDIO_BLOCK_SAMPLES);
	CHECK(s.is_speaking);
	CHECK(blocks <= 10);
	for (blocks = 0; s.is_speaking && blocks < 200; blocks++)
		(void)speaking_block(&s, quiet, AUDIO_BLOCK_SAMPLES);
	CHECK(blocks > 30 && blocks < 100);
}

TEST(a_level_is_how_far_below_overload_the_sound_is)
{
	int16_t samples[AUDIO_BLOCK_SAMPLES] = { 0 };

	CHECK_EQ(speaking_level(samples, AUDIO_BLOCK_SAMPLES), 127);
	CHECK_EQ(speaking_level(samples, 0), 127);
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		samples[i] = i % 2 ? INT16_MAX : INT16_MIN;
	CHECK_EQ(speaking_level(samples, AUDIO_BLOCK_SAMPLES), 0);
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		samples[i] = i % 2 ? 3277 : -3277; /* a tenth: 20 dB */
	CHECK_EQ(speaking_level(samples, AUDIO_BLOCK_SAMPLES), 20);
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		samples[i] = (int16_t)(i == 0); /* below the last number */
	CHECK(speaking_level(samples, AUDIO_BLOCK_SAMPLES) > 100);
}

TEST(a_line_that_gets_no_packets_falls_silent_and_comes_back)
{
	int32_t sum[AUDIO_BLOCK_SAMPLES] = { 0 };
	struct sound_line *line = NULL;
	/* A DTX frame: TOC alone (RFC 6716, 3.1; config 15, mono). */
	static const uint8_t packet[] = { 0x78 };

	CHECK_OK(sound_line_new(&line));
	for (int n = 0; n < 20; n++)
		sound_line_packet(line, kk_view_of(packet, 1), 0);
	for (int n = 0; n < 200; n++)
		sound_line_mix(line, sum);
	memset(sum, 0, sizeof(sum));
	sound_line_mix(line, sum);
	for (int i = 0; i < AUDIO_BLOCK_SAMPLES; i++)
		CHECK_EQ(sum[i], 0);
	/* Garbage is no packet, and does no harm. */
	sound_line_packet(line, kk_view_of("\xff\xff\xff", 3), 60000);
	sound_line_packet(line, kk_view_of(NULL, 0), 0);
	sound_line_mix(line, sum);
	sound_line_free(line);
}
