/* link.c - one transport's hop: its sources and slots, and what comes in. */
#include <string.h>

#include "hop/rtx.h"
#include "sfu/sfu_internal.h"

enum kk_err sfu_link_new(struct sfu_link **linkp,
    const struct sfu_link_config *config)
{
	size_t name_bytes = strlen(config->cname);
	struct sfu_link *link;

	if (name_bytes == 0 || name_bytes > SFU_CNAME_MAX_BYTES)
		return KK_EINVAL;
	link = kk_calloc(1, sizeof(*link));
	if (!link)
		return KK_ENOMEM;
	link->config = *config;
	memcpy(link->cname, config->cname, name_bytes);
	*linkp = link;
	return KK_OK;
}

void sfu_link_open(struct sfu_link *link, uint64_t now_us)
{
	link->is_open = true;
	sfu_share_open(link, now_us);
	sfu_link_wake(link);
	for (size_t i = 0; i < link->slot_count; i++)
		sfu_slot_begin(link->slots[i], now_us);
}

void sfu_link_free(struct sfu_link *link)
{
	if (!link)
		return;
	while (link->source_count > 0)
		sfu_source_free(link->sources[0]);
	while (link->slot_count > 0)
		sfu_slot_free(link->slots[0]);
	estimate_free(link->estimate);
	kk_free(link->twcc);
	kk_free(link);
}

static struct sfu_encoding *source_encoding(struct sfu_source *source,
    uint32_t ssrc)
{
	for (size_t i = 0; i < source->config.encoding_count; i++) {
		const struct sfu_encoding_config *c =
		    &source->encodings[i].config;

		if (c->ssrc == ssrc || c->rtx_ssrc == ssrc)
			return &source->encodings[i];
	}
	return NULL;
}

struct sfu_encoding *sfu_link_encoding(struct sfu_link *link, uint32_t ssrc)
{
	struct sfu_encoding *found = NULL;

	/* 0 is nobody's: where there is no RTX. */
	for (size_t i = 0; ssrc && !found && i < link->source_count; i++)
		found = source_encoding(link->sources[i], ssrc);
	return found;
}

bool sfu_link_has_source(const struct sfu_link *link, uint32_t ssrc)
{
	for (size_t i = 0; ssrc && i < link->source_count; i++) {
		if (source_encoding(link->sources[i], ssrc))
			return true;
	}
	return false;
}

struct sfu_slot *sfu_link_slot(struct sfu_link *link, uint32_t ssrc)
{
	for (size_t i = 0; i < link->slot_count; i++) {
		const struct sfu_slot_config *c = &link->slots[i]->config;

		if (c->ssrc == ssrc || (c->rtx_ssrc && c->rtx_ssrc == ssrc))
			return link->slots[i];
	}
	return NULL;
}

void sfu_link_send(struct sfu_link *link, const struct wire_out *w,
    bool is_rtcp)
{
	if (!w->err && w->bytes > 0)
		link->config.send(link->config.arg, wire_out_view(w), is_rtcp);
}

static void twcc_note(struct sfu_source *source, const struct wire_rtp *rtp,
    uint64_t now_us)
{
	struct sfu_link *link = source->link;
	struct kk_view data;

	if (source->config.twcc_id == 0 ||
	    wire_rtp_ext_find(rtp, source->config.twcc_id, &data) ||
	    data.bytes != sizeof(uint16_t))
		return;
	link->has_twcc = true;
	hop_rx_twcc_packet(link->twcc, wire_get_u16(data.data), now_us);
}

/* Of the newest packet: one that comes late tells of what was. */
static void level_note(struct sfu_source *source, const struct wire_rtp *rtp,
    uint64_t now_us)
{
	struct kk_view data;

	if (source->config.kind != SFU_AUDIO || source->config.level_id == 0 ||
	    wire_rtp_ext_find(rtp, source->config.level_id, &data))
		return;
	sfu_level_take(&source->level, data, now_us);
	source->link->config.counts->levels++;
}

static enum kk_err media_input(struct sfu_encoding *encoding,
    struct kk_view packet, bool is_resent, uint64_t now_us)
{
	const struct sfu_source_config *config = &encoding->source->config;
	struct sfu_packet p = { 0 };
	enum kk_err err = sfu_packet_parse(&p, packet, config);
	enum hop_arrival arrival;

	if (err)
		return err;
	if (p.rtp.payload_type != config->payload_type)
		return KK_ENOENT;
	arrival = hop_rx_packet(&encoding->rx, p.rtp.seq, p.rtp.timestamp,
	    is_resent, now_us, &p.seq);
	if (arrival == HOP_OLD)
		return KK_EREPLAY;
	if (arrival == HOP_NEW)
		level_note(encoding->source, &p.rtp, now_us);
	sfu_encoding_packet(encoding, &p, packet, now_us);
	return KK_OK;
}

static enum kk_err rtx_input(struct sfu_encoding *encoding,
    const struct wire_rtp *rtp, struct kk_view packet, uint64_t now_us)
{
	const struct sfu_link *link = encoding->source->link;
	const struct sfu_source_config *config = &encoding->source->config;
	struct hop_rtx to = { .ssrc = encoding->config.ssrc,
		.payload_type = config->payload_type };
	uint8_t plain[SFU_PACKET_MAX_BYTES];
	struct wire_out w;
	enum kk_err err;

	if (rtp->payload_type != config->rtx_payload_type)
		return KK_ENOENT;
	wire_out_init(&w, plain, sizeof(plain));
	err = hop_rtx_unwrap(&w, packet, &to);
	if (err == KK_ENOENT)
		return KK_OK; /* a probe: it was for transport feedback alone */
	if (err)
		return err;
	err = media_input(encoding, wire_out_view(&w), true, now_us);
	if (link->config.burst) /* the packet stands here */
		sfu_burst_end(link->config.burst);
	/* Senders also probe with packets that nobody has lost. */
	return err == KK_EREPLAY ? KK_OK : err;
}

static enum kk_err rtp_input(struct sfu_link *link, struct kk_view packet,
    uint64_t now_us)
{
	struct sfu_encoding *encoding;
	struct wire_rtp rtp;
	enum kk_err err;

	if (packet.bytes > SFU_PACKET_MAX_BYTES)
		return KK_ELIMIT;
	err = wire_rtp_header_parse(&rtp, packet);
	if (err)
		return err;
	encoding = sfu_link_encoding(link, rtp.ssrc);
	if (!encoding)
		encoding = sfu_link_learn(link, &rtp);
	if (!encoding)
		return KK_ENOENT;
	twcc_note(encoding->source, &rtp, now_us);
	if (rtp.ssrc == encoding->config.ssrc)
		return media_input(encoding, packet, false, now_us);
	return rtx_input(encoding, &rtp, packet, now_us);
}

enum kk_err sfu_link_rtp(struct sfu_link *link, struct kk_view packet,
    uint64_t now_us)
{
	enum kk_err err = rtp_input(link, packet, now_us);

	sfu_link_wake(link);
	if (err)
		link->config.counts->dropped++;
	return err;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

void sfu_link_tick_all(struct sfu_link *link, uint64_t now_us)
{
	sfu_feedback_tick(link, now_us);
	sfu_report_tick(link, now_us);
	sfu_bandwidth_tick(link, now_us);
	sfu_share_tick(link, now_us);
	link->due_us = least(least(sfu_feedback_due_us(link, now_us),
				 link->report_us + SFU_REPORT_EVERY_US),
	    least(sfu_bandwidth_due_us(link), sfu_share_due_us(link)));
}

void sfu_link_tick(struct sfu_link *link, uint64_t now_us)
{
	if (now_us >= link->due_us)
		sfu_link_tick_all(link, now_us);
}
