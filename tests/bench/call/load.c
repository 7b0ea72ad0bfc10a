/* load.c - nine members as packets. */
#include "load.h"

#include <string.h>

#include "pipelines/graphs/studio.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

enum {
	RECORD_FRAMES = 4 * LOAD_FPS,
	RECORD_SOUNDS = 4 * 50,
	FRAME_MS = 1000 / LOAD_FPS,
	SOUND_MS = 20,
	VIDEO_HZ = 90000,
	AUDIO_HZ = 48000,
	PIECE_BYTES = 1100,
	RECORDING_LEAF = 0
};

struct load {
	struct vault *const *vaults;
	struct srtp_tx *hop;
	GPtrArray *frames, *sounds; /* GBytes, in clear */
	GByteArray *frame; /* being recorded */
	GMutex lock;
	GArray *packets;
	uint16_t seq[LOAD_MEMBERS][2], picture[LOAD_MEMBERS];
	uint64_t ctr[LOAD_MEMBERS][2];
};

static void must(enum kk_err err)
{
	if (err)
		g_error("load: %s", kk_err_text(err));
}

uint32_t load_ssrc(uint32_t leaf, bool is_video)
{
	return 1000 + 10 * leaf + is_video;
}

/* A frame without its trailer. */
static void frame_keep(GPtrArray *to, const uint8_t *data, size_t bytes)
{
	g_ptr_array_add(to, g_bytes_new(data, bytes - SWITCH_TRAILER_BYTES));
}

/* The recording box's packets; encryption is off. */
static void packet_came(void *arg, struct kk_view packet)
{
	struct load *l = arg;
	struct wire_rtp rtp;
	struct wire_vp8 vp8;

	must(wire_rtp_parse(&rtp, packet));
	g_mutex_lock(&l->lock);
	if (rtp.payload_type == LOAD_AUDIO_TYPE) {
		frame_keep(l->sounds, rtp.payload.data, rtp.payload.bytes);
	} else {
		must(wire_vp8_parse(&vp8, rtp.payload));
		g_byte_array_append(l->frame, rtp.payload.data + vp8.bytes,
		    (guint)(rtp.payload.bytes - vp8.bytes));
		if (rtp.has_marker) {
			frame_keep(l->frames, l->frame->data, l->frame->len);
			g_byte_array_set_size(l->frame, 0);
		}
	}
	g_mutex_unlock(&l->lock);
}

static void key_frame_asked(void *arg, uint32_t ssrc)
{
	(void)arg;
	(void)ssrc;
}

static void changed(void *arg)
{
	(void)arg;
}

static bool is_recorded(struct load *l)
{
	bool is_enough;

	g_mutex_lock(&l->lock);
	is_enough = l->frames->len >= RECORD_FRAMES &&
	    l->sounds->len >= RECORD_SOUNDS;
	g_mutex_unlock(&l->lock);
	return is_enough;
}

static void record(struct load *l)
{
	const struct studio_config config = { .name = "Room",
		.language = "en",
		.camera = "synthetic",
		.microphone = "synthetic",
		.loudspeaker = "none",
		.screen = "none",
		.width = LOAD_WIDTH,
		.height = LOAD_HEIGHT,
		.fps = 1,
		.send_width = LOAD_WIDTH,
		.send_height = LOAD_HEIGHT,
		.send_fps = LOAD_FPS,
		.send_encodings = 1,
		.send = packet_came,
		.key_frame_ask = key_frame_asked,
		.changed = changed,
		.arg = l };
	const struct studio_publish publish = { load_ssrc(RECORDING_LEAF,
						    false),
		{ load_ssrc(RECORDING_LEAF, true) }, LOAD_AUDIO_TYPE,
		LOAD_VIDEO_TYPE };
	struct studio *studio;

	switch_set(false);
	must(studio_new(&studio, &config));
	studio_publish_set(studio, &publish);
	while (!is_recorded(l))
		g_usleep(20 * 1000);
	studio_free(studio);
	switch_set(true);
	/* It begins with a key frame, which has the lowest bit off. */
	while (*(const uint8_t *)g_bytes_get_data(l->frames->pdata[0], NULL) &
	    1)
		g_ptr_array_remove_index(l->frames, 0);
}

struct load *load_new(struct vault *const vaults[LOAD_MEMBERS],
    struct srtp_tx *hop)
{
	struct load *l = g_new0(struct load, 1);

	l->vaults = vaults;
	l->hop = hop;
	g_mutex_init(&l->lock);
	l->frames = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_bytes_unref);
	l->sounds = g_ptr_array_new_with_free_func(
	    (GDestroyNotify)g_bytes_unref);
	l->frame = g_byte_array_new();
	l->packets = g_array_new(FALSE, FALSE, sizeof(struct load_packet));
	record(l);
	return l;
}

void load_free(struct load *load)
{
	g_ptr_array_unref(load->frames);
	g_ptr_array_unref(load->sounds);
	g_byte_array_unref(load->frame);
	g_array_unref(load->packets);
	g_mutex_clear(&load->lock);
	g_free(load);
}

/* A member's frame as it would seal it. */
static GByteArray *frame_seal(struct load *l, unsigned member, bool is_video,
    GBytes *frame)
{
	struct kk_view in = kk_view_of(g_bytes_get_data(frame, NULL),
	    g_bytes_get_size(frame));
	size_t clear_bytes = 0, bytes = in.bytes + SFRAME_OVERHEAD_BYTES;
	GByteArray *out = g_byte_array_sized_new((guint)bytes);

	g_byte_array_set_size(out, (guint)bytes);
	if (is_video)
		must(sframe_vp8_clear_bytes(in, &clear_bytes));
	must(vault_seal(l->vaults[member],
	    is_video ? VAULT_CAMERA : VAULT_MICROPHONE, 0, in, clear_bytes,
	    out->data, &bytes));
	if (!switch_is_on())
		switch_trailer_write(out->data + in.bytes, member + 1,
		    l->ctr[member][is_video]++);
	g_byte_array_set_size(out, (guint)bytes);
	return out;
}

static void packet_add(struct load *l, unsigned due_ms, struct wire_rtp *rtp,
    struct kk_view descriptor)
{
	struct load_packet packet = { .due_ms = due_ms, .ssrc = rtp->ssrc };
	uint8_t plain[LOAD_PACKET_MAX_BYTES];
	struct wire_out out;

	wire_out_init(&out, plain, sizeof(plain));
	wire_rtp_header_write(&out, rtp);
	wire_out_raw(&out, descriptor);
	wire_out_raw(&out, rtp->payload);
	must(out.err);
	packet.bytes = sizeof(packet.data);
	must(srtp_tx_seal_rtp(l->hop, wire_out_view(&out), packet.data,
	    &packet.bytes));
	g_array_append_val(l->packets, packet);
}

static void frame_send(struct load *l, unsigned member, uint64_t from_ms,
    unsigned due_ms, GBytes *frame)
{
	GByteArray *sealed = frame_seal(l, member, true, frame);
	struct wire_vp8 vp8 = { .has_picture_id = true,
		.is_picture_id_long = true,
		.picture_id = l->picture[member]++ &
		    WIRE_VP8_PICTURE_ID_LONG_MAX };

	for (guint at = 0; at < sealed->len; at += PIECE_BYTES) {
		guint bytes = MIN((guint)PIECE_BYTES, sealed->len - at);
		uint8_t head[WIRE_VP8_DESCRIPTOR_MAX_BYTES];
		struct wire_out out;
		struct wire_rtp rtp = { .payload_type = LOAD_VIDEO_TYPE,
			.has_marker = at + bytes == sealed->len,
			.seq = l->seq[member][1]++,
			.timestamp = (uint32_t)((from_ms + due_ms) *
			    (VIDEO_HZ / 1000)),
			.ssrc = load_ssrc(member + 1, true),
			.payload = kk_view_of(sealed->data + at, bytes) };

		vp8.is_partition_start = at == 0;
		wire_out_init(&out, head, sizeof(head));
		wire_vp8_write(&out, &vp8);
		packet_add(l, due_ms, &rtp, wire_out_view(&out));
	}
	g_byte_array_unref(sealed);
}

static void sound_send(struct load *l, unsigned member, uint64_t from_ms,
    unsigned due_ms, GBytes *sound)
{
	GByteArray *sealed = frame_seal(l, member, false, sound);
	struct wire_rtp rtp = { .payload_type = LOAD_AUDIO_TYPE,
		.seq = l->seq[member][0]++,
		.timestamp = (uint32_t)((from_ms + due_ms) * (AUDIO_HZ / 1000)),
		.ssrc = load_ssrc(member + 1, false),
		.payload = kk_view_of(sealed->data, sealed->len) };

	packet_add(l, due_ms, &rtp, kk_view_of(NULL, 0));
	g_byte_array_unref(sealed);
}

/* Members send a little one after the other, as they do in life. */
void load_make(struct load *load, uint64_t from_ms, unsigned round_ms)
{
	g_array_set_size(load->packets, 0);
	for (unsigned ms = 0; ms < round_ms; ms++) {
		for (unsigned i = 0; i < LOAD_MEMBERS; i++) {
			unsigned own_ms = ms - 2 * i;

			if (ms < 2 * i)
				continue;
			if (own_ms % FRAME_MS == 0)
				frame_send(load, i, from_ms, ms,
				    load->frames->pdata[own_ms / FRAME_MS %
					load->frames->len]);
			if (own_ms % SOUND_MS == 0)
				sound_send(load, i, from_ms, ms,
				    load->sounds->pdata[own_ms / SOUND_MS %
					load->sounds->len]);
		}
	}
}

const struct load_packet *load_packets(const struct load *load, size_t *count)
{
	*count = load->packets->len;
	return (const struct load_packet *)(const void *)load->packets->data;
}
