/*
 * probe.h - a room's screen that measures instead of showing: it stands in the
 * place of drivers/display in the box of the benchmarks, which is mediad with
 * another screen (rules.mk), and says of each picture when it came and what
 * times stood in its tiles.  The product has no such screen.
 */
#pragma once
#include "drivers/display/display.h"

struct probe;

/* path is a file for its lines, added to.  NULL: it cannot be written. */
struct probe *probe_new(const char *path);
void probe_free(struct probe *probe);

/* Where the tiles are from now on; the thread of the display. */
void probe_tiles_set(struct probe *probe, const struct display_picture *p);

/* A picture of the screen, as it comes to a sink; the sink's thread. */
void probe_picture(struct probe *probe, uint8_t *pixels, size_t bytes);
