/* rx.c - decoding, from the codec's rate to ours. */
#include <string.h>

#include "codec/codec_private.h"

enum { STEPS = 400 /* of 2.5 ms, in a second */ };

struct codec_rx {
	const struct codec_ops *ops;
	void *dec;
	unsigned hz; /* of the codec */
	struct codec_rate *up; /* NULL: the rates are the same */
	unsigned times;   /* the rate that is given is that of the codec */
	int16_t low[CODEC_PACKET_SAMPLES];
};

void codec_rx_free(struct codec_rx *rx)
{
	if (!rx)
		return;
	if (rx->dec)
		rx->ops->dec_free(rx->dec);
	codec_rate_free(rx->up);
	kk_free_wiped(rx, sizeof(*rx));
}

static enum kk_err rx_new(struct codec_rx **rxp, enum codec_id id,
    bool is_plain)
{
	const struct codec_format *format = codec_format(id);
	struct codec_rx *rx;

	if (!format)
		return KK_EINVAL;
	rx = kk_calloc(1, sizeof(*rx));
	if (!rx)
		return KK_ENOMEM;
	rx->ops = codec_ops(id);
	rx->hz = format->pcm_hz;
	rx->times = is_plain ? 1 : CODEC_HZ / rx->hz;
	rx->dec = rx->ops->dec_new();
	if (rx->times > 1)
		rx->up = codec_rate_new(CODEC_WAY_UP, rx->times);
	if (!rx->dec || (rx->times > 1 && !rx->up)) {
		codec_rx_free(rx);
		return KK_ENOMEM;
	}
	*rxp = rx;
	return KK_OK;
}

enum kk_err codec_rx_new(struct codec_rx **rxp, enum codec_id id)
{
	return rx_new(rxp, id, false);
}

enum kk_err codec_rx_new_plain(struct codec_rx **rxp, enum codec_id id)
{
	return rx_new(rxp, id, true);
}

static size_t packet_max(const struct codec_rx *rx)
{
	return CODEC_PACKET_SAMPLES / (CODEC_HZ / rx->hz);
}

size_t codec_rx_samples(const struct codec_rx *rx, struct kk_view payload)
{
	int samples;

	if (payload.bytes == 0 || payload.bytes > CODEC_PAYLOAD_MAX_BYTES)
		return 0;
	samples = rx->ops->samples(payload);
	if (samples < 1 || (size_t)samples > packet_max(rx))
		return 0;
	return (unsigned)samples * rx->times;
}

bool codec_rx_is_pause(const struct codec_rx *rx, struct kk_view payload)
{
	return rx->ops->is_pause && rx->ops->is_pause(payload);
}

enum codec_says codec_rx_says(const struct codec_rx *rx, struct kk_view payload)
{
	return rx->ops->says ? rx->ops->says(payload) : CODEC_SAYS_NOTHING;
}

void codec_rx_skip(struct codec_rx *rx)
{
	if (rx->ops->dec_restart)
		rx->ops->dec_restart(rx->dec);
}

static void sample_up(struct codec_rx *rx, int16_t *pcm, size_t samples)
{
	if (rx->up)
		codec_rate_up(rx->up, rx->low, samples / rx->times, pcm);
}

enum kk_err codec_rx_decode(struct codec_rx *rx, struct kk_view payload,
    int16_t *pcm, size_t *samples)
{
	const size_t count = codec_rx_samples(rx, payload);
	int decoded;

	*samples = 0;
	if (count == 0)
		return KK_EFORMAT;
	decoded = rx->ops->decode(rx->dec, payload, rx->up ? rx->low : pcm);
	if (decoded < 0 || (unsigned)decoded * rx->times != count)
		return KK_EFORMAT;
	sample_up(rx, pcm, count);
	*samples = count;
	return KK_OK;
}

enum kk_err codec_rx_conceal(struct codec_rx *rx, struct kk_view next,
    int16_t *pcm, size_t samples)
{
	int16_t *low = rx->up ? rx->low : pcm;

	if (samples == 0 || samples / rx->times > packet_max(rx) ||
	    samples % (rx->hz * rx->times / STEPS) != 0)
		return KK_EINVAL;
	if (next.bytes > CODEC_PAYLOAD_MAX_BYTES)
		next = (struct kk_view){ 0 };
	if (!rx->ops->conceal(rx->dec, next, low, (int)(samples / rx->times)))
		memset(low, 0, samples / rx->times * sizeof(*low));
	sample_up(rx, pcm, samples);
	return KK_OK;
}
