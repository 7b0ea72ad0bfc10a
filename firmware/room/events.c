/* events.c - what the server says unasked. */
#include "room/room_internal.h"

static void joined(struct room *room, struct room_signal *s)
{
	const bool was_alone = room->peer_count == 0;

	if (room_peer_add(room, &s->peer)) {
		room->dropped++;
		return;
	}
	/* Now there is somebody who may let us in. */
	if (room->state == ROOM_JOINING && was_alone)
		room->package_ms = room->now_ms;
}

static void published(struct room *room, struct room_signal *s)
{
	struct room_peer *p = room_peer_find(room, &s->peer);

	if (!p) {
		room->dropped++;
		return;
	}
	p->has[s->source] = s->type == ROOM_PUBLISHED;
	room->looks_at_slots = true;
}

/* Our own resetting is told to us too. */
static void reset(struct room *room)
{
	if (room->state == ROOM_ENTERING || room->step == STEP_RESETTING ||
	    room->step == STEP_BEGINNING || room->wants_group)
		return;
	room->server_has_epoch = false;
	if (room->keys == KEYS_JOINED)
		room_group_lost(room, "reset");
}

static void closed(struct room *room, struct room_signal *s)
{
	if (!s->is_unregistered)
		return; /* the link will end */
	/* Somebody who may has ended this meeting: it stays so. */
	room->config.is_creator = false;
	room_group_lost(room, "unregistered");
	room_refuse(room, ROOM_UNKNOWN_MEETING);
}

void room_event(struct room *room, struct room_signal *s)
{
	switch (s->type) {
	case ROOM_JOINED:
		joined(room, s);
		break;
	case ROOM_LEFT:
		room_peer_remove(room, &s->peer);
		break;
	case ROOM_PUBLISHED:
	case ROOM_UNPUBLISHED:
		published(room, s);
		break;
	case ROOM_COMMIT:
	case ROOM_WELCOME:
	case ROOM_MESSAGE:
		room_inbox_add(room, s);
		break;
	case ROOM_TRANSPORT:
		room_media_event(room, s);
		break;
	case ROOM_LOUDEST:
		room_media_heard(room, s);
		break;
	case ROOM_WANTED:
		room_media_wanted(room, s);
		break;
	case ROOM_RESET:
		reset(room);
		break;
	case ROOM_CLOSED:
		closed(room, s);
		break;
	default:
		room->dropped++;
	}
}
