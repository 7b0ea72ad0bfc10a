/* window.c - a window of the desktop. */
#include "drivers/display/display_internal.h"

static void window_close(void *ctx)
{
	(void)ctx;
}

/* Pictures are shown as they come: the screen has its own pace. */
static const struct display_ops window_ops = {
	.launch = "videoconvert ! autovideosink sync=false",
	.close = window_close
};

enum kk_err display_window_open(struct display **displayp)
{
	return display_new(displayp, &window_ops, NULL);
}
