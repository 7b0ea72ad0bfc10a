/* room.c - a room's life and its inputs. */
#include <string.h>

#include "room/room_internal.h"

static bool ssrcs_differ(const struct room_config *c)
{
	uint32_t all[1 + 2 * ROOM_ENCODINGS_MAX] = { c->microphone_ssrc };

	memcpy(all + 1, c->camera_ssrcs, sizeof(c->camera_ssrcs));
	memcpy(all + 1 + ROOM_ENCODINGS_MAX, c->camera_rtx_ssrcs,
	    sizeof(c->camera_rtx_ssrcs));
	for (size_t i = 0; i < KK_ARRAY_LEN(all); i++) {
		if (i > ROOM_ENCODINGS_MAX && all[i] == 0)
			continue; /* no RTX */
		for (size_t j = 0; j < i; j++) {
			if (all[i] == all[j])
				return false;
		}
	}
	return true;
}

enum kk_err room_new(struct room **roomp, const struct room_config *config)
{
	struct room *room;

	if (!ssrcs_differ(config))
		return KK_EINVAL;
	room = kk_calloc(1, sizeof(*room));
	if (!room)
		return KK_ENOMEM;
	room->inbox = kk_calloc(ROOM_INBOX_MAX, sizeof(*room->inbox));
	if (!room->inbox) {
		kk_free(room);
		return KK_ENOMEM;
	}
	room->config = *config;
	room->jitter = config->seed | 1; /* xorshift never leaves 0 */
	room->members_ms = UINT64_MAX;
	room->slots_ms = UINT64_MAX;
	*roomp = room;
	return KK_OK;
}

void room_free(struct room *room)
{
	if (!room)
		return;
	room_actions_clear(room);
	room_group_clear(room);
	room_peers_clear(room);
	kk_bytes_clear(&room->agreed_text);
	kk_free(room->inbox);
	kk_free_wiped(room, sizeof(*room));
}

void room_work(struct room *room)
{
	if (room->state == ROOM_OFF)
		return;
	room_members_look(room);
	room_group_work(room);
	room_enter_work(room);
	room_joining_work(room);
	room_group_work(room); /* entering may have given it something */
	room_media_work(room);
	if (room->is_choked)
		room_link_drop(room, "too much at once");
	room->is_choked = false;
}

void room_start(struct room *room, uint64_t now_ms)
{
	room->now_ms = now_ms;
	if (!room_move(room, ROOM_CONNECTING))
		return;
	room->connect_ms = now_ms;
	/* Above those of a room before, also one of an earlier run. */
	room->generation = now_ms;
	room_work(room);
}

void room_tick(struct room *room, uint64_t now_ms)
{
	room->now_ms = now_ms;
	room_work(room);
}

void room_leave(struct room *room, uint64_t now_ms)
{
	room->now_ms = now_ms;
	room_trouble_set(room, ROOM_TROUBLE_NONE);
	if (room->state == ROOM_OFF || !room_move(room, ROOM_OFF))
		return;
	if (room->link_is_up)
		(void)room_ask(room, ROOM_ASK_LEAVE);
	if (room->link_is_up || room->link_is_wanted)
		room_do(room, ROOM_DO_DISCONNECT);
	room->link_is_up = room->link_is_wanted = false;
	room_media_lost(room);
	room_group_clear(room);
	room_peers_clear(room);
}

void room_link_up(struct room *room, uint64_t now_ms)
{
	room->now_ms = now_ms;
	if (!room->link_is_wanted || !room_move(room, ROOM_ENTERING))
		return;
	room->link_is_wanted = false;
	room->link_is_up = true;
	room->is_registered = false;
	room->links++;
	room->step = STEP_HELLO;
	(void)room_ask(room, ROOM_ASK_HELLO);
	room_work(room);
}

void room_signal(struct room *room, struct room_signal *s, uint64_t now_ms)
{
	room->now_ms = now_ms;
	if (!room->link_is_up || !room_may_come(room, s->type)) {
		room->dropped++;
		return;
	}
	if (s->type == ROOM_ANSWER || s->type == ROOM_ANSWER_ERROR)
		room_answer(room, s);
	else
		room_event(room, s);
	room_work(room);
}

void room_signal_bad(struct room *room, enum kk_err err, uint64_t now_ms)
{
	room->now_ms = now_ms;
	room->dropped++;
	if (room->link_is_up)
		room_link_drop(room, kk_err_name(err));
	room_work(room);
}

/* Whether its last call was done is told by the roster. */
void room_key_refuse(struct room *room, enum kk_err why, uint64_t now_ms)
{
	room->now_ms = now_ms;
	room->own_trouble = room_trouble_of(why);
	room_refuse(room, room->own_trouble);
	room_work(room);
}

void room_key_up(struct room *room, uint64_t now_ms)
{
	room->now_ms = now_ms;
	room->key_is_up = true;
	room->op_hold_ms = 0;
	if (room->own_trouble && room->state == ROOM_REFUSED)
		room->refused_ms = now_ms;
	room->own_trouble = ROOM_TROUBLE_NONE;
	if (room->keys == KEYS_JOINED)
		room->needs_roster = true;
	else if (room->keys != KEYS_BROKEN)
		room->keys = room->config.has_token ? KEYS_UNKNOWN : KEYS_NONE;
	/* It was started again: the media have nothing to seal with. */
	room->wants_epoch = room->keys == KEYS_JOINED;
	room_work(room);
}

void room_key_down(struct room *room, uint64_t now_ms)
{
	room->now_ms = now_ms;
	room->key_is_up = false;
	if (room->op == ROOM_KEY_PROTECT)
		room_say_all(room);
	kk_bytes_clear(&room->letter);
	room->op = ROOM_KEY_NONE;
	room->op_again_ms = 0;
	room->is_head_op = room->is_void_op = false;
	room_work(room);
}

uint64_t room_version(const struct room *room)
{
	return room->version;
}

const uint8_t *room_token(const struct room *room)
{
	return room->config.token;
}

const uint8_t *room_token_hash(const struct room *room)
{
	return room->config.token_hash;
}

uint64_t room_dropped(const struct room *room)
{
	return room->dropped;
}

void room_key_result_clear(struct room_key_result *r)
{
	kk_bytes_clear(&r->message);
	kk_bytes_clear(&r->welcome);
	kk_bytes_clear(&r->agreed);
	kk_free(r->removed);
	kk_free(r->members);
	kk_wipe(r, sizeof(*r));
}
