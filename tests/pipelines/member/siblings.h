/*
 * siblings.h - keyd and roomd as far as a member's end knows them
 * (pipelines/member), for tests of the programs that have one.  What they tell
 * is the test's.  All on its one thread; checks end a test.
 */
#pragma once
#include <systemd/sd-event.h>

#include "call/call.h"
#include "sframe/sframe.h"

#define SIBLINGS_SUITE SFRAME_AES_256_GCM_SHA512_128

enum {
	SIBLINGS_PATH_BYTES = 96,
	SIBLINGS_KEY_BYTES = 32, /* of SIBLINGS_SUITE */
	SIBLINGS_RETIRE_MS = 10000
};

struct siblings_report { /* the last that came */
	unsigned count;
	uint64_t generation;
	char state[16];
	bool is_speaking, has_microphone, has_camera, needs_epoch;
	size_t sizes; /* of Connect */
};

struct siblings_calls {
	/* Somebody watches from now on: it is to be told. */
	void (*keys_watched)(void *arg);
	void (*plan_watched)(void *arg);
	/* Connect, of the generation that counts. */
	enum kk_err (*connected)(void *arg, const char *fingerprint);
};

struct siblings {
	char keyd[SIBLINGS_PATH_BYTES], roomd[SIBLINGS_PATH_BYTES];
	uint64_t generation;
	unsigned connects; /* that were taken */
	struct siblings_report report;
	struct call_server *keys, *room;
	sd_varlink *keys_watcher, *plan_watcher; /* NULL: nobody */
	const struct siblings_calls *calls;
	void *arg;
};

/* Listens at the two paths, which are set before, as are the rest's zeros.
 * calls outlive it. */
void siblings_open(struct siblings *s, sd_event *event,
    const struct siblings_calls *calls, void *arg);
/* They are gone, but for what siblings_free() frees: a call may be under way.
 */
void siblings_close(struct siblings *s);
void siblings_free(struct siblings *s);

struct siblings_epoch {
	uint64_t epoch;
	unsigned own_leaf;
	uint8_t members; /* bitmap */
	bool may_seal;
};

/* The key of an epoch, the same for all. */
void siblings_key(uint64_t epoch, uint8_t key[SIBLINGS_KEY_BYTES]);
/* These need a watcher. */
void siblings_epoch_tell(struct siblings *s, const struct siblings_epoch *of);
void siblings_end_tell(struct siblings *s); /* the meeting has ended */

struct siblings_transport { /* the forwarder's end */
	const char *ufrag, *pwd, *fingerprint;
	uint16_t port;
};

/* The plan's transport: one candidate, at loopback.  It is the caller's. */
sd_json_variant *siblings_transport(const struct siblings_transport *t);
