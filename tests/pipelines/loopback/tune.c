/* tune.c - the sound with a nonce, and whatever is not one. */
#include <string.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "pipelines/loopback/tune.h"

enum { SECOND = 48000, MANY = 200 };

static int16_t samples[2 * TUNE_SAMPLES];
static const uint8_t nonce[TUNE_NONCE_BYTES] = { 0x01, 0x9f, 0x22, 0x47, 0xe0,
	0x5b, 0xc3, 0x18, 0x76, 0xad };

/* Always the same ones. */
static uint32_t seed;
static int next(void)
{
	seed = seed * 1664525U + 1013904223U;
	return (int)(seed >> 8);
}

static unsigned heard_at(const int16_t *from)
{
	struct tune_ear *ear = NULL;
	unsigned percent;

	CHECK_OK(tune_ear_new(&ear, nonce));
	tune_ear_hear(ear, from, SECOND - 1);
	CHECK(!tune_ear_has_second(ear));
	tune_ear_hear(ear, from + SECOND - 1, 1);
	CHECK(tune_ear_has_second(ear));
	percent = tune_ear_judge(ear);
	CHECK(!tune_ear_has_second(ear));
	tune_ear_free(ear);
	return percent;
}

static void twice_make(const uint8_t *of)
{
	tune_make(of, samples);
	memcpy(samples + TUNE_SAMPLES, samples, sizeof(samples) / 2);
}

TEST(tune_is_heard_wherever_it_begins)
{
	twice_make(nonce);
	for (int at = 0; at < TUNE_SAMPLES; at += 5003)
		CHECK(heard_at(samples + at) >= 80);
}

TEST(quiet_tune_is_heard)
{
	twice_make(nonce);
	for (int i = 0; i < SECOND; i++)
		samples[i] = (int16_t)(samples[i] / 50);
	CHECK(heard_at(samples) >= 90);
}

TEST(tunes_of_other_nonces_are_not_heard)
{
	uint8_t other[TUNE_NONCE_BYTES];

	seed = 3;
	for (int i = 0; i < MANY; i++) {
		for (size_t n = 0; n < sizeof(other); n++)
			other[n] = (uint8_t)next();
		twice_make(other);
		CHECK(heard_at(samples + i * 400) < TUNE_HEARD_PERCENT);
	}
}

TEST(silence_and_noise_are_no_tune)
{
	memset(samples, 0, sizeof(samples));
	CHECK_EQ(heard_at(samples), 0);
	seed = 4;
	for (int i = 0; i < SECOND; i++)
		samples[i] = (int16_t)(next() % 20001 - 10000);
	CHECK(heard_at(samples) < TUNE_HEARD_PERCENT);
}

TEST(one_of_its_tones_is_not_enough)
{
	static const uint8_t same[TUNE_NONCE_BYTES] = { 0x11, 0x11, 0x11, 0x11,
		0x11, 0x11, 0x11, 0x11, 0x11, 0x11 };

	twice_make(same);
	CHECK(heard_at(samples) < TUNE_HEARD_PERCENT);
}

/* The last second is what it judges. */
TEST(what_was_heard_longer_ago_is_forgotten)
{
	struct tune_ear *ear = NULL;

	CHECK_OK(tune_ear_new(&ear, nonce));
	memset(samples, 0, sizeof(samples));
	tune_ear_hear(ear, samples, TUNE_SAMPLES);
	twice_make(nonce);
	tune_ear_hear(ear, samples, SECOND);
	CHECK(tune_ear_judge(ear) >= 90);
	CHECK_EQ(tune_ear_judge(ear), 0);
	tune_ear_free(ear);
}

TEST(ear_without_memory_is_none)
{
	struct tune_ear *ear = NULL;
	enum kk_err err;

	ALLOC_FAULT_LOOP(err, tune_ear_new(&ear, nonce));
	tune_ear_free(ear);
}
