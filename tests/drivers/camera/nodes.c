/* nodes.c - the kernel's devices, where the kernel is the test's. */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "drivers/camera/nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/camera/camera.h"
#include "harness/tap.h"

enum { DEVICES_MAX = 4, FORMATS = 3, FDS = 4096 };

#define CAPTURE (V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING)
#define CAPTURE_MPLANE (V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING)
#define META (V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING)

struct device {
	int number;
	const char *driver, *card; /* NULL: it tells nothing */
	uint32_t caps;
	uint32_t formats[FORMATS];
};

static const struct device infrared = { 0, "uvcvideo", "Integrated IR", CAPTURE,
	{ V4L2_PIX_FMT_GREY } };
static const struct device metadata = { 1, "uvcvideo", "HD Webcam", META,
	{ V4L2_META_FMT_UVC } };
static const struct device webcam = { 2, "uvcvideo", "HD Webcam", CAPTURE,
	{ V4L2_PIX_FMT_H264, V4L2_PIX_FMT_MJPEG } };
static const struct device second = { 5, "uvcvideo", "Second", CAPTURE,
	{ V4L2_PIX_FMT_YUYV } };
static const struct device raw = { 0, "ipu6", "Sensor", CAPTURE_MPLANE,
	{ V4L2_PIX_FMT_SBGGR10 } };
static const struct device board = { 3, "rkisp1", "Main path", CAPTURE_MPLANE,
	{ V4L2_PIX_FMT_NV12M } };
static const struct device codec = { 4, "hantro", "Decoder",
	V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING, { V4L2_PIX_FMT_NV12 } };
static const struct device both = { 4, "old", "Scaler",
	CAPTURE | V4L2_CAP_VIDEO_OUTPUT, { V4L2_PIX_FMT_NV12 } };
static const struct device played = { 0, "vivid", "vivid", CAPTURE,
	{ V4L2_PIX_FMT_YUYV } };

/* Those that are there now. */
static struct {
	const struct device *devices[DEVICES_MAX];
	size_t count;
	const struct device *of_fd[FDS];
	bool is_told_for_all; /* the caps are those of the whole card */
} there;

static void have(const struct device *const *devices, size_t count)
{
	memset(&there, 0, sizeof(there));
	memcpy(there.devices, devices, count * sizeof(*devices));
	there.count = count;
}

#define HAVE(...)                                                   \
	have((const struct device *const[]){ __VA_ARGS__ },         \
	    sizeof((const struct device *const[]){ __VA_ARGS__ }) / \
		sizeof(const struct device *))

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long what, ...);
int __wrap_ioctl(int fd, unsigned long what, ...);

static const char video[] = "/dev/video";

int __wrap_open(const char *path, int flags, ...)
{
	va_list more;
	int mode;

	va_start(more, flags);
	mode = flags & O_CREAT ? va_arg(more, int) : 0;
	va_end(more);
	if (strncmp(path, video, sizeof(video) - 1) != 0)
		return __real_open(path, flags, mode);
	for (size_t i = 0; i < there.count; i++) {
		char number[8];
		int fd;

		(void)snprintf(number, sizeof(number), "%d",
		    there.devices[i]->number);
		if (strcmp(path + sizeof(video) - 1, number) != 0)
			continue;
		fd = __real_open("/dev/null", O_RDWR | O_CLOEXEC);
		CHECK(fd >= 0 && fd < FDS);
		there.of_fd[fd] = there.devices[i];
		return fd;
	}
	errno = ENOENT;
	return -1;
}

static int capability_tell(const struct device *d, struct v4l2_capability *out)
{
	if (!d->driver) {
		errno = ENOTTY;
		return -1;
	}
	memset(out, 0, sizeof(*out));
	memcpy(out->driver, d->driver, strnlen(d->driver, sizeof(out->driver)));
	memcpy(out->card, d->card, strnlen(d->card, sizeof(out->card)));
	out->capabilities = d->caps;
	if (there.is_told_for_all) {
		out->capabilities |= V4L2_CAP_DEVICE_CAPS |
		    V4L2_CAP_META_CAPTURE | CAPTURE;
		out->device_caps = d->caps;
	}
	return 0;
}

static int format_tell(const struct device *d, struct v4l2_fmtdesc *out)
{
	const bool is_mplane = out->type == V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;

	errno = EINVAL;
	if (is_mplane != ((d->caps & V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0) ||
	    out->index >= FORMATS || !d->formats[out->index])
		return -1;
	out->pixelformat = d->formats[out->index];
	return 0;
}

int __wrap_ioctl(int fd, unsigned long what, ...)
{
	va_list more;
	void *answer;

	va_start(more, what);
	answer = va_arg(more, void *);
	va_end(more);
	if (fd < 0 || fd >= FDS || !there.of_fd[fd])
		return __real_ioctl(fd, what, answer);
	if (what == VIDIOC_QUERYCAP)
		return capability_tell(there.of_fd[fd], answer);
	CHECK_EQ(what, VIDIOC_ENUM_FMT);
	return format_tell(there.of_fd[fd], answer);
}

/* What the box takes of these: N of /dev/videoN, or -1. */
static int taken_of(const char *words)
{
	struct camera_node nodes[CAMERA_NODES_MAX];
	size_t count = camera_nodes_list(nodes, CAMERA_NODES_MAX);
	const struct camera_node *best = camera_nodes_best(nodes, count, words);

	return best ? (int)best->number : -1;
}

static int taken(void)
{
	return taken_of("");
}

TEST(a_webcam_is_taken_and_neither_infrared_nor_its_metadata)
{
	HAVE(&infrared, &metadata, &webcam);
	CHECK_EQ(taken(), webcam.number);
	there.is_told_for_all = true;
	CHECK_EQ(taken(), webcam.number);
	HAVE(&infrared, &metadata);
	CHECK_EQ(taken(), -1);
}

TEST(one_on_usb_goes_before_the_board_s_and_before_one_for_tests)
{
	HAVE(&played, &board, &second);
	CHECK_EQ(taken(), second.number);
	HAVE(&played, &board);
	CHECK_EQ(taken(), board.number);
	HAVE(&played);
	CHECK_EQ(taken(), played.number);
}

TEST(the_first_of_two_like_it_is_taken)
{
	HAVE(&second, &webcam);
	CHECK_EQ(taken(), webcam.number);
}

TEST(one_that_is_named_is_taken_and_no_other)
{
	HAVE(&played, &board, &webcam, &second);
	CHECK_EQ(taken_of(":second"), second.number);
	CHECK_EQ(taken_of(":Main-path"), board.number);
	CHECK_EQ(taken_of(":vivid"), played.number);
	CHECK_EQ(taken_of(":third"), -1);
	HAVE(&metadata, &infrared);
	CHECK_EQ(taken_of(":HD-Webcam"), -1);
}

TEST(codecs_scalers_and_bare_sensors_are_no_cameras)
{
	HAVE(&raw, &codec);
	CHECK_EQ(taken(), -1);
	HAVE(&raw, &both);
	CHECK_EQ(taken(), -1);
}

TEST(a_device_that_tells_nothing_is_passed_over)
{
	static const struct device silent = { 0, NULL, NULL, 0, { 0 } };

	HAVE(&silent, &webcam);
	CHECK_EQ(taken(), webcam.number);
}

TEST(the_best_camera_is_opened_and_named)
{
	const struct camera_config config = { CAMERA_AUTO, "Room", -1, 640,
		360 };
	struct camera *camera = NULL;

	HAVE(&metadata, &webcam);
	CHECK_OK(camera_open(&camera, &config));
	CHECK(strstr(camera_launch(camera),
		  "v4l2src do-timestamp=true device=\"/dev/video2\" ") != NULL);
	CHECK_STR(camera_name(camera), "HD Webcam, /dev/video2");
	CHECK(!camera_is_looping(camera));
	camera_close(camera);
}

TEST(a_camera_is_opened_by_words_of_its_name)
{
	struct camera_config config = { CAMERA_AUTO ":SECOND", "Room", -1, 640,
		360 };
	struct camera *camera = NULL;

	HAVE(&webcam, &second);
	CHECK_OK(camera_open(&camera, &config));
	CHECK_STR(camera_name(camera), "Second, /dev/video5");
	camera_close(camera);
	config.kind = CAMERA_AUTO ":Third";
	CHECK_ERR(camera_open(&camera, &config), KK_ENOENT);
	config.kind = CAMERA_AUTO "-second"; /* a file that is not there */
	CHECK_ERR(camera_open(&camera, &config), KK_ENOENT);
}

TEST(without_a_camera_that_is_said_and_one_that_comes_is_taken)
{
	const struct camera_config config = { CAMERA_AUTO, "Room", -1, 640,
		360 };
	struct camera *camera = NULL;

	HAVE(&metadata);
	CHECK_ERR(camera_open(&camera, &config), KK_ENOENT);
	CHECK(camera == NULL);
	HAVE(&metadata, &board);
	CHECK_OK(camera_open(&camera, &config));
	CHECK_STR(camera_name(camera), "Main path, /dev/video3");
	camera_close(camera);
}
