/*
 * libsrtp.c - libsrtp2 as a backend.
 *
 * It works in place and without sizes; here is where they meet.  It makes a
 * stream for each new SSRC out of a template, when opening only after the
 * packet has proved authentic.
 */
#include <srtp2/srtp.h>
#include <string.h>

#include "srtp/backend.h"

struct session {
	srtp_t srtp;
	enum srtp_direction direction;
};

enum kk_err srtp_library_init(void)
{
	srtp_err_status_t status = srtp_init();

	/* It tests itself again when it is called again, and then finds its
	 * debug module registered, which is all that bad_param means here. */
	if (status == srtp_err_status_ok || status == srtp_err_status_bad_param)
		return KK_OK;
	return KK_ECRYPTO;
}

static enum kk_err status_err(srtp_err_status_t status)
{
	switch (status) {
	case srtp_err_status_ok:
		return KK_OK;
	case srtp_err_status_auth_fail:
	case srtp_err_status_cant_check: /* SRTCP that says it is clear */
		return KK_EAUTH;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
	case srtp_err_status_pkt_idx_old:
		return KK_EREPLAY;
	case srtp_err_status_key_expired:
		return KK_ESPENT;
	case srtp_err_status_alloc_fail:
		return KK_ENOMEM;
	case srtp_err_status_bad_param:
	case srtp_err_status_parse_err:
		return KK_EFORMAT;
	default:
		return KK_ECRYPTO;
	}
}

static enum kk_err policy_init(srtp_policy_t *policy,
    const struct srtp_params *params, enum srtp_direction direction)
{
	/* libsrtp2's numbers are IANA's, too. */
	srtp_profile_t profile = (srtp_profile_t)params->id;

	*policy = (srtp_policy_t){ .window_size = SRTP_REPLAY_PACKETS };
	if (srtp_crypto_policy_set_from_profile_for_rtp(&policy->rtp,
		profile) ||
	    srtp_crypto_policy_set_from_profile_for_rtcp(&policy->rtcp,
		profile))
		return KK_ECRYPTO;
	policy->ssrc.type = direction == SRTP_SEALS ? ssrc_any_outbound :
						      ssrc_any_inbound;
	return KK_OK;
}

static enum kk_err session_make(struct session *session,
    const struct srtp_params *params, struct kk_view key, struct kk_view salt)
{
	uint8_t joined[SRTP_KEY_MAX_BYTES + SRTP_SALT_MAX_BYTES];
	srtp_policy_t policy;
	enum kk_err err = policy_init(&policy, params, session->direction);

	if (err)
		return err;
	memcpy(joined, key.data, key.bytes);
	memcpy(joined + key.bytes, salt.data, salt.bytes);
	policy.key = joined;
	err = status_err(srtp_create(&session->srtp, &policy));
	kk_wipe(joined, sizeof(joined));
	return err == KK_EFORMAT ? KK_ECRYPTO : err;
}

static enum kk_err session_new(void **statep, struct engine_set *engines,
    const struct srtp_params *params, enum srtp_direction direction,
    struct kk_view key, struct kk_view salt)
{
	struct session *session = kk_calloc(1, sizeof(*session));
	enum kk_err err;

	(void)engines;
	if (!session)
		return KK_ENOMEM;
	session->direction = direction;
	err = session_make(session, params, key, salt);
	if (err) {
		kk_free(session);
		return err;
	}
	*statep = session;
	return KK_OK;
}

static void session_free(void *state)
{
	struct session *session = state;

	/* It wipes its keys; there is nothing to be done about a failure. */
	(void)srtp_dealloc(session->srtp);
	kk_free(session);
}

typedef srtp_err_status_t in_place_fn(srtp_t srtp, void *packet, int *bytes);

/* out holds the packet already. */
static enum kk_err in_place_run(struct session *session, in_place_fn *run,
    uint8_t *out, size_t in_bytes, size_t *out_bytes)
{
	int bytes = (int)in_bytes; /* SRTP_PACKET_MAX_BYTES at most */
	enum kk_err err = status_err(run(session->srtp, out, &bytes));

	if (!err)
		*out_bytes = (size_t)bytes;
	return err;
}

/* Streams are the library's own. */
static enum kk_err rtp_seal(void *state, struct srtp_stream *stream,
    struct kk_view header, struct kk_view payload, uint8_t *out,
    size_t *out_bytes)
{
	(void)stream;
	memcpy(out, header.data, header.bytes);
	if (payload.bytes > 0)
		memcpy(out + header.bytes, payload.data, payload.bytes);
	return in_place_run(state, srtp_protect, out,
	    header.bytes + payload.bytes, out_bytes);
}

static enum kk_err rtp_open(void *state, struct srtp_stream *stream,
    struct kk_view packet, size_t header_bytes, uint8_t *out, size_t *out_bytes)
{
	(void)stream;
	(void)header_bytes;
	memcpy(out, packet.data, packet.bytes);
	return in_place_run(state, srtp_unprotect, out, packet.bytes,
	    out_bytes);
}

static enum kk_err rtcp_seal(void *state, struct srtp_stream *stream,
    struct kk_view packet, uint8_t *out, size_t *out_bytes)
{
	(void)stream;
	memcpy(out, packet.data, packet.bytes);
	return in_place_run(state, srtp_protect_rtcp, out, packet.bytes,
	    out_bytes);
}

static enum kk_err rtcp_open(void *state, struct srtp_stream *stream,
    struct kk_view packet, uint8_t *out, size_t *out_bytes)
{
	(void)stream;
	memcpy(out, packet.data, packet.bytes);
	return in_place_run(state, srtp_unprotect_rtcp, out, packet.bytes,
	    out_bytes);
}

static void forget(void *state, uint32_t ssrc)
{
	const struct session *session = state;

	/* It is there, or else there is nothing to forget. */
	(void)srtp_remove_stream(session->srtp, ssrc);
}

const struct srtp_backend srtp_backend_libsrtp = { "libsrtp2", session_new,
	session_free, rtp_seal, rtp_open, rtcp_seal, rtcp_open, forget };

/* --- objects -------------------------------------------------------------- */

enum kk_err srtp_tx_new(struct srtp_tx **txp, enum srtp_profile profile,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max)
{
	return srtp_tx_make(txp, &srtp_backend_libsrtp, NULL, profile, key,
	    salt, ssrcs_max);
}

enum kk_err srtp_rx_new(struct srtp_rx **rxp, enum srtp_profile profile,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max)
{
	return srtp_rx_make(rxp, &srtp_backend_libsrtp, NULL, profile, key,
	    salt, ssrcs_max);
}
