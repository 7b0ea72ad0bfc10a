/* commit.c - the epoch goes on. */
#include "order/order_private.h"

enum order_result order_begin(struct order_member *member, uint64_t epoch)
{
	struct order_meeting *m = member->meeting;

	if (m->epoch.is_set || !m->is_listed)
		return ORDER_NOT_NOW;
	m->epoch = (struct order_epoch){ true, epoch };
	if (order_keep_meeting(m)) {
		m->epoch = (struct order_epoch){ 0 };
		m->must_replace = true;
		return ORDER_FAILED;
	}
	return ORDER_OK;
}

static void welcomes_tell(struct order_member *member,
    const struct order_commit *commit, uint64_t epoch)
{
	struct order_meeting *m = member->meeting;
	struct order_event event = { .type = ORDER_WELCOME,
		.who = member->id,
		.epoch = epoch };

	for (size_t i = 0; i < commit->welcome_count; i++) {
		struct order_member *to = order_member_find(m,
		    &commit->welcomes[i].to);

		if (!to || to == member)
			continue;
		event.message = commit->welcomes[i].message;
		m->order->hooks.event(m->order->hooks.arg, &to, 1, &event);
	}
}

enum order_result order_commit(struct order_member *member,
    const struct order_commit *commit, uint64_t *epoch)
{
	struct order_meeting *m = member->meeting;
	const struct order_event event = { .type = ORDER_COMMIT,
		.who = member->id,
		.epoch = commit->epoch,
		.message = commit->message };

	*epoch = m->epoch.n;
	if (!m->epoch.is_set || !m->is_listed)
		return ORDER_NOT_NOW;
	if (commit->epoch != m->epoch.n)
		return ORDER_STALE;
	/* Whether or not a failed one is on the disk is not certain: the next
	 * thing to be kept replaces it all. */
	if (order_keep_commit(m, &member->id, commit->message)) {
		m->must_replace = true;
		return ORDER_FAILED;
	}
	/* Without memory the log has a gap: it begins anew, and who would have
	 * needed it is behind. */
	if (order_log_add(m, commit->epoch, &member->id, commit->message))
		order_log_clear(m);
	*epoch = ++m->epoch.n;
	order_tell(m, member, &event);
	welcomes_tell(member, commit, *epoch);
	return ORDER_OK;
}

void order_replay(struct order_member *member, uint64_t from_epoch)
{
	struct order_meeting *m = member->meeting;
	struct order_member *const to[] = { member };

	for (uint64_t n = from_epoch; m->log && n < m->epoch.n; n++) {
		const struct order_logged *logged = order_log_get(m->log, n);
		struct order_event event = { .type = ORDER_COMMIT, .epoch = n };

		if (!logged)
			return;
		event.who = logged->from;
		event.message = kk_bytes_view(&logged->message);
		m->order->hooks.event(m->order->hooks.arg, to, 1, &event);
	}
}
