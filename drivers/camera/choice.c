/* choice.c - which camera, of those that are there. */
#define _GNU_SOURCE /* its header wants struct timespec */
#include <linux/videodev2.h>
#include <string.h>

#include "drivers/camera/nodes.h"

/* The better, the smaller. */
enum rank { RANK_USB, RANK_BOARD, RANK_TEST, RANK_NONE };

static const char usb[] = "uvcvideo";
static const char *const tests[] = { "vivid", "v4l2 loopback" };

/* What v4l2src and a decoder of the image read.  Grey ones are left out: a
 * camera for faces in the infrared gives nothing else. */
static const uint32_t coloured[] = { V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG,
	V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_YVYU, V4L2_PIX_FMT_UYVY,
	V4L2_PIX_FMT_VYUY, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV12M,
	V4L2_PIX_FMT_NV21, V4L2_PIX_FMT_NV21M, V4L2_PIX_FMT_NV16,
	V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YUV420M, V4L2_PIX_FMT_YVU420,
	V4L2_PIX_FMT_YVU420M, V4L2_PIX_FMT_YUV422P, V4L2_PIX_FMT_RGB24,
	V4L2_PIX_FMT_BGR24, V4L2_PIX_FMT_XBGR32 };

static bool is_coloured(uint32_t format)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(coloured); i++) {
		if (coloured[i] == format)
			return true;
	}
	return false;
}

static bool gives_pictures(const struct camera_node *node)
{
	const uint32_t in = V4L2_CAP_VIDEO_CAPTURE |
	    V4L2_CAP_VIDEO_CAPTURE_MPLANE;
	const uint32_t out = V4L2_CAP_VIDEO_OUTPUT |
	    V4L2_CAP_VIDEO_OUTPUT_MPLANE | V4L2_CAP_VIDEO_M2M |
	    V4L2_CAP_VIDEO_M2M_MPLANE;

	if (!(node->caps & in) || node->caps & out ||
	    !(node->caps & V4L2_CAP_STREAMING))
		return false;
	for (size_t i = 0; i < node->format_count; i++) {
		if (is_coloured(node->formats[i]))
			return true;
	}
	return false;
}

static enum rank rank_of(const struct camera_node *node)
{
	if (!gives_pictures(node))
		return RANK_NONE;
	for (size_t i = 0; i < KK_ARRAY_LEN(tests); i++) {
		if (!strncmp(node->driver, tests[i], sizeof(node->driver)))
			return RANK_TEST;
	}
	return strcmp(node->driver, usb) != 0 ? RANK_BOARD : RANK_USB;
}

const struct camera_node *camera_nodes_best(const struct camera_node *nodes,
    size_t count, const char *words)
{
	const struct camera_node *best = NULL;
	enum rank rank = RANK_NONE;

	for (size_t i = 0; i < count; i++) {
		if (rank_of(&nodes[i]) >= rank ||
		    !kk_text_has_words(nodes[i].title, words))
			continue;
		best = &nodes[i];
		rank = rank_of(best);
	}
	return best;
}
