/* g722.c - ITU-T G.722 at 64 kbit/s: 16 kHz, two samples a byte. */
#include "codec/codec_private.h"

enum { BPS = 64000 };

struct decoder {
	g722_decode_state_t *state;
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

static void dec_free(void *dec)
{
	struct decoder *d = dec;

	codec_conceal_free(d->conceal);
	if (d->state)
		(void)g722_decode_free(d->state);
	kk_free(d);
}

static void *dec_new(void)
{
	struct decoder *d = kk_calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->conceal = codec_conceal_new(16000);
	d->state = g722_decode_init(NULL, BPS, 0);
	if (d->conceal && d->state)
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
static void follow(struct decoder *d, g722_encode_state_t *enc,
    const int16_t *pcm, int samples)
{
	uint8_t bytes[CODEC_PACKET_SAMPLES / 2];
	int16_t unheard[CODEC_PACKET_SAMPLES];
	const int count = g722_encode(enc, bytes, pcm, samples);

	(void)g722_decode(d->state, unheard, bytes, count);
}

static bool conceal(void *dec, struct kk_view next, int16_t *pcm, int samples)
{
	struct decoder *d = dec;
	g722_encode_state_t *enc = g722_encode_init(NULL, BPS, 0);
	uint8_t unsent[CODEC_PACKET_SAMPLES / 2];
	const int16_t *history;
	int count;

	(void)next;
	history = codec_conceal_history(d->conceal, &count);
	if (enc)
		(void)g722_encode(enc, unsent, history, count);
	codec_conceal_lost(d->conceal, pcm, samples);
	if (enc) {
		follow(d, enc, pcm, samples);
		(void)g722_encode_free(enc);
	}
	return true;
}

const struct codec_ops codec_g722 = { enc_new, enc_free, encode, dec_new,
	dec_free, samples_of, decode, conceal };
