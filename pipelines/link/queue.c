/* queue.c - packets on their way from pipelines to the link's thread. */
#include <string.h>

#include "pipelines/link/link_internal.h"

/* Packets leave the ring when they are sent, so they can be read in place: who
 * puts others in does not touch these. */
static struct link_packet *first(struct link_queue *queue)
{
	struct link_packet *packet = NULL;

	g_mutex_lock(&queue->mutex);
	if (queue->count > 0)
		packet = &queue->ring[queue->head];
	g_mutex_unlock(&queue->mutex);
	return packet;
}

static void drop_first(struct link_queue *queue)
{
	g_mutex_lock(&queue->mutex);
	queue->head = (queue->head + 1) % LINK_QUEUE_MAX;
	queue->count--;
	g_mutex_unlock(&queue->mutex);
}

static size_t asked_take(struct link_queue *queue, uint32_t *ssrcs)
{
	size_t count;

	g_mutex_lock(&queue->mutex);
	count = queue->asked_count;
	memcpy(ssrcs, queue->asked, count * sizeof(ssrcs[0]));
	queue->asked_count = 0;
	g_mutex_unlock(&queue->mutex);
	return count;
}

static gboolean drain(gpointer arg)
{
	struct link *link = arg;
	struct link_queue *queue = &link->queue;
	uint32_t asked[LINK_RECEIVERS_MAX];
	const struct link_packet *packet;
	size_t count;

	/* Before the queue is looked at, so that no wake-up is missed. */
	g_source_set_ready_time(queue->source, -1);
	count = asked_take(queue, asked);
	for (size_t i = 0; i < count; i++)
		link_session_ask(link, asked[i]);
	while ((packet = first(queue))) {
		link_session_send(link,
		    kk_view_of(packet->data, packet->bytes));
		drop_first(queue);
	}
	return G_SOURCE_CONTINUE;
}

static gboolean source_dispatch(GSource *source, GSourceFunc fn, gpointer arg)
{
	(void)source;
	return fn(arg);
}

static GSourceFuncs source_funcs = { .dispatch = source_dispatch };

enum kk_err link_queue_init(struct link_queue *queue, GMainContext *context,
    struct link *link)
{
	queue->ring = kk_calloc(LINK_QUEUE_MAX, sizeof(queue->ring[0]));
	if (!queue->ring)
		return KK_ENOMEM;
	g_mutex_init(&queue->mutex);
	queue->source = g_source_new(&source_funcs, sizeof(GSource));
	g_source_set_callback(queue->source, drain, link, NULL);
	g_source_attach(queue->source, context);
	return KK_OK;
}

void link_queue_clear(struct link_queue *queue)
{
	if (!queue->ring)
		return;
	g_source_destroy(queue->source);
	g_source_unref(queue->source);
	g_mutex_clear(&queue->mutex);
	kk_free(queue->ring);
	queue->ring = NULL;
}

enum kk_err link_queue_put(struct link_queue *queue, struct kk_view packet)
{
	struct link_packet *to;
	enum kk_err err = KK_OK;

	g_mutex_lock(&queue->mutex);
	if (queue->count == LINK_QUEUE_MAX) {
		queue->overflows++;
		err = KK_ENOSPC;
	} else {
		to =
		    &queue->ring[(queue->head + queue->count) % LINK_QUEUE_MAX];
		to->bytes = packet.bytes;
		memcpy(to->data, packet.data, packet.bytes);
		queue->count++;
	}
	g_mutex_unlock(&queue->mutex);
	g_source_set_ready_time(queue->source, 0);
	return err;
}

void link_queue_ask(struct link_queue *queue, uint32_t ssrc)
{
	size_t i = 0;

	g_mutex_lock(&queue->mutex);
	while (i < queue->asked_count && queue->asked[i] != ssrc)
		i++;
	if (i == queue->asked_count && i < LINK_RECEIVERS_MAX)
		queue->asked[queue->asked_count++] = ssrc;
	g_mutex_unlock(&queue->mutex);
	g_source_set_ready_time(queue->source, 0);
}
