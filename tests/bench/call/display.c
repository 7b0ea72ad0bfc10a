/*
 * display.c - all of drivers/display/display.h for the box of the benchmarks:
 * one screen, which measures (probe.h) into the file that KK_PROBE names.
 * --picture says nothing but where the tiles are: no PNG is written.
 */
#include <gst/base/gstbasesink.h>
#include <stdlib.h>

#include "probe.h"

enum { INTERVAL_MS = 250 };

struct display {
	bool is_screen; /* else it takes pictures itself */
};

/* GStreamer makes the sink by its name, so it cannot be told whose it is; a
 * mediad has one screen. */
static struct probe *the_probe;

/* A base sink with a name of its own. */
typedef GstBaseSink KkProbeSink;
typedef GstBaseSinkClass KkProbeSinkClass;
static GType kk_probe_sink_get_type(void);
G_DEFINE_TYPE(KkProbeSink, kk_probe_sink, GST_TYPE_BASE_SINK)

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("video/x-raw"));

static GstFlowReturn picture_came(GstBaseSink *sink, GstBuffer *buffer)
{
	GstMapInfo map;

	(void)sink;
	if (!gst_buffer_map(buffer, &map, GST_MAP_READ))
		return GST_FLOW_ERROR;
	probe_picture(the_probe, map.data, map.size);
	gst_buffer_unmap(buffer, &map);
	return GST_FLOW_OK;
}

static void kk_probe_sink_class_init(KkProbeSinkClass *klass)
{
	GstElementClass *element = (GstElementClass *)klass;

	gst_element_class_add_static_pad_template(element, &sink_template);
	gst_element_class_set_static_metadata(element, "Probe", "Sink/Video",
	    "Says what was shown, and when", "Konklave");
	klass->render = picture_came;
}

static void kk_probe_sink_init(KkProbeSink *sink)
{
	gst_base_sink_set_sync(sink, FALSE);
}

static enum kk_err display_make(struct display **displayp, bool is_screen)
{
	struct display *display = kk_calloc(1, sizeof(*display));

	if (!display)
		return KK_ENOMEM;
	display->is_screen = is_screen;
	*displayp = display;
	return KK_OK;
}

enum kk_err display_open(struct display **displayp, const char *kind)
{
	const char *path = getenv("KK_PROBE");

	(void)kind;
	the_probe = path ? probe_new(path) : NULL;
	if (!the_probe)
		return KK_EIO;
	if (!gst_element_register(NULL, "kkprobe", GST_RANK_NONE,
		kk_probe_sink_get_type()))
		return KK_EUNSUP;
	return display_make(displayp, true);
}

enum kk_err display_file_open(struct display **displayp, const char *path)
{
	(void)path;
	return display_make(displayp, false);
}

void display_close(struct display *display)
{
	if (!display)
		return;
	if (display->is_screen) {
		probe_free(the_probe);
		the_probe = NULL;
	}
	kk_free(display);
}

const char *display_launch(const struct display *display)
{
	return display->is_screen ? "kkprobe" : NULL;
}

bool display_size_get(const struct display *display, unsigned *width,
    unsigned *height)
{
	(void)display;
	(void)width;
	(void)height;
	return false;
}

enum kk_err display_renew(struct display *display, unsigned width,
    unsigned height)
{
	(void)display;
	(void)width;
	(void)height;
	return KK_OK;
}

bool display_is_other(const struct display *display)
{
	(void)display;
	return false;
}

unsigned display_interval_ms(const struct display *display)
{
	return display->is_screen ? 0 : INTERVAL_MS;
}

enum kk_err display_show(struct display *display,
    const struct display_picture *picture)
{
	(void)display;
	probe_tiles_set(the_probe, picture);
	return KK_OK;
}
