/* rtp_ext.c - header extensions in both forms (RFC 8285). */
#include <string.h>

#include "wire/rtp.h"

enum {
	ID_SHIFT = 4, /* 4.2: four bits of id, four of length less one */
	LENGTH_MASK = 0x0f,
	ID_RESERVED = 15,
	APPBITS_MASK = 0x000f, /* 4.3 */
	ONE_BYTE_HEADER = 1,
	TWO_BYTE_HEADER = 2,
	DATA_MAX = 255,
	WORD_BYTES = 4
};

void wire_rtp_ext_begin(struct wire_rtp_ext_iter *it,
    const struct wire_rtp *rtp)
{
	bool is_two_byte = (rtp->ext_profile & ~APPBITS_MASK) ==
	    WIRE_RTP_EXT_TWO_BYTE;
	bool is_ours = rtp->has_ext &&
	    (is_two_byte || rtp->ext_profile == WIRE_RTP_EXT_ONE_BYTE);

	*it = (struct wire_rtp_ext_iter){ .data = rtp->ext.data,
		.bytes = is_ours ? rtp->ext.bytes : 0,
		.is_two_byte = is_two_byte };
}

static bool iter_stop(struct wire_rtp_ext_iter *it, enum kk_err err)
{
	it->at = it->bytes;
	it->err = err;
	return false;
}

/* Whether an element's header stands next; at is moved behind it. */
static bool element_begin(struct wire_rtp_ext_iter *it, uint8_t *id,
    size_t *data_bytes)
{
	const uint8_t *at = it->data + it->at;

	if (it->is_two_byte) {
		if (it->bytes - it->at < TWO_BYTE_HEADER)
			return iter_stop(it, KK_ETRUNC);
		*id = at[0];
		*data_bytes = at[1];
		it->at += TWO_BYTE_HEADER;
		return true;
	}
	*id = at[0] >> ID_SHIFT;
	*data_bytes = (at[0] & LENGTH_MASK) + 1u;
	it->at += ONE_BYTE_HEADER;
	if (*id == 0 || *id == ID_RESERVED)
		return iter_stop(it, KK_OK);
	return true;
}

bool wire_rtp_ext_next(struct wire_rtp_ext_iter *it, struct wire_rtp_ext *ext)
{
	size_t data_bytes;
	uint8_t id;

	while (it->at < it->bytes && it->data[it->at] == 0)
		it->at++; /* padding, of both forms */
	if (it->at >= it->bytes)
		return false;
	if (!element_begin(it, &id, &data_bytes))
		return false;
	if (data_bytes > it->bytes - it->at)
		return iter_stop(it, KK_ETRUNC);
	*ext = (struct wire_rtp_ext){ id,
		kk_view_of(it->data + it->at, data_bytes) };
	it->at += data_bytes;
	return true;
}

enum kk_err wire_rtp_ext_err(const struct wire_rtp_ext_iter *it)
{
	return it->err;
}

enum kk_err wire_rtp_ext_find(const struct wire_rtp *rtp, uint8_t id,
    struct kk_view *data)
{
	struct wire_rtp_ext_iter it;
	struct wire_rtp_ext ext;

	wire_rtp_ext_begin(&it, rtp);
	while (wire_rtp_ext_next(&it, &ext)) {
		if (ext.id != id)
			continue;
		*data = ext.data;
		return KK_OK;
	}
	return KK_ENOENT;
}

static bool fits_one_byte(const struct wire_rtp_ext *ext)
{
	return ext->id <= WIRE_RTP_EXT_ONE_BYTE_ID_MAX && ext->data.bytes > 0 &&
	    ext->data.bytes <= WIRE_RTP_EXT_ONE_BYTE_DATA_MAX;
}

static void element_write(struct wire_out *w, const struct wire_rtp_ext *ext,
    bool is_two_byte)
{
	if (ext->id == 0 || ext->data.bytes > DATA_MAX)
		wire_out_fail(w, KK_EINVAL);
	if (is_two_byte) {
		wire_out_u8(w, ext->id);
		wire_out_u8(w, (unsigned)ext->data.bytes);
	} else {
		wire_out_u8(w,
		    (unsigned)ext->id << ID_SHIFT |
			(unsigned)(ext->data.bytes - 1));
	}
	wire_out_raw(w, ext->data);
}

void wire_rtp_ext_write(struct wire_out *w, const struct wire_rtp_ext *exts,
    size_t count, uint16_t *profile)
{
	const size_t at = w->bytes;
	bool is_two_byte = false;

	for (size_t i = 0; i < count; i++)
		is_two_byte = is_two_byte || !fits_one_byte(&exts[i]);
	for (size_t i = 0; i < count && !w->err; i++)
		element_write(w, &exts[i], is_two_byte);
	wire_out_zero(w, -(w->bytes - at) % WORD_BYTES);
	if (w->err)
		w->bytes = at;
	else
		*profile = is_two_byte ? WIRE_RTP_EXT_TWO_BYTE :
					 WIRE_RTP_EXT_ONE_BYTE;
}

/* One pass over the elements; is_dry only looks whether all can be done. */
static enum kk_err ids_map(uint8_t *packet, const struct wire_rtp *rtp,
    const uint8_t map[256], bool is_dry)
{
	uint8_t *block = packet + rtp->header_bytes - rtp->ext.bytes;
	struct wire_rtp_ext_iter it;
	struct wire_rtp_ext ext;

	wire_rtp_ext_begin(&it, rtp);
	while (wire_rtp_ext_next(&it, &ext)) {
		size_t header = it.is_two_byte ? TWO_BYTE_HEADER :
						 ONE_BYTE_HEADER;
		uint8_t to = map[ext.id];
		uint8_t *at = block + it.at - ext.data.bytes - header;

		if (!it.is_two_byte && to > WIRE_RTP_EXT_ONE_BYTE_ID_MAX)
			return KK_EINVAL;
		if (is_dry)
			continue;
		if (to == 0)
			memset(at, 0, header + ext.data.bytes);
		else if (it.is_two_byte)
			at[0] = to;
		else
			at[0] = (uint8_t)(to << ID_SHIFT |
			    (at[0] & LENGTH_MASK));
	}
	return wire_rtp_ext_err(&it);
}

enum kk_err wire_rtp_ext_rewrite(uint8_t *packet, size_t bytes,
    const uint8_t map[256])
{
	struct wire_rtp rtp;
	enum kk_err err;

	err = wire_rtp_header_parse(&rtp, kk_view_of(packet, bytes));
	if (!err)
		err = ids_map(packet, &rtp, map, true);
	if (!err)
		err = ids_map(packet, &rtp, map, false);
	return err;
}

enum kk_err wire_rtp_ext_set(uint8_t *packet, size_t bytes, uint8_t id,
    struct kk_view data)
{
	struct wire_rtp rtp;
	struct kk_view old;
	enum kk_err err;

	err = wire_rtp_header_parse(&rtp, kk_view_of(packet, bytes));
	if (!err)
		err = wire_rtp_ext_find(&rtp, id, &old);
	if (err)
		return err;
	if (old.bytes != data.bytes)
		return KK_EINVAL;
	if (data.bytes > 0)
		memcpy(packet + (old.data - packet), data.data, data.bytes);
	return KK_OK;
}
