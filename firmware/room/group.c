/* group.c - what goes through keyd: one call after another, and what the server
 * says in its order. */
#include <string.h>

#include "room/room_internal.h"

enum { KIND_AT = 1, KIND_PACKAGE = 1, KIND_HANDSHAKE = 4, KIND_LETTER = 5 };

/*
 * The inbox.
 */
struct room_mail *room_inbox_head(struct room *room)
{
	return room->inbox_count ? &room->inbox[room->inbox_first] : NULL;
}

void room_inbox_pop(struct room *room)
{
	struct room_mail *mail = room_inbox_head(room);

	if (!mail)
		return;
	room->inbox_bytes -= mail->message.bytes;
	kk_bytes_clear(&mail->message);
	room->inbox_first = (room->inbox_first + 1) % ROOM_INBOX_MAX;
	room->inbox_count--;
}

static struct room_mail *mail_at(struct room *room, size_t i)
{
	return &room->inbox[(room->inbox_first + i) % ROOM_INBOX_MAX];
}

void room_inbox_drop(struct room *room, bool keeps_head)
{
	const size_t kept = keeps_head && room->inbox_count ? 1 : 0;

	while (room->inbox_count > kept) {
		struct room_mail *mail = mail_at(room, room->inbox_count - 1);

		room->inbox_bytes -= mail->message.bytes;
		kk_bytes_clear(&mail->message);
		room->inbox_count--;
	}
}

void room_inbox_add(struct room *room, struct room_signal *s)
{
	struct room_mail *mail = mail_at(room, room->inbox_count);

	if (room->inbox_count == ROOM_INBOX_MAX ||
	    room->inbox_bytes + s->message.bytes > ROOM_INBOX_MAX_BYTES) {
		room->is_choked = true;
		return;
	}
	*mail = (struct room_mail){ .type = s->type,
		.epoch = s->epoch,
		.from = s->peer,
		.message = kk_bytes_take(&s->message) };
	room->inbox_bytes += mail->message.bytes;
	room->inbox_count++;
}

/* Which kind of wrapped message (docs/protocol.md, "Wrapped messages"). */
static unsigned kind_of(const struct room_mail *mail)
{
	return mail->message.bytes > KIND_AT ? mail->message.data[KIND_AT] : 0;
}

/*
 * The group.
 */
void room_group_clear(struct room *room)
{
	room_inbox_drop(room, false);
	room_adds_clear(room);
	room_own_clear(room);
	room_staged_clear(room);
	room_members_clear(room);
	kk_bytes_clear(&room->letter);
	room->has_proposals = room->leaves_proposals = false;
	room->wants_epoch = room->needs_roster = room->needs_code = false;
	room->says_here = room->says_media = room->says_speaking = false;
	room->code[0] = '\0';
	room_agreed_clear(room);
}

/* Too often, and something is wrong that joining again does not mend. */
static bool rejoins_too_often(struct room *room)
{
	size_t recent = 0;

	for (size_t i = 0; i < room->rejoin_count; i++) {
		if (room->rejoin_ms[i] + ROOM_REJOINS_MS > room->now_ms)
			room->rejoin_ms[recent++] = room->rejoin_ms[i];
	}
	room->rejoin_count = recent;
	if (recent == ROOM_REJOINS_MAX)
		return true;
	room->rejoin_ms[room->rejoin_count++] = room->now_ms;
	return false;
}

void room_group_lost(struct room *room, const char *why)
{
	kk_log(room->config.log, KK_LOG_WARNING,
	    "group is given up, to join anew why=%s", why);
	room_group_clear(room);
	room->keys = KEYS_BROKEN;
	room->is_void_op = room->op != ROOM_KEY_NONE;
	room->is_head_op = false;
	if (room->state == ROOM_IN && rejoins_too_often(room))
		room_refuse(room, ROOM_REMOVED);
	else if (room->state == ROOM_IN)
		room_joining_begin(room);
}

bool room_keys_are_idle(const struct room *room)
{
	return room->key_is_up && room->op == ROOM_KEY_NONE &&
	    room->inbox_count == 0 &&
	    (room->keys == KEYS_WAITING || room->keys == KEYS_JOINED) &&
	    !room->needs_roster && room->own != OWN_ACCEPTED &&
	    room->own != OWN_STALE;
}

/*
 * What to do next.
 */
static bool head_call(struct room *room, enum room_key_op op)
{
	room->call.message = kk_bytes_view(&room_inbox_head(room)->message);
	room->is_head_op = true;
	return room_key_call(room, op);
}

static bool none_work(struct room *room)
{
	if (!room->wants_group)
		return room_key_call(room, ROOM_KEY_OPEN);
	if (!room_agreed_begin(room))
		return room_key_call(room, ROOM_KEY_CREATE);
	room->op_hold_ms = room->now_ms + ROOM_RETRY_MS;
	return false;
}

static bool waiting_work(struct room *room)
{
	struct room_mail *head;

	if (room->wants_group) {
		room->keys = KEYS_BROKEN;
		return room_key_call(room, ROOM_KEY_FORGET);
	}
	if (room->state != ROOM_JOINING)
		return false;
	while ((head = room_inbox_head(room))) {
		if (head->type == ROOM_WELCOME)
			return head_call(room, ROOM_KEY_JOIN);
		if (head->type == ROOM_MESSAGE && kind_of(head) == KIND_PACKAGE)
			room_adds_take(room, head);
		room_inbox_pop(room);
	}
	if (room->step != STEP_ENTERED || room->peer_count == 0 ||
	    room->now_ms < room->package_ms)
		return false;
	room->package_ms = room->now_ms + ROOM_PACKAGE_MS;
	return room_key_call(room, ROOM_KEY_PACKAGE);
}

/* Gives false where the head is done with. */
static bool head_work(struct room *room, struct room_mail *head)
{
	const unsigned kind = kind_of(head);

	if (head->type == ROOM_COMMIT) {
		if (head->epoch == room->epoch)
			return head_call(room, ROOM_KEY_PROCESS);
		if (head->epoch < room->epoch)
			return false; /* our welcome was of a later epoch */
		room_group_lost(room, "a commit is missing");
		return true;
	}
	if (head->type == ROOM_MESSAGE && kind == KIND_PACKAGE)
		room_adds_take(room, head);
	else if (head->type == ROOM_MESSAGE &&
	    (kind == KIND_HANDSHAKE || kind == KIND_LETTER))
		return head_call(room, ROOM_KEY_PROCESS);
	else
		room->dropped++;
	return false;
}

void room_say_all(struct room *room)
{
	room->says_here = room->says_media = room->says_speaking = true;
}

static bool letter_call(struct room *room, const struct room_letter *letter)
{
	kk_bytes_clear(&room->letter);
	if (room_letter_write(letter, &room->letter))
		return false;
	room->call.message = kk_bytes_view(&room->letter);
	room->letter_type = letter->type;
	room->letter_link = room->links;
	return room_key_call(room, ROOM_KEY_PROTECT);
}

static bool letters_work(struct room *room)
{
	struct room_letter letter = { .peer = room->self,
		.has_microphone = room->has_microphone,
		.has_camera = room->has_camera,
		.is_speaking = room->is_speaking };

	if (room->now_ms < room->says_ms)
		return false;
	if (room->says_here) {
		room->says_here = false;
		letter.type = ROOM_LETTER_HERE;
	} else if (room->says_media) {
		room->says_media = false;
		letter.type = ROOM_LETTER_MEDIA;
	} else if (room->says_speaking) {
		room->says_speaking = false;
		letter.type = ROOM_LETTER_SPEAKING;
	} else {
		return false;
	}
	return letter_call(room, &letter);
}

static bool own_work(struct room *room)
{
	if (room->own == OWN_ACCEPTED) {
		room_own_stage(room);
	}
	room->call.handle = room->own_handle;
	return room_key_call(room,
	    room->own == OWN_ACCEPTED ? ROOM_KEY_APPLY : ROOM_KEY_DROP);
}

static bool joined_work(struct room *room)
{
	struct room_mail *head;

	if (room->needs_roster)
		return room_key_call(room, ROOM_KEY_ROSTER);
	if (room->own == OWN_ACCEPTED || room->own == OWN_STALE)
		return own_work(room);
	if (room->needs_code)
		return room_key_call(room, ROOM_KEY_CODE);
	if (room->state != ROOM_IN || room->own == OWN_SENT)
		return false;
	while ((head = room_inbox_head(room))) {
		if (head_work(room, head))
			return true;
		room_inbox_pop(room);
	}
	if (letters_work(room))
		return true;
	if (room->now_ms < room_turn_ms(room))
		return false;
	return room_commit_make(room);
}

void room_group_work(struct room *room)
{
	bool is_on = true;

	if (room->op_again_ms && room->now_ms >= room->op_again_ms) {
		room->op_again_ms = 0;
		room_do(room, ROOM_DO_KEY);
	}
	while (is_on && room->key_is_up && room->op == ROOM_KEY_NONE &&
	    room->now_ms >= room->op_hold_ms) {
		switch (room->keys) {
		case KEYS_UNKNOWN:
			is_on = room_key_call(room, ROOM_KEY_ROSTER);
			break;
		case KEYS_BROKEN:
			is_on = room_key_call(room, ROOM_KEY_FORGET);
			break;
		case KEYS_NONE:
			is_on = none_work(room);
			break;
		case KEYS_WAITING:
			is_on = waiting_work(room);
			break;
		case KEYS_JOINED:
			is_on = joined_work(room);
			break;
		}
	}
}
