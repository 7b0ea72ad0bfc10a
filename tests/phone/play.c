/* play.c - what is heard of a telephone whose packets come late, out of order,
 * twice or never. */
#include <string.h>

#include "harness/tap.h"
#include "line.h"

enum { SECOND = 50 /* ticks */ };

static struct line l;

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % sides;
}

static void expect(size_t tick, double likeness, unsigned delay_ms)
{
	unsigned delay = 0;
	const double like = line_likeness(&l, tick, &delay);

	tap_diag("%s, second %zu: likeness %.3f, delay %u ms",
	    codec_format(l.config.codec)->name, tick / SECOND, like, delay);
	CHECK(like >= likeness);
	CHECK(delay <= delay_ms);
}

TEST(even_line_is_heard_whole_and_soon)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		struct phone_stats stats;

		line_open(&l, id, 6 * SECOND, 0);
		line_run(&l);
		expect(0, 0.85, 60);
		expect(3 * SECOND, 0.85, 60);
		phone_rx_stats(l.rx, &stats);
		CHECK_EQ(stats.packets, l.ticks);
		CHECK_EQ(stats.late + stats.bad, 0);
		CHECK(stats.concealed_ms <= 40);
		line_close(&l);
	}
}

TEST(jitter_is_waited_for_and_no_longer_than_it_takes)
{
	uint32_t seed = 1;
	struct phone_stats stats;

	line_open(&l, CODEC_PCMA, 20 * SECOND, 0);
	for (size_t i = 0; i < l.packet_count; i++)
		l.packet[i].at_us += dice(&seed, 60000);
	line_sort(&l);
	line_run(&l);
	expect(10 * SECOND, 0.97, 130);
	expect(15 * SECOND, 0.97, 130);
	phone_rx_stats(l.rx, &stats);
	CHECK(stats.late < l.ticks / 50);
	CHECK(stats.delay_ms >= 50 && stats.delay_ms <= 90);
	line_close(&l);
}

TEST(delay_goes_down_again_when_the_jitter_has_gone)
{
	uint32_t seed = 2;

	line_open(&l, CODEC_PCMA, 30 * SECOND, 0);
	for (size_t i = 0; i < 5 * SECOND; i++)
		l.packet[i].at_us += dice(&seed, 150000);
	line_sort(&l);
	line_run(&l);
	expect(28 * SECOND, 0.97, 75);
	line_close(&l);
}

/* A sender that had no processor for a while: what it says then comes at once.
 */
static void stall(size_t tick, uint64_t ms)
{
	const uint64_t from_us = l.packet[tick].at_us;
	const uint64_t end_us = from_us + ms * 1000;

	for (size_t i = tick; i < l.ticks && l.packet[i].at_us < end_us; i++)
		l.packet[i].at_us = end_us;
}

/* Whoever stalled before does so again: when that is known, nothing is lost any
 * more, and no second has a place where the delay changes. */
TEST(sender_that_stalls_again_and_again_is_soon_heard_whole)
{
	enum { KNOWN = 18, LAST = 27 };
	uint32_t seed = 7;
	unsigned first = 0;

	line_open(&l, CODEC_OPUS, (LAST + 2) * SECOND, 0);
	for (size_t i = 2 * SECOND; i < l.ticks;
	    i += SECOND + dice(&seed, 4 * SECOND))
		stall(i, 20 + dice(&seed, 120));
	line_run(&l);
	(void)line_likeness(&l, (size_t)KNOWN * SECOND, &first);
	for (size_t i = KNOWN; i <= LAST; i++)
		expect(i * SECOND, 0.96, first);
	CHECK(first <= 120);
	line_close(&l);
}

TEST(one_stall_is_forgotten_within_seconds)
{
	line_open(&l, CODEC_OPUS, 12 * SECOND, 0);
	stall((size_t)3 * SECOND, 150);
	line_run(&l);
	expect((size_t)10 * SECOND, 0.96, 90);
	line_close(&l);
}

TEST(packets_out_of_order_and_doubled_are_heard_once_in_order)
{
	struct phone_stats stats;

	line_open(&l, CODEC_PCMU, 12 * SECOND, 0);
	for (size_t i = 0; i + 1 < l.ticks; i += 3) {
		const uint64_t at_us = l.packet[i].at_us;

		l.packet[i].at_us = l.packet[i + 1].at_us + 1000;
		l.packet[i + 1].at_us = at_us;
		l.packet[l.packet_count] = l.packet[i + 1];
		l.packet[l.packet_count++].at_us += 5000;
	}
	line_sort(&l);
	line_run(&l);
	expect(5 * SECOND, 0.99, 100);
	expect(10 * SECOND, 0.99, 100);
	phone_rx_stats(l.rx, &stats);
	CHECK(stats.late >= l.ticks / 3 - 2);
	line_close(&l);
}

TEST(one_in_twenty_lost_is_covered)
{
	for (enum codec_id id = 0; id < CODEC_COUNT; id++) {
		uint32_t seed = 3;

		line_open(&l, id, 12 * SECOND, 0);
		for (size_t i = 0; i < l.ticks; i++) {
			if (dice(&seed, 20) == 0)
				l.packet[i].bytes = 0;
		}
		line_run(&l);
		expect(5 * SECOND, 0.85, 80);
		expect(10 * SECOND, 0.85, 80);
		line_close(&l);
	}
}

/* 300 ppm are 9 ms in half a minute; a buffer that did not follow would run
 * dry or over in a long call. */
TEST(clock_of_a_telephone_may_be_fast_or_slow)
{
	static const int skews[] = { 3000, -3000 };

	for (size_t i = 0; i < KK_ARRAY_LEN(skews); i++) {
		struct phone_stats stats;

		line_open(&l, CODEC_PCMA, 28 * SECOND, skews[i]);
		line_run(&l);
		phone_rx_stats(l.rx, &stats);
		tap_diag("skew %d ppm: %u late, %u ms concealed, delay %u",
		    skews[i], (unsigned)stats.late,
		    (unsigned)stats.concealed_ms, stats.delay_ms);
		CHECK(stats.late <= 5);
		CHECK(stats.concealed_ms <= 200);
		line_close(&l);
	}
}

TEST(telephone_that_is_silent_for_a_while_is_heard_when_it_speaks_again)
{
	line_open(&l, CODEC_PCMA, 14 * SECOND, 0);
	for (size_t i = 4 * SECOND; i < 9 * SECOND; i++)
		l.packet[i].bytes = 0;
	line_run(&l);
	expect(0, 0.99, 60);
	for (size_t i = 6 * SECOND * CODEC_TICK_SAMPLES;
	    i < 9 * SECOND * CODEC_TICK_SAMPLES; i++)
		CHECK_EQ(l.heard[i], 0);
	expect(10 * SECOND, 0.99, 100);
	line_close(&l);
}

/* Some count no time while they are held, and go on where they stood. */
TEST(telephone_whose_time_stood_still_is_heard_when_it_goes_on)
{
	const size_t from = 4 * SECOND, still = 5 * SECOND;
	struct phone_stats stats;

	line_open(&l, CODEC_PCMA, 20 * SECOND, 0);
	for (size_t i = from; i < l.ticks; i++)
		l.packet[i].at_us += still * LINE_TICK_US;
	line_run(&l);
	memmove(l.heard + from * CODEC_TICK_SAMPLES,
	    l.heard + (from + still) * CODEC_TICK_SAMPLES,
	    (l.ticks - from - still) * CODEC_TICK_SAMPLES * sizeof(l.heard[0]));
	expect(0, 0.99, 60);
	expect(from + SECOND, 0.97, 100);
	expect(from + 6 * SECOND, 0.97, 100);
	phone_rx_stats(l.rx, &stats);
	CHECK(stats.delay_ms <= 60);
	line_close(&l);
}

/* The packet before the pause is cut to its first byte: RFC 7587, 3.1.3. */
TEST(telephone_that_says_that_it_pauses_has_nothing_concealed)
{
	const size_t from = 4 * SECOND, until = from + SECOND / 2;
	struct phone_stats stats;

	line_open(&l, CODEC_OPUS, 12 * SECOND, 0);
	l.packet[from].bytes = 13;
	for (size_t i = from + 1; i < until; i++)
		l.packet[i].bytes = 0;
	line_run(&l);
	phone_rx_stats(l.rx, &stats);
	CHECK_EQ(stats.concealed_ms, 0);
	for (size_t i = (from + 5) * CODEC_TICK_SAMPLES;
	    i < until * CODEC_TICK_SAMPLES; i++)
		CHECK_EQ(l.heard[i], 0);
	expect(10 * SECOND, 0.85, 100);
	line_close(&l);
}

TEST(stream_that_begins_anew_is_heard)
{
	line_open(&l, CODEC_PCMA, 14 * SECOND, 0);
	for (size_t i = 7 * SECOND; i < l.ticks; i++) {
		l.packet[i].data[4] ^= 0x55; /* timestamps elsewhere */
		l.packet[i].data[8] ^= 0x55; /* another SSRC */
	}
	line_run(&l);
	expect(5 * SECOND, 0.99, 60);
	expect(10 * SECOND, 0.99, 100);
	line_close(&l);
}

TEST(any_bytes_and_times_leave_the_line_as_it_was_or_silent)
{
	uint32_t seed = 4;

	line_open(&l, CODEC_OPUS, 12 * SECOND, 0);
	for (size_t i = 0; i < 6 * SECOND; i++) {
		for (size_t b = 0; b < l.packet[i].bytes; b++) {
			if (dice(&seed, 4) == 0)
				l.packet[i].data[b] = (uint8_t)dice(&seed, 256);
		}
	}
	line_run(&l);
	/* Wrong times ask for 300 ms at most, of which four seconds leave half.
	 */
	expect(10 * SECOND, 0.9, 160);
	line_close(&l);
}
