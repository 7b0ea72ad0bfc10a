/* backend.h - what does the transform behind srtp.h.  Internal. */
#pragma once
#include "srtp/srtp.h"

struct srtp_params { /* of a profile */
	enum srtp_profile id;
	const char *name;
	uint8_t key_bytes, salt_bytes; /* of the master key */
	uint8_t rtp_tag_bytes;
	uint8_t rtcp_tail_bytes; /* tag and index */
};

const struct srtp_params *srtp_params_get(enum srtp_profile profile);

enum srtp_direction { SRTP_SEALS, SRTP_OPENS };

/*
 * One master key in one direction.  srtp.c has checked lengths, room, the outer
 * form of the packet and the number of SSRCs, and wipes out on error.
 */
struct srtp_backend {
	const char *name;
	/* key and salt are borrowed; *statep is written on success only. */
	enum kk_err (*state_new)(void **statep,
	    const struct srtp_params *params, enum srtp_direction direction,
	    struct kk_view key, struct kk_view salt);
	void (*state_free)(void *state); /* wipes */
	/* *out_bytes is set on success only. */
	enum kk_err (*rtp_run)(void *state, struct kk_view packet, uint8_t *out,
	    size_t *out_bytes);
	enum kk_err (*rtcp_run)(void *state, struct kk_view packet,
	    uint8_t *out, size_t *out_bytes);
};

extern const struct srtp_backend srtp_backend_libsrtp;
