/*
 * world.h - mixd as a program, with fakes of its keyd, roomd and lined, the
 * real forwarder's packets' half, and a far member with a link of its own.  All
 * but the links' threads is the test's one thread.  Checks end a test.
 */
#pragma once
#include <pthread.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "bin/sfud/media.h"
#include "bin/sfud/media_shaker.h"
#include "bin/sfud/postbox.h"
#include "codec/codec.h"
#include "harness/process.h"
#include "harness/tap.h"
#include "pipelines/elements/vault/vault.h"
#include "pipelines/link/link.h"
#include "../pipelines/member/siblings.h"
#include "ring/ring.h"
#include "voices.h"

enum {
	LANES = 3,
	FAR_LEAF = 0,
	OWN_LEAF = 1,
	SLOTS = 2,
	OPUS = 111,
	FAR_SSRC = 100,
	OWN_SSRC = 200,
	SIZES_SEEN = 4
};

struct far_end { /* a far member */
	struct link *link;
	struct media_peer *peer;
	struct media_transport transport;
	struct media_slot slot;
	_Atomic int state; /* enum link_state */
	struct vault *vault;
	struct codec_tx *tx;
	uint16_t seq;
	uint64_t at; /* samples said */
	bool is_mute;

	pthread_mutex_t lock; /* of what comes on the link's thread */
	struct codec_rx *rx;
	struct ear ear;
	unsigned packets;
	size_t sizes[SIZES_SEEN]; /* of opened frames; each once */
	size_t size_count;
};

struct lane_end { /* of a lane, as lined has it */
	bool is_used; /* the telephone is talking or listening */
	bool is_quiet; /* nobody talks into it */
	enum voices voice;
	uint64_t at;
	struct ear ear;
};

struct plan_line { /* of the plan */
	bool is_there, is_muted, is_muted_by_host;
};

struct world {
	char folder[32];
	char lines[96], log[96];
	sd_event *event;
	pid_t pid; /* 0: not running */
	bool is_ending;

	struct siblings siblings;
	uint64_t epoch; /* that mixd is told of */
	bool may_seal; /* not told yet for this epoch */
	struct plan_line line[LANES];

	struct postbox *box;
	struct media_shaker *shaker;
	struct media *media;
	struct media_meeting *meeting;
	struct media_peer *peer; /* mixd */
	struct media_transport transport;
	struct media_slot slots[SLOTS];
	struct far_end far;

	sd_varlink *attached;
	void *memory;
	size_t memory_bytes;
	struct ring *ring;
	struct lane_end lane[LANES];
	uint64_t put_us, take_us, far_us; /* when these are due */
};

void world_start(struct world *w); /* no program runs, no line is there */
void world_end(struct world *w); /* it must end well */
void mixd_run(struct world *w);
void mixd_kill(struct world *w); /* kill -9 */

/* Serves until a condition holds; the runner ends a test that hangs. */
void world_step(struct world *w);
#define UNTIL(w, condition)            \
	do {                           \
		while (!(condition))   \
			world_step(w); \
	} while (0)

/* fakes.c */
void fakes_open(struct world *w);
void fakes_close(struct world *w);
void keys_tell(struct world *w);
void plan_tell(struct world *w);
/* The next epoch, for all: the far member seals in it from now on. */
void epoch_next(struct world *w);

/* forward.c */
void forward_open(struct world *w);
void forward_close(struct world *w);
void generation_next(struct world *w); /* mixd's transport begins anew */
void far_say(struct world *w);
bool far_hears(struct world *w, enum voices voice);
bool far_hears_not(struct world *w, enum voices voice);
void far_listen(struct world *w); /* anew */

/* lined.c */
void lined_attach(struct world *w);
void lined_leave(struct world *w); /* its connection and memory are gone */
void lined_put(struct world *w);
void lined_take(struct world *w);
void lanes_listen(struct world *w); /* anew */
