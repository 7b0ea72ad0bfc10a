/* pool.c - the workers, what lives on them, and what they tell. */
#define _GNU_SOURCE /* sysconf */
#include "pool_private.h"

#include <stdio.h>
#include <unistd.h>

#include "media_shaker.h"

enum { NAME_BYTES = 16 };

/* --- news, on their way to the signalling thread -------------------------- */

struct news {
	struct postbox_job job;
	struct pool_peer *peer;
	uint32_t transport;
	bool is_connected;
};

static void news_run(struct postbox_job *job)
{
	struct news *news = (struct news *)job; /* its first */
	const struct pool_peer *peer = news->peer;

	if (!peer->is_gone)
		peer->meeting->seat->pool->config.transport_changed(peer->owner,
		    news->transport, news->is_connected);
	kk_free(news);
}

static void transport_changed(void *arg, struct media_peer *peer,
    uint32_t transport, bool is_connected)
{
	struct seat *seat = arg;
	struct pool *pool = seat->pool;
	struct news *news = kk_calloc(1, sizeof(*news));

	if (!news) {
		kk_log(pool->config.log, KK_LOG_ERROR,
		    "no memory to tell of a transport transport=%u", transport);
		return;
	}
	*news = (struct news){ .job = { .run = news_run },
		.peer = media_peer_arg(peer),
		.transport = transport,
		.is_connected = is_connected };
	postbox_post(pool->box, &news->job);
}

struct heard_news {
	struct postbox_job job;
	struct pool_peer *peer;
	struct pool_peer *of[SFU_LOUD_SLOTS_MAX];
	uint32_t slots[SFU_LOUD_SLOTS_MAX];
	size_t count;
};

/* Who has left meanwhile is nobody; it is there until this has run. */
static void heard_run(struct postbox_job *job)
{
	struct heard_news *news = (struct heard_news *)job; /* its first */
	struct pool_heard heard[SFU_LOUD_SLOTS_MAX];
	const struct pool_peer *peer = news->peer;

	for (size_t i = 0; i < news->count; i++) {
		const struct pool_peer *of = news->of[i];

		heard[i] = (struct pool_heard){ news->slots[i],
			of && !of->is_gone ? of->owner : NULL };
	}
	if (!peer->is_gone)
		peer->meeting->seat->pool->config.loudest_changed(peer->owner,
		    heard, news->count);
	kk_free(news);
}

static void loudest_changed(void *arg, struct media_peer *peer,
    const struct media_heard *heard, size_t count)
{
	const struct seat *seat = arg;
	struct pool *pool = seat->pool;
	struct heard_news *news = kk_calloc(1, sizeof(*news));

	if (!news) {
		kk_log(pool->config.log, KK_LOG_ERROR,
		    "no memory to tell who is in the slots");
		return;
	}
	news->job.run = heard_run;
	news->peer = media_peer_arg(peer);
	news->count = count;
	for (size_t i = 0; i < count; i++) {
		news->slots[i] = heard[i].slot;
		news->of[i] = heard[i].of ? media_peer_arg(heard[i].of) : NULL;
	}
	postbox_post(pool->box, &news->job);
}

struct wanted_news {
	struct postbox_job job;
	struct pool_peer *peer;
	enum media_source source;
	size_t encodings;
};

static void wanted_run(struct postbox_job *job)
{
	struct wanted_news *news = (struct wanted_news *)job; /* its first */
	const struct pool_peer *peer = news->peer;

	if (!peer->is_gone)
		peer->meeting->seat->pool->config.wanted_changed(peer->owner,
		    news->source, news->encodings);
	kk_free(news);
}

static void wanted_changed(void *arg, struct media_peer *peer,
    enum media_source source, size_t encodings)
{
	const struct seat *seat = arg;
	struct pool *pool = seat->pool;
	struct wanted_news *news = kk_calloc(1, sizeof(*news));

	if (!news) {
		kk_log(pool->config.log, KK_LOG_ERROR,
		    "no memory to tell which sizes are drawn");
		return;
	}
	*news = (struct wanted_news){ .job = { .run = wanted_run },
		.peer = media_peer_arg(peer),
		.source = source,
		.encodings = encodings };
	postbox_post(pool->box, &news->job);
}

static void gone_run(struct postbox_job *job)
{
	kk_free((struct pool_peer *)job); /* its first */
}

/* Its worker tells nothing of it any more; what it has told is before this. */
void pool_peer_forget(struct pool_peer *peer)
{
	peer->is_gone = true;
	peer->gone.run = gone_run;
	postbox_post(peer->meeting->seat->pool->box, &peer->gone);
}

/* --- workers ---------------------------------------------------------------
 */

struct seat_opening {
	struct seat *seat;
	uint16_t port, tcp_port;
	enum kk_err err;
};

static void media_open(void *arg)
{
	struct seat_opening *opening = arg;
	struct seat *seat = opening->seat;
	const struct pool_config *c = &seat->pool->config;
	const struct media_config config = { .port = opening->port,
		.tcp_port = opening->tcp_port,
		.over = c->over,
		.addresses = c->addresses,
		.address_count = c->address_count,
		.packets_per_s = c->packets_per_s,
		.log = c->log,
		.like = seat->pool->seats[0].media, /* NULL for itself */
		.shaker = seat->pool->shaker,
		.box = worker_postbox(seat->worker),
		.transport_changed = transport_changed,
		.loudest_changed = loudest_changed,
		.wanted_changed = wanted_changed,
		.arg = seat };

	opening->err = media_new(&seat->media, worker_event(seat->worker),
	    &config);
}

static void media_close(void *arg)
{
	struct seat *seat = arg;

	media_free(seat->media);
	seat->media = NULL;
}

/* False: there are not so many. */
static bool port_of(uint16_t first, size_t n, uint16_t *port)
{
	if (first && first + n > UINT16_MAX)
		return false;
	*port = first ? (uint16_t)(first + n) : 0;
	return true;
}

static enum kk_err seat_open(struct pool *pool, size_t n)
{
	struct seat_opening opening = { .seat = &pool->seats[n] };
	char name[NAME_BYTES];
	enum kk_err err;

	opening.seat->pool = pool;
	if (!port_of(pool->config.port, n, &opening.port) ||
	    !port_of(pool->config.tcp_port, n, &opening.tcp_port))
		return KK_EIO;
	(void)snprintf(name, sizeof(name), "media %zu", n);
	err = worker_new(&opening.seat->worker, name, pool->config.log);
	if (err)
		return err;
	pool->count = n + 1;
	worker_call(opening.seat->worker, media_open, &opening);
	return opening.err;
}

static size_t count_of(size_t wanted)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (wanted)
		return wanted;
	if (cores < 1)
		return 1;
	return cores < POOL_WORKERS_MAX ? (size_t)cores : POOL_WORKERS_MAX;
}

enum kk_err pool_new(struct pool **poolp, const struct pool_config *config)
{
	size_t count = count_of(config->workers);
	struct pool *pool;
	enum kk_err err;

	if (count > POOL_WORKERS_MAX)
		return KK_EINVAL;
	pool = kk_calloc(1, sizeof(*pool));
	if (!pool)
		return KK_ENOMEM;
	pool->config = *config;
	err = postbox_new(&pool->box, config->event);
	if (!err)
		err = media_shaker_new(&pool->shaker, config->log);
	for (size_t n = 0; !err && n < count; n++)
		err = seat_open(pool, n);
	if (err) {
		pool_free(pool);
		return err;
	}
	*poolp = pool;
	return KK_OK;
}

/* Handshakes end first: the workers still take what they have to say. */
void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	media_shaker_free(pool->shaker);
	for (size_t n = 0; n < pool->count; n++) {
		worker_call(pool->seats[n].worker, media_close,
		    &pool->seats[n]);
		worker_free(pool->seats[n].worker);
	}
	postbox_free(pool->box);
	kk_free(pool);
}

size_t pool_workers(const struct pool *pool)
{
	return pool->count;
}

uint16_t pool_port(const struct pool *pool, size_t worker)
{
	return media_port(pool->seats[worker].media);
}

struct load_call {
	const struct media *media;
	struct pool_load *load;
};

static void load_take(void *arg)
{
	const struct load_call *call = arg;

	call->load->counts = media_counts(call->media);
	call->load->engine_count = media_engines(call->media,
	    call->load->engines);
}

void pool_load(struct pool *pool, size_t worker, struct pool_load *load)
{
	const struct seat *seat = &pool->seats[worker];
	struct load_call call = { .media = seat->media, .load = load };

	*load = (struct pool_load){ .cpu_us = worker_cpu_us(seat->worker),
		.meetings = seat->meetings,
		.peers = seat->peers };
	worker_call(seat->worker, load_take, &call);
}
