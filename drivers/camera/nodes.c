/* nodes.c - asks the kernel for its devices of Video4Linux. */
#define _GNU_SOURCE /* O_CLOEXEC, strnlen() */
#include "drivers/camera/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PATH_BYTES = 24 }; /* "/dev/video63" */

static int asked(int fd, unsigned long what, void *answer)
{
	int status;

	do
		status = ioctl(fd, what, answer);
	while (status < 0 && errno == EINTR);
	return status;
}

static void text_copy(char *out, size_t room, const void *text, size_t bytes)
{
	(void)snprintf(out, room, "%.*s", (int)strnlen(text, bytes),
	    (const char *)text);
}

static void formats_get(int fd, struct camera_node *node)
{
	struct v4l2_fmtdesc format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

	if (node->caps & V4L2_CAP_VIDEO_CAPTURE_MPLANE)
		format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	while (node->format_count < CAMERA_FORMATS_MAX &&
	    !asked(fd, VIDIOC_ENUM_FMT, &format)) {
		node->formats[node->format_count++] = format.pixelformat;
		format.index++;
	}
}

/* False where it is none, or was pulled just now. */
static bool node_get(int fd, struct camera_node *node)
{
	struct v4l2_capability of = { 0 };

	if (asked(fd, VIDIOC_QUERYCAP, &of))
		return false;
	text_copy(node->driver, sizeof(node->driver), of.driver,
	    sizeof(of.driver));
	text_copy(node->title, sizeof(node->title), of.card, sizeof(of.card));
	node->caps = of.capabilities & V4L2_CAP_DEVICE_CAPS ? of.device_caps :
							      of.capabilities;
	formats_get(fd, node);
	return true;
}

size_t camera_nodes_list(struct camera_node *nodes, size_t room)
{
	char path[PATH_BYTES];
	size_t count = 0;

	for (unsigned n = 0; n < CAMERA_NODES_MAX && count < room; n++) {
		int fd;

		(void)snprintf(path, sizeof(path), "/dev/video%u", n);
		fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			continue;
		nodes[count] = (struct camera_node){ .number = n };
		count += node_get(fd, &nodes[count]) ? 1 : 0;
		(void)close(fd);
	}
	return count;
}
