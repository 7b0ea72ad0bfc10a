/* run.c - work for the link's thread, and its clock. */
#include "pipelines/link/link_internal.h"

enum { US_PER_MS = 1000 };

struct call {
	struct link *link;
	void (*fn)(struct link *link, void *arg);
	void *arg;
	GMutex mutex;
	GCond cond;
	bool is_done;
};

static gboolean call_do(gpointer arg)
{
	struct call *call = arg;

	call->fn(call->link, call->arg);
	g_mutex_lock(&call->mutex);
	call->is_done = true;
	g_cond_signal(&call->cond);
	g_mutex_unlock(&call->mutex); /* the last touch: call is a stack's */
	return G_SOURCE_REMOVE;
}

void link_run(struct link *link, void (*fn)(struct link *link, void *arg),
    void *arg)
{
	struct call call = { .link = link, .fn = fn, .arg = arg };
	GSource *source;

	if (g_main_context_is_owner(link->context)) {
		fn(link, arg);
		return;
	}
	g_mutex_init(&call.mutex);
	g_cond_init(&call.cond);
	source = g_idle_source_new();
	g_source_set_priority(source, G_PRIORITY_DEFAULT);
	g_source_set_callback(source, call_do, &call, NULL);
	g_source_attach(source, link->context);
	g_mutex_lock(&call.mutex);
	while (!call.is_done)
		g_cond_wait(&call.cond, &call.mutex);
	g_mutex_unlock(&call.mutex);
	g_source_unref(source);
	g_cond_clear(&call.cond);
	g_mutex_clear(&call.mutex);
}

GSource *link_timer_start(struct link *link, uint64_t after_ms, GSourceFunc fn)
{
	GSource *source = g_timeout_source_new((guint)MIN(after_ms,
	    (uint64_t)G_MAXUINT));

	g_source_set_callback(source, fn, link, NULL);
	g_source_attach(source, link->context);
	return source;
}

void link_timer_stop(GSource **source)
{
	if (!*source)
		return;
	g_source_destroy(*source);
	g_source_unref(*source);
	*source = NULL;
}

uint64_t link_now_us(void)
{
	return (uint64_t)g_get_monotonic_time();
}

uint64_t link_now_ms(void)
{
	return link_now_us() / US_PER_MS;
}
