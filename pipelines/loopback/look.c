/* look.c - what came: opened, decoded, compared. */
#define _GNU_SOURCE /* memmem() */
#include <string.h>

#include "pipelines/loopback/loopback_private.h"

enum {
	PACKET_SAMPLES_MAX = AUDIO_RATE_HZ / 1000 * 120, /* RFC 6716, 2.1.4 */
	PIECE_BYTES = 16,
	PIXEL_BYTES = 4,
	CELLS_A_COLUMN = PATTERN_COLUMNS / LOOPBACK_COLUMNS,
	LOWEST_ROW = PATTERN_ROWS - 1
};

bool loopback_is_hidden(struct kk_view sealed, struct kk_view opened,
    size_t clear_bytes)
{
	const size_t at = clear_bytes + (opened.bytes - clear_bytes) / 2;

	return opened.bytes < at + PIECE_BYTES ||
	    !memmem(sealed.data, sealed.bytes, opened.data + at, PIECE_BYTES);
}

static void sound_decode(struct loopback *end, struct kk_view frame)
{
	int16_t samples[PACKET_SAMPLES_MAX];
	const int n = opus_decode(end->decoder, frame.data,
	    (opus_int32)frame.bytes, samples, PACKET_SAMPLES_MAX, 0);

	g_mutex_lock(&end->sound_lock);
	if (n > 0)
		tune_ear_hear(end->ear, samples, (size_t)n);
	g_mutex_unlock(&end->sound_lock);
}

static enum kk_err frame_open(struct vault *vault, bool is_video,
    struct kk_view sealed, uint8_t *out, struct kk_view *opened, size_t *clear)
{
	size_t bytes = sealed.bytes;
	enum kk_err err = KK_OK;

	*clear = 0;
	if (is_video)
		err = sframe_vp8_clear_bytes(sealed, clear);
	if (!err)
		err = vault_open(vault, sealed, *clear, out, &bytes, NULL);
	*opened = kk_view_of(out, bytes);
	return err;
}

void loopback_frame_take(struct loopback *end, bool is_video,
    struct kk_view sealed)
{
	uint8_t *out = g_malloc(sealed.bytes);
	struct kk_view opened;
	size_t clear;
	bool is_readable = !frame_open(end->stranger, is_video, sealed, out,
	    &opened, &clear);
	const enum kk_err err = frame_open(end->vault, is_video, sealed, out,
	    &opened, &clear);

	if (!err)
		is_readable |= !loopback_is_hidden(sealed, opened, clear);
	g_mutex_lock(&end->lock);
	end->seen.frames++;
	end->seen.opened += !err;
	end->seen.refused += err && err != KK_ENOMEM;
	end->seen.readable += is_readable;
	g_mutex_unlock(&end->lock);
	if (!err && is_video)
		person_frame(end->person, opened);
	else if (!err)
		sound_decode(end, opened);
	g_free(out);
}

static void sound_look(struct loopback *end)
{
	unsigned percent = 0;

	g_mutex_lock(&end->sound_lock);
	if (end->seen.sound_percent < TUNE_HEARD_PERCENT &&
	    tune_ear_has_second(end->ear))
		percent = tune_ear_judge(end->ear);
	g_mutex_unlock(&end->sound_lock);
	if (percent > end->seen.sound_percent)
		end->seen.sound_percent = percent;
}

static void colours_take(const struct pattern_means *means,
    struct loopback_seen *seen)
{
	for (int x = 0; x < LOOPBACK_COLUMNS; x++) {
		const uint8_t *cell = means->of[LOWEST_ROW * PATTERN_COLUMNS +
		    x * CELLS_A_COLUMN];

		for (int i = 0; i < PATTERN_COLOURS; i++)
			seen->colours[x][i] = cell[PATTERN_COLOURS - 1 - i];
	}
}

/* A picture as a place has it. */
static bool picture_map(GstSample *sample, const struct loopback_config *c,
    GstMapInfo *map, struct pattern_picture *picture)
{
	GstBuffer *buffer = gst_sample_get_buffer(sample);
	const size_t stride_bytes = (size_t)c->width * PIXEL_BYTES;

	if (!buffer || !gst_buffer_map(buffer, map, GST_MAP_READ))
		return false;
	*picture = (struct pattern_picture){ map->data, stride_bytes, c->width,
		c->height };
	if (map->size >= stride_bytes * c->height)
		return true;
	gst_buffer_unmap(buffer, map);
	return false;
}

static bool means_of(struct frames *frames, const struct loopback_config *c,
    struct pattern_means *means)
{
	int64_t came_us;
	GstSample *sample = frames_latest(frames, &came_us);
	struct pattern_picture picture;
	bool has = false;
	GstMapInfo map;

	if (sample && picture_map(sample, c, &map, &picture)) {
		has = !pattern_means_take(means, &picture);
		gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
	}
	g_clear_pointer(&sample, gst_sample_unref);
	return has;
}

/* What the camera gives is all that can be asked for. */
static bool is_cameras(const struct loopback *end,
    const struct pattern_means *came)
{
	struct pattern_means given;

	return means_of(encode_self(end->from->encode), &end->from->config,
		   &given) &&
	    pattern_means_alike(came, &given);
}

/* Whether it is another one than the last. */
static bool is_next(struct loopback *end, const struct pattern_means *came)
{
	uint16_t number;

	if (end->from->config.camera)
		return is_cameras(end, came);
	if (pattern_means_read(came, end->from->config.nonce, &number) ||
	    (end->seen.has_picture && number == end->number))
		return false;
	end->number = number;
	return true;
}

static void picture_look(struct loopback *end)
{
	const uint64_t count = frames_count(end->frames);
	struct pattern_means came;

	if (count == end->pictures ||
	    !means_of(end->frames, &end->config, &came))
		return;
	end->pictures = count;
	colours_take(&came, &end->seen);
	if (!is_next(end, &came))
		return;
	end->seen.has_picture = true;
	end->seen.pictures++;
}

struct loopback_seen loopback_look(struct loopback *end)
{
	struct loopback_seen seen;

	if (end->from) {
		sound_look(end);
		picture_look(end);
	}
	g_mutex_lock(&end->lock);
	seen = end->seen;
	g_mutex_unlock(&end->lock);
	return seen;
}
