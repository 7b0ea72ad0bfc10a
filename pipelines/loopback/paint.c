/* paint.c - pictures of the pattern, at an even pace. */
#include "pipelines/loopback/loopback_private.h"

enum { PIXEL_BYTES = 4 };

struct paint {
	struct loopback *end; /* borrowed */
	GstCaps *caps;
	GThread *thread;
	GMutex lock;
	GCond stopping;
	bool is_stopping;
};

static void picture_make(struct paint *p, uint16_t number)
{
	const struct loopback_config *c = &p->end->config;
	const size_t stride_bytes = (size_t)c->width * PIXEL_BYTES;
	GstBuffer *buffer = gst_buffer_new_allocate(NULL,
	    stride_bytes * c->height, NULL);
	GstMapInfo map;

	if (buffer && gst_buffer_map(buffer, &map, GST_MAP_WRITE)) {
		const struct pattern_picture picture = { map.data, stride_bytes,
			c->width, c->height };

		pattern_draw(&picture, c->nonce, number);
		gst_buffer_unmap(buffer, &map);
		encode_picture(p->end->encode,
		    gst_sample_new(buffer, p->caps, NULL, NULL));
	}
	g_clear_pointer(&buffer, gst_buffer_unref);
}

/* False: it is the end. */
static bool wait_until(struct paint *p, int64_t at_us)
{
	bool goes_on;

	g_mutex_lock(&p->lock);
	while (!p->is_stopping &&
	    g_cond_wait_until(&p->stopping, &p->lock, at_us))
		;
	goes_on = !p->is_stopping;
	g_mutex_unlock(&p->lock);
	return goes_on;
}

static gpointer run(gpointer arg)
{
	struct paint *p = arg;
	const int64_t step_us = G_TIME_SPAN_SECOND / p->end->config.fps;
	uint16_t number = 0;

	do
		picture_make(p, ++number);
	while (wait_until(p, g_get_monotonic_time() + step_us));
	return NULL;
}

struct paint *paint_new(struct loopback *end)
{
	struct paint *p = g_new0(struct paint, 1);

	p->end = end;
	p->caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING,
	    "BGRx", "width", G_TYPE_INT, (int)end->config.width, "height",
	    G_TYPE_INT, (int)end->config.height, "framerate", GST_TYPE_FRACTION,
	    (int)end->config.fps, 1, NULL);
	g_mutex_init(&p->lock);
	g_cond_init(&p->stopping);
	p->thread = g_thread_new("pattern", run, p);
	return p;
}

void paint_free(struct paint *paint)
{
	if (!paint)
		return;
	g_mutex_lock(&paint->lock);
	paint->is_stopping = true;
	g_cond_broadcast(&paint->stopping);
	g_mutex_unlock(&paint->lock);
	g_thread_join(paint->thread);
	gst_caps_unref(paint->caps);
	g_mutex_clear(&paint->lock);
	g_cond_clear(&paint->stopping);
	g_free(paint);
}
