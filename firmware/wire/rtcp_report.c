/* rtcp_report.c - sender and receiver reports (RFC 3550, 6.4). */
#include "wire/rtcp.h"

enum {
	REPORT_BYTES = 24, /* RFC 3550, 6.4.1 */
	LOST_MAX = 0x7fffff, /* 24 bits, signed */
	LOST_RANGE = 0x1000000
};

static struct kk_view reports_read(struct kk_reader *r, uint8_t count)
{
	return kk_read_raw(r, (size_t)count * REPORT_BYTES);
}

enum kk_err wire_rtcp_sr_parse(struct wire_rtcp_sr *sr,
    const struct wire_rtcp *packet)
{
	struct wire_rtcp_sr parsed;
	struct kk_reader r;

	if (packet->type != WIRE_RTCP_SR)
		return KK_EUNSUP;
	kk_reader_init(&r, packet->body);
	parsed.ssrc = kk_read_u32(&r);
	parsed.ntp = kk_read_u64(&r);
	parsed.timestamp = kk_read_u32(&r);
	parsed.packet_count = kk_read_u32(&r);
	parsed.octet_count = kk_read_u32(&r);
	parsed.reports = reports_read(&r, packet->count);
	if (kk_reader_err(&r)) /* what follows is a profile's, 6.4.3 */
		return kk_reader_err(&r);
	*sr = parsed;
	return KK_OK;
}

enum kk_err wire_rtcp_rr_parse(struct wire_rtcp_rr *rr,
    const struct wire_rtcp *packet)
{
	struct wire_rtcp_rr parsed;
	struct kk_reader r;

	if (packet->type != WIRE_RTCP_RR)
		return KK_EUNSUP;
	kk_reader_init(&r, packet->body);
	parsed.ssrc = kk_read_u32(&r);
	parsed.reports = reports_read(&r, packet->count);
	if (kk_reader_err(&r))
		return kk_reader_err(&r);
	*rr = parsed;
	return KK_OK;
}

size_t wire_rtcp_report_count(struct kk_view reports)
{
	return reports.bytes / REPORT_BYTES;
}

struct wire_rtcp_report wire_rtcp_report_get(struct kk_view reports,
    size_t index)
{
	const uint8_t *at = reports.data + index * REPORT_BYTES;
	int32_t lost = (int32_t)wire_get_u24(at + 5);

	return (struct wire_rtcp_report){
		.ssrc = wire_get_u32(at),
		.fraction_lost = at[4],
		.lost_count = lost > LOST_MAX ? lost - LOST_RANGE : lost,
		.top_seq = wire_get_u32(at + 8),
		.jitter = wire_get_u32(at + 12),
		.last_sr = wire_get_u32(at + 16),
		.since_last_sr = wire_get_u32(at + 20),
	};
}

static void reports_write(struct wire_out *w,
    const struct wire_rtcp_report *reports, size_t count)
{
	for (size_t i = 0; !w->err && i < count; i++) {
		const struct wire_rtcp_report *report = &reports[i];

		if (report->lost_count > LOST_MAX ||
		    report->lost_count < -LOST_MAX - 1)
			wire_out_fail(w, KK_EINVAL);
		wire_out_u32(w, report->ssrc);
		wire_out_u8(w, report->fraction_lost);
		wire_out_u24(w, (uint32_t)report->lost_count);
		wire_out_u32(w, report->top_seq);
		wire_out_u32(w, report->jitter);
		wire_out_u32(w, report->last_sr);
		wire_out_u32(w, report->since_last_sr);
	}
}

void wire_rtcp_sr_write(struct wire_out *w, const struct wire_rtcp_sr *sr,
    const struct wire_rtcp_report *reports, size_t count)
{
	size_t at = wire_rtcp_packet_begin(w, WIRE_RTCP_SR, count);

	wire_out_u32(w, sr->ssrc);
	wire_out_u32(w, (uint32_t)(sr->ntp >> 32));
	wire_out_u32(w, (uint32_t)sr->ntp);
	wire_out_u32(w, sr->timestamp);
	wire_out_u32(w, sr->packet_count);
	wire_out_u32(w, sr->octet_count);
	reports_write(w, reports, count);
	wire_rtcp_packet_end(w, at);
}

void wire_rtcp_rr_write(struct wire_out *w, uint32_t ssrc,
    const struct wire_rtcp_report *reports, size_t count)
{
	size_t at = wire_rtcp_packet_begin(w, WIRE_RTCP_RR, count);

	wire_out_u32(w, ssrc);
	reports_write(w, reports, count);
	wire_rtcp_packet_end(w, at);
}
