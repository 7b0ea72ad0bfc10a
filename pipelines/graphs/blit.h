/* blit.h - lays a moving picture over the painted screen.  No state. */
#pragma once
#include <gst/gst.h>

#include "pipelines/graphs/layout.h"

struct blit_screen { /* 4 bytes a pixel: blue, green, red, unused */
	uint8_t *pixels;
	size_t stride_bytes;
};

/* sample is a picture in BGRx of any size.  Is false where it is none. */
bool blit_sample(const struct blit_screen *screen,
    const struct layout_rect *rect, unsigned radius, GstSample *sample);
