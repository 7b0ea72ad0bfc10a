/*
 * mediad.h - the media process: what its files share.
 *
 * One thread runs the event loop and all that is here but transport_send() and
 * transport_key_frame_ask(); the studio and the link have threads of their own,
 * and wake the loop by mediad_wake().
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <systemd/sd-event.h>
#include <systemd/sd-json.h>
#include <systemd/sd-varlink.h>

#include "base/base.h"
#include "pipelines/graphs/studio.h"
#include "pipelines/link/link.h"
#include "program/options.h"
#include "program/program.h"

enum {
	MEDIAD_MEETINGS_MAX = 8,
	MEDIAD_MEETING_BYTES = 64,
	MEDIAD_CANDIDATES_MAX = LINK_CANDIDATES_MAX,
	MEDIAD_ADDRESS_BYTES = 64,
	MEDIAD_FOUNDATION_BYTES = 33,
	MEDIAD_CREDENTIAL_BYTES = 257, /* ufrag and pwd: RFC 8839, 5.4 */
	MEDIAD_FINGERPRINT_BYTES = 128,
	MEDIAD_HOST_BYTES = LINK_HOST_MAX_BYTES + 1,
	MEDIAD_LOGIN_BYTES = 512 /* user and password of TURN */
};

/* options.c */
struct mediad_options {
	const char *keyd, *roomd; /* sockets */
	struct studio_config studio; /* devices, sizes, name, language */
	bool is_done; /* --help was asked for */
};
/* Complains on standard error.  Errors: KK_EINVAL. */
MUST_CHECK enum kk_err mediad_options_parse(struct mediad_options *options,
    int argc, char **argv);

/*
 * client.c - a subscription that is made again whenever it ends.
 */
struct client {
	sd_event *event;
	const char *path, *method;
	int64_t priority; /* of what comes, in the loop (sd-event(3)) */
	/* What came; borrowed. */
	void (*came)(void *arg, sd_json_variant *what);
	void (*lost)(void *arg); /* NULL: nobody wants to know */
	void *arg;
	const struct kk_log *log;
	/* client.c's own. */
	sd_varlink *link; /* NULL: not connected */
	sd_event_source *retry;
	bool is_told;
};
/* The fields above are set.  Errors: KK_EIO. */
MUST_CHECK enum kk_err client_start(struct client *client);
void client_stop(struct client *client);
/*
 * One call, over a connection of its own, which *linkp has until answered()
 * closes it.  in is borrowed.  Errors: KK_EIO nobody is there.
 */
MUST_CHECK enum kk_err client_ask(const struct client *client,
    sd_varlink **linkp, const char *method, sd_json_variant *in,
    sd_varlink_reply_t answered, void *arg);

/* plan.c - what roomd wants.  Plain data. */
struct plan_candidate {
	char address[MEDIAD_ADDRESS_BYTES];
	char foundation[MEDIAD_FOUNDATION_BYTES];
	uint16_t port;
	uint32_t priority;
	bool is_tcp; /* else UDP */
};

struct plan_server {
	enum link_server_kind kind;
	char host[MEDIAD_HOST_BYTES];
	uint16_t port;
	char user[MEDIAD_LOGIN_BYTES], password[MEDIAD_LOGIN_BYTES];
};

struct plan_transport {
	char ufrag[MEDIAD_CREDENTIAL_BYTES], pwd[MEDIAD_CREDENTIAL_BYTES];
	char fingerprint[MEDIAD_FINGERPRINT_BYTES];
	struct plan_candidate candidates[MEDIAD_CANDIDATES_MAX];
	size_t candidate_count;
	struct plan_server servers[LINK_SERVERS_MAX];
	size_t server_count;
	bool is_relay_only;
	uint64_t restarts;
};

struct plan_slot {
	struct studio_slot slot;
	uint32_t rtx_ssrc; /* 0: none */
	uint8_t rtx_payload_type, vp9_rtx_payload_type;
};

struct plan {
	uint64_t generation;
	uint8_t meeting[MEDIAD_MEETING_BYTES];
	size_t meeting_bytes; /* 0: none */
	bool has_transport;
	struct plan_transport transport;
	struct studio_publish publish;
	uint32_t rtx_ssrcs[SIZES_MAX]; /* of the camera's; 0: none */
	uint8_t rtx_payload_type;
	uint64_t wanted; /* of the camera's sizes; 0: all */
	struct plan_slot slots[STUDIO_SLOTS_MAX];
	size_t slot_count;
	struct view view;
};

/* On error *plan is left alone.  Errors: KK_ENOENT, KK_EFORMAT, KK_ELIMIT,
 * KK_ENOMEM. */
MUST_CHECK enum kk_err plan_parse(struct plan *plan, sd_json_variant *in);

/* plan_parts.c.  Fill in a part of *plan.  Errors: as above. */
MUST_CHECK enum kk_err plan_transport_parse(struct plan *plan,
    sd_json_variant *in);
MUST_CHECK enum kk_err plan_publish_parse(struct plan *plan,
    sd_json_variant *in);
MUST_CHECK enum kk_err plan_slots_parse(struct plan *plan, sd_json_variant *in);
MUST_CHECK enum kk_err plan_people_parse(struct plan *plan,
    sd_json_variant *in);
MUST_CHECK enum kk_err plan_conference_parse(struct plan *plan,
    sd_json_variant *in);

/* keys.c - the epochs of a meeting, as keyd told the last one. */
struct meeting_keys {
	uint8_t meeting[MEDIAD_MEETING_BYTES];
	size_t meeting_bytes; /* 0: this place is free */
	sd_json_variant *latest; /* wiped by libsystemd */
	bool is_entered; /* the vault has it: never again with maySeal */
};

/* transport.c */
struct receiver {
	struct mediad *mediad;
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

struct mediad {
	struct mediad_options options;
	struct kk_log log;
	sd_event *event;
	sd_event_source *timer, *wakes;
	int wake_fd;
	struct studio *studio;
	struct client keyd, roomd;
	struct meeting_keys keys[MEDIAD_MEETINGS_MAX];
	bool has_plan;
	struct plan plan;
	struct transport transport;
	struct studio_publish published;
	sd_varlink *connecting, *reporting; /* calls under way, or NULL */
	struct report asked, reported; /* under way; the last that arrived */
	bool is_reported;
};

/* main.c.  Any thread: the loop looks at everything again. */
void mediad_wake(struct mediad *m);

/* keys.c */
void mediad_keys_came(void *arg, sd_json_variant *what);
/* The plan's meeting is another one now. */
void mediad_keys_select(struct mediad *m);
void mediad_keys_stop(struct mediad *m);

/* room.c */
void mediad_plan_came(void *arg, sd_json_variant *what);
void mediad_room_lost(void *arg);
/* Tells roomd the fingerprint of the transport's generation. */
void mediad_connect_send(struct mediad *m, uint64_t generation,
    const char *fingerprint);
void mediad_connect_stop(struct mediad *m);
void mediad_view_update(struct mediad *m);
void mediad_view_refresh(struct mediad *m); /* if the link has changed */

/* report.c.  Where something has changed, or could not be told before. */
void mediad_report(struct mediad *m);
void mediad_report_stop(struct mediad *m);

/* transport.c */
void mediad_transport_update(struct mediad *m); /* the plan is new */
void mediad_transport_connected(struct mediad *m); /* roomd told it on */
void mediad_transport_retry(struct mediad *m); /* where it did not */
void mediad_transport_stop(struct mediad *m);
const char *mediad_transport_state(struct mediad *m); /* for Report */
void transport_send(void *arg, struct kk_view packet); /* any thread */
void transport_key_frame_ask(void *arg, uint32_t ssrc); /* any thread */
