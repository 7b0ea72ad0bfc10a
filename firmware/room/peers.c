/* peers.c - who is at the server. */
#include <string.h>

#include "room/room_internal.h"

struct room_peer *room_peer_find(const struct room *room,
    const struct room_peer_id *id)
{
	for (size_t i = 0; i < room->peer_count; i++) {
		if (room_peer_equal(&room->peers[i].id, id))
			return &room->peers[i];
	}
	return NULL;
}

static void changed(struct room *room)
{
	room->looks_at_slots = true;
	room->members_ms = 0;
}

void room_peers_clear(struct room *room)
{
	kk_free(room->peers);
	room->peers = NULL;
	room->peer_count = 0;
	changed(room);
}

/* A list that names somebody twice, or ourselves, is taken as it is: it only
 * costs the server's own slots. */
void room_peers_set(struct room *room, struct room_signal *s)
{
	room_peers_clear(room);
	room->peers = s->peers;
	room->peer_count = s->peer_count;
	s->peers = NULL;
	s->peer_count = 0;
}

enum kk_err room_peer_add(struct room *room, const struct room_peer_id *id)
{
	struct room_peer *grown;

	if (room_peer_find(room, id) || room_peer_equal(id, &room->self))
		return KK_EEXIST;
	if (room->peer_count == ROOM_PEERS_MAX)
		return KK_ELIMIT;
	grown = kk_regrow(room->peers, room->peer_count, room->peer_count + 1,
	    sizeof(*grown));
	if (!grown)
		return KK_ENOMEM;
	room->peers = grown;
	grown[room->peer_count++].id = *id;
	changed(room);
	return KK_OK;
}

void room_peer_remove(struct room *room, const struct room_peer_id *id)
{
	struct room_peer *p = room_peer_find(room, id);

	if (!p) {
		room->dropped++;
		return;
	}
	*p = room->peers[--room->peer_count];
	for (size_t i = 0; i < room->add_count; i++) {
		if (room_peer_equal(&room->adds[i].peer, id)) {
			room_add_remove(room, i);
			break;
		}
	}
	changed(room);
}
