/*
 * rx_twcc.h - what a receiver tells about all packets of a transport, so that
 * the sender can find out how much the path carries.
 *
 * The number stands in the header extension whose URI is WIRE_TWCC_URI; it
 * counts over all streams of the transport.  No socket, no clock, no heap.
 *
 * Source: draft-holmer-rmcat-transport-wide-cc-extensions-01.
 */
#pragma once
#include "wire/twcc.h"

enum {
	HOP_TWCC_ARRIVALS_MAX = 512,
	HOP_TWCC_EVERY_US = 50000, /* libwebrtc: 50 to 250 ms */
	HOP_TWCC_FULL = 128 /* tell sooner when there is so much to tell */
};

struct hop_rx_twcc { /* opaque */
	struct wire_twcc_arrival list[HOP_TWCC_ARRIVALS_MAX]; /* by number */
	size_t count;
	size_t told; /* of these, those that need not be told again */
	uint64_t top_seq; /* extended; 0 before the first */
	uint64_t told_us;
	uint8_t feedback_nr;
};

void hop_rx_twcc_init(struct hop_rx_twcc *t);
void hop_rx_twcc_packet(struct hop_rx_twcc *t, uint16_t seq, uint64_t now_us);

/* Microseconds until there is something to be told; -1: never. */
int64_t hop_rx_twcc_wait_us(const struct hop_rx_twcc *t, uint64_t now_us);

/*
 * Appends a feedback packet when it is time.  Call again until false: not all
 * may fit one.  media_ssrc is any stream of the transport.
 */
bool hop_rx_twcc_write(struct hop_rx_twcc *t, struct wire_out *w,
    uint32_t sender_ssrc, uint32_t media_ssrc, uint64_t now_us);
