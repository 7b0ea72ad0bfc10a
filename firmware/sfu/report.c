/*
 * report.c - reports: to publishers how they arrive, to receivers which time a
 * slot's timestamps stand for.
 *
 * The times of all slots are by one clock, ours: what a publisher's report says
 * by its clock is moved by our lead on that, which is the same for its sound
 * and its picture.  So they stay together, and the time goes on when another
 * publisher comes into the slot.
 */
#include "sfu/sfu_internal.h"

enum {
	CLOCK_STEP_US = 1000000, /* then it has been set */
	SILENT_US = 5000000 /* a slot that is not reported on any more */
};

/* The least lead is the truest: the report was on its way the shortest. */
static void clock_learn(struct sfu_link *link, uint64_t sr_us, uint64_t now_us)
{
	uint64_t lead_us = now_us -
	    sr_us; /* wraps where the clocks differ so */
	int64_t more_us = (int64_t)(lead_us - link->clock_lead_us);

	if (!link->has_clock || more_us < 0 || more_us > CLOCK_STEP_US)
		link->clock_lead_us = lead_us;
	link->has_clock = true;
}

void sfu_report_sr(struct sfu_encoding *encoding, const struct wire_rtcp_sr *sr,
    uint64_t now_us)
{
	hop_rx_sr(&encoding->rx, sr, now_us);
	encoding->sr_us = hop_ntp_to_us(sr->ntp);
	encoding->sr_timestamp = sr->timestamp;
	encoding->has_sr = true;
	clock_learn(encoding->source->link, encoding->sr_us, now_us);
}

static void name_write(struct wire_out *w, const struct sfu_link *link,
    uint32_t ssrc)
{
	wire_rtcp_cname_write(w, ssrc, kk_view_text(link->cname));
}

static void rr_send(struct sfu_link *link, uint64_t now_us)
{
	struct wire_rtcp_report
	    reports[SFU_LINK_SOURCES_MAX * SFU_ENCODINGS_MAX];
	uint8_t out[SFU_RTCP_OUT_BYTES];
	struct wire_out w;
	size_t count = 0;

	for (size_t i = 0; i < link->source_count; i++) {
		struct sfu_source *source = link->sources[i];

		for (size_t j = 0; j < source->config.encoding_count; j++) {
			struct sfu_encoding *e = &source->encodings[j];

			if (!hop_rx_report(&e->rx, e->config.ssrc, now_us,
				&reports[count]))
				continue;
			sfu_paths_told(e, &reports[count], now_us);
			count++;
		}
	}
	if (count == 0)
		return;
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_rr_write(&w, link->config.rtcp_ssrc, reports, count);
	name_write(&w, link, link->config.rtcp_ssrc);
	sfu_link_send(link, &w, true);
}

/* The timestamp that what is shown would have now, as the slot has it. */
static uint32_t timestamp_now(const struct sfu_slot *slot,
    const struct sfu_run *run, uint64_t now_us)
{
	const struct sfu_encoding *encoding = run->encoding;
	uint64_t since_us = now_us - slot->source->link->clock_lead_us -
	    encoding->sr_us;

	return hop_timestamp_move(encoding->sr_timestamp, (int64_t)since_us,
		   sfu_kind_hz(slot->config.kind)) +
	    run->timestamp_offset;
}

static void sr_send(struct sfu_slot *slot, uint64_t now_us)
{
	const struct sfu_run *run = sfu_slot_run(slot);
	uint8_t out[SFU_RTCP_OUT_BYTES];
	struct wire_rtcp_sr sr;
	struct wire_out w;

	if (!run || !run->encoding->has_sr ||
	    now_us - slot->sent_us > SILENT_US ||
	    !hop_tx_report(&slot->tx, slot->config.ssrc,
		sfu_kind_hz(slot->config.kind), hop_ntp_of(now_us), now_us,
		&sr))
		return;
	sr.timestamp = timestamp_now(slot, run, now_us);
	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_sr_write(&w, &sr, NULL, 0);
	name_write(&w, slot->link, slot->config.ssrc);
	sfu_link_send(slot->link, &w, true);
}

void sfu_report_tick(struct sfu_link *link, uint64_t now_us)
{
	if (now_us - link->report_us < SFU_REPORT_EVERY_US)
		return;
	link->report_us = now_us;
	sfu_paths_tick(link);
	rr_send(link, now_us);
	for (size_t i = 0; i < link->slot_count; i++)
		sr_send(link->slots[i], now_us);
}
