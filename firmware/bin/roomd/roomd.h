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
#include "room/dial.h"
#include "room/room.h"
#include "ws/ws.h"

enum roomd_role {
	ROOMD_MEDIA,
	ROOMD_FACE,
	ROOMD_HEALTH,
	ROOMD_PANEL,
	ROOMD_LINES, /* of io.konklave.Lines; the others: io.konklave.Room */
	ROOMD_ROLES
};

enum {
	ROOMD_WATCHES_MAX = 8,
	ROOMD_CALLS_MAX = 16, /* on their way to keyd */
	ROOMD_FORGETS_MAX = 4,
	ROOMD_FILE_MAX_BYTES = 4096,
	/* A password for TURN that is made here: longer than a meeting. */
	ROOMD_LOGIN_S = 24 * 3600,
	ROOMD_LANES_MAX = 1024, /* RING_LINES_MAX */
	ROOMD_LINES_DEFAULT = 8,
	ROOMD_TALK_MINUTES = 240,
	ROOMD_TALK_MINUTES_MAX = 24 * 60,
	ROOMD_PREFIXES_MAX = 16,
	ROOMD_LABELS_MAX = 16,
	ROOMD_DIAL_NAME_BYTES = 16,
	ROOMD_TONES_MAX = 128, /* in a call; PHONE_SENT_MAX */
	ROOMD_JOIN_MS = 10000, /* until the members are told of a line */
	ROOMD_REJOIN_MS = 60000 /* and where a new group has to be told */
};

/* A classification of the site's. */
struct roomd_label {
	const char *text;
	bool allows_lines;
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
	const char *proxy; /* file, or NULL */
	const char *site_token; /* file, or NULL */
	struct room_link page; /* where links of ours lead to */
	const char *link;
	struct ice_config ice; /* its servers; the files are read later */
	const char *turn_login, *turn_secret; /* files, or NULL */
	struct program_role roles[ROOMD_ROLES];
	/* Of telephone lines: there are some with a socket of role lines. */
	const char *follow; /* socket of role face, or NULL */
	const char *dial_in; /* file, or NULL */
	unsigned lines, talk_minutes; /* talk_minutes 0: no end */
	bool no_lines;
	const char *prefixes[ROOMD_PREFIXES_MAX]; /* that may be called */
	size_t prefix_count;
	struct roomd_label labels[ROOMD_LABELS_MAX];
	size_t label_count; /* 0: any, and all with lines */
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

/*
 * Telephone lines (lines.c): what lined has asked for, by its lanes.
 */
enum roomd_answer { /* names: io.konklave.Lines */
	ROOMD_WRONG,
	ROOMD_JOINING,
	ROOMD_WAIT,
	ROOMD_WAIT_ALONE,
	ROOMD_IN,
	ROOMD_REFUSED, /* from here on it is over */
	ROOMD_REMOVED,
	ROOMD_FULL,
	ROOMD_FORBIDDEN,
	ROOMD_CLASSIFIED, /* forbidden under the meeting's label */
	ROOMD_ENDED,
	ROOMD_FAILED,
	ROOMD_ANSWER_COUNT
};

struct roomd_line {
	bool is_used, is_placed, has_been_in;
	enum roomd_answer answer;
	struct conference_line line; /* is_muted_by_host: as agreed */
	uint64_t due_ms, talk_end_ms;
};

enum roomd_dial_state { /* names: Call of io.konklave.Room */
	ROOMD_DIAL_NONE,
	ROOMD_DIAL_PLACING,
	ROOMD_DIAL_RINGING,
	ROOMD_DIAL_EARLY, /* it rings, and is to be heard: it may ask */
	ROOMD_DIAL_TALKING,
	ROOMD_DIAL_BUSY,
	ROOMD_DIAL_NO_ANSWER,
	ROOMD_DIAL_UNKNOWN, /* nobody has this number */
	ROOMD_DIAL_UNREACHABLE, /* no exchange answers */
	ROOMD_DIAL_REFUSED, /* lined may not call it */
	ROOMD_DIAL_FAILED,
	ROOMD_DIAL_ENDED,
	ROOMD_DIAL_COUNT
};

struct roomd_dial { /* the last call that was placed */
	enum roomd_dial_state state;
	uint64_t serial;
	char number[ROOM_DIAL_BYTES];
	uint64_t lane; /* where it talks */
	bool has_asked; /* to come in */
	bool may_ask; /* it is to be heard, and has not asked yet */
	bool has_tones; /* they can be sent */
	char tones[ROOMD_TONES_MAX + 1]; /* so far; they may be a PIN */
};

struct roomd_refusals {
	uint64_t wrong, too_many, full, forbidden, dials;
};

struct roomd_lines {
	bool has_dial_in;
	struct room_dial_in dial_in; /* secret */
	struct room_guesses guesses;
	struct roomd_line line[CONFERENCE_LINES_MAX]; /* options.lines */
	struct roomd_dial dial;
	struct roomd_refusals refusals;
	struct call_server *server;
	sd_varlink *watch; /* lined's, a ref, or NULL */
	sd_event_source *soon; /* to tell it */
	size_t people; /* that it was told */
};

/* What a line asks; texts are the caller's to wipe. */
struct roomd_ask {
	uint64_t lane;
	char number[ROOM_DIGITS_MAX + 1], pin[ROOM_DIGITS_MAX + 1];
	char label[CONFERENCE_LABEL_BYTES + 1];
	enum conference_origin origin; /* of the label */
	enum conference_transport transport;
};

/* The roomd whose meetings this one is in, too (follow.c). */
struct roomd_follow {
	sd_varlink *link; /* NULL: not connected */
	sd_event_source *timer;
	bool is_lost; /* to be let go, outside of its own callback */
};

/* How a call stands, for who is followed (tell.c). */
struct roomd_teller {
	sd_varlink *link; /* NULL: not connected */
	sd_event_source *soon, *retry, *hide; /* NULL: nobody is followed */
	bool is_due, is_asked; /* to be told; its answer is awaited */
	bool is_lost; /* to be let go, outside of its own callback */
	bool is_hidden; /* it was over, or answered, for long enough */
};

struct roomd_called { /* what who follows us has told */
	sd_varlink *link; /* its own, a ref, or NULL */
	enum roomd_dial_state state;
	uint64_t line;
	bool has_tones, is_long;
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
	bool is_proxy_told; /* that it does not let us through */

	sd_varlink *keys; /* NULL: not connected */
	sd_event_source *keys_end, *keys_timer, *keys_send;
	bool keys_are_lost; /* to be let go, outside of its own callback */
	bool keys_are_ready; /* the box's identity was asked for */
	enum kk_err identity_err; /* what is wrong with it */
	struct roomd_call calls[ROOMD_CALLS_MAX]; /* the first ones are sent */
	size_t call_count, sent_count;
	uint8_t forgets[ROOMD_FORGETS_MAX][ROOM_ID_BYTES];
	size_t forget_count;

	struct roomd_lines *lines; /* NULL: none here */
	struct roomd_follow follow;
	struct roomd_teller teller;
	struct roomd_called called;

	struct call_server *server;
	struct roomd_watch watches[ROOMD_WATCHES_MAX];
};

/* policy.c.  NULL: the label is taken; else what is wrong with it. */
const char *roomd_label_add(struct roomd_options *o, const char *text,
    bool allows_lines);
/* Whether the site has such a label, and lines under it.  "": yes. */
bool roomd_label_may(const struct roomd_options *o, const char *text);
bool roomd_label_allows(const struct roomd_options *o, const char *text);

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
MUST_CHECK enum kk_err roomd_server_start(struct roomd *d);
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

/*
 * lines.c.  Reads the file of number and PIN.  Errors: those of
 * program_secret_read(), room_dial_in_parse() and roomd_random(), having said
 * what is wrong; KK_ENOMEM.
 */
MUST_CHECK enum kk_err roomd_lines_new(struct roomd *d);
void roomd_lines_free(struct roomd *d);
/* Looks what became of all lines; true: the room was given an input. */
bool roomd_lines_work(struct roomd *d);
uint64_t roomd_lines_due_ms(const struct roomd *d); /* UINT64_MAX: never */
/* Errors: KK_EEXIST the lane is in use; KK_EIO. */
MUST_CHECK enum kk_err roomd_line_ask(struct roomd *d,
    const struct roomd_ask *ask, enum roomd_answer *answer);
/* Errors: KK_ENOENT. */
MUST_CHECK enum kk_err roomd_line_tell(struct roomd *d, uint64_t lane,
    bool is_muted, bool has_hand_up);
void roomd_line_end(struct roomd *d, uint64_t lane); /* and forgets it */
/* The box ends it, and lined is told.  Errors: KK_ENOENT. */
MUST_CHECK enum kk_err roomd_line_hang_up(struct roomd *d, uint64_t lane);
void roomd_lines_end(struct roomd *d); /* all: lined is gone */
/* NULL: none.  Which lane a line of our own has. */
const struct roomd_line *roomd_line_find(const struct roomd *d,
    const uint8_t *id, size_t *lane);
const char *roomd_answer_name(enum roomd_answer answer);
bool roomd_answer_is_last(enum roomd_answer answer);

/* dial.c: calls that are placed.  Errors: KK_EUNSUP no lines here; KK_EINVAL no
 * number; KK_EEXIST another is on its way; KK_ESTATE no lined, or no meeting;
 * KK_EDENIED; KK_ELIMIT all lines are in use. */
MUST_CHECK enum kk_err roomd_dial(struct roomd *d, const char *number,
    uint64_t *serial);
/* Errors: KK_ENOENT. */
MUST_CHECK enum kk_err roomd_hang_up(struct roomd *d, uint64_t line);
/* Errors: KK_EUNSUP no lines here, or no tones there; KK_ENOENT no such call;
 * KK_ESTATE it is not heard yet; KK_EINVAL no digits; KK_ELIMIT too many. */
MUST_CHECK enum kk_err roomd_tones(struct roomd *d, uint64_t line,
    const char *digits);
/* Errors: KK_ENOENT another serial; KK_ESTATE; KK_EINVAL the lane. */
MUST_CHECK enum kk_err roomd_dial_placed(struct roomd *d, uint64_t serial,
    uint64_t lane, enum roomd_dial_state state, bool has_tones);
void roomd_dial_set(struct roomd *d, enum roomd_dial_state state);
bool roomd_dial_is_wanted(const struct roomd *d); /* lined is to place it */
const char *roomd_dial_name(enum roomd_dial_state state);
/* ROOMD_DIAL_NONE: no such name. */
enum roomd_dial_state roomd_dial_state_of(const char *name);

/* lines_interface.c, lines_methods.c: io.konklave.Lines. */
extern const sd_varlink_interface roomd_lines_interface;
MUST_CHECK enum kk_err roomd_lines_start(struct roomd *d);
void roomd_lines_stop(struct roomd *d);
void roomd_lines_tell(struct roomd *d); /* lined, soon */
const char *roomd_transport_name(enum conference_transport transport);
const char *roomd_origin_name(enum conference_origin origin);

/* follow.c */
MUST_CHECK enum kk_err roomd_follow_start(struct roomd *d);
void roomd_follow_stop(struct roomd *d);

/* tell.c.  Nothing happens where nobody is followed. */
MUST_CHECK enum kk_err roomd_teller_start(struct roomd *d);
void roomd_teller_stop(struct roomd *d);
void roomd_call_changed(struct roomd *d);
void roomd_call_tell(struct roomd *d); /* again */
enum kk_err roomd_called(void *arg, struct call_request *rq);
void roomd_called_drop(struct roomd *d); /* who told it is gone */

/* lines_put.c: lines, hosts' doing, and calls, in plans. */
MUST_CHECK enum kk_err roomd_agreed_put(const struct roomd *d, unsigned role,
    const struct room_view *v, sd_json_variant **out);
MUST_CHECK enum kk_err roomd_refusals_put(const struct roomd *d,
    sd_json_variant **out);
/* Adds "call", where there was one. */
MUST_CHECK enum kk_err roomd_call_put(const struct roomd_dial *dial,
    bool is_long, sd_json_variant **out);

/* methods_lines.c: what hosts ask, and calls. */
enum kk_err roomd_line_mute(void *arg, struct call_request *rq);
enum kk_err roomd_line_remove(void *arg, struct call_request *rq);
enum kk_err roomd_line_admit(void *arg, struct call_request *rq);
enum kk_err roomd_lines_admit(void *arg, struct call_request *rq);
enum kk_err roomd_lines_allow(void *arg, struct call_request *rq);
enum kk_err roomd_label_set(void *arg, struct call_request *rq);
enum kk_err roomd_host_set(void *arg, struct call_request *rq);
enum kk_err roomd_lock(void *arg, struct call_request *rq);
enum kk_err roomd_dial_method(void *arg, struct call_request *rq);
enum kk_err roomd_tones_method(void *arg, struct call_request *rq);
enum kk_err roomd_hang_up_method(void *arg, struct call_request *rq);

/* soon.c: watchers of both interfaces.  Errors: KK_EIO. */
MUST_CHECK enum kk_err roomd_soon_add(struct roomd *d, sd_event_source **source,
    sd_event_handler_t tell);
void roomd_soon(struct roomd *d, sd_event_source *source); /* or NULL */
/* Who cannot be told is cut off: it would go on with what is old. */
void roomd_watcher_tell(struct roomd *d, sd_varlink *link,
    sd_json_variant *out);

/* interface.c, methods.c, plan.c */
extern const sd_varlink_interface roomd_interface;
MUST_CHECK enum kk_err roomd_methods_start(struct roomd *d);
void roomd_methods_stop(struct roomd *d);
void roomd_plan_tell(struct roomd *d); /* all who watch */
MUST_CHECK enum kk_err roomd_plan_put(const struct roomd *d, unsigned role,
    sd_json_variant **out);
MUST_CHECK enum kk_err roomd_status_put(const struct roomd *d, unsigned role,
    sd_json_variant **out);
