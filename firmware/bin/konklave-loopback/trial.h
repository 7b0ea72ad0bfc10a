/*
 * trial.h - a call that a box holds with itself: what the files of
 * konklave-loopback share.
 *
 * One thread runs the loop and all that is here.  Links and participants have
 * threads of their own; what these call is marked.
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <systemd/sd-event.h>

#include "base/base.h"
#include "pipelines/link/link.h"
#include "pipelines/loopback/loopback.h"
#include "room/signal.h"
#include "ws/ws.h"

enum {
	TRIAL_ENDS = 2,
	TRIAL_KEY_BYTES = 32, /* of SFrame's suite 5 */
	TRIAL_WIDTH = 320,
	TRIAL_HEIGHT = 180,
	TRIAL_PATH_BYTES = 64
};

struct trial_options {
	const char *sfud; /* the program */
	/* Of the first participant; NULL: the pattern, and its sound. */
	const char *camera, *microphone, *loudspeaker;
	unsigned limit_s, fps;
	bool is_json, is_done;
};
/* Errors: KK_EINVAL, and it was said what is wrong. */
MUST_CHECK enum kk_err trial_options_parse(struct trial_options *o, int argc,
    char **argv);

/* The way to a call that is held. */
enum trial_mark {
	TRIAL_SERVES, /* the forwarder */
	TRIAL_GROUPED, /* both have the group's key */
	TRIAL_CONNECTED,
	TRIAL_OPENED, /* the first frame, by both */
	TRIAL_HEARD,
	TRIAL_SEEN,
	TRIAL_MARKS
};

struct trial;
struct trial_end;

struct trial_way { /* what a link's receiver is given */
	struct trial_end *end;
	bool is_video;
};

struct trial_end { /* a participant */
	struct trial *trial;
	unsigned index;
	struct ws_conn *conn; /* NULL: none */
	unsigned step;
	uint64_t last_id, transport;
	bool has_peer;
	struct room_peer_id peer;
	struct room_transport *remote;
	struct room_slot slots[2]; /* sound, picture */
	uint32_t ssrcs[2];
	struct trial_way ways[2];
	pthread_mutex_t lock; /* of link */
	struct link *link; /* NULL: none */
	atomic_int state; /* enum link_state */
	struct loopback *loopback;
	struct loopback_config config;
	struct loopback_seen seen;
};

struct trial_group { /* of MLS, and what each exports of it */
	uint64_t epoch;
	uint32_t leaves[TRIAL_ENDS];
	uint8_t keys[TRIAL_ENDS][TRIAL_KEY_BYTES];
};

struct trial {
	struct trial_options options;
	struct kk_log log;
	sd_event *event;
	struct ws *ws;
	char folder[TRIAL_PATH_BYTES]; /* "": there is none */
	int folder_fd, ready_fd;
	pid_t sfud; /* 0: it does not run */
	uint16_t port;
	uint8_t site_token[ROOM_TOKEN_BYTES];
	uint8_t meeting[ROOM_ID_BYTES], token[ROOM_TOKEN_BYTES];
	uint8_t token_hash[ROOM_TOKEN_BYTES];
	char sounds[TRIAL_ENDS][TRIAL_PATH_BYTES + 16]; /* files */
	struct trial_end ends[TRIAL_ENDS];
	struct trial_group group;
	bool is_prepared; /* the participants, */
	bool is_connecting;
	bool has_keys;
	uint64_t begun_us, marks_us[TRIAL_MARKS]; /* 0: not yet */
	struct loopback_verdict verdict;
	char why[96]; /* "": that of the verdict */
};

uint64_t trial_now_us(void); /* of a clock that does not go back */
void trial_mark(struct trial *t, enum trial_mark mark); /* the first counts */
/* Ends the loop; the first call counts.  why is copied. */
void trial_fail(struct trial *t, enum loopback_part part, const char *why);

/*
 * The forwarder (forwarder.c): the box's own program, another process of it,
 * on loopback addresses and with a folder of its own, which has also the
 * sounds.  begun() is called once it serves.
 */
MUST_CHECK enum kk_err trial_forwarder_start(struct trial *t);
void trial_forwarder_stop(struct trial *t); /* and the folder goes */
void trial_begun(struct trial *t); /* main.c */

/*
 * A group of two, made and joined by MLS, and the base key that each exports
 * (group.c).  The caller wipes them.  Errors: those of mls.h.
 */
MUST_CHECK enum kk_err trial_group_make(struct trial_group *group);

/* Signalling (end.c). */
MUST_CHECK enum kk_err trial_ends_init(struct trial *t);
MUST_CHECK enum kk_err trial_ends_connect(struct trial *t);
void trial_ends_free(struct trial *t);
bool trial_ends_are_in(const struct trial *t); /* nothing is asked any more */

/* The participant and the link of an end (media.c).  Devices and GStreamer take
 * their time: before anybody waits for us. */
MUST_CHECK enum kk_err trial_media_prepare(struct trial_end *e);
/* Both are prepared. */
MUST_CHECK enum kk_err trial_media_expect(struct trial_end *e);
MUST_CHECK enum kk_err trial_media_start(struct trial_end *e);
MUST_CHECK enum kk_err trial_media_connect(struct trial_end *e);
/* The slots are known. */
MUST_CHECK enum kk_err trial_media_receive(struct trial_end *e);
void trial_media_stop(struct trial_end *e);
MUST_CHECK enum kk_err trial_keys_set(struct trial *t);

/* The result, for people or as JSON (tell.c).  Errors: KK_ENOMEM, KK_EIO. */
MUST_CHECK enum kk_err trial_tell(const struct trial *t);
