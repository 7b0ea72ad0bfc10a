/* layered.c - a camera with layers, and a receiver that checks. */
#include "sfu/layered.h"

#include <stdlib.h>
#include <string.h>

#include "harness/tap.h"
#include "hop/rtx.h"
#include "wire/dd_make.h"
#include "wire/seq.h"
#include "wire/vp9.h"

enum {
	MARK = 0xa5,
	BODY_BYTES = 20, /* behind the descriptor */
	TYPE = 120,
	RTX_TYPE = 121,
	PERIOD = 4,
	RECENT = 3
};

struct body { /* what a frame's packets say of it */
	bool is_key;
	uint8_t encoding, spatial, temporal, index, count;
	uint32_t id, refs[2]; /* refs: 0: none, else id + 1 */
};

static void body_write(struct wire_out *w, const struct body *b)
{
	wire_out_u8(w, b->is_key ? 0x10 : 0x11); /* RFC 7741, 4.3: P */
	wire_out_u8(w, MARK);
	wire_out_u8(w, b->encoding);
	wire_out_u8(w, b->spatial);
	wire_out_u8(w, b->temporal);
	wire_out_u8(w, b->index);
	wire_out_u8(w, b->count);
	wire_out_u8(w, b->is_key);
	wire_out_u32(w, b->id);
	wire_out_u32(w, b->refs[0]);
	wire_out_u32(w, b->refs[1]);
}

static struct body body_read(struct kk_view in)
{
	struct kk_reader r;
	struct body b;

	CHECK_EQ(in.bytes, BODY_BYTES);
	kk_reader_init(&r, in);
	(void)kk_read_u8(&r);
	CHECK_EQ(kk_read_u8(&r), MARK);
	b.encoding = kk_read_u8(&r);
	b.spatial = kk_read_u8(&r);
	b.temporal = kk_read_u8(&r);
	b.index = kk_read_u8(&r);
	b.count = kk_read_u8(&r);
	b.is_key = kk_read_u8(&r);
	b.id = kk_read_u32(&r);
	b.refs[0] = kk_read_u32(&r);
	b.refs[1] = kk_read_u32(&r);
	CHECK_OK(kk_reader_end(&r));
	return b;
}

/* --- the camera ---------------------------------------------------------- */

void layered_publish(struct layered *l, struct world_peer *peer, uint32_t ssrc,
    const struct dd_template *svc)
{
	*l = (struct layered){ .peer = peer,
		.svc = svc,
		.packets = 2,
		.config = { .kind = SFU_VIDEO,
		    .codec = svc ? SFU_VP9 : SFU_VP8,
		    .payload_type = TYPE,
		    .rtx_payload_type = RTX_TYPE,
		    .dd_id = LAYERED_DD_ID,
		    .encoding_count = svc ? 1 : SFU_ENCODINGS_MAX } };
	for (uint32_t i = 0; i < l->config.encoding_count; i++) {
		l->config.encodings[i] =
		    (struct sfu_encoding_config){ .ssrc = ssrc + 2 * i,
			    .rtx_ssrc = ssrc + 2 * i + 1,
			    .max_width = (uint16_t)(320 << i),
			    .max_height = (uint16_t)(180 << i) };
		l->encodings[i] =
		    (struct layered_encoding){ .seq = (uint16_t)(65500 + i * 7),
			    .picture_id = (uint16_t)(0x7fe0 + i * 11),
			    .tl0 = (uint8_t)(240 + i * 3),
			    .timestamp = (uint32_t)-9000 + i * 1234567,
			    .ssrc = ssrc + 2 * i,
			    .needs_key = true };
	}
	CHECK_OK(sfu_source_new(&l->source, peer->link, &l->config));
}

static void requests_take(struct layered *l)
{
	struct wire_rtcp_fb fb;

	for (size_t i = 0;
	    world_fb_at(l->peer, i, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI, &fb);
	    i++) {
		for (size_t j = 0; j < l->config.encoding_count; j++) {
			if (l->encodings[j].ssrc == fb.media_ssrc)
				l->encodings[j].needs_key = true;
		}
	}
	world_out_clear(l->peer);
}

void layered_give(struct layered *l, struct kk_view raw, uint64_t now_us)
{
	CHECK_OK(sfu_link_rtp(l->peer->link, raw, now_us));
}

void layered_give_rtx(struct layered *l, struct kk_view raw, uint64_t now_us)
{
	static uint16_t seq;
	uint8_t out[WORLD_PACKET_BYTES];
	struct wire_rtp rtp;
	struct hop_rtx to = { .payload_type = RTX_TYPE, .seq = seq++ };
	struct wire_out w;

	CHECK_OK(wire_rtp_parse(&rtp, raw));
	to.ssrc = rtp.ssrc + 1;
	wire_out_init(&w, out, sizeof(out));
	hop_rtx_wrap(&w, raw, &to);
	CHECK_OK(w.err);
	CHECK_OK(sfu_link_rtp(l->peer->link, wire_out_view(&w), now_us));
}

static void vp8_put(const struct layered *l, const struct layered_encoding *e,
    const struct body *b, struct wire_out *w)
{
	const struct wire_vp8 vp8 = { .is_partition_start = b->index == 0,
		.has_picture_id = true,
		.is_picture_id_long = !l->is_short,
		.picture_id = e->picture_id & (l->is_short ? 0x7f : 0x7fff),
		.has_tl0_index = true,
		.tl0_index = e->tl0,
		.has_tid = true,
		.tid = b->temporal,
		.is_layer_sync = b->temporal > 0 && b->refs[1] == 0 &&
		    (b->temporal == 1 || b->id % PERIOD == 1) };

	wire_vp8_write(w, &vp8);
}

/* RFC 9628, 4.2: not flexible, with picture id of 15 bits and layers. */
static void vp9_put(const struct layered_encoding *e, const struct body *b,
    bool is_inter, bool is_inter_layer, struct wire_out *w)
{
	wire_out_u8(w,
	    0xa0u | (is_inter ? 0x40u : 0u) | (b->index == 0 ? 0x08u : 0u) |
		(b->index + 1 == b->count ? 0x04u : 0u));
	wire_out_u16(w, 0x8000u | e->picture_id);
	wire_out_u8(w,
	    (unsigned)b->temporal << 5 | (unsigned)b->spatial << 1 |
		is_inter_layer);
	wire_out_u8(w, e->tl0);
}

struct shape { /* of a packet */
	bool has_marker;
	unsigned template_at;
};

static void packet_send(struct layered *l, unsigned encoding,
    const struct body *b, const struct shape *shape, uint64_t now_us)
{
	struct layered_encoding *e = &l->encodings[encoding];
	uint8_t payload[64], ext[300], dd[DD_MAKE_BYTES], out[600];
	struct wire_rtp rtp = { .payload_type = TYPE,
		.has_marker = shape->has_marker,
		.seq = e->seq++,
		.timestamp = e->timestamp,
		.ssrc = e->ssrc };
	struct wire_rtp_ext one = { LAYERED_DD_ID, { dd, 0 } };
	struct wire_out w, p, x;

	wire_out_init(&p, payload, sizeof(payload));
	wire_out_init(&x, ext, sizeof(ext));
	if (l->svc || l->has_dd) {
		one.data.bytes = dd_make(l->svc ? l->svc : dd_l3t3,
		    shape->template_at, b->id + 65000, b->index == 0,
		    b->index + 1 == b->count, dd);
		wire_rtp_ext_write(&x, &one, 1, &rtp.ext_profile);
		rtp.has_ext = true;
		rtp.ext = wire_out_view(&x);
	}
	if (l->svc) {
		vp9_put(e, b, e->since > 0, b->spatial > 0 && b->refs[0], &p);
	} else {
		vp8_put(l, e, b, &p);
	}
	body_write(&p, b);
	rtp.payload = wire_out_view(&p);
	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, &rtp);
	CHECK_OK(w.err);
	if (!l->pass || l->pass(l->arg, wire_out_view(&w), encoding))
		layered_give(l, wire_out_view(&w), now_us);
}

static void frame_send(struct layered *l, unsigned encoding, struct body b,
    struct shape shape, uint64_t now_us)
{
	bool is_last = shape.has_marker;

	b.count = (uint8_t)l->packets;
	for (b.index = 0; b.index < b.count; b.index++) {
		shape.has_marker = is_last && b.index + 1 == b.count;
		packet_send(l, encoding, &b, &shape, now_us);
	}
}

/* T0 T2 T1 T2; every second T1 refers to the one before it. */
static void vp8_picture(struct layered *l, unsigned encoding, uint64_t now_us)
{
	static const uint8_t temporal[PERIOD] = { 0, 2, 1, 2 };
	struct layered_encoding *e = &l->encodings[encoding];
	unsigned at = e->since % PERIOD;
	struct body b = { .is_key = e->since == 0,
		.encoding = (uint8_t)encoding,
		.spatial = (uint8_t)encoding,
		.temporal = temporal[at],
		.id = e->id };

	e->tl0 += at == 0;
	if (at == 0 && !b.is_key)
		b.refs[0] = b.id - PERIOD + 1;
	else if (at == 1 || at == 3)
		b.refs[0] = b.id - 1 + 1;
	else if (at == 2)
		b.refs[0] = b.id - 2 + 1;
	if (at == 2 && e->since % (2 * PERIOD) != 2)
		b.refs[1] = b.id - PERIOD + 1;
	frame_send(l, encoding, b, (struct shape){ true, 0 }, now_us);
	e->id++;
}

static void svc_picture(struct layered *l, uint64_t now_us)
{
	struct layered_encoding *e = &l->encodings[0];

	e->tl0 += e->since % PERIOD == 0;
	for (uint8_t spatial = 0; spatial < 3; spatial++) {
		unsigned at = dd_template_of(spatial, e->since);
		const struct dd_template *t = &l->svc[at];
		struct body b = { .is_key = e->since == 0 && spatial == 0,
			.spatial = spatial,
			.temporal = t->temporal,
			.id = e->id };

		for (size_t i = 0; i < 2 && t->refs[i]; i++)
			b.refs[i] = b.id - t->refs[i] + 1;
		frame_send(l, 0, b, (struct shape){ spatial == 2, at }, now_us);
		e->id++;
	}
}

void layered_picture(struct layered *l, uint64_t now_us)
{
	requests_take(l);
	for (unsigned i = 0; i < l->config.encoding_count; i++) {
		struct layered_encoding *e = &l->encodings[i];

		/* Ids of frames tell their place in the pattern. */
		if (e->needs_key && (l->svc || e->id % PERIOD == 0)) {
			e->since = 0;
			e->needs_key = false;
		}
		if (l->is_stopped[i]) {
			e->needs_key = true;
		} else {
			if (l->svc)
				svc_picture(l, now_us);
			else
				vp8_picture(l, i, now_us);
			e->since++;
			e->picture_id = (e->picture_id + 1) & 0x7fff;
		}
		e->timestamp += LAYERED_STEP;
	}
}

void layered_pictures(struct layered *l, unsigned count, uint64_t *now_us)
{
	for (unsigned i = 0; i < count; i++, *now_us += LAYERED_STEP_US) {
		layered_picture(l, *now_us);
		sfu_link_tick(l->peer->link, *now_us);
	}
}

/* --- the receiver -------------------------------------------------------- */

void layered_view_open(struct layered_view *v, struct world_peer *peer,
    uint32_t ssrc)
{
	memset(v, 0, sizeof(*v));
	v->peer = peer;
	v->ssrc = ssrc;
	v->seen = calloc(LAYERED_SEEN_MAX, sizeof(*v->seen));
	CHECK(v->seen);
}

void layered_view_close(struct layered_view *v)
{
	free(v->seen);
}

static void seen_put(struct layered_view *v, struct kk_view packet,
    const struct wire_rtp *rtp, bool may_lose)
{
	uint64_t seq = v->has_first ? wire_seq_extend(v->top, rtp->seq) :
				      65536 + (uint64_t)rtp->seq;
	struct layered_seen *s;

	if (!v->has_first)
		v->first = v->top = seq;
	v->has_first = true;
	if (seq > v->top)
		v->top = seq;
	CHECK(seq >= v->first && seq - v->first < LAYERED_SEEN_MAX);
	if (may_lose && v->lose_every && ++v->came % v->lose_every == 0) {
		v->lost[v->lost_count++] = rtp->seq;
		return;
	}
	s = &v->seen[seq - v->first];
	CHECK(s->bytes == 0); /* nothing comes twice */
	CHECK(packet.bytes <= sizeof(s->data));
	memcpy(s->data, packet.data, packet.bytes);
	s->bytes = packet.bytes;
}

void layered_view_take(struct layered_view *v)
{
	struct wire_rtp rtp;

	for (size_t i = 0; i < v->peer->out->count; i++) {
		struct hop_rtx to = { .ssrc = v->ssrc, .payload_type = 96 };
		uint8_t plain[WORLD_PACKET_BYTES];
		struct kk_view packet = world_out_at(v->peer, i);
		struct wire_out w;

		if (v->peer->out->list[i].is_rtcp)
			continue;
		CHECK_OK(wire_rtp_parse(&rtp, packet));
		if (rtp.ssrc == v->ssrc) {
			seen_put(v, packet, &rtp, true);
			continue;
		}
		CHECK_EQ(rtp.ssrc, v->ssrc + 1);
		if (rtp.payload_type == 99) /* of VP9 */
			to.payload_type = 98;
		wire_out_init(&w, plain, sizeof(plain));
		packet.bytes = rtp.payload.bytes == 2 ? 0 : packet.bytes;
		if (packet.bytes == 0) { /* a filler */
			rtp.seq = wire_get_u16(rtp.payload.data);
			rtp.ssrc = v->ssrc;
			rtp.payload.bytes = 0;
			wire_rtp_write(&w, &rtp);
		} else {
			CHECK_OK(hop_rtx_unwrap(&w, packet, &to));
		}
		CHECK_OK(wire_rtp_parse(&rtp, wire_out_view(&w)));
		seen_put(v, wire_out_view(&w), &rtp, false);
	}
	world_out_clear(v->peer);
}

void layered_view_nack(struct layered_view *v, uint64_t now_us)
{
	for (size_t i = 0; i < v->lost_count; i++)
		world_nack(v->peer, v->ssrc, &v->lost[i], 1, now_us);
	v->lost_count = 0;
}

struct recent { /* a picture */
	unsigned spatial, temporal;
};

struct decoder {
	struct layered_frames out;
	uint8_t decoded[SFU_ENCODINGS_MAX][LAYERED_IDS_MAX];
	bool has_frame;
	struct body frame; /* that is being put together */
	unsigned got;
	uint32_t timestamp;
	uint16_t picture_id;
	uint8_t tl0;
	bool had_marker, is_whole;
	struct recent recent[RECENT];
	unsigned pictures;
	uint32_t picture_timestamp;
};

static void frame_end(struct decoder *d)
{
	const struct body *b = &d->frame;
	bool is_good = d->got == b->count;
	struct recent *now;

	if (!d->has_frame)
		return;
	for (size_t i = 0; i < 2; i++) {
		if (b->refs[i] && !d->decoded[b->encoding][b->refs[i] - 1])
			is_good = false;
	}
	if (b->is_key)
		memset(d->decoded, 0, sizeof(d->decoded));
	if (!is_good) {
		d->out.broken++;
		return;
	}
	d->decoded[b->encoding][b->id] = 1;
	d->out.by_layer[b->spatial][b->temporal]++;
	d->out.frames++;
	if (d->pictures == 0 || d->timestamp != d->picture_timestamp)
		d->recent[d->pictures++ % RECENT] = (struct recent){ 0 };
	d->picture_timestamp = d->timestamp;
	now = &d->recent[(d->pictures - 1) % RECENT];
	if (b->spatial > now->spatial)
		now->spatial = b->spatial;
	now->temporal = b->temporal;
}

struct numbers {
	uint32_t timestamp;
	uint16_t picture_id;
	uint8_t tl0;
	bool is_new_picture;
};

static void numbers_check(struct decoder *d, const struct numbers *n,
    const struct body *b, bool is_svc)
{
	unsigned step = (n->picture_id - (unsigned)d->picture_id) & 0x7fff;
	uint8_t tl0 = (uint8_t)(d->tl0 + (b->temporal == 0));

	if (!d->has_frame)
		return;
	if (!n->is_new_picture) {
		d->out.ids_wrong += n->picture_id != d->picture_id ||
		    n->tl0 != d->tl0;
		return;
	}
	/* Of VP9 dropped pictures leave their ids, as references count. */
	d->out.ids_wrong += is_svc ? step < 1 || step > PERIOD : step != 1;
	d->out.ids_wrong += n->tl0 != tl0;
	d->out.times_wrong += !wire_ts_is_newer(n->timestamp, d->timestamp);
	d->out.markers_wrong += !d->had_marker;
}

static struct body packet_read(const struct wire_rtp *rtp, bool is_svc,
    struct numbers *n)
{
	struct kk_view body = rtp->payload;
	struct wire_vp8 vp8;
	struct wire_vp9 vp9;
	size_t bytes;

	if (is_svc) {
		CHECK_EQ(rtp->payload_type, 98);
		CHECK_OK(wire_vp9_parse(&vp9, body));
		n->picture_id = vp9.picture_id;
		n->tl0 = vp9.tl0_index;
		bytes = vp9.bytes;
	} else {
		CHECK_EQ(rtp->payload_type, 96);
		CHECK_OK(wire_vp8_parse(&vp8, body));
		CHECK(vp8.is_picture_id_long);
		n->picture_id = vp8.picture_id;
		n->tl0 = vp8.tl0_index;
		bytes = vp8.bytes;
	}
	n->timestamp = rtp->timestamp;
	return body_read(kk_view_of(body.data + bytes, body.bytes - bytes));
}

static void packet_decode(struct decoder *d, const struct wire_rtp *rtp,
    bool is_svc)
{
	struct numbers n = { 0 };
	struct body b = packet_read(rtp, is_svc, &n);

	n.is_new_picture = !d->has_frame || n.timestamp != d->timestamp;
	if (!d->has_frame || d->frame.id != b.id ||
	    d->frame.encoding != b.encoding) {
		frame_end(d);
		numbers_check(d, &n, &b, is_svc);
		d->got = 0;
		d->frame = b;
		/* A marker is on the last packet of a picture alone. */
		d->out.markers_wrong += d->had_marker && !n.is_new_picture;
	}
	d->got += b.index == d->got;
	d->has_frame = true;
	d->had_marker = rtp->has_marker;
	d->timestamp = n.timestamp;
	d->picture_id = n.picture_id;
	d->tl0 = n.tl0;
}

struct layered_frames layered_view_decode(const struct layered_view *v,
    bool is_svc)
{
	static struct decoder d;
	struct wire_rtp rtp;

	memset(&d, 0, sizeof(d));
	for (uint64_t seq = v->first; v->has_first && seq <= v->top; seq++) {
		const struct layered_seen *s = &v->seen[seq - v->first];

		if (s->bytes == 0) {
			d.out.holes++;
			continue;
		}
		CHECK_OK(wire_rtp_parse(&rtp, kk_view_of(s->data, s->bytes)));
		if (rtp.payload.bytes == 0)
			d.out.fillers++;
		else
			packet_decode(&d, &rtp, is_svc);
	}
	frame_end(&d);
	for (size_t i = 0; i < RECENT; i++) {
		if (d.recent[i].spatial > d.out.last_spatial)
			d.out.last_spatial = d.recent[i].spatial;
		if (d.recent[i].temporal > d.out.last_temporal_max)
			d.out.last_temporal_max = d.recent[i].temporal;
	}
	return d.out;
}
