/* slots.c - who is in which slot.
 *
 * Who is in one stays there.  With more sources than slots those who speak come
 * in, in place of who has been silent longest; a shared screen always comes. */
#include "room/room_internal.h"

struct wish { /* a source that could be shown */
	const struct room_member *member;
	enum room_source source;
};

/* What is more worth a slot; the higher the more. */
static uint64_t weight(const struct wish *w)
{
	if (w->source == ROOM_SCREEN)
		return UINT64_MAX;
	return w->member->is_speaking ? UINT64_MAX - 1 : w->member->spoke_ms;
}

static bool is_shown_as(const struct room_shown *s, const struct wish *w)
{
	return s->is_used && s->source == w->source &&
	    room_peer_equal(&s->peer, &w->member->peer);
}

/* Is there such a source, of a member that is here? */
static bool wish_find(const struct room *room, const struct room_shown *s,
    struct wish *w)
{
	const struct room_peer *p = room_peer_find(room, &s->peer);

	w->member = room_member_of(room, &s->peer);
	w->source = s->source;
	return p && p->has[s->source] && w->member && !w->member->is_gone;
}

bool room_shown_equal(const struct room_shown *a, const struct room_shown *b)
{
	if (!a->is_used || !b->is_used)
		return a->is_used == b->is_used;
	return a->source == b->source && room_peer_equal(&a->peer, &b->peer);
}

static bool slot_takes(const struct room *room, size_t slot,
    enum room_source source)
{
	return room->slots[slot].is_audio == room_source_is_audio(source);
}

static bool wish_is_shown(const struct room *room,
    const struct room_shown *shown, const struct wish *w)
{
	for (size_t i = 0; i < room->slot_count; i++) {
		if (is_shown_as(&shown[i], w))
			return true;
	}
	return false;
}

/* A free slot, or the one of least weight where that is below the wish's. */
static struct room_shown *place_find(const struct room *room,
    struct room_shown *shown, const struct wish *w)
{
	const bool comes_anyway = weight(w) >= UINT64_MAX - 1;
	uint64_t least = weight(w);
	struct room_shown *place = NULL;

	for (size_t i = 0; i < room->slot_count; i++) {
		struct wish there;

		if (!slot_takes(room, i, w->source))
			continue;
		if (!shown[i].is_used)
			return &shown[i];
		/* Only who speaks, or a screen, puts somebody else out. */
		if (!comes_anyway || !wish_find(room, &shown[i], &there) ||
		    weight(&there) >= least)
			continue;
		least = weight(&there);
		place = &shown[i];
	}
	return place;
}

static void wish_place(const struct room *room, struct room_shown *shown,
    const struct wish *w)
{
	struct room_shown *place;

	if (wish_is_shown(room, shown, w))
		return;
	place = place_find(room, shown, w);
	if (!place)
		return;
	*place = (struct room_shown){ .is_used = true,
		.peer = w->member->peer,
		.source = w->source };
}

static void source_place(const struct room *room, struct room_shown *shown,
    enum room_source source, bool is_speaking)
{
	for (size_t i = 0; i < room->member_count; i++) {
		const struct room_member *m = &room->members[i];
		const struct wish w = { m, source };
		const struct room_peer *p;

		if (!m->has_peer || m->is_gone || m->is_speaking != is_speaking)
			continue;
		p = room_peer_find(room, &m->peer);
		if (p && p->has[source])
			wish_place(room, shown, &w);
	}
}

void room_slots_assign(const struct room *room, struct room_shown *shown)
{
	static const enum room_source order[] = { ROOM_SCREEN, ROOM_MICROPHONE,
		ROOM_CAMERA };

	for (size_t i = 0; i < room->slot_count; i++) {
		struct wish w;

		if (shown[i].is_used && !wish_find(room, &shown[i], &w))
			shown[i].is_used = false;
	}
	for (size_t i = 0; i < KK_ARRAY_LEN(order); i++) {
		source_place(room, shown, order[i], true);
		source_place(room, shown, order[i], false);
	}
}
