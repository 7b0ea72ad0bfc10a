/* v4l2.c - cameras of Video4Linux. */
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

enum kk_err camera_v4l2_open(struct camera **camerap,
    const struct camera_config *config)
{
	char *text;

	if (access(config->kind, R_OK | W_OK))
		return KK_ENOENT;
	/* Most cameras have their larger sizes as JPEG pictures only. */
	text = camera_launch_make(
	    "v4l2src do-timestamp=true device=", config->kind, " ! decodebin");
	return text ? camera_new(camerap, &v4l2_ops, text) : KK_ENOMEM;
}
