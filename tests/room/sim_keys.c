/* sim_keys.c - a model of keyd: epochs and members, no cryptography. */
#include <string.h>

#include "sim.h"

enum { CALL_MS = 8, KP = 1, WELCOME = 2, HANDSHAKE = 4, LETTER = 5 };

struct asked { /* a call on its way; all that it points to is copied */
	struct room_key_call call;
	struct kk_bytes message, adds[ROOM_ADDS_MAX], agreed;
	unsigned keyd_starts, roomd_starts;
};

struct letter {
	struct sim_change head; /* hash, epoch, leaf */
	uint8_t data[512];
	size_t bytes;
};

struct welcome {
	struct sim_group group;
};

struct kk_bytes sim_message(unsigned kind, const void *data, size_t bytes)
{
	struct kk_bytes b = { sim_alloc(1, SIM_FRAME_BYTES + bytes),
		SIM_FRAME_BYTES + bytes };

	b.data[0] = 1;
	b.data[1] = (uint8_t)kind;
	memcpy(b.data + SIM_FRAME_BYTES, data, bytes);
	return b;
}

static void message_read(struct kk_view m, unsigned kind, void *out,
    size_t bytes)
{
	CHECK_EQ(m.bytes, SIM_FRAME_BYTES + bytes);
	CHECK_EQ(m.data[1], kind);
	memcpy(out, m.data + SIM_FRAME_BYTES, bytes);
}

void sim_accept(struct sim *sim, const struct kk_bytes *message)
{
	struct sim_change c;

	message_read(kk_bytes_view(message), HANDSHAKE, &c, sizeof(c));
	CHECK(sim->accepted_count < SIM_ACCEPTED);
	sim->accepted[sim->accepted_count++] = c.nonce;
	sim->commits++;
}

bool sim_is_accepted(const struct sim *sim, uint64_t nonce)
{
	for (size_t i = sim->accepted_count; i-- > 0;) {
		if (sim->accepted[i] == nonce)
			return true;
	}
	return false;
}

static uint64_t mix(uint64_t hash, uint64_t nonce)
{
	hash = (hash ^ nonce) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 29;
}

static enum kk_err staged_add(struct sim_keyd *k, struct sim_staged s,
    struct room_key_result *r)
{
	for (size_t i = 0; i < SIM_STAGED; i++) {
		if (k->staged[i].handle)
			continue;
		s.handle = r->handle = ++k->last_handle;
		k->staged[i] = s;
		return KK_OK;
	}
	return KK_ELIMIT;
}

static struct sim_staged *staged_own(struct sim_keyd *k)
{
	for (size_t i = 0; i < SIM_STAGED; i++) {
		if (k->staged[i].handle && k->staged[i].is_own)
			return &k->staged[i];
	}
	return NULL;
}

static void staged_clear(struct sim_keyd *k)
{
	memset(k->staged, 0, sizeof(k->staged));
}

/* What the group is after a change; KK_EINVAL where MLS would refuse it. */
static enum kk_err change_do(const struct sim_group *g,
    const struct sim_change *c, struct sim_group *next)
{
	*next = *g;
	for (size_t i = 0; i < c->remove_count; i++) {
		if (c->removes[i] >= SIM_LEAVES ||
		    !next->leaves[c->removes[i]].is_used ||
		    c->removes[i] == c->leaf)
			return KK_EINVAL;
		next->leaves[c->removes[i]].is_used = false;
	}
	for (size_t i = 0; i < c->add_count; i++) {
		size_t at = SIM_LEAVES;

		for (size_t l = 0; l < SIM_LEAVES; l++) {
			if (next->leaves[l].is_used &&
			    next->leaves[l].identity == c->adds[i].identity)
				return KK_EINVAL; /* one key, one leaf */
			if (at == SIM_LEAVES && !next->leaves[l].is_used)
				at = l;
		}
		if (at == SIM_LEAVES)
			return KK_ELIMIT;
		next->leaves[at] = c->adds[i];
		next->leaves[at].is_used = true;
	}
	if (c->has_agreed)
		next->agreed = c->agreed;
	next->epoch = g->epoch + 1;
	next->past_hash = g->hash;
	next->hash = mix(g->hash, c->nonce);
	return KK_OK;
}

static void members_put(const struct sim_group *g, struct room_key_result *r)
{
	r->members = sim_alloc(SIM_LEAVES, sizeof(*r->members));
	for (uint32_t l = 0; l < SIM_LEAVES; l++) {
		if (g->leaves[l].is_used)
			r->members[r->member_count++].leaf = l;
	}
}

static void changes_put(const struct sim_change *c, struct room_key_result *r)
{
	r->adds = c->add_count > 0;
	r->removed = sim_alloc(SIM_CHANGES, sizeof(*r->removed));
	memcpy(r->removed, c->removes, sizeof(c->removes));
	r->removed_count = c->remove_count;
}

static void agreed_put(const struct sim_agreed *a, struct room_key_result *r)
{
	kk_bytes_clear(&r->agreed);
	CHECK_OK(kk_bytes_copy(&r->agreed, kk_view_of(a->text, a->bytes)));
}

static void agreed_get(struct sim_agreed *a, struct kk_view text)
{
	CHECK(text.bytes <= sizeof(a->text));
	if (text.bytes)
		memcpy(a->text, text.data, text.bytes);
	a->bytes = text.bytes;
}

static enum kk_err roster(struct sim_keyd *k, struct room_key_result *r)
{
	const struct sim_staged *own = staged_own(k);

	if (k->phase != SIM_JOINED)
		return KK_ESTATE;
	r->epoch = k->group.epoch;
	r->own_leaf = k->group.own_leaf;
	r->has_staged = own != NULL;
	r->staged = own ? own->handle : 0;
	members_put(&k->group, r);
	agreed_put(&k->group.agreed, r);
	return KK_OK;
}

static void tokens(struct room_key_result *r)
{
	memset(r->token, 7, sizeof(r->token));
	memset(r->token_hash, 7, sizeof(r->token_hash));
}

static enum kk_err open(struct sim_keyd *k, struct room_key_result *r)
{
	if (k->phase != SIM_NONE)
		return KK_ESTATE;
	k->phase = SIM_WAITING;
	tokens(r);
	return KK_OK;
}

static enum kk_err create(struct sim *sim, struct sim_keyd *k, size_t box,
    const struct asked *asked, struct room_key_result *r)
{
	if (k->phase != SIM_NONE)
		return KK_ESTATE;
	memset(&k->group, 0, sizeof(k->group));
	k->group.hash = mix(++sim->last_nonce, 1);
	k->group.leaves[0] = (struct sim_leaf){ true, box + 1, 0 };
	agreed_get(&k->group.agreed, kk_bytes_view(&asked->agreed));
	k->phase = SIM_JOINED;
	tokens(r);
	return KK_OK;
}

static enum kk_err package(struct sim *sim, struct sim_keyd *k, size_t box,
    struct room_key_result *r)
{
	struct sim_change c = { .identity = box + 1 };

	if (k->phase != SIM_WAITING)
		return KK_ESTATE;
	c.package = k->package = ++sim->last_nonce;
	r->message = sim_message(KP, &c, sizeof(c));
	return KK_OK;
}

static enum kk_err join(struct sim_keyd *k, struct kk_view message,
    struct room_key_result *r)
{
	struct welcome w;

	if (k->phase != SIM_WAITING)
		return KK_ESTATE;
	message_read(message, WELCOME, &w, sizeof(w));
	for (uint32_t l = 0; l < SIM_LEAVES; l++) {
		if (!w.group.leaves[l].is_used ||
		    w.group.leaves[l].package != k->package)
			continue;
		k->group = w.group;
		k->group.own_leaf = l;
		k->group.past_hash = 0; /* before its time */
		k->package = 0;
		k->phase = SIM_JOINED;
		r->epoch = k->group.epoch;
		r->own_leaf = l;
		return KK_OK;
	}
	return KK_ENOKEY;
}

/* The room is shown what it asked for: it would not tell such a lie. */
static void lie(struct sim *sim, size_t box, struct sim_change *c,
    struct sim_staged *s)
{
	if (!sim->box[box].lie)
		return;
	c->has_agreed = c->is_lie = s->is_lie = true;
	c->agreed = s->next.agreed = *sim->box[box].lie;
	sim->box[box].lie = NULL;
	sim->lies_told++;
}

static enum kk_err commit(struct sim *sim, struct sim_keyd *k, size_t box,
    const struct asked *asked, struct room_key_result *r)
{
	struct sim_change c = { .hash = k->group.hash,
		.epoch = k->group.epoch,
		.leaf = k->group.own_leaf,
		.add_count = asked->call.add_count,
		.remove_count = asked->call.remove_count };
	struct sim_staged s = { .is_own = true };
	enum kk_err err;

	if (k->phase != SIM_JOINED)
		return KK_ESTATE;
	if (staged_own(k))
		return KK_EEXIST;
	CHECK(c.add_count <= SIM_CHANGES && c.remove_count <= SIM_CHANGES);
	for (size_t i = 0; i < c.add_count; i++) {
		struct sim_change kp;

		message_read(kk_bytes_view(&asked->adds[i]), KP, &kp,
		    sizeof(kp));
		c.adds[i] = (struct sim_leaf){ true, kp.identity, kp.package };
	}
	memcpy(c.removes, asked->call.removes,
	    c.remove_count * sizeof(uint32_t));
	c.has_agreed = asked->agreed.bytes > 0;
	agreed_get(&c.agreed, kk_bytes_view(&asked->agreed));
	c.nonce = s.nonce = ++sim->last_nonce;
	err = change_do(&k->group, &c, &s.next);
	if (!err) {
		agreed_put(&s.next.agreed, r);
		lie(sim, box, &c, &s);
	}
	if (!err)
		err = staged_add(k, s, r);
	if (err)
		return err;
	r->epoch = s.next.epoch;
	changes_put(&c, r);
	r->message = sim_message(HANDSHAKE, &c, sizeof(c));
	if (c.add_count)
		r->welcome = sim_message(WELCOME, &s.next, sizeof(s.next));
	return KK_OK;
}

static enum kk_err commit_take(struct sim_keyd *k, struct kk_view message,
    struct room_key_result *r)
{
	const struct sim_staged *own = staged_own(k);
	struct sim_staged s = { .is_own = false };
	struct sim_change c;
	enum kk_err err;

	message_read(message, HANDSHAKE, &c, sizeof(c));
	if (own && own->nonce == c.nonce) {
		r->kind = ROOM_KIND_OWN;
		r->handle = own->handle;
		r->removed = kk_calloc(0, sizeof(*r->removed));
		CHECK(r->removed); /* an empty list, as of keyd's answer */
		return KK_OK;
	}
	if (c.hash != k->group.hash || c.leaf == k->group.own_leaf)
		return KK_EEPOCH; /* nobody can take what was its own */
	err = change_do(&k->group, &c, &s.next);
	if (err)
		return err;
	s.nonce = c.nonce;
	s.removes_us = !s.next.leaves[k->group.own_leaf].is_used ||
	    s.next.leaves[k->group.own_leaf].package !=
		k->group.leaves[k->group.own_leaf].package;
	s.is_lie = c.is_lie;
	r->kind = ROOM_KIND_COMMIT;
	r->has_committer = true;
	r->committer = c.leaf;
	agreed_put(&s.next.agreed, r);
	changes_put(&c, r);
	return staged_add(k, s, r);
}

static enum kk_err letter_take(struct sim_keyd *k, struct kk_view message,
    struct room_key_result *r)
{
	struct letter l;

	message_read(message, LETTER, &l, sizeof(l));
	if (l.head.hash != k->group.hash && l.head.hash != k->group.past_hash)
		return KK_EEPOCH;
	r->kind = ROOM_KIND_APPLICATION;
	r->has_sender = true;
	r->sender = l.head.leaf;
	CHECK_OK(kk_bytes_copy(&r->message, kk_view_of(l.data, l.bytes)));
	return KK_OK;
}

static enum kk_err process(struct sim_keyd *k, struct kk_view message,
    struct room_key_result *r)
{
	if (k->phase != SIM_JOINED)
		return KK_ESTATE;
	return message.data[1] == HANDSHAKE ? commit_take(k, message, r) :
					      letter_take(k, message, r);
}

/* What no fork may pass: nobody enters an epoch that the server did not give.
 */
static enum kk_err apply(struct sim *sim, struct sim_keyd *k, uint64_t handle,
    struct room_key_result *r)
{
	for (size_t i = 0; i < SIM_STAGED; i++) {
		struct sim_staged *s = &k->staged[i];

		if (!handle || s->handle != handle)
			continue;
		CHECK(sim_is_accepted(sim, s->nonce));
		CHECK_EQ(s->next.epoch, k->group.epoch + 1);
		sim->lies_applied += s->is_lie && !s->is_own;
		k->group = s->next;
		r->is_ended = s->removes_us;
		k->phase = s->removes_us ? SIM_ENDED : SIM_JOINED;
		r->epoch = k->group.epoch;
		r->own_leaf = k->group.own_leaf;
		staged_clear(k);
		return KK_OK;
	}
	return KK_ENOENT;
}

static enum kk_err drop(struct sim_keyd *k, uint64_t handle)
{
	for (size_t i = 0; i < SIM_STAGED; i++) {
		if (handle && k->staged[i].handle == handle) {
			k->staged[i].handle = 0;
			return KK_OK;
		}
	}
	return KK_ENOENT;
}

static enum kk_err protect(struct sim_keyd *k, const struct kk_bytes *data,
    struct room_key_result *r)
{
	struct letter l = { .head = { .hash = k->group.hash,
				.leaf = k->group.own_leaf },
		.bytes = data->bytes };

	if (k->phase != SIM_JOINED)
		return KK_ESTATE;
	CHECK(data->bytes <= sizeof(l.data));
	memcpy(l.data, data->data, data->bytes);
	r->message = sim_message(LETTER, &l, sizeof(l));
	return KK_OK;
}

static enum kk_err forget(struct sim_keyd *k)
{
	if (k->phase == SIM_NONE)
		return KK_ESTATE;
	staged_clear(k);
	k->phase = SIM_NONE;
	k->package = 0;
	return KK_OK;
}

static enum kk_err execute(struct sim *sim, size_t box, struct asked *asked,
    struct room_key_result *r)
{
	struct sim_keyd *k = &sim->box[box].keyd;
	const struct kk_view message = kk_bytes_view(&asked->message);

	switch (asked->call.op) {
	case ROOM_KEY_ROSTER:
		return roster(k, r);
	case ROOM_KEY_CODE:
		memcpy(r->code, "a code", sizeof("a code"));
		return k->phase == SIM_JOINED ? KK_OK : KK_ESTATE;
	case ROOM_KEY_OPEN:
		return open(k, r);
	case ROOM_KEY_CREATE:
		return create(sim, k, box, asked, r);
	case ROOM_KEY_FORGET:
		return forget(k);
	case ROOM_KEY_PACKAGE:
		return package(sim, k, box, r);
	case ROOM_KEY_JOIN:
		return join(k, message, r);
	case ROOM_KEY_COMMIT:
		return commit(sim, k, box, asked, r);
	case ROOM_KEY_PROCESS:
		return process(k, message, r);
	case ROOM_KEY_APPLY:
		return apply(sim, k, asked->call.handle, r);
	case ROOM_KEY_DROP:
		return drop(k, asked->call.handle);
	case ROOM_KEY_PROTECT:
		return protect(k, &asked->message, r);
	default:
		return KK_EINVAL;
	}
}

struct outcome {
	struct room_key_result r;
	unsigned keyd_starts, roomd_starts;
};

static void outcome_release(void *data)
{
	struct outcome *o = data;

	room_key_result_clear(&o->r);
	kk_free(o);
}

static void outcome_arrives(struct sim *sim, size_t i, unsigned link,
    void *data)
{
	struct outcome *o = data;
	struct sim_box *b = &sim->box[i];

	(void)link;
	if (!b->room || b->starts != o->roomd_starts || !b->keyd.is_up ||
	    b->keyd.starts != o->keyd_starts)
		return;
	room_key_result(b->room, &o->r, sim->now_ms);
	sim_drain(sim, i);
}

static void asked_release(void *data)
{
	struct asked *asked = data;

	kk_bytes_clear(&asked->message);
	kk_bytes_clear(&asked->agreed);
	for (size_t i = 0; i < ROOM_ADDS_MAX; i++)
		kk_bytes_clear(&asked->adds[i]);
	kk_free(asked);
}

static void asked_arrives(struct sim *sim, size_t i, unsigned link, void *data)
{
	struct asked *asked = data;
	struct sim_keyd *k = &sim->box[i].keyd;
	struct outcome *o;

	(void)link;
	if (!k->is_up || k->starts != asked->keyd_starts)
		return; /* killed before it read it */
	o = sim_alloc(1, sizeof(*o));
	o->keyd_starts = asked->keyd_starts;
	o->roomd_starts = asked->roomd_starts;
	if (sim->refuses_one_in && sim_random(sim, sim->refuses_one_in) == 0)
		o->r.err = KK_ELIMIT;
	else
		o->r.err = execute(sim, i, asked, &o->r);
	sim_after(sim, sim->now_ms + sim_random(sim, CALL_MS), outcome_arrives,
	    outcome_release, i, 0, o);
}

void sim_keyd_call(struct sim *sim, size_t i, const struct room_key_call *call)
{
	struct sim_box *b = &sim->box[i];
	struct asked *asked = sim_alloc(1, sizeof(*asked));

	asked->call = *call;
	asked->keyd_starts = b->keyd.starts;
	asked->roomd_starts = b->starts;
	if (call->op == ROOM_KEY_JOIN || call->op == ROOM_KEY_PROCESS ||
	    call->op == ROOM_KEY_PROTECT)
		CHECK_OK(kk_bytes_copy(&asked->message, call->message));
	if (call->op == ROOM_KEY_COMMIT || call->op == ROOM_KEY_CREATE)
		CHECK_OK(kk_bytes_copy(&asked->agreed, call->agreed));
	for (size_t n = 0; call->op == ROOM_KEY_COMMIT && n < call->add_count;
	    n++)
		CHECK_OK(kk_bytes_copy(&asked->adds[n], call->adds[n]));
	sim_after(sim, sim->now_ms + sim_random(sim, CALL_MS), asked_arrives,
	    asked_release, i, 0, asked);
}
