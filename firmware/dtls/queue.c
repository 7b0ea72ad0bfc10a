/* queue.c - datagrams that wait to be sent. */
#include "dtls/queue.h"

#include <string.h>

enum kk_err dtls_queue_put(struct dtls_queue *queue, struct kk_view datagram)
{
	unsigned at = (queue->first + queue->count) % DTLS_QUEUE_MAX;
	enum kk_err err;

	if (queue->count == DTLS_QUEUE_MAX)
		return KK_ELIMIT;
	err = kk_bytes_copy(&queue->items[at], datagram);
	if (!err)
		queue->count++;
	return err;
}

enum kk_err dtls_queue_take(struct dtls_queue *queue, uint8_t *out,
    size_t *out_bytes)
{
	struct kk_bytes *item = &queue->items[queue->first];
	size_t room_bytes = *out_bytes;

	*out_bytes = 0;
	if (queue->count == 0)
		return KK_ENOENT;
	if (item->bytes > room_bytes)
		return KK_ENOSPC;
	memcpy(out, item->data, item->bytes);
	*out_bytes = item->bytes;
	kk_bytes_clear(item);
	queue->first = (queue->first + 1) % DTLS_QUEUE_MAX;
	queue->count--;
	return KK_OK;
}

void dtls_queue_clear(struct dtls_queue *queue)
{
	for (unsigned i = 0; i < DTLS_QUEUE_MAX; i++)
		kk_bytes_clear(&queue->items[i]);
	queue->first = 0;
	queue->count = 0;
}
