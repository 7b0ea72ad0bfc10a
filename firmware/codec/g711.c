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

static void *dec_new(void)
{
	return codec_conceal_new(8000);
}

static void dec_free(void *dec)
{
	codec_conceal_free(dec);
}

static int samples_of(struct kk_view payload)
{
	return (int)payload.bytes;
}

static int decode_a(void *dec, struct kk_view payload, int16_t *pcm)
{
	for (size_t i = 0; i < payload.bytes; i++)
		pcm[i] = alaw_to_linear(payload.data[i]);
	codec_conceal_heard(dec, pcm, (int)payload.bytes);
	return (int)payload.bytes;
}

static int decode_u(void *dec, struct kk_view payload, int16_t *pcm)
{
	for (size_t i = 0; i < payload.bytes; i++)
		pcm[i] = ulaw_to_linear(payload.data[i]);
	codec_conceal_heard(dec, pcm, (int)payload.bytes);
	return (int)payload.bytes;
}

static bool conceal(void *dec, struct kk_view next, int16_t *pcm, int samples)
{
	(void)next;
	codec_conceal_lost(dec, pcm, samples);
	return true;
}

const struct codec_ops codec_g711_a = { enc_new, enc_free, encode_a, NULL, NULL,
	dec_new, dec_free, samples_of, NULL, NULL, NULL, decode_a, conceal };
const struct codec_ops codec_g711_u = { enc_new, enc_free, encode_u, NULL, NULL,
	dec_new, dec_free, samples_of, NULL, NULL, NULL, decode_u, conceal };
