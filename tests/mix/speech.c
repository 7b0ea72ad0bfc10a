/*
 * speech.c - what telephones, mixer and coders do to each second of speech,
 * where no machine disturbs them: packets come in virtual time, with jitter.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "mix/mix.h"
#include "phone/phone.h"

#define TURN 6.283185307179586

enum {
	TICK = MIX_SAMPLES,
	SECONDS = 8,
	TICKS = SECONDS * MIX_HZ / TICK,
	TICK_US = 20000,
	JITTER_US = 14000,
	SKEW_PPM = 60, /* by which the telephone's clock is fast */
	STEP = 3, /* likeness is looked for at 16 kHz */
	SECOND = MIX_HZ / STEP,
	LAG_MAX = SECOND / 8,
	LAG_NEAR = SECOND / 200,
	SYLLABLE = MIX_HZ / 1000 * 180
};

struct resonance {
	double damping, y1, y2;
};

static double ring_on(struct resonance *r, double hz, double x)
{
	const double d = exp(-r->damping / MIX_HZ);
	const double y = x + 2 * d * cos(TURN * hz / MIX_HZ) * r->y1 -
	    d * d * r->y2;

	r->y2 = r->y1;
	r->y1 = y;
	return y;
}

/* Syllables: each begins with a soft hiss, becomes a vowel of its own, and
 * fades; after nine of them there is a pause. */
static double loudness(size_t i)
{
	const double at = (double)(i % SYLLABLE) / SYLLABLE;

	if (i / SYLLABLE % 12 >= 9)
		return 0;
	return at < 0.2 ? 0 :
	    at < 0.4    ? (at - 0.2) / 0.2 :
			  1 - (at - 0.4) / 0.7;
}

static void speak(int16_t *pcm, size_t samples)
{
	struct resonance low = { 400, 0, 0 }, high = { 500, 0, 0 };
	double phase = 0;
	uint32_t seed = 1;

	for (size_t i = 0; i < samples; i++) {
		const double t = (double)i / MIX_HZ, loud = loudness(i);
		const double vowel = (double)(i / SYLLABLE * 7 % 11) / 11;
		double x = 0;

		seed = seed * 1664525 + 1013904223;
		phase += (110 + 25 * sin(TURN * 0.4 * t) + 30 * vowel) / MIX_HZ;
		if (phase >= 1) {
			phase -= 1;
			x = 700 * loud;
		}
		if (i / SYLLABLE % 12 < 9)
			x += 12 * ((double)(seed >> 16) / 32768 - 1);
		pcm[i] = (int16_t)lrint(ring_on(&low, 350 + 500 * vowel, x) +
		    0.6 * ring_on(&high, 1900 - 800 * vowel, x));
	}
}

/* Telephones' band, as two poles on each side. */
static void band(const int16_t *pcm, float *out)
{
	double low1 = 0, low2 = 0, high1 = 0, high2 = 0;
	const double up = 1 - exp(-TURN * 3400 / MIX_HZ);
	const double down = 1 - exp(-TURN * 300 / MIX_HZ);

	for (size_t i = 0; i < (size_t)TICKS * TICK; i++) {
		low1 += up * (pcm[i] - low1);
		low2 += up * (low1 - low2);
		high1 += down * (low2 - high1);
		high2 += down * (low2 - high1 - high2);
		if (i % STEP == 0)
			out[i / STEP] = (float)(low2 - high1 - high2);
	}
}

static double likeness(const float *a, const float *b)
{
	double ab = 0, aa = 1e-9, bb = 1e-9;

	for (size_t i = 0; i < SECOND; i++) {
		ab += (double)a[i] * b[i];
		aa += (double)a[i] * a[i];
		bb += (double)b[i] * b[i];
	}
	return ab / sqrt(aa * bb);
}

/*
 * The way.
 */
struct way {
	struct codec_tx *phone_codec, *codec;
	struct codec_rx *ear;
	struct phone_tx *tx;
	struct phone_rx *rx;
	struct mix *mix;
	size_t speaker, listener; /* lines */
	uint64_t next_us; /* when the telephone's next packet comes */
	size_t sent; /* ticks */
	uint32_t seed;
	int16_t said[TICKS * TICK], heard[TICKS * TICK];
	float said_band[TICKS * TICK / STEP], heard_band[TICKS * TICK / STEP];
};

static void way_open(struct way *w, enum codec_id from, enum codec_id to)
{
	const struct mix_config config = { .lines = 2,
		.has_gate = true,
		.has_gain = true,
		.heard = 8 };
	const int type = codec_format(from)->payload_type;
	const struct phone_config phone = { from, type < 0 ? 111 : type, 101,
		0 };

	memset(w, 0, sizeof(*w));
	w->seed = 1;
	w->next_us = TICK_US;
	CHECK_OK(codec_tx_new(&w->phone_codec, from));
	CHECK_OK(codec_tx_new(&w->codec, to));
	CHECK_OK(codec_rx_new(&w->ear, to));
	CHECK_OK(phone_tx_new(&w->tx, &phone, 7, 1, 1));
	CHECK_OK(phone_rx_new(&w->rx, &phone));
	CHECK_OK(mix_new(&w->mix, &config));
	CHECK_OK(mix_line_add(w->mix, &w->speaker));
	CHECK_OK(mix_line_add(w->mix, &w->listener));
	speak(w->said, KK_ARRAY_LEN(w->said));
}

static void way_close(struct way *w)
{
	codec_tx_free(w->phone_codec);
	codec_tx_free(w->codec);
	codec_rx_free(w->ear);
	phone_tx_free(w->tx);
	phone_rx_free(w->rx);
	mix_free(w->mix);
}

/* One packet after the other, each a little late. */
static void packets_come(struct way *w, uint64_t now_us)
{
	for (; w->next_us <= now_us && w->sent < TICKS; w->sent++) {
		uint8_t payload[CODEC_PAYLOAD_BYTES], data[PHONE_PACKET_BYTES];
		size_t bytes = sizeof(payload), data_bytes = sizeof(data);
		struct kk_view v;

		CHECK_OK(codec_tx_encode(w->phone_codec,
		    w->said + w->sent * TICK, payload, &bytes));
		v = kk_view_of(payload, bytes);
		CHECK_OK(phone_tx_packet(w->tx, &v, data, &data_bytes));
		CHECK_OK(phone_rx_put(w->rx, kk_view_of(data, data_bytes),
		    w->next_us));
		w->seed = w->seed * 1664525 + 1013904223;
		w->next_us = (w->sent + 2) * TICK_US -
		    (w->sent + 2) * TICK_US * SKEW_PPM / 1000000 +
		    (w->seed >> 8) % JITTER_US;
	}
}

static void way_run(struct way *w, bool is_to_line)
{
	for (size_t t = 0; t < TICKS; t++) {
		uint8_t payload[CODEC_PAYLOAD_BYTES];
		size_t bytes = sizeof(payload), samples;
		int16_t pcm[CODEC_PACKET_SAMPLES];

		packets_come(w, (t + 1) * TICK_US);
		phone_rx_tick(w->rx, pcm, (t + 1) * TICK_US);
		mix_line_put(w->mix, w->speaker, pcm);
		mix_tick(w->mix);
		CHECK_OK(codec_tx_encode(w->codec,
		    is_to_line ? mix_line_get(w->mix, w->listener) :
				 mix_lines_get(w->mix),
		    payload, &bytes));
		CHECK_OK(codec_rx_decode(w->ear, kk_view_of(payload, bytes),
		    pcm, &samples));
		CHECK_EQ(samples, TICK);
		memcpy(w->heard + t * TICK, pcm, sizeof(w->heard[0]) * TICK);
	}
	band(w->said, w->said_band);
	band(w->heard, w->heard_band);
}

/* Of one second that was heard, with what was said from so many samples before
 * on; *lag is where it is most. */
static double second_likeness(const struct way *w, size_t second, size_t *lag,
    size_t from, size_t lags)
{
	const float *heard = w->heard_band + second * SECOND;
	double best = -1;

	for (size_t l = from; l < from + lags; l++) {
		const double like = likeness(heard,
		    w->said_band + second * SECOND - l);

		if (like > best) {
			best = like;
			*lag = l;
		}
	}
	return best;
}

static void way_check(enum codec_id from, enum codec_id to, bool is_to_line)
{
	static struct way w;
	size_t lag = 0;

	way_open(&w, from, to);
	way_run(&w, is_to_line);
	(void)second_likeness(&w, 1, &lag, 0, LAG_MAX);
	CHECK(lag > LAG_NEAR);
	for (size_t s = 1; s < SECONDS; s++) {
		size_t now = 0;
		const double like = second_likeness(&w, s, &now, lag - LAG_NEAR,
		    2 * LAG_NEAR);

		tap_diag("%s to %s, second %zu: %.3f after %zu ms",
		    codec_format(from)->name, codec_format(to)->name, s, like,
		    now * STEP * 1000 / MIX_HZ);
		CHECK(like >= 0.95);
	}
	way_close(&w);
}

TEST(each_second_of_speech_reaches_the_conference_as_it_was_said)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++)
		way_check(id, CODEC_OPUS, false);
}

TEST(each_second_of_speech_reaches_another_line_as_it_was_said)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++)
		way_check(CODEC_OPUS, id, true);
}
