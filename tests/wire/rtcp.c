/* rtcp.c - tests of RTCP compounds, reports, names and farewells. */
#include "wire/rtcp.h"

#include <string.h>

#include "harness/tap.h"
#include "wire/noise.h"

enum { OUT_BYTES = 2048 };

/* After RFC 3550, 6.4.1, 6.5 and 6.6: an SR with one report (lost: -2), an SDES
 * with CNAME "a@b" and an EMAIL behind it, a BYE with a reason. */
static const uint8_t compound[] = { 0x81, 0xc8, 0x00, 0x0c, 0x11, 0x22, 0x33,
	0x44, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0a, 0x0b, 0x0c,
	0x0d, 0x00, 0x00, 0x01, 0x00, 0x00, 0x01, 0x00, 0x00, 0x55, 0x66, 0x77,
	0x88, 0x40, 0xff, 0xff, 0xfe, 0x00, 0x01, 0x00, 0x02, 0x00, 0x00, 0x00,
	0x09, 0xaa, 0xbb, 0xcc, 0xdd, 0x00, 0x01, 0x00, 0x00,
	/* SDES */
	0x81, 0xca, 0x00, 0x04, 0x11, 0x22, 0x33, 0x44, 0x01, 0x03, 0x61, 0x40,
	0x62, 0x03, 0x01, 0x63, 0x00, 0x00, 0x00, 0x00,
	/* BYE */
	0x81, 0xcb, 0x00, 0x02, 0x11, 0x22, 0x33, 0x44, 0x03, 0x62, 0x79,
	0x65 };

enum { SR_BYTES = 52, SDES_BYTES = 20, BYE_BYTES = 12 };

static struct wire_rtcp packet_get(struct kk_view in, size_t index)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp packet = { 0 };

	CHECK_OK(wire_rtcp_begin(&it, in, true));
	for (size_t i = 0; i <= index; i++)
		CHECK(wire_rtcp_next(&it, &packet));
	return packet;
}

TEST(rtcp_compound_is_walked_packet_by_packet)
{
	static const uint8_t types[] = { WIRE_RTCP_SR, WIRE_RTCP_SDES,
		WIRE_RTCP_BYE };
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;

	CHECK_OK(wire_rtcp_begin(&it, kk_view_of(compound, sizeof(compound)),
	    false));
	for (size_t i = 0; i < KK_ARRAY_LEN(types); i++) {
		CHECK(wire_rtcp_next(&it, &packet));
		CHECK_EQ(packet.type, types[i]);
		CHECK_EQ(packet.count, 1);
	}
	CHECK(!wire_rtcp_next(&it, &packet));
}

TEST(rtcp_sender_report_has_its_fields)
{
	struct kk_view in = kk_view_of(compound, sizeof(compound));
	struct wire_rtcp packet = packet_get(in, 0);
	struct wire_rtcp_report report;
	struct wire_rtcp_sr sr;
	struct wire_rtcp_rr rr;

	CHECK_ERR(wire_rtcp_rr_parse(&rr, &packet), KK_EUNSUP);
	CHECK_OK(wire_rtcp_sr_parse(&sr, &packet));
	CHECK_EQ(sr.ssrc, 0x11223344);
	CHECK(sr.ntp == UINT64_C(0x0102030405060708));
	CHECK_EQ(sr.timestamp, 0x0a0b0c0d);
	CHECK_EQ(sr.packet_count, 256);
	CHECK_EQ(sr.octet_count, 65536);
	CHECK_EQ(wire_rtcp_report_count(sr.reports), 1);
	report = wire_rtcp_report_get(sr.reports, 0);
	CHECK_EQ(report.ssrc, 0x55667788);
	CHECK_EQ(report.fraction_lost, 64);
	CHECK_EQ(report.lost_count, -2);
	CHECK_EQ(report.top_seq, 0x10002);
	CHECK_EQ(report.jitter, 9);
	CHECK_EQ(report.last_sr, 0xaabbccdd);
	CHECK_EQ(report.since_last_sr, 0x10000);
}

TEST(rtcp_cname_is_found_and_the_bye_read)
{
	struct kk_view in = kk_view_of(compound, sizeof(compound)), name;
	struct wire_rtcp sdes = packet_get(in, 1), bye = packet_get(in, 2);
	struct wire_rtcp_bye parsed;

	CHECK_OK(wire_rtcp_cname_find(&sdes, 0x11223344, &name));
	CHECK(kk_view_equal(name, kk_view_text("a@b")));
	CHECK_ERR(wire_rtcp_cname_find(&sdes, 1, &name), KK_ENOENT);
	CHECK_ERR(wire_rtcp_cname_find(&bye, 1, &name), KK_EUNSUP);
	CHECK_OK(wire_rtcp_bye_parse(&parsed, &bye));
	CHECK_EQ(wire_rtcp_ssrc_count(parsed.ssrcs), 1);
	CHECK_EQ(wire_rtcp_ssrc_get(parsed.ssrcs, 0), 0x11223344);
	CHECK(kk_view_equal(parsed.reason, kk_view_text("bye")));
	CHECK_ERR(wire_rtcp_bye_parse(&parsed, &sdes), KK_EUNSUP);
}

/* Only a cut between two packets leaves a compound. */
TEST(rtcp_compound_cut_inside_a_packet_is_truncated)
{
	for (size_t cut = 0; cut < sizeof(compound); cut++) {
		struct wire_rtcp_iter it = { { compound, 7 } };
		bool is_whole = cut == SR_BYTES || cut == SR_BYTES + SDES_BYTES;

		CHECK_ERR(wire_rtcp_begin(&it, kk_view_of(compound, cut),
			      false),
		    is_whole ? KK_OK : KK_ETRUNC);
		CHECK_EQ(it.left.bytes, is_whole ? cut : 7);
	}
}

TEST(rtcp_compound_begins_with_a_report_unless_reduced)
{
	struct kk_view in = kk_view_of(compound + SR_BYTES,
	    sizeof(compound) - SR_BYTES);
	struct wire_rtcp_iter it;

	CHECK_ERR(wire_rtcp_begin(&it, in, false), KK_EFORMAT);
	CHECK_OK(wire_rtcp_begin(&it, in, true));
}

TEST(rtcp_padding_stands_on_the_last_packet_or_on_transport_feedback)
{
	uint8_t in[] = { 0xa0, 0xc9, 0, 2, 1, 2, 3, 4, 0, 0, 0, 4, /* RR */
		0xa1, 0xcb, 0, 2, 1, 2, 3, 4, 0, 0, 0, 4 };
	struct kk_view all = kk_view_of(in, sizeof(in));
	struct wire_rtcp_iter it;

	CHECK_ERR(wire_rtcp_begin(&it, all, true), KK_EFORMAT);
	in[0] = 0x80;
	CHECK_OK(wire_rtcp_begin(&it, all, true));
	CHECK_EQ(packet_get(all, 1).body.bytes, 4);
	in[0] = 0xa0;
	in[1] = WIRE_RTCP_RTPFB;
	CHECK_OK(wire_rtcp_begin(&it, all, true));
	for (unsigned padding = 0; padding <= 0xff; padding++) {
		in[sizeof(in) - 1] = (uint8_t)padding;
		CHECK_ERR(wire_rtcp_begin(&it, all, true),
		    padding >= 1 && padding <= 8 ? KK_OK : KK_EFORMAT);
	}
}

TEST(rtcp_of_another_version_is_refused_wherever_it_stands)
{
	static const size_t starts[] = { 0, SR_BYTES, SR_BYTES + SDES_BYTES };

	for (size_t i = 0; i < KK_ARRAY_LEN(starts); i++) {
		uint8_t in[sizeof(compound)];
		struct wire_rtcp_iter it;

		memcpy(in, compound, sizeof(in));
		in[starts[i]] ^= 0xc0;
		CHECK_ERR(wire_rtcp_begin(&it, kk_view_of(in, sizeof(in)),
			      false),
		    KK_EFORMAT);
	}
}

TEST(rtcp_counts_beyond_the_packet_are_truncated)
{
	for (unsigned count = 2; count < 32; count++) {
		struct kk_view in = kk_view_of(compound, sizeof(compound));
		struct wire_rtcp sr = packet_get(in, 0);
		struct wire_rtcp sdes = packet_get(in, 1);
		struct wire_rtcp bye = packet_get(in, 2);
		struct wire_rtcp_sr parsed_sr;
		struct wire_rtcp_bye parsed_bye;
		struct kk_view name;

		sr.count = sdes.count = bye.count = (uint8_t)count;
		CHECK_ERR(wire_rtcp_sr_parse(&parsed_sr, &sr), KK_ETRUNC);
		CHECK_ERR(wire_rtcp_cname_find(&sdes, 0x11223344, &name),
		    KK_ETRUNC);
		if (count != 2) /* two would take the reason for an SSRC */
			CHECK_ERR(wire_rtcp_bye_parse(&parsed_bye, &bye),
			    KK_ETRUNC);
	}
}

TEST(rtcp_reports_come_back_as_written)
{
	const struct wire_rtcp_report reports[] = {
		{ 1, 255, 0x7fffff, 4, 5, 6, 7 },
		{ 0xffffffff, 0, -0x800000, UINT32_MAX, 1, 2, 3 },
	};
	const struct wire_rtcp_sr sr = { 9, UINT64_MAX - 1, 2, 3, 4,
		{ NULL, 0 } };
	struct wire_rtcp_sr sr_back;
	struct wire_rtcp_rr rr_back;
	struct wire_rtcp packet;
	uint8_t out[OUT_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_sr_write(&w, &sr, reports, 2);
	wire_rtcp_rr_write(&w, 8, reports, 2);
	wire_rtcp_rr_write(&w, 8, NULL, 0);
	CHECK_OK(w.err);
	packet = packet_get(wire_out_view(&w), 0);
	CHECK_OK(wire_rtcp_sr_parse(&sr_back, &packet));
	CHECK(sr_back.ntp == sr.ntp);
	CHECK_EQ(sr_back.octet_count, 4);
	packet = packet_get(wire_out_view(&w), 1);
	CHECK_OK(wire_rtcp_rr_parse(&rr_back, &packet));
	CHECK_EQ(rr_back.ssrc, 8);
	CHECK(kk_view_equal(sr_back.reports, rr_back.reports));
	for (size_t i = 0; i < 2; i++) {
		struct wire_rtcp_report r = wire_rtcp_report_get(
		    rr_back.reports, i);

		CHECK_EQ(r.ssrc, reports[i].ssrc);
		CHECK_EQ(r.lost_count, reports[i].lost_count);
		CHECK_EQ(r.top_seq, reports[i].top_seq);
		CHECK_EQ(r.since_last_sr, reports[i].since_last_sr);
	}
}

TEST(rtcp_names_of_every_length_come_back)
{
	for (size_t bytes = 1; bytes <= WIRE_RTCP_TEXT_MAX_BYTES + 1; bytes++) {
		uint8_t text[WIRE_RTCP_TEXT_MAX_BYTES + 1], out[OUT_BYTES];
		struct kk_view name, want = kk_view_of(text, bytes);
		struct wire_rtcp packet;
		struct wire_out w;

		memset(text, 'x', sizeof(text));
		wire_out_init(&w, out, sizeof(out));
		wire_rtcp_cname_write(&w, 5, want);
		if (bytes > WIRE_RTCP_TEXT_MAX_BYTES) {
			CHECK_ERR(w.err, KK_EINVAL);
			CHECK_EQ(w.bytes, 0);
			break;
		}
		CHECK_OK(w.err);
		packet = packet_get(wire_out_view(&w), 0);
		CHECK_OK(wire_rtcp_cname_find(&packet, 5, &name));
		CHECK(kk_view_equal(name, want));
	}
}

TEST(rtcp_bye_comes_back_with_and_without_reason)
{
	const uint32_t ssrcs[WIRE_RTCP_COUNT_MAX + 1] = { 1, 2, 3 };
	struct wire_rtcp packet;
	struct wire_rtcp_bye bye;
	uint8_t out[OUT_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_bye_write(&w, ssrcs, 3, kk_view_text(""));
	wire_rtcp_bye_write(&w, ssrcs, 31, kk_view_text("left"));
	CHECK_OK(w.err);
	packet = packet_get(wire_out_view(&w), 0);
	CHECK_OK(wire_rtcp_bye_parse(&bye, &packet));
	CHECK_EQ(wire_rtcp_ssrc_count(bye.ssrcs), 3);
	CHECK_EQ(wire_rtcp_ssrc_get(bye.ssrcs, 2), 3);
	CHECK_EQ(bye.reason.bytes, 0);
	packet = packet_get(wire_out_view(&w), 1);
	CHECK_OK(wire_rtcp_bye_parse(&bye, &packet));
	CHECK_EQ(wire_rtcp_ssrc_count(bye.ssrcs), 31);
	CHECK(kk_view_equal(bye.reason, kk_view_text("left")));
	wire_rtcp_bye_write(&w, ssrcs, 32, kk_view_text(""));
	CHECK_ERR(w.err, KK_EINVAL);
}

TEST(rtcp_writers_without_room_take_their_packet_back)
{
	for (size_t room = 0; room < sizeof(compound); room++) {
		static const uint32_t ssrc = 0x11223344;
		const struct wire_rtcp_report report = { .ssrc = 5 };
		const struct wire_rtcp_sr sr = { .ssrc = ssrc };
		struct wire_rtcp_iter it;
		uint8_t out[OUT_BYTES];
		struct wire_out w;

		wire_out_init(&w, out, room);
		wire_rtcp_sr_write(&w, &sr, &report, 1);
		wire_rtcp_cname_write(&w, ssrc, kk_view_text("aaaaaaa"));
		wire_rtcp_bye_write(&w, &ssrc, 1, kk_view_text("bye"));
		CHECK_ERR(w.err, KK_ENOSPC);
		CHECK(w.bytes == 0 || w.bytes == SR_BYTES ||
		    w.bytes == SR_BYTES + SDES_BYTES);
		if (w.bytes > 0)
			CHECK_OK(wire_rtcp_begin(&it, wire_out_view(&w),
			    false));
	}
}

TEST(rtcp_reports_out_of_range_are_not_written)
{
	const struct wire_rtcp_report bad[] = { { .lost_count = 0x800000 },
		{ .lost_count = -0x800001 } };
	uint8_t out[OUT_BYTES];
	struct wire_out w;

	for (size_t i = 0; i < KK_ARRAY_LEN(bad); i++) {
		wire_out_init(&w, out, sizeof(out));
		wire_rtcp_rr_write(&w, 1, &bad[i], 1);
		CHECK_ERR(w.err, KK_EINVAL);
		CHECK_EQ(w.bytes, 0);
	}
}

/* What the check lets through, the walk sees to the end. */
TEST(rtcp_of_random_changes_is_walked_to_its_end_or_refused)
{
	uint64_t state = 3;
	size_t whole_count = 0;

	for (unsigned round = 0; round < 20000; round++) {
		uint8_t in[sizeof(compound)];
		struct wire_rtcp_iter it;
		struct wire_rtcp packet;
		size_t bytes = 0;

		memcpy(in, compound, sizeof(in));
		for (unsigned i = noise_next(&state) % 4; i > 0; i--)
			in[noise_next(&state) % sizeof(in)] =
			    (uint8_t)noise_next(&state);
		if (wire_rtcp_begin(&it, kk_view_of(in, sizeof(in)), false))
			continue;
		while (wire_rtcp_next(&it, &packet))
			bytes = (size_t)(packet.body.data - in);
		CHECK(bytes >= 4 && bytes <= sizeof(in));
		CHECK_EQ(it.left.bytes, 0);
		whole_count++;
	}
	CHECK(whole_count > 1000);
}
