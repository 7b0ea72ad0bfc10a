/* look.c - what is to be seen of a room, and when it has to be woken. */
#include <string.h>

#include "room/name.h"
#include "room/room_internal.h"

static size_t others_count(const struct room *room)
{
	size_t count = 0;

	for (size_t i = 0; i < room->member_count; i++) {
		const struct room_member *m = &room->members[i];

		count += !m->is_gone && m->key.leaf != room->own_leaf &&
		    !room_name_is_lines(m->key.name);
	}
	return count;
}

void room_look(const struct room *room, struct room_view *v)
{
	const bool has_transport = room->state == ROOM_IN &&
	    room->media >= MEDIA_READY;

	*v = (struct room_view){ .state = room->state,
		.trouble = room->trouble,
		.generation = room->generation,
		.restarts = room->restarts,
		.has_epoch = room->keys == KEYS_JOINED &&
		    room->state == ROOM_IN,
		.epoch = room->epoch,
		.code = room->code[0] ? room->code : NULL,
		.transport = has_transport ? &room->transport : NULL,
		.microphone_ssrc = room->config.microphone_ssrc,
		.tells_level = room->allows_levels,
		.camera_ssrcs = room->config.is_sound_only ?
		    NULL :
		    room->config.camera_ssrcs,
		.camera_rtx_ssrcs = room->config.camera_rtx_ssrcs,
		.camera_wanted = room->wanted,
		.slot_count = has_transport ? room->slot_count : 0,
		.person_count = room->member_count,
		.own_leaf = room->own_leaf,
		.others = others_count(room) };
	if (v->has_epoch)
		v->agreed = &room->agreed;
	for (size_t i = 0; i < v->slot_count; i++) {
		const struct room_shown *s = &room->shown[i];
		const struct room_member *m = s->is_used ?
		    room_member_of(room, &s->peer) :
		    NULL;

		v->slots[i] = (struct room_slot_view){ .slot = &room->slots[i],
			.has_leaf = m != NULL,
			.leaf = m ? m->key.leaf : 0,
			.source = s->source };
	}
}

void room_person(const struct room *room, size_t index,
    struct room_person *person)
{
	const struct room_member *m = &room->members[index];
	const bool is_self = m->key.leaf == room->own_leaf;
	const struct room_shown wanted = { .is_used = true,
		.peer = m->peer,
		.source = ROOM_SCREEN };
	uint64_t screen = 0;

	for (size_t i = 0; i < room->slot_count && m->has_peer; i++) {
		if (room->shown[i].is_used &&
		    room_shown_equal(&room->shown[i], &wanted))
			screen = m->screen;
	}
	*person = (struct room_person){ .leaf = m->key.leaf,
		.name = m->key.name,
		.is_verified = m->key.is_verified,
		.is_self = is_self,
		.is_host = conference_is_host(&room->agreed, m->key.leaf),
		.has_microphone = is_self ? room->has_microphone :
					    m->has_microphone,
		.has_camera = is_self ? room->has_camera : m->has_camera,
		.is_speaking = is_self ? room->is_speaking : m->is_speaking,
		.screen = screen };
}

static void sooner(uint64_t *at_ms, bool counts, uint64_t than_ms)
{
	if (counts && than_ms < *at_ms)
		*at_ms = than_ms;
}

static uint64_t answers_ms(const struct room *room)
{
	uint64_t at_ms = UINT64_MAX;

	for (size_t i = 0; room->link_is_up && i < ROOM_ASKED_MAX; i++) {
		const struct room_asked *a = &room->asked[i];

		sooner(&at_ms, a->id != 0, a->sent_ms + ROOM_ANSWER_MS);
	}
	return at_ms;
}

static uint64_t joining_ms(const struct room *room)
{
	const bool waits = room->state == ROOM_JOINING &&
	    room->step == STEP_ENTERED && !room->wants_group &&
	    room->keys != KEYS_JOINED;
	const bool may = room->config.is_creator && room->config.has_site_token;
	uint64_t at_ms = UINT64_MAX;

	sooner(&at_ms, waits, room->join_ms + ROOM_JOIN_MS);
	sooner(&at_ms, waits && may, room->join_ms + ROOM_RESET_MS);
	sooner(&at_ms, waits && may && room->peer_count == 0,
	    room->join_ms + ROOM_ALONE_MS);
	return at_ms;
}

/* Of what waits for keyd to be free. */
static uint64_t keys_ms(const struct room *room)
{
	const bool says = room->says_here || room->says_media ||
	    room->says_speaking;
	uint64_t at_ms = UINT64_MAX;

	if (!room->key_is_up)
		return at_ms;
	if (room->op != ROOM_KEY_NONE)
		return room->op_again_ms ? room->op_again_ms : at_ms;
	if (room->op_hold_ms > room->now_ms)
		return room->op_hold_ms;
	sooner(&at_ms,
	    room->state == ROOM_JOINING && room->step == STEP_ENTERED &&
		room->keys == KEYS_WAITING && room->peer_count > 0,
	    room->package_ms);
	if (room->state == ROOM_IN && room->keys == KEYS_JOINED &&
	    room->own != OWN_SENT) {
		sooner(&at_ms, says, room->says_ms);
		sooner(&at_ms, true, room_turn_ms(room));
	}
	return at_ms;
}

uint64_t room_deadline(const struct room *room)
{
	uint64_t at_ms = UINT64_MAX;

	if (room->state == ROOM_OFF)
		return at_ms;
	sooner(&at_ms, room->state == ROOM_CONNECTING && room->connect_ms,
	    room->connect_ms);
	sooner(&at_ms, room->state == ROOM_REFUSED && !room->own_trouble,
	    room->refused_ms);
	sooner(&at_ms, room->state == ROOM_IN, room->members_ms);
	sooner(&at_ms,
	    (room->state == ROOM_IN || room->state == ROOM_JOINING) &&
		room->media == MEDIA_NONE && room->media_ms,
	    room->media_ms);
	sooner(&at_ms, room->state == ROOM_IN && room->media >= MEDIA_READY,
	    room->slots_ms);
	sooner(&at_ms, true, answers_ms(room));
	sooner(&at_ms, true, joining_ms(room));
	sooner(&at_ms, true, keys_ms(room));
	return at_ms;
}
