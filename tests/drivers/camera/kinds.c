/* kinds.c - which kind a name means. */
#define _GNU_SOURCE /* mkstemps() */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/camera/camera.h"
#include "harness/tap.h"

static struct camera_config config_of(const char *kind)
{
	return (struct camera_config){ kind, "Room", -1, 640, 360 };
}

TEST(a_camera_that_is_not_there_is_named_so)
{
	struct camera_config device = config_of("/dev/video-none");
	struct camera_config file = config_of("/nonexistent/film.webm");
	struct camera *camera = NULL;

	CHECK_ERR(camera_open(&camera, &device), KK_ENOENT);
	CHECK_ERR(camera_open(&camera, &file), KK_ENOENT);
	CHECK(camera == NULL);
}

TEST(a_size_out_of_range_is_refused)
{
	struct camera_config config = config_of("synthetic");
	struct camera *camera = NULL;

	config.width = 63;
	CHECK_ERR(camera_open(&camera, &config), KK_EINVAL);
	config.width = 640;
	config.height = 2161;
	CHECK_ERR(camera_open(&camera, &config), KK_EINVAL);
}

/* The size that is wanted first, then any; whoever cannot is not left out. */
TEST(a_device_is_asked_for_the_size_that_is_sent)
{
	struct camera_config config = config_of("/dev/null");
	struct camera *camera = NULL;
	const char *first, *any;

	CHECK_OK(camera_open(&camera, &config));
	CHECK(!camera_is_looping(camera));
	first = strstr(camera_launch(camera),
	    "device=\"/dev/null\" ! capsfilter "
	    "caps=\"video/x-raw,width=640,height=360,");
	any = strstr(camera_launch(camera), ";video/x-raw;image/jpeg\" !");
	CHECK(first != NULL && any > first);
	camera_close(camera);
}

TEST(a_file_plays_again_and_its_name_is_quoted)
{
	char path[] = "/tmp/kk \"film\\ XXXXXX.webm";
	struct camera *camera = NULL;
	struct camera_config config;
	int fd = mkstemps(path, 5);

	CHECK(fd >= 0);
	config = config_of(path);
	CHECK_OK(camera_open(&camera, &config));
	CHECK(camera_is_looping(camera));
	CHECK(strstr(camera_launch(camera),
		  "location=\"/tmp/kk \\\"film\\\\ ") != NULL);
	camera_close(camera);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(unlink(path), 0);
}
