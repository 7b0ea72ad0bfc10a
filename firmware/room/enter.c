/* enter.c - the link: connecting, saying hello, entering, being refused. */
#include <string.h>

#include "room/room_internal.h"

enum { BACKOFF_DOUBLINGS = 5 };

/* xorshift32, G. Marsaglia 2003: only to keep boxes from coming all at once. */
static uint32_t jitter_next(struct room *room)
{
	uint32_t x = room->jitter;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return room->jitter = x;
}

void room_connect_plan(struct room *room)
{
	unsigned doublings = room->attempts < BACKOFF_DOUBLINGS ?
	    room->attempts :
	    BACKOFF_DOUBLINGS;
	uint64_t ms = (uint64_t)ROOM_BACKOFF_MS << doublings;

	if (ms > ROOM_BACKOFF_MAX_MS)
		ms = ROOM_BACKOFF_MAX_MS;
	room->attempts++;
	room->connect_ms = room->now_ms + ms / 2 +
	    jitter_next(room) % (ms / 2 + 1);
}

/* What belonged to the link goes with it. */
static void link_clear(struct room *room)
{
	struct room_asked *none = room->asked;

	room->link_is_up = room->link_is_wanted = false;
	room->wants_group = false;
	memset(none, 0, sizeof(room->asked));
	room_media_lost(room);
	room_peers_clear(room);
	room_adds_clear(room);
	room_inbox_drop(room, room->is_head_op);
	if (room->own == OWN_SENT)
		room->own = OWN_UNKNOWN;
	room->says_here = room->says_media = room->says_speaking = false;
}

/* What was not sent yet never will be. */
static void sends_clear(struct room *room)
{
	size_t count = room->action_count;
	struct room_action a;

	while (count-- > 0 && room_action_take(room, &a)) {
		if (a.type == ROOM_DO_SEND)
			room_request_free(a.request);
		else
			room->actions[(room->action_first +
					  room->action_count++) %
			    ROOM_ACTIONS_MAX] = a;
	}
}

static void link_give_up(struct room *room)
{
	const bool was_there = room->link_is_up || room->link_is_wanted;

	sends_clear(room);
	link_clear(room);
	if (was_there)
		room_do(room, ROOM_DO_DISCONNECT);
}

void room_link_drop(struct room *room, const char *why)
{
	if (room->state == ROOM_OFF || room->state == ROOM_REFUSED)
		return;
	kk_log(room->config.log, KK_LOG_WARNING, "link is given up why=%s",
	    why);
	link_give_up(room);
	if (room_move(room, ROOM_CONNECTING))
		room_connect_plan(room);
}

void room_link_down(struct room *room, enum room_link_loss why, uint64_t now_ms)
{
	static const enum room_trouble troubles[] = {
		[ROOM_LINK_UNREACHABLE] = ROOM_UNREACHABLE,
		[ROOM_LINK_UNTRUSTED] = ROOM_UNTRUSTED,
		[ROOM_LINK_REFUSED] = ROOM_VERSION,
	};

	room->now_ms = now_ms;
	if (!room->link_is_up && !room->link_is_wanted)
		return;
	sends_clear(room);
	link_clear(room);
	if (why != ROOM_LINK_LOST)
		room_trouble_set(room, troubles[why]);
	if (room_move(room, ROOM_CONNECTING))
		room_connect_plan(room);
	room_work(room);
}

void room_refuse(struct room *room, enum room_trouble trouble)
{
	room_trouble_set(room, trouble);
	link_give_up(room);
	if (room_move(room, ROOM_REFUSED))
		room->refused_ms = room->now_ms + ROOM_REFUSED_MS;
}

static bool may_register(const struct room *room)
{
	return room->config.has_site_token &&
	    (room->config.is_creator || room->keys == KEYS_JOINED);
}

static void register_ask(struct room *room, enum room_step step)
{
	struct room_request *rq = room_ask(room, ROOM_ASK_REGISTER);

	room->step = step;
	if (!rq)
		return;
	rq->site_token = kk_view_of(room->config.site_token, ROOM_TOKEN_BYTES);
	rq->meeting = kk_view_of(room->config.id, ROOM_ID_BYTES);
	rq->token_hash = kk_view_of(room->config.token_hash, ROOM_TOKEN_BYTES);
	rq->is_reset = step == STEP_RESETTING;
}

static void enter_ask(struct room *room)
{
	struct room_request *rq = room_ask(room, ROOM_ASK_ENTER);

	room->step = STEP_ENTERING;
	if (!rq)
		return;
	rq->meeting = kk_view_of(room->config.id, ROOM_ID_BYTES);
	rq->token = kk_view_of(room->config.token, ROOM_TOKEN_BYTES);
	rq->has_epoch = room->keys == KEYS_JOINED;
	rq->epoch = room->epoch;
}

static void begin_ask(struct room *room)
{
	struct room_request *rq = room_ask(room, ROOM_ASK_BEGIN);

	room->step = STEP_BEGINNING;
	if (!rq)
		return;
	rq->has_epoch = true;
	rq->epoch = room->epoch;
}

static void answers_await(struct room *room)
{
	for (size_t i = 0; i < ROOM_ASKED_MAX; i++) {
		const struct room_asked *a = &room->asked[i];

		if (a->id && room->now_ms >= a->sent_ms + ROOM_ANSWER_MS) {
			room_link_drop(room, "no answer");
			return;
		}
	}
}

void room_enter_work(struct room *room)
{
	if (room->state == ROOM_REFUSED && room->now_ms >= room->refused_ms &&
	    !room->own_trouble && room_move(room, ROOM_CONNECTING))
		room->connect_ms = room->now_ms;
	if (room->state == ROOM_CONNECTING && room->connect_ms &&
	    room->now_ms >= room->connect_ms) {
		room->connect_ms = 0;
		room->link_is_wanted = true;
		room_do(room, ROOM_DO_CONNECT);
	}
	if (room->state == ROOM_ENTERING && room->step == STEP_READY &&
	    room_keys_are_idle(room))
		enter_ask(room);
	if (room->link_is_up)
		answers_await(room);
}

void room_joining_begin(struct room *room)
{
	if (!room_move(room, ROOM_JOINING))
		return;
	room->join_ms = room->package_ms = room->now_ms;
}

/* A meeting without members, or whose members let nobody in, is made anew by
 * who made it. */
void room_joining_work(struct room *room)
{
	const bool may = room->config.is_creator && may_register(room);
	const uint64_t waited_ms = room->now_ms - room->join_ms;

	if (room->state != ROOM_JOINING || room->step != STEP_ENTERED ||
	    room->wants_group || room->keys == KEYS_JOINED)
		return;
	if (may && !room->server_has_epoch)
		room->wants_group = true;
	else if (may &&
	    (waited_ms >= ROOM_RESET_MS ||
		(room->peer_count == 0 && waited_ms >= ROOM_ALONE_MS)))
		register_ask(room, STEP_RESETTING);
	else if (waited_ms >= ROOM_JOIN_MS)
		room_refuse(room, ROOM_NOT_ADMITTED);
}

void room_in_begin(struct room *room)
{
	if (!room_move(room, ROOM_IN))
		return;
	room_trouble_set(room, ROOM_TROUBLE_NONE);
	room->step = STEP_ENTERED;
	room->server_has_epoch = true;
	room->committed_ms = room->now_ms;
	room_say_all(room);
	room->needs_roster = room->needs_code = true;
	room_members_unheard(room);
	room_media_begin(room);
}

void room_group_ready(struct room *room)
{
	if (room->state != ROOM_JOINING || room->step == STEP_BEGINNING)
		return;
	if (room->wants_group)
		begin_ask(room);
	else
		room_in_begin(room);
	room->wants_group = false;
}

static void entered(struct room *room, struct room_signal *s)
{
	if (!s->has_peer) {
		room_link_drop(room, "no participant");
		return;
	}
	room->step = STEP_ENTERED;
	room->self = s->peer;
	room->attempts = 0;
	room->server_has_epoch = s->has_epoch;
	room_peers_set(room, s);
	room_trouble_set(room, ROOM_TROUBLE_NONE);
	if (room->keys == KEYS_JOINED &&
	    (s->is_behind || (s->has_epoch && s->epoch < room->epoch)))
		room_group_lost(room, "behind");
	if (room->keys != KEYS_JOINED || !s->has_epoch) {
		room_joining_begin(room);
		if (room->keys == KEYS_JOINED)
			begin_ask(room);
		return;
	}
	/* It was not accepted, or the epoch would be another. */
	if (room->own == OWN_UNKNOWN && s->epoch == room->epoch)
		room->own = OWN_STALE;
	room_in_begin(room);
}

static void enter_failed(struct room *room, const struct room_signal *s)
{
	switch (s->error) {
	case ROOM_ERROR_DENIED:
		room_refuse(room, ROOM_WRONG_SECRET);
		break;
	case ROOM_ERROR_FULL:
		room_refuse(room, ROOM_FULL);
		break;
	case ROOM_ERROR_UNKNOWN_MEETING:
		if (may_register(room) && !room->is_registered)
			register_ask(room, STEP_REGISTERING);
		else
			room_refuse(room, ROOM_UNKNOWN_MEETING);
		break;
	default:
		room_link_drop(room, room_error_name(s->error));
	}
}

static void hello_answer(struct room *room, struct room_signal *s)
{
	room->allows_levels = s->type == ROOM_ANSWER && s->allows_levels;
	if (s->type == ROOM_ANSWER && room->step == STEP_HELLO)
		room->step = STEP_READY;
	else if (s->error == ROOM_ERROR_VERSION)
		room_refuse(room, ROOM_VERSION);
	else
		room_link_drop(room, room_error_name(s->error));
}

static void register_answer(struct room *room, struct room_signal *s)
{
	if (s->type == ROOM_ANSWER_ERROR) {
		if (s->error == ROOM_ERROR_DENIED)
			room_refuse(room, ROOM_DENIED);
		else
			room_link_drop(room, room_error_name(s->error));
	} else if (room->step == STEP_REGISTERING) {
		room->is_registered = true;
		room->step = STEP_READY;
	} else if (room->step == STEP_RESETTING) {
		room->step = STEP_ENTERED;
		room->server_has_epoch = false;
		room->join_ms = room->now_ms;
	}
}

static void enter_answer(struct room *room, struct room_signal *s)
{
	if (s->type == ROOM_ANSWER)
		entered(room, s);
	else
		enter_failed(room, s);
}

static void begin_answer(struct room *room, struct room_signal *s)
{
	if (s->type == ROOM_ANSWER && room->keys == KEYS_JOINED)
		room_in_begin(room);
	else if (s->type == ROOM_ANSWER)
		room->step = STEP_ENTERED; /* the group was lost meanwhile */
	else
		room_link_drop(room, room_error_name(s->error));
}

/* Who we are and who is who has to arrive; the rest is said again anyway. */
static void message_answer(struct room *room, struct room_signal *s,
    const struct room_asked *asked)
{
	if (s->type == ROOM_ANSWER || !asked->is_letter)
		return;
	room_say_all(room);
	room->says_ms = room->now_ms + ROOM_RETRY_MS;
}

void room_answer(struct room *room, struct room_signal *s)
{
	struct room_asked *place = room_asked_find(room, s->id);
	struct room_asked asked;

	if (s->id == 0 || !place) {
		/* An error without an id: it could not read us. */
		room->dropped++;
		if (s->type == ROOM_ANSWER_ERROR)
			room_link_drop(room, room_error_name(s->error));
		return;
	}
	asked = *place;
	place->id = 0;
	switch (asked.type) {
	case ROOM_ASK_HELLO:
		hello_answer(room, s);
		break;
	case ROOM_ASK_REGISTER:
		register_answer(room, s);
		break;
	case ROOM_ASK_ENTER:
		enter_answer(room, s);
		break;
	case ROOM_ASK_BEGIN:
		begin_answer(room, s);
		break;
	case ROOM_ASK_COMMIT:
		room_commit_answer(room, s);
		break;
	case ROOM_ASK_MESSAGE:
		message_answer(room, s, &asked);
		break;
	case ROOM_ASK_LEAVE:
		break;
	default:
		room_media_answer(room, &asked, s);
	}
}
