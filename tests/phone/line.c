/* line.c */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "line.h"

#define TURN 6.283185307179586

enum { TICK = CODEC_TICK_SAMPLES, SECOND = CODEC_HZ };

/* Two seconds of a voice, half a second of none; no second is like another. */
static void speak(int16_t *pcm, size_t samples)
{
	double phase = 0, y1 = 0, y2 = 0;

	for (size_t i = 0; i < samples; i++) {
		const double t = (double)i / CODEC_HZ;
		const double hz = 500 + 150 * sin(TURN * 0.77 * t);
		double x = 0, y;

		phase += (120 + 30 * sin(TURN * 0.31 * t)) / CODEC_HZ;
		if (phase >= 1) {
			phase -= 1;
			x = 1;
		}
		y = x + 2 * 0.99 * cos(TURN * hz / CODEC_HZ) * y1 -
		    0.99 * 0.99 * y2;
		y2 = y1;
		y1 = y;
		pcm[i] = (int16_t)lrint(
		    i % (5 * SECOND / 2) < 2 * SECOND ? 400 * y : 0);
	}
}

static void packets_make(struct line *l, int skew_ppm)
{
	struct codec_tx *codec;
	struct phone_tx *tx;

	CHECK_OK(codec_tx_new(&codec, l->config.codec));
	CHECK_OK(phone_tx_new(&tx, &l->config, 7, 65500, 0xffff0000));
	for (size_t t = 0; t < l->ticks; t++) {
		struct line_packet *p = &l->packet[t];
		uint8_t payload[CODEC_PAYLOAD_BYTES];
		size_t bytes = sizeof(payload);
		struct kk_view v;

		CHECK_OK(codec_tx_encode(codec, l->said + t * TICK, payload,
		    &bytes));
		v = kk_view_of(payload, bytes);
		p->bytes = sizeof(p->data);
		CHECK_OK(phone_tx_packet(tx, &v, p->data, &p->bytes));
		p->at_us = (uint64_t)((double)(t + 1) * LINE_TICK_US /
		    (1 + skew_ppm / 1e6));
	}
	l->packet_count = l->ticks;
	phone_tx_free(tx);
	codec_tx_free(codec);
}

void line_open(struct line *l, enum codec_id codec, size_t ticks, int skew_ppm)
{
	const int type = codec_format(codec)->payload_type;

	CHECK(ticks <= LINE_TICKS_MAX);
	memset(l, 0, sizeof(*l));
	l->ticks = ticks;
	l->config = (struct phone_config){ codec, type < 0 ? 111 : type, 101,
		0 };
	speak(l->said, ticks * TICK);
	CHECK_OK(phone_rx_new(&l->rx, &l->config));
	packets_make(l, skew_ppm);
}

void line_close(struct line *l)
{
	phone_rx_free(l->rx);
}

static int by_time(const void *a, const void *b)
{
	const struct line_packet *p = a, *q = b;

	return (p->at_us > q->at_us) - (p->at_us < q->at_us);
}

void line_sort(struct line *l)
{
	qsort(l->packet, l->packet_count, sizeof(l->packet[0]), by_time);
}

static void take(struct line *l, size_t t, uint64_t now_us)
{
	struct phone_sound sound;

	phone_rx_take(l->rx, l->want(t), &sound, now_us);
	l->kind[t] = sound.kind;
	CHECK_EQ(sound.samples, sound.kind == PHONE_SOUND ? TICK : 0);
	memcpy(l->heard + t * TICK, sound.pcm,
	    sound.samples * sizeof(sound.pcm[0]));
}

void line_run(struct line *l)
{
	for (size_t t = 0; t < l->ticks; t++) {
		const uint64_t now_us = (t + 1) * LINE_TICK_US + 3000;

		while (l->packet_next < l->packet_count &&
		    l->packet[l->packet_next].at_us <= now_us) {
			const struct line_packet *p =
			    &l->packet[l->packet_next++];

			(void)!phone_rx_put(l->rx,
			    kk_view_of(p->data, p->bytes), p->at_us);
		}
		if (l->want)
			take(l, t, now_us);
		else
			phone_rx_tick(l->rx, l->heard + t * TICK, now_us);
	}
}

double line_likeness(const struct line *l, size_t tick, unsigned *delay_ms)
{
	double best = -1;

	for (size_t delay = 0; delay < SECOND / 2; delay += 24) {
		const int16_t *a = l->said + tick * TICK;
		const int16_t *b = a - l->said + l->heard + delay;
		double ab = 0, aa = 1e-9, bb = 1e-9;

		CHECK(tick * TICK + delay + SECOND <= l->ticks * TICK);
		for (size_t i = 0; i < SECOND; i++) {
			ab += (double)a[i] * b[i];
			aa += (double)a[i] * a[i];
			bb += (double)b[i] * b[i];
		}
		if (ab / sqrt(aa * bb) > best) {
			best = ab / sqrt(aa * bb);
			*delay_ms = (unsigned)(delay / 48);
		}
	}
	return best;
}
