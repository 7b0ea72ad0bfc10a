/*
 * tx.h - what a sender keeps of one RTP stream for its reports, and what the
 * answers to them tell.  No socket, no clock, no heap.
 *
 * Source: RFC 3550, 4 and 6.4.1.
 */
#pragma once
#include "wire/rtcp.h"

struct hop_tx { /* opaque; all zero is one that has sent nothing */
	uint32_t packets, octets; /* wrap around, as on the wire */
	uint32_t timestamp; /* of the last packet */
	uint64_t sent_us;
	bool has_sent;
};

/* A packet has been sent; payload_bytes without header and padding. */
void hop_tx_packet(struct hop_tx *tx, uint32_t timestamp, size_t payload_bytes,
    uint64_t now_us);

/*
 * Fills a sender report: the timestamp is the last packet's, moved on by the
 * clock to now.  ntp is the same instant's (hop_ntp_of()).  False, and nothing
 * written, before the first packet.
 */
bool hop_tx_report(const struct hop_tx *tx, uint32_t ssrc, uint32_t clock_hz,
    uint64_t ntp, uint64_t now_us, struct wire_rtcp_sr *sr);

/* Moves an RTP timestamp by a time, which may be negative. */
uint32_t hop_timestamp_move(uint32_t timestamp, int64_t by_us,
    uint32_t clock_hz);

/* NTP time of microseconds since 1970, and back. */
uint64_t hop_ntp_of(uint64_t unix_us);
uint64_t hop_ntp_to_us(uint64_t ntp);

/*
 * The round trip that a report block tells; ntp is its time of arrival.
 * Errors: KK_ENOENT it names no sender report, or the times make no sense.
 */
MUST_CHECK enum kk_err hop_rtt_of(const struct wire_rtcp_report *report,
    uint64_t ntp, uint64_t *rtt_us);
