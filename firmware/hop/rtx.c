/* rtx.c - retransmission as a stream of its own (RFC 4588, 4). */
#include "hop/rtx.h"

void hop_rtx_wrap(struct wire_out *w, struct kk_view packet,
    const struct hop_rtx *to)
{
	const size_t at = w->bytes;
	struct wire_rtp rtp = { 0 };
	struct kk_view payload;
	enum kk_err err = wire_rtp_parse(&rtp, packet);
	uint16_t old = rtp.seq;

	if (err) {
		wire_out_fail(w, err);
		return;
	}
	payload = rtp.payload;
	rtp.ssrc = to->ssrc;
	rtp.payload_type = to->payload_type;
	rtp.seq = to->seq;
	rtp.has_padding = false;
	wire_rtp_header_write(w, &rtp);
	wire_out_u16(w, old);
	wire_out_raw(w, payload);
	if (w->err)
		w->bytes = at;
}

enum kk_err hop_rtx_unwrap(struct wire_out *w, struct kk_view packet,
    struct hop_rtx *to)
{
	struct wire_rtp rtp = { 0 };
	enum kk_err err = wire_rtp_parse(&rtp, packet);

	if (err)
		return err;
	if (rtp.payload.bytes < HOP_RTX_OVERHEAD_BYTES)
		return KK_ENOENT;
	rtp.ssrc = to->ssrc;
	rtp.payload_type = to->payload_type;
	rtp.seq = wire_get_u16(rtp.payload.data);
	rtp.payload = kk_view_of(rtp.payload.data + HOP_RTX_OVERHEAD_BYTES,
	    rtp.payload.bytes - HOP_RTX_OVERHEAD_BYTES);
	rtp.padding_bytes = 0;
	wire_rtp_write(w, &rtp);
	if (!w->err)
		to->seq = rtp.seq;
	return w->err;
}
