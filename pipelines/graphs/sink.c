/* sink.c - keeps the screen going. */
#include "pipelines/graphs/sink.h"

#include <gst/app/gstappsrc.h>

#include "pipelines/graphs/build.h"

enum { PIXEL_BYTES = 4, LOOK_MS = 500, RETRY_MS = 1000 };

struct sink {
	struct sink_config config;
	GThread *thread;
	GMutex lock; /* of all below */
	GCond stopping;
	bool is_stopping;
	GstElement *pipeline; /* NULL: none */
	GstAppSrc *in;
	uint64_t shown; /* by those before it */
	/* The thread's own. */
	bool is_told; /* that there is no picture */
};

/* Waits so long, or until the end: then false. */
static bool wait_ms(struct sink *s, int ms)
{
	const int64_t at_us = g_get_monotonic_time() +
	    (int64_t)ms * G_TIME_SPAN_MILLISECOND;
	bool goes_on;

	g_mutex_lock(&s->lock);
	while (!s->is_stopping &&
	    g_cond_wait_until(&s->stopping, &s->lock, at_us))
		;
	goes_on = !s->is_stopping;
	g_mutex_unlock(&s->lock);
	return goes_on;
}

static void trouble_say(struct sink *s, enum kk_err err, const char *why)
{
	if (!s->is_told)
		kk_log(s->config.log, KK_LOG_WARNING,
		    "no picture on the screen: %s err=%s", why,
		    kk_err_name(err));
	s->is_told = true;
}

/* GstBaseSink:stats. */
static uint64_t rendered(GstElement *pipeline)
{
	g_autoptr(GstIterator) sinks = gst_bin_iterate_sinks(GST_BIN(pipeline));
	g_auto(GValue) value = G_VALUE_INIT;
	g_autoptr(GstStructure) stats = NULL;
	guint64 count = 0;
	GObject *sink;

	if (gst_iterator_next(sinks, &value) != GST_ITERATOR_OK)
		return 0;
	sink = g_value_get_object(&value);
	if (g_object_class_find_property(G_OBJECT_GET_CLASS(sink), "stats"))
		g_object_get(sink, "stats", &stats, NULL);
	if (stats)
		gst_structure_get_uint64(stats, "rendered", &count);
	return count;
}

static enum kk_err begin(struct sink *s)
{
	const struct sink_config *c = &s->config;
	g_autofree char *launch = g_strdup_printf(
	    "appsrc name=in format=time is-live=true do-timestamp=true "
	    "max-buffers=2 max-bytes=0 leaky-type=downstream "
	    "caps=\"video/x-raw,format=BGRx,width=%u,height=%u,"
	    "framerate=%u/1\" ! %s",
	    c->width, c->height, c->fps, display_launch(c->display));
	GstElement *pipeline = NULL;
	enum kk_err err = build_pipeline(&pipeline, launch);

	if (err)
		return err;
	g_mutex_lock(&s->lock);
	s->pipeline = pipeline;
	s->in = GST_APP_SRC(gst_bin_get_by_name(GST_BIN(pipeline), "in"));
	g_mutex_unlock(&s->lock);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	return KK_OK;
}

/* No picture is pushed into it any more before it is taken down. */
static void end(struct sink *s)
{
	GstElement *pipeline;
	GstAppSrc *in;

	g_mutex_lock(&s->lock);
	pipeline = g_steal_pointer(&s->pipeline);
	in = g_steal_pointer(&s->in);
	if (pipeline)
		s->shown += rendered(pipeline);
	g_mutex_unlock(&s->lock);
	if (!pipeline)
		return;
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(in);
	gst_object_unref(pipeline);
}

static void message_say(struct sink *s, GstMessage *message)
{
	g_autoptr(GError) error = NULL;

	if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
		gst_message_parse_error(message, &error, NULL);
	trouble_say(s, KK_EIO, error ? error->message : "It ended.");
}

/* Until it fails, the screen is another, or the end. */
static void watch(struct sink *s)
{
	g_autoptr(GstBus) bus = gst_element_get_bus(s->pipeline);

	do {
		g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus,
		    GST_MESSAGE_ERROR | GST_MESSAGE_EOS);

		if (message) {
			message_say(s, message);
			return;
		}
		if (s->is_told && rendered(s->pipeline) > 0) {
			kk_log(s->config.log, KK_LOG_INFO,
			    "the screen has its picture");
			s->is_told = false;
		}
		if (display_is_other(s->config.display)) {
			trouble_say(s, KK_ENOENT, "it was unplugged.");
			return;
		}
	} while (wait_ms(s, LOOK_MS));
}

static gpointer run(gpointer arg)
{
	struct sink *s = arg;
	const struct sink_config *c = &s->config;

	do {
		enum kk_err err = KK_OK;

		if (!s->pipeline)
			err = display_renew(c->display, c->width, c->height);
		if (!err && !s->pipeline)
			err = begin(s);
		if (err)
			trouble_say(s, err,
			    err == KK_ENOENT ? "none is connected." :
					       kk_err_text(err));
		else
			watch(s);
		end(s);
	} while (wait_ms(s, RETRY_MS));
	return NULL;
}

enum kk_err sink_new(struct sink **sinkp, const struct sink_config *config)
{
	struct sink *s = g_new0(struct sink, 1);
	enum kk_err err;

	s->config = *config;
	g_mutex_init(&s->lock);
	g_cond_init(&s->stopping);
	/* What is wrong with the configuration shows at once. */
	err = display_renew(config->display, config->width, config->height);
	if (!err)
		err = begin(s);
	if (err && err != KK_ENOENT) {
		sink_free(s);
		return err;
	}
	s->thread = g_thread_new("sink", run, s);
	*sinkp = s;
	return KK_OK;
}

void sink_free(struct sink *sink)
{
	if (!sink)
		return;
	g_mutex_lock(&sink->lock);
	sink->is_stopping = true;
	g_cond_signal(&sink->stopping);
	g_mutex_unlock(&sink->lock);
	if (sink->thread)
		g_thread_join(sink->thread);
	end(sink);
	g_cond_clear(&sink->stopping);
	g_mutex_clear(&sink->lock);
	g_free(sink);
}

void sink_push(struct sink *sink, const uint8_t *pixels)
{
	const struct sink_config *c = &sink->config;

	g_mutex_lock(&sink->lock);
	if (sink->in)
		gst_app_src_push_buffer(sink->in,
		    gst_buffer_new_memdup(pixels,
			(gsize)c->width * c->height * PIXEL_BYTES));
	g_mutex_unlock(&sink->lock);
}

uint64_t sink_shown(struct sink *sink)
{
	uint64_t count;

	g_mutex_lock(&sink->lock);
	count = sink->shown;
	if (sink->pipeline)
		count += rendered(sink->pipeline);
	g_mutex_unlock(&sink->lock);
	return count;
}
