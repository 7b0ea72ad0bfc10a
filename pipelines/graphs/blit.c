/* blit.c - lays a moving picture over the painted screen. */
#include "pipelines/graphs/blit.h"

#include <gst/video/video.h>
#include <math.h>
#include <string.h>

enum { PIXEL_BYTES = 4, OPAQUE = 256 };

/* How much of a corner's pixel is inside, of 256. */
static unsigned corner_cover(unsigned radius, unsigned x, unsigned y)
{
	double dx = radius - x - 0.5, dy = radius - y - 0.5;
	double in = radius - sqrt(dx * dx + dy * dy) + 0.5;

	return in <= 0 ? 0 : in >= 1 ? OPAQUE : (unsigned)(in * OPAQUE);
}

static void pixel_mix(uint8_t *to, const uint8_t *from, unsigned cover)
{
	for (int i = 0; i < PIXEL_BYTES; i++)
		to[i] = (uint8_t)((from[i] * cover + to[i] * (OPAQUE - cover)) /
		    OPAQUE);
}

/* row_y: from the nearer edge, below the radius. */
static void corners_lay(uint8_t *to, const uint8_t *from, unsigned width,
    unsigned radius, unsigned row_y)
{
	for (unsigned x = 0; x < radius; x++) {
		unsigned cover = corner_cover(radius, x, row_y);
		size_t left = (size_t)x * PIXEL_BYTES;
		size_t right = (size_t)(width - 1 - x) * PIXEL_BYTES;

		pixel_mix(to + left, from + left, cover);
		pixel_mix(to + right, from + right, cover);
	}
}

static void rows_lay(const struct blit_screen *screen,
    const struct layout_rect *r, unsigned radius, const uint8_t *from,
    size_t from_stride)
{
	for (unsigned y = 0; y < r->height; y++) {
		uint8_t *to = screen->pixels +
		    (r->y + y) * screen->stride_bytes +
		    (size_t)r->x * PIXEL_BYTES;
		const uint8_t *row = from + y * from_stride;
		unsigned edge = y < r->height - 1 - y ? y : r->height - 1 - y;
		unsigned inset = edge < radius ? radius : 0;

		if (inset)
			corners_lay(to, row, r->width, radius, edge);
		memcpy(to + (size_t)inset * PIXEL_BYTES,
		    row + (size_t)inset * PIXEL_BYTES,
		    (size_t)(r->width - 2 * inset) * PIXEL_BYTES);
	}
}

/* For the moment after the layout has changed: nearest pixels. */
static void scaled_lay(const struct blit_screen *screen,
    const struct layout_rect *r, const uint8_t *from, size_t from_stride,
    unsigned width, unsigned height)
{
	for (unsigned y = 0; y < r->height; y++) {
		const uint8_t *row = from +
		    (size_t)y * height / r->height * from_stride;
		uint8_t *to = screen->pixels +
		    (r->y + y) * screen->stride_bytes +
		    (size_t)r->x * PIXEL_BYTES;

		for (unsigned x = 0; x < r->width; x++)
			memcpy(to + (size_t)x * PIXEL_BYTES,
			    row + (size_t)x * width / r->width * PIXEL_BYTES,
			    PIXEL_BYTES);
	}
}

bool blit_sample(const struct blit_screen *screen,
    const struct layout_rect *rect, unsigned radius, GstSample *sample)
{
	GstBuffer *buffer = gst_sample_get_buffer(sample);
	GstCaps *caps = gst_sample_get_caps(sample);
	GstVideoFrame frame;
	GstVideoInfo info;
	unsigned width, height;

	if (!buffer || !caps || !gst_video_info_from_caps(&info, caps) ||
	    GST_VIDEO_INFO_FORMAT(&info) != GST_VIDEO_FORMAT_BGRx ||
	    !gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ))
		return false;
	width = (unsigned)GST_VIDEO_FRAME_WIDTH(&frame);
	height = (unsigned)GST_VIDEO_FRAME_HEIGHT(&frame);
	if (width == rect->width && height == rect->height)
		rows_lay(screen, rect, radius,
		    GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
		    (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0));
	else
		scaled_lay(screen, rect, GST_VIDEO_FRAME_PLANE_DATA(&frame, 0),
		    (size_t)GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0), width,
		    height);
	gst_video_frame_unmap(&frame);
	return true;
}
