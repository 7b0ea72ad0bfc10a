/* modes.c - a screen's modes. */
#include "drivers/display/modes.h"

static bool is_whole(const drmModeModeInfo *mode)
{
	return mode->hdisplay > 0 && mode->vdisplay > 0 &&
	    !(mode->flags & DRM_MODE_FLAG_INTERLACE);
}

static const drmModeModeInfo *preferred(const drmModeConnector *screen)
{
	const drmModeModeInfo *first = NULL;

	for (int i = 0; i < screen->count_modes; i++) {
		const drmModeModeInfo *mode = &screen->modes[i];

		if (!is_whole(mode))
			continue;
		if (mode->type & DRM_MODE_TYPE_PREFERRED)
			return mode;
		first = first ? first : mode;
	}
	return first;
}

/* Even, as a picture's colours have half its size, and no higher than wide. */
static bool fits(const drmModeModeInfo *mode)
{
	return is_whole(mode) && mode->hdisplay <= MODES_WIDTH_MAX &&
	    mode->vdisplay <= MODES_HEIGHT_MAX &&
	    mode->hdisplay >= mode->vdisplay && mode->hdisplay % 2 == 0 &&
	    mode->vdisplay % 2 == 0;
}

static uint32_t area(const drmModeModeInfo *mode)
{
	return (uint32_t)mode->hdisplay * mode->vdisplay;
}

static bool is_like(const drmModeModeInfo *a, const drmModeModeInfo *b)
{
	return (uint32_t)a->hdisplay * b->vdisplay ==
	    (uint32_t)b->hdisplay * a->vdisplay;
}

/* shape: NULL for any. */
static const drmModeModeInfo *largest(const drmModeConnector *screen,
    const drmModeModeInfo *shape)
{
	const drmModeModeInfo *best = NULL;

	for (int i = 0; i < screen->count_modes; i++) {
		const drmModeModeInfo *mode = &screen->modes[i];

		if (fits(mode) && (!shape || is_like(mode, shape)) &&
		    (!best || area(mode) > area(best)))
			best = mode;
	}
	return best;
}

bool modes_size(const drmModeConnector *screen, unsigned *width,
    unsigned *height)
{
	const drmModeModeInfo *liked = preferred(screen), *mode = NULL;

	if (liked)
		mode = fits(liked) ? liked : largest(screen, liked);
	if (!mode)
		mode = largest(screen, NULL);
	if (!mode)
		return false;
	*width = mode->hdisplay;
	*height = mode->vdisplay;
	return true;
}

const drmModeModeInfo *modes_for(const drmModeConnector *screen, unsigned width,
    unsigned height)
{
	for (int i = 0; i < screen->count_modes; i++) {
		const drmModeModeInfo *mode = &screen->modes[i];

		if (is_whole(mode) && mode->hdisplay == width &&
		    mode->vdisplay == height)
			return mode;
	}
	return preferred(screen);
}
