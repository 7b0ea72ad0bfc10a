/* libs: crypto */
/* order_load.c - what is kept of a meeting, read; then it goes on. */
#include <stdlib.h>

#include "crypto/crypto.h"
#include "order/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void event(void *arg, struct order_member *const *to, size_t count,
    const struct order_event *e)
{
	(void)arg;
	(void)to;
	(void)count;
	(void)e;
}

static enum kk_err keep(void *arg, struct kk_view id, struct kk_view record,
    bool replaces)
{
	size_t *kept = arg;

	if (id.bytes == 0 || id.bytes > ORDER_MEETING_ID_MAX_BYTES ||
	    record.bytes == 0)
		abort();
	*kept += 1 + replaces;
	return KK_OK;
}

static void forget(void *arg, struct kk_view id)
{
	(void)arg;
	(void)id;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	size_t kept = 0;
	const struct order_hooks hooks = { event, keep, forget, &kept };
	struct order *order = NULL;

	if (crypto_init() || order_new(&order, &hooks))
		abort();
	if (order_load(order, kk_view_of(data, bytes))) {
		if (order_meeting_count(order) != 0)
			abort();
	} else if (order_meeting_count(order) != 1) {
		abort();
	}
	order_free(order);
	return 0;
}
