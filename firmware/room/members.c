/* members.c - who is in the group, and who of them is there. */
#include <string.h>

#include "room/room_internal.h"

struct room_member *room_member_find(const struct room *room, uint32_t leaf)
{
	for (size_t i = 0; i < room->member_count; i++) {
		if (room->members[i].key.leaf == leaf)
			return &room->members[i];
	}
	return NULL;
}

struct room_member *room_member_of(const struct room *room,
    const struct room_peer_id *peer)
{
	for (size_t i = 0; i < room->member_count; i++) {
		struct room_member *m = &room->members[i];

		if (m->has_peer && room_peer_equal(&m->peer, peer))
			return m;
	}
	return NULL;
}

void room_members_clear(struct room *room)
{
	kk_free(room->members);
	room->members = NULL;
	room->member_count = 0;
	room->members_ms = UINT64_MAX;
	room->looks_at_slots = true;
	room_changed(room);
}

/* What is known of a leaf stays; leaves that a commit has emptied are gone from
 * the old list already, so a new member there is a new one. */
enum kk_err room_members_set(struct room *room, struct room_key_result *r)
{
	/* Of those whom we found there, participants may still come back. */
	const bool is_watched = room->state == ROOM_IN && room->member_count;
	size_t count = r->member_count;
	struct room_member *list;

	if (count > ROOM_MEMBERS_MAX)
		return KK_ELIMIT;
	list = kk_calloc(count, sizeof(*list));
	if (!list)
		return KK_ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct room_member *old = room_member_find(room,
		    r->members[i].leaf);

		if (old)
			list[i] = *old;
		else
			list[i].since_ms = room->now_ms;
		if (!old)
			list[i].is_new = is_watched;
		list[i].key = r->members[i];
	}
	kk_free(room->members);
	room->members = list;
	room->member_count = count;
	room->members_ms = 0;
	room->looks_at_slots = true;
	room_changed(room);
	return KK_OK;
}

void room_members_unheard(struct room *room)
{
	for (size_t i = 0; i < room->member_count; i++) {
		struct room_member *m = &room->members[i];

		m->has_peer = m->has_lost_group = m->is_gone = false;
		m->is_new = false;
		m->is_speaking = false;
		m->screen = 0;
		m->since_ms = room->now_ms;
	}
	room->members_ms = 0;
	room->looks_at_slots = true;
}

/* Is there a participant of whom we do not know which leaf it is? */
static bool has_unknown_peer(const struct room *room)
{
	for (size_t i = 0; i < room->peer_count; i++) {
		if (!room_member_of(room, &room->peers[i].id))
			return true;
	}
	return false;
}

/* Gives the time at which it is to be removed; UINT64_MAX: it is here. */
static uint64_t gone_ms(const struct room *room, const struct room_member *m)
{
	if (m->key.leaf == room->own_leaf)
		return UINT64_MAX;
	if (!m->has_peer && m->is_new && !has_unknown_peer(room))
		return room->now_ms; /* it went before it said a word */
	if (!m->has_peer)
		return m->since_ms + ROOM_UNHEARD_MS;
	if (m->has_lost_group || !room_peer_find(room, &m->peer))
		return room->now_ms;
	return UINT64_MAX;
}

void room_members_look(struct room *room)
{
	if (room->state != ROOM_IN || room->now_ms < room->members_ms)
		return;
	room->members_ms = UINT64_MAX;
	for (size_t i = 0; i < room->member_count; i++) {
		struct room_member *m = &room->members[i];
		const uint64_t at_ms = gone_ms(room, m);
		const bool is_gone = at_ms <= room->now_ms;

		if (is_gone && !m->is_gone) {
			m->gone_ms = at_ms;
			room_changed(room);
		}
		m->is_gone = is_gone;
		if (!is_gone && at_ms < room->members_ms)
			room->members_ms = at_ms;
	}
}

static void here_take(struct room *room, struct room_member *m,
    const struct room_peer_id *from, const struct room_letter *l)
{
	struct room_peer *p = room_peer_find(room, from);

	if (!room_peer_equal(&l->peer, from)) {
		room->dropped++; /* no member speaks for another */
		return;
	}
	m->has_peer = true;
	m->has_lost_group = false;
	m->peer = *from;
	for (size_t i = 0; i < room->add_count; i++) {
		if (room_peer_equal(&room->adds[i].peer, from)) {
			room_add_remove(room, i); /* somebody added it */
			break;
		}
	}
	/* It came after we had told who we are. */
	if (p && !p->has_heard)
		room_say_all(room);
	room->members_ms = 0;
}

/* It may be said again, for those who have just come. */
static void speaking_take(const struct room *room, struct room_member *m,
    bool is_speaking)
{
	if (is_speaking && !m->is_speaking)
		m->began_ms = room->now_ms;
	if (is_speaking || m->is_speaking)
		m->spoke_ms = room->now_ms;
	m->is_speaking = is_speaking;
}

void room_letter_take(struct room *room, uint32_t leaf,
    const struct room_peer_id *from, struct kk_view data)
{
	struct room_member *m = room_member_find(room, leaf);
	struct room_letter l;

	if (!m || leaf == room->own_leaf || room_letter_parse(&l, data)) {
		room->dropped++;
		return;
	}
	switch (l.type) {
	case ROOM_LETTER_HERE:
		here_take(room, m, from, &l);
		break;
	case ROOM_LETTER_MEDIA:
		m->has_microphone = l.has_microphone;
		m->has_camera = l.has_camera;
		if (!l.has_screen)
			m->screen = 0;
		else if (!m->screen)
			m->screen = ++room->screens;
		break;
	case ROOM_LETTER_SPEAKING:
		speaking_take(room, m, l.is_speaking);
		break;
	default:
		return; /* not for a box */
	}
	room->looks_at_slots = true;
	room_changed(room);
}
