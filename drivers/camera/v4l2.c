/* v4l2.c - cameras of Video4Linux. */
#include <stdio.h>
#include <unistd.h>

#include "drivers/camera/camera_internal.h"

static const char *v4l2_launch(const void *ctx)
{
	return ctx;
}

static void v4l2_close(void *ctx)
{
	kk_free(ctx);
}

static const struct camera_ops v4l2_ops = { .launch = v4l2_launch,
	.close = v4l2_close };

/*
 * v4l2src takes what stands first here as what is liked best: of what a camera
 * has, the nearest rate, then the nearest size; without that it asks for
 * 3840x2160 at 120 pictures a second.  Most cameras have their larger sizes as
 * JPEG pictures only.
 */
#define LIKED "video/x-raw,width=%u,height=%u,framerate=[24/1,30/1]"

enum { AFTER_BYTES = 160 };

enum kk_err camera_v4l2_open(struct camera **camerap,
    const struct camera_config *config)
{
	char after[AFTER_BYTES], *text;

	if (access(config->kind, R_OK | W_OK))
		return KK_ENOENT;
	(void)snprintf(after, sizeof(after),
	    " ! capsfilter caps=\"" LIKED ";video/x-raw;image/jpeg\" "
	    "! decodebin",
	    config->width, config->height);
	text = camera_launch_make(
	    "v4l2src do-timestamp=true device=", config->kind, after);
	return text ? camera_new(camerap, &v4l2_ops, text) : KK_ENOMEM;
}
