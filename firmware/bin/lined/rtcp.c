/* rtcp.c - reports of what we send (RFC 3550, 6.4.1); those of others are
 * checked, and say no more than that somebody is there. */
#define _GNU_SOURCE
#include <string.h>
#include <time.h>

#include "rtp_private.h"
#include "wire/rtcp.h"

enum { NTP_1970 = 2208988800U }; /* RFC 3550, 4: since 1900 */

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

bool rtp_control_is_good(struct kk_view packet)
{
	struct wire_rtcp_iter it;

	return !wire_rtcp_begin(&it, packet, true);
}
