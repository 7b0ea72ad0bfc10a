/*
 * slots.c - who is in which slot.
 *
 * Who is in one stays there, for another picture in it costs a key frame, and
 * another voice its first syllable.  Where there are more sources than slots,
 * the lowest rank goes out for a higher one, and in a rank who was silent
 * longest.  Who has just spoken keeps the rank for a while: a pause between two
 * sentences costs nobody a slot.
 *
 * Source: docs/protocol.md, "Who is seen and heard".
 */
#include "room/room_internal.h"

enum rank { RANK_MUTED, RANK_SILENT, RANK_SPEAKS, RANK_SCREEN };

struct wish { /* a source that could be shown */
	const struct room_member *member;
	enum room_source source;
	enum rank rank;
};

static bool speaks(const struct room_member *m)
{
	return m->is_speaking && m->has_microphone;
}

static uint64_t held_ms(const struct room_member *m)
{
	return m->spoke_ms ? m->spoke_ms + ROOM_HOLD_MS : 0;
}

static enum rank rank_of(const struct room *room, const struct room_member *m,
    enum room_source source, bool is_in)
{
	if (source == ROOM_SCREEN)
		return RANK_SCREEN;
	if (speaks(m) || (is_in && room->now_ms < held_ms(m)))
		return RANK_SPEAKS;
	return source == ROOM_MICROPHONE && !m->has_microphone ? RANK_MUTED :
								 RANK_SILENT;
}

/* Is it more worth a slot? */
static bool is_before(const struct wish *a, const struct wish *b)
{
	if (a->rank != b->rank)
		return a->rank > b->rank;
	if (a->rank == RANK_SCREEN)
		return a->member->screen > b->member->screen;
	if (a->rank == RANK_SPEAKS) /* and waits */
		return a->member->began_ms < b->member->began_ms;
	return a->member->spoke_ms > b->member->spoke_ms;
}

/* Does it say that it sends this?  The server's word alone is none. */
static bool is_on(const struct room_member *m, enum room_source source)
{
	return source == ROOM_MICROPHONE ||
	    (source == ROOM_CAMERA ? m->has_camera : m->screen > 0);
}

/* Is there such a source, of a member that is here? */
static bool is_there(const struct room *room, const struct room_member *m,
    enum room_source source)
{
	const struct room_peer *p;

	if (!m->has_peer || m->is_gone || !is_on(m, source))
		return false;
	p = room_peer_find(room, &m->peer);
	return p && p->has[source];
}

/* What a slot shows; false: nothing that is there still. */
static bool wish_of(const struct room *room, const struct room_shown *s,
    struct wish *w)
{
	const struct room_member *m = s->is_used ?
	    room_member_of(room, &s->peer) :
	    NULL;

	if (!m || !is_there(room, m, s->source))
		return false;
	*w = (struct wish){ m, s->source, rank_of(room, m, s->source, true) };
	return true;
}

bool room_shown_equal(const struct room_shown *a, const struct room_shown *b)
{
	if (!a->is_used || !b->is_used)
		return a->is_used == b->is_used;
	return a->source == b->source && room_peer_equal(&a->peer, &b->peer);
}

static bool is_shown(const struct room *room, const struct room_shown *shown,
    const struct room_member *m, enum room_source source)
{
	const struct room_shown wanted = { .is_used = true,
		.peer = m->peer,
		.source = source };

	for (size_t i = 0; i < room->slot_count; i++) {
		if (shown[i].is_used && room_shown_equal(&shown[i], &wanted))
			return true;
	}
	return false;
}

/* The best of those that are in no slot. */
static bool wish_find(const struct room *room, const struct room_shown *shown,
    enum room_source source, struct wish *best)
{
	bool has_one = best->member != NULL;

	for (size_t i = 0; i < room->member_count; i++) {
		const struct room_member *m = &room->members[i];
		const struct wish w = { m, source,
			rank_of(room, m, source, false) };

		if (has_one && !is_before(&w, best))
			continue;
		if (!is_there(room, m, source) ||
		    is_shown(room, shown, m, source))
			continue;
		*best = w;
		has_one = true;
	}
	return has_one;
}

/* Of an occupant: is it less worth its slot? */
static bool is_below(const struct wish *a, const struct wish *b)
{
	return a->rank != b->rank ? a->rank < b->rank :
				    a->member->spoke_ms < b->member->spoke_ms;
}

/* A free slot, or that of the one that has to go for this; NULL: none. */
static struct room_shown *place_find(const struct room *room,
    struct room_shown *shown, const struct wish *w)
{
	const bool is_audio = room_source_is_audio(w->source);
	struct room_shown *place = NULL;
	struct wish least = { .rank = w->rank };

	for (size_t i = 0; i < room->slot_count; i++) {
		struct wish there;

		if (room->slots[i].is_audio != is_audio)
			continue;
		if (!wish_of(room, &shown[i], &there))
			return &shown[i];
		if (there.rank >= w->rank ||
		    (place && !is_below(&there, &least)))
			continue;
		least = there;
		place = &shown[i];
	}
	return place;
}

static bool best_place(const struct room *room, struct room_shown *shown,
    bool is_audio)
{
	struct wish best = { 0 };
	struct room_shown *place;

	if (!is_audio)
		(void)wish_find(room, shown, ROOM_SCREEN, &best);
	if (!wish_find(room, shown, is_audio ? ROOM_MICROPHONE : ROOM_CAMERA,
		&best))
		return false;
	place = place_find(room, shown, &best);
	if (!place)
		return false;
	*place = (struct room_shown){ .is_used = true,
		.peer = best.member->peer,
		.source = best.source };
	return true;
}

/* Where the server may know how loud members are, and there are more of them
 * than can be heard. */
static bool hears_loudest(const struct room *room)
{
	size_t microphones = 0, ears = 0;

	if (!room->allows_levels)
		return false;
	for (size_t i = 0; i < room->slot_count; i++)
		ears += room->slots[i].is_audio;
	for (size_t i = 0; i < room->member_count; i++)
		microphones += is_there(room, &room->members[i],
		    ROOM_MICROPHONE);
	return ears > 0 && microphones > ears;
}

/* Who is in it does not change by our word. */
static void loudest_keep(const struct room *room, struct room_shown *s)
{
	s->is_loudest = true;
	if (s->is_used && !room_peer_find(room, &s->peer))
		s->is_used = false;
}

void room_slots_assign(const struct room *room, struct room_shown *shown)
{
	const bool is_loudest = hears_loudest(room);

	for (size_t i = 0; i < room->slot_count; i++) {
		struct wish w;

		if (is_loudest && room->slots[i].is_audio)
			loudest_keep(room, &shown[i]);
		else if (!wish_of(room, &shown[i], &w))
			shown[i] = (struct room_shown){ .is_used = false };
		else
			shown[i].is_loudest = false;
	}
	/* Each one that is placed raises a slot's rank: that ends. */
	while (!is_loudest && best_place(room, shown, true))
		;
	while (best_place(room, shown, false))
		;
}

/* Somebody speaks and is in no slot. */
static bool is_waiting(const struct room *room, const struct room_shown *shown,
    bool is_audio)
{
	const enum room_source source = is_audio ? ROOM_MICROPHONE :
						   ROOM_CAMERA;
	struct wish best = { 0 };

	return wish_find(room, shown, source, &best) &&
	    best.rank == RANK_SPEAKS;
}

uint64_t room_slots_due(const struct room *room, const struct room_shown *shown)
{
	const bool waits[2] = { is_waiting(room, shown, false),
		is_waiting(room, shown, true) };
	uint64_t at_ms = UINT64_MAX;

	for (size_t i = 0; i < room->slot_count; i++) {
		struct wish w;
		uint64_t ms;

		if (!waits[room->slots[i].is_audio] || shown[i].is_loudest ||
		    !wish_of(room, &shown[i], &w) || speaks(w.member))
			continue;
		ms = held_ms(w.member);
		if (ms > room->now_ms && ms < at_ms)
			at_ms = ms;
	}
	return at_ms;
}
