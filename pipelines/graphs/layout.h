/*
 * layout.h - where everything is on the room's screen.  No state.
 *
 *     +--------------------------+-------+
 *     |                          | name  |
 *     |   tiles, 16:9, each      | time  |
 *     |   with its caption       | lock  |
 *     |   below it               | code  |
 *     |                          | self  |
 *     +--------------------------+-------+
 *
 * Where somebody shares a screen, the first tile is as large as there is room,
 * and the others stand in one row below it, as many as fit.
 */
#pragma once
#include "pipelines/graphs/view.h"

struct layout_rect {
	unsigned x, y, width, height;
};

struct layout {
	unsigned width, height;
	unsigned margin; /* around all, and the measure of other distances */
	unsigned caption; /* height of a name below its tile */
	unsigned radius; /* of a tile's corners */
	struct layout_rect main, side, self;
	struct layout_rect tiles[VIEW_TILES_MAX]; /* the pictures alone */
	size_t tile_count;
	bool has_large; /* the first one is */
};

/* For that many pictures of others, VIEW_TILES_MAX at most; width and height at
 * least 320x180.  With has_large there is one at least. */
void layout_make(struct layout *layout, unsigned width, unsigned height,
    size_t others, bool has_large);
