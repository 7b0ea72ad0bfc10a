/* picture.c - the view as a picture, and where it is shown. */
#include <cairo.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "konklave_welcome.h"
#include "pipelines/graphs/paint_welcome.h"

struct picture {
	struct display *display;
	cairo_surface_t *surface;
	struct display_picture now;
	uint64_t drawn, shown;
};

static enum kk_err display_find(struct picture *p, const struct options *o)
{
	return o->picture ? display_file_open(&p->display, o->picture) :
			    display_open(&p->display, o->screen);
}

enum kk_err picture_open(struct picture **picturep, const struct options *o)
{
	struct picture *p = kk_calloc(1, sizeof(*p));
	unsigned width = o->width, height = o->height;
	enum kk_err err;

	if (!p)
		return KK_ENOMEM;
	err = display_find(p, o);
	if (err) {
		kk_free(p);
		return err;
	}
	(void)display_size_get(p->display, &width, &height);
	p->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width,
	    (int)height);
	if (cairo_surface_status(p->surface)) {
		picture_close(p);
		return KK_ENOMEM;
	}
	p->now.width = width;
	p->now.height = height;
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
void picture_again(struct picture *picture)
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
	cairo_t *cr = cairo_create(picture->surface);

	paint_welcome(cr, view, picture->now.width, picture->now.height);
	cairo_destroy(cr);
	/* What --picture's JSON says of it. */
	(void)snprintf(picture->now.phase, sizeof(picture->now.phase), "%s",
	    welcome_page_name(view->page));
	(void)snprintf(picture->now.lines, sizeof(picture->now.lines), "%s",
	    view->message);
	picture_again(picture);
}
