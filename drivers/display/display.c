/* display.c - finding the kind of a display. */
#include <string.h>

#include "drivers/display/display_internal.h"

struct display {
	const struct display_ops *ops;
	void *ctx;
};

static void none_close(void *ctx)
{
	(void)ctx;
}

static const struct display_ops none_ops = { .close = none_close };

enum kk_err display_new(struct display **displayp,
    const struct display_ops *ops, void *ctx)
{
	struct display *display = kk_calloc(1, sizeof(*display));

	if (!display) {
		ops->close(ctx);
		return KK_ENOMEM;
	}
	*display = (struct display){ ops, ctx };
	*displayp = display;
	return KK_OK;
}

enum kk_err display_open(struct display **displayp, const char *kind)
{
	if (!strcmp(kind, "none"))
		return display_new(displayp, &none_ops, NULL);
	if (!strcmp(kind, "kms"))
		return display_kms_open(displayp);
	if (!strcmp(kind, "still"))
		return display_still_open(displayp);
	if (strcmp(kind, "window") != 0)
		return KK_EINVAL;
#ifdef KK_DISPLAY_WINDOW
	return display_window_open(displayp);
#else
	return KK_EUNSUP;
#endif
}

void display_close(struct display *display)
{
	if (!display)
		return;
	display->ops->close(display->ctx);
	kk_free(display);
}

const char *display_launch(const struct display *display)
{
	return display->ops->launch;
}

enum kk_err display_renew(struct display *display, unsigned width,
    unsigned height)
{
	return display->ops->renew ?
	    display->ops->renew(display->ctx, width, height) :
	    KK_OK;
}

bool display_is_other(const struct display *display)
{
	return display->ops->is_other && display->ops->is_other(display->ctx);
}

unsigned display_interval_ms(const struct display *display)
{
	return display->ops->interval_ms;
}

bool display_size_get(const struct display *display, unsigned *width,
    unsigned *height)
{
	if (!display->ops->width)
		return false;
	*width = display->ops->width;
	*height = display->ops->height;
	return true;
}

enum kk_err display_show(struct display *display,
    const struct display_picture *picture)
{
	return display->ops->show ? display->ops->show(display->ctx, picture) :
				    KK_OK;
}

#ifndef KK_DISPLAY_FILE
enum kk_err display_file_open(struct display **displayp, const char *path)
{
	(void)displayp;
	(void)path;
	return KK_EUNSUP;
}
#endif
