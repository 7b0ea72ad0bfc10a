/*
 * update.h - what a box does with a new image, from being asked to the first
 * boot that has shown that it works.  Zone: policy.
 *
 * A pure machine: what has happened and the time go in, actions come out.  It
 * keeps nothing over a restart, of the box or of its program: after one it is
 * told how the box was started, and what waits to be tried, which the boot
 * record knows (boot/boot.h), and goes on from there.  So power may be cut
 * between any two steps.
 *
 * Rules that the table keeps: nothing is written before the running slot was
 * confirmed in this boot; no update begins and the box does not restart in a
 * meeting; a bundle that is not wholly right is dropped before a byte of it is
 * written; a slot is good after its health checks, never before.
 *
 * No sockets, no clock, no files.  One thread.
 */
#pragma once
#include "base/base.h"

enum update_state {
	UPDATE_STARTING, /* not told yet how this boot came */
	UPDATE_UNCONFIRMED, /* a slot that was good; this boot is not yet */
	UPDATE_TRYING, /* a new slot's first boot */
	UPDATE_CONFIRMING, /* healthy; it is being called good */
	UPDATE_SICK, /* the new slot is not well; a meeting goes on in it */
	UPDATE_RETURNING, /* it restarts into the old one */
	UPDATE_IDLE,
	UPDATE_CHECKING, /* signature, board and version of a bundle */
	UPDATE_WRITING, /* the other slot */
	UPDATE_COMMITTING, /* it is made the next one to be tried */
	UPDATE_WAITING, /* until no meeting is on */
	UPDATE_RESTARTING, /* into the new slot */
	UPDATE_STATES
};

/* ..._BUSY: the same while a meeting is on. */
enum update_event {
	UPDATE_BOOTED, /* a slot that was good before */
	UPDATE_BOOTED_BACK, /* the same, after a try that has failed */
	UPDATE_BOOTED_TRY, /* a slot that never was good */
	UPDATE_INSTALLED, /* no boot: a new slot waits to be tried */
	UPDATE_INSTALLED_BUSY,
	UPDATE_HEALTHY,
	UPDATE_UNWELL, /* not healthy in time */
	UPDATE_UNWELL_BUSY,
	UPDATE_CONFIRMED, /* it was called good */
	UPDATE_NOT_CONFIRMED,
	UPDATE_ASKED, /* to install */
	UPDATE_ASKED_BUSY,
	UPDATE_ACCEPTED, /* the bundle is right */
	UPDATE_ACCEPTED_BUSY,
	UPDATE_REFUSED, /* it is not */
	UPDATE_WRITTEN, /* whole, and on the disk */
	UPDATE_WRITE_FAILED,
	UPDATE_COMMITTED,
	UPDATE_COMMITTED_BUSY,
	UPDATE_COMMIT_FAILED,
	UPDATE_CANCELLED, /* by whom it concerns */
	UPDATE_MEETING, /* one begins */
	UPDATE_FREE, /* the last one ends */
	UPDATE_EVENTS
};

enum update_action { /* what is to be done, in this order; bits */
	UPDATE_DO_HEALTH = 1, /* health checks begin */
	UPDATE_DO_CONFIRM = 2, /* call the running slot good */
	UPDATE_DO_CHECK = 4, /* the bundle */
	UPDATE_DO_WRITE = 8, /* mark the other slot bad, then write it */
	UPDATE_DO_COMMIT = 16, /* make it the next one */
	UPDATE_DO_RESTART = 32,
	UPDATE_DO_HOLD = 64, /* do not restart after all */
	UPDATE_DO_TAKE_BACK = 128, /* make the running slot the next one */
	UPDATE_DO_DROP = 256 /* end what is under way, remove the bundle */
};

enum update_reason { /* why it is as it is, for people */
	UPDATE_SAYS_NOTHING,
	UPDATE_SAYS_MEETING,
	UPDATE_SAYS_UNCONFIRMED,
	UPDATE_SAYS_UNDER_WAY,
	UPDATE_SAYS_READY, /* installed; restarts after the meeting */
	UPDATE_SAYS_SIGNATURE,
	UPDATE_SAYS_BOARD,
	UPDATE_SAYS_OLDER,
	UPDATE_SAYS_SAME,
	UPDATE_SAYS_FORMAT,
	UPDATE_SAYS_WRITE_FAILED,
	UPDATE_SAYS_COMMIT_FAILED,
	UPDATE_SAYS_CANCELLED,
	UPDATE_SAYS_UNWELL, /* health checks fail */
	UPDATE_SAYS_CAME_BACK, /* the new one did not work */
	UPDATE_SAYS_NOT_CONFIRMED,
	UPDATE_SAYS_NO_SOURCE, /* the profile names no server */
	UPDATE_SAYS_NO_FETCHER, /* who loads bundles does not answer */
	UPDATE_SAYS_UNREACHABLE, /* the server, or it broke off too often */
	UPDATE_SAYS_CERTIFICATE, /* the server's is not trusted */
	UPDATE_SAYS_SERVER, /* it answers otherwise than it is to */
	UPDATE_SAYS_NOT_OFFERED, /* it has none for this board */
	UPDATE_SAYS_NO_ROOM, /* on the disk */
	UPDATE_SAYS_UNREADABLE, /* a stick that was pulled */
	UPDATE_SAYS_FAILED_BEFORE, /* not installed again by itself */
	UPDATE_SAYS_DONE, /* the new one works */
	UPDATE_REASONS
};

/*
 * The table (table.c).  An event that is not of a state is dropped: is_listed
 * is false, and next is the state itself.
 */
struct update_cell {
	bool is_listed;
	enum update_state next;
	unsigned actions; /* of enum update_action */
	/* UPDATE_SAYS_NOTHING: what was said before holds on. */
	enum update_reason says;
};

/* state and event have to be of their enums. */
struct update_cell update_table(enum update_state state,
    enum update_event event);
/* The event as it is while a meeting is on. */
enum update_event update_event_busy(enum update_event event);
const char *update_state_name(enum update_state state); /* "idle", ... */
const char *update_event_name(enum update_event event);
const char *update_reason_name(enum update_reason reason); /* "older", ... */

/*
 * What is asked of a bundle (judge.c), in this order; the first thing that is
 * wrong is said, UPDATE_SAYS_NOTHING: it is right.  Nothing of a bundle is
 * believed before its signature.
 */
struct update_bundle {
	bool is_signed; /* by a key that this box trusts for updates */
	bool is_whole; /* its manifest was read, its size is possible */
	const char *board;
	uint64_t version;
};

struct update_box {
	const char *board;
	uint64_t version; /* of the running slot */
	uint64_t floor; /* of the boot record */
};

enum update_reason update_judge(const struct update_bundle *bundle,
    const struct update_box *box);

/*
 * The machine (machine.c).
 */
enum {
	UPDATE_HEALTH_MS = 300000, /* until a boot counts as unwell */
	UPDATE_ACTIONS_MAX = 8 /* that wait to be taken */
};

struct update;

MUST_CHECK enum kk_err update_new(struct update **up); /* KK_ENOMEM */
void update_free(struct update *u); /* NULL is fine */

/*
 * Something has happened.  Whether a meeting is on the machine knows itself, so
 * only the first of two variants is given.  False: dropped, and counted.
 */
bool update_event(struct update *u, enum update_event event, uint64_t now_ms);
/* UPDATE_REFUSED, and why. */
bool update_refuse(struct update *u, enum update_reason why, uint64_t now_ms);
void update_progress(struct update *u, unsigned percent); /* of the writing */

void update_tick(struct update *u, uint64_t now_ms);
/* When update_tick() has something to do; UINT64_MAX: never. */
uint64_t update_due_ms(const struct update *u);

/* Takes the oldest action; false: none. */
bool update_action_take(struct update *u, enum update_action *action);

enum update_state update_state(const struct update *u);
enum update_reason update_says(const struct update *u);
bool update_is_in_meeting(const struct update *u);
unsigned update_percent(const struct update *u); /* 0 unless writing */
unsigned update_dropped(const struct update *u);

/* A bundle's way from a server, apart from the machine: it may be loaded in a
 * meeting. */
enum update_fetch {
	UPDATE_FETCH_NONE,
	UPDATE_FETCH_LOOKING, /* at what the server has, and its signature */
	UPDATE_FETCH_LOADING,
	UPDATE_FETCH_READY, /* all verified; it is installed when it may be */
	UPDATE_FETCHES
};

const char *update_fetch_name(enum update_fetch fetch); /* "none", ... */

/* In plain words, English or German; never NULL (words.c). */
const char *update_state_word(enum update_state state, bool is_german);
const char *update_reason_word(enum update_reason reason, bool is_german);
const char *update_fetch_word(enum update_fetch fetch, bool is_german);
