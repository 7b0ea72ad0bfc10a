/*
 * pool.h - packets' halves (media.h), a thread for each; for the signalling
 * thread, which alone calls these functions.  A meeting lives on the worker
 * that had the fewest participants when it began.
 *
 * Each call runs between two packets of the meeting's worker, and is waited
 * for; arguments, results and errors are those of media.h.
 */
#pragma once
#include "media.h"

enum { POOL_WORKERS_MAX = 64 };

struct pool;
struct pool_meeting;
struct pool_peer; /* a participant */

struct pool_heard { /* as media_heard */
	uint32_t slot;
	void *owner; /* of whose microphone is in it */
};

struct pool_config {
	size_t workers; /* 0: one for each core */
	/* Worker n has these ports and n more; 0: as media.h. */
	uint16_t port, tcp_port;
	enum media_over over;
	const char *const *addresses; /* this and those below: as media.h */
	size_t address_count;
	unsigned packets_per_s;
	const struct kk_log *log;
	sd_event *event; /* of the signalling thread */
	/* As media.h, in the signalling thread; owner is the peer's.  Never
	 * about a peer that has been freed. */
	void (*transport_changed)(void *owner, uint32_t transport,
	    bool is_connected);
	/* Likewise; the list has owners, NULL for nobody.  It must not call
	 * back. */
	void (*loudest_changed)(void *owner, const struct pool_heard *heard,
	    size_t count);
	void (*wanted_changed)(void *owner, enum media_source source,
	    size_t encodings);
};

/* Errors: KK_EINVAL too many workers, an address; KK_EIO a port; KK_ENOMEM,
 * KK_ECRYPTO. */
MUST_CHECK enum kk_err pool_new(struct pool **poolp,
    const struct pool_config *config);
void pool_free(struct pool *pool); /* no meeting may be left; NULL is fine */
size_t pool_workers(const struct pool *pool);
uint16_t pool_port(const struct pool *pool, size_t worker);

MUST_CHECK enum kk_err pool_meeting_new(struct pool_meeting **meetingp,
    struct pool *pool);
void pool_meeting_free(struct pool_meeting *meeting); /* no peer is left */

MUST_CHECK enum kk_err pool_peer_new(struct pool_peer **peerp,
    struct pool_meeting *meeting, void *owner);
void pool_peer_free(struct pool_peer *peer); /* NULL is fine */

MUST_CHECK enum kk_err pool_transport_open(struct pool_peer *peer,
    enum media_direction direction, struct media_transport *out);
MUST_CHECK enum kk_err pool_transport_restart(struct pool_peer *peer,
    uint32_t transport, struct media_transport *out);
MUST_CHECK enum kk_err pool_transport_connect(struct pool_peer *peer,
    uint32_t transport, const char *fingerprint);
MUST_CHECK enum kk_err pool_transport_connect_to(struct pool_peer *peer,
    uint32_t transport, const char *fingerprint);
/* published: what is still so after it. */
MUST_CHECK enum kk_err pool_transport_close(struct pool_peer *peer,
    uint32_t transport, bool published[MEDIA_SOURCE_COUNT]);
MUST_CHECK enum kk_err pool_publish(struct pool_peer *peer,
    const struct media_publish *what);
MUST_CHECK enum kk_err pool_unpublish(struct pool_peer *peer,
    enum media_source source);
MUST_CHECK enum kk_err pool_slots_make(struct pool_peer *peer,
    uint32_t transport, const struct media_slots *what, struct media_slot *out);
/* Keeps those of the list whose transport is there; gives how many. */
size_t pool_slots_left(struct pool_peer *peer, struct media_slot *list,
    size_t count);

struct pool_watch {
	struct media_watch what; /* but for whom */
	bool is_loudest; /* the loudest */
	struct pool_peer *of; /* NULL: nobody */
};
/* In turn, up to the first that fails. */
MUST_CHECK enum kk_err pool_watch(struct pool_peer *peer,
    const struct pool_watch *list, size_t count);

struct pool_load { /* of a worker */
	struct media_counts counts;
	struct engine_report engines[ENGINE_ENGINES_MAX];
	size_t engine_count;
	uint64_t cpu_us;
	size_t meetings, peers;
};
void pool_load(struct pool *pool, size_t worker, struct pool_load *load);
