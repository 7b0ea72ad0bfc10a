/* codec.c - tests of telephones' codecs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "harness/tap.h"
#include "mock/alloc.h"

#define TURN 6.283185307179586

enum { TICK = CODEC_TICK_SAMPLES, TICKS = 50, DELAY_MAX = 1500 };

struct formant { /* a resonance of the mouth */
	double hz, damping, y1, y2;
};

static double ring_on(struct formant *f, double x)
{
	const double r = exp(-f->damping / CODEC_HZ);
	const double y = x + 2 * r * cos(TURN * f->hz / CODEC_HZ) * f->y1 -
	    r * r * f->y2;

	f->y2 = f->y1;
	f->y1 = y;
	return y;
}

/* What is like a voice: pulses whose pitch moves, in a mouth that moves too.
 * Coders of speech make noise of pure tones. */
static void voice(int16_t *pcm, size_t samples)
{
	struct formant mouth[] = { { 600, 400, 0, 0 }, { 1250, 500, 0, 0 },
		{ 2600, 900, 0, 0 } };
	double phase = 0;

	for (size_t i = 0; i < samples; i++) {
		const double t = (double)i / CODEC_HZ;
		double x = 0;

		phase += (120 + 25 * sin(TURN * 1.3 * t)) / CODEC_HZ;
		if (phase >= 1) {
			phase -= 1;
			x = 1;
		}
		mouth[0].hz = 600 + 200 * sin(TURN * 2.1 * t);
		mouth[1].hz = 1250 + 300 * sin(TURN * 1.7 * t + 1);
		pcm[i] = (int16_t)lrint(700 *
		    (ring_on(&mouth[0], x) + 0.5 * ring_on(&mouth[1], x) +
			0.2 * ring_on(&mouth[2], x)));
	}
}

static double likeness(const int16_t *a, const int16_t *b, size_t samples)
{
	double ab = 0, aa = 1e-9, bb = 1e-9;

	for (size_t i = 0; i < samples; i++) {
		ab += (double)a[i] * b[i];
		aa += (double)a[i] * a[i];
		bb += (double)b[i] * b[i];
	}
	return ab / sqrt(aa * bb);
}

struct path {
	struct codec_tx *tx;
	struct codec_rx *rx;
	int16_t in[TICKS * TICK], out[TICKS * TICK];
};

static void path_open(struct path *p, enum codec_id id)
{
	memset(p, 0, sizeof(*p));
	CHECK_OK(codec_tx_new(&p->tx, id));
	CHECK_OK(codec_rx_new(&p->rx, id));
	voice(p->in, TICKS * TICK);
}

static void path_close(struct path *p)
{
	codec_tx_free(p->tx);
	codec_rx_free(p->rx);
}

static struct kk_view encoded(struct path *p, size_t tick, uint8_t *out)
{
	size_t bytes = CODEC_PAYLOAD_BYTES;

	CHECK_OK(codec_tx_encode(p->tx, p->in + tick * TICK, out, &bytes));
	CHECK(bytes > 0 && bytes <= CODEC_PAYLOAD_BYTES);
	return kk_view_of(out, bytes);
}

/* The best likeness of the second half over all delays. */
static double path_likeness(const struct path *p, size_t *delay)
{
	const size_t half = TICKS / 2 * TICK;
	double best = -1;

	for (size_t d = 0; d < DELAY_MAX; d += 4) {
		const double like = likeness(p->in + half - d, p->out + half,
		    half);

		if (like > best) {
			best = like;
			*delay = d;
		}
	}
	return best;
}

TEST(what_was_said_comes_out_within_ten_milliseconds)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		static struct path p;
		size_t delay = 0;
		double like;

		path_open(&p, id);
		for (size_t t = 0; t < TICKS; t++) {
			uint8_t out[CODEC_PAYLOAD_BYTES];
			size_t samples;

			CHECK_OK(codec_rx_decode(p.rx, encoded(&p, t, out),
			    p.out + t * TICK, &samples));
			CHECK_EQ(samples, TICK);
		}
		like = path_likeness(&p, &delay);
		tap_diag("%s: likeness %.3f, delay %.1f ms",
		    codec_format(id)->name, like, (double)delay / 48);
		CHECK(like >
		    (id == CODEC_OPUS || id == CODEC_G722 ? 0.95 : 0.9));
		CHECK(delay <= 480);
		path_close(&p);
	}
}

TEST(payload_lasts_as_long_as_the_standards_say)
{
	static const struct {
		enum codec_id id;
		size_t bytes, samples;
	} rows[] = {
		{ CODEC_PCMU, 160, 960 },
		{ CODEC_PCMA, 80, 480 },
		{ CODEC_PCMU, 1, 6 },
		{ CODEC_PCMA, 960, 5760 },
		{ CODEC_PCMA, 961, 0 },
		{ CODEC_PCMU, 0, 0 },
		{ CODEC_G722, 160, 960 },
		{ CODEC_G722, 80, 480 },
		{ CODEC_G722, 961, 0 },
	};
	/* Opus, one CELT frame of 20 ms; two of 60 ms; 48 of 2.5 ms. */
	static const uint8_t one[] = { 0xf8, 1, 2 }, two[] = { 0x19, 1, 2 };
	static const uint8_t many[] = { 0xe3, 48 };
	struct codec_rx *rx;

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		static const uint8_t data[1000];

		CHECK_OK(codec_rx_new(&rx, rows[i].id));
		CHECK_EQ(codec_rx_samples(rx, kk_view_of(data, rows[i].bytes)),
		    rows[i].samples);
		codec_rx_free(rx);
	}
	CHECK_OK(codec_rx_new(&rx, CODEC_OPUS));
	CHECK_EQ(codec_rx_samples(rx, kk_view_of(one, sizeof(one))), 960);
	CHECK_EQ(codec_rx_samples(rx, kk_view_of(two, sizeof(two))), 5760);
	CHECK_EQ(codec_rx_samples(rx, kk_view_of(many, sizeof(many))), 5760);
	codec_rx_free(rx);
}

TEST(packets_of_any_length_are_decoded_to_the_same_sound)
{
	static const enum codec_id ids[] = { CODEC_PCMU, CODEC_PCMA,
		CODEC_G722 };

	for (size_t i = 0; i < KK_ARRAY_LEN(ids); i++) {
		static uint8_t all[TICKS * 160];
		static int16_t other[TICKS * TICK];
		static struct path p;
		size_t at = 0, done = 0, samples;
		struct codec_rx *rx;

		path_open(&p, ids[i]);
		CHECK_OK(codec_rx_new(&rx, ids[i]));
		for (size_t t = 0; t < TICKS; t++) {
			uint8_t out[CODEC_PAYLOAD_BYTES];
			struct kk_view v = encoded(&p, t, out);

			CHECK_EQ(v.bytes, 160);
			memcpy(all + t * 160, v.data, 160);
			CHECK_OK(codec_rx_decode(p.rx, v, p.out + t * TICK,
			    &samples));
		}
		for (size_t bytes = 1; at < sizeof(all);
		    bytes = bytes % 399 + 7) {
			const size_t left = sizeof(all) - at;
			const size_t part = bytes < left ? bytes : left;

			CHECK_OK(codec_rx_decode(rx, kk_view_of(all + at, part),
			    other + done, &samples));
			at += part;
			done += samples;
		}
		CHECK_EQ(done, TICKS * TICK);
		CHECK_MEM(other, p.out, sizeof(other));
		codec_rx_free(rx);
		path_close(&p);
	}
}

TEST(opus_packets_have_one_size)
{
	static struct path p;
	size_t bytes = 0;

	path_open(&p, CODEC_OPUS);
	for (size_t i = 0; i < TICKS / 2 * TICK; i++)
		p.in[i] = 0; /* silence as well */
	for (size_t t = 0; t < TICKS; t++) {
		uint8_t out[CODEC_PAYLOAD_BYTES];
		struct kk_view v = encoded(&p, t, out);

		CHECK(t == 0 || v.bytes == bytes);
		bytes = v.bytes;
	}
	path_close(&p);
}

static double rms(const int16_t *pcm, size_t samples)
{
	double squares = 0;

	for (size_t i = 0; i < samples; i++)
		squares += (double)pcm[i] * pcm[i];
	return sqrt(squares / (double)samples);
}

TEST(only_opus_says_that_it_pauses)
{
	static const uint8_t payload[40] = { 0x78, 1 };

	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		struct codec_rx *rx = NULL;

		CHECK_OK(codec_rx_new(&rx, id));
		for (size_t bytes = 1; bytes <= sizeof(payload); bytes++)
			CHECK_EQ(codec_rx_is_pause(rx,
				     kk_view_of(payload, bytes)),
			    id == CODEC_OPUS && bytes <= 2);
		codec_rx_free(rx);
	}
}

TEST(one_lost_packet_is_covered_and_many_fade_out)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		static struct path p;
		double before, first, last;
		size_t samples, t;

		path_open(&p, id);
		for (t = 0; t < 20; t++) {
			uint8_t out[CODEC_PAYLOAD_BYTES];

			CHECK_OK(codec_rx_decode(p.rx, encoded(&p, t, out),
			    p.out + t * TICK, &samples));
		}
		for (; t < TICKS; t++)
			CHECK_OK(codec_rx_conceal(p.rx, (struct kk_view){ 0 },
			    p.out + t * TICK, TICK));
		before = rms(p.out + 19 * TICK, TICK);
		first = rms(p.out + 20 * TICK, TICK);
		last = rms(p.out + (TICKS - 1) * TICK, TICK);
		tap_diag("%s: %.0f, then %.0f, at last %.0f",
		    codec_format(id)->name, before, first, last);
		CHECK(first > before / 3 && first < before * 2);
		CHECK(last < before / 20);
		path_close(&p);
	}
}

/* The steepest step between neighbours. */
static int step(const int16_t *pcm, size_t samples)
{
	int most = 0;

	for (size_t i = 1; i < samples; i++) {
		const int d = abs(pcm[i] - pcm[i - 1]);

		most = d > most ? d : most;
	}
	return most;
}

TEST(lost_packets_make_no_click_and_stay_like_the_voice)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		static struct path whole, holes;
		size_t samples, delay;
		double like;

		path_open(&whole, id);
		path_open(&holes, id);
		for (size_t t = 0; t < TICKS; t++) {
			uint8_t out[CODEC_PAYLOAD_BYTES];
			struct kk_view v = encoded(&whole, t, out);

			CHECK_OK(codec_rx_decode(whole.rx, v,
			    whole.out + t * TICK, &samples));
			if (t % 10 == 9)
				CHECK_OK(codec_rx_conceal(holes.rx,
				    (struct kk_view){ 0 }, holes.out + t * TICK,
				    TICK));
			else
				CHECK_OK(codec_rx_decode(holes.rx, v,
				    holes.out + t * TICK, &samples));
		}
		like = path_likeness(&holes, &delay);
		tap_diag("%s: likeness %.3f, steps of %d, whole %d",
		    codec_format(id)->name, like, step(holes.out, TICKS * TICK),
		    step(whole.out, TICKS * TICK));
		CHECK(like > (id == CODEC_OPUS ? 0.75 : 0.9));
		CHECK(step(holes.out, TICKS * TICK) <
		    step(whole.out, TICKS * TICK) * 3 / 2);
		path_close(&whole);
		path_close(&holes);
	}
}

TEST(opus_tells_in_the_next_packet_what_was_lost)
{
	static struct path with, without;
	double like[2];
	size_t samples, delay;
	struct path *const paths[] = { &with, &without };

	for (size_t i = 0; i < 2; i++) {
		struct path *p = paths[i];
		uint8_t out[2][CODEC_PAYLOAD_BYTES];

		path_open(p, CODEC_OPUS);
		for (size_t t = 0; t < TICKS; t++) {
			const bool is_lost = t % 5 == 4;
			struct kk_view now = encoded(p, t, out[0]), next;

			if (!is_lost) {
				CHECK_OK(codec_rx_decode(p->rx, now,
				    p->out + t * TICK, &samples));
				continue;
			}
			if (t + 1 == TICKS)
				break;
			next = encoded(p, t + 1, out[1]);
			CHECK_OK(codec_rx_conceal(p->rx,
			    i == 0 ? next : (struct kk_view){ 0 },
			    p->out + t * TICK, TICK));
			CHECK_OK(codec_rx_decode(p->rx, next,
			    p->out + (t + 1) * TICK, &samples));
			t++;
		}
		like[i] = path_likeness(p, &delay);
		path_close(p);
	}
	tap_diag("likeness %.4f, without it %.4f", like[0], like[1]);
	CHECK(like[0] > like[1]);
}

/* Packets are as long as before: all is there for the voice. */
TEST(what_is_not_told_again_leaves_room_for_the_voice)
{
	double like[2] = { 0 };

	for (size_t i = 0; i < 2; i++) {
		static struct path p;
		size_t samples, delay;

		path_open(&p, CODEC_OPUS);
		codec_tx_retell(p.tx, i == 0);
		for (size_t t = 0; t < TICKS; t++) {
			uint8_t out[CODEC_PAYLOAD_BYTES];
			const struct kk_view coded = encoded(&p, t, out);

			CHECK_EQ(coded.bytes, 120);
			CHECK_OK(codec_rx_decode(p.rx, coded, p.out + t * TICK,
			    &samples));
		}
		like[i] = path_likeness(&p, &delay);
		path_close(&p);
	}
	tap_diag("likeness %.4f, where nothing is told again %.4f", like[0],
	    like[1]);
	CHECK(like[1] > like[0]);
}

TEST(bytes_of_any_kind_do_no_harm)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		static int16_t pcm[CODEC_PACKET_SAMPLES];
		uint8_t data[CODEC_PAYLOAD_MAX_BYTES + 1];
		struct codec_rx *rx;
		uint32_t seed = 1;

		CHECK_OK(codec_rx_new(&rx, id));
		for (size_t bytes = 0; bytes <= sizeof(data); bytes += 3) {
			size_t samples = 1;
			enum kk_err err;

			for (size_t i = 0; i < bytes; i++) {
				seed = seed * 1664525 + 1013904223;
				data[i] = (uint8_t)(seed >> 24);
			}
			err = codec_rx_decode(rx, kk_view_of(data, bytes), pcm,
			    &samples);
			CHECK(err == KK_OK || err == KK_EFORMAT);
			CHECK_EQ(samples > 0, err == KK_OK);
			CHECK(samples <= CODEC_PACKET_SAMPLES);
			CHECK_OK(codec_rx_conceal(rx, kk_view_of(data, bytes),
			    pcm, TICK));
		}
		codec_rx_free(rx);
	}
}

TEST(wrong_arguments_and_no_memory_are_refused)
{
	static int16_t pcm[CODEC_PACKET_SAMPLES];
	uint8_t out[CODEC_PAYLOAD_BYTES];
	size_t bytes = sizeof(out) - 1;
	struct codec_tx *tx = NULL;
	struct codec_rx *rx = NULL;
	enum kk_err err;

	CHECK(!codec_format(CODEC_COUNT));
	CHECK_ERR(codec_tx_new(&tx, CODEC_COUNT), KK_EINVAL);
	CHECK_ERR(codec_rx_new(&rx, CODEC_COUNT), KK_EINVAL);
	CHECK(!tx && !rx);
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		ALLOC_FAULT_LOOP(err, codec_tx_new(&tx, id));
		CHECK_OK(err);
		ALLOC_FAULT_LOOP(err, codec_rx_new(&rx, id));
		CHECK_OK(err);
		CHECK_ERR(codec_tx_encode(tx, pcm, out, &bytes), KK_ENOSPC);
		CHECK_EQ(bytes, 0);
		bytes = sizeof(out) - 1;
		CHECK_ERR(codec_rx_conceal(rx, (struct kk_view){ 0 }, pcm, 0),
		    KK_EINVAL);
		CHECK_ERR(codec_rx_conceal(rx, (struct kk_view){ 0 }, pcm, 961),
		    KK_EINVAL);
		codec_tx_free(tx);
		codec_rx_free(rx);
	}
	codec_tx_free(NULL);
	codec_rx_free(NULL);
}

TEST(plain_sound_at_the_codec_s_rate_comes_up_to_ours_alike)
{
	static const enum codec_id ids[] = { CODEC_PCMU, CODEC_PCMA,
		CODEC_G722 };

	for (size_t i = 0; i < KK_ARRAY_LEN(ids); i++) {
		const unsigned hz = codec_format(ids[i])->pcm_hz;
		static struct path p;
		struct codec_up *up;
		struct codec_rx *rx;
		size_t delay = 0;

		path_open(&p, ids[i]);
		CHECK_OK(codec_rx_new_plain(&rx, ids[i]));
		CHECK_OK(codec_up_new(&up, hz));
		for (size_t t = 0; t < TICKS; t++) {
			uint8_t out[CODEC_PAYLOAD_BYTES];
			struct kk_view v = encoded(&p, t, out);
			int16_t low[CODEC_PACKET_SAMPLES];
			size_t samples;

			CHECK_EQ(codec_rx_samples(rx, v), hz / 50);
			CHECK_OK(codec_rx_decode(rx, v, low, &samples));
			CHECK_EQ(samples, hz / 50);
			codec_up_run(up, low, p.out + t * TICK);
		}
		CHECK(path_likeness(&p, &delay) > 0.9);
		CHECK(delay <= 480);
		codec_up_free(up);
		codec_rx_free(rx);
		path_close(&p);
	}
}

TEST(rates_that_are_none_and_no_memory_are_refused)
{
	struct codec_up *up = NULL;
	enum kk_err err;

	CHECK_ERR(codec_up_new(&up, 0), KK_EINVAL);
	CHECK_ERR(codec_up_new(&up, 44100), KK_EINVAL);
	CHECK(!up);
	ALLOC_FAULT_LOOP(err, codec_up_new(&up, 8000));
	CHECK_OK(err);
	codec_up_free(up);
	codec_up_free(NULL);
}

TEST(opus_says_itself_where_somebody_speaks)
{
	static struct path p;
	unsigned said[CODEC_SAYS_SPEECH + 1][2] = { { 0 } };

	path_open(&p, CODEC_OPUS);
	for (size_t i = 0; i < TICKS / 2 * TICK; i++)
		p.in[i] = 0;
	for (size_t t = 0; t < TICKS; t++) {
		uint8_t out[CODEC_PAYLOAD_BYTES];

		said[codec_rx_says(p.rx, encoded(&p, t, out))]
		    [t >= TICKS / 2]++;
	}
	tap_diag("silence: %u noise, %u speech; voice: %u noise, %u speech",
	    said[CODEC_SAYS_NOISE][0], said[CODEC_SAYS_SPEECH][0],
	    said[CODEC_SAYS_NOISE][1], said[CODEC_SAYS_SPEECH][1]);
	CHECK(said[CODEC_SAYS_NOISE][0] >= TICKS / 2 - 5);
	CHECK_EQ(said[CODEC_SAYS_SPEECH][0], 0);
	CHECK(said[CODEC_SAYS_SPEECH][1] >= TICKS / 2 - 2);
	path_close(&p);
}

TEST(payloads_that_cannot_say_it_say_nothing)
{
	/* CELT; two frames; 10 ms of SILK; stereo; a pause. */
	static const uint8_t rows[][3] = { { 0xf8, 0x80, 0 }, { 0x49, 0x80, 0 },
		{ 0x40, 0x80, 0 }, { 0x4c, 0x80, 0 } };
	struct codec_rx *rx;

	CHECK_OK(codec_rx_new(&rx, CODEC_OPUS));
	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++)
		CHECK_EQ(codec_rx_says(rx, kk_view_of(rows[i], 3)),
		    CODEC_SAYS_NOTHING);
	CHECK_EQ(codec_rx_says(rx,
		     kk_view_of((const uint8_t[]){ 0x48, 0x80 }, 2)),
	    CODEC_SAYS_NOTHING);
	CHECK_EQ(codec_rx_says(rx, (struct kk_view){ 0 }), CODEC_SAYS_NOTHING);
	codec_rx_free(rx);
	CHECK_OK(codec_rx_new(&rx, CODEC_PCMA));
	CHECK_EQ(codec_rx_says(rx, kk_view_of(rows[0], 3)), CODEC_SAYS_NOTHING);
	codec_rx_skip(rx);
	codec_rx_free(rx);
}
