/* commit.c - our own commit, from what is pending to the next epoch. */
#include <string.h>

#include "room/room_internal.h"

enum { FAILED_HOLD_MS = 5000 };

void room_staged_clear(struct room *room)
{
	kk_free(room->staged_removed);
	room->staged_removed = NULL;
	room->staged_removed_count = 0;
	room->staged_adds = room->staged_is_own = false;
}

/* keyd tells of our own commit only when it makes it. */
void room_own_stage(struct room *room)
{
	room_staged_clear(room);
	room->staged_adds = room->own_adds;
	room->staged_is_own = true;
	room->staged_removed = room->own_removed;
	room->staged_removed_count = room->own_removed_count;
	room->own_removed = NULL;
	room->own_removed_count = 0;
}

void room_own_clear(struct room *room)
{
	room->own = OWN_NONE;
	kk_free(room->own_removed);
	room->own_removed = NULL;
	room->own_removed_count = room->own_add_count = 0;
	room->own_adds = false;
	for (size_t i = 0; i < room->add_count; i++)
		room->adds[i].is_taken = false;
}

/*
 * Who wants to be added.
 */
void room_add_remove(struct room *room, size_t index)
{
	kk_bytes_clear(&room->adds[index].package);
	room->add_count--;
	memmove(&room->adds[index], &room->adds[index + 1],
	    (room->add_count - index) * sizeof(room->adds[0]));
	if (room->add_count == 0)
		room->one_add = false;
}

void room_adds_clear(struct room *room)
{
	while (room->add_count > 0)
		room_add_remove(room, room->add_count - 1);
}

static struct room_add *add_place(struct room *room,
    const struct room_peer_id *peer)
{
	for (size_t i = 0; i < room->add_count; i++) {
		if (room_peer_equal(&room->adds[i].peer, peer))
			return &room->adds[i];
	}
	if (room->add_count == ROOM_ADDS_MAX)
		return NULL;
	room->adds[room->add_count] = (struct room_add){ .peer = *peer,
		.from_ms = room->now_ms };
	return &room->adds[room->add_count++];
}

void room_adds_take(struct room *room, struct room_mail *mail)
{
	struct room_member *m = room_member_of(room, &mail->from);
	struct room_add *add = NULL;

	if (mail->message.bytes <= ROOM_PACKAGE_MAX_BYTES &&
	    room_peer_find(room, &mail->from))
		add = add_place(room, &mail->from);
	if (!add) {
		room->dropped++;
		return;
	}
	/* A newer one: with the older it could not join any more. */
	room->inbox_bytes -= mail->message.bytes;
	kk_bytes_clear(&add->package);
	add->package = kk_bytes_take(&mail->message);
	add->is_taken = false;
	if (m) {
		m->has_lost_group = true;
		room->members_ms = 0;
	}
}

/*
 * Making it.
 */
static void adds_collect(struct room *room, struct room_key_call *call)
{
	for (size_t i = 0; i < room->add_count; i++) {
		struct room_add *add = &room->adds[i];

		if (add->from_ms > room->now_ms ||
		    (room->one_add && call->add_count == 1))
			continue;
		add->is_taken = true;
		call->adds[call->add_count++] = kk_bytes_view(&add->package);
	}
}

static void removes_collect(struct room *room, struct room_key_call *call)
{
	for (size_t i = 0; i < room->member_count; i++) {
		const struct room_member *m = &room->members[i];

		if (m->is_gone && call->remove_count < ROOM_ADDS_MAX)
			call->removes[call->remove_count++] = m->key.leaf;
	}
}

bool room_commit_make(struct room *room)
{
	struct room_key_call *call = &room->call;

	room_own_clear(room);
	call->add_count = call->remove_count = 0;
	call->without_proposals = room->leaves_proposals;
	room_members_look(room);
	adds_collect(room, call);
	removes_collect(room, call);
	if (room_agreed_commit(room)) {
		room_own_clear(room);
		room->commit_hold_ms = room->now_ms + ROOM_RETRY_MS;
		return false;
	}
	room->own = OWN_MAKING;
	room->own_add_count = call->add_count;
	if (room->wants_epoch)
		room->wanted_ms = room->now_ms;
	if (room->wants_agreed)
		room->agreed_ms = room->now_ms;
	return room_key_call(room, ROOM_KEY_COMMIT);
}

static void taken_remove(struct room *room)
{
	for (size_t i = room->add_count; i-- > 0;) {
		if (room->adds[i].is_taken)
			room_add_remove(room, i);
	}
}

/* Looks for what made it fail, by leaving out one thing after another. */
static void commit_failed(struct room *room, enum kk_err err)
{
	const struct room_key_call *call = &room->call;

	kk_log(room->config.log, KK_LOG_INFO,
	    "commit failed err=%s adds=%zu removes=%zu", kk_err_name(err),
	    call->add_count, call->remove_count);
	room->commit_hold_ms = room->now_ms;
	if (err == KK_EEXIST || err == KK_ESTATE)
		room->needs_roster = true; /* tells what waits there */
	if (err == KK_ELIMIT || err == KK_ENOMEM || err == KK_ESTATE) {
		room->commit_hold_ms += ROOM_RETRY_MS;
	} else if (call->add_count > 1) {
		room->one_add = true;
	} else if (call->add_count == 1) {
		taken_remove(room);
		room->dropped++;
	} else if (room->has_proposals && !room->leaves_proposals) {
		room->leaves_proposals = true;
	} else {
		room->needs_roster = true;
		room->commit_hold_ms += FAILED_HOLD_MS;
		room_trouble_set(room, room_trouble_of(err));
	}
	room_own_clear(room);
}

static size_t taken_count(const struct room *room)
{
	size_t count = 0;

	for (size_t i = 0; i < room->add_count; i++)
		count += room->adds[i].is_taken;
	return count;
}

static bool inbox_has_commit(const struct room *room)
{
	for (size_t i = 0; i < room->inbox_count; i++) {
		const struct room_mail *mail =
		    &room->inbox[(room->inbox_first + i) % ROOM_INBOX_MAX];

		if (mail->type == ROOM_COMMIT && mail->epoch >= room->epoch)
			return true;
	}
	return false;
}

static void commit_send(struct room *room, struct room_key_result *r)
{
	struct room_request *rq = room_ask(room, ROOM_ASK_COMMIT);

	room->own = OWN_SENT;
	if (!rq)
		return; /* the link goes, and then it is unknown */
	rq->has_epoch = true;
	rq->epoch = room->epoch;
	rq->message = kk_bytes_take(&r->message);
	rq->welcome = kk_bytes_take(&r->welcome);
	for (size_t i = 0; i < room->add_count; i++) {
		if (room->adds[i].is_taken)
			rq->to[rq->to_count++] = room->adds[i].peer;
	}
}

void room_commit_made(struct room *room, struct room_key_result *r)
{
	bool is_bad;

	if (r->err) {
		commit_failed(room, r->err);
		return;
	}
	/* By a proposal that we know nothing of: all others would drop it. */
	is_bad = room_agreed_check(room, r, room->own_leaf);
	if (is_bad) {
		room->leaves_proposals = true;
		room->commit_hold_ms = room->now_ms + ROOM_AGREED_MS;
	}
	room->own_handle = r->handle;
	room->own_epoch = room->epoch;
	room->own_adds = r->adds;
	room->own_removed = r->removed;
	room->own_removed_count = r->removed_count;
	r->removed = NULL;
	r->removed_count = 0;
	/* Somebody was faster, or whom it adds has left meanwhile. */
	if (is_bad || room->state != ROOM_IN || inbox_has_commit(room) ||
	    taken_count(room) != room->own_add_count)
		room->own = OWN_STALE;
	else
		commit_send(room, r);
}

void room_commit_answer(struct room *room, const struct room_signal *s)
{
	if (room->own != OWN_SENT)
		return; /* given up with its group */
	if (s->type == ROOM_ANSWER && s->has_epoch &&
	    s->epoch == room->own_epoch + 1) {
		room->own = OWN_ACCEPTED;
	} else if (s->type == ROOM_ANSWER) {
		room_link_drop(room, "an answer of another epoch");
	} else {
		room->own = OWN_STALE;
		if (s->error != ROOM_ERROR_STALE)
			room->commit_hold_ms = room->now_ms + ROOM_RETRY_MS;
	}
}

/*
 * The next epoch.
 */
static void removed_forget(struct room *room)
{
	for (size_t i = 0; i < room->staged_removed_count; i++) {
		struct room_member *m = room_member_find(room,
		    room->staged_removed[i]);

		if (m)
			m->key.leaf = UINT32_MAX; /* of nobody any more */
		/* Whoever has the leaf next was not meant. */
		room_agreed_forget(room, room->staged_removed[i]);
	}
}

static void adds_settle(struct room *room)
{
	if (room->staged_is_own)
		taken_remove(room);
	if (!room->staged_adds)
		return;
	for (size_t i = 0; i < room->add_count; i++)
		room->adds[i].from_ms = room->now_ms + ROOM_ADDED_MS;
}

void room_epoch_entered(struct room *room, uint64_t epoch)
{
	removed_forget(room);
	adds_settle(room);
	if (room->staged_adds || room->now_ms < room->here_ms + ROOM_HERE_MS)
		room_say_all(room);
	room_own_clear(room); /* keyd has dropped all others */
	room->epoch = epoch;
	room->code[0] = '\0';
	room->needs_roster = room->needs_code = true;
	room->committed_ms = room->now_ms;
	room->has_proposals = room->leaves_proposals = false;
	room->wants_epoch = false;
	room_agreed_epoch(room);
	if (room->trouble && room->state == ROOM_IN)
		room_trouble_set(room, ROOM_TROUBLE_NONE);
	room_changed(room);
}
