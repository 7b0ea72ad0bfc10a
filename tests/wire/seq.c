/* seq.c - tests of sequence numbers and timestamps that wrap around. */
#include "wire/seq.h"

#include "harness/tap.h"

TEST(seq_is_newer_up_to_half_the_range_ahead)
{
	for (uint32_t from = 0; from <= 0xffff; from += 0x1111) {
		uint16_t a = (uint16_t)from;

		CHECK(!wire_seq_is_newer(a, a));
		CHECK(wire_seq_is_newer((uint16_t)(a + 1), a));
		CHECK(wire_seq_is_newer((uint16_t)(a + 0x7fff), a));
		CHECK(!wire_seq_is_newer((uint16_t)(a + 0x8000), a));
		CHECK(!wire_seq_is_newer((uint16_t)(a + 0xffff), a));
	}
}

TEST(seq_of_two_different_numbers_never_are_both_newer)
{
	for (uint32_t a = 0; a <= 0xffff; a += 7) {
		uint16_t b = (uint16_t)(a * 40503);

		CHECK(!(wire_seq_is_newer((uint16_t)a, b) &&
		    wire_seq_is_newer(b, (uint16_t)a)));
	}
}

TEST(seq_diff_counts_over_the_wrap_both_ways)
{
	CHECK_EQ(wire_seq_diff(2, 0xfffe), 4);
	CHECK_EQ(wire_seq_diff(0xfffe, 2), -4);
	CHECK_EQ(wire_seq_diff(0x7fff, 0), 0x7fff);
	CHECK_EQ(wire_seq_diff(0x8001, 0), -0x7fff);
	CHECK_EQ(wire_ts_diff(2, 0xfffffffe), 4);
	CHECK_EQ(wire_ts_diff(0xfffffffe, 2), -4);
	CHECK(wire_ts_is_newer(2, 0xfffffffe));
	CHECK(!wire_ts_is_newer(0xfffffffe, 2));
	CHECK(!wire_ts_is_newer(0x80000000, 0));
}

TEST(seq_extends_to_the_nearest_number_that_is_not_below_zero)
{
	CHECK_EQ(wire_seq_extend(0x1fffe, 2), 0x20002);
	CHECK_EQ(wire_seq_extend(0x20002, 0xfffe), 0x1fffe);
	CHECK_EQ(wire_seq_extend(0x20002, 0x0002), 0x20002);
	CHECK_EQ(wire_seq_extend(2, 0xfffe), 0xfffe);
	CHECK_EQ(wire_seq_extend(0, 0x8000), 0x8000);
	CHECK_EQ(wire_ts_extend(0x1fffffffe, 2), 0x200000002);
	CHECK_EQ(wire_ts_extend(0x200000002, 0xfffffffe), 0x1fffffffe);
	CHECK_EQ(wire_ts_extend(2, 0xfffffffe), 0xfffffffe);
}

TEST(seq_extends_a_stream_with_jumps_over_many_wraps)
{
	uint64_t near = 0, truth = 0;

	for (unsigned i = 0; i < 1000; i++) {
		truth += i % 3 == 2 ? 0x7000 : 0x123;
		near = wire_seq_extend(near, (uint16_t)truth);
		CHECK_EQ(near, truth);
		CHECK_EQ(wire_seq_extend(near, (uint16_t)(truth - 50)),
		    truth - 50);
	}
	CHECK(truth >> 16 > 100);
}
