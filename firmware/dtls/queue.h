/* queue.h - datagrams that wait to be sent, bounded. */
#pragma once
#include "dtls/dtls.h"

struct dtls_queue {
	struct kk_bytes items[DTLS_QUEUE_MAX];
	unsigned first;
	unsigned count;
};

/* Copies a datagram to the end.  Errors: KK_ELIMIT full, KK_ENOMEM. */
MUST_CHECK enum kk_err dtls_queue_put(struct dtls_queue *queue,
    struct kk_view datagram);
/* As dtls_take(). */
MUST_CHECK enum kk_err dtls_queue_take(struct dtls_queue *queue, uint8_t *out,
    size_t *out_bytes);
void dtls_queue_clear(struct dtls_queue *queue);
