/* face.h - a screen by itself, whose picture is read as people read it. */
#pragma once
#include <glib.h>

#include "drivers/display/display.h"
#include "harness/tap.h"
#include "pipelines/graphs/screen.h"

struct face {
	unsigned width, height;
	struct screen *screen;
	uint8_t *pixels;
	struct display_picture picture; /* what was looked at last */
};

void face_start(struct face *f, unsigned width, unsigned height,
    enum words_language language);
void face_end(struct face *f);

/* A view as of a room that is in a meeting with so many others. */
void view_make(struct view *view, enum view_phase phase, size_t others);

/* Shows the view, and takes its picture; kept as NAME.png in KK_SHOTS, where
 * that folder is named. */
void face_show(struct face *f, const struct view *view, const char *name);

/* A PNG of what was shown last. */
void face_write(const struct face *f, const char *path);
