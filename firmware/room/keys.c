/* keys.c - calls of keyd, and what came of them. */
#include <string.h>

#include "room/room_internal.h"

static const char *const op_names[ROOM_KEY_OP_COUNT] = {
	[ROOM_KEY_ROSTER] = "Roster",
	[ROOM_KEY_CODE] = "SecurityCode",
	[ROOM_KEY_OPEN] = "OpenMeeting",
	[ROOM_KEY_CREATE] = "CreateMeeting",
	[ROOM_KEY_FORGET] = "Forget",
	[ROOM_KEY_PACKAGE] = "NewKeyPackage",
	[ROOM_KEY_JOIN] = "JoinByWelcome",
	[ROOM_KEY_COMMIT] = "Commit",
	[ROOM_KEY_PROCESS] = "Process",
	[ROOM_KEY_APPLY] = "Apply",
	[ROOM_KEY_DROP] = "Drop",
	[ROOM_KEY_PROTECT] = "Protect",
};

const char *room_key_op_name(enum room_key_op op)
{
	return (size_t)op < ROOM_KEY_OP_COUNT ? op_names[op] : NULL;
}

enum room_trouble room_trouble_of(enum kk_err err)
{
	switch (err) {
	case KK_EEXPIRED:
		return ROOM_EXPIRED;
	case KK_EUNTRUSTED:
		return ROOM_FOREIGN;
	case KK_EREVOKED:
		return ROOM_REVOKED;
	default:
		return ROOM_INTERNAL;
	}
}

bool room_key_call(struct room *room, enum room_key_op op)
{
	room->op = op;
	room->op_tries = 0;
	room->call.op = op;
	room_do(room, ROOM_DO_KEY);
	return true;
}

/* Passes by itself: the call is made again. */
static bool is_passing(enum kk_err err)
{
	return err == KK_ELIMIT || err == KK_ENOMEM;
}

/* A message may itself be what is too large.  The last three have their own
 * way of going on. */
static bool is_repeated(const struct room *room, enum room_key_op op)
{
	if (op == ROOM_KEY_PROCESS || op == ROOM_KEY_JOIN)
		return room->op_tries < ROOM_TRIES_MAX;
	return op != ROOM_KEY_COMMIT && op != ROOM_KEY_PACKAGE &&
	    op != ROOM_KEY_PROTECT;
}

static void tokens_take(struct room *room, const struct room_key_result *r)
{
	memcpy(room->config.token, r->token, ROOM_TOKEN_BYTES);
	memcpy(room->config.token_hash, r->token_hash, ROOM_TOKEN_BYTES);
	room->config.has_token = true;
	room_do(room, ROOM_DO_SAVE);
}

/* What our own commit came to while nobody looked: after a restart of ours, or
 * of keyd's. */
static void own_settle(struct room *room, const struct room_key_result *r)
{
	const bool is_unsent = room->own == OWN_MAKING ||
	    (room->own == OWN_NONE && room->state == ROOM_IN);

	if (room->own == OWN_SENT)
		return;
	if (!r->has_staged && room->own == OWN_ACCEPTED) {
		room_group_lost(room, "an accepted commit is gone");
		return;
	}
	if (!r->has_staged) {
		room_own_clear(room);
		return;
	}
	room->own_handle = r->staged;
	room->own_epoch = r->epoch;
	if (is_unsent)
		room->own = OWN_STALE;
	else if (room->own == OWN_NONE)
		room->own = OWN_UNKNOWN;
}

static void roster_done(struct room *room, struct room_key_result *r)
{
	const bool was_unknown = room->keys == KEYS_UNKNOWN;

	room->needs_roster = false;
	if (r->err == KK_ESTATE && was_unknown) {
		room->keys = KEYS_BROKEN;
		return;
	}
	room->keys = KEYS_JOINED;
	if (r->err) {
		room_group_lost(room, kk_err_name(r->err));
		return;
	}
	if (!was_unknown && r->epoch != room->epoch) {
		room_epoch_entered(room, r->epoch);
		room_staged_clear(room);
	}
	room->needs_roster = false;
	room->needs_code = true;
	room->epoch = r->epoch;
	room->own_leaf = r->own_leaf;
	own_settle(room, r);
	if (room->keys != KEYS_JOINED)
		return;
	if (room_members_set(room, r))
		room_group_lost(room, "too many members");
	else if (room_agreed_take(room, r))
		room_group_lost(room, "the meeting's state cannot be read");
	else
		room_group_ready(room);
}

static void code_done(struct room *room, struct room_key_result *r)
{
	room->needs_code = false;
	if (r->err) {
		room_group_lost(room, kk_err_name(r->err));
		return;
	}
	memcpy(room->code, r->code, sizeof(room->code));
	room->code[sizeof(room->code) - 1] = '\0';
	room_changed(room);
}

static void opened(struct room *room, struct room_key_result *r)
{
	if (r->err) {
		room->keys = KEYS_BROKEN;
		room->op_hold_ms = room->now_ms + ROOM_RETRY_MS;
		/* Else it was opened before, and nobody was there to keep
		 * the token. */
		if (r->err != KK_ESTATE)
			room_trouble_set(room, ROOM_INTERNAL);
		return;
	}
	tokens_take(room, r);
	room->keys = KEYS_WAITING;
}

/* With a group of which we know nothing yet. */
static void group_came(struct room *room, const struct room_key_result *r)
{
	room->keys = KEYS_JOINED;
	room->epoch = r->epoch;
	room->own_leaf = r->own_leaf;
	room->needs_roster = room->needs_code = true;
	room_members_clear(room);
	room_changed(room);
	room_group_ready(room);
}

static void created(struct room *room, struct room_key_result *r)
{
	if (r->err) {
		opened(room, r);
		return;
	}
	tokens_take(room, r);
	group_came(room, r);
}

static void forgotten(struct room *room, struct room_key_result *r)
{
	/* What it does not know it need not forget. */
	if (!r->err || r->err == KK_ESTATE)
		room->keys = KEYS_NONE;
	else
		room->op_hold_ms = room->now_ms + ROOM_RETRY_MS;
}

static void package_done(struct room *room, struct room_key_result *r)
{
	struct room_request *rq;

	if (r->err) {
		room_trouble_set(room, room_trouble_of(r->err));
		return;
	}
	if (room->state != ROOM_JOINING || room->step != STEP_ENTERED)
		return;
	rq = room_ask(room, ROOM_ASK_MESSAGE);
	if (rq)
		rq->message = kk_bytes_take(&r->message);
}

static void joined(struct room *room, struct room_key_result *r)
{
	room_inbox_pop(room);
	if (!r->err)
		group_came(room, r);
	else if (room_trouble_of(r->err) != ROOM_INTERNAL)
		room_refuse(room, room_trouble_of(r->err));
	else
		room->dropped++; /* for an older key package, or not for us */
}

static void staged_take(struct room *room, struct room_key_result *r)
{
	room_staged_clear(room);
	room->staged_adds = r->adds;
	room->staged_is_own = r->kind == ROOM_KIND_OWN;
	room->staged_removed = r->removed;
	room->staged_removed_count = r->removed_count;
	r->removed = NULL;
	r->removed_count = 0;
	room->call.handle = r->handle;
}

/* A commit that did not come by the server's order forks the group. */
static void commit_seen(struct room *room, struct room_key_result *r,
    bool is_ordered)
{
	if (!is_ordered) {
		room->dropped++;
		room_inbox_pop(room);
		if (r->kind == ROOM_KIND_COMMIT) {
			room->call.handle = r->handle;
			(void)room_key_call(room, ROOM_KEY_DROP);
		}
		return;
	}
	if (r->kind == ROOM_KIND_OWN && room->own == OWN_UNKNOWN) {
		room_own_stage(room);
		room->staged_adds |= room->own_add_count == 0;
		room->call.handle = r->handle;
	} else if (r->kind == ROOM_KIND_COMMIT &&
	    room_agreed_check(room, r,
		r->has_committer ? r->committer : UINT32_MAX)) {
		room_group_lost(room, "a commit does what it may not");
		return;
	} else {
		staged_take(room, r);
	}
	room->is_head_op = true;
	(void)room_key_call(room, ROOM_KEY_APPLY);
}

static void processed(struct room *room, struct room_key_result *r)
{
	struct room_mail *head = room_inbox_head(room);
	const bool is_ordered = head->type == ROOM_COMMIT;

	if (is_ordered &&
	    (r->err ||
		(r->kind != ROOM_KIND_COMMIT && r->kind != ROOM_KIND_OWN))) {
		if (room_trouble_of(r->err) != ROOM_INTERNAL)
			room_trouble_set(room, room_trouble_of(r->err));
		room_group_lost(room, "a commit cannot be taken");
		return;
	}
	if (r->err) {
		room->dropped++;
		room_inbox_pop(room);
	} else if (r->kind == ROOM_KIND_APPLICATION) {
		if (r->has_sender)
			room_letter_take(room, r->sender, &head->from,
			    kk_bytes_view(&r->message));
		room_inbox_pop(room);
	} else if (r->kind == ROOM_KIND_PROPOSAL) {
		if (!room->has_proposals)
			room->proposals_ms = room->now_ms;
		room->has_proposals = true;
		room_agreed_propose(room, r);
		room_inbox_pop(room);
	} else {
		commit_seen(room, r, is_ordered);
	}
}

static void applied(struct room *room, struct room_key_result *r, bool is_head)
{
	if (is_head)
		room_inbox_pop(room);
	if (r->err)
		room_group_lost(room, kk_err_name(r->err));
	else if (r->is_ended)
		room_group_lost(room, "removed");
	else
		room_epoch_entered(room, r->epoch);
	room_staged_clear(room);
}

static void dropped(struct room *room)
{
	if (room->call.handle == room->own_handle)
		room_own_clear(room);
}

static void protected(struct room *room, struct room_key_result *r)
{
	struct room_request *rq;

	kk_bytes_clear(&room->letter);
	if (r->err) {
		room_say_all(room);
		room->says_ms = room->now_ms + ROOM_RETRY_MS;
		return;
	}
	if (room->state != ROOM_IN || room->letter_link != room->links)
		return; /* entering says it anew */
	rq = room_ask(room, ROOM_ASK_MESSAGE);
	if (!rq)
		return;
	rq->message = kk_bytes_take(&r->message);
	room_asked_find(room, rq->id)->is_letter = true;
	if (room->letter_type != ROOM_LETTER_HERE)
		return;
	room->here_ms = room->now_ms;
	for (size_t i = 0; i < room->peer_count; i++)
		room->peers[i].has_heard = true;
}

static void done(struct room *room, enum room_key_op op, bool is_head,
    struct room_key_result *r)
{
	switch (op) {
	case ROOM_KEY_ROSTER:
		roster_done(room, r);
		break;
	case ROOM_KEY_CODE:
		code_done(room, r);
		break;
	case ROOM_KEY_OPEN:
		opened(room, r);
		break;
	case ROOM_KEY_CREATE:
		created(room, r);
		break;
	case ROOM_KEY_FORGET:
		forgotten(room, r);
		break;
	case ROOM_KEY_PACKAGE:
		package_done(room, r);
		break;
	case ROOM_KEY_JOIN:
		joined(room, r);
		break;
	case ROOM_KEY_COMMIT:
		room_commit_made(room, r);
		break;
	case ROOM_KEY_PROCESS:
		processed(room, r);
		break;
	case ROOM_KEY_APPLY:
		applied(room, r, is_head);
		break;
	case ROOM_KEY_DROP:
		dropped(room);
		break;
	case ROOM_KEY_PROTECT:
		protected
		(room, r);
		break;
	default:
		break;
	}
}

void room_key_result(struct room *room, struct room_key_result *r,
    uint64_t now_ms)
{
	const enum room_key_op op = room->op;
	const bool is_head = room->is_head_op, is_void = room->is_void_op;

	room->now_ms = now_ms;
	if (room->state == ROOM_OFF || op == ROOM_KEY_NONE)
		return;
	room->op = ROOM_KEY_NONE;
	room->is_head_op = room->is_void_op = false;
	if (is_passing(r->err) && is_repeated(room, op) && !is_void) {
		room->op = op; /* as it was, a little later */
		room->is_head_op = is_head;
		room->op_again_ms = now_ms + ROOM_RETRY_MS;
		room->op_tries++;
	} else if (!is_void) {
		done(room, op, is_head, r);
	}
	room_work(room);
}
