/*
 * roomd.h - what roomd's files share.  Zone: policy.  One thread, one loop.
 *
 * The meeting is firmware/room; here it gets its server (firmware/ws), its keyd
 * (Varlink, io.konklave.Keys), its siblings (io.konklave.Room), a clock, random
 * bytes, and a place on the disk.
 */
#pragma once
#include <sys/types.h>

#include "call/call.h"
#include "ice/ice.h"
#include "program/options.h"
#include "program/program.h"
#include "room/room.h"
#include "ws/ws.h"

enum roomd_role { ROOMD_MEDIA, ROOMD_FACE, ROOMD_ROLES };

enum {
	ROOMD_WATCHES_MAX = 8,
	ROOMD_CALLS_MAX = 16, /* on their way to keyd */
	ROOMD_FORGETS_MAX = 4,
	ROOMD_FILE_MAX_BYTES = 4096,
	/* A password for TURN that is made here: longer than a meeting. */
	ROOMD_LOGIN_S = 24 * 3600
};

/*
 * Options (options.c).
 */
struct roomd_options {
	const char *state; /* folder */
	const char *keyd; /* socket */
	char server[ROOM_HOST_BYTES]; /* host, or address without brackets */
	uint16_t server_port;
	const char *trust; /* PEM file, or NULL */
	const char *site_token; /* file, or NULL */
	struct room_link page; /* where links of ours lead to */
	const char *link;
	struct ice_config ice; /* its servers; the files are read later */
	const char *turn_login, *turn_secret; /* files, or NULL */
	struct program_role roles[ROOMD_ROLES];
	bool is_done; /* --help was answered */
};

/* Errors: KK_EINVAL, having said on standard error what is wrong. */
MUST_CHECK enum kk_err roomd_options_parse(struct roomd_options *o, int argc,
    char **argv);

/*
 * The meeting that the box is in (saved.c keeps it over restarts).
 */
struct roomd_meeting {
	bool is_there;
	struct room_link link;
	bool is_creator;
	bool has_token;
	uint8_t token[ROOM_TOKEN_BYTES], token_hash[ROOM_TOKEN_BYTES];
};

enum roomd_call_type {
	ROOMD_CALL_ROOM, /* of the room with this serial */
	ROOMD_CALL_FORGET,
	ROOMD_CALL_IDENTITY /* before all others of a connection */
};

struct roomd_call {
	enum roomd_call_type type;
	uint64_t serial;
	enum room_key_op op;
	sd_json_variant *in; /* until it is sent */
};

struct roomd_watch {
	sd_varlink *link; /* a ref, or NULL */
	unsigned role;
};

struct roomd;

struct roomd_conn { /* a link to the server; the newest is in use */
	struct roomd_conn *next;
	struct roomd *d;
	struct ws_conn *ws;
};

struct roomd {
	struct roomd_options options;
	struct kk_log log;
	sd_event *event;
	sd_event_source *timer, *plan_soon;
	int folder;
	bool has_site_token;
	uint8_t site_token[ROOM_TOKEN_BYTES];

	struct roomd_meeting meeting;
	struct room *room; /* NULL: off */
	uint64_t serial; /* of the room */
	uint64_t version; /* that siblings know */
	bool is_driving;

	struct ws *ws;
	struct roomd_conn *conns, *conn; /* conn: NULL: none in use */

	sd_varlink *keys; /* NULL: not connected */
	sd_event_source *keys_end, *keys_timer, *keys_send;
	bool keys_are_lost; /* to be let go, outside of its own callback */
	bool keys_are_ready; /* the box's identity was asked for */
	enum kk_err identity_err; /* what is wrong with it */
	struct roomd_call calls[ROOMD_CALLS_MAX]; /* the first ones are sent */
	size_t call_count, sent_count;
	uint8_t forgets[ROOMD_FORGETS_MAX][ROOM_ID_BYTES];
	size_t forget_count;

	struct call_server *server;
	struct roomd_watch watches[ROOMD_WATCHES_MAX];
};

/* saved.c.  Errors: KK_ENOENT nothing saved; KK_EFORMAT, KK_EIO, KK_ENOMEM. */
MUST_CHECK enum kk_err roomd_saved_read(struct roomd *d,
    struct roomd_meeting *m);
MUST_CHECK enum kk_err roomd_saved_write(struct roomd *d);
void roomd_saved_delete(struct roomd *d);

/* meeting.c.  Goes into a meeting, out of the one before. */
MUST_CHECK enum kk_err roomd_meeting_start(struct roomd *d);
/* link NULL: creates one.  Errors: KK_EFORMAT, KK_EUNSUP the link; KK_EDENIED
 * no site token to create one; KK_EIO not to be saved; KK_ENOMEM. */
MUST_CHECK enum kk_err roomd_meeting_enter(struct roomd *d, const char *link);
void roomd_meeting_leave(struct roomd *d);
MUST_CHECK enum kk_err roomd_random(void *out, size_t bytes);

/* drive.c.  After every input of the room. */
void roomd_drive(struct roomd *d);
uint64_t roomd_now_ms(const struct roomd *d);

/* keys.c: the connection to keyd, and the order of calls. */
MUST_CHECK enum kk_err roomd_keys_start(struct roomd *d);
void roomd_keys_stop(struct roomd *d);
void roomd_keys_tell(struct roomd *d); /* a new room how keyd stands */
void roomd_keys_call(struct roomd *d, const struct room_key_call *call);
void roomd_keys_forget(struct roomd *d, const uint8_t *id);
/* keys_call.c: a call's parameters. */
MUST_CHECK enum kk_err roomd_call_write(const struct roomd *d,
    const struct room_key_call *call, sd_json_variant **in);
/* keys_read.c: what came of it.  Errors: KK_EFORMAT, KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err roomd_result_read(enum room_key_op op,
    sd_json_variant *out, struct room_key_result *r);

/* server.c */
void roomd_server_connect(struct roomd *d);
void roomd_server_disconnect(struct roomd *d);
void roomd_server_send(struct roomd *d, struct room_request *rq);
void roomd_server_stop(struct roomd *d);

/* turn.c.  Reads the files of TURN, having said what is wrong with them.
 * Errors: of ice.h and program.h. */
MUST_CHECK enum kk_err roomd_turn_read(struct roomd *d);
/* Adds servers and relayOnly to a transport.  The servers and their passwords
 * are told to media alone.  Errors: KK_ENOMEM, KK_ECRYPTO, KK_EIO. */
MUST_CHECK enum kk_err roomd_turn_put(const struct roomd *d, unsigned role,
    sd_json_variant **out);

/* interface.c, methods.c, plan.c */
extern const sd_varlink_interface roomd_interface, roomd_lines_interface;
MUST_CHECK enum kk_err roomd_methods_start(struct roomd *d);
void roomd_methods_stop(struct roomd *d);
void roomd_plan_tell(struct roomd *d); /* all who watch */
MUST_CHECK enum kk_err roomd_plan_put(const struct roomd *d, unsigned role,
    sd_json_variant **out);
MUST_CHECK enum kk_err roomd_status_put(const struct roomd *d, unsigned role,
    sd_json_variant **out);
