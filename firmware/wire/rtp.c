/* rtp.c - RTP packets (RFC 3550, 5.1). */
#include "wire/rtp.h"

enum {
	VERSION = 2,
	VERSION_SHIFT = 6,
	PADDING_BIT = 0x20,
	EXT_BIT = 0x10,
	CSRC_MASK = 0x0f,
	MARKER_BIT = 0x80,
	TYPE_MASK = 0x7f,
	WORD_BYTES = 4,
	SEQ_AT = 2, /* RFC 3550, 5.1 */
	TIMESTAMP_AT = 4,
	SSRC_AT = 8
};

static void fixed_read(struct wire_rtp *rtp, struct kk_reader *r)
{
	unsigned first = kk_read_u8(r), second = kk_read_u8(r);

	rtp->has_padding = first & PADDING_BIT;
	rtp->has_ext = first & EXT_BIT;
	rtp->csrc_count = first & CSRC_MASK;
	rtp->has_marker = second & MARKER_BIT;
	rtp->payload_type = second & TYPE_MASK;
	rtp->seq = kk_read_u16(r);
	rtp->timestamp = kk_read_u32(r);
	rtp->ssrc = kk_read_u32(r);
	if (first >> VERSION_SHIFT != VERSION)
		kk_reader_fail(r, KK_EFORMAT);
}

enum kk_err wire_rtp_header_parse(struct wire_rtp *rtp, struct kk_view in)
{
	struct wire_rtp parsed = { 0 };
	struct kk_reader r;

	kk_reader_init(&r, in);
	fixed_read(&parsed, &r);
	for (size_t i = 0; i < parsed.csrc_count; i++)
		parsed.csrcs[i] = kk_read_u32(&r);
	if (parsed.has_ext) {
		parsed.ext_profile = kk_read_u16(&r);
		parsed.ext = kk_read_raw(&r,
		    (size_t)kk_read_u16(&r) * WORD_BYTES);
	}
	parsed.header_bytes = in.bytes - r.left_bytes;
	parsed.payload = kk_read_raw(&r, r.left_bytes);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	*rtp = parsed;
	return KK_OK;
}

enum kk_err wire_rtp_parse(struct wire_rtp *rtp, struct kk_view in)
{
	struct wire_rtp parsed = { 0 };
	enum kk_err err = wire_rtp_header_parse(&parsed, in);

	if (err)
		return err;
	if (parsed.has_padding) {
		if (parsed.payload.bytes == 0)
			return KK_ETRUNC;
		parsed.padding_bytes = in.data[in.bytes - 1];
		if (parsed.padding_bytes == 0)
			return KK_EFORMAT;
		if (parsed.padding_bytes > parsed.payload.bytes)
			return KK_ETRUNC;
		parsed.payload.bytes -= parsed.padding_bytes;
	}
	*rtp = parsed;
	return KK_OK;
}

static bool rtp_is_sound(const struct wire_rtp *rtp)
{
	if (rtp->payload_type > TYPE_MASK ||
	    rtp->csrc_count > WIRE_RTP_CSRCS_MAX)
		return false;
	return !rtp->has_ext ||
	    (rtp->ext.bytes % WORD_BYTES == 0 &&
		rtp->ext.bytes / WORD_BYTES <= UINT16_MAX);
}

static void header_append(struct wire_out *w, const struct wire_rtp *rtp,
    bool has_padding)
{
	if (!rtp_is_sound(rtp))
		wire_out_fail(w, KK_EINVAL);
	wire_out_u8(w,
	    VERSION << VERSION_SHIFT | (has_padding ? PADDING_BIT : 0u) |
		(rtp->has_ext ? EXT_BIT : 0u) | rtp->csrc_count);
	wire_out_u8(w, (rtp->has_marker ? MARKER_BIT : 0u) | rtp->payload_type);
	wire_out_u16(w, rtp->seq);
	wire_out_u32(w, rtp->timestamp);
	wire_out_u32(w, rtp->ssrc);
	for (size_t i = 0; !w->err && i < rtp->csrc_count; i++)
		wire_out_u32(w, rtp->csrcs[i]);
	if (!rtp->has_ext)
		return;
	wire_out_u16(w, rtp->ext_profile);
	wire_out_u16(w, (unsigned)(rtp->ext.bytes / WORD_BYTES));
	wire_out_raw(w, rtp->ext);
}

void wire_rtp_header_write(struct wire_out *w, const struct wire_rtp *rtp)
{
	const size_t at = w->bytes;

	header_append(w, rtp, rtp->has_padding);
	if (w->err)
		w->bytes = at;
}

void wire_rtp_write(struct wire_out *w, const struct wire_rtp *rtp)
{
	const size_t at = w->bytes;

	header_append(w, rtp, rtp->padding_bytes > 0);
	wire_out_raw(w, rtp->payload);
	if (rtp->padding_bytes > 0) {
		wire_out_zero(w, rtp->padding_bytes - 1u);
		wire_out_u8(w, rtp->padding_bytes);
	}
	if (w->err)
		w->bytes = at;
}

static enum kk_err fixed_check(const uint8_t *packet, size_t bytes)
{
	if (bytes < WIRE_RTP_FIXED_BYTES)
		return KK_ETRUNC;
	return packet[0] >> VERSION_SHIFT == VERSION ? KK_OK : KK_EFORMAT;
}

enum kk_err wire_rtp_rewrite(uint8_t *packet, size_t bytes,
    const struct wire_rtp_rewrite *to)
{
	enum kk_err err = fixed_check(packet, bytes);

	if (err)
		return err;
	if (to->payload_type > TYPE_MASK)
		return KK_EINVAL;
	packet[1] = (uint8_t)((packet[1] & MARKER_BIT) | to->payload_type);
	wire_put_u16(packet + SEQ_AT, to->seq);
	wire_put_u32(packet + TIMESTAMP_AT, to->timestamp);
	wire_put_u32(packet + SSRC_AT, to->ssrc);
	return KK_OK;
}

enum kk_err wire_rtp_marker_set(uint8_t *packet, size_t bytes, bool has_marker)
{
	enum kk_err err = fixed_check(packet, bytes);

	if (err)
		return err;
	packet[1] = (uint8_t)((packet[1] & TYPE_MASK) |
	    (has_marker ? MARKER_BIT : 0));
	return KK_OK;
}
