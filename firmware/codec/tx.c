/* tx.c - encoding, from our rate to the codec's. */
#include <string.h>

#include "codec/codec_private.h"

struct codec_tx {
	const struct codec_ops *ops;
	void *enc;
	SpeexResamplerState *down; /* NULL: the rates are the same */
	unsigned samples;    /* of a tick, at the codec's rate */
};

void codec_tx_free(struct codec_tx *tx)
{
	if (!tx)
		return;
	if (tx->enc)
		tx->ops->enc_free(tx->enc);
	if (tx->down)
		speex_resampler_destroy(tx->down);
	kk_free(tx);
}

enum kk_err codec_tx_new(struct codec_tx **txp, enum codec_id id)
{
	const struct codec_format *format = codec_format(id);
	struct codec_tx *tx;

	if (!format)
		return KK_EINVAL;
	tx = kk_calloc(1, sizeof(*tx));
	if (!tx)
		return KK_ENOMEM;
	tx->ops = codec_ops(id);
	tx->samples = format->pcm_hz / (CODEC_HZ / CODEC_TICK_SAMPLES);
	tx->enc = tx->ops->enc_new();
	if (format->pcm_hz != CODEC_HZ)
		tx->down = speex_resampler_init(1, CODEC_HZ, format->pcm_hz,
		    CODEC_QUALITY_DOWN, NULL);
	if (!tx->enc || (format->pcm_hz != CODEC_HZ && !tx->down)) {
		codec_tx_free(tx);
		return KK_ENOMEM;
	}
	*txp = tx;
	return KK_OK;
}

/* The resampler gives what its state has room for; over a row of ticks these
 * are all, in each the same number. */
static bool sample_down(struct codec_tx *tx, const int16_t *pcm, int16_t *out)
{
	spx_uint32_t in_count = CODEC_TICK_SAMPLES, out_count = tx->samples;

	if (speex_resampler_process_int(tx->down, 0, pcm, &in_count, out,
		&out_count) != RESAMPLER_ERR_SUCCESS)
		return false;
	return in_count == CODEC_TICK_SAMPLES && out_count == tx->samples;
}

/* What the resampler remembers is shorter than a tick. */
static void down_follow(struct codec_tx *tx, const int16_t *before)
{
	int16_t low[CODEC_TICK_SAMPLES];

	if (!tx->down)
		return;
	(void)speex_resampler_reset_mem(tx->down);
	(void)sample_down(tx, before, low);
	kk_wipe(low, sizeof(low));
}

void codec_tx_follow(struct codec_tx *tx, const struct codec_tx *of,
    const int16_t *before)
{
	if (before)
		down_follow(tx, before);
	if (tx->ops->enc_follow)
		tx->ops->enc_follow(tx->enc, of->enc);
}

void codec_tx_restart(struct codec_tx *tx, const int16_t *before)
{
	if (before)
		down_follow(tx, before);
	if (tx->ops->enc_restart)
		tx->ops->enc_restart(tx->enc);
}

enum kk_err codec_tx_encode(struct codec_tx *tx, const int16_t *pcm,
    uint8_t *out, size_t *out_bytes)
{
	int16_t low[CODEC_TICK_SAMPLES];
	const size_t room = *out_bytes;
	int bytes;

	*out_bytes = 0;
	if (room < CODEC_PAYLOAD_BYTES)
		return KK_ENOSPC;
	if (tx->down && !sample_down(tx, pcm, low))
		return KK_EIO;
	bytes = tx->ops->encode(tx->enc, tx->down ? low : pcm, (int)tx->samples,
	    out);
	kk_wipe(low, sizeof(low));
	if (bytes < 0)
		return KK_EIO;
	*out_bytes = (size_t)bytes;
	return KK_OK;
}
