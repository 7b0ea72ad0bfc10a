/* picture.c - the view as a picture, and where it is shown. */
#include <cairo.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "konklave_welcome.h"
#include "pipelines/graphs/paint_welcome.h"

struct picture {
	const struct options *o;
	bool is_missing; /* no screen is there */
	struct display *display;
	cairo_surface_t *surface;
	struct display_picture now;
	uint64_t drawn, shown;
};

/* In the screen's own size, or the one that was asked for. */
static enum kk_err surface_make(struct picture *p)
{
	unsigned width = p->o->width, height = p->o->height;

	(void)display_size_get(p->display, &width, &height);
	cairo_surface_destroy(p->surface);
	p->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width,
	    (int)height);
	p->now.width = width;
	p->now.height = height;
	return cairo_surface_status(p->surface) ? KK_ENOMEM : KK_OK;
}

/* A box without a screen may get a stick all the same, and a screen later. */
static enum kk_err display_find(struct picture *p)
{
	enum kk_err err;

	if (p->o->picture)
		return display_file_open(&p->display, p->o->picture);
	err = display_open(&p->display, p->o->screen);
	p->is_missing = err == KK_ENOENT;
	return p->is_missing ? display_open(&p->display, "none") : err;
}

static void screen_retry(struct picture *p)
{
	struct display *none = p->display;

	if (!p->is_missing || display_open(&p->display, p->o->screen))
		return;
	p->is_missing = false;
	display_close(none);
	(void)surface_make(p);
}

enum kk_err picture_open(struct picture **picturep, const struct options *o)
{
	struct picture *p = kk_calloc(1, sizeof(*p));
	enum kk_err err;

	if (!p)
		return KK_ENOMEM;
	p->o = o;
	err = display_find(p);
	if (!err)
		err = surface_make(p);
	if (err) {
		picture_close(p);
		return err;
	}
	*picturep = p;
	return KK_OK;
}

void picture_close(struct picture *picture)
{
	if (!picture)
		return;
	display_close(picture->display);
	cairo_surface_destroy(picture->surface);
	kk_free(picture);
}

/* konklave-health asks for two that were shown. */
static void show(struct picture *picture)
{
	cairo_surface_flush(picture->surface);
	picture->now.pixels = cairo_image_surface_get_data(picture->surface);
	picture->now.stride_bytes = (size_t)cairo_image_surface_get_stride(
	    picture->surface);
	picture->now.number = ++picture->drawn;
	if (!display_show(picture->display, &picture->now))
		picture->shown++;
	(void)sd_notifyf(0, "STATUS=pictures=%ju shown=%ju",
	    (uintmax_t)picture->drawn, (uintmax_t)picture->shown);
}

void picture_draw(struct picture *picture, const struct welcome_view *view)
{
	cairo_t *cr;

	screen_retry(picture);
	cr = cairo_create(picture->surface);
	paint_welcome(cr, view, picture->now.width, picture->now.height);
	cairo_destroy(cr);
	/* What --picture's JSON says of it. */
	(void)snprintf(picture->now.phase, sizeof(picture->now.phase), "%s",
	    welcome_page_name(view->page));
	(void)snprintf(picture->now.lines, sizeof(picture->now.lines), "%s",
	    view->message);
	show(picture);
}
