/* order.c - the table of meetings. */
#include <string.h>

#include "order/order_private.h"

enum kk_err order_new(struct order **orderp, const struct order_hooks *hooks)
{
	struct order *order = kk_calloc(1, sizeof(*order));

	if (!order)
		return KK_ENOMEM;
	order->hooks = *hooks;
	*orderp = order;
	return KK_OK;
}

void order_free(struct order *order)
{
	if (!order)
		return;
	for (size_t i = 0; i < ORDER_BUCKETS; i++) {
		while (order->buckets[i])
			order_meeting_remove(order->buckets[i]);
	}
	kk_free(order);
}

size_t order_meeting_count(const struct order *order)
{
	return order->meeting_count;
}

bool order_token_is(const uint8_t token[ORDER_TOKEN_BYTES],
    const uint8_t hash[ORDER_TOKEN_BYTES])
{
	const struct kk_view parts[] = { { token, ORDER_TOKEN_BYTES } };
	uint8_t got[CRYPTO_HASH_MAX_BYTES];

	return !crypto_hash(CRYPTO_SHA256, parts, KK_ARRAY_LEN(parts), got) &&
	    kk_secret_equal(got, hash, ORDER_TOKEN_BYTES);
}

static enum order_result first_register(struct order *order,
    const struct order_registration *r)
{
	struct order_meeting *m = NULL;

	if (order->meeting_count >= ORDER_MEETINGS_MAX)
		return ORDER_LIMIT;
	if (order_meeting_new(&m, order, r->meeting_id))
		return ORDER_FAILED;
	memcpy(m->token_hash, r->token_hash, ORDER_TOKEN_BYTES);
	m->participants = r->participants;
	m->must_replace = true;
	m->was_used = true;
	if (order_keep_meeting(m)) {
		order_meeting_free(m);
		return ORDER_FAILED;
	}
	order_meeting_add(m);
	return ORDER_OK;
}

/* Changes what is kept, or nothing.  The log goes with the epoch. */
static enum order_result again_register(struct order_meeting *m,
    const struct order_registration *r)
{
	const struct order_meeting before = *m;

	memcpy(m->token_hash, r->token_hash, ORDER_TOKEN_BYTES);
	m->participants = r->participants;
	if (r->is_reset) {
		m->epoch = (struct order_epoch){ 0 };
		m->must_replace = true;
		m->log = NULL;
	}
	if (order_keep_meeting(m)) {
		*m = before;
		m->must_replace = true;
		return ORDER_FAILED;
	}
	if (r->is_reset) {
		m->log = before.log;
		order_log_clear(m);
	}
	return ORDER_OK;
}

enum order_result order_register(struct order *order,
    const struct order_registration *r, struct order_epoch *epoch)
{
	struct order_meeting *m = order_meeting_find(order, r->meeting_id);
	struct order_event event = { .type = ORDER_RESET };
	enum order_result result;
	bool is_same;

	*epoch = (struct order_epoch){ 0 };
	if (!m)
		return first_register(order, r);
	is_same = kk_secret_equal(m->token_hash, r->token_hash,
	    ORDER_TOKEN_BYTES);
	if (!is_same && !r->is_reset)
		return ORDER_DENIED;
	if (!is_same || r->is_reset || m->participants != r->participants) {
		result = again_register(m, r);
		if (result)
			return result;
	}
	m->was_used = true;
	*epoch = m->epoch;
	if (!is_same)
		event.type = ORDER_CLOSED;
	if (r->is_reset)
		order_tell(m, is_same ? r->by : NULL, &event);
	return ORDER_OK;
}

enum order_result order_unregister(struct order *order,
    struct kk_view meeting_id)
{
	struct order_meeting *m = order_meeting_find(order, meeting_id);
	const struct order_event event = { .type = ORDER_CLOSED };

	if (!m)
		return ORDER_NO_MEETING;
	order->hooks.forget(order->hooks.arg, order_meeting_id(m));
	order_tell(m, NULL, &event);
	order_meeting_remove(m); /* its members keep it until they leave */
	return ORDER_OK;
}
