/* rx.c - decoding, from the codec's rate to ours. */
#include <string.h>

#include "codec/codec_private.h"

enum {
	QUALITY = 3, /* of the resampler; for speech */
	STEP_SAMPLES = CODEC_HZ / 400 /* 2.5 ms */
};

struct codec_rx {
	const struct codec_ops *ops;
	void *dec;
	SpeexResamplerState *up; /* NULL: the rates are the same */
	unsigned times;   /* our rate is that of the codec */
	int16_t low[CODEC_PACKET_SAMPLES];
};

void codec_rx_free(struct codec_rx *rx)
{
	if (!rx)
		return;
	if (rx->dec)
		rx->ops->dec_free(rx->dec);
	if (rx->up)
		speex_resampler_destroy(rx->up);
	kk_free_wiped(rx, sizeof(*rx));
}

enum kk_err codec_rx_new(struct codec_rx **rxp, enum codec_id id)
{
	const struct codec_format *format = codec_format(id);
	struct codec_rx *rx;

	if (!format)
		return KK_EINVAL;
	rx = kk_calloc(1, sizeof(*rx));
	if (!rx)
		return KK_ENOMEM;
	rx->ops = codec_ops(id);
	rx->times = CODEC_HZ / format->pcm_hz;
	rx->dec = rx->ops->dec_new();
	if (rx->times > 1)
		rx->up = speex_resampler_init(1, format->pcm_hz, CODEC_HZ,
		    QUALITY, NULL);
	if (!rx->dec || (rx->times > 1 && !rx->up)) {
		codec_rx_free(rx);
		return KK_ENOMEM;
	}
	*rxp = rx;
	return KK_OK;
}

size_t codec_rx_samples(const struct codec_rx *rx, struct kk_view payload)
{
	int samples;

	if (payload.bytes == 0 || payload.bytes > CODEC_PAYLOAD_MAX_BYTES)
		return 0;
	samples = rx->ops->samples(payload);
	if (samples < 1 || (unsigned)samples * rx->times > CODEC_PACKET_SAMPLES)
		return 0;
	return (unsigned)samples * rx->times;
}

bool codec_rx_is_pause(const struct codec_rx *rx, struct kk_view payload)
{
	return rx->ops->is_pause && rx->ops->is_pause(payload);
}

static enum kk_err sample_up(struct codec_rx *rx, int16_t *pcm, size_t samples)
{
	spx_uint32_t in_count = (spx_uint32_t)(samples / rx->times);
	spx_uint32_t out_count = (spx_uint32_t)samples;

	if (!rx->up)
		memcpy(pcm, rx->low, samples * sizeof(*pcm));
	else if (speex_resampler_process_int(rx->up, 0, rx->low, &in_count, pcm,
		     &out_count) != RESAMPLER_ERR_SUCCESS ||
	    out_count != samples)
		return KK_EIO;
	return KK_OK;
}

enum kk_err codec_rx_decode(struct codec_rx *rx, struct kk_view payload,
    int16_t *pcm, size_t *samples)
{
	const size_t count = codec_rx_samples(rx, payload);
	enum kk_err err;
	int decoded;

	*samples = 0;
	if (count == 0)
		return KK_EFORMAT;
	decoded = rx->ops->decode(rx->dec, payload, rx->low);
	if (decoded < 0 || (unsigned)decoded * rx->times != count)
		return KK_EFORMAT;
	err = sample_up(rx, pcm, count);
	if (!err)
		*samples = count;
	return err;
}

enum kk_err codec_rx_conceal(struct codec_rx *rx, struct kk_view next,
    int16_t *pcm, size_t samples)
{
	if (samples == 0 || samples > CODEC_PACKET_SAMPLES ||
	    samples % STEP_SAMPLES != 0)
		return KK_EINVAL;
	if (next.bytes > CODEC_PAYLOAD_MAX_BYTES)
		next = (struct kk_view){ 0 };
	if (!rx->ops->conceal(rx->dec, next, rx->low,
		(int)(samples / rx->times)))
		memset(rx->low, 0, samples / rx->times * sizeof(rx->low[0]));
	return sample_up(rx, pcm, samples);
}
