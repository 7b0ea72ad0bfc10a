/* g711.c - ITU-T G.711, both laws. */
#include "codec/codec_private.h"

static char none; /* the encoder has no state */

static void *enc_new(void)
{
	return &none;
}

static void enc_free(void *enc)
{
	(void)enc;
}

static int encode_a(void *enc, const int16_t *pcm, int samples, uint8_t *out)
{
	(void)enc;
	for (int i = 0; i < samples; i++)
		out[i] = linear_to_alaw(pcm[i]);
	return samples;
}

static int encode_u(void *enc, const int16_t *pcm, int samples, uint8_t *out)
{
	(void)enc;
	for (int i = 0; i < samples; i++)
		out[i] = linear_to_ulaw(pcm[i]);
	return samples;
}

struct decoder {
	struct codec_conceal *conceal;
	int16_t linear[UINT8_MAX + 1]; /* of each byte */
};

static void dec_free(void *dec)
{
	struct decoder *d = dec;

	codec_conceal_free(d->conceal);
	kk_free(d);
}

static struct decoder *decoder_new(void)
{
	struct decoder *d = kk_calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->conceal = codec_conceal_new(8000);
	if (d->conceal)
		return d;
	kk_free(d);
	return NULL;
}

static void *dec_new_a(void)
{
	struct decoder *d = decoder_new();

	for (unsigned i = 0; d && i <= UINT8_MAX; i++)
		d->linear[i] = alaw_to_linear((uint8_t)i);
	return d;
}

static void *dec_new_u(void)
{
	struct decoder *d = decoder_new();

	for (unsigned i = 0; d && i <= UINT8_MAX; i++)
		d->linear[i] = ulaw_to_linear((uint8_t)i);
	return d;
}

static int samples_of(struct kk_view payload)
{
	return (int)payload.bytes;
}

static int decode(void *dec, struct kk_view payload, int16_t *pcm)
{
	struct decoder *d = dec;

	for (size_t i = 0; i < payload.bytes; i++)
		pcm[i] = d->linear[payload.data[i]];
	codec_conceal_heard(d->conceal, pcm, (int)payload.bytes);
	return (int)payload.bytes;
}

static bool conceal(void *dec, struct kk_view next, int16_t *pcm, int samples)
{
	(void)next;
	codec_conceal_lost(((struct decoder *)dec)->conceal, pcm, samples);
	return true;
}

const struct codec_ops codec_g711_a = { enc_new, enc_free, encode_a, NULL, NULL,
	NULL, dec_new_a, dec_free, samples_of, NULL, NULL, NULL, decode,
	conceal };
const struct codec_ops codec_g711_u = { enc_new, enc_free, encode_u, NULL, NULL,
	NULL, dec_new_u, dec_free, samples_of, NULL, NULL, NULL, decode,
	conceal };
