/*
 * sandbox.h - a room box on this PC: its processes, started, watched, ended.
 * One thread, one event loop.
 *
 * The sandbox is a site (sfud, webd) and one or more boxes (keyd, roomd, mediad
 * each); the first may have telephone lines, a member of the meeting of their
 * own (keyd, roomd, mixd, lined), and stand here as one more box.  All of them
 * are children in process groups of their own.
 */
#pragma once
#include <stdio.h>
#include <sys/types.h>
#include <systemd/sd-event.h>
#include <systemd/sd-json.h>

#include "base/base.h"

enum {
	SANDBOX_BOXES_MAX = 10,
	SANDBOX_LINES = SANDBOX_BOXES_MAX + 1, /* the lines' number */
	SANDBOX_LINES_MAX = 32,
	SANDBOX_GIVEN_MAX = 32,
	SANDBOX_SERVERS_MAX = 8, /* STUN and TURN */
	SANDBOX_ARGS_MAX = 64,
	SANDBOX_LINK_BYTES = 256,
	SANDBOX_PORTS = 5, /* without lines */
	SANDBOX_DIAL_IN_BYTES = 32,
	SANDBOX_LINE_BYTES = 2048 /* of a child's output */
};

enum sandbox_program { /* in the order in which they end */
	SANDBOX_LINED,
	SANDBOX_MIXD,
	SANDBOX_MEDIAD,
	SANDBOX_ROOMD,
	SANDBOX_KEYD,
	SANDBOX_WEBD,
	SANDBOX_SFUD,
	SANDBOX_PROGRAMS
};
extern const char *const sandbox_program_names[SANDBOX_PROGRAMS];
enum {
	/* Of the boxes, the lines, and the site. */
	SANDBOX_CHILDREN_MAX = 3 * SANDBOX_BOXES_MAX + 4 + 2
};

/*
 * Options (options.c).
 */
struct sandbox_options {
	const char *state, *programs, *page, *prompts, *certify, *pki, *name;
	const char *camera, *microphone, *loudspeaker, *size, *send_size;
	const char *screen;
	uint16_t port; /* the first of those below */
	unsigned boxes, encodings, lines;
	/* PROGRAM:ARGUMENT; {box} and {state} are replaced. */
	const char *given[SANDBOX_GIVEN_MAX];
	size_t given_count;
	/* URIs for rooms and browsers, and what TURN's passwords are made of.
	 */
	const char *ice_servers[SANDBOX_SERVERS_MAX];
	size_t ice_server_count;
	const char *turn_secret;
	bool is_relay_only;
	const char *video; /* of browsers; NULL: as webd has it */
	bool is_verbose, is_status, has_window;
	bool is_done; /* --help was answered */
};

/* Errors: KK_EINVAL, having said on standard error what is wrong. */
MUST_CHECK enum kk_err sandbox_options_parse(struct sandbox_options *o,
    int argc, char **argv);

/* The ports, from o->port on. */
enum sandbox_port {
	SANDBOX_PAGE_PLAIN,
	SANDBOX_PAGE_TLS,
	SANDBOX_SIGNAL_PLAIN,
	SANDBOX_SIGNAL_TLS,
	SANDBOX_MEDIA_UDP,
	SANDBOX_SIP, /* with lines */
	SANDBOX_SIP_TLS,
	SANDBOX_RTP = 8 /* the first of two for each line, and two more */
};
unsigned sandbox_ports(const struct sandbox_options *o); /* how many */
uint16_t sandbox_port(const struct sandbox_options *o, enum sandbox_port port);

/*
 * Children (child.c).
 */
struct sandbox;

struct sandbox_child {
	struct sandbox *sandbox;
	enum sandbox_program program;
	unsigned box; /* from 1; SANDBOX_LINES; 0: the site's */
	/* "keyd", or "keyd1" where there are more, or "keyd-lines" */
	char label[16];
	pid_t pid; /* 0: does not run */
	bool is_ready, was_ready;
	bool is_stopping; /* we told it to end */
	unsigned failures; /* in a row, without having been ready */
	unsigned restarts;
	uint64_t started_us, backoff_ms;
	sd_event_source *output, *again;
	int pipe;
	FILE *log;
	char line[SANDBOX_LINE_BYTES];
	size_t line_bytes;
};

struct sandbox_box {
	unsigned number;
	char tag[8]; /* in its sockets' names: "1", or "-lines" */
	char *folder, *chain, *link_path, *picture;
	bool is_enrolled; /* its chain is there */
	bool is_enrolling; /* keyd runs to tell its key */
	char link[SANDBOX_LINK_BYTES]; /* as roomd gives it, by https */
	struct sandbox_child child[SANDBOX_KEYD + 1]; /* those that it has */
};

struct sandbox {
	struct sandbox_options options;
	bool is_german, has_colour;
	sd_event *event;
	char *run; /* folder of sockets, removed at the end */
	char *site; /* folder of certificates and the token */
	char host[64]; /* how other devices reach this PC */
	bool has_host; /* else it is localhost */
	int lock, notify;
	struct sandbox_child webd, sfud;
	struct sandbox_box box[SANDBOX_BOXES_MAX + 1]; /* the last: lines */
	struct sandbox_child *children[SANDBOX_CHILDREN_MAX];
	size_t child_count;
	char dial_in[SANDBOX_DIAL_IN_BYTES]; /* "NUMBER PIN" */
	bool is_announced, is_ending, is_failed;
	unsigned end_stage; /* the program that is ending now */
	unsigned signals; /* how often we were told to end */
	sd_event_source *timer;
};

/* All of them, in the order in which they end.  NULL after the last. */
struct sandbox_child *sandbox_child_at(const struct sandbox *s, size_t i);
struct sandbox_child *sandbox_child_of(const struct sandbox *s, pid_t pid);
/* All that the options ask for; the boxes have their numbers. */
void sandbox_children_init(struct sandbox *s);
/* Of a box, or the lines; NULL: there is none. */
struct sandbox_box *sandbox_box_at(struct sandbox *s, unsigned number);
MUST_CHECK enum kk_err sandbox_child_start(struct sandbox_child *c);
void sandbox_child_ended(struct sandbox_child *c, int status); /* was reaped */
void sandbox_child_stop(struct sandbox_child *c, int signal);
void sandbox_child_clear(struct sandbox_child *c);
bool sandbox_child_is_idle(const struct sandbox_child *c); /* nor will it */

/* output.c: what children say, on the terminal and in their logs. */
void sandbox_output_open(struct sandbox_child *c);
void sandbox_output_take(struct sandbox_child *c);

/* plan.c: command lines.  The texts are the caller's to kk_free(). */
struct sandbox_args {
	char *v[SANDBOX_ARGS_MAX + 1];
	size_t count;
};
MUST_CHECK enum kk_err sandbox_plan(const struct sandbox_child *c,
    struct sandbox_args *args);
void sandbox_args_clear(struct sandbox_args *args);
__attribute__((format(printf, 1, 2))) char *sandbox_text(const char *format,
    ...); /* NULL: no memory */

/* "Room", "Room 2", "Lines of Room"; the caller's to free. */
char *sandbox_box_name(const struct sandbox *s, const struct sandbox_box *b);

/* plan_lines.c: of the lines' member. */
void sandbox_plan_lines_roomd(const struct sandbox *s,
    const struct sandbox_box *b, struct sandbox_args *a);
void sandbox_plan_mixd(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a);
void sandbox_plan_lined(const struct sandbox *s, const struct sandbox_box *b,
    struct sandbox_args *a);
void sandbox_args_add(struct sandbox_args *args, char *text); /* takes it */

/* dial.c: the meeting's number and PIN for callers, made once. */
MUST_CHECK enum kk_err sandbox_dial_in_make(struct sandbox *s);
char *sandbox_dial_in_path(const struct sandbox *s);

/* site.c: certificates, by konklave-pki and the script tools/sandbox/certify;
 * which boxes have one. */
MUST_CHECK enum kk_err sandbox_site_make(struct sandbox *s);
/* Has keyd, which runs, ask for a certificate, and makes the chain for it. */
MUST_CHECK enum kk_err sandbox_site_enrol(struct sandbox *s,
    struct sandbox_box *b);

/* state.c: folders, the lock, status.json. */
MUST_CHECK enum kk_err sandbox_state_open(struct sandbox *s);
void sandbox_state_close(struct sandbox *s);
void sandbox_state_write(struct sandbox *s);
MUST_CHECK enum kk_err sandbox_state_show(const struct sandbox_options *o);

/* ports.c: are they free?  Errors: KK_EEXIST, having said which is not. */
MUST_CHECK enum kk_err sandbox_ports_check(const struct sandbox *s);

/* notify.c: READY=1 of children. */
MUST_CHECK enum kk_err sandbox_notify_open(struct sandbox *s);

/* run.c: starts what can start, ends what is to end. */
void sandbox_go_on(struct sandbox *s);
MUST_CHECK enum kk_err sandbox_run(struct sandbox *s);

/* words.c: what people read, in German and English. */
enum sandbox_word {
	WORD_SFUD,
	WORD_WEBD,
	WORD_KEYD,
	WORD_ROOMD,
	WORD_MEDIAD,
	WORD_MIXD,
	WORD_LINED,
	WORD_LINES_KEYD,
	WORD_LINES_ROOMD,
	WORD_STARTING,
	WORD_OPEN,
	WORD_OTHER,
	WORD_WARNING,
	WORD_CALL,
	WORD_CALL_KEYS,
	WORD_WINDOW,
	WORD_PICTURE,
	WORD_LOGS,
	WORD_END,
	WORD_ENDING,
	WORD_ENDED,
	WORD_AGAIN,
	WORD_FAILED,
	WORD_PORT,
	WORD_RUNS,
	WORD_COUNT
};
const char *sandbox_word(bool is_german, enum sandbox_word word);
/* Prints it, with {1} to {3} replaced. */
void sandbox_tell(const struct sandbox *s, enum sandbox_word word,
    const char *one, const char *two, const char *three);
void sandbox_announce(struct sandbox *s);
/* The link for this PC's browsers, which need no certificate for it. */
char *sandbox_local_link(const struct sandbox *s);

/* qr.c */
void sandbox_qr_print(const char *text, bool has_colour);
