/* tune.c - a sound that cannot be there by chance. */
#include "pipelines/loopback/tune.h"

#include <math.h>
#include <string.h>

enum {
	RATE_HZ = 48000,
	TONE_SAMPLES = TUNE_SAMPLES / TUNE_TONES,
	EDGE_SAMPLES = RATE_HZ / 200, /* fades, so that nothing clicks */
	LOUD = 9000,
	/* The tones end at 410 Hz: what an ear compares has 1 kHz, which an
	 * emulated machine can do, too. */
	PART = 48,
	EAR_HZ = RATE_HZ / PART,
	EAR_TUNE = TUNE_SAMPLES / PART,
	EAR_SECOND = EAR_HZ,
	/* What comes may begin between two values: then high tones are not in
	 * step.  So the tune is also kept half a value later. */
	STEPS = 2,
	SILENCE = 20, /* mean amplitude below which there is no sound */
	PERCENT = 100
};

struct tune_ear {
	int32_t tune[STEPS][2 * EAR_TUNE]; /* twice, for all beginnings */
	int32_t heard[EAR_SECOND];
	size_t count;
	int32_t sum; /* of the samples of the next value */
	unsigned parts;
};

static unsigned hz_of(const uint8_t *nonce, unsigned tone)
{
	const unsigned four = nonce[tone / 2] >> (tone % 2 ? 0 : 4) & 15;

	return TUNE_HZ_FIRST + TUNE_HZ_STEP * four;
}

static double fade_at(unsigned i)
{
	const unsigned edge = i < TONE_SAMPLES - i ? i : TONE_SAMPLES - i;

	return edge < EDGE_SAMPLES ? (double)edge / EDGE_SAMPLES : 1;
}

void tune_make(const uint8_t nonce[TUNE_NONCE_BYTES],
    int16_t samples[TUNE_SAMPLES])
{
	const double turn = 2 * acos(-1) / RATE_HZ;

	for (unsigned tone = 0; tone < TUNE_TONES; tone++) {
		const double step = turn * hz_of(nonce, tone);

		for (unsigned i = 0; i < TONE_SAMPLES; i++)
			*samples++ = (int16_t)(LOUD * fade_at(i) *
			    sin(step * i));
	}
}

static void tune_fill(int32_t tune[2 * EAR_TUNE], const int16_t *samples,
    unsigned from)
{
	for (unsigned i = 0; i < EAR_TUNE; i++) {
		int32_t sum = 0;

		for (unsigned n = 0; n < PART; n++)
			sum += samples[(from + i * PART + n) % TUNE_SAMPLES];
		tune[i] = tune[i + EAR_TUNE] = sum / PART;
	}
}

enum kk_err tune_ear_new(struct tune_ear **earp,
    const uint8_t nonce[TUNE_NONCE_BYTES])
{
	struct tune_ear *ear = kk_calloc(1, sizeof(*ear));
	int16_t *samples = kk_calloc(TUNE_SAMPLES, sizeof(*samples));

	if (!ear || !samples) {
		kk_free(ear);
		kk_free(samples);
		return KK_ENOMEM;
	}
	tune_make(nonce, samples);
	for (unsigned i = 0; i < STEPS; i++)
		tune_fill(ear->tune[i], samples, i * PART / STEPS);
	kk_free(samples);
	*earp = ear;
	return KK_OK;
}

void tune_ear_free(struct tune_ear *ear)
{
	kk_free(ear);
}

/* Of a second that nobody has judged the oldest is forgotten. */
static void value_add(struct tune_ear *ear, int32_t value)
{
	if (ear->count == EAR_SECOND) {
		memmove(ear->heard, ear->heard + 1,
		    (EAR_SECOND - 1) * sizeof(*ear->heard));
		ear->count--;
	}
	ear->heard[ear->count++] = value;
}

void tune_ear_hear(struct tune_ear *ear, const int16_t *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ear->sum += samples[i];
		if (++ear->parts < PART)
			continue;
		value_add(ear, ear->sum / PART);
		ear->sum = 0;
		ear->parts = 0;
	}
}

bool tune_ear_has_second(const struct tune_ear *ear)
{
	return ear->count == EAR_SECOND;
}

static double power_of(const int32_t *values)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < EAR_SECOND; i++)
		sum += (int64_t)values[i] * values[i];
	return (double)sum;
}

static double product_of(const int32_t *a, const int32_t *b)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < EAR_SECOND; i++)
		sum += (int64_t)a[i] * b[i];
	return (double)sum;
}

static double best_of(const int32_t *heard, const int32_t *tune)
{
	double best = 0;

	for (unsigned at = 0; at < EAR_TUNE; at++) {
		const double product = product_of(heard, tune + at);

		if (product > best)
			best = product;
	}
	/* The tune is as loud everywhere. */
	return best / sqrt(power_of(heard) * power_of(tune));
}

unsigned tune_ear_judge(struct tune_ear *ear)
{
	double best = 0;

	if (!tune_ear_has_second(ear))
		return 0;
	ear->count = 0;
	if (power_of(ear->heard) < (double)EAR_SECOND * SILENCE * SILENCE)
		return 0;
	for (unsigned i = 0; i < STEPS; i++)
		best = fmax(best, best_of(ear->heard, ear->tune[i]));
	return best >= 1 ? PERCENT : (unsigned)(best * PERCENT);
}
