/* rx.c - the numbers of one received stream, and what a report says of it. */
#include "hop/rx.h"

#include "hop/lost.h"
#include "wire/seq.h"

enum {
	SEQ_RANGE = 1 << 16,
	JITTER_SHIFT = 4, /* RFC 3550, A.8: a sixteenth of each difference */
	US_PER_S = 1000000,
	LOST_COUNT_MAX = 0x7fffff, /* 24 bits, signed */
	LOST_COUNT_MIN = -0x800000
};

void hop_rx_init(struct hop_rx *rx, uint32_t clock_hz)
{
	*rx = (struct hop_rx){ .clock_hz = clock_hz };
}

static int64_t transit_of(const struct hop_rx *rx, uint32_t timestamp,
    uint64_t now_us)
{
	uint64_t seconds = now_us / US_PER_S, rest = now_us % US_PER_S;
	uint64_t arrival = seconds * rx->clock_hz +
	    rest * rx->clock_hz / US_PER_S;

	return (int64_t)(uint32_t)arrival - (int64_t)timestamp;
}

/* RFC 3550, A.8, in whole numbers. */
static void jitter_learn(struct hop_rx *rx, uint32_t timestamp, uint64_t now_us)
{
	int64_t transit = transit_of(rx, timestamp, now_us);
	int32_t step = (int32_t)(uint32_t)(transit - rx->transit);
	uint64_t size = (uint64_t)(step < 0 ? -(int64_t)step : step);

	rx->transit = transit;
	rx->jitter_16 += size - ((rx->jitter_16 + 8) >> JITTER_SHIFT);
}

static void begin(struct hop_rx *rx, uint16_t seq, uint32_t timestamp,
    uint64_t now_us)
{
	/* One wrap ahead, so that what came before the first has a number. */
	rx->first_seq = rx->top_seq = SEQ_RANGE + (uint64_t)seq;
	rx->transit = transit_of(rx, timestamp, now_us);
	rx->has_begun = true;
}

static enum hop_arrival newer(struct hop_rx *rx, uint64_t seq, uint64_t now_us)
{
	uint64_t missing = seq - rx->top_seq - 1;

	if (missing > HOP_GAP_MAX)
		hop_losses_forget(&rx->losses);
	else if (missing > 0)
		hop_losses_add(&rx->losses, rx->top_seq + 1, seq - 1, now_us);
	rx->top_seq = seq;
	return HOP_NEW;
}

enum hop_arrival hop_rx_packet(struct hop_rx *rx, uint16_t seq,
    uint32_t timestamp, bool is_resent, uint64_t now_us, uint64_t *extended)
{
	rx->received += !is_resent;
	if (!rx->has_begun) {
		begin(rx, seq, timestamp, now_us);
		*extended = rx->top_seq;
		return HOP_NEW;
	}
	*extended = wire_seq_extend(rx->top_seq, seq);
	if (*extended > rx->top_seq) {
		if (!is_resent)
			jitter_learn(rx, timestamp, now_us);
		return newer(rx, *extended, now_us);
	}
	if (hop_losses_take(&rx->losses, *extended, now_us))
		return HOP_MISSED;
	return HOP_OLD;
}

size_t hop_rx_nacks(struct hop_rx *rx, uint64_t now_us, uint16_t *seqs,
    size_t max)
{
	return hop_losses_ask(&rx->losses, now_us, seqs, max);
}

int64_t hop_rx_wait_us(const struct hop_rx *rx, uint64_t now_us)
{
	return hop_losses_wait_us(&rx->losses, now_us);
}

uint64_t hop_rx_given_up(const struct hop_rx *rx)
{
	return rx->losses.given_up;
}

void hop_rx_rtt_set(struct hop_rx *rx, uint64_t rtt_us)
{
	rx->losses.rtt_us = rtt_us < HOP_RTT_MAX_US ? rtt_us : HOP_RTT_MAX_US;
}

void hop_rx_sr(struct hop_rx *rx, const struct wire_rtcp_sr *sr,
    uint64_t now_us)
{
	rx->has_sr = true;
	rx->sr_middle = (uint32_t)(sr->ntp >> 16);
	rx->sr_us = now_us;
}

/* RFC 3550, A.3. */
static void loss_report(struct hop_rx *rx, struct wire_rtcp_report *report)
{
	uint64_t expected = rx->top_seq - rx->first_seq + 1;
	int64_t lost = (int64_t)expected - (int64_t)rx->received;
	int64_t expected_now = (int64_t)(expected - rx->expected_before);
	int64_t lost_now = expected_now -
	    (int64_t)(rx->received - rx->received_before);

	rx->expected_before = expected;
	rx->received_before = rx->received;
	if (lost > LOST_COUNT_MAX)
		lost = LOST_COUNT_MAX;
	if (lost < LOST_COUNT_MIN)
		lost = LOST_COUNT_MIN;
	report->lost_count = (int32_t)lost;
	if (expected_now > 0 && lost_now > 0) /* all of them: 255, not 256 */
		report->fraction_lost = (uint8_t)(lost_now == expected_now ?
			UINT8_MAX :
			lost_now * 256 / expected_now);
}

bool hop_rx_report(struct hop_rx *rx, uint32_t ssrc, uint64_t now_us,
    struct wire_rtcp_report *report)
{
	if (!rx->has_begun)
		return false;
	*report = (struct wire_rtcp_report){ .ssrc = ssrc,
		/* Wraps count from 0 on the wire. */
		.top_seq = (uint32_t)(rx->top_seq - SEQ_RANGE),
		.jitter = (uint32_t)(rx->jitter_16 >> JITTER_SHIFT) };
	loss_report(rx, report);
	if (rx->has_sr) {
		uint64_t since_us = now_us - rx->sr_us;

		report->last_sr = rx->sr_middle;
		report->since_last_sr = (uint32_t)(since_us / US_PER_S * 65536 +
		    since_us % US_PER_S * 65536 / US_PER_S);
	}
	return true;
}
