/* tx.c - the sender's side of reports. */
#include "hop/tx.h"

enum { US_PER_S = 1000000, MIDDLE_HZ = 65536, RTT_MAX_S = 60 };

static const uint64_t ntp_unix_s = 2208988800; /* 1900 to 1970: RFC 868 */

void hop_tx_packet(struct hop_tx *tx, uint32_t timestamp, size_t payload_bytes,
    uint64_t now_us)
{
	tx->packets++;
	tx->octets += (uint32_t)payload_bytes;
	tx->timestamp = timestamp;
	tx->sent_us = now_us;
	tx->has_sent = true;
}

uint32_t hop_timestamp_move(uint32_t timestamp, int64_t by_us,
    uint32_t clock_hz)
{
	int64_t seconds = by_us / US_PER_S, rest = by_us % US_PER_S;

	return timestamp +
	    (uint32_t)(seconds * clock_hz + rest * clock_hz / US_PER_S);
}

bool hop_tx_report(const struct hop_tx *tx, uint32_t ssrc, uint32_t clock_hz,
    uint64_t ntp, uint64_t now_us, struct wire_rtcp_sr *sr)
{
	if (!tx->has_sent)
		return false;
	*sr = (struct wire_rtcp_sr){ .ssrc = ssrc,
		.ntp = ntp,
		.timestamp = hop_timestamp_move(tx->timestamp,
		    (int64_t)(now_us - tx->sent_us), clock_hz),
		.packet_count = tx->packets,
		.octet_count = tx->octets };
	return true;
}

uint64_t hop_ntp_of(uint64_t unix_us)
{
	uint64_t seconds = unix_us / US_PER_S + ntp_unix_s;

	return seconds << 32 | (unix_us % US_PER_S << 32) / US_PER_S;
}

uint64_t hop_ntp_to_us(uint64_t ntp)
{
	uint64_t part = ntp & UINT32_MAX;

	/* Rounded up, so that a time comes back as it was. */
	return ((ntp >> 32) - ntp_unix_s) * US_PER_S +
	    ((part * US_PER_S + UINT32_MAX) >> 32);
}

enum kk_err hop_rtt_of(const struct wire_rtcp_report *report, uint64_t ntp,
    uint64_t *rtt_us)
{
	uint32_t trip = (uint32_t)(ntp >> 16) - report->since_last_sr -
	    report->last_sr;

	if (report->last_sr == 0 || trip > RTT_MAX_S * MIDDLE_HZ)
		return KK_ENOENT;
	*rtt_us = (uint64_t)trip * US_PER_S / MIDDLE_HZ;
	return KK_OK;
}
