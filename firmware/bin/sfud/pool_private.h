/* pool_private.h - what pool's files share.  Internal. */
#pragma once
#include "pool.h"
#include "postbox.h"
#include "worker.h"

struct seat { /* a worker and what lives there */
	struct pool *pool;
	struct worker *worker;
	struct media *media; /* of the worker's thread */
	size_t meetings, peers;
};

struct pool {
	struct pool_config config;
	struct media_shaker *shaker;
	struct postbox *box; /* of the signalling thread */
	struct seat seats[POOL_WORKERS_MAX];
	size_t count;
};

struct pool_meeting {
	struct seat *seat;
	struct media_meeting *media;
};

struct pool_peer {
	struct postbox_job gone;
	struct pool_meeting *meeting;
	struct media_peer *media;
	void *owner;
	bool is_gone;
};

void pool_peer_forget(struct pool_peer *peer); /* frees it, later */
