/* tx.c - sealing frames. */
#include "sframe/tx.h"

#include <string.h>

enum { AES_BLOCK_BYTES = 16 };

void sframe_tx_free(struct sframe_tx *tx)
{
	if (!tx)
		return;
	sframe_key_free(tx->key);
	kk_free_wiped(tx, sizeof(*tx));
}

enum kk_err sframe_tx_new(struct sframe_tx **txp,
    const struct sframe_params *params, const uint8_t *secret, uint64_t kid)
{
	struct sframe_tx *tx = kk_calloc(1, sizeof(*tx));
	enum kk_err err;

	if (!tx)
		return KK_ENOMEM;
	err = sframe_key_new(&tx->key, params, secret, kid);
	if (err) {
		sframe_tx_free(tx);
		return err;
	}
	*txp = tx;
	return KK_OK;
}

/* Takes the next counter out of the sender; from now on it is used, whether or
 * not the frame comes to be. */
static enum kk_err ctr_take(struct sframe_tx *tx, size_t frame_bytes,
    uint64_t *ctr)
{
	/* GHASH's key and the tag's mask are blocks of the cipher, too. */
	uint64_t blocks = frame_bytes / AES_BLOCK_BYTES + 3;

	if (tx->next_ctr >= SFRAME_TX_FRAMES_MAX ||
	    blocks > SFRAME_TX_BLOCKS_MAX - tx->block_count)
		return KK_ESPENT;
	tx->block_count += blocks;
	*ctr = tx->next_ctr++;
	return KK_OK;
}

static enum kk_err frame_check(struct kk_view frame, size_t clear_bytes,
    size_t room_bytes)
{
	if (clear_bytes > SFRAME_CLEAR_MAX_BYTES || clear_bytes > frame.bytes)
		return KK_EINVAL;
	if (frame.bytes > SFRAME_FRAME_MAX_BYTES)
		return KK_ELIMIT;
	if (room_bytes < frame.bytes + SFRAME_OVERHEAD_BYTES)
		return KK_ENOSPC;
	return KK_OK;
}

enum kk_err sframe_tx_seal(struct sframe_tx *tx, struct kk_view frame,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes)
{
	const size_t room_bytes = *out_bytes;
	const size_t secret_bytes = frame.bytes - clear_bytes;
	uint8_t joined[SFRAME_AAD_MAX_BYTES];
	struct kk_view prefix = kk_view_of(frame.data, clear_bytes), aad, body;
	size_t header_bytes, sealed_bytes;
	enum kk_err err;
	uint64_t ctr;

	*out_bytes = 0;
	err = frame_check(frame, clear_bytes, room_bytes);
	if (!err)
		err = ctr_take(tx, frame.bytes, &ctr);
	if (err)
		return err;
	if (clear_bytes)
		memcpy(out, frame.data, clear_bytes);
	header_bytes = wire_sframe_write(sframe_key_kid(tx->key), ctr,
	    out + clear_bytes);
	aad = sframe_aad_join(kk_view_of(out + clear_bytes, header_bytes),
	    prefix, joined);
	body = kk_view_of(secret_bytes ? frame.data + clear_bytes : NULL,
	    secret_bytes);
	sealed_bytes = clear_bytes + header_bytes + secret_bytes +
	    sframe_key_params(tx->key)->tag_bytes;
	err = sframe_key_seal(tx->key, ctr, aad, body,
	    out + clear_bytes + header_bytes);
	if (err) {
		kk_wipe(out, sealed_bytes); /* plaintext may stand there */
		return err;
	}
	*out_bytes = sealed_bytes;
	return KK_OK;
}
