/* file.c - a video file as a camera, again and again. */
#include <unistd.h>

#include "drivers/camera/camera_internal.h"

static const char *file_launch(const void *ctx)
{
	return ctx;
}

static void file_close(void *ctx)
{
	kk_free(ctx);
}

static const struct camera_ops file_ops = { .launch = file_launch,
	.close = file_close,
	.is_looping = true };

enum kk_err camera_file_open(struct camera **camerap,
    const struct camera_config *config)
{
	char *text;

	if (access(config->kind, R_OK))
		return KK_ENOENT;
	/* Of a film with sound, the picture alone.  A file has no time of its
	 * own: identity gives it the clock's. */
	text = camera_launch_make("filesrc location=", config->kind,
	    " ! decodebin ! video/x-raw ! identity sync=true");
	return text ? camera_new(camerap, &file_ops, text) : KK_ENOMEM;
}
