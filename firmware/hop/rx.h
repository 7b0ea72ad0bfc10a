/*
 * rx.h - what a receiver keeps of one RTP stream: its numbers, what is missing
 * of it, and what a report says about it.  Zones: forward, media, telephone.
 *
 * Packets come here when SRTP has opened them, so none comes twice and none is
 * older than SRTP's replay window.  No socket, no clock: now_us is a clock of
 * the caller's that never goes back.  No heap.  Not for more than one thread.
 *
 * Source: RFC 3550, A.1, A.3, A.8, 6.4.1; RFC 4585, 6.2.1.
 */
#pragma once
#include "wire/rtcp.h"

enum {
	HOP_LOST_MAX = 256, /* missing packets that are asked for at a time */
	/* A gap that is longer is no loss that could be mended: the stream
	 * goes on behind it (RFC 3550, A.1: MAX_DROPOUT is 3000). */
	HOP_GAP_MAX = 1000,
	HOP_ASKS_MAX = 10, /* then the packet is given up */
	HOP_LOST_AGE_US = 1000000, /* likewise */
	/* Packets that overtake each other are most often this close. */
	HOP_ASK_FIRST_US = 10000,
	HOP_ASK_AGAIN_MIN_US = 20000,
	HOP_RTT_DEFAULT_US = 100000, /* until one is known */
	HOP_RTT_MAX_US = 2000000
};

struct hop_lost { /* opaque: a missing packet */
	uint64_t seq; /* extended */
	uint64_t since_us, asked_us;
	unsigned asks;
};

struct hop_losses { /* opaque: in the order of their numbers */
	struct hop_lost list[HOP_LOST_MAX];
	size_t count;
	uint64_t rtt_us; /* 0: not known */
	uint64_t given_up; /* of all time */
};

struct hop_rx { /* opaque */
	uint32_t clock_hz;
	bool has_begun;
	uint64_t first_seq, top_seq; /* extended */
	uint64_t received;
	uint64_t expected_before, received_before; /* at the last report */
	int64_t transit; /* of the last packet, in timestamp units */
	uint64_t jitter_16; /* times 16 (RFC 3550, A.8) */
	bool has_sr;
	uint32_t sr_middle;
	uint64_t sr_us;
	struct hop_losses losses;
};

enum hop_arrival {
	HOP_NEW, /* newer than all before */
	HOP_MISSED, /* was missing: late, or sent again */
	HOP_OLD /* older, and nobody waits for it any more */
};

void hop_rx_init(struct hop_rx *rx, uint32_t clock_hz);

/*
 * Takes notice of a packet and gives its extended number, which is 65536 at
 * least.  One that came by RTX (is_resent) is of another stream: it tells
 * nothing about jitter, and a report counts the packet that it stands for as
 * lost.
 */
enum hop_arrival hop_rx_packet(struct hop_rx *rx, uint16_t seq,
    uint32_t timestamp, bool is_resent, uint64_t now_us, uint64_t *extended);

/*
 * Numbers to be asked for now, oldest first, at most max of them, for
 * wire_rtcp_nack_write(); each counts as asked.  What is too old, or was asked
 * for too often, is given up before.  Returns how many.
 */
size_t hop_rx_nacks(struct hop_rx *rx, uint64_t now_us, uint16_t *seqs,
    size_t max);

/* Microseconds until hop_rx_nacks() has something to do; -1: never. */
int64_t hop_rx_wait_us(const struct hop_rx *rx, uint64_t now_us);

/* Packets given up, of all time: when it grows, ask for a key frame. */
uint64_t hop_rx_given_up(const struct hop_rx *rx);

/* A round trip that is known from elsewhere; else answers to our own asking
 * tell it. */
void hop_rx_rtt_set(struct hop_rx *rx, uint64_t rtt_us);

/* The sender's report of this stream has come. */
void hop_rx_sr(struct hop_rx *rx, const struct wire_rtcp_sr *sr,
    uint64_t now_us);

/*
 * Fills the report block about the stream, which the next one goes on from.
 * False, and nothing written, before the first packet.
 */
bool hop_rx_report(struct hop_rx *rx, uint32_t ssrc, uint64_t now_us,
    struct wire_rtcp_report *report);
