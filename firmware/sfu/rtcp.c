/* rtcp.c - what a link's peer reports, and asks for. */
#include "sfu/sfu_internal.h"

static void reports_take(struct sfu_link *link, struct kk_view reports,
    uint64_t now_us)
{
	for (size_t i = 0; i < wire_rtcp_report_count(reports); i++) {
		struct wire_rtcp_report r = wire_rtcp_report_get(reports, i);
		struct sfu_slot *slot = sfu_link_slot(link, r.ssrc);
		uint64_t rtt_us;

		if (!slot)
			continue;
		sfu_paths_reported(slot, &r, now_us);
		if (!hop_rtt_of(&r, hop_ntp_of(now_us), &rtt_us))
			slot->rtt_us = rtt_us;
	}
}

static void keyframe_want(struct sfu_link *link, uint32_t ssrc, uint64_t now_us)
{
	struct sfu_slot *slot = sfu_link_slot(link, ssrc);
	struct sfu_encoding *encoding;
	const struct sfu_run *run;

	if (!slot || !slot->source || slot->config.kind != SFU_VIDEO)
		return;
	link->config.counts->paths.plis_out++;
	run = sfu_slot_run(slot);
	encoding = run ? run->encoding : sfu_slot_wanted(slot);
	hop_keyframe_want(&encoding->keyframe);
	sfu_encoding_keyframe(encoding, now_us);
}

static enum kk_err nack_take(struct sfu_link *link,
    const struct wire_rtcp_fb *fb, uint64_t now_us)
{
	struct sfu_slot *slot = sfu_link_slot(link, fb->media_ssrc);
	struct wire_rtcp_nack_iter it;
	enum kk_err err = wire_rtcp_nack_begin(&it, fb);
	uint16_t seq;

	if (err || !slot)
		return err;
	while (wire_rtcp_nack_next(&it, &seq)) {
		/* What cannot be had is asked for again, or given up, there. */
		if (sfu_slot_resend(slot, seq, now_us) == KK_ELIMIT)
			break;
	}
	return KK_OK;
}

static enum kk_err fir_take(struct sfu_link *link,
    const struct wire_rtcp_fb *fb, uint64_t now_us)
{
	size_t count = 0;
	enum kk_err err = wire_rtcp_fir_count(fb, &count);

	for (size_t i = 0; !err && i < count; i++)
		keyframe_want(link, wire_rtcp_fir_get(fb, i).ssrc, now_us);
	return err;
}

static enum kk_err feedback_take(struct sfu_link *link,
    const struct wire_rtcp *packet, uint64_t now_us)
{
	struct wire_rtcp_fb fb = { 0 };
	enum kk_err err = wire_rtcp_fb_parse(&fb, packet);

	if (err)
		return err;
	if (!fb.is_payload_specific && fb.fmt == WIRE_RTCP_RTPFB_TWCC)
		return sfu_bandwidth_feedback(link, &fb, now_us);
	if (!fb.is_payload_specific)
		return fb.fmt == WIRE_RTCP_RTPFB_NACK ?
		    nack_take(link, &fb, now_us) :
		    KK_OK;
	if (fb.fmt == WIRE_RTCP_PSFB_FIR)
		return fir_take(link, &fb, now_us);
	if (fb.fmt != WIRE_RTCP_PSFB_PLI)
		return KK_OK;
	err = wire_rtcp_pli_check(&fb);
	if (!err)
		keyframe_want(link, fb.media_ssrc, now_us);
	return err;
}

static enum kk_err packet_take(struct sfu_link *link,
    const struct wire_rtcp *packet, uint64_t now_us)
{
	struct wire_rtcp_sr sr = { 0 };
	struct wire_rtcp_rr rr = { 0 };
	struct sfu_encoding *encoding;
	enum kk_err err = KK_OK;

	switch (packet->type) {
	case WIRE_RTCP_SR:
		err = wire_rtcp_sr_parse(&sr, packet);
		if (err)
			return err;
		encoding = sfu_link_encoding(link, sr.ssrc);
		if (encoding && encoding->config.ssrc == sr.ssrc)
			sfu_report_sr(encoding, &sr, now_us);
		reports_take(link, sr.reports, now_us);
		return KK_OK;
	case WIRE_RTCP_RR:
		err = wire_rtcp_rr_parse(&rr, packet);
		if (!err)
			reports_take(link, rr.reports, now_us);
		return err;
	case WIRE_RTCP_RTPFB:
	case WIRE_RTCP_PSFB:
		return feedback_take(link, packet, now_us);
	default:
		return KK_OK;
	}
}

enum kk_err sfu_link_rtcp(struct sfu_link *link, struct kk_view packet,
    uint64_t now_us)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp one;
	enum kk_err err = packet.bytes > SFU_PACKET_MAX_BYTES ?
	    KK_ELIMIT :
	    wire_rtcp_begin(&it, packet, true);

	sfu_link_wake(link);
	while (!err && wire_rtcp_next(&it, &one))
		err = packet_take(link, &one, now_us);
	if (err)
		link->config.counts->dropped++;
	return err;
}
