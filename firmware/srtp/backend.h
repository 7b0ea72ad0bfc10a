/* backend.h - what does the transform behind srtp.h.  Internal. */
#pragma once
#include "srtp/streams.h"

struct srtp_params { /* of a profile */
	enum srtp_profile id;
	const char *name;
	uint8_t key_bytes, salt_bytes; /* of the master key */
	uint8_t rtp_tag_bytes;
	uint8_t rtcp_tail_bytes; /* tag and index */
};

const struct srtp_params *srtp_params_get(enum srtp_profile profile);

enum srtp_direction { SRTP_SEALS, SRTP_OPENS };

enum {
	SRTP_SEQ_AT = 2, /* RFC 3550, 5.1 */
	SRTP_RTCP_CLEAR_BYTES = 8, /* RFC 3711, 3.4: what stays clear */
	SRTP_RTCP_SSRC_AT = 4,
	SRTP_RTCP_INDEX_BYTES = 4
};

/*
 * One master key in one direction.  srtp.c has checked lengths, room, the outer
 * form of the packet and the number of SSRCs, and wipes out on error.  stream
 * is a new source's, all zero, or as the backend left it at the last success;
 * *out_bytes is set on success only.
 */
struct srtp_backend {
	const char *name;
	/* key and salt are borrowed, engines while the state lives; *statep is
	 * written on success only. */
	enum kk_err (*state_new)(void **statep, struct engine_set *engines,
	    const struct srtp_params *params, enum srtp_direction direction,
	    struct kk_view key, struct kk_view salt);
	void (*state_free)(void *state); /* wipes */
	enum kk_err (*rtp_seal)(void *state, struct srtp_stream *stream,
	    struct kk_view header, struct kk_view payload, uint8_t *out,
	    size_t *out_bytes);
	enum kk_err (*rtp_open)(void *state, struct srtp_stream *stream,
	    struct kk_view packet, size_t header_bytes, uint8_t *out,
	    size_t *out_bytes);
	enum kk_err (*rtcp_seal)(void *state, struct srtp_stream *stream,
	    struct kk_view packet, uint8_t *out, size_t *out_bytes);
	enum kk_err (*rtcp_open)(void *state, struct srtp_stream *stream,
	    struct kk_view packet, uint8_t *out, size_t *out_bytes);
	/* A source that opens is forgotten. */
	void (*forget)(void *state, uint32_t ssrc);
};

extern const struct srtp_backend srtp_backend_libsrtp;
extern const struct srtp_backend srtp_backend_engine;

struct srtp_side { /* one direction; tx and rx differ in their checks only */
	const struct srtp_params *params;
	const struct srtp_backend *backend;
	void *state;
	struct srtp_streams streams;
	uint64_t packets; /* of all time that were opened */
};

struct srtp_tx {
	struct srtp_side side;
};

struct srtp_rx {
	struct srtp_side side;
};

/* srtp.c: as srtp_tx_new() and srtp_rx_new(), over a backend. */
MUST_CHECK enum kk_err srtp_tx_make(struct srtp_tx **txp,
    const struct srtp_backend *backend, struct engine_set *engines,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max);
MUST_CHECK enum kk_err srtp_rx_make(struct srtp_rx **rxp,
    const struct srtp_backend *backend, struct engine_set *engines,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max);

/* A packet that may be sealed: its source's state, and what of the room it can
 * touch.  *fresh is used for a source that is not there yet. */
MUST_CHECK enum kk_err srtp_tx_begin(struct srtp_tx *tx, struct kk_view header,
    struct kk_view payload, struct srtp_stream *fresh,
    struct srtp_stream **streamp, size_t *room_bytes);
/* Takes a source in that has had its first packet. */
void srtp_side_keep(struct srtp_side *side, struct srtp_stream *stream,
    const struct srtp_stream *fresh);
