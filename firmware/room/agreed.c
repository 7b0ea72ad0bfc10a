/*
 * agreed.c - what the members agree on: telephone lines, and what hosts say.
 *
 * What we want is kept as it is to be, not as steps to it: our own lines, and
 * changes of a host that are done once they show.  From that and the epoch's
 * state each commit of ours makes the next one, so one that comes too late is
 * just made again.
 *
 * Source: docs/protocol.md, "What the members agree on".
 */
#include <string.h>

#include "room/name.h"
#include "room/room_internal.h"

static bool id_is(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, CONFERENCE_LINE_ID_BYTES) == 0;
}

static struct room_own_line *own_find(const struct room *room,
    const uint8_t *id)
{
	for (size_t i = 0; i < room->own_line_count; i++) {
		const struct room_own_line *own = &room->own_lines[i];

		if (id_is(own->line.id, id))
			return (struct room_own_line *)own;
	}
	return NULL;
}

static struct conference_line *line_find(struct conference *c, uint32_t leaf,
    const uint8_t *id)
{
	return (struct conference_line *)conference_line_find(c, leaf, id);
}

/*
 * The next state.
 */

/* Of an earlier life of ours, or hung up. */
static bool strays_remove(const struct room *room, struct conference *c)
{
	bool is_changed = false;

	for (size_t i = c->line_count; i-- > 0;) {
		const struct conference_line l = c->lines[i];

		if (l.leaf == room->own_leaf && !own_find(room, l.id))
			is_changed |= !conference_line_remove(c, l.leaf, l.id);
	}
	return is_changed;
}

static bool own_put(const struct room *room, const struct room_own_line *own,
    struct conference *c)
{
	struct conference_line *there = line_find(c, room->own_leaf,
	    own->line.id);
	struct conference_line line = own->line;

	if (there) {
		const bool is_same = there->is_muted == line.is_muted &&
		    there->has_hand_up == line.has_hand_up;

		there->is_muted = line.is_muted;
		there->has_hand_up = line.has_hand_up;
		return !is_same;
	}
	if (own->state != ROOM_LINE_COMING || c->forbids_lines)
		return false;
	line.leaf = room->own_leaf;
	line.is_muted_by_host = false;
	/* A claim that comes with it does not count yet. */
	line.waits = c->is_locked &&
	    !conference_is_host(&room->agreed, room->own_leaf);
	return !conference_line_add(c, &line);
}

static bool label_set(const struct room_change *x, struct conference *c)
{
	const bool forbids = !x->is_on && !c->forbids_lines;

	if (forbids)
		conference_lines_allow(c, false);
	if (!strcmp(c->label, x->label))
		return forbids;
	memcpy(c->label, x->label, sizeof(c->label));
	return true;
}

static bool flag_set(bool *flag, bool is_on)
{
	const bool is_changed = *flag != is_on;

	*flag = is_on;
	return is_changed;
}

/* Gives whether it changes anything. */
static bool change_do(const struct room *room, const struct room_change *x,
    struct conference *c)
{
	struct conference_line *l = NULL;

	/* One that is new may not be muted yet. */
	if (conference_line_find(&room->agreed, x->leaf, x->id))
		l = line_find(c, x->leaf, x->id);
	switch (x->type) {
	case ROOM_CHANGE_MUTE:
		return l && flag_set(&l->is_muted_by_host, x->is_on);
	case ROOM_CHANGE_REMOVE:
		return l && !conference_line_remove(c, x->leaf, x->id);
	case ROOM_CHANGE_ADMIT:
		return l && flag_set(&l->waits, false);
	case ROOM_CHANGE_ALLOW:
		if (c->forbids_lines == !x->is_on)
			return false;
		conference_lines_allow(c, x->is_on);
		return true;
	case ROOM_CHANGE_LOCK:
		if (c->is_locked == x->is_on)
			return false;
		conference_lock(c, x->is_on);
		return true;
	case ROOM_CHANGE_LABEL:
		return label_set(x, c);
	case ROOM_CHANGE_HOST:
		return !conference_host_set(c, x->leaf, x->is_on);
	}
	return false;
}

/* Who made the meeting takes the host's place again after it was away. */
static bool host_claim(const struct room *room, struct conference *c)
{
	if (!room->config.is_creator || room->agreed.host_count > 0)
		return false;
	c->hosts[c->host_count++] = room->own_leaf;
	return true;
}

/* As we want it; gives whether that is another one. */
static bool next_make(struct room *room)
{
	struct conference *c = &room->next;
	bool is_changed;

	*c = room->agreed;
	is_changed = strays_remove(room, c);
	is_changed |= host_claim(room, c);
	for (size_t i = 0; i < room->own_line_count; i++)
		is_changed |= own_put(room, &room->own_lines[i], c);
	for (size_t i = 0; i < room->change_count; i++)
		is_changed |= change_do(room, &room->changes[i], c);
	return is_changed;
}

static void wanted_look(struct room *room)
{
	room->wants_agreed = next_make(room);
}

/*
 * What came of it.
 */
static void own_settle(struct room *room, struct room_own_line *own)
{
	const struct conference_line *there = conference_line_find(
	    &room->agreed, room->own_leaf, own->line.id);

	if (there) {
		own->state = there->waits ? ROOM_LINE_WAITING : ROOM_LINE_IN;
		own->line.is_muted_by_host = there->is_muted_by_host;
	} else if (own->state == ROOM_LINE_IN ||
	    own->state == ROOM_LINE_WAITING ||
	    (own->state == ROOM_LINE_COMING && room->agreed.forbids_lines)) {
		own->state = ROOM_LINE_OUT;
	} else if (own->state == ROOM_LINE_COMING &&
	    room->agreed.line_count == CONFERENCE_LINES_MAX) {
		own->state = ROOM_LINE_FULL;
	}
}

/* Those that are done, or that nothing is left of to do. */
static void changes_settle(struct room *room)
{
	const bool is_host = conference_is_host(&room->agreed, room->own_leaf);
	size_t kept = 0;

	for (size_t i = 0; i < room->change_count; i++) {
		room->next = room->agreed;
		if (is_host && change_do(room, &room->changes[i], &room->next))
			room->changes[kept++] = room->changes[i];
	}
	room->change_count = kept;
}

enum kk_err room_agreed_take(struct room *room, const struct room_key_result *r)
{
	enum kk_err err = KK_OK;

	memset(&room->agreed, 0, sizeof(room->agreed));
	if (r->agreed.bytes)
		err = conference_parse(&room->agreed,
		    kk_bytes_view(&r->agreed));
	if (err)
		return err;
	for (size_t i = 0; i < room->own_line_count; i++)
		own_settle(room, &room->own_lines[i]);
	changes_settle(room);
	wanted_look(room);
	room_changed(room);
	return KK_OK;
}

/* Lines of ours are told again to the next group. */
void room_agreed_clear(struct room *room)
{
	memset(&room->agreed, 0, sizeof(room->agreed));
	for (size_t i = 0; i < room->own_line_count; i++) {
		struct room_own_line *own = &room->own_lines[i];

		if (own->state == ROOM_LINE_IN ||
		    own->state == ROOM_LINE_WAITING)
			own->state = ROOM_LINE_COMING;
	}
	room->change_count = 0;
	room->wants_agreed = false;
	kk_bytes_clear(&room->agreed_text);
	room_agreed_epoch(room);
}

void room_agreed_epoch(struct room *room)
{
	memset(room->proposed_out, 0, sizeof(room->proposed_out));
}

void room_agreed_propose(struct room *room, const struct room_key_result *r)
{
	for (size_t i = 0; i < r->removed_count; i++) {
		const uint32_t leaf = r->removed[i];

		if (leaf < ROOM_MEMBERS_MAX)
			room->proposed_out[leaf / 8] |= (uint8_t)(1U
			    << leaf % 8);
	}
}

/*
 * Our own commits.
 */
static enum kk_err text_make(struct room *room)
{
	enum kk_err err;

	kk_bytes_clear(&room->agreed_text);
	room->call.agreed = (struct kk_view){ 0 };
	err = conference_write(&room->next, &room->agreed_text);
	if (!err)
		room->call.agreed = kk_bytes_view(&room->agreed_text);
	return err;
}

/* The group's first leaf is its maker's. */
enum kk_err room_agreed_begin(struct room *room)
{
	room->next = (struct conference){ .hosts = { 0 }, .host_count = 1 };
	return text_make(room);
}

/* What kept proposals remove goes too, unless they are left out. */
static bool proposed_remove(struct room *room)
{
	bool is_changed = false;

	for (uint32_t leaf = 0; leaf < ROOM_MEMBERS_MAX; leaf++) {
		if (room->proposed_out[leaf / 8] >> leaf % 8 & 1)
			is_changed |= conference_leaf_remove(&room->next, leaf);
	}
	return is_changed;
}

enum kk_err room_agreed_commit(struct room *room)
{
	const struct room_key_call *call = &room->call;
	bool is_changed = next_make(room);

	for (size_t i = 0; i < call->remove_count; i++)
		is_changed |= conference_leaf_remove(&room->next,
		    call->removes[i]);
	if (!call->without_proposals)
		is_changed |= proposed_remove(room);
	room->call.agreed = (struct kk_view){ 0 };
	return is_changed ? text_make(room) : KK_OK;
}

/*
 * Anybody's commits.
 */
static bool is_gone(void *arg, uint32_t leaf)
{
	const struct room_key_result *r = arg;

	for (size_t i = 0; i < r->removed_count; i++) {
		if (r->removed[i] == leaf)
			return true;
	}
	return false;
}

enum kk_err room_agreed_check(struct room *room,
    const struct room_key_result *r, uint32_t committer)
{
	enum kk_err err = KK_OK;

	/* What those agree on who stay is nothing to us. */
	if (is_gone((void *)r, room->own_leaf))
		return KK_OK;
	memset(&room->next, 0, sizeof(room->next));
	if (r->agreed.bytes)
		err = conference_parse(&room->next, kk_bytes_view(&r->agreed));
	if (!err)
		err = conference_change_check(&room->agreed, &room->next,
		    committer, is_gone, (void *)r);
	if (err)
		kk_log(room->config.log, KK_LOG_WARNING,
		    "meeting's state is changed by who may not err=%s",
		    kk_err_name(err));
	return err;
}

/*
 * What is wanted of it.
 */
enum kk_err room_line_put(struct room *room, const struct conference_line *line,
    uint64_t now_ms)
{
	struct room_own_line *own = own_find(room, line->id);
	const struct kk_view label = kk_view_text(line->label);

	if (label.bytes > CONFERENCE_LABEL_BYTES ||
	    (label.bytes > 0 && !kk_text_is_shown(label)))
		return KK_EFORMAT;
	if (!own && room->own_line_count == CONFERENCE_LINES_MAX)
		return KK_ELIMIT;
	if (own &&
	    (own->state == ROOM_LINE_OUT || own->state == ROOM_LINE_FULL))
		return KK_ESTATE;
	room->now_ms = now_ms;
	if (own) {
		own->line.is_muted = line->is_muted;
		own->line.has_hand_up = line->has_hand_up;
	} else {
		own = &room->own_lines[room->own_line_count++];
		*own = (struct room_own_line){ *line, ROOM_LINE_COMING };
		own->line.is_muted_by_host = false;
		own_settle(room, own);
	}
	wanted_look(room);
	room_work(room);
	return KK_OK;
}

void room_line_drop(struct room *room, const uint8_t *id, uint64_t now_ms)
{
	struct room_own_line *own = own_find(room, id);

	if (!own)
		return;
	*own = room->own_lines[--room->own_line_count];
	room->now_ms = now_ms;
	wanted_look(room);
	room_work(room);
}

enum room_line_state room_line_look(const struct room *room, const uint8_t *id,
    bool *is_muted_by_host)
{
	const struct room_own_line *own = own_find(room, id);

	*is_muted_by_host = own && own->line.is_muted_by_host;
	return own ? own->state : ROOM_LINE_NONE;
}

static bool is_of_line(const struct room_change *x)
{
	return x->type == ROOM_CHANGE_MUTE || x->type == ROOM_CHANGE_REMOVE ||
	    x->type == ROOM_CHANGE_ADMIT;
}

static bool is_same(const struct room_change *a, const struct room_change *b)
{
	if (a->type != b->type)
		return false;
	if (a->type == ROOM_CHANGE_HOST)
		return a->leaf == b->leaf;
	return !is_of_line(a) || (a->leaf == b->leaf && id_is(a->id, b->id));
}

/* What is asked for now counts, whatever was before. */
static struct room_change *change_place(struct room *room,
    const struct room_change *change)
{
	for (size_t i = 0; i < room->change_count; i++) {
		struct room_change *x = &room->changes[i];

		if (is_same(x, change))
			return x;
	}
	return room->change_count < ROOM_CHANGES_MAX ?
	    &room->changes[room->change_count++] :
	    NULL;
}

/* Lines' members are nobody; who is to go cannot be made a host. */
static enum kk_err host_check(const struct room *room,
    const struct room_change *x)
{
	const struct conference *c = &room->agreed;
	const struct room_member *m = room_member_find(room, x->leaf);

	if (!m || m->is_gone)
		return KK_ENOENT;
	if (x->is_on && room_name_is_lines(m->key.name))
		return KK_EINVAL;
	if (x->is_on && !conference_is_host(c, x->leaf) &&
	    c->host_count == CONFERENCE_HOSTS_MAX)
		return KK_ELIMIT;
	return !x->is_on && conference_is_host(c, x->leaf) &&
		c->host_count == 1 ?
	    KK_ESTATE :
	    KK_OK;
}

/* Whether a label that forbids lines is still on its way. */
static bool is_forbidding(const struct room *room)
{
	for (size_t i = 0; i < room->change_count; i++) {
		const struct room_change *x = &room->changes[i];

		if (x->type == ROOM_CHANGE_LABEL && !x->is_on)
			return true;
	}
	return false;
}

static enum kk_err change_check(const struct room *room,
    const struct room_change *x)
{
	const struct kk_view label = kk_view_text(x->label);

	if (x->type == ROOM_CHANGE_ALLOW && x->is_on && is_forbidding(room))
		return KK_EDENIED;
	if (is_of_line(x) &&
	    !conference_line_find(&room->agreed, x->leaf, x->id))
		return KK_ENOENT;
	if (x->type == ROOM_CHANGE_LABEL && label.bytes > 0 &&
	    !kk_text_is_shown(label))
		return KK_EFORMAT;
	return x->type == ROOM_CHANGE_HOST ? host_check(room, x) : KK_OK;
}

void room_agreed_forget(struct room *room, uint32_t leaf)
{
	size_t kept = 0;

	for (size_t i = 0; i < room->change_count; i++) {
		const struct room_change *x = &room->changes[i];

		if (x->type != ROOM_CHANGE_HOST || x->leaf != leaf)
			room->changes[kept++] = *x;
	}
	room->change_count = kept;
}

static void changes_forget(struct room *room, enum room_change_type type)
{
	size_t kept = 0;

	for (size_t i = 0; i < room->change_count; i++) {
		if (room->changes[i].type != type)
			room->changes[kept++] = room->changes[i];
	}
	room->change_count = kept;
}

enum kk_err room_change(struct room *room, const struct room_change *change,
    uint64_t now_ms)
{
	struct room_change *place;
	enum kk_err err;

	if (room->state != ROOM_IN || room->keys != KEYS_JOINED)
		return KK_ESTATE;
	if (!conference_is_host(&room->agreed, room->own_leaf))
		return KK_EDENIED;
	err = change_check(room, change);
	if (err)
		return err;
	/* What was asked for before must not undo what this forbids. */
	if (change->type == ROOM_CHANGE_LABEL && !change->is_on)
		changes_forget(room, ROOM_CHANGE_ALLOW);
	place = change_place(room, change);
	if (!place)
		return KK_ELIMIT;
	*place = *change;
	room->now_ms = now_ms;
	wanted_look(room);
	room_work(room);
	return KK_OK;
}
