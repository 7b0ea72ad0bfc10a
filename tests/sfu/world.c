/* world.c - publishers and receivers around the forwarder. */
#include "sfu/world.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"

enum { PAYLOAD_BYTES = 40, STEP = 3000 };

static void on_send(void *arg, struct kk_view packet, bool is_rtcp)
{
	struct world_out *out = arg;

	CHECK(out->count < WORLD_OUT_MAX);
	CHECK(packet.bytes <= WORLD_PACKET_BYTES);
	memcpy(out->list[out->count].data, packet.data, packet.bytes);
	out->list[out->count].bytes = packet.bytes;
	out->list[out->count++].is_rtcp = is_rtcp;
}

static void peer_make(struct world_peer *peer, struct sfu_counts *counts,
    struct sfu_burst *burst)
{
	struct sfu_link_config config = { .rtcp_ssrc = 0x5f5f,
		.cname = "konklave",
		.send = on_send,
		.counts = counts,
		.burst = burst };

	peer->out = calloc(1, sizeof(*peer->out));
	CHECK(peer->out);
	peer->counts = counts;
	config.arg = peer->out;
	CHECK_OK(sfu_link_new(&peer->link, &config));
}

void world_peer_make(struct world_peer *peer, struct sfu_counts *counts)
{
	peer_make(peer, counts, NULL);
}

void world_peer_open(struct world_peer *peer, struct sfu_counts *counts)
{
	world_peer_open_in(peer, counts, NULL);
}

void world_peer_open_in(struct world_peer *peer, struct sfu_counts *counts,
    struct sfu_burst *burst)
{
	peer_make(peer, counts, burst);
	sfu_link_open(peer->link, WORLD_START_US);
}

void world_peer_close(struct world_peer *peer)
{
	sfu_link_free(peer->link);
	free(peer->out);
}

struct kk_view world_out_at(const struct world_peer *peer, size_t i)
{
	CHECK(i < peer->out->count);
	return kk_view_of(peer->out->list[i].data, peer->out->list[i].bytes);
}

void world_out_clear(struct world_peer *peer)
{
	peer->out->count = 0;
}

bool world_rtp_at(const struct world_peer *peer, size_t i, struct wire_rtp *rtp)
{
	for (size_t j = 0; j < peer->out->count; j++) {
		if (peer->out->list[j].is_rtcp || i-- > 0)
			continue;
		CHECK_OK(wire_rtp_parse(rtp, world_out_at(peer, j)));
		return true;
	}
	return false;
}

bool world_fb_at(const struct world_peer *peer, size_t i, unsigned type,
    unsigned fmt, struct wire_rtcp_fb *fb)
{
	for (size_t j = 0; j < peer->out->count; j++) {
		struct wire_rtcp_iter it;
		struct wire_rtcp packet;

		if (!peer->out->list[j].is_rtcp)
			continue;
		CHECK_OK(wire_rtcp_begin(&it, world_out_at(peer, j), true));
		while (wire_rtcp_next(&it, &packet)) {
			if (packet.type != type || packet.count != fmt ||
			    i-- > 0)
				continue;
			CHECK_OK(wire_rtcp_fb_parse(fb, &packet));
			return true;
		}
	}
	return false;
}

void world_publish(struct world_stream *s, struct world_peer *peer,
    enum sfu_kind kind, uint32_t ssrc)
{
	*s = (struct world_stream){ .peer = peer,
		.config = { .kind = kind,
		    .payload_type = kind == SFU_AUDIO ? 111 : 120,
		    .twcc_id = WORLD_TWCC_ID,
		    .encodings = { { .ssrc = ssrc } },
		    .encoding_count = 1 },
		.seq = (uint16_t)(ssrc * 7919),
		.timestamp = ssrc * 2654435761U,
		.picture_id = (uint16_t)(ssrc * 31 & 0x7fff),
		.tl0 = (uint8_t)(ssrc * 17) };
	if (kind == SFU_VIDEO) {
		s->config.encodings[0].rtx_ssrc = ssrc + 1;
		s->config.rtx_payload_type = 121;
	}
	CHECK_OK(sfu_source_new(&s->source, peer->link, &s->config));
}

struct sfu_slot *world_slot(struct world_peer *peer, enum sfu_kind kind,
    uint32_t ssrc)
{
	struct sfu_slot_config config = { .kind = kind,
		.ssrc = ssrc,
		.payload_type = kind == SFU_AUDIO ? 111 : 96,
		.rtx_ssrc = kind == SFU_AUDIO ? 0 : ssrc + 1,
		.rtx_payload_type = 97,
		.vp9_type = kind == SFU_AUDIO ? 0 : 98,
		.vp9_rtx_type = 99,
		.seq = 65500,
		.rtx_seq = 65534,
		.picture_id = 0x7ffe,
		.timestamp = 0xfffff000 };
	struct sfu_slot *slot = NULL;

	CHECK_OK(sfu_slot_new(&slot, peer->link, &config));
	return slot;
}

static void payload_write(struct world_stream *s, const struct world_frame *f,
    struct wire_out *w)
{
	const struct wire_vp8 vp8 = { .is_partition_start = f->is_start,
		.has_picture_id = true,
		.is_picture_id_long = !s->is_short,
		.picture_id = s->picture_id & (s->is_short ? 0x7f : 0x7fff),
		.has_tl0_index = true,
		.tl0_index = s->tl0,
		.has_tid = true };

	if (s->config.kind == SFU_VIDEO)
		wire_vp8_write(w, &vp8);
	wire_out_u8(w, f->is_key ? 0x10 : 0x11);
	for (size_t i = 0; i < PAYLOAD_BYTES; i++)
		wire_out_u8(w, f->fill);
}

size_t world_packet(struct world_stream *s, const struct world_frame *f,
    uint8_t *out)
{
	uint8_t payload[WORLD_PACKET_BYTES], ext[8];
	const uint8_t twcc[2] = { (uint8_t)(s->twcc >> 8), (uint8_t)s->twcc };
	const struct wire_rtp_ext exts[] = { { 1, kk_view_text("mid") },
		{ WORLD_TWCC_ID, { twcc, sizeof(twcc) } } };
	struct wire_rtp rtp = { .payload_type = s->config.payload_type,
		.has_marker = f->is_end,
		.seq = s->seq++,
		.timestamp = s->timestamp,
		.ssrc = s->config.encodings[0].ssrc,
		.csrc_count = 1,
		.csrcs = { 77 },
		.has_ext = true };
	struct wire_out w, e, p;

	s->twcc++;
	wire_out_init(&e, ext, sizeof(ext));
	wire_rtp_ext_write(&e, exts, 2, &rtp.ext_profile);
	rtp.ext = wire_out_view(&e);
	wire_out_init(&p, payload, sizeof(payload));
	payload_write(s, f, &p);
	rtp.payload = wire_out_view(&p);
	wire_out_init(&w, out, WORLD_PACKET_BYTES);
	wire_rtp_write(&w, &rtp);
	CHECK_OK(e.err);
	CHECK_OK(p.err);
	CHECK_OK(w.err);
	return w.bytes;
}

void world_send(struct world_stream *s, const struct world_frame *f,
    uint64_t now_us)
{
	uint8_t out[WORLD_PACKET_BYTES];
	size_t bytes = world_packet(s, f, out);

	CHECK_OK(sfu_link_rtp(s->peer->link, kk_view_of(out, bytes), now_us));
}

void world_frame(struct world_stream *s, bool is_key, unsigned count,
    uint64_t now_us)
{
	for (unsigned i = 0; i < count; i++) {
		struct world_frame f = { is_key, i == 0, i + 1 == count,
			(uint8_t)s->seq };

		world_send(s, &f, now_us);
	}
	s->timestamp += STEP;
	s->picture_id++;
	s->tl0++;
}

static void rtcp_give(struct world_peer *peer, const struct wire_out *w,
    uint64_t now_us)
{
	CHECK_OK(w->err);
	CHECK_OK(sfu_link_rtcp(peer->link, wire_out_view(w), now_us));
}

void world_nack(struct world_peer *peer, uint32_t ssrc, const uint16_t *seqs,
    size_t count, uint64_t now_us)
{
	uint8_t out[WORLD_PACKET_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_nack_write(&w, 1, ssrc, seqs, count);
	rtcp_give(peer, &w, now_us);
}

void world_pli(struct world_peer *peer, uint32_t ssrc, uint64_t now_us)
{
	uint8_t out[WORLD_PACKET_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_pli_write(&w, 1, ssrc);
	rtcp_give(peer, &w, now_us);
}

void world_sr(struct world_stream *s, uint64_t ntp, uint32_t timestamp,
    uint64_t now_us)
{
	const struct wire_rtcp_sr sr = { .ssrc = s->config.encodings[0].ssrc,
		.ntp = ntp,
		.timestamp = timestamp };
	uint8_t out[WORLD_PACKET_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtcp_sr_write(&w, &sr, NULL, 0);
	rtcp_give(s->peer, &w, now_us);
}
