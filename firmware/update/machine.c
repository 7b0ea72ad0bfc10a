/* machine.c - the table, a meeting, the time. */
#include "update/update.h"

struct update {
	enum update_state state;
	enum update_reason says;
	bool is_in_meeting;
	unsigned percent, dropped;
	uint64_t due_ms; /* of the health checks */
	unsigned action[UPDATE_ACTIONS_MAX]; /* what each step asked for */
	size_t action_count;
};

enum kk_err update_new(struct update **up)
{
	struct update *u = kk_calloc(1, sizeof(*u));

	if (!u)
		return KK_ENOMEM;
	u->due_ms = UINT64_MAX;
	*up = u;
	return KK_OK;
}

void update_free(struct update *u)
{
	kk_free(u);
}

/* A restart that is held back was not done: neither is to be seen. */
static void actions_add(struct update *u, unsigned actions)
{
	if ((actions & UPDATE_DO_HOLD) && u->action_count > 0 &&
	    u->action[u->action_count - 1] == UPDATE_DO_RESTART) {
		u->action_count--;
		return;
	}
	if (actions && u->action_count < UPDATE_ACTIONS_MAX)
		u->action[u->action_count++] = actions;
}

static bool step(struct update *u, enum update_event event, uint64_t now_ms)
{
	const struct update_cell cell = update_table(u->state, event);

	if (!cell.is_listed) {
		u->dropped++;
		return false;
	}
	u->state = cell.next;
	if (cell.says != UPDATE_SAYS_NOTHING)
		u->says = cell.says;
	if (cell.actions & UPDATE_DO_HEALTH)
		u->due_ms = now_ms + UPDATE_HEALTH_MS;
	if (event == UPDATE_HEALTHY)
		u->due_ms = UINT64_MAX;
	if (cell.actions & (UPDATE_DO_CHECK | UPDATE_DO_WRITE)) {
		u->percent = 0;
		u->says = UPDATE_SAYS_NOTHING;
	}
	actions_add(u, cell.actions);
	return true;
}

bool update_event(struct update *u, enum update_event event, uint64_t now_ms)
{
	if (event < 0 || event >= UPDATE_EVENTS)
		return false;
	if (event == UPDATE_MEETING || event == UPDATE_FREE) {
		const bool is_in = event == UPDATE_MEETING;

		if (u->is_in_meeting == is_in)
			return false;
		u->is_in_meeting = is_in;
		/* To most states it means nothing. */
		if (!update_table(u->state, event).is_listed)
			return true;
	}
	return step(u, u->is_in_meeting ? update_event_busy(event) : event,
	    now_ms);
}

bool update_refuse(struct update *u, enum update_reason why, uint64_t now_ms)
{
	if (!step(u, UPDATE_REFUSED, now_ms))
		return false;
	u->says = why;
	return true;
}

void update_progress(struct update *u, unsigned percent)
{
	if (u->state == UPDATE_WRITING && percent > u->percent)
		u->percent = percent < 100 ? percent : 100;
}

void update_tick(struct update *u, uint64_t now_ms)
{
	if (now_ms < u->due_ms)
		return;
	u->due_ms = UINT64_MAX;
	(void)update_event(u, UPDATE_UNWELL, now_ms);
}

uint64_t update_due_ms(const struct update *u)
{
	return u->due_ms;
}

/* The lowest bit of the oldest step. */
bool update_action_take(struct update *u, enum update_action *action)
{
	unsigned bit;

	if (u->action_count == 0)
		return false;
	bit = u->action[0] & (0U - u->action[0]);
	*action = (enum update_action)bit;
	u->action[0] &= ~bit;
	if (u->action[0])
		return true;
	u->action_count--;
	for (size_t i = 0; i < u->action_count; i++)
		u->action[i] = u->action[i + 1];
	return true;
}

enum update_state update_state(const struct update *u)
{
	return u->state;
}

enum update_reason update_says(const struct update *u)
{
	return u->says;
}

bool update_is_in_meeting(const struct update *u)
{
	return u->is_in_meeting;
}

unsigned update_percent(const struct update *u)
{
	return u->state == UPDATE_WRITING ? u->percent : 0;
}

unsigned update_dropped(const struct update *u)
{
	return u->dropped;
}
