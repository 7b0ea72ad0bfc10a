/* reaper.c - taking pipelines down, elsewhere. */
#include "pipelines/graphs/reaper.h"

struct reaper {
	GThreadPool *pool;
	gint waiting;
};

static void pipeline_down(gpointer pipeline, gpointer arg)
{
	struct reaper *r = arg;

	gst_element_set_state(pipeline, GST_STATE_NULL);
	gst_object_unref(pipeline);
	g_atomic_int_add(&r->waiting, -1);
}

struct reaper *reaper_new(void)
{
	struct reaper *r = g_new0(struct reaper, 1);

	/* Without a limit, and not exclusive: it never fails to start. */
	r->pool = g_thread_pool_new(pipeline_down, r, -1, FALSE, NULL);
	return r;
}

void reaper_free(struct reaper *reaper)
{
	if (!reaper)
		return;
	g_thread_pool_free(reaper->pool, FALSE, TRUE);
	g_free(reaper);
}

void reaper_give(struct reaper *reaper, GstElement *pipeline)
{
	if (!pipeline)
		return;
	g_atomic_int_inc(&reaper->waiting);
	g_thread_pool_push(reaper->pool, pipeline, NULL);
}

guint reaper_waiting(struct reaper *reaper)
{
	return (guint)g_atomic_int_get(&reaper->waiting);
}
