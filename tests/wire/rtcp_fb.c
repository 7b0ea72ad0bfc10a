/* rtcp_fb.c - tests of feedback messages. */
#include <string.h>

#include "harness/tap.h"
#include "wire/noise.h"
#include "wire/rtcp.h"

enum { OUT_BYTES = 2048, SEQS_MAX = 200, SENDER = 0x01020304, MEDIA = 5 };

static struct wire_rtcp_fb fb_of(const struct wire_out *w)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;
	struct wire_rtcp_fb fb;

	CHECK_OK(w->err);
	CHECK_OK(wire_rtcp_begin(&it, wire_out_view(w), true));
	CHECK(wire_rtcp_next(&it, &packet));
	CHECK_OK(wire_rtcp_fb_parse(&fb, &packet));
	return fb;
}

static size_t nack_read(const struct wire_rtcp_fb *fb, uint16_t *seqs)
{
	struct wire_rtcp_nack_iter it;
	size_t count = 0;

	CHECK_OK(wire_rtcp_nack_begin(&it, fb));
	while (count < SEQS_MAX && wire_rtcp_nack_next(&it, &seqs[count]))
		count++;
	return count;
}

TEST(nack_has_the_bytes_of_the_rfc)
{
	/* RFC 4585, 6.2.1: PID 0xfffe; bits 1 and 16 of the mask: 0xffff and
	 * 0x000e; then 0x000f, 17 ahead, in an entry of its own. */
	static const uint8_t want[] = { 0x81, 0xcd, 0x00, 0x04, 0x01, 0x02,
		0x03, 0x04, 0x00, 0x00, 0x00, 0x05, 0xff, 0xfe, 0x80, 0x01,
		0x00, 0x0f, 0x00, 0x00 };
	static const uint16_t seqs[] = { 0xfffe, 0xffff, 0x000e, 0x000f };
	uint16_t back[SEQS_MAX];
	uint8_t out[OUT_BYTES];
	struct wire_rtcp_fb fb;
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_nack_write(&w, SENDER, MEDIA, seqs, 4);
	CHECK_EQ(w.bytes, sizeof(want));
	CHECK_MEM(out, want, sizeof(want));
	fb = fb_of(&w);
	CHECK_EQ(fb.sender_ssrc, SENDER);
	CHECK_EQ(fb.media_ssrc, MEDIA);
	CHECK_EQ(nack_read(&fb, back), 4);
	CHECK_MEM(back, seqs, sizeof(seqs));
}

TEST(nack_of_rising_numbers_comes_back_over_the_wrap)
{
	uint64_t state = 4;

	for (unsigned round = 0; round < 500; round++) {
		uint16_t seqs[SEQS_MAX], back[SEQS_MAX];
		size_t count = 1 + noise_next(&state) % (SEQS_MAX - 1);
		uint8_t out[OUT_BYTES];
		struct wire_rtcp_fb fb;
		struct wire_out w;

		seqs[0] = (uint16_t)noise_next(&state);
		for (size_t i = 1; i < count; i++)
			seqs[i] = (uint16_t)(seqs[i - 1] + 1 +
			    noise_next(&state) % 20);
		wire_out_init(&w, out, sizeof(out));
		wire_rtcp_nack_write(&w, SENDER, MEDIA, seqs, count);
		fb = fb_of(&w);
		CHECK_EQ(nack_read(&fb, back), count);
		CHECK_MEM(back, seqs, count * sizeof(seqs[0]));
	}
}

TEST(nack_with_a_full_mask_gives_seventeen)
{
	static const uint8_t in[] = { 0x81, 0xcd, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2,
		0xff, 0xff, 0xff, 0xff };
	struct wire_out w = { .data = (uint8_t[sizeof(in)]){ 0 },
		.bytes = sizeof(in) };
	uint16_t seqs[SEQS_MAX];
	struct wire_rtcp_fb fb;

	memcpy(w.data, in, sizeof(in));
	fb = fb_of(&w);
	CHECK_EQ(nack_read(&fb, seqs), WIRE_RTCP_NACK_SPAN);
	CHECK_EQ(seqs[0], 0xffff);
	CHECK_EQ(seqs[16], 15);
}

TEST(nack_without_numbers_or_with_half_an_entry_is_refused)
{
	static const uint8_t bytes[6] = { 0 };
	struct wire_rtcp_fb fb = { .fmt = WIRE_RTCP_RTPFB_NACK };
	struct wire_rtcp_nack_iter it;
	uint8_t out[OUT_BYTES];
	struct wire_out w;

	CHECK_ERR(wire_rtcp_nack_begin(&it, &fb), KK_EFORMAT);
	fb.fci = kk_view_of(bytes, 6);
	CHECK_ERR(wire_rtcp_nack_begin(&it, &fb), KK_EFORMAT);
	fb.is_payload_specific = true;
	CHECK_ERR(wire_rtcp_nack_begin(&it, &fb), KK_EUNSUP);
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_nack_write(&w, SENDER, MEDIA, NULL, 0);
	CHECK_ERR(w.err, KK_EINVAL);
	CHECK_EQ(w.bytes, 0);
}

TEST(pli_has_the_bytes_of_the_rfc)
{
	static const uint8_t want[] = { 0x81, 0xce, 0x00, 0x02, 0x01, 0x02,
		0x03, 0x04, 0x00, 0x00, 0x00, 0x05 };
	struct wire_rtcp_nack_iter it;
	uint8_t out[OUT_BYTES];
	struct wire_rtcp_fb fb;
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_pli_write(&w, SENDER, MEDIA);
	CHECK_EQ(w.bytes, sizeof(want));
	CHECK_MEM(out, want, sizeof(want));
	fb = fb_of(&w);
	CHECK_OK(wire_rtcp_pli_check(&fb));
	CHECK_ERR(wire_rtcp_nack_begin(&it, &fb), KK_EUNSUP);
	fb.fci = kk_view_of(want, 4);
	CHECK_ERR(wire_rtcp_pli_check(&fb), KK_EFORMAT);
	fb.fmt = WIRE_RTCP_PSFB_FIR;
	CHECK_ERR(wire_rtcp_pli_check(&fb), KK_EUNSUP);
}

TEST(fir_comes_back_as_written)
{
	const struct wire_rtcp_fir firs[] = { { 7, 255 }, { UINT32_MAX, 1 } };
	uint8_t out[OUT_BYTES];
	struct wire_rtcp_fb fb;
	struct wire_out w;
	size_t count;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_fir_write(&w, SENDER, firs, 2);
	fb = fb_of(&w);
	CHECK_EQ(fb.media_ssrc, 0);
	CHECK_OK(wire_rtcp_fir_count(&fb, &count));
	CHECK_EQ(count, 2);
	CHECK_EQ(wire_rtcp_fir_get(&fb, 0).ssrc, 7);
	CHECK_EQ(wire_rtcp_fir_get(&fb, 1).ssrc, UINT32_MAX);
	CHECK_EQ(wire_rtcp_fir_get(&fb, 0).seq, 255);
	fb.fci.bytes -= 4;
	CHECK_ERR(wire_rtcp_fir_count(&fb, &count), KK_EFORMAT);
	fb.fci.bytes = 0;
	CHECK_ERR(wire_rtcp_fir_count(&fb, &count), KK_EFORMAT);
	wire_rtcp_fir_write(&w, SENDER, firs, 0);
	CHECK_ERR(w.err, KK_EINVAL);
}

static uint64_t remb_round(uint64_t rate_bps)
{
	const uint32_t ssrcs[] = { 3, 4 };
	struct wire_rtcp_remb remb;
	uint8_t out[OUT_BYTES];
	struct wire_rtcp_fb fb;
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_remb_write(&w, SENDER, rate_bps, ssrcs, 2);
	fb = fb_of(&w);
	CHECK_OK(wire_rtcp_remb_parse(&remb, &fb));
	CHECK_EQ(wire_rtcp_ssrc_count(remb.ssrcs), 2);
	CHECK_EQ(wire_rtcp_ssrc_get(remb.ssrcs, 1), 4);
	return remb.rate_bps;
}

TEST(remb_comes_back_to_eighteen_bits)
{
	uint64_t state = 5;

	CHECK_EQ(remb_round(0), 0);
	CHECK_EQ(remb_round(0x3ffff), 0x3ffff);
	CHECK_EQ(remb_round(0x40001), 0x40000);
	CHECK(remb_round(UINT64_MAX) == UINT64_C(0xffffc00000000000));
	for (unsigned round = 0; round < 1000; round++) {
		uint64_t rate = (uint64_t)noise_next(&state) << round % 32;
		uint64_t back = remb_round(rate);

		CHECK(back <= rate);
		CHECK(rate - back <= rate >> 17);
	}
}

TEST(remb_that_breaks_its_form_is_refused)
{
	uint8_t fci[] = { 'R', 'E', 'M', 'B', 1, 0xff, 0xff, 0xff, 0, 0, 0, 9 };
	struct wire_rtcp_fb fb = { .is_payload_specific = true,
		.fmt = WIRE_RTCP_PSFB_AFB,
		.fci = { fci, sizeof(fci) } };
	struct wire_rtcp_remb remb;

	CHECK_ERR(wire_rtcp_remb_parse(&remb, &fb), KK_ELIMIT);
	fci[5] = 0;
	CHECK_OK(wire_rtcp_remb_parse(&remb, &fb));
	CHECK_EQ(remb.rate_bps, 0xffff);
	fci[4] = 2;
	CHECK_ERR(wire_rtcp_remb_parse(&remb, &fb), KK_ETRUNC);
	fci[4] = 0;
	CHECK_ERR(wire_rtcp_remb_parse(&remb, &fb), KK_ETRAIL);
	fci[0] = 'r';
	CHECK_ERR(wire_rtcp_remb_parse(&remb, &fb), KK_EUNSUP);
	for (size_t cut = 0; cut < 8; cut++) {
		fci[0] = 'R';
		fb.fci.bytes = cut;
		CHECK_ERR(wire_rtcp_remb_parse(&remb, &fb), KK_ETRUNC);
	}
}

TEST(feedback_shorter_than_its_two_sources_is_truncated)
{
	static const uint8_t body[8] = { 0 };
	struct wire_rtcp packet = { .type = WIRE_RTCP_PSFB, .count = 1 };
	struct wire_rtcp_fb fb;

	for (size_t bytes = 0; bytes < 8; bytes++) {
		packet.body = kk_view_of(body, bytes);
		CHECK_ERR(wire_rtcp_fb_parse(&fb, &packet), KK_ETRUNC);
	}
	packet.type = WIRE_RTCP_APP;
	CHECK_ERR(wire_rtcp_fb_parse(&fb, &packet), KK_EUNSUP);
}
