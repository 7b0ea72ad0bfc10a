/* meeting.c - one meeting, and where to find it. */
#include <string.h>

#include "order/order_private.h"

/* FNV-1a: who may choose ids holds the site's token. */
static size_t bucket_of(struct kk_view id)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < id.bytes; i++)
		hash = (hash ^ id.data[i]) * 16777619U;
	return hash % ORDER_BUCKETS;
}

struct kk_view order_meeting_id(const struct order_meeting *m)
{
	return kk_view_of(m->id, m->id_bytes);
}

struct order_meeting *order_meeting_find(const struct order *order,
    struct kk_view id)
{
	struct order_meeting *m = order->buckets[bucket_of(id)];

	while (m && !kk_view_equal(order_meeting_id(m), id))
		m = m->next;
	return m;
}

enum kk_err order_meeting_new(struct order_meeting **meetingp,
    struct order *order, struct kk_view id)
{
	struct order_meeting *m;

	if (id.bytes == 0 || id.bytes > ORDER_MEETING_ID_MAX_BYTES)
		return KK_EINVAL;
	m = kk_calloc(1, sizeof(*m));
	if (!m)
		return KK_ENOMEM;
	m->order = order;
	memcpy(m->id, id.data, id.bytes);
	m->id_bytes = id.bytes;
	*meetingp = m;
	return KK_OK;
}

void order_meeting_free(struct order_meeting *m)
{
	order_log_clear(m);
	kk_free(m->log);
	kk_free(m->members);
	kk_free(m->others);
	kk_wipe(m->token_hash, sizeof(m->token_hash));
	kk_free(m);
}

void order_meeting_add(struct order_meeting *m)
{
	size_t bucket = bucket_of(order_meeting_id(m));

	m->next = m->order->buckets[bucket];
	m->order->buckets[bucket] = m;
	m->order->meeting_count++;
	m->is_listed = true;
}

void order_meeting_remove(struct order_meeting *m)
{
	struct order_meeting **at =
	    &m->order->buckets[bucket_of(order_meeting_id(m))];

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	m->order->meeting_count--;
	m->is_listed = false;
	if (m->member_count == 0)
		order_meeting_free(m);
}

void order_tell(struct order_meeting *m, const struct order_member *but,
    const struct order_event *event)
{
	size_t count = 0;

	for (size_t i = 0; i < m->member_count; i++) {
		if (m->members[i] != but)
			m->others[count++] = m->members[i];
	}
	if (count > 0)
		m->order->hooks.event(m->order->hooks.arg, m->others, count,
		    event);
}

void *order_meeting_owner(const struct order_meeting *meeting)
{
	return meeting->owner;
}

void order_meeting_owner_set(struct order_meeting *meeting, void *owner)
{
	meeting->owner = owner;
}
