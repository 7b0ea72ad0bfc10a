/* rtcp.c - what endpoints say of streams, and what publishers are asked for. */
#include <string.h>

#include "tools/load/load.h"
#include "wire/rtcp.h"

enum {
	NTP_1970_S = 0x83aa7e80, /* RFC 5905, 6: seconds from 1900 */
	NS_PER_S = 1000000000
};

static void packet_look(struct load_member *m, const struct wire_rtcp *packet)
{
	struct wire_rtcp_fb fb;
	size_t count = 0;

	if (wire_rtcp_fb_parse(&fb, packet))
		return;
	if (wire_rtcp_pli_check(&fb) && wire_rtcp_fir_count(&fb, &count))
		return;
	m->source.wants_key = true;
	m->load->totals.key_requests++;
}

/* Receivers' RTCP is for decoders: it is not opened. */
void load_rtcp_take(struct load_member *m, struct kk_view datagram)
{
	uint8_t plain[LOAD_DATAGRAM_BYTES];
	size_t bytes = sizeof(plain);
	struct wire_rtcp_iter it;
	struct wire_rtcp packet;

	if (!m->is_publisher || m->peer.phase != LOAD_PEER_READY ||
	    srtp_rx_open_rtcp(m->peer.rx, datagram, plain, &bytes) ||
	    wire_rtcp_begin(&it, kk_view_of(plain, bytes), true))
		return;
	while (wire_rtcp_next(&it, &packet))
		packet_look(m, &packet);
}

static void sender_write(const struct load_member *m, struct wire_out *w)
{
	uint64_t ns = load_wall_ns();
	const struct wire_rtcp_sr sr = { .ssrc = m->source.video_ssrc,
		.ntp = (ns / NS_PER_S + NTP_1970_S) << 32 |
		    ((ns % NS_PER_S) << 32) / NS_PER_S,
		.timestamp = m->source.video_time,
		.packet_count = m->source.video_packets,
		.octet_count = m->source.video_octets };

	wire_rtcp_sr_write(w, &sr, NULL, 0);
	wire_rtcp_cname_write(w, sr.ssrc, kk_view_text("load"));
}

static void receiver_write(const struct load_member *m, struct wire_out *w)
{
	struct wire_rtcp_report reports[LOAD_STREAMS_MAX] = { 0 };
	size_t count = m->stream_count;

	if (count > WIRE_RTCP_COUNT_MAX)
		count = WIRE_RTCP_COUNT_MAX;
	for (size_t i = 0; i < count; i++)
		reports[i] =
		    (struct wire_rtcp_report){ .ssrc = m->streams[i].ssrc,
			    .top_seq = (uint32_t)m->streams[i].top };
	wire_rtcp_rr_write(w, m->rtcp_ssrc, reports, count);
	wire_rtcp_cname_write(w, m->rtcp_ssrc, kk_view_text("load"));
}

void load_rtcp_tick(struct load_member *m, uint64_t now_us)
{
	uint8_t plain[LOAD_DATAGRAM_BYTES], sealed[LOAD_DATAGRAM_BYTES];
	size_t bytes = sizeof(sealed);
	struct wire_out w;

	if (m->load->options.server == LOAD_FLOOR ||
	    m->peer.phase != LOAD_PEER_READY ||
	    now_us - m->reported_us < LOAD_US_PER_S)
		return;
	m->reported_us = now_us;
	wire_out_init(&w, plain, sizeof(plain));
	if (m->is_publisher)
		sender_write(m, &w);
	else
		receiver_write(m, &w);
	if (!w.err &&
	    !srtp_tx_seal_rtcp(m->peer.tx, wire_out_view(&w), sealed, &bytes))
		load_peer_send(m, kk_view_of(sealed, bytes));
}
