/* rtcp_fb.c - feedback messages (RFC 4585, 6; RFC 5104, 4.3). */
#include "wire/rtcp.h"

enum {
	NACK_BYTES = 4, /* RFC 4585, 6.2.1: PID and BLP */
	FIR_BYTES = 8, /* RFC 5104, 4.3.1.1 */
	REMB_MANTISSA_BITS = 18,
	REMB_MANTISSA_MAX = (1 << REMB_MANTISSA_BITS) - 1,
};

static const uint32_t remb_name = 0x52454d42; /* "REMB" */

enum kk_err wire_rtcp_fb_parse(struct wire_rtcp_fb *fb,
    const struct wire_rtcp *packet)
{
	struct wire_rtcp_fb parsed;
	struct kk_reader r;

	if (packet->type != WIRE_RTCP_RTPFB && packet->type != WIRE_RTCP_PSFB)
		return KK_EUNSUP;
	kk_reader_init(&r, packet->body);
	parsed.is_payload_specific = packet->type == WIRE_RTCP_PSFB;
	parsed.fmt = packet->count;
	parsed.sender_ssrc = kk_read_u32(&r);
	parsed.media_ssrc = kk_read_u32(&r);
	parsed.fci = kk_read_raw(&r, r.left_bytes);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	*fb = parsed;
	return KK_OK;
}

size_t wire_rtcp_fb_begin(struct wire_out *w, unsigned type, unsigned fmt,
    uint32_t sender_ssrc, uint32_t media_ssrc)
{
	size_t at = wire_rtcp_packet_begin(w, type, fmt);

	wire_out_u32(w, sender_ssrc);
	wire_out_u32(w, media_ssrc);
	return at;
}

static bool fb_is(const struct wire_rtcp_fb *fb, bool is_payload_specific,
    unsigned fmt)
{
	return fb->is_payload_specific == is_payload_specific && fb->fmt == fmt;
}

/* --- NACK ----------------------------------------------------------------- */

enum kk_err wire_rtcp_nack_begin(struct wire_rtcp_nack_iter *it,
    const struct wire_rtcp_fb *fb)
{
	if (!fb_is(fb, false, WIRE_RTCP_RTPFB_NACK))
		return KK_EUNSUP;
	if (fb->fci.bytes == 0 || fb->fci.bytes % NACK_BYTES != 0)
		return KK_EFORMAT;
	*it = (struct wire_rtcp_nack_iter){ .left = fb->fci };
	return KK_OK;
}

bool wire_rtcp_nack_next(struct wire_rtcp_nack_iter *it, uint16_t *seq)
{
	unsigned bit = 0;

	if (it->mask == 0) {
		if (it->left.bytes < NACK_BYTES)
			return false;
		it->pid = wire_get_u16(it->left.data);
		it->mask = (uint32_t)wire_get_u16(it->left.data + 2) << 1 | 1;
		it->left.data += NACK_BYTES;
		it->left.bytes -= NACK_BYTES;
	}
	while (!(it->mask >> bit & 1))
		bit++;
	it->mask &= it->mask - 1;
	*seq = (uint16_t)(it->pid + bit);
	return true;
}

void wire_rtcp_nack_write(struct wire_out *w, uint32_t sender_ssrc,
    uint32_t media_ssrc, const uint16_t *seqs, size_t count)
{
	size_t at = wire_rtcp_fb_begin(w, WIRE_RTCP_RTPFB, WIRE_RTCP_RTPFB_NACK,
	    sender_ssrc, media_ssrc);
	size_t i = 0;

	if (count == 0)
		wire_out_fail(w, KK_EINVAL);
	while (i < count && !w->err) {
		uint16_t pid = seqs[i++];
		unsigned mask = 0;

		for (; i < count; i++) {
			uint16_t ahead = (uint16_t)(seqs[i] - pid);

			if (ahead == 0)
				continue;
			if (ahead >= WIRE_RTCP_NACK_SPAN)
				break;
			mask |= 1u << (ahead - 1);
		}
		wire_out_u16(w, pid);
		wire_out_u16(w, mask);
	}
	wire_rtcp_packet_end(w, at);
}

/* --- PLI and FIR ---------------------------------------------------------- */

enum kk_err wire_rtcp_pli_check(const struct wire_rtcp_fb *fb)
{
	if (!fb_is(fb, true, WIRE_RTCP_PSFB_PLI))
		return KK_EUNSUP;
	return fb->fci.bytes == 0 ? KK_OK : KK_EFORMAT;
}

void wire_rtcp_pli_write(struct wire_out *w, uint32_t sender_ssrc,
    uint32_t media_ssrc)
{
	wire_rtcp_packet_end(w,
	    wire_rtcp_fb_begin(w, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI,
		sender_ssrc, media_ssrc));
}

enum kk_err wire_rtcp_fir_count(const struct wire_rtcp_fb *fb, size_t *count)
{
	if (!fb_is(fb, true, WIRE_RTCP_PSFB_FIR))
		return KK_EUNSUP;
	if (fb->fci.bytes == 0 || fb->fci.bytes % FIR_BYTES != 0)
		return KK_EFORMAT;
	*count = fb->fci.bytes / FIR_BYTES;
	return KK_OK;
}

struct wire_rtcp_fir wire_rtcp_fir_get(const struct wire_rtcp_fb *fb,
    size_t index)
{
	const uint8_t *at = fb->fci.data + index * FIR_BYTES;

	return (struct wire_rtcp_fir){ wire_get_u32(at), at[4] };
}

void wire_rtcp_fir_write(struct wire_out *w, uint32_t sender_ssrc,
    const struct wire_rtcp_fir *firs, size_t count)
{
	size_t at = wire_rtcp_fb_begin(w, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_FIR,
	    sender_ssrc, 0);

	if (count == 0)
		wire_out_fail(w, KK_EINVAL);
	for (size_t i = 0; i < count && !w->err; i++) {
		wire_out_u32(w, firs[i].ssrc);
		wire_out_u8(w, firs[i].seq);
		wire_out_u24(w, 0);
	}
	wire_rtcp_packet_end(w, at);
}

/* --- REMB (draft-alvestrand-rmcat-remb-03, 2.2) --------------------------- */

enum kk_err wire_rtcp_remb_parse(struct wire_rtcp_remb *remb,
    const struct wire_rtcp_fb *fb)
{
	struct wire_rtcp_remb parsed;
	uint32_t head, mantissa;
	unsigned exponent;
	struct kk_reader r;

	if (!fb_is(fb, true, WIRE_RTCP_PSFB_AFB))
		return KK_EUNSUP;
	kk_reader_init(&r, fb->fci);
	if (kk_read_u32(&r) != remb_name && !kk_reader_err(&r))
		return KK_EUNSUP;
	head = kk_read_u32(&r);
	parsed.ssrcs = kk_read_raw(&r, (size_t)(head >> 24) * 4);
	if (kk_reader_end(&r))
		return kk_reader_end(&r);
	mantissa = head & REMB_MANTISSA_MAX;
	exponent = head >> REMB_MANTISSA_BITS & 0x3f;
	parsed.rate_bps = (uint64_t)mantissa << exponent;
	if (parsed.rate_bps >> exponent != mantissa)
		return KK_ELIMIT;
	*remb = parsed;
	return KK_OK;
}

void wire_rtcp_remb_write(struct wire_out *w, uint32_t sender_ssrc,
    uint64_t rate_bps, const uint32_t *ssrcs, size_t count)
{
	size_t at = wire_rtcp_fb_begin(w, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_AFB,
	    sender_ssrc, 0);
	unsigned exponent = 0;

	if (count > WIRE_RTCP_REMB_SSRCS_MAX)
		wire_out_fail(w, KK_EINVAL);
	while (rate_bps >> exponent > REMB_MANTISSA_MAX)
		exponent++;
	wire_out_u32(w, remb_name);
	wire_out_u8(w, (unsigned)count);
	wire_out_u24(w,
	    (uint32_t)exponent << REMB_MANTISSA_BITS |
		(uint32_t)(rate_bps >> exponent));
	for (size_t i = 0; i < count && !w->err; i++)
		wire_out_u32(w, ssrcs[i]);
	wire_rtcp_packet_end(w, at);
}
