/* downlink.c - three people, forwarded to one receiver behind a path. */
#include "sfu/downlink.h"

#include <stdlib.h>

#include "harness/tap.h"

enum {
	S = DOWNLINK_S,
	MS = DOWNLINK_MS,
	KBPS = DOWNLINK_KBPS,
	TWCC_ID = 3,
	FRAME_US = 33000,
	WORD_BYTES = 80, /* 32 kbit/s */
	PACKET_BYTES = 1100,
	DELAY_US = 20000,
	QUEUE_US = 300000,
	BEFORE_US = 3000000,
	STARVED_MIN_US = 2000,
	PERMILLE = 1000
};

/* Of pictures, with three temporal layers: about 100, 400, 1500 kbit/s. */
static const size_t t0_bytes[DOWNLINK_ENCODINGS] = { 700, 2800, 10500 };
static const size_t other_bytes[DOWNLINK_ENCODINGS] = { 310, 1240, 4650 };

static const uint64_t t0 = WORLD_START_US;

static uint64_t or_else(uint64_t n, uint64_t otherwise)
{
	return n ? n : otherwise;
}

static uint64_t random_next(struct downlink *d) /* xorshift64* */
{
	d->random ^= d->random >> 12;
	d->random ^= d->random << 25;
	d->random ^= d->random >> 27;
	return (d->random * 0x2545f4914f6cdd1d) >> 32;
}

static void person_come(struct downlink *d, unsigned at)
{
	struct downlink_person *p = &d->people[at];
	struct sfu_source_config cam = { .kind = SFU_VIDEO,
		.payload_type = 120,
		.rtx_payload_type = 121,
		.encoding_count = DOWNLINK_ENCODINGS };
	struct sfu_source_config mic = { .kind = SFU_AUDIO,
		.payload_type = 111,
		.encodings = { { .ssrc = 50 } },
		.encoding_count = 1 };

	world_peer_open(&p->peer, &d->counts);
	for (uint32_t i = 0; i < DOWNLINK_ENCODINGS; i++) {
		cam.encodings[i] = (struct sfu_encoding_config){ .ssrc = 100 +
			    2 * i,
			.rtx_ssrc = 101 + 2 * i,
			.max_width = (uint16_t)(320 << i),
			.max_height = (uint16_t)(180 << i) };
		p->encodings[i].needs_key = true;
	}
	CHECK_OK(sfu_source_new(&p->cam, p->peer.link, &cam));
	CHECK_OK(sfu_source_new(&p->mic, p->peer.link, &mic));
}

static void bob_watches(struct downlink *d, unsigned at)
{
	struct downlink_person *p = &d->people[at];
	struct sfu_slot *ear = world_slot(&d->bob, SFU_AUDIO, 2000 + 10 * at);

	p->slot = world_slot(&d->bob, SFU_VIDEO, 1000 + 10 * at);
	sfu_slot_priority(p->slot, at == DOWNLINK_SPEAKER ? 200 : 100);
	sfu_slot_tile(p->slot, 1280, 720, d->now_us);
	CHECK_OK(sfu_slot_watch(p->slot, p->cam, d->now_us));
	CHECK_OK(sfu_slot_watch(ear, p->mic, d->now_us));
}

/* --- what they send ------------------------------------------------------ */

static void packet_give(struct downlink_person *p, const struct wire_rtp *rtp,
    uint64_t now_us)
{
	uint8_t out[WORLD_PACKET_BYTES];
	struct wire_out w;

	wire_out_init(&w, out, sizeof(out));
	wire_rtp_write(&w, rtp);
	CHECK_OK(w.err);
	CHECK_OK(sfu_link_rtp(p->peer.link, wire_out_view(&w), now_us));
}

static void word_send(struct downlink_person *p, uint64_t now_us)
{
	static const uint8_t body[WORD_BYTES];
	const struct wire_rtp rtp = { .payload_type = 111,
		.seq = p->mic_seq++,
		.timestamp = p->words++ * 960,
		.ssrc = 50,
		.payload = { body, sizeof(body) } };

	packet_give(p, &rtp, now_us);
}

struct picture {
	unsigned at; /* encoding */
	uint8_t tid;
	bool is_key;
	size_t bytes;
};

static void picture_packets(struct downlink_person *p,
    const struct picture *picture, uint64_t now_us)
{
	const unsigned at = picture->at;
	uint8_t payload[WORLD_PACKET_BYTES] = { 0 };
	size_t left = picture->bytes;

	for (bool is_start = true; left > 0; is_start = false) {
		size_t bytes = left < PACKET_BYTES ? left : PACKET_BYTES;
		const struct wire_vp8 vp8 = { .is_partition_start = is_start,
			.has_picture_id = true,
			.is_picture_id_long = true,
			.picture_id = p->encodings[at].picture_id,
			.has_tl0_index = true,
			.tl0_index = p->encodings[at].tl0,
			.has_tid = true,
			.tid = picture->tid,
			.is_layer_sync = picture->tid > 0 };
		struct wire_rtp rtp = { .payload_type = 120,
			.has_marker = bytes == left,
			.seq = p->encodings[at].seq++,
			.timestamp = (uint32_t)((now_us - t0) * 9 / 100),
			.ssrc = 100 + 2 * at };
		struct wire_out w;

		wire_out_init(&w, payload, sizeof(payload));
		wire_vp8_write(&w, &vp8);
		wire_out_u8(&w, picture->is_key ? 0x10 : 0x11);
		rtp.payload = kk_view_of(payload, w.bytes + bytes);
		packet_give(p, &rtp, now_us);
		left -= bytes;
	}
}

static void picture_send(struct downlink *d, struct downlink_person *p,
    unsigned at)
{
	static const uint8_t temporal[] = { 0, 2, 1, 2 };
	const unsigned since = p->encodings[at].needs_key ?
	    0 :
	    p->encodings[at].since;
	struct picture picture = { .at = at,
		.tid = temporal[since % 4],
		.is_key = since == 0 };

	picture.bytes = picture.tid == 0 ? t0_bytes[at] : other_bytes[at];
	if (picture.is_key)
		picture.bytes *= or_else(d->config.key_factor, 1);
	p->encodings[at].tl0 += picture.tid == 0;
	picture_packets(p, &picture, d->now_us);
	p->encodings[at].picture_id = (p->encodings[at].picture_id + 1) &
	    0x7fff;
	p->encodings[at].since = since + 1;
	p->encodings[at].needs_key = false;
}

static void requests_take(struct downlink_person *p)
{
	struct wire_rtcp_fb fb;

	for (size_t i = 0;
	    world_fb_at(&p->peer, i, WIRE_RTCP_PSFB, WIRE_RTCP_PSFB_PLI, &fb);
	    i++)
		p->encodings[(fb.media_ssrc - 100) / 2].needs_key = true;
	world_out_clear(&p->peer);
}

static void people_run(struct downlink *d)
{
	uint64_t since_us = d->now_us - t0;

	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++) {
		struct downlink_person *p = &d->people[i];

		requests_take(p);
		if ((since_us + i * 7 * MS) % DOWNLINK_WORD_US == 0)
			word_send(p, d->now_us);
		for (unsigned e = 0; e < DOWNLINK_ENCODINGS; e++) {
			if ((since_us + i * 11 * MS) % FRAME_US == 0)
				picture_send(d, p, e);
		}
		if (since_us % (10 * MS) == 0)
			sfu_link_tick(p->peer.link, d->now_us);
	}
}

/* --- the path and the receiver ------------------------------------------- */

/* When a receiver that is not always run reads what came at at_us. */
static uint64_t read_us(struct downlink *d, uint64_t at_us)
{
	while (d->config.starved_us && d->wake_us < at_us)
		d->wake_us += STARVED_MIN_US +
		    random_next(d) % d->config.starved_us;
	return d->config.starved_us ? d->wake_us : at_us;
}

static void path_take(struct downlink *d, const struct wire_rtp *rtp,
    size_t bytes)
{
	const uint64_t queue_us = or_else(d->config.queue_us, QUEUE_US);
	struct downlink_flight f = { .ssrc = rtp->ssrc,
		.bytes = (uint16_t)bytes };
	struct kk_view data;

	d->sent++;
	d->sent_bytes += bytes;
	if (d->free_us < d->now_us)
		d->free_us = d->now_us;
	CHECK_OK(wire_rtp_ext_find(rtp, TWCC_ID, &data));
	f.number = wire_get_u16(data.data);
	if (d->free_us - d->now_us > queue_us) {
		d->dropped++;
		return;
	}
	d->free_us += bytes * 8 * S / d->config.capacity_bps;
	if (d->free_us - d->now_us > d->queue_us)
		d->queue_us = d->free_us - d->now_us;
	if (random_next(d) % PERMILLE < d->config.loss_permille)
		return;
	f.at_us = d->free_us + DELAY_US;
	if (d->config.jitter_us)
		f.at_us += random_next(d) % d->config.jitter_us;
	f.at_us = read_us(d, f.at_us);
	if (f.at_us < d->came_us)
		f.at_us = d->came_us; /* order is kept */
	d->came_us = f.at_us;
	CHECK(d->air_count < DOWNLINK_AIR_MAX);
	d->air[(d->air_first + d->air_count++) % DOWNLINK_AIR_MAX] = f;
}

static void path_run(struct downlink *d)
{
	for (size_t i = 0; i < d->bob.out->count; i++) {
		struct kk_view raw = world_out_at(&d->bob, i);
		struct wire_rtp rtp;

		if (d->bob.out->list[i].is_rtcp)
			continue;
		CHECK_OK(wire_rtp_parse(&rtp, raw));
		path_take(d, &rtp, raw.bytes);
	}
	world_out_clear(&d->bob);
}

static void bob_hears(struct downlink *d, const struct downlink_flight *f)
{
	struct downlink_person *p = &d->people[f->ssrc % 1000 / 10];

	hop_rx_twcc_packet(&d->rx, f->number, f->at_us);
	if (f->ssrc >= 2000)
		p->heard++;
	if (f->ssrc % 10 == 0)
		p->bytes += f->bytes;
}

static void bob_runs(struct downlink *d)
{
	bool is_run = d->config.starved_us == 0;
	uint8_t out[1200];
	struct wire_out w;

	while (d->air_count > 0 && d->air[d->air_first].at_us <= d->now_us) {
		bob_hears(d, &d->air[d->air_first]);
		d->air_first = (d->air_first + 1) % DOWNLINK_AIR_MAX;
		d->air_count--;
		is_run = true;
	}
	wire_out_init(&w, out, sizeof(out));
	while (is_run && !d->config.is_mute &&
	    hop_rx_twcc_write(&d->rx, &w, 1, 1000, d->now_us)) {
		CHECK_OK(sfu_link_rtcp(d->bob.link, wire_out_view(&w),
		    d->now_us));
		wire_out_init(&w, out, sizeof(out));
	}
}

static void switches_count(struct downlink_person *p)
{
	uint8_t spatial = 0, temporal = 0;
	bool is_on = sfu_slot_layers(p->slot, &spatial, &temporal);

	p->switches += is_on != p->is_on || spatial != p->spatial ||
	    temporal != p->temporal;
	p->is_on = is_on;
	p->spatial = spatial;
	p->temporal = temporal;
}

void downlink_run(struct downlink *d, uint64_t us)
{
	for (uint64_t until = d->now_us + us; d->now_us < until;
	    d->now_us += MS) {
		people_run(d);
		if ((d->now_us - t0) % (10 * MS) == 0)
			sfu_link_tick(d->bob.link, d->now_us);
		path_run(d);
		bob_runs(d);
		for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++)
			switches_count(&d->people[i]);
	}
}

struct downlink *downlink_open(const struct downlink_config *config)
{
	const struct estimate_config estimate = {
		or_else(config->start_bps, 300 * KBPS), 50 * KBPS, 20000 * KBPS
	};
	struct downlink *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->config = *config;
	d->now_us = t0;
	d->random = 0x9e3779b97f4a7c15ULL * or_else(config->seed, 1);
	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++)
		person_come(d, i);
	for (; config->is_known && d->now_us < t0 + BEFORE_US; d->now_us += MS)
		people_run(d);
	d->start_us = d->wake_us = d->now_us;
	world_peer_make(&d->bob, &d->counts);
	CHECK_OK(sfu_link_measure(d->bob.link, TWCC_ID, &estimate, d->now_us));
	sfu_link_want(d->bob.link, 0, 0);
	hop_rx_twcc_init(&d->rx);
	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++)
		bob_watches(d, i);
	/* Clients say what they watch while their transport is on its way. */
	sfu_link_open(d->bob.link, d->now_us);
	return d;
}

void downlink_close(struct downlink *d)
{
	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++)
		world_peer_close(&d->people[i].peer);
	world_peer_close(&d->bob);
	free(d);
}

/* --- what is seen of it -------------------------------------------------- */

struct downlink_seen downlink_watch(struct downlink *d, uint64_t us)
{
	struct downlink_seen seen = { .sent = d->sent, .dropped = d->dropped };
	uint64_t bytes = 0;

	d->queue_us = 0;
	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++) {
		d->people[i].bytes = 0;
		d->people[i].switches = 0;
		d->people[i].heard = 0;
	}
	downlink_run(d, us);
	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++) {
		bytes += d->people[i].bytes;
		seen.switches += d->people[i].switches;
		seen.words += d->people[i].heard;
	}
	seen.bps = bytes * 8 * S / us;
	seen.sent = d->sent - seen.sent;
	seen.dropped = d->dropped - seen.dropped;
	seen.queue_us = d->queue_us;
	return seen;
}

bool downlink_shows_all(const struct downlink *d, unsigned person)
{
	const struct downlink_person *p = &d->people[person];

	return p->is_on && p->spatial == 2 && p->temporal >= 2;
}

bool downlink_all_show_all(const struct downlink *d)
{
	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++) {
		if (!downlink_shows_all(d, i))
			return false;
	}
	return true;
}

unsigned downlink_shown(const struct downlink *d)
{
	unsigned count = 0;

	for (unsigned i = 0; i < DOWNLINK_PEOPLE; i++)
		count += d->people[i].is_on;
	return count;
}
