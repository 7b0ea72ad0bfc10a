/*
 * probe.c - what a room's screen showed, and when.
 *
 * A line is a picture: CLOCK_MONOTONIC and CLOCK_REALTIME in us; for how many
 * us in all the two threads that it came by were ready to run and had no
 * processor; and for each tile with a strip, "leaf:number:time", as in
 * drivers/camera/README.md.
 */
#include "probe.h"

#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/camera/strip.h"

enum { PIXEL_BYTES = 4, LINE_BYTES = 2048 };

struct probe {
	FILE *out;
	GMutex lock; /* of the tiles and their picture's size */
	struct display_tile tiles[DISPLAY_TILES_MAX];
	size_t tile_count;
	unsigned width, height;
	char *screen; /* the screen's thread in /proc; the sink's thread's */
};

/* The second number: ns on the run queue (Linux, sched-stats.rst). */
static uint64_t waited_us(const char *path)
{
	g_autofree char *text = NULL;
	char *second = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	second = strchr(text, ' ');
	return second ? strtoull(second, NULL, 10) / 1000 : 0;
}

static bool is_screen(const char *task)
{
	g_autofree char *path = g_strdup_printf("/proc/self/task/%s/comm",
	    task);
	g_autofree char *name = NULL;

	return g_file_get_contents(path, &name, NULL, NULL) &&
	    !strcmp(name, "screen\n");
}

/* The screen's thread has begun when its first picture is here. */
static void screen_find(struct probe *p)
{
	GDir *tasks = g_dir_open("/proc/self/task", 0, NULL);
	const char *task;

	while (tasks && !p->screen && (task = g_dir_read_name(tasks))) {
		if (is_screen(task))
			p->screen = g_strdup_printf(
			    "/proc/self/task/%s/schedstat", task);
	}
	if (tasks)
		g_dir_close(tasks);
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
	return p;
}

void probe_free(struct probe *probe)
{
	(void)fclose(probe->out);
	g_free(probe->screen);
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
		g_string_append_printf(line, " %u:%u:%u", t->leaf, strip.number,
		    strip.time_10ms);
}

void probe_picture(struct probe *probe, uint8_t *pixels, size_t bytes)
{
	const int64_t monotonic_us = g_get_monotonic_time();
	const int64_t real_us = g_get_real_time();
	g_autoptr(GString) line = g_string_sized_new(LINE_BYTES);

	if (!probe->screen)
		screen_find(probe);
	g_string_printf(line, "%" PRId64 " %" PRId64 " %" PRIu64, monotonic_us,
	    real_us,
	    waited_us("/proc/thread-self/schedstat") +
		(probe->screen ? waited_us(probe->screen) : 0));
	g_mutex_lock(&probe->lock);
	for (size_t i = 0; i < probe->tile_count; i++) {
		if (bytes >= (size_t)probe->width * probe->height * PIXEL_BYTES)
			tile_read(probe, pixels, &probe->tiles[i], line);
	}
	g_mutex_unlock(&probe->lock);
	(void)fprintf(probe->out, "%s\n", line->str);
	(void)fflush(probe->out);
}
