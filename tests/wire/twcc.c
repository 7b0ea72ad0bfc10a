/* twcc.c - tests of transport-wide feedback. */
#include "wire/twcc.h"

#include <string.h>

#include "harness/tap.h"
#include "wire/noise.h"

enum { OUT_BYTES = 4096, LIST_MAX = 400 };

/* By hand after the draft, 3.1: base 0xfffe, 13 packets, reference -1,
 * feedback 7; a run of 3 small ones, a 2-bit vector (lost, large, small, then
 * lost), a run of 3 lost; deltas 1, 2, 3, -4, 5. */
static const uint8_t hand[] = { 0xff, 0xfe, 0x00, 0x0d, 0xff, 0xff, 0xff, 0x07,
	0x20, 0x03, 0xc9, 0x00, 0x00, 0x03, 0x01, 0x02, 0x03, 0xff, 0xfc,
	0x05 };

static struct wire_rtcp_fb fb_of(const void *fci, size_t bytes)
{
	return (struct wire_rtcp_fb){ .fmt = WIRE_RTCP_RTPFB_TWCC,
		.fci = { fci, bytes } };
}

TEST(twcc_by_hand_is_read)
{
	static const int times[] = { -255, -253, -250, 0, -254, -249 };
	static const char received[] = "111011000000";
	struct wire_rtcp_fb fb = fb_of(hand, sizeof(hand));
	struct wire_twcc_status status;
	struct wire_twcc_iter it;
	struct wire_twcc twcc;

	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	CHECK_EQ(twcc.reference_time, -1);
	CHECK_EQ(twcc.feedback_nr, 7);
	CHECK_EQ(twcc.deltas.bytes, 6);
	wire_twcc_begin(&it, &twcc);
	for (unsigned i = 0; i < 13; i++) {
		CHECK(wire_twcc_next(&it, &status));
		CHECK_EQ(status.seq, (uint16_t)(0xfffe + i));
		CHECK_EQ(status.is_received, i < 12 && received[i] == '1');
		if (status.is_received)
			CHECK_EQ(status.time, times[i]);
	}
	CHECK(!wire_twcc_next(&it, &status));
}

TEST(twcc_one_bit_vector_is_read)
{
	static const uint8_t in[] = { 0, 1, 0, 14, 0, 0, 1, 0, 0xa0, 0x01, 4,
		5 };
	struct wire_rtcp_fb fb = fb_of(in, sizeof(in));
	struct wire_twcc_status status;
	struct wire_twcc_iter it;
	struct wire_twcc twcc;

	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	wire_twcc_begin(&it, &twcc);
	for (unsigned i = 0; i < 14; i++) {
		CHECK(wire_twcc_next(&it, &status));
		CHECK_EQ(status.is_received, i == 0 || i == 13);
	}
	CHECK_EQ(status.time, 256 + 4 + 5);
}

TEST(twcc_cut_anywhere_is_truncated_and_changes_nothing)
{
	for (size_t cut = 0; cut < sizeof(hand); cut++) {
		struct wire_rtcp_fb fb = fb_of(hand, cut);
		struct wire_twcc twcc = { .base_seq = 9 };

		CHECK_ERR(wire_twcc_parse(&twcc, &fb), KK_ETRUNC);
		CHECK_EQ(twcc.base_seq, 9);
	}
}

TEST(twcc_against_the_form_is_refused)
{
	static const uint8_t none[] = { 0, 1, 0, 0, 0, 0, 0, 0 };
	static const uint8_t reserved[] = { 0, 1, 0, 1, 0, 0, 0, 0, 0x60, 1 };
	static const uint8_t in_vector[] = { 0, 1, 0, 1, 0, 0, 0, 0, 0xf0, 0 };
	static const uint8_t behind[] = { 0, 1, 0, 1, 0, 0, 0, 0, 0xd3, 0xff, 1,
		0, 0 };
	static const uint8_t trailing[] = { 0, 1, 0, 1, 0, 0, 0, 0, 0x20, 1, 1,
		0, 0, 0, 0 };
	struct wire_rtcp_fb fb = fb_of(none, sizeof(none));
	struct wire_twcc twcc;

	CHECK_ERR(wire_twcc_parse(&twcc, &fb), KK_EFORMAT);
	fb = fb_of(reserved, sizeof(reserved));
	CHECK_ERR(wire_twcc_parse(&twcc, &fb), KK_EFORMAT);
	fb = fb_of(in_vector, sizeof(in_vector));
	CHECK_ERR(wire_twcc_parse(&twcc, &fb), KK_EFORMAT);
	fb = fb_of(trailing, sizeof(trailing));
	CHECK_ERR(wire_twcc_parse(&twcc, &fb), KK_EFORMAT);
	fb = fb_of(behind, sizeof(behind)); /* beyond the count: not read */
	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	fb.is_payload_specific = true;
	CHECK_ERR(wire_twcc_parse(&twcc, &fb), KK_EUNSUP);
}

TEST(twcc_runs_of_length_zero_end)
{
	static const uint8_t in[] = { 0, 1, 0, 2, 0, 0, 0, 0, 0x00, 0x00, 0x20,
		0x00, 0x20, 0x02, 1, 2 };
	struct wire_rtcp_fb fb = fb_of(in, sizeof(in));
	struct wire_twcc_status status;
	struct wire_twcc_iter it;
	struct wire_twcc twcc;

	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	wire_twcc_begin(&it, &twcc);
	CHECK(wire_twcc_next(&it, &status));
	CHECK(wire_twcc_next(&it, &status));
	CHECK_EQ(status.time, 3);
	CHECK(!wire_twcc_next(&it, &status));
}

static int64_t floor_units(int64_t us)
{
	return us >= 0 ? us / 250 : -((-us + 249) / 250);
}

/* Writes one packet of the list and compares what it says; returns how many
 * arrivals it took. */
static size_t check_packet(const struct wire_twcc_arrival *list, size_t count,
    size_t room)
{
	struct wire_twcc_status status = { 0 };
	struct wire_rtcp_iter packets;
	struct wire_twcc_iter it;
	struct wire_rtcp packet;
	struct wire_rtcp_fb fb;
	struct wire_twcc twcc;
	uint8_t out[OUT_BYTES];
	struct wire_out w;
	size_t taken, next = 0;
	int64_t base = 0;

	wire_out_init(&w, out, room);
	wire_twcc_write(&w, 1, 2, 3, list, count, &taken);
	CHECK_OK(w.err);
	CHECK(taken > 0 && taken <= count && w.bytes <= room);
	CHECK_OK(wire_rtcp_begin(&packets, wire_out_view(&w), true));
	CHECK(wire_rtcp_next(&packets, &packet));
	CHECK_OK(wire_rtcp_fb_parse(&fb, &packet));
	CHECK_OK(wire_twcc_parse(&twcc, &fb));
	wire_twcc_begin(&it, &twcc);
	for (uint64_t seq = list[0].seq; next < taken && next < count; seq++) {
		CHECK(wire_twcc_next(&it, &status));
		CHECK_EQ(status.seq, (uint16_t)seq);
		CHECK_EQ(status.is_received, list[next].seq == seq);
		if (!status.is_received)
			continue;
		if (next == 0) /* the reference wraps after 24 bits */
			base = floor_units(list[0].time_us) - status.time;
		CHECK_EQ(status.time + base, floor_units(list[next].time_us));
		next++;
	}
	CHECK(!wire_twcc_next(&it, &status)); /* the last one was received */
	CHECK_EQ(base % (INT64_C(256) << 24), 0);
	return taken;
}

static void check_all(const struct wire_twcc_arrival *list, size_t count,
    size_t room)
{
	size_t at = 0;

	while (at < count)
		at += check_packet(list + at, count - at, room);
	CHECK_EQ(at, count);
}

TEST(twcc_of_random_arrivals_comes_back_in_packets_of_any_room)
{
	static const size_t rooms[] = { 24, 40, 100, 1200, OUT_BYTES };
	uint64_t state = 6;

	for (unsigned round = 0; round < 500; round++) {
		struct wire_twcc_arrival list[LIST_MAX];
		size_t count = 1 + noise_next(&state) % LIST_MAX;
		uint64_t seq = noise_next(&state) % 0x20000;
		int64_t time_us = (int64_t)noise_next(&state) - 0x7fffffff;

		for (size_t i = 0; i < count; i++) {
			unsigned kind = noise_next(&state) % (2 + round % 20);

			seq += kind == 1 ? 1 + noise_next(&state) % 40 : 1;
			time_us += kind == 0 ?
			    (int)(noise_next(&state) % 200000) - 60000 :
			    (int)(noise_next(&state) % 5000);
			list[i] = (struct wire_twcc_arrival){ seq, time_us };
		}
		check_all(list, count, rooms[round % KK_ARRAY_LEN(rooms)]);
	}
}

TEST(twcc_splits_where_a_delta_or_a_gap_does_not_fit)
{
	const struct wire_twcc_arrival late[] = { { 1, 0 }, { 2, 32768 * 250 },
		{ 3, 0 } };
	const struct wire_twcc_arrival gap[] = { { 1, 0 }, { 65535, 5 },
		{ 65536, 7 } };
	const struct wire_twcc_arrival edge[] = { { 1, 0 }, { 2, 32767 * 250 },
		{ 3, -250 } };

	CHECK_EQ(check_packet(late, 3, OUT_BYTES), 1);
	CHECK_EQ(check_packet(gap, 3, OUT_BYTES), 2);
	CHECK_EQ(check_packet(edge, 3, OUT_BYTES), 3);
	check_all(late, 3, OUT_BYTES);
	check_all(gap, 3, OUT_BYTES);
}

TEST(twcc_reference_wraps_like_24_bits)
{
	const struct wire_twcc_arrival far[] = {
		{ 5, INT64_C(64000) * 0xffffff }, { 6, INT64_C(64000) << 24 }
	};
	const struct wire_twcc_arrival before[] = { { 5, -1 }, { 6, 0 } };

	check_all(far, 2, OUT_BYTES);
	check_all(before, 2, OUT_BYTES);
}

TEST(twcc_refuses_to_write_nothing_disorder_or_without_room)
{
	const struct wire_twcc_arrival twice[] = { { 5, 0 }, { 5, 1 } };
	uint8_t out[OUT_BYTES];
	struct wire_out w;
	size_t taken = 9;

	wire_out_init(&w, out, sizeof(out));
	wire_twcc_write(&w, 1, 2, 3, twice, 0, &taken);
	CHECK_ERR(w.err, KK_EINVAL);
	CHECK_EQ(taken, 0);
	wire_out_init(&w, out, sizeof(out));
	wire_twcc_write(&w, 1, 2, 3, twice, 2, &taken);
	CHECK_ERR(w.err, KK_EINVAL);
	CHECK_EQ(w.bytes, 0);
	wire_out_init(&w, out, 23);
	wire_twcc_write(&w, 1, 2, 3, twice, 1, &taken);
	CHECK_ERR(w.err, KK_ENOSPC);
	CHECK_EQ(w.bytes, 0);
	CHECK_EQ(taken, 0);
}
