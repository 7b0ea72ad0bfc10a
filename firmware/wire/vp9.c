/* vp9.c - the VP9 payload descriptor (RFC 9628, 4.2). */
#include "wire/vp9.h"

enum {
	I_BIT = 0x80, /* first byte */
	P_BIT = 0x40,
	L_BIT = 0x20,
	F_BIT = 0x10,
	B_BIT = 0x08,
	E_BIT = 0x04,
	V_BIT = 0x02,
	Z_BIT = 0x01,
	M_BIT = 0x80,
	LONG_BIT = 0x8000,
	ID_SHORT_MASK = 0x7f,
	TID_SHIFT = 5, /* layer indices */
	U_BIT = 0x10,
	SID_SHIFT = 1,
	SID_MASK = 0x07,
	D_BIT = 0x01,
	N_BIT = 0x01, /* another P_DIFF follows */
	LAYERS_SHIFT = 5, /* structure */
	Y_BIT = 0x10,
	G_BIT = 0x08,
	R_SHIFT = 2, /* references of a picture in the group */
	R_MASK = 0x03
};

static void flags_read(struct wire_vp9 *vp9, unsigned flags)
{
	vp9->has_picture_id = flags & I_BIT;
	vp9->is_inter = flags & P_BIT;
	vp9->has_layers = flags & L_BIT;
	vp9->is_flexible = flags & F_BIT;
	vp9->is_frame_start = flags & B_BIT;
	vp9->is_frame_end = flags & E_BIT;
	vp9->has_structure = flags & V_BIT;
	vp9->is_no_upper_ref = flags & Z_BIT;
}

static void picture_id_read(struct wire_vp9 *vp9, struct kk_reader *r)
{
	unsigned id = kk_read_u8(r);

	vp9->is_picture_id_long = id & M_BIT;
	id &= ID_SHORT_MASK;
	if (vp9->is_picture_id_long)
		id = id << 8 | kk_read_u8(r);
	vp9->picture_id = (uint16_t)id;
}

static void layers_read(struct wire_vp9 *vp9, struct kk_reader *r)
{
	unsigned layers = kk_read_u8(r);

	vp9->tid = (uint8_t)(layers >> TID_SHIFT);
	vp9->is_switching_point = layers & U_BIT;
	vp9->sid = layers >> SID_SHIFT & SID_MASK;
	vp9->is_inter_layer = layers & D_BIT;
	if (!vp9->is_flexible)
		vp9->tl0_index = kk_read_u8(r);
}

static void refs_read(struct wire_vp9 *vp9, struct kk_reader *r)
{
	unsigned ref;

	do {
		ref = kk_read_u8(r);
		if (vp9->ref_count == WIRE_VP9_REFS_MAX || ref >> 1 == 0) {
			kk_reader_fail(r, KK_EFORMAT);
			return;
		}
		vp9->refs[vp9->ref_count++] = (uint8_t)(ref >> 1);
	} while (ref & N_BIT);
}

/* The group: a count, and so many pictures with up to three references. */
static void groups_read(struct wire_vp9 *vp9, struct kk_reader *r)
{
	const uint8_t *start = r->p;
	unsigned count = kk_read_u8(r);

	for (unsigned i = 0; i < count && !kk_reader_err(r); i++) {
		unsigned picture = kk_read_u8(r);

		(void)kk_read_raw(r, picture >> R_SHIFT & R_MASK);
	}
	vp9->groups = kk_view_of(start, (size_t)(r->p - start));
}

static void structure_read(struct wire_vp9 *vp9, struct kk_reader *r)
{
	unsigned head = kk_read_u8(r);

	vp9->layer_count = (uint8_t)((head >> LAYERS_SHIFT) + 1);
	vp9->has_sizes = head & Y_BIT;
	for (size_t i = 0; vp9->has_sizes && i < vp9->layer_count; i++) {
		vp9->sizes[i].width = kk_read_u16(r);
		vp9->sizes[i].height = kk_read_u16(r);
	}
	if (head & G_BIT)
		groups_read(vp9, r);
}

enum kk_err wire_vp9_parse(struct wire_vp9 *vp9, struct kk_view in)
{
	struct wire_vp9 parsed = { 0 };
	struct kk_reader r;

	kk_reader_init(&r, in);
	flags_read(&parsed, kk_read_u8(&r));
	if (parsed.is_flexible && !parsed.has_picture_id)
		kk_reader_fail(&r, KK_EFORMAT);
	if (parsed.has_picture_id)
		picture_id_read(&parsed, &r);
	if (parsed.has_layers)
		layers_read(&parsed, &r);
	if (parsed.is_flexible && parsed.is_inter)
		refs_read(&parsed, &r);
	if (parsed.has_structure)
		structure_read(&parsed, &r);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	parsed.bytes = in.bytes - r.left_bytes;
	*vp9 = parsed;
	return KK_OK;
}

enum kk_err wire_vp9_rewrite(uint8_t *payload, size_t bytes,
    const struct wire_vp9 *to)
{
	struct wire_vp9 old = { 0 };
	size_t at = 1; /* behind the flags */
	enum kk_err err = wire_vp9_parse(&old, kk_view_of(payload, bytes));

	if (err)
		return err;
	if (old.has_picture_id && old.is_picture_id_long) {
		wire_put_u16(payload + at, (unsigned)to->picture_id | LONG_BIT);
		at += 2;
	} else if (old.has_picture_id) {
		payload[at++] = to->picture_id & ID_SHORT_MASK;
	}
	if (old.has_layers && !old.is_flexible)
		payload[at + 1] = to->tl0_index; /* behind the layers */
	return KK_OK;
}

bool wire_vp9_is_key_picture(const struct wire_vp9 *vp9)
{
	return vp9->is_frame_start && !vp9->is_inter &&
	    (!vp9->has_layers || vp9->sid == 0);
}
