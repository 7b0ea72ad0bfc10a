/*
 * lined.h - the program for telephone lines, as its files see it.  Zone:
 * telephone: no conference key, no group, nobody's name.
 *
 * One thread: a GMainLoop for sofia-sip, with an sd_event inside for all else.
 * Errors are those of the libraries below, handed on.
 */
#pragma once
#include <systemd/sd-event.h>

#include "call/call.h"
#include "line/line.h"
#include "program/options.h"
#include "program/program.h"
#include "ring/ring.h"
#include "rtp.h"
#include "trunk.h"
#include "ua/ua.h"

enum {
	LINED_LINES_MAX = 256,
	LINED_TICK_US = 20000,
	LINED_HEAR_US = 5000, /* phases of a tick: mixd has put at 0 ... */
	LINED_SAY_US = 15000, /* ... and takes at the next 0 */
	LINED_RETRY_US = 500000, /* for roomd and mixd */
	LINED_ANSWER_US = 15000000, /* roomd has at most 10 s for one */
	LINED_IDLE_US = 60000000, /* a call without a packet is over */
	LINED_TELL_US = 10000000, /* between lines of what was refused */
	LINED_NUMBER_BYTES = 64, /* of a call to be placed */
	LINED_TONES_BYTES = PHONE_SENT_MAX + 1, /* of a call */
	LINED_NUMBERS_MAX = 16,
	LINED_PREFIXES_MAX = 16,
	LINED_LABEL_BYTES = 64
};

enum lined_language { LINED_EN, LINED_DE, LINED_LANGUAGES };

struct lined_number { /* --language=NUMBER:LANG */
	char number[LINED_NUMBER_BYTES];
	enum lined_language language;
};

enum lined_shown { /* of callers' numbers, in the meeting */
	LINED_SHOWN_PART,
	LINED_SHOWN_FULL,
	LINED_SHOWN_NONE
};

struct lined_options {
	const char *roomd, *mixd;
	const char *prompts, *own_prompts; /* folders; own_prompts or NULL */
	const char *domain, *accounts, *certificate;
	const char *state; /* a folder, or NULL */
	const char *media_address; /* NULL: that of the way to the caller */
	struct {
		enum ua_transport transport;
		char address[RTP_ADDRESS_BYTES];
		uint16_t port;
	} listens[UA_LISTENS_MAX];
	size_t listen_count;
	const char *trunks[UA_TRUNKS_MAX]; /* files */
	size_t trunk_count;
	const char *users[UA_USERS_MAX];
	size_t user_count;
	const char *prefixes[LINED_PREFIXES_MAX]; /* that may be called */
	size_t prefix_count;
	struct lined_number numbers[LINED_NUMBERS_MAX];
	size_t number_count;
	enum lined_language language;
	enum offer_srtp srtp;
	enum lined_shown numbers_shown;
	enum ua_rule rule;
	struct rtp_ports ports;
	unsigned lines, calls_per_second, talk_minutes, memory_mb;
	bool logs_json, is_done;
};

MUST_CHECK enum kk_err lined_options_parse(struct lined_options *o, int argc,
    char **argv);

/*
 * sounds.c: prompts of all languages, read once.
 */
struct lined_sounds {
	struct line_sounds of[LINED_LANGUAGES];
	int16_t *owned[LINED_LANGUAGES][IVR_PROMPT_COUNT + 1];
	unsigned missing;
};

MUST_CHECK enum kk_err lined_sounds_read(struct lined_sounds *s,
    const char *prompts, const char *own);
void lined_sounds_clear(struct lined_sounds *s);

/*
 * mixd.c: the ring that we share with mixd, while it is there.
 */
struct lined_mix {
	struct sd_event *event;
	const char *path;
	const struct kk_log *log;
	sd_varlink *link;
	sd_event_source *retry, *gone;
	void *memory;
	size_t memory_bytes;
	struct ring *ring; /* NULL: mixd is away */
	size_t lines; /* of the ring */
	bool is_told;
};

MUST_CHECK enum kk_err lined_mix_start(struct lined_mix *m);
void lined_mix_stop(struct lined_mix *m);

/*
 * roomd.c: what is asked, and told.  Requests go one after the other.
 */
struct lined_state { /* of a line, as roomd tells */
	size_t lane;
	const char *answer;
	bool is_muted_by_host;
};

struct lined_dial {
	uint64_t serial;
	const char *number; /* NULL: nobody is to be called */
};

struct lined_tones { /* of a call that we have placed */
	uint64_t serial;
	const char *digits; /* all so far; "" none.  Secrets */
};

struct lined_room_handler {
	/* Each change: all lines, what is to be dialled and sent. */
	void (*told)(void *arg, const struct lined_state *states, size_t count,
	    const struct lined_dial *dial, const struct lined_tones *tones);
	/* Of lined_room_ask(); NULL: there was none. */
	void (*answered)(void *arg, size_t lane, const char *answer);
	void (*ended)(void *arg, size_t lane); /* of lined_room_end() */
	void (*lost)(void *arg); /* roomd is away: all is forgotten there */
};

struct lined_request;

struct lined_room {
	struct sd_event *event;
	const char *path;
	const struct kk_log *log;
	struct lined_room_handler handler;
	void *arg;
	sd_varlink *watch, *link;
	sd_event_source *retry, *next;
	struct lined_request *first, *last;
	size_t waiting;
	bool is_there, is_told;
};

MUST_CHECK enum kk_err lined_room_start(struct lined_room *r);
void lined_room_stop(struct lined_room *r); /* wipes what was to be asked */

struct lined_ask {
	size_t lane;
	const char *number, *pin; /* secrets; not kept in clear after */
	const char *label, *origin, *transport;
};

/* Errors: KK_ESTATE roomd is away; KK_ELIMIT; KK_ENOMEM. */
MUST_CHECK enum kk_err lined_room_ask(struct lined_room *r,
    const struct lined_ask *ask);
void lined_room_tell(struct lined_room *r, size_t lane, bool is_muted,
    bool has_hand_up);
void lined_room_end(struct lined_room *r, size_t lane);
void lined_room_placed(struct lined_room *r, uint64_t serial, size_t lane,
    const char *state, bool has_tones);

/*
 * calls.c and the files beside it: from SIP to line to roomd.
 */
struct lined;

struct lined_call {
	struct lined *lined;
	size_t lane;
	struct ua_call *sip; /* NULL: it is over */
	struct line *line; /* NULL: not talking yet */
	struct rtp *rtp;
	struct offer_local local;
	struct offer_stream stream; /* secrets */
	bool has_offered; /* the other's answer is awaited */
	bool has_stream, is_answered, is_placed, has_rung, is_early;
	bool has_asked, is_barred; /* barred: too many wrong ones came of it */
	bool is_ended; /* we hang up */
	bool is_warned; /* that its time is over in a minute */
	bool is_ready; /* to hear something */
	bool has_goodbye; /* a file */
	int told; /* enum ivr_answer that counts, or below 0 */
	enum lined_language language;
	uint64_t serial; /* of a placed one */
	char
	    number[LINED_NUMBER_BYTES]; /* that it calls; a secret of the log */
	size_t tones_sent; /* of all that the room has pressed */
	size_t trunk_next; /* that is tried where none before was there */
	uint64_t caller; /* for limits */
	uint64_t begin_us, ask_us; /* ask_us: 0, or when to ask */
	struct line_event ask; /* secrets, until then */
	char label[LINED_LABEL_BYTES + 1];
	const char *origin; /* of the label, as io.konklave.Lines has it */
	unsigned late; /* ticks in a row in which more than one frame waited */
	unsigned owed; /* ticks for which mixd had none yet */
};

struct lined_lane {
	struct lined_call *call; /* NULL: none */
	bool is_known; /* roomd has it */
	bool is_ending; /* roomd has not answered to its end yet */
};

struct lined {
	struct lined_options options;
	struct kk_log log;
	sd_event *event;
	struct rtp_set *rtp;
	sd_event_source *hear, *say;
	uint64_t hear_us, say_us; /* when next */
	struct ua *ua;
	int state; /* a folder; -1: none */
	struct trunk trunks[UA_TRUNKS_MAX]; /* secrets */
	struct lined_sounds sounds;
	struct line_voice *voice;
	struct ivr_limits *limits;
	struct lined_mix mix;
	struct lined_room room;
	struct lined_lane lanes[LINED_LINES_MAX];
	uint64_t secret; /* of hashes of callers */
	uint64_t dial_serial; /* the last one that was taken up */
	uint64_t calls, refused; /* calls that came; of them without a line */
	uint64_t skipped; /* ticks, since we were held up */
	uint64_t refused_told, skipped_told, tell_us; /* in the log */
};

/* calls.c */
extern const struct ua_handler lined_ua_handler;
struct lined_call *lined_call_new(struct lined *d, struct ua_call *sip);
void lined_call_free(struct lined_call *c); /* tells roomd; wipes */
void lined_call_hang_up(struct lined_call *c);
/* Logs what was refused and left out, if anything was; not often. */
void lined_counts_tell(struct lined *d);

/*
 * goodbye.c: what ends a call whose lined was killed.  The first sends all that
 * is left of one before us, once user agent and log are there, and before calls
 * come.  Errors: KK_EIO the folder cannot be read; never for what is in it.
 */
MUST_CHECK enum kk_err lined_goodbyes_start(struct lined *d);
void lined_goodbyes_stop(struct lined *d);
void lined_goodbye_keep(struct lined_call *c, struct kk_view bye);
void lined_goodbye_drop(struct lined_call *c);

/* media.c: what both agree on, and the line behind it. */
MUST_CHECK enum kk_err lined_media_open(struct lined_call *c,
    const char *towards);
MUST_CHECK enum kk_err lined_media_answer(struct lined_call *c,
    struct kk_view offer, struct kk_bytes *answer);
MUST_CHECK enum kk_err lined_media_offer(struct lined_call *c,
    struct kk_bytes *offer);
MUST_CHECK enum kk_err lined_media_take(struct lined_call *c,
    struct kk_view answer);
MUST_CHECK enum kk_err lined_media_begin(struct lined_call *c);
/* A text of offer.h without its final zero. */
struct kk_view lined_media_text(const struct kk_bytes *sdp);

/* menu.c: what a line wants of roomd, and roomd of it. */
extern const struct lined_room_handler lined_room_handler;
void lined_menu_run(struct lined_call *c, uint64_t now_us);
/* Whether it has lasted as long as it may, or will have in a minute. */
void lined_talk_check(struct lined_call *c, uint64_t now_us);
/* What tells callers apart: hashed, so that nothing here is a number. */
uint64_t lined_caller_of(const struct lined *d, const char *kind,
    const char *text);

/* label.c: label and origin of a call.  One that we place is the exchange's. */
void lined_label_set(struct lined_call *c, enum ua_origin origin,
    const char *name, const char *user);

/* place.c */
void lined_dial(struct lined *d, const struct lined_dial *dial);
void lined_placed(struct lined_call *c, const char *state);
void lined_placed_again(struct lined_call *c); /* it was changed */
/* Keys that the room has pressed, as far as they were not sent yet. */
void lined_tones(struct lined *d, const struct lined_tones *tones);
const char *lined_placed_end(enum ua_reason reason);
/* An exchange was not there: the next one.  False: there is none. */
bool lined_place_again(struct lined_call *c);
bool lined_may_call(const struct lined_options *o, const char *number);

/* tick.c */
MUST_CHECK enum kk_err lined_ticks_start(struct lined *d);
void lined_ticks_stop(struct lined *d);
