/* scene.h - a painted screen, and where pictures go on it.  Counts its
 * references; does not change once it is made, has_picture aside. */
#pragma once
#include "pipelines/graphs/pad.h"
#include "pipelines/graphs/screen.h"

struct scene_tile {
	struct layout_rect rect;
	uint32_t leaf;
	int person; /* in the view; -1: this room itself, in no meeting */
	bool is_screen; /* that the person shares */
	struct frames *frames; /* NULL: none */
	gint has_picture;
};

struct scene {
	gint refs;
	uint8_t *pixels; /* 4 bytes a pixel */
	struct layout layout;
	struct view view;
	struct scene_tile tiles[VIEW_TILES_MAX + 1]; /* the last is our own */
	size_t tile_count;
	struct pad_look pad;
	struct notices notices;
	struct layout_rect over; /* lies over the pictures; empty: nothing */
};

struct scene_config {
	const struct screen_config *screen;
	const struct view *view;
	const struct screen_source *sources;
	size_t source_count;
	struct frames *self; /* or NULL */
	const char *clock;
	const struct pad_look *pad;
	const struct notices *notices;
};

/* screen.c */
void screen_size_get(const struct screen *screen, unsigned *width,
    unsigned *height);

struct scene *scene_new(const struct scene_config *config); /* paints */
struct scene *scene_ref(struct scene *scene);
void scene_unref(struct scene *scene); /* NULL is fine */
