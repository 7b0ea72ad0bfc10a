/* member.c - coming, going, and what passes between members. */
#include <string.h>

#include "order/order_private.h"

enum { FIRST_ROOM = 4 };

void *order_member_owner(const struct order_member *member)
{
	return member->owner;
}

struct order_participant order_member_id(const struct order_member *member)
{
	return member->id;
}

bool order_member_has(const struct order_member *member, unsigned source)
{
	return member->has[source];
}

struct order_meeting *order_member_meeting(const struct order_member *member)
{
	return member->meeting;
}

struct order_member *order_member_find(const struct order_meeting *meeting,
    const struct order_participant *id)
{
	for (size_t i = 0; i < meeting->member_count; i++) {
		if (!memcmp(meeting->members[i]->id.id, id->id,
			ORDER_PARTICIPANT_BYTES))
			return meeting->members[i];
	}
	return NULL;
}

struct order_member *const *order_members(const struct order_meeting *meeting,
    size_t *count)
{
	*count = meeting->member_count;
	return meeting->members;
}

/* Both lists: none may lack room when somebody is to be told. */
static enum kk_err room_make(struct order_meeting *m)
{
	size_t room = m->member_room ? 2 * m->member_room : FIRST_ROOM;
	struct order_member **list;

	if (m->member_count < m->member_room)
		return KK_OK;
	list = kk_regrow(m->others, m->member_room, room,
	    sizeof(struct order_member *));
	if (!list)
		return KK_ENOMEM;
	m->others = list;
	list = kk_regrow(m->members, m->member_room, room,
	    sizeof(struct order_member *));
	if (!list)
		return KK_ENOMEM;
	m->members = list;
	m->member_room = room;
	return KK_OK;
}

static struct order_member *member_new(struct order_meeting *m, void *owner)
{
	struct order_member *member = kk_calloc(1, sizeof(*member));

	if (!member)
		return NULL;
	if (room_make(m) ||
	    crypto_random(member->id.id, ORDER_PARTICIPANT_BYTES)) {
		kk_free(member);
		return NULL;
	}
	member->meeting = m;
	member->owner = owner;
	member->index = m->member_count;
	m->members[m->member_count++] = member;
	return member;
}

static bool is_behind(const struct order_meeting *m, struct order_epoch has)
{
	if (!has.is_set || !m->epoch.is_set || has.n == m->epoch.n)
		return false;
	return has.n > m->epoch.n || !m->log || !order_log_get(m->log, has.n);
}

enum order_result order_enter(struct order *order,
    const struct order_entry *entry, struct order_entered *out)
{
	struct order_meeting *m = order_meeting_find(order, entry->meeting_id);
	struct order_event event = { .type = ORDER_JOINED };

	*out = (struct order_entered){ 0 };
	if (!m)
		return ORDER_NO_MEETING;
	if (!order_token_is(entry->token, m->token_hash))
		return ORDER_DENIED;
	if (m->member_count >= m->participants)
		return ORDER_FULL;
	out->member = member_new(m, entry->owner);
	if (!out->member)
		return ORDER_FAILED;
	m->was_used = true;
	out->epoch = m->epoch;
	out->is_behind = is_behind(m, entry->epoch);
	event.who = out->member->id;
	order_tell(m, out->member, &event);
	return ORDER_OK;
}

void order_leave(struct order_member *member, bool is_lost)
{
	struct order_meeting *m = member->meeting;
	const struct order_event event = { .type = ORDER_LEFT,
		.who = member->id,
		.is_lost = is_lost };
	struct order_member *last = m->members[--m->member_count];

	m->members[member->index] = last;
	last->index = member->index;
	kk_free(member);
	if (m->is_listed)
		order_tell(m, NULL, &event);
	else if (m->member_count == 0)
		order_meeting_free(m);
}

enum order_result order_message(struct order_member *member,
    const struct order_participant *to, struct kk_view message)
{
	struct order_meeting *m = member->meeting;
	const struct order_event event = { .type = ORDER_MESSAGE,
		.who = member->id,
		.message = message };
	struct order_member *one;

	if (!to) {
		order_tell(m, member, &event);
		return ORDER_OK;
	}
	one = order_member_find(m, to);
	if (!one)
		return ORDER_NO_MEMBER;
	m->order->hooks.event(m->order->hooks.arg, &one, 1, &event);
	return ORDER_OK;
}

void order_source_set(struct order_member *member, unsigned source,
    bool is_published)
{
	const struct order_event event = { .type = is_published ?
		    ORDER_PUBLISHED :
		    ORDER_UNPUBLISHED,
		.who = member->id,
		.source = source };

	if (member->has[source] == is_published)
		return;
	member->has[source] = is_published;
	order_tell(member->meeting, member, &event);
}
