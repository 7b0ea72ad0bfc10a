/* member_private.h - what the files of a member's media end share. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "pipelines/link/link.h"
#include "pipelines/member/client.h"
#include "pipelines/member/member.h"

enum { MEMBER_MEETINGS_MAX = 8 };

/* keys.c - the epochs of a meeting, as keyd told the last one. */
struct meeting_keys {
	uint8_t meeting[PLAN_MEETING_BYTES];
	size_t meeting_bytes; /* 0: this place is free */
	sd_json_variant *latest; /* wiped by libsystemd */
	bool is_entered; /* the vault has it: never again with maySeal */
};

/* transport.c */
struct receiver {
	struct member *member;
	uint32_t ssrc; /* 0: this place is free */
};

struct transport {
	uint64_t generation; /* of the link; 0: none yet */
	pthread_mutex_t lock; /* of link, for those who send */
	struct link *link; /* NULL: none */
	uint64_t unsent; /* packets that it did not take */
	_Atomic int state; /* enum link_state, as the link said last */
	/* The last link that was lost, or is none, found no relay. */
	atomic_bool has_no_relay;
	bool is_told; /* the forwarder knows our fingerprint */
	struct plan_transport remote;
	struct receiver receivers[STUDIO_SLOTS_MAX];
};

/* report.c */
struct report {
	uint64_t generation;
	const char *state;
	bool is_speaking, has_microphone, has_camera, needs_epoch;
};

struct member {
	struct member_config config;
	struct member_calls calls;
	const struct kk_log *log;
	struct sizes sizes; /* none without a camera */
	sd_event *event;
	sd_event_source *timer, *wakes;
	int wake_fd;
	struct client keyd, roomd;
	struct meeting_keys keys[MEMBER_MEETINGS_MAX];
	bool has_plan;
	struct plan plan;
	struct transport transport;
	sd_varlink *connecting, *reporting; /* calls under way, or NULL */
	struct report asked, reported; /* under way; the last that arrived */
	bool is_reported;
};

/* keys.c */
void member_keys_came(void *arg, sd_json_variant *what);
/* The plan's meeting is another one now. */
void member_keys_select(struct member *m);
void member_keys_stop(struct member *m);

/* room.c */
void member_plan_came(void *arg, sd_json_variant *what);
void member_room_lost(void *arg);
/* Tells roomd the fingerprint of the transport's generation. */
void member_connect_send(struct member *m, uint64_t generation,
    const char *fingerprint);
void member_connect_stop(struct member *m);

/* report.c */
void member_report_stop(struct member *m);

/* transport.c */
void member_transport_update(struct member *m); /* the plan is new */
void member_transport_connected(struct member *m); /* roomd told it on */
void member_transport_retry(struct member *m); /* where it did not */
void member_transport_stop(struct member *m);
