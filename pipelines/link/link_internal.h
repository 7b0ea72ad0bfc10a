/*
 * link_internal.h - the parts of a link.  Not for others.
 *
 * Everything is the link's thread's alone, but what says otherwise.
 */
#pragma once
#include <nice/agent.h>

#include "dtls/dtls.h"
#include "pipelines/link/link.h"
#include "pipelines/link/session.h"

/* --- queue.c: packets from other threads; any thread ---------------------- */

struct link_packet {
	size_t bytes;
	uint8_t data[LINK_PACKET_MAX_BYTES];
};

struct link_queue {
	GMutex mutex; /* never held across a callback */
	struct link_packet *ring; /* LINK_QUEUE_MAX */
	size_t head, count;
	uint64_t overflows;
	uint32_t asked[LINK_RECEIVERS_MAX]; /* SSRCs that want a key frame */
	size_t asked_count;
	GSource *source; /* wakes the link's thread */
};

MUST_CHECK enum kk_err link_queue_init(struct link_queue *queue,
    GMainContext *context, struct link *link);
void link_queue_clear(struct link_queue *queue);
/* Errors: KK_ENOSPC. */
MUST_CHECK enum kk_err link_queue_put(struct link_queue *queue,
    struct kk_view packet);
void link_queue_ask(struct link_queue *queue, uint32_t ssrc);

/* --- ice.c ---------------------------------------------------------------- */

struct link_ice {
	NiceAgent *agent; /* NULL before link_remote_set() */
	guint stream; /* 0: none */
	bool is_gathered;
	GSList *waiting; /* the forwarder's candidates, not yet known to it */
	GSource *turn; /* sees the turns of the link's context */
	unsigned taken; /* packets in this one */
	bool is_paused; /* until the next one */
};

bool link_ice_is_ok(const struct link_remote *remote);
/* Errors: KK_EINVAL libnice will not have it; KK_EIO no own address. */
MUST_CHECK enum kk_err link_ice_prepare(struct link *link,
    const struct link_remote *remote);
/* The servers are known.  Errors: KK_EIO. */
MUST_CHECK enum kk_err link_ice_gather(struct link *link);
void link_ice_stop(struct link *link); /* no packet comes or goes after it */
/* Stopped before: frees the agent, and calls done on the link's thread.  Then
 * another one may be prepared, before done is called. */
void link_ice_close(struct link *link, void (*done)(struct link *link));
bool link_ice_send(struct link *link, struct kk_view packet);
/* Why there is no way: KK_EPOLICY where a relay was wanted and none is there,
 * else KK_EIO. */
enum kk_err link_ice_why(const struct link *link);
bool link_ice_is_relayed(const struct link_ice *ice); /* the pair in use */

/* --- lookup.c: addresses of the servers ----------------------------------- */

struct link_lookup {
	void (*done)(struct link *link);
	GCancellable *cancel; /* of this one; another is another lookup's */
	GSource *timer;
	unsigned count; /* questions without an answer */
	bool is_open; /* done was not called */
};

/* Calls done once: when all servers have addresses or did not get one in time.
 * A lookup before it is forgotten. */
void link_lookup_start(struct link *link, void (*done)(struct link *link));
void link_lookup_stop(struct link *link); /* done is not called any more */
void link_lookup_clear(struct link *link); /* the thread is gone */

/* --- address.c ------------------------------------------------------------ */

bool link_address_is_ok(const char *text); /* v4 or v6 */
bool link_address_is_loopback(const char *text);
/* A NULL-terminated list of our own, for g_strfreev(). */
char **link_addresses_find(bool with_loopback);

/* --- secure.c: the handshake ---------------------------------------------- */

struct link_secure {
	struct dtls *machine; /* NULL before the remote's end is known */
	bool has_started;
	GSource *timer;
};

/* Errors: KK_EFORMAT the fingerprint; KK_ENOMEM. */
MUST_CHECK enum kk_err link_secure_prepare(struct link *link,
    const char *fingerprint);
void link_secure_start(struct link *link); /* ICE has a way; again is fine */
void link_secure_input(struct link *link, struct kk_view datagram);
void link_secure_close(struct link *link); /* close_notify */
void link_secure_clear(struct link *link);

/* --- restart.c: when nothing is heard, and another way ------------------- */

void link_heard(struct link *link); /* something authentic has come */
void link_silence_look(struct link *link, uint64_t now_us);
int64_t link_silence_wait_us(struct link *link,
    uint64_t now_us); /* until the look; -1: none */
void link_way_found(struct link *link); /* ICE has one, perhaps a new one */

/* --- state.c -------------------------------------------------------------- */

/* A change that the table lists is told; another is dropped. */
void link_state_change(struct link *link, enum link_state to, enum kk_err why);
/* To LINK_LOST; what has to stop then, stops soon, not inside this call. */
void link_lose(struct link *link, enum kk_err why);

/* --- link.c --------------------------------------------------------------- */

bool link_server_is_ok(const struct link_server *server);
void link_servers_copy(struct link *link, const struct link_server *servers,
    size_t count);
void link_servers_clear(struct link *link); /* wipes */
void link_ice_end(struct link *link); /* stopped before: closes the agent */
void link_servers_find(struct link *link); /* then gathers */
gboolean link_connect_is_late(gpointer arg); /* of connect_timer */

/* --- run.c ---------------------------------------------------------------- */

/* Runs fn on the link's thread and waits for it. */
void link_run(struct link *link, void (*fn)(struct link *link, void *arg),
    void *arg);
/* Calls fn on the link's thread after a while, once; destroy it with
 * link_timer_stop(). */
GSource *link_timer_start(struct link *link, uint64_t after_ms, GSourceFunc fn);
void link_timer_stop(GSource **source);

uint64_t link_now_ms(void);
uint64_t link_now_us(void);

struct link {
	/* Never change while the thread runs. */
	struct link_config config; /* its pointers are ours */
	struct link_server *servers;
	char **addresses;
	char *cname;
	struct dtls_identity *identity;
	GMainContext *context;
	GMainLoop *loop;
	GThread *thread;

	gint state; /* enum link_state; atomic */
	struct link_queue queue;

	struct link_lookup lookup;
	struct link_ice ice;
	struct link_secure secure;
	struct link_session session;
	struct link_counts counts;
	GSource *connect_timer, *loss_timer, *close_timer;
	unsigned agents_closing;
	bool is_closing;
	bool is_restarting; /* until there is a way */
};
