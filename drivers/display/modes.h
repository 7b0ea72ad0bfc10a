/* modes.h - what a screen of the kernel's can show, and what of it is taken.
 * Not for others. */
#pragma once
#include <xf86drm.h>
#include <xf86drmMode.h>

#include "base/base.h"

enum {
	MODES_WIDTH_MAX = 1920,
	MODES_HEIGHT_MAX = 1080
}; /* of a room's picture */

/*
 * The size that a room's picture is to have on this screen: that of the mode it
 * prefers, or the largest of the same shape, or of any, within MODES_*_MAX.
 * False, and nothing changed: it has none.
 */
bool modes_size(const drmModeConnector *screen, unsigned *width,
    unsigned *height);

/* The mode for pictures of a size: the same, or the one that the screen
 * prefers, or its first.  NULL: it has none. */
const drmModeModeInfo *modes_for(const drmModeConnector *screen, unsigned width,
    unsigned height);
