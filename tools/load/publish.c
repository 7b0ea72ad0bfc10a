/*
 * publish.c - what a camera and a microphone would send: a picture is a burst
 * of packets with a VP8 descriptor and the clear bytes of a sealed frame; the
 * rest looks sealed.  The end of each packet says who sent it, and when.
 */
#include <string.h>

#include "tools/load/load.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

enum {
	MAGIC = 0x6b6c6f64,
	VIDEO_HZ = 90000,
	AUDIO_SAMPLES = 960, /* of 48 kHz, in 20 ms */
	ACCURACY_US = 1,
	BEHIND_MAX_US = 100000, /* then what was due is left out */
	KEY_CLEAR_BYTES = 10, /* docs/protocol.md, "Frames" */
	DELTA_CLEAR_BYTES = 3
};

static void tail_write(struct wire_out *w, const struct load_member *m)
{
	uint64_t now_ns = load_wall_ns();

	wire_out_u32(w, MAGIC);
	wire_out_u32(w, (uint32_t)m->number);
	wire_out_u32(w, (uint32_t)(now_ns >> 32));
	wire_out_u32(w, (uint32_t)now_ns);
}

/* Filled up to bytes, the tail last.  What stands n bytes before the end is
 * always the same. */
static void rest_write(struct wire_out *w, const struct load_member *m,
    size_t bytes)
{
	size_t fill = bytes - w->bytes - LOAD_TAIL_BYTES;

	wire_out_raw(w,
	    kk_view_of(m->load->fill + LOAD_FILL_BYTES - fill, fill));
	tail_write(w, m);
}

bool load_packet_is_ours(const struct load_member *m, struct kk_view packet,
    uint64_t *sent_ns)
{
	const struct load *load = m->load;
	const uint8_t *tail;
	struct wire_rtp rtp;
	uint32_t number;
	size_t fill;

	/* Header extensions are the server's affair. */
	if (wire_rtp_parse(&rtp, packet) ||
	    rtp.payload.bytes < LOAD_HEAD_MAX_BYTES + LOAD_TAIL_BYTES)
		return false;
	tail = rtp.payload.data + rtp.payload.bytes - LOAD_TAIL_BYTES;
	if (wire_get_u32(tail) != MAGIC)
		return false;
	number = wire_get_u32(tail + 4);
	fill = rtp.payload.bytes - LOAD_TAIL_BYTES - LOAD_HEAD_MAX_BYTES;
	*sent_ns = (uint64_t)wire_get_u32(tail + 8) << 32 |
	    wire_get_u32(tail + 12);
	return number < load->member_count &&
	    load->members[number]->is_publisher &&
	    load->members[number]->meeting == m->meeting &&
	    !memcmp(tail - fill, load->fill + LOAD_FILL_BYTES - fill, fill);
}

bool load_packet_is_key(struct kk_view packet)
{
	struct wire_rtp rtp;
	struct wire_vp8 vp8;

	return !wire_rtp_parse(&rtp, packet) &&
	    !wire_vp8_parse(&vp8, rtp.payload) &&
	    wire_vp8_is_key_frame(&vp8, rtp.payload);
}

static void packet_send(struct load_member *m, const struct wire_out *w)
{
	uint8_t sealed[LOAD_DATAGRAM_BYTES];
	size_t bytes = sizeof(sealed);
	enum kk_err err = w->err;

	if (!err)
		err = srtp_tx_seal_rtp(m->peer.tx, wire_out_view(w), sealed,
		    &bytes);
	if (err) {
		load_peer_fail(m, "cannot seal", err);
		return;
	}
	load_peer_send(m, kk_view_of(sealed, bytes));
	m->load->totals.sent++;
	m->load->totals.due += m->load->options.receivers;
}

/* The frame's tag: the lowest bit tells a delta frame (RFC 6386, 9.1). */
static void frame_head_write(struct wire_out *w, bool is_key)
{
	static const uint8_t key[KEY_CLEAR_BYTES] = { 0x10, 0, 0, 0x9d, 0x01,
		0x2a, 0x80, 0x02, 0x68, 0x01 };
	static const uint8_t delta[DELTA_CLEAR_BYTES] = { 0x11, 0, 0 };

	wire_out_raw(w,
	    is_key ? kk_view_of(key, sizeof(key)) :
		     kk_view_of(delta, sizeof(delta)));
}

static void video_packet(struct load_member *m, bool is_first, bool is_last,
    bool is_key)
{
	struct load_source *s = &m->source;
	struct wire_rtp rtp = { .payload_type = LOAD_VIDEO_TYPE,
		.has_marker = is_last,
		.seq = s->video_seq++,
		.timestamp = s->video_time,
		.ssrc = s->video_ssrc };
	struct wire_vp8 vp8 = { .is_partition_start = is_first,
		.has_picture_id = true,
		.is_picture_id_long = true,
		.picture_id = s->picture };
	uint8_t plain[LOAD_DATAGRAM_BYTES];
	struct wire_out w;

	wire_out_init(&w, plain, sizeof(plain));
	wire_rtp_header_write(&w, &rtp);
	wire_vp8_write(&w, &vp8);
	if (is_first)
		frame_head_write(&w, is_key);
	rest_write(&w, m, m->load->options.bytes);
	s->video_packets++;
	s->video_octets += (uint32_t)(w.bytes - WIRE_RTP_FIXED_BYTES);
	packet_send(m, &w);
}

/*
 * So many packets of a second's are in the nth picture of it.  While members
 * come in, it is one at most: what is measured then is their coming.
 */
static unsigned packets_of(const struct load *load, uint64_t n)
{
	const struct load_options *o = &load->options;
	unsigned count = (n + 1) * o->rate / o->frames -
	    n * o->rate / o->frames;

	return load->stage <= LOAD_WARM && count > 1 ? 1 : count;
}

static void frame_send(struct load_member *m)
{
	const struct load_options *o = &m->load->options;
	struct load_source *s = &m->source;
	unsigned count = packets_of(m->load, s->frame % o->frames);
	bool is_key = s->wants_key;

	s->frame++;
	s->video_time += VIDEO_HZ / (uint32_t)o->frames;
	if (count == 0)
		return;
	s->wants_key = false;
	s->picture = (s->picture + 1) & WIRE_VP8_PICTURE_ID_LONG_MAX;
	for (unsigned i = 0; i < count; i++)
		video_packet(m, i == 0, i + 1 == count, is_key);
}

static void audio_send(struct load_member *m)
{
	struct load_source *s = &m->source;
	struct wire_rtp rtp = { .payload_type = LOAD_AUDIO_TYPE,
		.seq = s->audio_seq++,
		.timestamp = s->audio_time,
		.ssrc = s->audio_ssrc };
	uint8_t plain[LOAD_DATAGRAM_BYTES];
	struct wire_out w;

	s->audio_time += AUDIO_SAMPLES;
	wire_out_init(&w, plain, sizeof(plain));
	wire_rtp_header_write(&w, &rtp);
	rest_write(&w, m, LOAD_AUDIO_BYTES);
	packet_send(m, &w);
}

static uint64_t frame_us(const struct load *load)
{
	return LOAD_US_PER_S / load->options.frames;
}

/* Publishers have their moments spread over an interval. */
static void source_begin(struct load_member *m, uint64_t now_us)
{
	uint64_t part = m->number % 16;

	m->source.video_due_us = now_us + frame_us(m->load) * part / 16;
	m->source.audio_due_us = now_us + (uint64_t)LOAD_AUDIO_US * part / 16;
}

/* Sends what is due and returns when there is more. */
static uint64_t source_run(struct load_member *m, uint64_t now_us)
{
	struct load_source *s = &m->source;

	if (s->video_due_us == 0 || now_us > s->video_due_us + BEHIND_MAX_US)
		source_begin(m, now_us);
	while (s->video_due_us <= now_us) {
		frame_send(m);
		s->video_due_us += frame_us(m->load);
	}
	if (!m->load->options.has_audio)
		return s->video_due_us;
	while (s->audio_due_us <= now_us) {
		audio_send(m);
		s->audio_due_us += LOAD_AUDIO_US;
	}
	return s->video_due_us < s->audio_due_us ? s->video_due_us :
						   s->audio_due_us;
}

static int on_camera(sd_event_source *source, uint64_t usec, void *arg)
{
	struct load *load = arg;
	uint64_t now_us = load_now_us();
	uint64_t next_us = now_us + LOAD_AUDIO_US;

	(void)usec;
	for (size_t i = 0; i < load->begun && load->is_sending; i++) {
		struct load_member *m = load->members[i];
		uint64_t due_us;

		if (!m->is_publisher)
			break; /* they have joined first */
		if (!m->is_up)
			continue;
		due_us = source_run(m, now_us);
		if (due_us < next_us)
			next_us = due_us;
	}
	if (sd_event_source_set_time(source, next_us) < 0 ||
	    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0)
		return -1;
	return 0;
}

void load_publish_set(struct load *load, bool is_sending)
{
	load->is_sending = is_sending;
	for (size_t i = 0; i < load->member_count; i++)
		load->members[i]->source.video_due_us = 0;
	(void)sd_event_source_set_time(load->camera, 0);
	(void)sd_event_source_set_enabled(load->camera, SD_EVENT_ONESHOT);
}

enum kk_err load_publish_start(struct load *load)
{
	load_random(load->fill, sizeof(load->fill));
	load->is_sending = true;
	return sd_event_add_time(load->event, &load->camera, CLOCK_MONOTONIC, 0,
		   ACCURACY_US, on_camera, load) < 0 ?
	    KK_ENOMEM :
	    KK_OK;
}
