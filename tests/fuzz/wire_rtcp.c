/* wire_rtcp.c - fuzzes RTCP compounds with all their packets. */
#include <stdlib.h>
#include <string.h>

#include "wire/twcc.h"

enum { OUT_BYTES = 65536, ARRIVALS_MAX = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void must(bool is_true)
{
	if (!is_true)
		abort();
}

static void reports_run(struct kk_view reports)
{
	for (size_t i = 0; i < wire_rtcp_report_count(reports); i++) {
		struct wire_rtcp_report r = wire_rtcp_report_get(reports, i);

		must(r.lost_count >= -0x800000 && r.lost_count <= 0x7fffff);
	}
}

static void nack_run(const struct wire_rtcp_fb *fb)
{
	struct wire_rtcp_nack_iter it;
	size_t count = 0;
	uint16_t seq;

	if (wire_rtcp_nack_begin(&it, fb))
		return;
	while (wire_rtcp_nack_next(&it, &seq))
		count++;
	must(count >= fb->fci.bytes / 4 &&
	    count <= fb->fci.bytes / 4 * WIRE_RTCP_NACK_SPAN);
}

/* Tells the arrivals again in a packet of our own: it must say the same. */
static void twcc_again(const struct wire_twcc_arrival *list, size_t count)
{
	static uint8_t out[OUT_BYTES];
	struct wire_rtcp_iter packets;
	struct wire_rtcp packet;
	struct wire_rtcp_fb fb;
	struct wire_twcc twcc = { 0 };
	struct wire_out w;
	size_t taken = 0;

	wire_out_init(&w, out, sizeof(out));
	wire_twcc_write(&w, 1, 2, 3, list, count, &taken);
	must(!w.err && taken > 0 && taken <= count);
	must(!wire_rtcp_begin(&packets, wire_out_view(&w), true));
	must(wire_rtcp_next(&packets, &packet));
	must(!wire_rtcp_fb_parse(&fb, &packet) && !wire_twcc_parse(&twcc, &fb));
	must(twcc.status_count == list[taken - 1].seq - list[0].seq + 1);
}

static void twcc_run(const struct wire_rtcp_fb *fb)
{
	static struct wire_twcc_arrival list[ARRIVALS_MAX];
	struct wire_twcc_status status;
	struct wire_twcc_iter it;
	struct wire_twcc twcc = { 0 };
	size_t done = 0, count = 0;

	if (wire_twcc_parse(&twcc, fb))
		return;
	wire_twcc_begin(&it, &twcc);
	for (; wire_twcc_next(&it, &status); done++) {
		must(status.seq == (uint16_t)(twcc.base_seq + done));
		if (status.is_received && count < ARRIVALS_MAX)
			list[count++] =
			    (struct wire_twcc_arrival){ twcc.base_seq + done,
				    status.time * WIRE_TWCC_UNIT_US };
	}
	must(done == twcc.status_count);
	must(it.delta_at == twcc.deltas.bytes);
	if (count > 0)
		twcc_again(list, count);
}

static void feedback_run(const struct wire_rtcp *packet)
{
	struct wire_rtcp_remb remb;
	struct wire_rtcp_fb fb;
	size_t count;

	if (wire_rtcp_fb_parse(&fb, packet))
		return;
	nack_run(&fb);
	twcc_run(&fb);
	if (!wire_rtcp_pli_check(&fb))
		must(fb.fci.bytes == 0);
	if (!wire_rtcp_fir_count(&fb, &count)) {
		for (size_t i = 0; i < count; i++)
			(void)wire_rtcp_fir_get(&fb, i);
	}
	if (!wire_rtcp_remb_parse(&remb, &fb))
		must(wire_rtcp_ssrc_count(remb.ssrcs) <= 255);
}

static void packet_run(const struct wire_rtcp *packet)
{
	struct wire_rtcp_sr sr;
	struct wire_rtcp_rr rr;
	struct wire_rtcp_bye bye;
	struct kk_view name;

	if (!wire_rtcp_sr_parse(&sr, packet))
		reports_run(sr.reports);
	if (!wire_rtcp_rr_parse(&rr, packet))
		reports_run(rr.reports);
	if (!wire_rtcp_cname_find(packet, 0x11223344, &name))
		must(name.bytes > 0 && name.bytes <= 255);
	if (!wire_rtcp_bye_parse(&bye, packet)) {
		for (size_t i = 0; i < wire_rtcp_ssrc_count(bye.ssrcs); i++)
			(void)wire_rtcp_ssrc_get(bye.ssrcs, i);
	}
	feedback_run(packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct kk_view in = kk_view_of(data, bytes);
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;

	if (wire_rtcp_begin(&it, in, true)) {
		must(wire_rtcp_begin(&it, in, false));
		return 0;
	}
	while (wire_rtcp_next(&it, &packet))
		packet_run(&packet);
	must(it.left.bytes == 0);
	return 0;
}
