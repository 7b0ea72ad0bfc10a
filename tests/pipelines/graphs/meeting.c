/* meeting.c - some boxes in one process. */
#define _GNU_SOURCE /* mkdtemp() */
#include "meeting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/out.h"

enum { SSRC_AT = 8, AUDIO_TYPE = 111, VIDEO_TYPE = 96, PIXEL_BYTES = 4 };

/* A slot's SSRC says whose media it has. */
static uint32_t ssrc_of(int box, bool is_video)
{
	return 1000 + 10 * (uint32_t)box + is_video;
}

static void packet_sent(void *arg, struct kk_view packet)
{
	struct box *b = arg;
	struct meeting *m = b->meeting;

	g_atomic_int_inc(&m->packets);
	g_rec_mutex_lock(&m->lock);
	for (int i = 0; i < BOXES; i++) {
		uint8_t copy[STUDIO_PACKET_MAX_BYTES];

		if (i == b->index || !m->boxes[i].studio)
			continue;
		CHECK(packet.bytes <= sizeof(copy));
		memcpy(copy, packet.data, packet.bytes);
		if (m->wire && !m->wire(m, b->index, i, copy, packet.bytes))
			continue;
		studio_packet(m->boxes[i].studio, wire_get_u32(copy + SSRC_AT),
		    kk_view_of(copy, packet.bytes));
	}
	g_rec_mutex_unlock(&m->lock);
}

static void key_frame_asked(void *arg, uint32_t ssrc)
{
	struct box *asking = arg;
	struct box *b = &asking->meeting->boxes[(ssrc - 1000) / 10];

	g_atomic_int_inc(&b->asks);
	if (g_thread_self() == b->meeting->control ||
	    !g_atomic_int_get(&b->meeting->is_stalling))
		return;
	g_atomic_int_inc(&b->meeting->stalled);
	AWAIT(!g_atomic_int_get(&b->meeting->is_stalling));
}

static void nothing_changed(void *arg)
{
	(void)arg;
}

void box_start(struct box *b)
{
	struct studio_config config = { .name = b->name,
		.language = "en",
		.camera = b->camera ? b->camera : "synthetic",
		.microphone = b->microphone ? b->microphone : "synthetic",
		.loudspeaker = b->loudspeaker ? b->loudspeaker : b->sound,
		.log = b->log,
		.screen = "none",
		.number = b->index,
		.width = WIDTH,
		.height = HEIGHT,
		.fps = FPS,
		.send_width = SEND_WIDTH,
		.send_height = SEND_HEIGHT,
		.send_fps = FPS,
		.send_encodings = 1,
		.send = packet_sent,
		.key_frame_ask = key_frame_asked,
		.changed = nothing_changed,
		.arg = b };
	struct studio_publish publish = { ssrc_of(b->index, false),
		{ ssrc_of(b->index, true) }, AUDIO_TYPE, VIDEO_TYPE, false };
	struct studio *studio = NULL;

	CHECK_OK(studio_new(&studio, &config));
	studio_publish_set(studio, &publish);
	g_rec_mutex_lock(&b->meeting->lock);
	b->studio = studio;
	g_rec_mutex_unlock(&b->meeting->lock);
}

void box_stop(struct box *b)
{
	struct studio *studio;

	g_rec_mutex_lock(&b->meeting->lock);
	studio = b->studio;
	b->studio = NULL;
	g_rec_mutex_unlock(&b->meeting->lock);
	studio_free(studio);
}

void meeting_start(struct meeting *m)
{
	*m = (struct meeting){ .folder = "/tmp/kk-graphs-XXXXXX" };
	CHECK(mkdtemp(m->folder) != NULL);
	g_rec_mutex_init(&m->lock);
	m->control = g_thread_self();
	for (int i = 0; i < BOXES; i++) {
		struct box *b = &m->boxes[i];

		b->meeting = m;
		b->index = i;
		(void)snprintf(b->name, sizeof(b->name), "Room %d", i);
		(void)snprintf(b->sound, sizeof(b->sound), "%s/%d.wav",
		    m->folder, i);
	}
}

void meeting_end(struct meeting *m)
{
	for (int i = 0; i < BOXES; i++) {
		box_stop(&m->boxes[i]);
		(void)unlink(m->boxes[i].sound);
	}
	CHECK_EQ(rmdir(m->folder), 0);
	g_rec_mutex_clear(&m->lock);
}

void box_epoch(struct box *b, bool may_seal)
{
	struct meeting *m = b->meeting;
	uint8_t members = (uint8_t)m->members;
	struct vault_epoch epoch = { .epoch = m->epoch,
		.suite = SFRAME_AES_256_GCM_SHA512_128,
		.base_key = kk_view_of(m->base_key,
		    sframe_base_key_bytes(SFRAME_AES_256_GCM_SHA512_128)),
		.own_leaf = (uint32_t)b->index,
		.members = kk_view_of(&members, 1),
		.retire_ms = 10000,
		.may_seal = may_seal };

	CHECK_OK(studio_epoch_set(b->studio, &epoch));
}

void box_slots(struct box *b)
{
	struct studio_slot slots[2 * BOXES];
	size_t count = 0;

	for (int i = 0; i < BOXES; i++) {
		if (i == b->index || !(b->meeting->members & 1U << i))
			continue;
		slots[count++] = (struct studio_slot){ ssrc_of(i, false),
			AUDIO_TYPE, false, i, 0 };
		slots[count++] = (struct studio_slot){ ssrc_of(i, true),
			VIDEO_TYPE, true, i, 0 };
	}
	CHECK_OK(studio_slots_set(b->studio, slots, count));
}

void box_view(struct box *b)
{
	struct meeting *m = b->meeting;
	struct view view = { .phase = VIEW_IN,
		.epoch = m->epoch,
		.code = "12345 67890 12345 67890 12345 67890" };

	for (int i = 0; i < BOXES; i++) {
		struct view_person *p = &view.people[view.people_count];

		if (!(m->members & 1U << i))
			continue;
		*p = (struct view_person){ .leaf = (uint32_t)i,
			.is_verified = i != 1,
			.is_self = i == b->index,
			.has_microphone = true,
			.has_camera = true };
		g_strlcpy(p->name, m->boxes[i].name, sizeof(p->name));
		view.people_count++;
	}
	box_slots(b);
	studio_view_set(b->studio, &view);
}

void meeting_epoch(struct meeting *m, uint32_t members)
{
	m->epoch++;
	m->members = members;
	memset(m->base_key, (int)m->epoch, sizeof(m->base_key));
	for (int i = 0; i < BOXES; i++) {
		if (m->boxes[i].studio && (members & 1U << i))
			box_epoch(&m->boxes[i], true);
	}
	for (int i = 0; i < BOXES; i++) {
		if (m->boxes[i].studio && (members & 1U << i))
			box_view(&m->boxes[i]);
	}
}

const struct display_tile *tile_of(const struct display_picture *picture,
    uint32_t leaf)
{
	for (size_t i = 0; i < picture->tile_count; i++) {
		if (picture->tiles[i].leaf == leaf)
			return &picture->tiles[i];
	}
	return NULL;
}

/* What decoders asked for goes on as a forwarder would send it on. */
static void asks_forward(struct meeting *m)
{
	for (int i = 0; i < BOXES; i++) {
		if (m->boxes[i].studio && g_atomic_int_get(&m->boxes[i].asks)) {
			g_atomic_int_set(&m->boxes[i].asks, 0);
			studio_key_frame(m->boxes[i].studio, 0);
		}
	}
}

bool tile_strip(struct box *b, uint32_t leaf, struct strip *strip)
{
	g_autofree uint8_t *pixels = g_malloc(WIDTH * HEIGHT * PIXEL_BYTES);
	g_autofree struct display_picture *picture = g_new0(
	    struct display_picture, 1);
	const struct display_tile *t;
	struct strip_picture part;

	asks_forward(b->meeting);
	screen_copy(studio_screen(b->studio), picture, pixels);
	t = tile_of(picture, leaf);
	if (!t || !t->has_picture)
		return false;
	part = (struct strip_picture){ pixels + t->y * picture->stride_bytes +
		    (size_t)t->x * PIXEL_BYTES,
		picture->stride_bytes, t->width, t->height };
	return strip_read(strip, &part) == KK_OK;
}

bool sees(struct box *b, uint32_t leaf)
{
	struct strip strip;

	return tile_strip(b, leaf, &strip) && strip.number == leaf;
}
