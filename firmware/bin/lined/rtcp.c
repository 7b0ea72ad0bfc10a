/* rtcp.c - reports of what we send (RFC 3550, 6.4.1); those of others say that
 * somebody is there, and how much got lost. */
#define _GNU_SOURCE
#include <string.h>
#include <time.h>

#include "rtp_private.h"
#include "wire/rtcp.h"

enum {
	NTP_1970 = 2208988800U, /* RFC 3550, 4: since 1900 */
	LOSS_LEAST = 3 /* in 1/256 */
};

static uint64_t ntp_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return ((uint64_t)now.tv_sec + NTP_1970) << 32 |
	    ((uint64_t)now.tv_nsec << 32) / 1000000000;
}

void rtp_report(struct rtp *r)
{
	const struct wire_rtcp_sr sr = { .ssrc = r->ssrc,
		.ntp = ntp_now(),
		.timestamp = r->timestamp,
		.packet_count = r->packets,
		.octet_count = r->octets };
	uint8_t plain[128], sealed[128 + SRTP_OVERHEAD_BYTES];
	size_t bytes = sizeof(sealed);
	struct wire_out w;

	wire_out_init(&w, plain, sizeof(plain));
	wire_rtcp_sr_write(&w, &sr, NULL, 0);
	wire_rtcp_cname_write(&w, r->ssrc, kk_view_text(r->name));
	if (w.err)
		return;
	if (!r->tx)
		rtp_datagram_send(r, RTP_CONTROL, wire_out_view(&w));
	else if (!srtp_tx_seal_rtcp(r->tx, wire_out_view(&w), sealed, &bytes))
		rtp_datagram_send(r, RTP_CONTROL, kk_view_of(sealed, bytes));
}

static void reports_take(struct rtp *r, struct kk_view reports, uint64_t now_us)
{
	for (size_t i = 0; i < wire_rtcp_report_count(reports); i++) {
		const struct wire_rtcp_report of = wire_rtcp_report_get(reports,
		    i);

		if (r->packets == 0 || of.ssrc != r->ssrc)
			continue;
		r->has_report = true;
		if (of.fraction_lost >= LOSS_LEAST)
			r->loss_us = now_us + RTP_LOSS_US;
	}
}

bool rtp_control_take(struct rtp *r, struct kk_view packet, uint64_t now_us)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp of;
	struct wire_rtcp_sr sr;
	struct wire_rtcp_rr rr;

	if (wire_rtcp_begin(&it, packet, true))
		return false;
	while (wire_rtcp_next(&it, &of)) {
		if (!wire_rtcp_sr_parse(&sr, &of))
			reports_take(r, sr.reports, now_us);
		else if (!wire_rtcp_rr_parse(&rr, &of))
			reports_take(r, rr.reports, now_us);
	}
	return true;
}

bool rtp_may_lose(const struct rtp *r, uint64_t now_us)
{
	return !r->has_report || now_us < r->loss_us;
}
