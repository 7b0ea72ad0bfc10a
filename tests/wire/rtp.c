/* rtp.c - tests of RTP packets. */
#include "wire/rtp.h"

#include <string.h>

#include "harness/tap.h"
#include "wire/noise.h"

/* Laid out by hand after RFC 3550, 5.1 and 5.3.1: P, X, two CSRCs, marker,
 * type 111, a one-byte extension block of two words, three bytes of payload
 * and four of padding. */
static const uint8_t full[] = { 0xb2, 0xef, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef,
	0x01, 0x02, 0x03, 0x04, 0xaa, 0xaa, 0xaa, 0xaa, 0xbb, 0xbb, 0xbb, 0xbb,
	0xbe, 0xde, 0x00, 0x02, 0x10, 0xc5, 0x32, 0x01, 0x02, 0x03, 0x00, 0x00,
	0x61, 0x62, 0x63, 0x00, 0x00, 0x00, 0x04 };

enum { FULL_HEADER_BYTES = 32, OUT_BYTES = 128 };

static enum kk_err parse(struct wire_rtp *rtp, const void *in, size_t bytes)
{
	return wire_rtp_parse(rtp, kk_view_of(in, bytes));
}

TEST(rtp_packet_with_everything_has_its_fields)
{
	struct wire_rtp rtp;

	CHECK_OK(parse(&rtp, full, sizeof(full)));
	CHECK(rtp.has_marker && rtp.has_ext && rtp.has_padding);
	CHECK_EQ(rtp.payload_type, 111);
	CHECK_EQ(rtp.seq, 0x1234);
	CHECK_EQ(rtp.timestamp, 0xdeadbeef);
	CHECK_EQ(rtp.ssrc, 0x01020304);
	CHECK_EQ(rtp.csrc_count, 2);
	CHECK_EQ(rtp.csrcs[1], 0xbbbbbbbb);
	CHECK_EQ(rtp.ext_profile, WIRE_RTP_EXT_ONE_BYTE);
	CHECK_EQ(rtp.ext.bytes, 8);
	CHECK_EQ(rtp.header_bytes, FULL_HEADER_BYTES);
	CHECK_EQ(rtp.padding_bytes, 4);
	CHECK_EQ(rtp.payload.bytes, 3);
	CHECK_MEM(rtp.payload.data, "abc", 3);
}

TEST(rtp_packet_is_written_as_it_was_read)
{
	uint8_t out[sizeof(full)];
	struct wire_out w;
	struct wire_rtp rtp;

	CHECK_OK(parse(&rtp, full, sizeof(full)));
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	CHECK_EQ(w.bytes, sizeof(full));
	CHECK_MEM(out, full, sizeof(full));
}

TEST(rtp_header_alone_takes_padding_for_sealed_payload)
{
	uint8_t out[FULL_HEADER_BYTES];
	struct wire_out w;
	struct wire_rtp rtp;

	CHECK_OK(wire_rtp_header_parse(&rtp,
	    kk_view_of(full, sizeof(full) - 1)));
	CHECK(rtp.has_padding);
	CHECK_EQ(rtp.padding_bytes, 0);
	CHECK_EQ(rtp.payload.bytes, 6);
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_header_write(&w, &rtp);
	CHECK_OK(w.err);
	CHECK_MEM(out, full, FULL_HEADER_BYTES);
}

TEST(rtp_packet_cut_in_its_header_is_truncated_and_changes_nothing)
{
	for (size_t cut = 0; cut < FULL_HEADER_BYTES; cut++) {
		struct wire_rtp rtp = { .seq = 7 };

		CHECK_ERR(parse(&rtp, full, cut), KK_ETRUNC);
		CHECK_ERR(wire_rtp_header_parse(&rtp, kk_view_of(full, cut)),
		    KK_ETRUNC);
		CHECK_EQ(rtp.seq, 7);
		CHECK_EQ(rtp.ssrc, 0);
	}
}

TEST(rtp_padding_longer_than_the_payload_or_zero_is_refused)
{
	uint8_t in[sizeof(full)];
	struct wire_rtp rtp;

	memcpy(in, full, sizeof(in));
	in[sizeof(in) - 1] = 7; /* all of the payload: fine */
	CHECK_OK(parse(&rtp, in, sizeof(in)));
	CHECK_EQ(rtp.payload.bytes, 0);
	in[sizeof(in) - 1] = 8;
	CHECK_ERR(parse(&rtp, in, sizeof(in)), KK_ETRUNC);
	in[sizeof(in) - 1] = 0;
	CHECK_ERR(parse(&rtp, in, sizeof(in)), KK_EFORMAT);
	CHECK_ERR(parse(&rtp, in, FULL_HEADER_BYTES), KK_ETRUNC);
}

TEST(rtp_of_another_version_is_refused)
{
	uint8_t in[sizeof(full)];
	struct wire_rtp rtp;

	memcpy(in, full, sizeof(in));
	for (unsigned version = 0; version < 4; version++) {
		in[0] = (uint8_t)(version << 6 | (full[0] & 0x3f));
		CHECK_ERR(parse(&rtp, in, sizeof(in)),
		    version == 2 ? KK_OK : KK_EFORMAT);
	}
}

TEST(rtp_write_without_room_leaves_the_length_at_every_size)
{
	uint8_t out[sizeof(full)];
	struct wire_rtp rtp;

	CHECK_OK(parse(&rtp, full, sizeof(full)));
	for (size_t room = 0; room < sizeof(full); room++) {
		struct wire_out w;

		wire_out_init(&w, out, room);
		wire_rtp_write(&w, &rtp);
		CHECK_ERR(w.err, KK_ENOSPC);
		CHECK_EQ(w.bytes, 0);
	}
}

TEST(rtp_write_refuses_fields_out_of_range)
{
	static const struct wire_rtp bad[] = { { .payload_type = 128 },
		{ .csrc_count = 16 }, { .has_ext = true, .ext = { full, 3 } },
		{ .has_ext = true, .ext = { full, 4 * 0x10000 } } };
	uint8_t out[OUT_BYTES];

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		struct wire_out w;

		wire_out_init(&w, out, sizeof(out));
		wire_rtp_write(&w, &bad[i]);
		CHECK_ERR(w.err, KK_EINVAL);
		CHECK_EQ(w.bytes, 0);
	}
}

TEST(rtp_rewrite_changes_four_fields_and_nothing_else)
{
	const struct wire_rtp_rewrite to = { 96, 0xffff, 0x01020304,
		0xa0b0c0d0 };
	uint8_t packet[sizeof(full)];
	struct wire_rtp rtp;

	memcpy(packet, full, sizeof(packet));
	CHECK_OK(wire_rtp_rewrite(packet, sizeof(packet), &to));
	CHECK_OK(parse(&rtp, packet, sizeof(packet)));
	CHECK(rtp.has_marker);
	CHECK_EQ(rtp.payload_type, 96);
	CHECK_EQ(rtp.seq, 0xffff);
	CHECK_EQ(rtp.timestamp, 0x01020304);
	CHECK_EQ(rtp.ssrc, 0xa0b0c0d0);
	CHECK_EQ(packet[0], full[0]);
	CHECK_MEM(packet + 12, full + 12, sizeof(full) - 12);
	CHECK_OK(wire_rtp_marker_set(packet, sizeof(packet), false));
	CHECK_EQ(packet[1], 96);
	CHECK_OK(wire_rtp_marker_set(packet, sizeof(packet), true));
	CHECK_EQ(packet[1], 0x80 | 96);
}

TEST(rtp_rewrite_refuses_what_is_no_packet)
{
	const struct wire_rtp_rewrite fine = { 96, 1, 2, 3 },
				      bad = { 128, 1, 2, 3 };
	uint8_t packet[12] = { 0x80 }, other[12] = { 0x40 };
	const uint8_t same[12] = { 0x80 };

	CHECK_ERR(wire_rtp_rewrite(packet, 11, &fine), KK_ETRUNC);
	CHECK_ERR(wire_rtp_rewrite(packet, 12, &bad), KK_EINVAL);
	CHECK_MEM(packet, same, sizeof(same));
	CHECK_ERR(wire_rtp_rewrite(other, 12, &fine), KK_EFORMAT);
	CHECK_ERR(wire_rtp_marker_set(other, 12, true), KK_EFORMAT);
	CHECK_ERR(wire_rtp_marker_set(packet, 11, true), KK_ETRUNC);
}

/* Whatever parses is written again as the same bytes, but for what padding
 * may hold. */
TEST(rtp_of_random_changes_that_parses_is_written_as_it_came)
{
	uint64_t state = 1;
	size_t parsed_count = 0;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t in[sizeof(full)], out[sizeof(full)];
		size_t bytes = 12 + noise_next(&state) % (sizeof(in) - 11);
		struct wire_rtp rtp;
		struct wire_out w;

		memcpy(in, full, sizeof(in));
		for (unsigned i = noise_next(&state) % 4; i > 0; i--)
			in[noise_next(&state) % sizeof(in)] =
			    (uint8_t)noise_next(&state);
		if (parse(&rtp, in, bytes))
			continue;
		parsed_count++;
		wire_out_init(&w, out, sizeof(out));
		wire_rtp_write(&w, &rtp);
		CHECK_OK(w.err);
		CHECK_EQ(w.bytes, bytes);
		CHECK_MEM(out, in, bytes - rtp.padding_bytes);
	}
	CHECK(parsed_count > 100);
}
