/* pool_call.c - media.h's calls, made in the meeting's worker. */
#include "pool_private.h"

/* What any of the calls takes and gives; each uses its part. */
struct call {
	struct seat *seat;
	struct media_meeting *meeting;
	struct media_peer *peer;
	struct pool_peer *arg;
	uint32_t transport;
	union {
		enum media_direction direction;
		enum media_source source;
		const char *fingerprint;
		const struct media_publish *publish;
		const struct pool_watch *watches;
		const struct media_slots *wanted;
	};
	size_t count;
	union {
		struct media_transport *opened;
		bool *published;
		struct media_slot *slots;
	};
	enum kk_err err;
};

static enum kk_err run(struct call *call, void (*fn)(void *arg))
{
	worker_call(call->seat->worker, fn, call);
	return call->err;
}

static struct call call_of(const struct pool_peer *peer)
{
	return (struct call){ .seat = peer->meeting->seat,
		.peer = peer->media };
}

/* --- meetings and participants ---------------------------------------------
 */

static struct seat *seat_choose(struct pool *pool)
{
	struct seat *best = &pool->seats[0];

	for (size_t n = 1; n < pool->count; n++) {
		struct seat *seat = &pool->seats[n];

		if (seat->peers < best->peers ||
		    (seat->peers == best->peers &&
			seat->meetings < best->meetings))
			best = seat;
	}
	return best;
}

static void meeting_make(void *arg)
{
	struct call *call = arg;

	call->err = media_meeting_new(&call->meeting, call->seat->media);
}

static void meeting_end(void *arg)
{
	const struct call *call = arg;

	media_meeting_free(call->meeting);
}

enum kk_err pool_meeting_new(struct pool_meeting **meetingp, struct pool *pool)
{
	struct pool_meeting *meeting = kk_calloc(1, sizeof(*meeting));
	struct call call = { .seat = seat_choose(pool) };
	enum kk_err err;

	if (!meeting)
		return KK_ENOMEM;
	err = run(&call, meeting_make);
	if (err) {
		kk_free(meeting);
		return err;
	}
	*meeting = (struct pool_meeting){ call.seat, call.meeting };
	call.seat->meetings++;
	*meetingp = meeting;
	return KK_OK;
}

void pool_meeting_free(struct pool_meeting *meeting)
{
	struct call call;

	if (!meeting)
		return;
	call = (struct call){ .seat = meeting->seat,
		.meeting = meeting->media };
	(void)run(&call, meeting_end);
	meeting->seat->meetings--;
	kk_free(meeting);
}

static void peer_make(void *arg)
{
	struct call *call = arg;

	call->err = media_peer_new(&call->peer, call->meeting, call->arg);
}

static void peer_end(void *arg)
{
	const struct call *call = arg;

	media_peer_free(call->peer);
}

enum kk_err pool_peer_new(struct pool_peer **peerp,
    struct pool_meeting *meeting, void *owner)
{
	struct pool_peer *peer = kk_calloc(1, sizeof(*peer));
	struct call call = { .seat = meeting->seat,
		.meeting = meeting->media,
		.arg = peer };
	enum kk_err err;

	if (!peer)
		return KK_ENOMEM;
	err = run(&call, peer_make);
	if (err) {
		kk_free(peer);
		return err;
	}
	peer->meeting = meeting;
	peer->media = call.peer;
	peer->owner = owner;
	meeting->seat->peers++;
	*peerp = peer;
	return KK_OK;
}

void pool_peer_free(struct pool_peer *peer)
{
	struct call call;

	if (!peer)
		return;
	call = call_of(peer);
	(void)run(&call, peer_end);
	peer->meeting->seat->peers--;
	pool_peer_forget(peer);
}

/* --- transports, sources, slots ---------------------------------------------
 */

static void transport_open(void *arg)
{
	struct call *call = arg;

	call->err = media_transport_open(call->peer, call->direction,
	    call->opened);
}

enum kk_err pool_transport_open(struct pool_peer *peer,
    enum media_direction direction, struct media_transport *out)
{
	struct call call = call_of(peer);

	call.direction = direction;
	call.opened = out;
	return run(&call, transport_open);
}

static void transport_restart(void *arg)
{
	struct call *call = arg;

	call->err = media_transport_restart(call->peer, call->transport,
	    call->opened);
}

enum kk_err pool_transport_restart(struct pool_peer *peer, uint32_t transport,
    struct media_transport *out)
{
	struct call call = call_of(peer);

	call.transport = transport;
	call.opened = out;
	return run(&call, transport_restart);
}

static void transport_connect(void *arg)
{
	struct call *call = arg;

	call->err = media_transport_connect(call->peer, call->transport,
	    call->fingerprint);
}

enum kk_err pool_transport_connect(struct pool_peer *peer, uint32_t transport,
    const char *fingerprint)
{
	struct call call = call_of(peer);

	call.transport = transport;
	call.fingerprint = fingerprint;
	return run(&call, transport_connect);
}

static void transport_connect_to(void *arg)
{
	struct call *call = arg;

	call->err = media_transport_connect_to(call->peer, call->transport,
	    call->fingerprint);
}

enum kk_err pool_transport_connect_to(struct pool_peer *peer,
    uint32_t transport, const char *fingerprint)
{
	struct call call = call_of(peer);

	call.transport = transport;
	call.fingerprint = fingerprint;
	return run(&call, transport_connect_to);
}

static void transport_close(void *arg)
{
	struct call *call = arg;

	call->err = media_transport_close(call->peer, call->transport);
	for (unsigned i = 0; i < MEDIA_SOURCE_COUNT; i++)
		call->published[i] = media_is_published(call->peer,
		    (enum media_source)i);
}

enum kk_err pool_transport_close(struct pool_peer *peer, uint32_t transport,
    bool published[MEDIA_SOURCE_COUNT])
{
	struct call call = call_of(peer);

	call.transport = transport;
	call.published = published;
	return run(&call, transport_close);
}

static void publish(void *arg)
{
	struct call *call = arg;

	call->err = media_publish(call->peer, call->publish);
}

enum kk_err pool_publish(struct pool_peer *peer,
    const struct media_publish *what)
{
	struct call call = call_of(peer);

	call.publish = what;
	return run(&call, publish);
}

static void unpublish(void *arg)
{
	struct call *call = arg;

	call->err = media_unpublish(call->peer, call->source);
}

enum kk_err pool_unpublish(struct pool_peer *peer, enum media_source source)
{
	struct call call = call_of(peer);

	call.source = source;
	return run(&call, unpublish);
}

static void slots_make(void *arg)
{
	struct call *call = arg;

	call->err = media_slots_make(call->peer, call->transport, call->wanted,
	    call->slots);
}

enum kk_err pool_slots_make(struct pool_peer *peer, uint32_t transport,
    const struct media_slots *what, struct media_slot *out)
{
	struct call call = call_of(peer);

	call.transport = transport;
	call.wanted = what;
	call.slots = out;
	return run(&call, slots_make);
}

static void slots_keep(void *arg)
{
	struct call *call = arg;
	size_t kept = 0;

	for (size_t i = 0; i < call->count; i++) {
		if (media_slot_is_there(call->peer, call->slots[i].slot))
			call->slots[kept++] = call->slots[i];
	}
	call->count = kept;
}

size_t pool_slots_left(struct pool_peer *peer, struct media_slot *list,
    size_t count)
{
	struct call call = call_of(peer);

	call.slots = list;
	call.count = count;
	(void)run(&call, slots_keep);
	return call.count;
}

static void watch(void *arg)
{
	struct call *call = arg;

	for (size_t i = 0; i < call->count && !call->err; i++) {
		const struct pool_watch *w = &call->watches[i];
		struct media_watch what = w->what;

		what.of = w->of ? w->of->media : NULL;
		call->err = media_watch(call->peer, &what);
	}
}

enum kk_err pool_watch(struct pool_peer *peer, const struct pool_watch *list,
    size_t count)
{
	struct call call = call_of(peer);

	call.watches = list;
	call.count = count;
	return run(&call, watch);
}
