/* tx.c - packets for a telephone; RFC 3550, 5.1 and RFC 3551, 4.1. */
#include "phone/phone_private.h"

struct phone_tx {
	uint32_t ssrc, timestamp;
	uint16_t seq;
	uint8_t payload_type;
	uint32_t step; /* of the timestamp, a tick */
	bool was_silent;
	struct phone_keys keys;
};

enum { TICKS_A_S = CODEC_HZ / CODEC_TICK_SAMPLES, RTP_HZ_MAX = 192000 };

static bool is_event_type(const struct phone_config *c)
{
	return c->event_type == PHONE_NO_TYPE ||
	    (c->event_type >= 0 && c->event_type <= 127 &&
		c->event_type != c->payload_type);
}

enum kk_err phone_tx_change(struct phone_tx *tx,
    const struct phone_config *config)
{
	const struct codec_format *format = codec_format(config->codec);

	if (!format || config->payload_type < 0 || config->payload_type > 127 ||
	    !is_event_type(config) || config->event_hz > RTP_HZ_MAX)
		return KK_EINVAL;
	tx->payload_type = (uint8_t)config->payload_type;
	tx->step = format->rtp_hz / TICKS_A_S;
	phone_keys_change(&tx->keys, config->event_type,
	    (uint16_t)((config->event_hz ? config->event_hz : format->rtp_hz) /
		TICKS_A_S));
	return KK_OK;
}

enum kk_err phone_tx_new(struct phone_tx **txp,
    const struct phone_config *config, uint32_t ssrc, uint16_t seq,
    uint32_t timestamp)
{
	struct phone_tx *tx = kk_calloc(1, sizeof(*tx));
	enum kk_err err;

	if (!tx)
		return KK_ENOMEM;
	err = phone_tx_change(tx, config);
	if (err) {
		kk_free(tx);
		return err;
	}
	tx->ssrc = ssrc;
	tx->seq = seq;
	tx->timestamp = timestamp;
	tx->was_silent = true;
	*txp = tx;
	return KK_OK;
}

void phone_tx_free(struct phone_tx *tx)
{
	if (tx)
		kk_free_wiped(tx, sizeof(*tx));
}

enum kk_err phone_tx_digits(struct phone_tx *tx, const char *digits)
{
	return phone_keys_add(&tx->keys, digits);
}

enum kk_err phone_tx_packet(struct phone_tx *tx, const struct kk_view *payload,
    uint8_t *out, size_t *out_bytes)
{
	struct wire_rtp rtp = { .payload_type = tx->payload_type,
		.ssrc = tx->ssrc };
	uint8_t event[PHONE_EVENT_BYTES];
	struct wire_out w;

	if (*out_bytes < PHONE_PACKET_BYTES)
		return KK_ENOSPC;
	if (payload && payload->bytes > CODEC_PAYLOAD_BYTES)
		return KK_EINVAL;
	wire_out_init(&w, out, *out_bytes);
	*out_bytes = 0;
	tx->timestamp += tx->step;
	if (!payload) {
		tx->was_silent = true;
		phone_keys_held(&tx->keys);
		return KK_OK;
	}
	rtp.seq = tx->seq++;
	if (phone_keys_tick(&tx->keys, tx->timestamp, &rtp, event)) {
		tx->was_silent = true;
	} else {
		rtp.timestamp = tx->timestamp;
		rtp.has_marker = tx->was_silent; /* a talkspurt begins */
		rtp.payload = *payload;
		tx->was_silent = false;
	}
	wire_rtp_write(&w, &rtp);
	kk_wipe(event, sizeof(event));
	*out_bytes = w.bytes;
	return w.err;
}

void phone_tx_skip(struct phone_tx *tx, uint32_t ticks)
{
	tx->timestamp += tx->step * ticks;
	tx->was_silent = tx->was_silent || ticks > 0;
	if (ticks > 0)
		phone_keys_held(&tx->keys);
}
