/* srtp.c - sealing and opening: the checks around a backend. */
#include "srtp/srtp.h"

#include "srtp/backend.h"
#include "srtp/ssrcs.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

enum {
	RTCP_MIN_BYTES = 8, /* RFC 3711, 3.4: what stays clear */
	RTCP_SSRC_AT = 4,
	VERSION = 2,
	VERSION_SHIFT = 6
};

struct side { /* one direction; tx and rx differ in their checks only */
	const struct srtp_params *params;
	const struct srtp_backend *backend;
	void *state;
	struct srtp_ssrcs ssrcs;
};

struct srtp_tx {
	struct side side;
};

struct srtp_rx {
	struct side side;
};

static void side_clear(struct side *side)
{
	if (side->state)
		side->backend->state_free(side->state);
	srtp_ssrcs_clear(&side->ssrcs);
}

static enum kk_err side_init(struct side *side, enum srtp_profile profile,
    enum srtp_direction direction, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max)
{
	enum kk_err err;

	side->params = srtp_params_get(profile);
	side->backend = &srtp_backend_libsrtp;
	if (!side->params || key.bytes != side->params->key_bytes ||
	    salt.bytes != side->params->salt_bytes || ssrcs_max == 0 ||
	    ssrcs_max > SRTP_SSRCS_MAX)
		return KK_EINVAL;
	err = srtp_ssrcs_init(&side->ssrcs, ssrcs_max);
	if (!err)
		err = side->backend->state_new(&side->state, side->params,
		    direction, key, salt);
	if (err)
		side_clear(side);
	return err;
}

typedef enum kk_err run_fn(void *state, struct kk_view packet, uint8_t *out,
    size_t *out_bytes);

/* The packet's form has been checked, and its source is known. */
static enum kk_err side_run(struct side *side, run_fn *run, uint32_t ssrc,
    struct kk_view packet, uint8_t *out, size_t room_bytes, size_t *out_bytes)
{
	const bool is_known = srtp_ssrcs_has(&side->ssrcs, ssrc);
	enum kk_err err;

	if (!is_known && srtp_ssrcs_is_full(&side->ssrcs))
		return KK_ELIMIT;
	err = run(side->state, packet, out, out_bytes);
	if (err) {
		*out_bytes = 0;
		kk_wipe(out, room_bytes); /* never hand on what failed */
		return err;
	}
	if (!is_known)
		srtp_ssrcs_add(&side->ssrcs, ssrc);
	return KK_OK;
}

/* How much of the room a packet can touch; 0 with an error. */
static enum kk_err room_check(struct kk_view packet, size_t overhead_bytes,
    size_t *room_bytes)
{
	if (packet.bytes > SRTP_PACKET_MAX_BYTES)
		return KK_ELIMIT;
	if (*room_bytes < packet.bytes + overhead_bytes)
		return KK_ENOSPC;
	*room_bytes = packet.bytes + overhead_bytes;
	return KK_OK;
}

/* --- sealing -------------------------------------------------------------- */

enum kk_err srtp_tx_new(struct srtp_tx **txp, enum srtp_profile profile,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max)
{
	struct srtp_tx *tx = kk_calloc(1, sizeof(*tx));
	enum kk_err err;

	if (!tx)
		return KK_ENOMEM;
	err = side_init(&tx->side, profile, SRTP_SEALS, key, salt, ssrcs_max);
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

enum kk_err srtp_tx_seal_rtp(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct wire_rtp rtp;
	enum kk_err err;

	*out_bytes = 0;
	err = wire_rtp_header_parse(&rtp, packet);
	if (!err)
		err = room_check(packet, SRTP_OVERHEAD_BYTES, &room_bytes);
	if (err)
		return err;
	return side_run(&tx->side, tx->side.backend->rtp_run, rtp.ssrc, packet,
	    out, room_bytes, out_bytes);
}

enum kk_err srtp_tx_seal_rtcp(struct srtp_tx *tx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct wire_rtcp_iter it;
	enum kk_err err;

	*out_bytes = 0;
	err = wire_rtcp_begin(&it, packet, true);
	if (!err && packet.bytes < RTCP_MIN_BYTES)
		err = KK_ETRUNC;
	if (!err)
		err = room_check(packet, SRTP_OVERHEAD_BYTES, &room_bytes);
	if (err)
		return err;
	return side_run(&tx->side, tx->side.backend->rtcp_run,
	    wire_get_u32(packet.data + RTCP_SSRC_AT), packet, out, room_bytes,
	    out_bytes);
}

/* --- opening -------------------------------------------------------------- */

enum kk_err srtp_rx_new(struct srtp_rx **rxp, enum srtp_profile profile,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max)
{
	struct srtp_rx *rx = kk_calloc(1, sizeof(*rx));
	enum kk_err err;

	if (!rx)
		return KK_ENOMEM;
	err = side_init(&rx->side, profile, SRTP_OPENS, key, salt, ssrcs_max);
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

enum kk_err srtp_rx_open_rtp(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	struct wire_rtp rtp;
	enum kk_err err;

	*out_bytes = 0;
	err = wire_rtp_header_parse(&rtp, packet);
	if (!err && rtp.payload.bytes < rx->side.params->rtp_tag_bytes)
		err = KK_ETRUNC;
	if (!err)
		err = room_check(packet, 0, &room_bytes);
	if (err)
		return err;
	return side_run(&rx->side, rx->side.backend->rtp_run, rtp.ssrc, packet,
	    out, room_bytes, out_bytes);
}

enum kk_err srtp_rx_open_rtcp(struct srtp_rx *rx, struct kk_view packet,
    uint8_t *out, size_t *out_bytes)
{
	size_t room_bytes = *out_bytes;
	enum kk_err err;

	*out_bytes = 0;
	if (packet.bytes <
	    (size_t)RTCP_MIN_BYTES + rx->side.params->rtcp_tail_bytes)
		return KK_ETRUNC;
	if (packet.data[0] >> VERSION_SHIFT != VERSION)
		return KK_EFORMAT;
	err = room_check(packet, 0, &room_bytes);
	if (err)
		return err;
	return side_run(&rx->side, rx->side.backend->rtcp_run,
	    wire_get_u32(packet.data + RTCP_SSRC_AT), packet, out, room_bytes,
	    out_bytes);
}
