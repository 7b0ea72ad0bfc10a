/* sim.c - time, links, and boxes. */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#include "room/room_internal.h"

enum { LATENCY_MS = 20, CONNECT_MS = 5, MILLI = 1000, SPIN_MAX = 1000 };

struct sim_event {
	uint64_t at_ms, number;
	void (*fn)(struct sim *sim, size_t box, unsigned link, void *data);
	void (*release)(void *data);
	size_t box;
	unsigned link; /* dropped where the box's is another by then; 0: any */
	void *data;
};

uint64_t sim_random(struct sim *sim, uint64_t below)
{
	sim->rng ^= sim->rng << 13;
	sim->rng ^= sim->rng >> 7;
	sim->rng ^= sim->rng << 17;
	return below ? sim->rng % below : 0;
}

void *sim_alloc(size_t count, size_t bytes)
{
	void *p = kk_calloc(count, bytes);

	if (!p)
		abort();
	return p;
}

/*
 * Time: a heap of what is to come.
 */
static bool is_before(const struct sim_event *a, const struct sim_event *b)
{
	return a->at_ms < b->at_ms ||
	    (a->at_ms == b->at_ms && a->number < b->number);
}

static void heap_push(struct sim *sim, struct sim_event *e)
{
	size_t i = sim->heap_count++;

	CHECK(sim->heap_count <= SIM_EVENTS);
	while (i > 0 && is_before(e, sim->heap[(i - 1) / 2])) {
		sim->heap[i] = sim->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	sim->heap[i] = e;
}

static struct sim_event *heap_pop(struct sim *sim)
{
	struct sim_event *first = sim->heap[0];
	struct sim_event *last = sim->heap[--sim->heap_count];
	size_t i = 0;

	for (;;) {
		size_t next = 2 * i + 1;

		if (next + 1 < sim->heap_count &&
		    is_before(sim->heap[next + 1], sim->heap[next]))
			next++;
		if (next >= sim->heap_count ||
		    !is_before(sim->heap[next], last))
			break;
		sim->heap[i] = sim->heap[next];
		i = next;
	}
	sim->heap[i] = last;
	return first;
}

void sim_after(struct sim *sim, uint64_t at_ms,
    void (*fn)(struct sim *sim, size_t box, unsigned link, void *data),
    void (*release)(void *data), size_t box, unsigned link, void *data)
{
	struct sim_event *e = sim_alloc(1, sizeof(*e));

	*e = (struct sim_event){ at_ms, ++sim->last_event, fn, release, box,
		link, data };
	heap_push(sim, e);
}

static void event_free(struct sim_event *e)
{
	if (e->release)
		e->release(e->data);
	kk_free(e);
}

static uint64_t room_next(const struct sim *sim, size_t *which)
{
	uint64_t at_ms = UINT64_MAX;

	for (size_t i = 0; i < sim->count; i++) {
		uint64_t ms = sim->box[i].room ?
		    room_deadline(sim->box[i].room) :
		    UINT64_MAX;

		if (ms < at_ms) {
			at_ms = ms;
			*which = i;
		}
	}
	return at_ms;
}

/* One thing that happens; false: nothing until then. */
static bool step(struct sim *sim, uint64_t end_ms, unsigned *spins)
{
	size_t which = 0;
	uint64_t room_ms = room_next(sim, &which);
	uint64_t event_ms = sim->heap_count ? sim->heap[0]->at_ms : UINT64_MAX;
	uint64_t at_ms = room_ms < event_ms ? room_ms : event_ms;

	if (at_ms > end_ms)
		return false;
	*spins = at_ms > sim->now_ms ? 0 : *spins + 1;
	CHECK(*spins < SPIN_MAX); /* a deadline that nothing comes of */
	if (at_ms > sim->now_ms)
		sim->now_ms = at_ms;
	if (event_ms <= room_ms) {
		struct sim_event *e = heap_pop(sim);

		if (!e->link || e->link == sim->box[e->box].link)
			e->fn(sim, e->box, e->link, e->data);
		event_free(e);
	} else {
		room_tick(sim->box[which].room, sim->now_ms);
		sim_drain(sim, which);
	}
	return true;
}

void sim_run(struct sim *sim, uint64_t ms)
{
	const uint64_t end_ms = sim->now_ms + ms;
	unsigned spins = 0;

	while (step(sim, end_ms, &spins))
		;
	sim->now_ms = end_ms;
}

bool sim_run_until(struct sim *sim, bool (*is_so)(struct sim *sim), uint64_t ms)
{
	const uint64_t end_ms = sim->now_ms + ms;
	unsigned spins = 0;

	while (!is_so(sim)) {
		if (!step(sim, end_ms, &spins)) {
			sim->now_ms = end_ms;
			return is_so(sim);
		}
	}
	return true;
}

/*
 * Links.
 */
static void request_arrives(struct sim *sim, size_t i, unsigned link,
    void *data)
{
	(void)link;
	sim_server_request(sim, i, data);
}

static void request_release(void *data)
{
	room_request_free(data);
}

static void signal_arrives(struct sim *sim, size_t i, unsigned link, void *data)
{
	(void)link;
	if (!sim->box[i].room)
		return;
	room_signal(sim->box[i].room, data, sim->now_ms);
	sim_drain(sim, i);
}

static void signal_release(void *data)
{
	room_signal_clear(data);
	kk_free(data);
}

void sim_server_say(struct sim *sim, size_t i, struct room_signal *s)
{
	struct sim_box *b = &sim->box[i];
	struct room_signal *copy = sim_alloc(1, sizeof(*copy));
	uint64_t at_ms = sim->now_ms + 1 + sim_random(sim, LATENCY_MS);

	*copy = *s;
	if (at_ms < b->to_box_ms)
		at_ms = b->to_box_ms; /* in order */
	b->to_box_ms = at_ms;
	sim_after(sim, at_ms, signal_arrives, signal_release, i, b->link, copy);
}

static void send(struct sim *sim, size_t i, struct room_request *rq)
{
	struct sim_box *b = &sim->box[i];
	uint64_t at_ms = sim->now_ms + 1 + sim_random(sim, LATENCY_MS);

	if (!b->link || !b->link_is_up) {
		room_request_free(rq);
		return;
	}
	if (at_ms < b->to_server_ms)
		at_ms = b->to_server_ms;
	b->to_server_ms = at_ms;
	sim_after(sim, at_ms, request_arrives, request_release, i, b->link, rq);
}

static void link_close(struct sim *sim, size_t i)
{
	struct sim_box *b = &sim->box[i];

	if (b->link_is_up)
		sim_server_gone(sim, i);
	b->link = 0;
	b->link_is_up = false;
	b->to_server_ms = b->to_box_ms = 0;
}

static void connected(struct sim *sim, size_t i, unsigned link, void *data)
{
	struct sim_box *b = &sim->box[i];
	const bool is_there = sim->server.is_up && !b->is_cut;

	(void)link;
	(void)data;
	if (!b->room)
		return;
	b->link_is_up = is_there;
	if (is_there) {
		sim->server.guests[i] = (struct sim_guest){ .is_in = false };
		room_link_up(b->room, sim->now_ms);
	} else {
		b->link = 0;
		room_link_down(b->room, ROOM_LINK_UNREACHABLE, sim->now_ms);
	}
	sim_drain(sim, i);
}

void sim_drain(struct sim *sim, size_t i)
{
	struct sim_box *b = &sim->box[i];
	struct room_action a;

	while (b->room && room_action_take(b->room, &a)) {
		switch (a.type) {
		case ROOM_DO_CONNECT:
			b->link = (unsigned)++sim->last_link;
			sim_after(sim, sim->now_ms + CONNECT_MS, connected,
			    NULL, i, b->link, NULL);
			break;
		case ROOM_DO_DISCONNECT:
			link_close(sim, i);
			break;
		case ROOM_DO_SEND:
			send(sim, i, a.request);
			break;
		case ROOM_DO_KEY:
			sim_keyd_call(sim, i, a.call);
			break;
		case ROOM_DO_SAVE:
			b->has_token = true;
			memcpy(b->token, room_token(b->room), sizeof(b->token));
			break;
		}
	}
}

/* The server's side of a link that breaks, and the box's. */
static void link_break(struct sim *sim, size_t i)
{
	struct sim_box *b = &sim->box[i];

	if (!b->link)
		return;
	link_close(sim, i);
	if (b->room) {
		room_link_down(b->room, ROOM_LINK_LOST, sim->now_ms);
		sim_drain(sim, i);
	}
}

/*
 * Processes.
 */
void sim_init(struct sim *sim, size_t count, uint64_t seed)
{
	*sim = (struct sim){ .rng = seed * 0x9e3779b97f4a7c15 + 1,
		.now_ms = 1000000,
		.count = count,
		.last_nonce = 1 };
	sim->server.is_up = true;
	sim->box[0].is_creator = true;
	for (int i = 0; i < 16; i++)
		(void)sim_random(sim, 0);
}

void sim_clear(struct sim *sim)
{
	for (size_t i = 0; i < sim->count; i++)
		room_free(sim->box[i].room);
	while (sim->heap_count > 0)
		event_free(heap_pop(sim));
	for (size_t i = 0; i < SIM_EPOCHS; i++)
		kk_bytes_clear(&sim->server.log[i].message);
}

void sim_box_start(struct sim *sim, size_t i)
{
	struct sim_box *b = &sim->box[i];
	struct room_config config = { .id = "the one meeting",
		.is_creator = b->is_creator,
		.has_site_token = b->is_creator,
		.site_token = "the site's token",
		.has_token = b->has_token,
		.microphone_ssrc = (uint32_t)(i * 8 + 1),
		.camera_ssrcs = { (uint32_t)(i * 8 + 2), (uint32_t)(i * 8 + 3),
		    (uint32_t)(i * 8 + 4) },
		.camera_rtx_ssrcs = { (uint32_t)(i * 8 + 5),
		    (uint32_t)(i * 8 + 6), (uint32_t)(i * 8 + 7) },
		.seed = (uint32_t)sim_random(sim, UINT32_MAX) };

	CHECK(b->room == NULL);
	memcpy(config.token, b->token, sizeof(b->token));
	memcpy(config.token_hash, b->token, sizeof(b->token));
	CHECK_OK(room_new(&b->room, &config));
	b->starts++;
	room_start(b->room, sim->now_ms);
	if (!b->keyd.is_up)
		sim_keyd_start(sim, i);
	else
		room_key_up(b->room, sim->now_ms);
	sim_media_start(sim, i);
}

void sim_media_start(struct sim *sim, size_t i)
{
	const struct room_report report = { .has_microphone = true,
		.has_camera = true,
		.needs_epoch = true };

	room_media_report(sim->box[i].room, &report, sim->now_ms);
	sim_drain(sim, i);
}

void sim_box_kill(struct sim *sim, size_t i)
{
	struct sim_box *b = &sim->box[i];

	if (!b->room)
		return;
	room_free(b->room);
	b->room = NULL;
	link_close(sim, i);
}

void sim_box_cut(struct sim *sim, size_t i, bool is_cut)
{
	sim->box[i].is_cut = is_cut;
	if (is_cut)
		link_break(sim, i);
}

void sim_keyd_kill(struct sim *sim, size_t i)
{
	struct sim_box *b = &sim->box[i];

	b->keyd.is_up = false;
	for (size_t s = 0; s < SIM_STAGED; s++) {
		if (!b->keyd.staged[s].is_own)
			b->keyd.staged[s].handle = 0;
	}
	if (b->room) {
		room_key_down(b->room, sim->now_ms);
		sim_drain(sim, i);
	}
}

void sim_keyd_start(struct sim *sim, size_t i)
{
	struct sim_box *b = &sim->box[i];

	b->keyd.is_up = true;
	b->keyd.starts++;
	b->to_keyd_ms = 0;
	if (b->room) {
		room_key_up(b->room, sim->now_ms);
		sim_drain(sim, i);
	}
}

void sim_keyd_lose(struct sim *sim, size_t i)
{
	struct sim_keyd *k = &sim->box[i].keyd;

	CHECK(!k->is_up);
	*k = (struct sim_keyd){ .starts = k->starts };
}

void sim_server_kill(struct sim *sim)
{
	sim->server.is_up = false;
	for (size_t i = 0; i < sim->count; i++) {
		sim->server.guests[i] = (struct sim_guest){ .is_in = false };
		link_break(sim, i);
	}
}

void sim_server_start(struct sim *sim)
{
	sim->server.is_up = true;
}

void sim_server_lose(struct sim *sim)
{
	CHECK(!sim->server.is_up);
	sim->server.is_registered = sim->server.has_epoch = false;
}

/*
 * How it stands.
 */
size_t sim_members(const struct sim *sim, size_t i)
{
	const struct sim_group *g = &sim->box[i].keyd.group;
	size_t count = 0;

	if (sim->box[i].keyd.phase != SIM_JOINED)
		return 0;
	for (size_t l = 0; l < SIM_LEAVES; l++)
		count += g->leaves[l].is_used;
	return count;
}

static bool box_is_calm(const struct sim *sim, size_t i, size_t first,
    size_t running)
{
	const struct sim_box *b = &sim->box[i];
	const struct sim_group *g = &b->keyd.group;
	struct room_view v;

	room_look(b->room, &v);
	if (v.state != ROOM_IN || v.person_count != running ||
	    v.epoch != g->epoch || sim_members(sim, i) != running ||
	    g->hash != sim->box[first].keyd.group.hash ||
	    b->room->peer_count != running - 1)
		return false;
	for (size_t m = 0; m < b->room->member_count; m++) {
		const struct room_member *member = &b->room->members[m];
		struct room_person person;

		room_person(b->room, m, &person);
		if (member->is_gone || (!member->has_peer && !person.is_self) ||
		    !person.has_microphone || !person.has_camera)
			return false;
	}
	return true;
}

bool sim_is_calm(struct sim *sim)
{
	size_t running = 0, first = SIM_BOXES;

	for (size_t i = 0; i < sim->count; i++) {
		if (!sim->box[i].room)
			continue;
		running++;
		if (first == SIM_BOXES)
			first = i;
	}
	for (size_t i = 0; i < sim->count; i++) {
		if (sim->box[i].room && !box_is_calm(sim, i, first, running))
			return false;
	}
	return running > 0;
}

void sim_tell(struct sim *sim)
{
	for (size_t i = 0; i < sim->count; i++) {
		const struct sim_box *b = &sim->box[i];
		const char *trouble;

		if (!b->room) {
			tap_diag("box %zu: off", i);
			continue;
		}
		trouble = room_trouble_name(b->room->trouble);
		tap_diag("box %zu: state %d step %d keys %d own %d op %d epoch "
			 "%llu members %zu peers %zu keyd %d epoch %llu hash "
			 "%llx trouble %s inbox %zu",
		    i, b->room->state, b->room->step, b->room->keys,
		    b->room->own, b->room->op,
		    (unsigned long long)b->room->epoch, b->room->member_count,
		    b->room->peer_count, b->keyd.phase,
		    (unsigned long long)b->keyd.group.epoch,
		    (unsigned long long)b->keyd.group.hash % MILLI,
		    trouble ? trouble : "none", b->room->inbox_count);
	}
	tap_diag("server: up %d registered %d has epoch %d epoch %llu",
	    sim->server.is_up, sim->server.is_registered, sim->server.has_epoch,
	    (unsigned long long)sim->server.epoch);
}
