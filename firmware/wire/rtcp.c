/* rtcp.c - RTCP compounds, names and farewells (RFC 3550, 6). */
#include "wire/rtcp.h"

enum {
	VERSION = 2,
	VERSION_SHIFT = 6,
	PADDING_BIT = 0x20,
	COUNT_MASK = 0x1f,
	WORD_BYTES = 4,
	LENGTH_AT = 2,
	SSRC_BYTES = 4,
	SDES_END = 0,
	SDES_CNAME = 1 /* RFC 3550, 6.5.1 */
};

/* Reads the first packet of in; *bytes becomes its whole length. */
static enum kk_err packet_read(struct wire_rtcp *packet, struct kk_view in,
    size_t *bytes, bool *has_padding)
{
	if (in.bytes < WIRE_RTCP_HEADER_BYTES)
		return KK_ETRUNC;
	if (in.data[0] >> VERSION_SHIFT != VERSION)
		return KK_EFORMAT;
	*bytes = (wire_get_u16(in.data + LENGTH_AT) + 1u) * WORD_BYTES;
	if (*bytes > in.bytes)
		return KK_ETRUNC;
	*has_padding = in.data[0] & PADDING_BIT;
	packet->count = in.data[0] & COUNT_MASK;
	packet->type = in.data[1];
	packet->body = kk_view_of(in.data + WIRE_RTCP_HEADER_BYTES,
	    *bytes - WIRE_RTCP_HEADER_BYTES);
	if (*has_padding) {
		unsigned padding = in.data[*bytes - 1];

		/* RFC 3550, 6.4.1 wants whole words; browsers pad
		 * transport-wide feedback by single bytes. */
		if (padding == 0 || padding > packet->body.bytes)
			return KK_EFORMAT;
		packet->body.bytes -= padding;
	}
	return KK_OK;
}

static bool type_may_begin(const struct wire_rtcp *packet, bool is_reduced)
{
	return is_reduced || packet->type == WIRE_RTCP_SR ||
	    packet->type == WIRE_RTCP_RR;
}

enum kk_err wire_rtcp_begin(struct wire_rtcp_iter *it, struct kk_view in,
    bool is_reduced)
{
	struct kk_view left = in;

	do {
		struct wire_rtcp packet;
		bool has_padding;
		size_t bytes;
		enum kk_err err;

		err = packet_read(&packet, left, &bytes, &has_padding);
		if (err)
			return err;
		if (left.bytes == in.bytes &&
		    !type_may_begin(&packet, is_reduced))
			return KK_EFORMAT;
		if (has_padding && bytes != left.bytes &&
		    packet.type != WIRE_RTCP_RTPFB)
			return KK_EFORMAT;
		left = kk_view_of(left.data + bytes, left.bytes - bytes);
	} while (left.bytes > 0);
	it->left = in;
	return KK_OK;
}

bool wire_rtcp_next(struct wire_rtcp_iter *it, struct wire_rtcp *packet)
{
	struct wire_rtcp read;
	bool has_padding;
	size_t bytes;

	if (it->left.bytes == 0 ||
	    packet_read(&read, it->left, &bytes, &has_padding))
		return false;
	it->left = kk_view_of(it->left.data + bytes, it->left.bytes - bytes);
	*packet = read;
	return true;
}

size_t wire_rtcp_packet_begin(struct wire_out *w, unsigned type, size_t count)
{
	const size_t at = w->bytes;

	if (count > WIRE_RTCP_COUNT_MAX)
		wire_out_fail(w, KK_EINVAL);
	wire_out_u8(w,
	    VERSION << VERSION_SHIFT | ((unsigned)count & COUNT_MASK));
	wire_out_u8(w, type);
	wire_out_u16(w, 0);
	return at;
}

void wire_rtcp_packet_end(struct wire_out *w, size_t at)
{
	size_t words = (w->bytes - at) / WORD_BYTES;

	if (words > UINT16_MAX)
		wire_out_fail(w, KK_EINVAL);
	if (w->err)
		w->bytes = at;
	else
		wire_put_u16(w->data + at + LENGTH_AT, (unsigned)words - 1);
}

/* --- SDES ----------------------------------------------------------------- */

/* Reads one chunk; *cname becomes its CNAME, if it has one. */
static uint32_t chunk_read(struct kk_reader *r, struct kk_view *cname)
{
	uint32_t ssrc = kk_read_u32(r);
	uint8_t type;

	*cname = kk_view_of(NULL, 0);
	while ((type = kk_read_u8(r)) != SDES_END) {
		struct kk_view text = kk_read_raw(r, kk_read_u8(r));

		if (type == SDES_CNAME && !cname->data)
			*cname = text;
	}
	/* The list ends with the word; a packet is whole words. */
	while (!kk_reader_err(r) && r->left_bytes % WORD_BYTES != 0) {
		if (kk_read_u8(r) != 0)
			kk_reader_fail(r, KK_EFORMAT);
	}
	return ssrc;
}

enum kk_err wire_rtcp_cname_find(const struct wire_rtcp *packet, uint32_t ssrc,
    struct kk_view *cname)
{
	struct kk_view found = { 0 };
	struct kk_reader r;

	if (packet->type != WIRE_RTCP_SDES)
		return KK_EUNSUP;
	kk_reader_init(&r, packet->body);
	for (unsigned i = 0; i < packet->count && !kk_reader_err(&r); i++) {
		struct kk_view name;

		if (chunk_read(&r, &name) == ssrc && !found.data)
			found = name;
	}
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	if (!found.data)
		return KK_ENOENT;
	*cname = found;
	return KK_OK;
}

void wire_rtcp_cname_write(struct wire_out *w, uint32_t ssrc,
    struct kk_view cname)
{
	size_t at = wire_rtcp_packet_begin(w, WIRE_RTCP_SDES, 1);

	if (cname.bytes > WIRE_RTCP_TEXT_MAX_BYTES)
		wire_out_fail(w, KK_EINVAL);
	wire_out_u32(w, ssrc);
	wire_out_u8(w, SDES_CNAME);
	wire_out_u8(w, (unsigned)cname.bytes);
	wire_out_raw(w, cname);
	/* At least one zero ends the list. */
	wire_out_zero(w, WORD_BYTES - (w->bytes - at) % WORD_BYTES);
	wire_rtcp_packet_end(w, at);
}

/* --- BYE ------------------------------------------------------------------ */

enum kk_err wire_rtcp_bye_parse(struct wire_rtcp_bye *bye,
    const struct wire_rtcp *packet)
{
	struct wire_rtcp_bye parsed = { 0 };
	struct kk_reader r;

	if (packet->type != WIRE_RTCP_BYE)
		return KK_EUNSUP;
	kk_reader_init(&r, packet->body);
	parsed.ssrcs = kk_read_raw(&r, (size_t)packet->count * SSRC_BYTES);
	if (kk_reader_more(&r))
		parsed.reason = kk_read_raw(&r, kk_read_u8(&r));
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	*bye = parsed;
	return KK_OK;
}

void wire_rtcp_bye_write(struct wire_out *w, const uint32_t *ssrcs,
    size_t count, struct kk_view reason)
{
	size_t at = wire_rtcp_packet_begin(w, WIRE_RTCP_BYE, count);

	if (reason.bytes > WIRE_RTCP_TEXT_MAX_BYTES)
		wire_out_fail(w, KK_EINVAL);
	for (size_t i = 0; !w->err && i < count; i++)
		wire_out_u32(w, ssrcs[i]);
	if (reason.bytes > 0) {
		wire_out_u8(w, (unsigned)reason.bytes);
		wire_out_raw(w, reason);
		wire_out_zero(w, -(w->bytes - at) % WORD_BYTES);
	}
	wire_rtcp_packet_end(w, at);
}

size_t wire_rtcp_ssrc_count(struct kk_view ssrcs)
{
	return ssrcs.bytes / SSRC_BYTES;
}

uint32_t wire_rtcp_ssrc_get(struct kk_view ssrcs, size_t index)
{
	return wire_get_u32(ssrcs.data + index * SSRC_BYTES);
}
