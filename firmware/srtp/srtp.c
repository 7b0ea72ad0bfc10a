/* srtp.c - sealing and opening: the checks around a backend. */
#include "srtp/srtp.h"

#include "srtp/backend.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

enum { VERSION = 2, VERSION_SHIFT = 6 };

static void side_clear(struct srtp_side *side)
{
	if (side->state)
		side->backend->state_free(side->state);
	srtp_streams_clear(&side->streams);
}

static enum kk_err side_init(struct srtp_side *side,
    const struct srtp_backend *backend, struct engine_set *engines,
    enum srtp_profile profile, enum srtp_direction direction,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max)
{
	side->params = srtp_params_get(profile);
	side->backend = backend;
	if (!side->params || key.bytes != side->params->key_bytes ||
	    salt.bytes != side->params->salt_bytes || ssrcs_max == 0 ||
	    ssrcs_max > SRTP_SSRCS_MAX)
		return KK_EINVAL;
	/* Where the heap put it is nothing that a peer can know. */
	srtp_streams_init(&side->streams, ssrcs_max,
	    (uint32_t)((uintptr_t)side >> 4));
	return backend->state_new(&side->state, engines, side->params,
	    direction, key, salt);
}

/* A source's state, or that of one which has not begun and may. */
static enum kk_err stream_get(struct srtp_side *side, uint32_t ssrc,
    struct srtp_stream *fresh, struct srtp_stream **streamp)
{
	*streamp = srtp_streams_find(&side->streams, ssrc);
	if (*streamp)
		return KK_OK;
	*fresh = (struct srtp_stream){ .ssrc = ssrc };
	*streamp = fresh;
	return srtp_streams_reserve(&side->streams);
}

void srtp_side_keep(struct srtp_side *side, struct srtp_stream *stream,
    const struct srtp_stream *fresh)
{
	if (stream == fresh)
		srtp_streams_add(&side->streams, fresh);
}

/* The end of all that seals or opens. */
static enum kk_err side_end(struct srtp_side *side, struct srtp_stream *stream,
    const struct srtp_stream *fresh, enum kk_err err, uint8_t *out,
    size_t room_bytes, size_t *out_bytes)
{
	if (err) {
		*out_bytes = 0;
		kk_wipe(out, room_bytes); /* never hand on what failed */
		return err;
	}
	srtp_side_keep(side, stream, fresh);
	return KK_OK;
}

/* How much of the room a packet can touch; 0 with an error. */
static enum kk_err room_check(size_t bytes, size_t overhead_bytes,
    size_t *room_bytes)
{
	if (bytes > SRTP_PACKET_MAX_BYTES)
		return KK_ELIMIT;
	if (*room_bytes < bytes + overhead_bytes)
		return KK_ENOSPC;
	*room_bytes = bytes + overhead_bytes;
	return KK_OK;
}

/* --- sealing -------------------------------------------------------------- */

enum kk_err srtp_tx_make(struct srtp_tx **txp,
    const struct srtp_backend *backend, struct engine_set *engines,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max)
{
	struct srtp_tx *tx = kk_calloc(1, sizeof(*tx));
	enum kk_err err;

	if (!tx)
		return KK_ENOMEM;
	err = side_init(&tx->side, backend, engines, profile, SRTP_SEALS, key,
	    salt, ssrcs_max);
	if (err) {
		kk_free(tx);
		return err;
	}
	*txp = tx;
	return KK_OK;
}

void srtp_tx_free(struct srtp_tx *tx)
{
	if (!tx)
		return;
	side_clear(&tx->side);
	kk_free(tx);
}

/* The room, and the source's state. */
static enum kk_err rtp_begin(struct srtp_tx *tx, uint32_t ssrc,
    size_t packet_bytes, struct srtp_stream *fresh,
    struct srtp_stream **streamp, size_t *room_bytes)
{
	enum kk_err err = room_check(packet_bytes, SRTP_OVERHEAD_BYTES,
	    room_bytes);

	return err ? err : stream_get(&tx->side, ssrc, fresh, streamp);
}

enum kk_err srtp_tx_begin(struct srtp_tx *tx, struct kk_view header,
    struct kk_view payload, struct srtp_stream *fresh,
    struct srtp_stream **streamp, size_t *room_bytes)
{
	struct wire_rtp rtp;
	enum kk_err err = wire_rtp_header_parse(&rtp, header);

	if (err)
		return err;
	if (rtp.header_bytes != header.bytes)
		return KK_EFORMAT;
	if (payload.bytes > SRTP_PACKET_MAX_BYTES) /* no sum overflows */
		return KK_ELIMIT;
	return rtp_begin(tx, rtp.ssrc, header.bytes + payload.bytes, fresh,
	    streamp, room_bytes);
}

enum kk_err srtp_tx_seal_parts(struct srtp_tx *tx, struct kk_view header,
    struct kk_view payload, uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct srtp_stream fresh, *stream;
	enum kk_err err;

	*out_bytes = 0;
	err = srtp_tx_begin(tx, header, payload, &fresh, &stream, &room_bytes);
	if (err)
		return err;
	err = tx->side.backend->rtp_seal(tx->side.state, stream, header,
	    payload, out, out_bytes);
	return side_end(&tx->side, stream, &fresh, err, out, room_bytes,
	    out_bytes);
}

enum kk_err srtp_tx_seal_rtp(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct srtp_stream fresh, *stream;
	struct wire_rtp rtp;
	enum kk_err err;

	*out_bytes = 0;
	err = wire_rtp_header_parse(&rtp, packet);
	if (!err)
		err = rtp_begin(tx, rtp.ssrc, packet.bytes, &fresh, &stream,
		    &room_bytes);
	if (err)
		return err;
	err = tx->side.backend->rtp_seal(tx->side.state, stream,
	    kk_view_of(packet.data, rtp.header_bytes), rtp.payload, out,
	    out_bytes);
	return side_end(&tx->side, stream, &fresh, err, out, room_bytes,
	    out_bytes);
}

enum kk_err srtp_tx_seal_rtcp(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct srtp_stream fresh, *stream;
	struct wire_rtcp_iter it;
	enum kk_err err;

	*out_bytes = 0;
	err = wire_rtcp_begin(&it, packet, true);
	if (!err && packet.bytes < SRTP_RTCP_CLEAR_BYTES)
		err = KK_ETRUNC;
	if (!err)
		err = room_check(packet.bytes, SRTP_OVERHEAD_BYTES,
		    &room_bytes);
	if (!err)
		err = stream_get(&tx->side,
		    wire_get_u32(packet.data + SRTP_RTCP_SSRC_AT), &fresh,
		    &stream);
	if (err)
		return err;
	err = tx->side.backend->rtcp_seal(tx->side.state, stream, packet, out,
	    out_bytes);
	return side_end(&tx->side, stream, &fresh, err, out, room_bytes,
	    out_bytes);
}

/* --- opening -------------------------------------------------------------- */

enum kk_err srtp_rx_make(struct srtp_rx **rxp,
    const struct srtp_backend *backend, struct engine_set *engines,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max)
{
	struct srtp_rx *rx = kk_calloc(1, sizeof(*rx));
	enum kk_err err;

	if (!rx)
		return KK_ENOMEM;
	err = side_init(&rx->side, backend, engines, profile, SRTP_OPENS, key,
	    salt, ssrcs_max);
	if (err) {
		kk_free(rx);
		return err;
	}
	*rxp = rx;
	return KK_OK;
}

void srtp_rx_free(struct srtp_rx *rx)
{
	if (!rx)
		return;
	side_clear(&rx->side);
	kk_free(rx);
}

static enum kk_err rx_end(struct srtp_rx *rx, struct srtp_stream *stream,
    const struct srtp_stream *fresh, enum kk_err err, uint8_t *out,
    size_t room_bytes, size_t *out_bytes)
{
	if (!err)
		stream->used = ++rx->side.packets;
	return side_end(&rx->side, stream, fresh, err, out, room_bytes,
	    out_bytes);
}

enum kk_err srtp_rx_open_rtp(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct srtp_stream fresh, *stream;
	struct wire_rtp rtp;
	enum kk_err err;

	*out_bytes = 0;
	err = wire_rtp_header_parse(&rtp, packet);
	if (!err && rtp.payload.bytes < rx->side.params->rtp_tag_bytes)
		err = KK_ETRUNC;
	if (!err)
		err = room_check(packet.bytes, 0, &room_bytes);
	if (!err)
		err = stream_get(&rx->side, rtp.ssrc, &fresh, &stream);
	if (err)
		return err;
	err = rx->side.backend->rtp_open(rx->side.state, stream, packet,
	    rtp.header_bytes, out, out_bytes);
	return rx_end(rx, stream, &fresh, err, out, room_bytes, out_bytes);
}

enum kk_err srtp_rx_open_rtcp(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct srtp_stream fresh, *stream;
	enum kk_err err;

	*out_bytes = 0;
	if (packet.bytes <
	    (size_t)SRTP_RTCP_CLEAR_BYTES + rx->side.params->rtcp_tail_bytes)
		return KK_ETRUNC;
	if (packet.data[0] >> VERSION_SHIFT != VERSION)
		return KK_EFORMAT;
	err = room_check(packet.bytes, 0, &room_bytes);
	if (!err)
		err = stream_get(&rx->side,
		    wire_get_u32(packet.data + SRTP_RTCP_SSRC_AT), &fresh,
		    &stream);
	if (err)
		return err;
	err = rx->side.backend->rtcp_open(rx->side.state, stream, packet, out,
	    out_bytes);
	return rx_end(rx, stream, &fresh, err, out, room_bytes, out_bytes);
}

void srtp_rx_forget(struct srtp_rx *rx, uint32_t ssrc)
{
	if (!srtp_streams_find(&rx->side.streams, ssrc))
		return;
	srtp_streams_remove(&rx->side.streams, ssrc);
	rx->side.backend->forget(rx->side.state, ssrc);
}

bool srtp_rx_forget_oldest(struct srtp_rx *rx,
    bool (*is_held)(const void *arg, uint32_t ssrc), const void *arg)
{
	const struct srtp_streams *s = &rx->side.streams;
	const struct srtp_stream *oldest = NULL;

	for (size_t i = 0; i < s->count; i++) {
		if ((!oldest || s->list[i].used < oldest->used) &&
		    !is_held(arg, s->list[i].ssrc))
			oldest = &s->list[i];
	}
	if (!oldest)
		return false;
	srtp_rx_forget(rx, oldest->ssrc);
	return true;
}
