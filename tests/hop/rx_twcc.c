/* rx_twcc.c - tests of transport-wide feedback, read back as a sender would. */
#include "hop/rx_twcc.h"

#include <string.h>

#include "harness/tap.h"

enum { S = 1000000, START_US = 100 * S, ROOM_BYTES = 1200, SEEN = 65536 };

struct sender { /* what it knows: 0 nothing, 1 lost, 2 received */
	uint8_t state[SEEN];
	int64_t unit[SEEN];
	unsigned packets;
};

static void sender_read(struct sender *s, struct kk_view packet)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp rtcp;
	struct wire_rtcp_fb fb;
	struct wire_twcc twcc;
	struct wire_twcc_iter statuses;
	struct wire_twcc_status status;

	CHECK_OK(wire_rtcp_begin(&it, packet, true));
	CHECK(wire_rtcp_next(&it, &rtcp));
	CHECK_OK(wire_rtcp_fb_parse(&fb, &rtcp));
	CHECK_EQ(fb.sender_ssrc, 1);
	CHECK_EQ(fb.media_ssrc, 2);
	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	CHECK_EQ(twcc.feedback_nr, s->packets++ & 0xff);
	wire_twcc_begin(&statuses, &twcc);
	while (wire_twcc_next(&statuses, &status)) {
		if (s->state[status.seq] == 2)
			continue;
		s->state[status.seq] = status.is_received ? 2 : 1;
		s->unit[status.seq] = status.time;
	}
}

static void tell(struct hop_rx_twcc *t, struct sender *s, uint64_t now_us)
{
	uint8_t out[ROOM_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	while (hop_rx_twcc_write(t, &w, 1, 2, now_us)) {
		sender_read(s, wire_out_view(&w));
		wire_out_init(&w, out, sizeof(out));
	}
}

TEST(twcc_tells_every_packet_over_the_wrap_received_or_lost)
{
	static struct sender s;
	struct hop_rx_twcc t;
	uint64_t now = START_US;

	memset(&s, 0, sizeof(s));
	hop_rx_twcc_init(&t);
	for (unsigned i = 0; i < 2000; i++, now += 2000) {
		/* gaps in the middle and at the borders of feedback */
		if (i % 26 != 1 && i % 11 != 3)
			hop_rx_twcc_packet(&t, (uint16_t)(64000 + i), now);
		tell(&t, &s, now);
	}
	tell(&t, &s, now + HOP_TWCC_EVERY_US);
	for (unsigned i = 0; i < 2000; i++)
		CHECK_EQ(s.state[(uint16_t)(64000 + i)],
		    i % 26 != 1 && i % 11 != 3 ? 2 : 1);
	CHECK(s.packets >= 2000 * 2 / 60 && s.packets <= 2000 * 2 / 50 + 2);
}

TEST(twcc_tells_a_late_packet_that_it_has_told_as_lost)
{
	static struct sender s;
	struct hop_rx_twcc t;

	memset(&s, 0, sizeof(s));
	hop_rx_twcc_init(&t);
	hop_rx_twcc_packet(&t, 1, START_US);
	hop_rx_twcc_packet(&t, 3, START_US + 100);
	tell(&t, &s, START_US + HOP_TWCC_EVERY_US);
	CHECK_EQ(s.state[2], 1);
	hop_rx_twcc_packet(&t, 2, START_US + HOP_TWCC_EVERY_US);
	tell(&t, &s, START_US + 2 * HOP_TWCC_EVERY_US);
	CHECK_EQ(s.state[2], 2);
	CHECK_EQ(s.unit[2] - s.unit[1], HOP_TWCC_EVERY_US / WIRE_TWCC_UNIT_US);
	CHECK_EQ(hop_rx_twcc_wait_us(&t, START_US + S), -1);
}

TEST(twcc_goes_on_after_a_long_silence_and_a_far_jump)
{
	static struct sender s;
	struct hop_rx_twcc t;

	memset(&s, 0, sizeof(s));
	hop_rx_twcc_init(&t);
	hop_rx_twcc_packet(&t, 1, START_US);
	tell(&t, &s, START_US + S);
	hop_rx_twcc_packet(&t, 3, START_US + 60ULL * S);
	tell(&t, &s, START_US + 61ULL * S);
	CHECK_EQ(s.state[3], 2);
	hop_rx_twcc_packet(&t, 30000, START_US + 61ULL * S);
	tell(&t, &s, START_US + 62ULL * S);
	CHECK_EQ(s.state[30000], 2);
	CHECK_EQ(s.packets, 3);
}

TEST(twcc_stays_bounded_under_any_numbers_and_when_nobody_takes_it)
{
	struct hop_rx_twcc t;
	uint32_t x = 1;

	hop_rx_twcc_init(&t);
	for (unsigned i = 0; i < 20000; i++) {
		x = x * 1664525 + 1013904223;
		hop_rx_twcc_packet(&t, (uint16_t)(x >> 16), START_US + i);
		CHECK(t.count <= HOP_TWCC_ARRIVALS_MAX && t.told <= t.count);
		for (size_t j = 1; j < t.count; j++)
			CHECK(t.list[j - 1].seq < t.list[j].seq);
	}
	CHECK_EQ(hop_rx_twcc_wait_us(&t, START_US + 20000), 0);
}
