/*
 * probe.c - what a room's screen showed, and when.
 *
 * A line is a picture: CLOCK_MONOTONIC and CLOCK_REALTIME in us, and for each
 * tile with a strip, "leaf:number:time", as in drivers/camera/README.md.  A line
 * "idle" and CLOCK_MONOTONIC is a thread's that only sleeps, each 40 ms: when it
 * is late the machine is.
 */
#include "probe.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/camera/strip.h"

enum { PIXEL_BYTES = 4, LINE_BYTES = 2048, IDLE_US = 40000 };

struct probe {
	FILE *out;
	GMutex lock; /* of the tiles and their picture's size */
	struct display_tile tiles[DISPLAY_TILES_MAX];
	size_t tile_count;
	unsigned width, height;
	GThread *idle;
	GCond stopping; /* lock is its */
	bool is_stopping;
};

static gpointer idle_run(gpointer arg)
{
	int64_t next_us = g_get_monotonic_time();
	struct probe *p = arg;
	bool goes_on = true;

	while (goes_on) {
		(void)fprintf(p->out, "idle %" G_GINT64_FORMAT "\n",
		    g_get_monotonic_time());
		next_us = MAX(next_us + IDLE_US, g_get_monotonic_time());
		g_mutex_lock(&p->lock);
		while (!p->is_stopping &&
		    g_cond_wait_until(&p->stopping, &p->lock, next_us))
			;
		goes_on = !p->is_stopping;
		g_mutex_unlock(&p->lock);
	}
	return NULL;
}

struct probe *probe_new(const char *path)
{
	FILE *out = fopen(path, "ae");
	struct probe *p;

	if (!out)
		return NULL;
	p = g_new0(struct probe, 1);
	p->out = out;
	g_mutex_init(&p->lock);
	g_cond_init(&p->stopping);
	p->idle = g_thread_new("idle", idle_run, p);
	return p;
}

void probe_free(struct probe *probe)
{
	g_mutex_lock(&probe->lock);
	probe->is_stopping = true;
	g_cond_signal(&probe->stopping);
	g_mutex_unlock(&probe->lock);
	g_thread_join(probe->idle);
	(void)fclose(probe->out);
	g_cond_clear(&probe->stopping);
	g_mutex_clear(&probe->lock);
	g_free(probe);
}

void probe_tiles_set(struct probe *probe, const struct display_picture *p)
{
	g_mutex_lock(&probe->lock);
	memcpy(probe->tiles, p->tiles, sizeof(probe->tiles));
	probe->tile_count = p->tile_count;
	probe->width = p->width;
	probe->height = p->height;
	g_mutex_unlock(&probe->lock);
}

static void tile_read(const struct probe *p, uint8_t *pixels,
    const struct display_tile *t, GString *line)
{
	const size_t stride = (size_t)p->width * PIXEL_BYTES;
	struct strip_picture part = { pixels + t->y * stride +
		    (size_t)t->x * PIXEL_BYTES,
		stride, t->width, t->height };
	struct strip strip;

	if (!strip_read(&strip, &part))
		g_string_append_printf(line, " %u:%u:%u", t->leaf,
		    strip.number, strip.time_10ms);
}

void probe_picture(struct probe *probe, GstBuffer *buffer)
{
	const int64_t monotonic_us = g_get_monotonic_time();
	const int64_t real_us = g_get_real_time();
	g_autoptr(GString) line = g_string_sized_new(LINE_BYTES);
	GstMapInfo map;

	if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
		return;
	g_string_printf(line, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
	    monotonic_us, real_us);
	g_mutex_lock(&probe->lock);
	for (size_t i = 0; i < probe->tile_count; i++) {
		if (map.size >=
		    (gsize)probe->width * probe->height * PIXEL_BYTES)
			tile_read(probe, map.data, &probe->tiles[i], line);
	}
	g_mutex_unlock(&probe->lock);
	gst_buffer_unmap(buffer, &map);
	(void)fprintf(probe->out, "%s\n", line->str);
	(void)fflush(probe->out);
}
