/* camera_run.c - keeps the camera going. */
#include "pipelines/graphs/camera_run.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "pipelines/graphs/build.h"

enum {
	LOOK_MS = 100,
	STALL_S = 10,
	FIRST_S = 30, /* of a device that is asked for all its formats first */
	AGAIN_MS = 20,
	RETRY_MS = 1000,
	PIXEL_BYTES = 4,
	LATE_FRAMES_MAX = 5
};

struct camera_run {
	struct camera_run_config config;
	struct camera *camera; /* the thread's */
	GThread *thread;
	GMutex lock;
	GCond stopping;
	bool is_stopping;
	bool is_told; /* the thread's: that there is no picture */
	char *chosen; /* the thread's: camera_name() that was told */
	gint is_on;
	gint has_picture; /* since the source was begun */
	gint has_new; /* since watch() looked */
	GstBufferPool *pool; /* of drawn pictures */
	GstCaps *caps;
};

/* Waits until then, or until the end: then false. */
static bool wait_until(struct camera_run *r, int64_t at_us)
{
	bool goes_on;

	g_mutex_lock(&r->lock);
	while (!r->is_stopping &&
	    g_cond_wait_until(&r->stopping, &r->lock, at_us))
		;
	goes_on = !r->is_stopping;
	g_mutex_unlock(&r->lock);
	return goes_on;
}

static bool wait_ms(struct camera_run *r, int ms)
{
	return wait_until(r,
	    g_get_monotonic_time() + (int64_t)ms * G_TIME_SPAN_MILLISECOND);
}

static GstFlowReturn picture_came(GstAppSink *sink, gpointer arg)
{
	GstSample *sample = gst_app_sink_pull_sample(sink);
	struct camera_run *r = arg;

	if (!sample)
		return GST_FLOW_EOS;
	g_atomic_int_set(&r->is_on, 1);
	g_atomic_int_set(&r->has_picture, 1);
	g_atomic_int_set(&r->has_new, 1);
	r->config.picture(r->config.arg, sample);
	return GST_FLOW_OK;
}

static void trouble_say(struct camera_run *r, enum kk_err err, const char *why)
{
	kk_log(r->config.log, KK_LOG_WARNING,
	    "no picture from the camera %s: %s err=%s", r->config.camera.kind,
	    why, kk_err_name(err));
}

/* Once for each time that it fails; one that had been on fails anew. */
static enum kk_err source_failed(struct camera_run *r, const char *why)
{
	/* What never gave a picture is no film; what did, is gone. */
	enum kk_err err = !g_atomic_int_get(&r->has_picture) &&
		camera_is_looping(r->camera) ?
	    KK_EFORMAT :
	    KK_EIO;
	g_autofree char *text = err == KK_EFORMAT ?
	    g_strdup_printf("no film that can be played (%s)", why) :
	    g_strdup(why);

	if (g_atomic_int_get(&r->has_picture) || !r->is_told)
		trouble_say(r, err, text);
	r->is_told = true;
	return err;
}

static enum kk_err source_ended(struct camera_run *r, GstMessage *message)
{
	g_autoptr(GError) error = NULL;

	if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
		gst_message_parse_error(message, &error, NULL);
		return source_failed(r, error->message);
	}
	if (!g_atomic_int_get(&r->has_picture))
		return source_failed(r, "It has none.");
	return camera_is_looping(r->camera) ? KK_OK :
					      source_failed(r, "It ended.");
}

/* Some that give nothing any more say nothing, either: a film that is cut off
 * before its first picture, or a device. */
static bool is_stalled(struct camera_run *r, int64_t *since_us)
{
	const int64_t now_us = g_get_monotonic_time();
	const bool is_first = !g_atomic_int_get(&r->has_picture) &&
	    !camera_is_looping(r->camera);

	if (g_atomic_int_compare_and_exchange(&r->has_new, 1, 0))
		*since_us = now_us;
	return now_us - *since_us >
	    (is_first ? FIRST_S : STALL_S) * G_TIME_SPAN_SECOND;
}

/* Watches a pipeline until it ends, or the run does. */
static enum kk_err watch(struct camera_run *r, GstElement *pipeline)
{
	g_autoptr(GstBus) bus = gst_element_get_bus(pipeline);
	int64_t since_us = g_get_monotonic_time();

	do {
		g_autoptr(GstMessage) message = gst_bus_pop_filtered(bus,
		    GST_MESSAGE_ERROR | GST_MESSAGE_EOS);

		if (message)
			return source_ended(r, message);
		if (is_stalled(r, &since_us))
			return source_failed(r, "It gives none.");
	} while (wait_ms(r, LOOK_MS));
	return KK_OK;
}

static enum kk_err source_run(struct camera_run *r)
{
	GstAppSinkCallbacks callbacks = { .new_sample = picture_came };
	const struct camera_config *c = &r->config.camera;
	g_autofree char *launch = g_strdup_printf(
	    "%s ! videorate ! videoconvertscale add-borders=true "
	    "! video/x-raw,format=I420,width=%u,height=%u,framerate=%u/1,"
	    "pixel-aspect-ratio=1/1 "
	    "! appsink name=out sync=false max-buffers=2 drop=true",
	    camera_launch(r->camera), c->width, c->height, r->config.fps);
	g_autoptr(GstElement) out = NULL;
	GstElement *pipeline = NULL;
	enum kk_err err = build_pipeline(&pipeline, launch);

	g_atomic_int_set(&r->has_picture, 0);
	if (err) {
		(void)source_failed(r, "A part of GStreamer is missing.");
		return err;
	}
	out = gst_bin_get_by_name(GST_BIN(pipeline), "out");
	gst_app_sink_set_callbacks(GST_APP_SINK(out), &callbacks, r, NULL);
	gst_element_set_state(pipeline, GST_STATE_PLAYING);
	err = watch(r, pipeline);
	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pipeline);
	return err;
}

static bool drawing_start(struct camera_run *r)
{
	const struct camera_config *c = &r->config.camera;
	GstStructure *config;

	if (r->pool)
		return true;
	r->caps = gst_caps_new_simple("video/x-raw", "format", G_TYPE_STRING,
	    "BGRx", "width", G_TYPE_INT, (int)c->width, "height", G_TYPE_INT,
	    (int)c->height, "framerate", GST_TYPE_FRACTION, (int)r->config.fps,
	    1, NULL);
	r->pool = gst_buffer_pool_new();
	config = gst_buffer_pool_get_config(r->pool);
	gst_buffer_pool_config_set_params(config, r->caps,
	    c->width * c->height * PIXEL_BYTES, 2, 0);
	return gst_buffer_pool_set_config(r->pool, config) &&
	    gst_buffer_pool_set_active(r->pool, TRUE);
}

static void picture_draw(struct camera_run *r)
{
	GstBuffer *buffer = NULL;
	GstSample *sample;
	GstMapInfo map;

	if (gst_buffer_pool_acquire_buffer(r->pool, &buffer, NULL))
		return;
	gst_buffer_map(buffer, &map, GST_MAP_WRITE);
	camera_draw(r->camera, map.data,
	    (size_t)r->config.camera.width * PIXEL_BYTES,
	    (uint64_t)g_get_real_time() / 1000);
	gst_buffer_unmap(buffer, &map);
	sample = gst_sample_new(buffer, r->caps, NULL, NULL);
	gst_buffer_unref(buffer);
	r->config.picture(r->config.arg, sample);
}

/* An even pace; who is far behind begins anew. */
static enum kk_err drawing_run(struct camera_run *r)
{
	const int64_t step_us = G_TIME_SPAN_SECOND / r->config.fps;
	int64_t next_us = g_get_monotonic_time();

	if (!drawing_start(r))
		return source_failed(r, "There is no memory for it.");
	g_atomic_int_set(&r->is_on, 1);
	do {
		int64_t now_us = g_get_monotonic_time();

		picture_draw(r);
		next_us += step_us;
		if (next_us + LATE_FRAMES_MAX * step_us < now_us)
			next_us = now_us;
	} while (wait_until(r, next_us));
	return KK_OK;
}

/* A film is begun again and again, until something fails or the run ends. */
static void camera_play(struct camera_run *r)
{
	enum kk_err err;

	do
		err = camera_launch(r->camera) ? source_run(r) : drawing_run(r);
	while (!err && wait_ms(r, AGAIN_MS));
}

static void choice_say(struct camera_run *r)
{
	const char *name = camera_name(r->camera);

	if (!*name || !g_strcmp0(name, r->chosen))
		return;
	kk_log(r->config.log, KK_LOG_INFO, "the camera is %s", name);
	g_free(r->chosen);
	r->chosen = g_strdup(name);
}

static gpointer run(gpointer arg)
{
	struct camera_run *r = arg;

	do {
		enum kk_err err = camera_open(&r->camera, &r->config.camera);

		if (!err) {
			choice_say(r);
			camera_play(r);
			camera_close(r->camera);
		} else if (!r->is_told) {
			trouble_say(r, err, kk_err_text(err));
			r->is_told = true;
		}
		g_atomic_int_set(&r->is_on, 0);
	} while (wait_ms(r, RETRY_MS));
	return NULL;
}

struct camera_run *camera_run_new(const struct camera_run_config *config)
{
	struct camera_run *r = g_new0(struct camera_run, 1);

	r->config = *config;
	g_mutex_init(&r->lock);
	g_cond_init(&r->stopping);
	r->thread = g_thread_new("camera", run, r);
	return r;
}

void camera_run_free(struct camera_run *run)
{
	if (!run)
		return;
	g_mutex_lock(&run->lock);
	run->is_stopping = true;
	g_cond_signal(&run->stopping);
	g_mutex_unlock(&run->lock);
	g_thread_join(run->thread);
	if (run->pool)
		gst_buffer_pool_set_active(run->pool, FALSE);
	g_clear_pointer(&run->pool, gst_object_unref);
	g_clear_pointer(&run->caps, gst_caps_unref);
	g_free(run->chosen);
	g_cond_clear(&run->stopping);
	g_mutex_clear(&run->lock);
	g_free(run);
}

bool camera_run_is_on(struct camera_run *run)
{
	return run && g_atomic_int_get(&run->is_on);
}
