/* log.c - the last commits of a meeting. */
#include "order/order_private.h"

static struct order_logged *logged_at(struct order_log *log, size_t i)
{
	return &log->ring[(log->at + i) % ORDER_LOG_COMMITS];
}

static void oldest_drop(struct order_meeting *m)
{
	struct order_log *log = m->log;
	struct order_logged *oldest = logged_at(log, 0);

	log->bytes -= oldest->message.bytes;
	m->order->log_bytes -= oldest->message.bytes;
	kk_bytes_clear(&oldest->message);
	log->at = (log->at + 1) % ORDER_LOG_COMMITS;
	log->first++;
	log->count--;
}

void order_log_clear(struct order_meeting *m)
{
	while (m->log && m->log->count > 0)
		oldest_drop(m);
}

/* The newest is kept whatever its size: the next one needs what came before. */
static void room_make(struct order_meeting *m, size_t bytes)
{
	struct order_log *log = m->log;

	while (log->count > 0 &&
	    (log->count == ORDER_LOG_COMMITS ||
		log->bytes + bytes > ORDER_LOG_MAX_BYTES ||
		m->order->log_bytes + bytes > ORDER_LOGS_MAX_BYTES))
		oldest_drop(m);
}

enum kk_err order_log_add(struct order_meeting *m, uint64_t epoch,
    const struct order_participant *from, struct kk_view message)
{
	struct order_logged *logged;
	struct kk_bytes copy;

	if (!m->log) {
		m->log = kk_calloc(1, sizeof(*m->log));
		if (!m->log)
			return KK_ENOMEM;
	}
	if (kk_bytes_copy(&copy, message))
		return KK_ENOMEM;
	room_make(m, message.bytes);
	if (m->log->count == 0)
		m->log->first = epoch;
	logged = logged_at(m->log, m->log->count++);
	logged->from = *from;
	logged->message = copy;
	m->log->bytes += copy.bytes;
	m->order->log_bytes += copy.bytes;
	return KK_OK;
}

const struct order_logged *order_log_get(const struct order_log *log,
    uint64_t epoch)
{
	if (epoch < log->first || epoch - log->first >= log->count)
		return NULL;
	return &log->ring[(log->at + (epoch - log->first)) % ORDER_LOG_COMMITS];
}
