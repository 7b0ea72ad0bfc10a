/* frames.c - a place for the latest picture. */
#include "pipelines/graphs/frames.h"

#include <gst/app/gstappsink.h>

struct frames {
	gint refs;
	GMutex lock;
	GstSample *sample; /* NULL: none */
	int64_t came_us;
	uint64_t count;
};

struct frames *frames_new(void)
{
	struct frames *f = g_new0(struct frames, 1);

	f->refs = 1;
	g_mutex_init(&f->lock);
	return f;
}

struct frames *frames_ref(struct frames *frames)
{
	g_atomic_int_inc(&frames->refs);
	return frames;
}

void frames_unref(struct frames *frames)
{
	if (!frames || !g_atomic_int_dec_and_test(&frames->refs))
		return;
	g_clear_pointer(&frames->sample, gst_sample_unref);
	g_mutex_clear(&frames->lock);
	g_free(frames);
}

/* The old one is released outside of the lock: that may take a while. */
static void swap(struct frames *f, GstSample *sample, int64_t now_us)
{
	GstSample *old;

	g_mutex_lock(&f->lock);
	old = f->sample;
	f->sample = sample;
	f->came_us = now_us;
	f->count += sample != NULL;
	g_mutex_unlock(&f->lock);
	g_clear_pointer(&old, gst_sample_unref);
}

void frames_give(struct frames *frames, GstSample *sample, int64_t now_us)
{
	swap(frames, sample, now_us);
}

void frames_drop(struct frames *frames)
{
	swap(frames, NULL, 0);
}

GstSample *frames_latest(struct frames *frames, int64_t *came_us)
{
	GstSample *sample;

	g_mutex_lock(&frames->lock);
	sample = frames->sample ? gst_sample_ref(frames->sample) : NULL;
	*came_us = frames->came_us;
	g_mutex_unlock(&frames->lock);
	return sample;
}

uint64_t frames_count(struct frames *frames)
{
	uint64_t count;

	g_mutex_lock(&frames->lock);
	count = frames->count;
	g_mutex_unlock(&frames->lock);
	return count;
}

int64_t frames_came_us(struct frames *frames)
{
	int64_t came_us;

	g_mutex_lock(&frames->lock);
	came_us = frames->came_us;
	g_mutex_unlock(&frames->lock);
	return came_us;
}

static GstFlowReturn sample_came(GstAppSink *sink, gpointer arg)
{
	GstSample *sample = gst_app_sink_pull_sample(sink);

	if (!sample)
		return GST_FLOW_EOS;
	frames_give(arg, sample, g_get_monotonic_time());
	return GST_FLOW_OK;
}

static void frames_released(gpointer arg)
{
	frames_unref(arg);
}

void frames_attach(GstElement *appsink, struct frames *frames)
{
	GstAppSinkCallbacks callbacks = { .new_sample = sample_came };

	gst_app_sink_set_callbacks(GST_APP_SINK(appsink), &callbacks,
	    frames_ref(frames), frames_released);
}
