/* sim_server.c - the server, as docs/protocol.md has it. */
#include <stdio.h>
#include <string.h>

#include "sim.h"

enum { TRANSPORTS_MAX = 4 };

static struct kk_bytes copy_of(const struct kk_bytes *b)
{
	struct kk_bytes copy;

	CHECK_OK(kk_bytes_copy(&copy, kk_bytes_view(b)));
	return copy;
}

static void answer(struct sim *sim, size_t i, const struct room_request *rq,
    struct room_signal *s)
{
	s->type = s->error ? ROOM_ANSWER_ERROR : ROOM_ANSWER;
	s->id = rq->id;
	sim_server_say(sim, i, s);
}

static void refuse(struct sim *sim, size_t i, const struct room_request *rq,
    enum room_error error)
{
	struct room_signal s = { .error = error,
		.has_epoch = error == ROOM_ERROR_STALE,
		.epoch = sim->server.epoch };

	answer(sim, i, rq, &s);
}

/* To all who are in but one. */
static void tell_others(struct sim *sim, size_t but,
    const struct room_signal *event)
{
	for (size_t i = 0; i < sim->count; i++) {
		struct room_signal s = *event;

		if (i == but || !sim->server.guests[i].is_in)
			continue;
		s.message = copy_of(&event->message);
		sim_server_say(sim, i, &s);
	}
}

void sim_server_gone(struct sim *sim, size_t i)
{
	struct sim_guest *g = &sim->server.guests[i];
	const struct room_signal left = { .type = ROOM_LEFT,
		.has_peer = true,
		.peer = g->id,
		.is_lost = true };

	if (!g->is_in)
		return;
	g->is_in = false;
	tell_others(sim, i, &left);
}

static void log_clear(struct sim_server *server)
{
	server->has_epoch = false;
	for (size_t i = 0; i < SIM_EPOCHS; i++)
		kk_bytes_clear(&server->log[i].message);
}

static void on_register(struct sim *sim, size_t i,
    const struct room_request *rq)
{
	struct sim_server *server = &sim->server;
	struct room_signal s = { .error = ROOM_ERROR_NONE };

	if (server->has_other_token) {
		refuse(sim, i, rq, ROOM_ERROR_DENIED);
		return;
	}
	if (rq->is_reset) {
		const struct room_signal reset = { .type = ROOM_RESET };

		log_clear(server);
		tell_others(sim, SIM_BOXES, &reset);
	}
	CHECK_EQ(rq->token_hash.bytes, ROOM_TOKEN_BYTES);
	memcpy(server->token_hash, rq->token_hash.data, ROOM_TOKEN_BYTES);
	if (!server->is_registered)
		log_clear(server);
	server->is_registered = true;
	s.has_epoch = server->has_epoch;
	s.epoch = server->epoch;
	answer(sim, i, rq, &s);
}

static void missed_tell(struct sim *sim, size_t i, uint64_t from)
{
	for (uint64_t e = from; e < sim->server.epoch; e++) {
		const struct sim_commit *c = &sim->server.log[e % SIM_EPOCHS];
		struct room_signal s = { .type = ROOM_COMMIT,
			.has_epoch = true,
			.epoch = e,
			.has_peer = true,
			.peer = c->from,
			.message = copy_of(&c->message) };

		sim_server_say(sim, i, &s);
	}
}

static bool is_behind(const struct sim *sim, const struct room_request *rq)
{
	const struct sim_server *server = &sim->server;

	if (!rq->has_epoch || !server->has_epoch)
		return false;
	return rq->epoch > server->epoch || rq->epoch < server->first ||
	    rq->epoch + SIM_LOG < server->epoch;
}

static void peers_put(struct sim *sim, size_t i, struct room_signal *s)
{
	s->peers = sim_alloc(SIM_BOXES, sizeof(*s->peers));
	s->has_peers = true;
	for (size_t n = 0; n < sim->count; n++) {
		const struct sim_guest *g = &sim->server.guests[n];
		struct room_peer *p = &s->peers[s->peer_count];

		if (n == i || !g->is_in)
			continue;
		p->id = g->id;
		memcpy(p->has, g->has, sizeof(p->has));
		s->peer_count++;
	}
}

static size_t guest_count(const struct sim *sim)
{
	size_t count = 0;

	for (size_t i = 0; i < sim->count; i++)
		count += sim->server.guests[i].is_in;
	return count;
}

static void on_enter(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct sim_server *server = &sim->server;
	struct sim_guest *g = &server->guests[i];
	struct room_signal s = { .has_peer = true,
		.has_epoch = server->has_epoch,
		.epoch = server->epoch,
		.is_behind = is_behind(sim, rq) };
	struct room_signal joined = { .type = ROOM_JOINED, .has_peer = true };

	if (!server->is_registered) {
		refuse(sim, i, rq, ROOM_ERROR_UNKNOWN_MEETING);
		return;
	}
	/* The model's hash of a token is the token. */
	if (memcmp(rq->token.data, server->token_hash, ROOM_TOKEN_BYTES) != 0) {
		refuse(sim, i, rq, ROOM_ERROR_DENIED);
		return;
	}
	if (server->full_at && guest_count(sim) >= server->full_at) {
		refuse(sim, i, rq, ROOM_ERROR_FULL);
		return;
	}
	CHECK(!g->is_in);
	*g = (struct sim_guest){ .is_in = true };
	for (size_t n = 0; n < ROOM_PEER_BYTES; n++)
		g->id.bytes[n] = (uint8_t)sim_random(sim, 256);
	s.peer = joined.peer = g->id;
	peers_put(sim, i, &s);
	answer(sim, i, rq, &s);
	if (rq->has_epoch && server->has_epoch && !s.is_behind)
		missed_tell(sim, i, rq->epoch);
	tell_others(sim, i, &joined);
}

static void on_begin(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct room_signal s = { .error = ROOM_ERROR_NONE };

	if (sim->server.has_epoch)
		s.error = ROOM_ERROR_STATE;
	else
		sim->server.epoch = sim->server.first = rq->epoch;
	sim->server.has_epoch = true;
	answer(sim, i, rq, &s);
}

static void welcomes_tell(struct sim *sim, size_t from,
    const struct room_request *rq)
{
	for (size_t w = 0; w < rq->to_count; w++) {
		for (size_t i = 0; i < sim->count; i++) {
			struct room_signal s = { .type = ROOM_WELCOME,
				.has_epoch = true,
				.epoch = sim->server.epoch,
				.has_peer = true,
				.peer = sim->server.guests[from].id };

			if (!sim->server.guests[i].is_in ||
			    !room_peer_equal(&sim->server.guests[i].id,
				&rq->to[w]))
				continue;
			s.message = copy_of(&rq->welcome);
			sim_server_say(sim, i, &s);
		}
	}
}

static void on_commit(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct sim_server *server = &sim->server;
	struct sim_commit *c = &server->log[server->epoch % SIM_EPOCHS];
	struct room_signal s = { .has_epoch = true },
			   event = { .type = ROOM_COMMIT,
				   .has_epoch = true,
				   .has_peer = true };

	if (!server->has_epoch || rq->epoch != server->epoch) {
		refuse(sim, i, rq,
		    server->has_epoch ? ROOM_ERROR_STALE : ROOM_ERROR_STATE);
		return;
	}
	sim_accept(sim, &rq->message);
	kk_bytes_clear(&c->message);
	c->from = server->guests[i].id;
	c->message = copy_of(&rq->message);
	event.epoch = server->epoch++;
	event.peer = c->from;
	event.message = c->message;
	s.epoch = server->epoch;
	answer(sim, i, rq, &s);
	tell_others(sim, i, &event);
	welcomes_tell(sim, i, rq);
}

static void on_message(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct room_signal s = { .error = ROOM_ERROR_NONE };
	const struct room_signal event = { .type = ROOM_MESSAGE,
		.has_peer = true,
		.peer = sim->server.guests[i].id,
		.message = rq->message };

	tell_others(sim, i, &event);
	answer(sim, i, rq, &s);
}

static void on_transport(struct sim *sim, size_t i,
    const struct room_request *rq)
{
	struct room_signal s = { .has_transport = true };

	if (sim->server.guests[i].transports == TRANSPORTS_MAX) {
		refuse(sim, i, rq, ROOM_ERROR_LIMIT);
		return;
	}
	sim->server.guests[i].transports++;

	s.transport = sim_alloc(1, sizeof(*s.transport));
	s.transport->number = ++sim->last_link;
	answer(sim, i, rq, &s);
}

static void on_restart(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct room_signal s = { .has_transport = true };

	CHECK(sim->server.guests[i].transports > 0);
	sim->restarts++;
	if (sim->refuses_restarts) {
		refuse(sim, i, rq, ROOM_ERROR_UNKNOWN);
		return;
	}
	s.transport = sim_alloc(1, sizeof(*s.transport));
	s.transport->number = rq->transport;
	(void)snprintf(s.transport->ufrag, sizeof(s.transport->ufrag), "new%u",
	    (unsigned)sim->restarts);
	answer(sim, i, rq, &s);
}

static void on_slots(struct sim *sim, size_t i, const struct room_request *rq)
{
	const size_t audio = sim->audio_slots ? sim->audio_slots :
						rq->audio_slots;
	struct room_signal s = { .has_slots = true,
		.slot_count = audio + rq->video_slots };

	s.slots = sim_alloc(s.slot_count, sizeof(*s.slots));
	for (size_t n = 0; n < s.slot_count; n++) {
		s.slots[n].slot = n;
		s.slots[n].is_audio = n < audio;
		s.slots[n].ssrc = (uint32_t)n + 1;
	}
	answer(sim, i, rq, &s);
}

static void source_set(struct sim *sim, size_t i, enum room_source source,
    bool is_on)
{
	const struct room_signal event = { .type = is_on ? ROOM_PUBLISHED :
							   ROOM_UNPUBLISHED,
		.has_peer = true,
		.peer = sim->server.guests[i].id,
		.source = source };

	sim->server.guests[i].has[source] = is_on;
	tell_others(sim, i, &event);
}

static void on_publish(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct room_signal s = { .error = ROOM_ERROR_NONE };

	if (rq->source == ROOM_MICROPHONE)
		sim->server.guests[i].tells_level = rq->tells_level;
	source_set(sim, i, rq->source, true);
	answer(sim, i, rq, &s);
}

/* What was published over it ends with it. */
static void on_disconnect(struct sim *sim, size_t i,
    const struct room_request *rq)
{
	struct room_signal s = { .error = ROOM_ERROR_NONE };

	CHECK(sim->server.guests[i].transports > 0);
	sim->server.guests[i].transports--;
	for (int n = 0; n < ROOM_SOURCE_COUNT; n++) {
		if (sim->server.guests[i].has[n])
			source_set(sim, i, (enum room_source)n, false);
	}
	answer(sim, i, rq, &s);
}

static void on_watch(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct room_signal s = { .error = ROOM_ERROR_NONE };
	uint16_t *widths = sim->server.guests[i].widths;

	for (size_t n = 0; n < rq->watch_count; n++) {
		const struct room_watch *w = &rq->watch[n];

		CHECK(w->slot < SIM_SLOTS);
		CHECK(w->width == 0 || w->source != ROOM_MICROPHONE);
		CHECK_EQ(w->height, w->width * 9 / 16);
		widths[w->slot] = w->has_peer ? w->width : 0;
		CHECK(sim->allows_levels || !w->is_loudest);
		sim->server.guests[i].is_loudest[w->slot] = w->is_loudest;
	}
	sim->watches += rq->watch_count;
	answer(sim, i, rq, &s);
}

static void on_nothing(struct sim *sim, size_t i, const struct room_request *rq)
{
	struct room_signal s = { .error = ROOM_ERROR_NONE };

	if (rq->type == ROOM_ASK_HELLO) {
		sim->server.guests[i].said_hello = true;
		s.allows_levels = sim->allows_levels;
	}
	if (rq->type == ROOM_ASK_LEAVE)
		sim_server_gone(sim, i);
	answer(sim, i, rq, &s);
}

void sim_server_request(struct sim *sim, size_t i, struct room_request *rq)
{
	static void (*const on[ROOM_ASK_COUNT])(struct sim *sim, size_t i,
	    const struct room_request *rq) = {
		[ROOM_ASK_HELLO] = on_nothing,
		[ROOM_ASK_REGISTER] = on_register,
		[ROOM_ASK_ENTER] = on_enter,
		[ROOM_ASK_BEGIN] = on_begin,
		[ROOM_ASK_COMMIT] = on_commit,
		[ROOM_ASK_MESSAGE] = on_message,
		[ROOM_ASK_TRANSPORT] = on_transport,
		[ROOM_ASK_RESTART] = on_restart,
		[ROOM_ASK_CONNECT] = on_nothing,
		[ROOM_ASK_PUBLISH] = on_publish,
		[ROOM_ASK_DISCONNECT] = on_disconnect,
		[ROOM_ASK_SLOTS] = on_slots,
		[ROOM_ASK_WATCH] = on_watch,
		[ROOM_ASK_LEAVE] = on_nothing,
	};

	on[rq->type](sim, i, rq);
}
