/*
 * vp9.h - the VP9 payload descriptor.  It stays clear; the frame behind it is
 * sealed whole.  No state.
 *
 *      0 1 2 3 4 5 6 7
 *     +-+-+-+-+-+-+-+-+
 *     |I|P|L|F|B|E|V|Z|
 *  I: |M| PICTURE ID  |  7 bits, with M 15 bits
 *  L: | TID |U| SID |D|
 *     |   TL0PICIDX   |  with L, unless F
 * P,F:|   P_DIFF    |N|  up to three, while N
 *  V: scalability structure
 *
 * Source: RFC 9628, 4.2 and 4.2.1.
 */
#pragma once
#include "wire/out.h"

enum {
	WIRE_VP9_REFS_MAX = 3, /* 4.2: P_DIFF at most three times */
	WIRE_VP9_LAYERS_MAX = 8 /* N_S has three bits */
};

struct wire_vp9_size {
	uint16_t width, height;
};

struct wire_vp9 {
	bool is_inter; /* P: refers to an earlier frame of its layer */
	bool is_flexible; /* F */
	bool is_frame_start; /* B, of a layer's frame */
	bool is_frame_end; /* E */
	bool is_no_upper_ref; /* Z: no frame of a higher layer refers to it */
	bool has_picture_id;
	bool is_picture_id_long; /* M */
	uint16_t picture_id;
	bool has_layers; /* L */
	uint8_t tid;
	bool is_switching_point; /* U */
	uint8_t sid;
	bool is_inter_layer; /* D: refers to the layer below */
	uint8_t tl0_index; /* with L and not F */
	uint8_t ref_count;
	uint8_t refs[WIRE_VP9_REFS_MAX]; /* P_DIFF, how many pictures back */
	bool has_structure; /* V */
	uint8_t layer_count; /* spatial layers; of the structure */
	bool has_sizes; /* Y */
	struct wire_vp9_size sizes[WIRE_VP9_LAYERS_MAX];
	struct kk_view groups; /* picture group, raw, with its count (G) */
	size_t bytes; /* on the wire */
};

/*
 * Reads the descriptor at the start of an RTP payload.  On error *vp9 is left
 * alone.
 * Errors: KK_ETRUNC in ends inside the descriptor; KK_EFORMAT a fourth
 * reference, a reference 0 pictures back, or flexible mode without picture id
 * (4.2: with F, I must be set).
 */
MUST_CHECK enum kk_err wire_vp9_parse(struct wire_vp9 *vp9, struct kk_view in);

/*
 * Enters picture_id and tl0_index of *to where the descriptor has them, in
 * their old width.  Nothing else changes.  Errors: those of wire_vp9_parse().
 */
MUST_CHECK enum kk_err wire_vp9_rewrite(uint8_t *payload, size_t bytes,
    const struct wire_vp9 *to);

/* Whether the packet begins a key picture: the start of a frame of the lowest
 * spatial layer that refers to nothing. */
bool wire_vp9_is_key_picture(const struct wire_vp9 *vp9);
