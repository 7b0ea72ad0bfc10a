/* g722.c - ITU-T G.722 at 64 kbit/s: 16 kHz, two samples a byte. */
#include <spandsp.h>
/* Behind its types: an encoder's state is a plain structure here. */
#include <spandsp/private/g722.h>

#include "codec/codec_private.h"

enum {
	BPS = 64000,
	SAMPLES_MAX = CODEC_PACKET_SAMPLES / 3 /* 120 ms at 16 kHz */
};

struct decoder {
	g722_decode_state_t *state;
	g722_encode_state_t *shadow; /* of conceal(): packets take no heap */
	struct codec_conceal *conceal;
};

static void *enc_new(void)
{
	return g722_encode_init(NULL, BPS, 0);
}

static void enc_free(void *enc)
{
	(void)g722_encode_free(enc);
}

static int encode(void *enc, const int16_t *pcm, int samples, uint8_t *out)
{
	return g722_encode(enc, out, pcm, samples);
}

static void enc_follow(void *enc, const void *of)
{
	struct g722_encode_state_s *to = enc;

	*to = *(const struct g722_encode_state_s *)of;
}

static void dec_free(void *dec)
{
	struct decoder *d = dec;

	codec_conceal_free(d->conceal);
	if (d->state)
		(void)g722_decode_free(d->state);
	if (d->shadow)
		(void)g722_encode_free(d->shadow);
	kk_free(d);
}

static void *dec_new(void)
{
	struct decoder *d = kk_calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->conceal = codec_conceal_new(16000);
	d->state = g722_decode_init(NULL, BPS, 0);
	d->shadow = g722_encode_init(NULL, BPS, 0);
	if (d->conceal && d->state && d->shadow)
		return d;
	dec_free(d);
	return NULL;
}

static int samples_of(struct kk_view payload)
{
	return 2 * (int)payload.bytes;
}

static int decode(void *dec, struct kk_view payload, int16_t *pcm)
{
	struct decoder *d = dec;
	const int samples = g722_decode(d->state, pcm, payload.data,
	    (int)payload.bytes);

	codec_conceal_heard(d->conceal, pcm, samples);
	return samples;
}

/*
 * A decoder that missed something predicts from where it stood, and what comes
 * next booms.  So it gets what was made up instead, encoded by an encoder that
 * heard what the decoder gave before.
 */
static void shadow_begin(struct decoder *d)
{
	uint8_t unsent[SAMPLES_MAX / 2];
	const int16_t *history;
	int count;

	history = codec_conceal_history(d->conceal, &count);
	(void)g722_encode_init(d->shadow, BPS, 0);
	(void)g722_encode(d->shadow, unsent, history, count);
}

static bool conceal(void *dec, struct kk_view next, int16_t *pcm, int samples)
{
	struct decoder *d = dec;
	uint8_t bytes[SAMPLES_MAX / 2];
	int16_t unheard[SAMPLES_MAX];
	int count;

	(void)next;
	shadow_begin(d);
	codec_conceal_lost(d->conceal, pcm, samples);
	count = g722_encode(d->shadow, bytes, pcm, samples);
	(void)g722_decode(d->state, unheard, bytes, count);
	return true;
}

const struct codec_ops codec_g722 = { enc_new, enc_free, encode, enc_follow,
	NULL, NULL, dec_new, dec_free, samples_of, NULL, NULL, NULL, decode,
	conceal };
