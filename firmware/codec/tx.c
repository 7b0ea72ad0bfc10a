/* tx.c - encoding, from our rate to the codec's. */
#include <string.h>

#include "codec/codec_private.h"

struct codec_tx {
	const struct codec_ops *ops;
	void *enc;
	struct codec_rate *down; /* NULL: the rates are the same */
	unsigned samples;    /* of a tick, at the codec's rate */
};

void codec_tx_free(struct codec_tx *tx)
{
	if (!tx)
		return;
	if (tx->enc)
		tx->ops->enc_free(tx->enc);
	codec_rate_free(tx->down);
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
		tx->down = codec_rate_new(CODEC_WAY_DOWN,
		    CODEC_HZ / format->pcm_hz);
	if (!tx->enc || (format->pcm_hz != CODEC_HZ && !tx->down)) {
		codec_tx_free(tx);
		return KK_ENOMEM;
	}
	*txp = tx;
	return KK_OK;
}

/* What the way down remembers is shorter than a tick. */
static void down_follow(struct codec_tx *tx, const int16_t *before)
{
	int16_t low[CODEC_TICK_SAMPLES];

	if (!tx->down)
		return;
	codec_rate_restart(tx->down);
	codec_rate_down(tx->down, before, low);
	kk_wipe(low, sizeof(low));
}

void codec_tx_retell(struct codec_tx *tx, bool is_on)
{
	if (tx->ops->enc_retell)
		tx->ops->enc_retell(tx->enc, is_on);
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
	if (tx->down)
		codec_rate_down(tx->down, pcm, low);
	bytes = tx->ops->encode(tx->enc, tx->down ? low : pcm, (int)tx->samples,
	    out);
	kk_wipe(low, sizeof(low));
	if (bytes < 0)
		return KK_EIO;
	*out_bytes = (size_t)bytes;
	return KK_OK;
}
