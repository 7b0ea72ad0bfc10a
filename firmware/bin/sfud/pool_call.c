/* pool_call.c - media.h's calls, made in the meeting's worker. */
#include "pool_private.h"

struct call; /* what is to be done there */
typedef enum kk_err call_fn(const struct call *call);

/* What any of the calls takes, and where it puts what it gives; each uses its
 * part. */
struct call {
	call_fn *fn;
	enum kk_err err; /* of fn */
	struct media *media;
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
	union {
		struct media_meeting **meetingp;
		struct media_peer **peerp;
		struct media_transport *opened;
		bool *published;
		struct media_slot *slots;
	};
	size_t count; /* of watches, of slots ... */
	size_t *kept; /* ... and of those that are left */
};

static void call_run(void *arg)
{
	struct call *call = arg;

	call->err = call->fn(call);
}

static enum kk_err run(const struct seat *seat, call_fn *fn, struct call call)
{
	call.fn = fn;
	worker_call(seat->worker, call_run, &call);
	return call.err;
}

static enum kk_err run_for(const struct pool_peer *peer, call_fn *fn,
    struct call call)
{
	call.peer = peer->media;
	return run(peer->meeting->seat, fn, call);
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

static enum kk_err meeting_make(const struct call *call)
{
	return media_meeting_new(call->meetingp, call->media);
}

static enum kk_err meeting_end(const struct call *call)
{
	media_meeting_free(call->meeting);
	return KK_OK;
}

enum kk_err pool_meeting_new(struct pool_meeting **meetingp, struct pool *pool)
{
	struct pool_meeting *meeting = kk_calloc(1, sizeof(*meeting));
	struct seat *seat = seat_choose(pool);
	enum kk_err err;

	if (!meeting)
		return KK_ENOMEM;
	meeting->seat = seat;
	err = run(seat, meeting_make,
	    (struct call){ .media = seat->media, .meetingp = &meeting->media });
	if (err) {
		kk_free(meeting);
		return err;
	}
	seat->meetings++;
	*meetingp = meeting;
	return KK_OK;
}

void pool_meeting_free(struct pool_meeting *meeting)
{
	if (!meeting)
		return;
	(void)run(meeting->seat, meeting_end,
	    (struct call){ .meeting = meeting->media });
	meeting->seat->meetings--;
	kk_free(meeting);
}

static enum kk_err peer_make(const struct call *call)
{
	return media_peer_new(call->peerp, call->meeting, call->arg);
}

static enum kk_err peer_end(const struct call *call)
{
	media_peer_free(call->peer);
	return KK_OK;
}

enum kk_err pool_peer_new(struct pool_peer **peerp,
    struct pool_meeting *meeting, void *owner)
{
	struct pool_peer *peer = kk_calloc(1, sizeof(*peer));
	enum kk_err err;

	if (!peer)
		return KK_ENOMEM;
	peer->meeting = meeting;
	peer->owner = owner;
	err = run(meeting->seat, peer_make,
	    (struct call){ .meeting = meeting->media,
		.arg = peer,
		.peerp = &peer->media });
	if (err) {
		kk_free(peer);
		return err;
	}
	meeting->seat->peers++;
	*peerp = peer;
	return KK_OK;
}

void pool_peer_free(struct pool_peer *peer)
{
	if (!peer)
		return;
	(void)run_for(peer, peer_end, (struct call){ 0 });
	peer->meeting->seat->peers--;
	pool_peer_forget(peer);
}

/* --- transports, sources, slots ---------------------------------------------
 */

static enum kk_err transport_open(const struct call *call)
{
	return media_transport_open(call->peer, call->direction, call->opened);
}

enum kk_err pool_transport_open(struct pool_peer *peer,
    enum media_direction direction, struct media_transport *out)
{
	return run_for(peer, transport_open,
	    (struct call){ .direction = direction, .opened = out });
}

static enum kk_err transport_restart(const struct call *call)
{
	return media_transport_restart(call->peer, call->transport,
	    call->opened);
}

enum kk_err pool_transport_restart(struct pool_peer *peer, uint32_t transport,
    struct media_transport *out)
{
	return run_for(peer, transport_restart,
	    (struct call){ .transport = transport, .opened = out });
}

static enum kk_err transport_connect(const struct call *call)
{
	return media_transport_connect(call->peer, call->transport,
	    call->fingerprint);
}

enum kk_err pool_transport_connect(struct pool_peer *peer, uint32_t transport,
    const char *fingerprint)
{
	return run_for(peer, transport_connect,
	    (struct call){ .transport = transport,
		.fingerprint = fingerprint });
}

static enum kk_err transport_connect_to(const struct call *call)
{
	return media_transport_connect_to(call->peer, call->transport,
	    call->fingerprint);
}

enum kk_err pool_transport_connect_to(struct pool_peer *peer,
    uint32_t transport, const char *fingerprint)
{
	return run_for(peer, transport_connect_to,
	    (struct call){ .transport = transport,
		.fingerprint = fingerprint });
}

static enum kk_err transport_close(const struct call *call)
{
	enum kk_err err = media_transport_close(call->peer, call->transport);

	for (unsigned i = 0; i < MEDIA_SOURCE_COUNT; i++)
		call->published[i] = media_is_published(call->peer,
		    (enum media_source)i);
	return err;
}

enum kk_err pool_transport_close(struct pool_peer *peer, uint32_t transport,
    bool published[MEDIA_SOURCE_COUNT])
{
	return run_for(peer, transport_close,
	    (struct call){ .transport = transport, .published = published });
}

static enum kk_err publish(const struct call *call)
{
	return media_publish(call->peer, call->publish);
}

enum kk_err pool_publish(struct pool_peer *peer,
    const struct media_publish *what)
{
	return run_for(peer, publish, (struct call){ .publish = what });
}

static enum kk_err unpublish(const struct call *call)
{
	return media_unpublish(call->peer, call->source);
}

enum kk_err pool_unpublish(struct pool_peer *peer, enum media_source source)
{
	return run_for(peer, unpublish, (struct call){ .source = source });
}

static enum kk_err slots_make(const struct call *call)
{
	return media_slots_make(call->peer, call->transport, call->wanted,
	    call->slots);
}

enum kk_err pool_slots_make(struct pool_peer *peer, uint32_t transport,
    const struct media_slots *what, struct media_slot *out)
{
	return run_for(peer, slots_make,
	    (struct call){ .transport = transport,
		.wanted = what,
		.slots = out });
}

static enum kk_err slots_keep(const struct call *call)
{
	size_t kept = 0;

	for (size_t i = 0; i < call->count; i++) {
		if (media_slot_is_there(call->peer, call->slots[i].slot))
			call->slots[kept++] = call->slots[i];
	}
	*call->kept = kept;
	return KK_OK;
}

size_t pool_slots_left(struct pool_peer *peer, struct media_slot *list,
    size_t count)
{
	size_t kept = 0;

	(void)run_for(peer, slots_keep,
	    (struct call){ .slots = list, .count = count, .kept = &kept });
	return kept;
}

static enum kk_err watch(const struct call *call)
{
	enum kk_err err = KK_OK;

	for (size_t i = 0; i < call->count && !err; i++) {
		const struct pool_watch *w = &call->watches[i];
		struct media_watch what = w->what;

		what.of = w->of ? w->of->media : NULL;
		err = w->is_loudest ?
		    media_watch_loudest(call->peer, what.slot) :
		    media_watch(call->peer, &what);
	}
	return err;
}

enum kk_err pool_watch(struct pool_peer *peer, const struct pool_watch *list,
    size_t count)
{
	return run_for(peer, watch,
	    (struct call){ .watches = list, .count = count });
}
