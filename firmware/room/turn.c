/* turn.c - when it is ours to commit.
 *
 * It orders the members so that they seldom race; that a race does no harm is
 * the server's business.  Source: docs/protocol.md, "Life of a group", 3. */
#include "room/room_internal.h"

static uint64_t min_ms(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_ms(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Our place behind the one whose turn it is, among those who stay. */
static uint64_t rank_of(const struct room *room)
{
	uint64_t count = 0, own = 0;

	for (size_t i = 0; i < room->member_count; i++) {
		const struct room_member *m = &room->members[i];

		if (m->is_gone)
			continue;
		if (m->key.leaf == room->own_leaf)
			own = count;
		count++;
	}
	if (count == 0)
		return 0;
	return (own + count - room->epoch % count) % count;
}

/* Since when something is pending; UINT64_MAX: nothing. */
static uint64_t pending_ms(const struct room *room)
{
	uint64_t at_ms = UINT64_MAX;

	for (size_t i = 0; i < room->member_count; i++) {
		if (room->members[i].is_gone)
			at_ms = min_ms(at_ms, room->members[i].gone_ms);
	}
	for (size_t i = 0; i < room->add_count; i++)
		at_ms = min_ms(at_ms, room->adds[i].from_ms);
	if (room->has_proposals && !room->leaves_proposals)
		at_ms = min_ms(at_ms, room->proposals_ms);
	return at_ms;
}

uint64_t room_turn_ms(const struct room *room)
{
	const uint64_t rank = rank_of(room), pending = pending_ms(room);
	uint64_t at_ms;

	if (room->state != ROOM_IN || room->keys != KEYS_JOINED ||
	    room->own != OWN_NONE || room->needs_roster)
		return UINT64_MAX;
	at_ms = room->committed_ms + ROOM_ROTATE_MS +
	    rank * ROOM_ROTATE_RANK_MS;
	if (pending != UINT64_MAX)
		at_ms = min_ms(at_ms,
		    max_ms(pending, room->committed_ms) + rank * ROOM_RANK_MS);
	/* Nobody else knows of it: no waiting for turns. */
	if (room->wants_epoch)
		at_ms = min_ms(at_ms, room->wanted_ms + ROOM_RETRY_MS);
	if (room->wants_agreed)
		at_ms = min_ms(at_ms, room->agreed_ms + ROOM_AGREED_MS);
	return max_ms(at_ms, room->commit_hold_ms);
}
