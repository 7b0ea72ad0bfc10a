/*
 * nodes.h - the devices of Video4Linux, and which of them a room box takes. Not
 * for others.
 */
#pragma once
#include "base/base.h"

enum {
	CAMERA_NODES_MAX = 64, /* that are looked at: /dev/video0 to 63 */
	CAMERA_FORMATS_MAX = 64, /* that one is asked for */
	CAMERA_DRIVER_BYTES = 16, /* as in struct v4l2_capability */
	CAMERA_TITLE_BYTES = 32
};

struct camera_node {
	unsigned number; /* N of /dev/videoN */
	char driver[CAMERA_DRIVER_BYTES]; /* "uvcvideo" */
	char title[CAMERA_TITLE_BYTES]; /* "HD Pro Webcam C920" */
	uint32_t caps; /* of this device: V4L2_CAP_... */
	uint32_t formats[CAMERA_FORMATS_MAX]; /* V4L2_PIX_FMT_... */
	size_t format_count;
};

/* Those that are there now, by their numbers; at most room. */
size_t camera_nodes_list(struct camera_node *nodes, size_t room);

/*
 * The one that a room box takes: has these words in its title ("": any), and
 * gives coloured pictures that GStreamer reads; on USB before others, the
 * kernel's own for tests last; of equal ones the first.  NULL: none.
 */
const struct camera_node *camera_nodes_best(const struct camera_node *nodes,
    size_t count, const char *words);
