/* rx.c - opening frames. */
#include "sframe/rx.h"

#include <string.h>

/* A frame on its way through sframe_rx_open(). */
struct rx_frame {
	struct kk_view prefix;
	struct kk_view header_bytes;
	struct kk_view body; /* ciphertext and tag */
	struct wire_sframe hdr;
	struct sframe_kid kid;
	size_t plain_bytes; /* prefix and plaintext */
};

void sframe_rx_free(struct sframe_rx *rx)
{
	if (!rx)
		return;
	for (size_t low = 0; low < SFRAME_RX_LOW_EPOCHS; low++)
		sframe_rx_epoch_drop(rx, low);
	kk_free_wiped(rx, sizeof(*rx));
}

enum kk_err sframe_rx_new(struct sframe_rx **rxp, enum sframe_suite suite)
{
	const struct sframe_params *params = sframe_params_get(suite);
	struct sframe_rx *rx;

	if (!params)
		return KK_EINVAL;
	rx = kk_calloc(1, sizeof(*rx));
	if (!rx)
		return KK_ENOMEM;
	rx->params = params;
	*rxp = rx;
	return KK_OK;
}

const struct sframe_rx_stats *sframe_rx_stats_get(const struct sframe_rx *rx)
{
	return &rx->stats;
}

/* Takes the frame apart, without any key. */
static enum kk_err frame_parse(struct rx_frame *f, struct kk_view in,
    size_t clear_bytes, size_t tag_bytes)
{
	struct kk_view sealed;
	enum kk_err err;

	if (in.bytes > SFRAME_FRAME_MAX_BYTES + SFRAME_OVERHEAD_BYTES)
		return KK_ELIMIT;
	if (in.bytes < clear_bytes)
		return KK_ETRUNC;
	f->prefix = kk_view_of(in.data, clear_bytes);
	sealed = kk_view_of(clear_bytes ? in.data + clear_bytes : in.data,
	    in.bytes - clear_bytes);
	err = wire_sframe_parse(&f->hdr, sealed);
	if (err)
		return err;
	if (sealed.bytes - f->hdr.bytes < tag_bytes)
		return KK_ETRUNC;
	f->header_bytes = kk_view_of(sealed.data, f->hdr.bytes);
	f->body = kk_view_of(sealed.data + f->hdr.bytes,
	    sealed.bytes - f->hdr.bytes);
	f->plain_bytes = clear_bytes + f->body.bytes - tag_bytes;
	return KK_OK;
}

/* The epoch of a frame that a member of it may have sent. */
static enum kk_err epoch_find(const struct sframe_rx *rx, struct rx_frame *f,
    struct sframe_rx_epoch **epochp)
{
	struct sframe_rx_epoch *epoch;

	if (sframe_kid_split(&f->kid, f->hdr.kid))
		return KK_ENOKEY; /* no member makes such a KID */
	epoch = rx->epochs[f->kid.epoch];
	if (!epoch || !sframe_rx_is_member(epoch, f->kid.sender))
		return KK_ENOKEY;
	f->kid.epoch = epoch->epoch;
	*epochp = epoch;
	return KK_OK;
}

static enum kk_err frame_open(struct sframe_rx_key *key,
    const struct rx_frame *f, uint8_t *out)
{
	uint8_t joined[SFRAME_AAD_MAX_BYTES];
	struct kk_view aad = sframe_aad_join(f->header_bytes, f->prefix,
	    joined);
	enum kk_err err;

	if (!sframe_replay_is_fresh(&key->replay, f->hdr.ctr))
		return KK_EREPLAY;
	err = sframe_key_open(key->key, f->hdr.ctr, aad, f->body,
	    out + f->prefix.bytes);
	if (err) {
		kk_wipe(out, f->plain_bytes); /* never hand on unverified */
		return err;
	}
	if (f->prefix.bytes)
		memcpy(out, f->prefix.data, f->prefix.bytes);
	/* Only authentic frames move the window. */
	sframe_replay_mark(&key->replay, f->hdr.ctr);
	return KK_OK;
}

/* The first frame of a KID: a forged one must leave no key behind, or forgers
 * would fill the table. */
static enum kk_err first_open(struct sframe_rx *rx,
    struct sframe_rx_epoch *epoch, const struct rx_frame *f, uint8_t *out)
{
	struct sframe_rx_key *key;
	enum kk_err err = sframe_rx_key_new(&key, rx, epoch, f->hdr.kid);

	if (err)
		return err;
	err = frame_open(key, f, out);
	if (err)
		sframe_rx_key_free(key);
	else
		sframe_rx_key_give(rx, epoch, key);
	return err;
}

static enum kk_err frame_receive(struct sframe_rx *rx, struct rx_frame *f,
    size_t room_bytes, uint8_t *out)
{
	struct sframe_rx_epoch *epoch;
	struct sframe_rx_key *key;
	enum kk_err err;

	if (room_bytes < f->plain_bytes)
		return KK_ENOSPC;
	err = epoch_find(rx, f, &epoch);
	if (err)
		return err;
	key = sframe_rx_key_get(epoch, f->hdr.kid);
	if (!key)
		return first_open(rx, epoch, f, out);
	return frame_open(key, f, out);
}

static void outcome_count(struct sframe_rx_stats *stats, enum kk_err err)
{
	switch (err) {
	case KK_OK:
		stats->opened_count++;
		break;
	case KK_ETRUNC:
	case KK_EMINIMAL:
		stats->malformed_count++;
		break;
	case KK_ENOKEY:
		stats->unknown_count++;
		break;
	case KK_EREPLAY:
		stats->replayed_count++;
		break;
	case KK_EAUTH:
		stats->forged_count++;
		break;
	default: /* the caller's fault or the machine's, not the frame's */
		break;
	}
}

enum kk_err sframe_rx_open(struct sframe_rx *rx, struct kk_view sealed,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes,
    struct sframe_source *source)
{
	const size_t room_bytes = *out_bytes;
	struct rx_frame f;
	enum kk_err err;

	*out_bytes = 0;
	if (clear_bytes > SFRAME_CLEAR_MAX_BYTES)
		return KK_EINVAL;
	if (sealed.bytes == 0)
		return KK_ETRUNC; /* not counted: see the header */
	err = frame_parse(&f, sealed, clear_bytes, rx->params->tag_bytes);
	if (!err)
		err = frame_receive(rx, &f, room_bytes, out);
	outcome_count(&rx->stats, err);
	if (err)
		return err;
	if (source)
		*source = (struct sframe_source){ f.kid, f.hdr.ctr };
	*out_bytes = f.plain_bytes;
	return KK_OK;
}
