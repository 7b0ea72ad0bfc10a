/*
 * framing.h - packets in a stream of bytes, each with its length in front.
 *
 * A stream comes in pieces, cut anywhere.  A frame that is whole in its piece
 * is not copied; of one that is not, what is there is kept.
 *
 * Source: RFC 4571, 2; RFC 6544, 3 (STUN, DTLS and media share the stream).
 */
#pragma once
#include "wire/out.h"

enum {
	WIRE_FRAME_HEAD_BYTES = 2,
	WIRE_FRAME_MAX_BYTES = 2048 /* of a packet that is taken */
};

struct wire_framing { /* of one stream; all zero before its first byte */
	size_t bytes; /* kept, of a frame that is not whole */
	uint8_t data[WIRE_FRAME_HEAD_BYTES + WIRE_FRAME_MAX_BYTES];
};

/*
 * Takes from the front of *in up to the end of the next frame.  *packet, which
 * may be empty, is a view into what in was, or into f until the next call.
 * Errors: KK_ETRUNC the end is not there yet, and all of *in is kept; KK_ELIMIT
 * a packet over WIRE_FRAME_MAX_BYTES: the stream cannot be followed further.
 */
MUST_CHECK enum kk_err wire_framing_next(struct wire_framing *f,
    struct kk_view *in, struct kk_view *packet);

/* Appends a frame.  On error *w has its old length and the error sticks.
 * Errors: KK_ENOSPC; KK_ELIMIT over WIRE_FRAME_MAX_BYTES. */
void wire_framing_write(struct wire_out *w, struct kk_view packet);
