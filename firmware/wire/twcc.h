/*
 * twcc.h - transport-wide congestion control feedback.  No state, no clock.
 *
 *     RTCP header (PT 205, FMT 15), sender SSRC, media SSRC
 *     | base sequence number          | packet status count           |
 *     | reference time, 24 bits, 64 ms units          | feedback nr   |
 *     | packet chunks: 16 bits each ...  deltas: 8 or 16 bits each ...|
 *
 * Times count in 250 us units from the reference time's zero; where that lies
 * is the receiver's affair.
 *
 * Source: draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1.
 */
#pragma once
#include "wire/rtcp.h"

/* Of the header extension that a packet's number stands in. */
#define WIRE_TWCC_URI             \
	"http://www.ietf.org/id/" \
	"draft-holmer-rmcat-transport-wide-cc-extensions-01"

enum {
	WIRE_TWCC_ID = 5, /* of that extension, in all that is ours */
	WIRE_TWCC_UNIT_US = 250,
	WIRE_TWCC_REFERENCE_UNITS = 256, /* 64 ms */
	WIRE_TWCC_STATUSES_MAX = UINT16_MAX
};

struct wire_twcc {
	uint16_t base_seq;
	uint16_t status_count;
	int32_t reference_time; /* signed, in 64 ms; wraps after 24 bits */
	uint8_t feedback_nr;
	struct kk_view chunks;
	struct kk_view deltas;
};

/*
 * Checks the whole feedback: the chunks cover status_count packets, and there
 * is a delta for each received one.  It takes time by the chunks there are, not
 * by the packets they stand for.  On error *fb is left alone.
 * Errors: KK_EUNSUP another feedback; KK_ETRUNC too few chunks or deltas;
 * KK_EFORMAT no packet, the reserved status, or more than padding at the end.
 */
MUST_CHECK enum kk_err wire_twcc_parse(struct wire_twcc *twcc,
    const struct wire_rtcp_fb *fb);

struct wire_twcc_status {
	uint16_t seq;
	bool is_received;
	int64_t time; /* 250 us units; of a received packet */
};

struct wire_twcc_iter { /* opaque */
	struct wire_twcc twcc;
	size_t chunk, index, done; /* index inside the chunk */
	size_t delta_at;
	int64_t time;
};

/* status_count steps: at most 65,535, whatever the packet's length. */
void wire_twcc_begin(struct wire_twcc_iter *it, const struct wire_twcc *twcc);
bool wire_twcc_next(struct wire_twcc_iter *it, struct wire_twcc_status *status);

struct wire_twcc_arrival {
	uint64_t seq; /* extended, so that it never wraps */
	int64_t time_us; /* of one clock */
};

/*
 * Appends one feedback packet for as many arrivals as fit its form and the
 * room, and sets *taken to their number; the caller sends the rest in the next
 * one.  arrivals stand in the order of their numbers, each once; the numbers
 * between them are told lost.  Times are rounded down to 250 us.
 * On error *taken is 0 and the error sticks.
 * Errors: KK_EINVAL no arrivals, or not in order; KK_ENOSPC not even one fits.
 */
void wire_twcc_write(struct wire_out *w, uint32_t sender_ssrc,
    uint32_t media_ssrc, uint8_t feedback_nr,
    const struct wire_twcc_arrival *arrivals, size_t count, size_t *taken);
