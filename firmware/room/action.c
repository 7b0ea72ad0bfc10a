/* action.c - what is to be done, and what the server was asked. */
#include <string.h>

#include "room/room_internal.h"

static struct room_action *action_add(struct room *room)
{
	size_t at = (room->action_first + room->action_count) %
	    ROOM_ACTIONS_MAX;

	if (room->action_count == ROOM_ACTIONS_MAX) {
		room->is_choked = true;
		return NULL;
	}
	room->action_count++;
	return &room->actions[at];
}

void room_do(struct room *room, enum room_action_type type)
{
	struct room_action *a = action_add(room);

	if (a)
		*a = (struct room_action){ .type = type, .call = &room->call };
}

static struct room_asked *asked_new(struct room *room)
{
	struct room_asked *a = room_asked_find(room, 0);

	if (a)
		*a = (struct room_asked){ .id = ++room->last_id,
			.sent_ms = room->now_ms };
	return a;
}

struct room_request *room_ask(struct room *room, enum room_request_type type)
{
	struct room_request *rq = kk_calloc(1, sizeof(*rq));
	struct room_asked *asked = rq ? asked_new(room) : NULL;
	struct room_action *a = asked ? action_add(room) : NULL;

	if (!a) {
		room->is_choked = true;
		if (asked)
			asked->id = 0;
		kk_free(rq);
		return NULL;
	}
	asked->type = type;
	rq->type = type;
	rq->id = asked->id;
	*a = (struct room_action){ .type = ROOM_DO_SEND, .request = rq };
	return rq;
}

struct room_asked *room_asked_find(struct room *room, uint64_t id)
{
	for (size_t i = 0; i < ROOM_ASKED_MAX; i++) {
		if (room->asked[i].id == id)
			return &room->asked[i];
	}
	return NULL;
}

bool room_action_take(struct room *room, struct room_action *action)
{
	if (room->action_count == 0)
		return false;
	*action = room->actions[room->action_first];
	room->actions[room->action_first] = (struct room_action){ 0 };
	room->action_first = (room->action_first + 1) % ROOM_ACTIONS_MAX;
	room->action_count--;
	return true;
}

void room_actions_clear(struct room *room)
{
	struct room_action a;

	while (room_action_take(room, &a))
		room_request_free(a.request);
}
