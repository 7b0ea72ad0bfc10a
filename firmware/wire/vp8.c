/* vp8.c - the VP8 payload descriptor (RFC 7741, 4.2). */
#include "wire/vp8.h"

enum {
	X_BIT = 0x80, /* first byte */
	N_BIT = 0x20,
	S_BIT = 0x10,
	PARTITION_MASK = 0x07,
	I_BIT = 0x80, /* second byte */
	L_BIT = 0x40,
	T_BIT = 0x20,
	K_BIT = 0x10,
	M_BIT = 0x80,
	LONG_BIT = 0x8000,
	TID_SHIFT = 6,
	TID_MAX = 3,
	Y_BIT = 0x20,
	KEY_INDEX_MASK = 0x1f,
	INTER_FRAME_BIT = 0x01 /* 4.3: P, of the frame's own header */
};

static void picture_id_read(struct wire_vp8 *vp8, struct kk_reader *r)
{
	unsigned id = kk_read_u8(r);

	vp8->has_picture_id = true;
	vp8->is_picture_id_long = id & M_BIT;
	id &= WIRE_VP8_PICTURE_ID_SHORT_MAX;
	if (vp8->is_picture_id_long)
		id = id << 8 | kk_read_u8(r);
	vp8->picture_id = (uint16_t)id;
}

static void extension_read(struct wire_vp8 *vp8, struct kk_reader *r)
{
	unsigned flags = kk_read_u8(r), last;

	if (flags & I_BIT)
		picture_id_read(vp8, r);
	vp8->has_tl0_index = flags & L_BIT;
	if (vp8->has_tl0_index)
		vp8->tl0_index = kk_read_u8(r);
	vp8->has_tid = flags & T_BIT;
	vp8->has_key_index = flags & K_BIT;
	if (!vp8->has_tid && !vp8->has_key_index)
		return;
	last = kk_read_u8(r);
	if (vp8->has_tid) {
		vp8->tid = (uint8_t)(last >> TID_SHIFT);
		vp8->is_layer_sync = last & Y_BIT;
	}
	if (vp8->has_key_index)
		vp8->key_index = last & KEY_INDEX_MASK;
}

enum kk_err wire_vp8_parse(struct wire_vp8 *vp8, struct kk_view in)
{
	struct wire_vp8 parsed = { 0 };
	struct kk_reader r;
	unsigned first;

	kk_reader_init(&r, in);
	first = kk_read_u8(&r);
	parsed.is_discardable = first & N_BIT;
	parsed.is_partition_start = first & S_BIT;
	parsed.partition = first & PARTITION_MASK;
	if (first & X_BIT)
		extension_read(&parsed, &r);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	parsed.bytes = in.bytes - r.left_bytes;
	*vp8 = parsed;
	return KK_OK;
}

static bool vp8_is_sound(const struct wire_vp8 *vp8)
{
	unsigned id_max = vp8->is_picture_id_long ?
	    WIRE_VP8_PICTURE_ID_LONG_MAX :
	    WIRE_VP8_PICTURE_ID_SHORT_MAX;

	return vp8->partition <= PARTITION_MASK && vp8->tid <= TID_MAX &&
	    vp8->key_index <= KEY_INDEX_MASK &&
	    (!vp8->has_picture_id || vp8->picture_id <= id_max);
}

static void extension_write(struct wire_out *w, const struct wire_vp8 *vp8,
    unsigned flags)
{
	wire_out_u8(w, flags);
	if (vp8->has_picture_id && vp8->is_picture_id_long)
		wire_out_u16(w, (unsigned)vp8->picture_id | LONG_BIT);
	else if (vp8->has_picture_id)
		wire_out_u8(w, vp8->picture_id);
	if (vp8->has_tl0_index)
		wire_out_u8(w, vp8->tl0_index);
	if (vp8->has_tid || vp8->has_key_index)
		wire_out_u8(w,
		    (unsigned)vp8->tid << TID_SHIFT |
			(vp8->is_layer_sync ? Y_BIT : 0u) | vp8->key_index);
}

void wire_vp8_write(struct wire_out *w, const struct wire_vp8 *vp8)
{
	const size_t at = w->bytes;
	unsigned flags = (vp8->has_picture_id ? I_BIT : 0u) |
	    (vp8->has_tl0_index ? L_BIT : 0u) | (vp8->has_tid ? T_BIT : 0u) |
	    (vp8->has_key_index ? K_BIT : 0u);

	if (!vp8_is_sound(vp8))
		wire_out_fail(w, KK_EINVAL);
	wire_out_u8(w,
	    (flags ? X_BIT : 0u) | (vp8->is_discardable ? N_BIT : 0u) |
		(vp8->is_partition_start ? S_BIT : 0u) | vp8->partition);
	if (flags)
		extension_write(w, vp8, flags);
	if (w->err)
		w->bytes = at;
}

enum kk_err wire_vp8_rewrite(uint8_t *payload, size_t bytes,
    const struct wire_vp8 *to)
{
	struct wire_vp8 old = { 0 };
	size_t at = 2; /* behind the flags */
	enum kk_err err = wire_vp8_parse(&old, kk_view_of(payload, bytes));

	if (err)
		return err;
	if (old.has_picture_id && old.is_picture_id_long) {
		wire_put_u16(payload + at, (unsigned)to->picture_id | LONG_BIT);
		at += 2;
	} else if (old.has_picture_id) {
		payload[at++] = to->picture_id & WIRE_VP8_PICTURE_ID_SHORT_MAX;
	}
	if (old.has_tl0_index)
		payload[at] = to->tl0_index;
	return KK_OK;
}

bool wire_vp8_is_key_frame(const struct wire_vp8 *vp8, struct kk_view payload)
{
	return vp8->is_partition_start && vp8->partition == 0 &&
	    payload.bytes > vp8->bytes &&
	    !(payload.data[vp8->bytes] & INTER_FRAME_BIT);
}
