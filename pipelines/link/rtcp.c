/*
 * rtcp.c - reports, feedback and farewells, to and from the forwarder.
 *
 * Every compound begins with a report and has our name (RFC 3550, 6.1), so that
 * a peer that knows no reduced size (RFC 5506) understands it.
 */
#include "pipelines/link/link_internal.h"
#include "wire/rtcp.h"

enum {
	COMPOUND_MAX_BYTES = 1200,
	NACKS_MAX = 64, /* of one receiver in one compound */
	US_PER_MS = 1000,
	STILL_US = 2000000 /* late by so much, a timer is worth a line */
};

/* --- from the forwarder --------------------------------------------------- */

static void reports_take(struct link *link, struct kk_view reports)
{
	uint64_t ntp = hop_ntp_of((uint64_t)g_get_real_time());

	for (size_t i = 0; i < wire_rtcp_report_count(reports); i++) {
		struct wire_rtcp_report report = wire_rtcp_report_get(reports,
		    i);
		struct link_tx *tx = link_tx_find(link, report.ssrc);
		uint64_t rtt_us;

		if (!tx)
			continue;
		tx->fraction_lost = report.fraction_lost;
		if (!hop_rtt_of(&report, ntp, &rtt_us))
			tx->rtt_us = rtt_us;
	}
}

static void sr_take(struct link *link, const struct wire_rtcp_sr *sr)
{
	struct link_rx *rx = link_rx_find(link, sr->ssrc);

	reports_take(link, sr->reports);
	if (!rx)
		return;
	hop_rx_sr(&rx->rx, sr, link_now_us());
	if (rx->is.reported)
		rx->is.reported(rx->is.arg, sr->ntp, sr->timestamp);
}

static void nacks_take(struct link *link, const struct wire_rtcp_fb *fb)
{
	struct link_tx *tx = link_tx_find(link, fb->media_ssrc);
	struct wire_rtcp_nack_iter it;
	uint16_t seq;

	if (!tx || wire_rtcp_nack_begin(&it, fb))
		return;
	while (wire_rtcp_nack_next(&it, &seq))
		link_tx_nack(link, tx, seq);
}

static void fir_take(struct link *link, const struct wire_rtcp_fb *fb)
{
	size_t count;

	if (wire_rtcp_fir_count(fb, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		struct wire_rtcp_fir fir = wire_rtcp_fir_get(fb, i);
		struct link_tx *tx = link_tx_find(link, fir.ssrc);

		if (tx)
			link_tx_wanted(link, tx);
	}
}

static void feedback_take(struct link *link, const struct wire_rtcp_fb *fb)
{
	struct link_tx *tx = link_tx_find(link, fb->media_ssrc);

	link_measure_feedback(link, fb);
	nacks_take(link, fb);
	fir_take(link, fb);
	if (tx && !wire_rtcp_pli_check(fb))
		link_tx_wanted(link, tx);
}

void link_rtcp_take(struct link *link, struct kk_view compound)
{
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;
	struct wire_rtcp_sr sr;
	struct wire_rtcp_rr rr;
	struct wire_rtcp_fb fb;

	if (wire_rtcp_begin(&it, compound, true)) {
		link->counts.refused++;
		return;
	}
	while (wire_rtcp_next(&it, &packet)) {
		if (!wire_rtcp_sr_parse(&sr, &packet))
			sr_take(link, &sr);
		else if (!wire_rtcp_rr_parse(&rr, &packet))
			reports_take(link, rr.reports);
		else if (!wire_rtcp_fb_parse(&fb, &packet))
			feedback_take(link, &fb);
	}
}

/* --- to the forwarder ----------------------------------------------------- */

static void compound_send(struct link *link, const struct wire_out *w)
{
	uint8_t sealed[COMPOUND_MAX_BYTES + SRTP_OVERHEAD_BYTES];
	size_t bytes = sizeof(sealed);

	if (w->bytes == 0 || !link->session.tx)
		return;
	if (srtp_tx_seal_rtcp(link->session.tx, wire_out_view(w), sealed,
		&bytes)) {
		link->counts.unsent++;
		return;
	}
	(void)link_ice_send(link, kk_view_of(sealed, bytes));
}

static void name_write(struct link *link, struct wire_out *w)
{
	wire_rtcp_cname_write(w, link->session.ssrc, kk_view_text(link->cname));
}

/* The head of a compound that has something else to say. */
static void head_write(struct link *link, struct wire_out *w)
{
	wire_rtcp_rr_write(w, link->session.ssrc, NULL, 0);
	name_write(link, w);
}

static size_t blocks_fill(struct link *link, uint64_t now_us,
    struct wire_rtcp_report *blocks)
{
	struct link_session *s = &link->session;
	size_t count = 0;

	for (size_t i = 0; i < s->receiver_count && count < WIRE_RTCP_COUNT_MAX;
	    i++)
		if (hop_rx_report(&s->receivers[i].rx, s->receivers[i].is.ssrc,
			now_us, &blocks[count]))
			count++;
	return count;
}

/* What we have received stands in the first sender's report. */
static void report_send(struct link *link, uint64_t now_us)
{
	struct wire_rtcp_report blocks[WIRE_RTCP_COUNT_MAX];
	uint64_t ntp = hop_ntp_of((uint64_t)g_get_real_time());
	struct link_session *s = &link->session;
	size_t count = blocks_fill(link, now_us, blocks);
	uint8_t plain[COMPOUND_MAX_BYTES];
	struct wire_out w;

	wire_out_init(&w, plain, sizeof(plain));
	for (size_t i = 0; i < s->sender_count; i++) {
		const struct link_tx *tx = &s->senders[i];
		struct wire_rtcp_sr sr;

		if (!hop_tx_report(&tx->tx, tx->is.ssrc, tx->is.clock_hz, ntp,
			now_us, &sr))
			continue;
		wire_rtcp_sr_write(&w, &sr, blocks, w.bytes ? 0 : count);
	}
	if (w.bytes == 0)
		wire_rtcp_rr_write(&w, s->ssrc, blocks, count);
	name_write(link, &w);
	compound_send(link, &w);
}

static void missing_ask(struct link *link, struct link_rx *rx, uint64_t now_us)
{
	uint8_t plain[COMPOUND_MAX_BYTES];
	uint16_t seqs[NACKS_MAX];
	struct wire_out w;
	size_t count;

	count = hop_rx_nacks(&rx->rx, now_us, seqs, NACKS_MAX);
	if (count == 0 || rx->is.rtx_ssrc == 0)
		return;
	wire_out_init(&w, plain, sizeof(plain));
	head_write(link, &w);
	wire_rtcp_nack_write(&w, link->session.ssrc, rx->is.ssrc, seqs, count);
	compound_send(link, &w);
}

static void key_frame_ask(struct link *link, struct link_rx *rx)
{
	uint8_t plain[COMPOUND_MAX_BYTES];
	struct wire_out w;

	wire_out_init(&w, plain, sizeof(plain));
	head_write(link, &w);
	wire_rtcp_pli_write(&w, link->session.ssrc, rx->is.ssrc);
	link->counts.key_frames_asked++;
	compound_send(link, &w);
}

static void arrivals_tell(struct link *link, uint64_t now_us)
{
	struct link_session *s = &link->session;
	uint8_t plain[COMPOUND_MAX_BYTES];
	struct wire_out w;

	if (s->receiver_count == 0)
		return;
	for (;;) {
		wire_out_init(&w, plain, sizeof(plain));
		head_write(link, &w);
		if (!hop_rx_twcc_write(&s->measure.rx, &w, s->ssrc,
			s->receivers[0].is.ssrc, now_us))
			return;
		compound_send(link, &w);
	}
}

void link_rtcp_tick(struct link *link, uint64_t now_us)
{
	struct link_session *s = &link->session;

	if (!s->tx)
		return;
	if (now_us >= s->report_us + STILL_US)
		kk_log(link->config.log, KK_LOG_WARNING,
		    "link stood still ms=%llu",
		    (unsigned long long)(now_us - s->report_us) / US_PER_MS);
	arrivals_tell(link, now_us);
	if (now_us >= s->report_us) {
		report_send(link, now_us);
		s->report_us = now_us + LINK_REPORT_EVERY_US;
	}
	for (size_t i = 0; i < s->receiver_count; i++) {
		struct link_rx *rx = &s->receivers[i];

		missing_ask(link, rx, now_us);
		link_rx_given_up(rx);
		if (hop_keyframe_ask(&rx->keyframe, now_us))
			key_frame_ask(link, rx);
	}
}

void link_rtcp_bye(struct link *link)
{
	struct link_session *s = &link->session;
	uint32_t ssrcs[LINK_SENDERS_MAX] = { s->ssrc };
	size_t count = s->sender_count > 0 ? s->sender_count : 1;
	uint8_t plain[COMPOUND_MAX_BYTES];
	struct wire_out w;

	for (size_t i = 0; i < s->sender_count; i++)
		ssrcs[i] = s->senders[i].is.ssrc;
	wire_out_init(&w, plain, sizeof(plain));
	head_write(link, &w);
	wire_rtcp_bye_write(&w, ssrcs, count, kk_view_of(NULL, 0));
	compound_send(link, &w);
}
