/*
 * vp8.h - the VP8 payload descriptor in front of each packet's part of a frame.
 * It and the frame's first bytes stay clear when frames are sealed.  No state.
 *
 *      0 1 2 3 4 5 6 7
 *     +-+-+-+-+-+-----+
 *     |X|R|N|S|R| PID |
 *  X: |I|L|T|K|  RSV  |
 *  I: |M| PictureID   |  7 bits, with M 15 bits
 *  L: |   TL0PICIDX   |
 * T/K:|TID|Y| KEYIDX  |
 *
 * Source: RFC 7741, 4.2 and 4.3.
 */
#pragma once
#include "wire/out.h"

enum {
	WIRE_VP8_DESCRIPTOR_MAX_BYTES = 6,
	WIRE_VP8_PICTURE_ID_SHORT_MAX = 0x7f,
	WIRE_VP8_PICTURE_ID_LONG_MAX = 0x7fff
};

struct wire_vp8 {
	bool is_discardable; /* N: no frame refers to it */
	bool is_partition_start; /* S */
	uint8_t partition; /* PID, 0 to 7 */
	bool has_picture_id;
	bool is_picture_id_long; /* M */
	uint16_t picture_id;
	bool has_tl0_index;
	uint8_t tl0_index;
	bool has_tid;
	uint8_t tid; /* temporal layer, 0 to 3 */
	bool is_layer_sync; /* Y: refers to the base layer only */
	bool has_key_index;
	uint8_t key_index; /* 0 to 31 */
	size_t bytes; /* on the wire; set by parsing only */
};

/*
 * Reads the descriptor at the start of an RTP payload.  On error *vp8 is left
 * alone.  Reserved bits are ignored, as the RFC asks.
 * Errors: KK_ETRUNC in ends inside the descriptor.
 */
MUST_CHECK enum kk_err wire_vp8_parse(struct wire_vp8 *vp8, struct kk_view in);

/* Appends the descriptor.  On error *w has its old length and the error sticks.
 * Errors: KK_EINVAL a number out of range; KK_ENOSPC. */
void wire_vp8_write(struct wire_out *w, const struct wire_vp8 *vp8);

/*
 * Enters picture_id and tl0_index of *to into the descriptor at the start of
 * payload, where it has them, in their old width (so a picture id may lose its
 * upper bits).  Nothing else changes.  Errors: those of wire_vp8_parse().
 */
MUST_CHECK enum kk_err wire_vp8_rewrite(uint8_t *payload, size_t bytes,
    const struct wire_vp8 *to);

/*
 * Whether the packet begins a key frame: the P bit in the first byte of the
 * frame's header (RFC 7741, 4.3), which stays clear.  False also when the
 * packet does not begin a frame, or has no byte behind the descriptor.
 */
bool wire_vp8_is_key_frame(const struct wire_vp8 *vp8, struct kk_view payload);
