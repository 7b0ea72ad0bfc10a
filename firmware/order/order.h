/*
 * order.h - who is in a meeting, and which commit comes next.  Zone: forward.
 *
 * A meeting is an id and the hash of its access token; the order of its key
 * messages is one number, the epoch: the first commit for it wins.  What passes
 * is wrapped by the clients and never looked into.
 *
 * Pure: no sockets, no files, no clock.  What is to be sent or kept goes to the
 * owner by hooks.  One thread.
 *
 * Source: docs/protocol.md, "Signalling" (Registering, Ordering).
 */
#pragma once
#include "base/base.h"

enum {
	ORDER_MEETINGS_MAX = 4096,
	ORDER_MEETING_ID_MAX_BYTES = 64,
	ORDER_TOKEN_BYTES = 32, /* and its SHA-256 */
	ORDER_PARTICIPANT_BYTES = 16,
	ORDER_PARTICIPANTS_MIN = 2,
	ORDER_PARTICIPANTS_MAX = 1000,
	ORDER_SOURCES = 3,
	ORDER_LOG_COMMITS = 256,
	/* The log's messages, of one meeting and of all: beyond it the oldest
	 * are dropped, and who needed them is behind.  A client gets a whole
	 * log at once: in base64 it must fit into what waits for a reader. */
	ORDER_LOG_MAX_BYTES = 4 * 1024 * 1024,
	ORDER_LOGS_MAX_BYTES = 512 * 1024 * 1024
};

enum order_result {
	ORDER_OK,
	ORDER_DENIED, /* wrong token */
	ORDER_NO_MEETING,
	ORDER_FULL,
	ORDER_STALE, /* another epoch is on */
	ORDER_NOT_NOW, /* no epoch yet, or one already */
	ORDER_LIMIT, /* too many meetings */
	ORDER_NO_MEMBER,
	ORDER_FAILED /* no memory, or not kept */
};

struct order;
struct order_meeting;
struct order_member;

struct order_participant {
	uint8_t id[ORDER_PARTICIPANT_BYTES];
};

struct order_epoch {
	bool is_set;
	uint64_t n;
};

enum order_event_type {
	ORDER_JOINED,
	ORDER_LEFT,
	ORDER_PUBLISHED,
	ORDER_UNPUBLISHED,
	ORDER_COMMIT,
	ORDER_WELCOME,
	ORDER_MESSAGE,
	ORDER_RESET,
	ORDER_CLOSED /* the meeting is no more */
};

struct order_event {
	enum order_event_type type;
	struct order_participant who; /* or from whom */
	bool is_lost; /* of left */
	unsigned source; /* of published, unpublished */
	uint64_t epoch; /* of commit, welcome */
	struct kk_view message; /* of commit, welcome, message; borrowed */
};

/*
 * No hook may call back into order.  After ORDER_CLOSED the members are still
 * to be taken away with order_leave().
 */
struct order_hooks {
	void (*event)(void *arg, struct order_member *const *to, size_t count,
	    const struct order_event *event);
	/*
	 * Puts a record to a meeting's others, or in their place, and returns
	 * when it is on the disk.  Any error: it is not kept, and nothing
	 * changes.
	 */
	enum kk_err (*keep)(void *arg, struct kk_view meeting_id,
	    struct kk_view record, bool replaces);
	void (*forget)(void *arg, struct kk_view meeting_id);
	void *arg;
};

/* hooks is copied.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err order_new(struct order **orderp,
    const struct order_hooks *hooks);
void order_free(struct order *order); /* no member is left; NULL is fine */
size_t order_meeting_count(const struct order *order);

/* Compares a token with a SHA-256 in a time that does not depend on them. */
bool order_token_is(const uint8_t token[ORDER_TOKEN_BYTES],
    const uint8_t hash[ORDER_TOKEN_BYTES]);

/*
 * Makes a meeting from what was kept of it, records one after another.  A last
 * record that is cut short was never answered for, and is left out.
 * Errors: KK_EFORMAT damaged, nothing is made; KK_EEXIST; KK_ELIMIT; KK_ENOMEM.
 */
MUST_CHECK enum kk_err order_load(struct order *order, struct kk_view kept);

struct order_registration {
	struct kk_view meeting_id;
	const uint8_t *token_hash; /* ORDER_TOKEN_BYTES */
	uint16_t participants;
	bool is_reset;
	const struct order_member *by; /* gets no reset itself; or NULL */
};

/*
 * ORDER_OK, _DENIED another hash without a reset, _LIMIT, _FAILED.  With a
 * reset and the same hash all members get ORDER_RESET; with another hash
 * ORDER_CLOSED, for they have come by the old one.
 */
enum order_result order_register(struct order *order,
    const struct order_registration *registration, struct order_epoch *epoch);
/* ORDER_OK, _NO_MEETING. */
enum order_result order_unregister(struct order *order,
    struct kk_view meeting_id);

/*
 * Ends meetings that nobody has been in or has registered for keep_s seconds
 * (0: none), and gives their number.  To be called at times; now_s is of any
 * clock that only goes forward.  The time is kept from hour to hour, and goes
 * on after a restart.
 */
size_t order_sweep(struct order *order, uint64_t now_s, uint64_t keep_s);

struct order_entry {
	struct kk_view meeting_id;
	const uint8_t *token; /* ORDER_TOKEN_BYTES */
	struct order_epoch epoch; /* the client's */
	void *owner; /* order_member_owner() gives it back */
};

struct order_entered {
	struct order_member *member; /* until order_leave() */
	struct order_epoch epoch; /* the meeting's */
	bool is_behind;
};

/* ORDER_OK, _NO_MEETING, _DENIED, _FULL, _FAILED.  Others get ORDER_JOINED. */
enum order_result order_enter(struct order *order,
    const struct order_entry *entry, struct order_entered *out);
/* The commits from this epoch on, as events: after an entry that is not behind.
 */
void order_replay(struct order_member *member, uint64_t from_epoch);
void order_leave(struct order_member *member, bool is_lost); /* frees it */

void *order_member_owner(const struct order_member *member);
struct order_participant order_member_id(const struct order_member *member);
bool order_member_has(const struct order_member *member, unsigned source);
struct order_meeting *order_member_meeting(const struct order_member *member);
struct order_member *order_member_find(const struct order_meeting *meeting,
    const struct order_participant *id); /* NULL */
/* Borrowed, until somebody comes or goes. */
struct order_member *const *order_members(const struct order_meeting *meeting,
    size_t *count);
/* Something of the owner's that lives with the meeting's members. */
void *order_meeting_owner(const struct order_meeting *meeting);
void order_meeting_owner_set(struct order_meeting *meeting, void *owner);

/* ORDER_OK, _NOT_NOW there is an epoch already, _FAILED. */
enum order_result order_begin(struct order_member *member, uint64_t epoch);

struct order_welcome {
	struct order_participant to;
	struct kk_view message;
};

struct order_commit {
	uint64_t epoch;
	struct kk_view message;
	const struct order_welcome *welcomes; /* who has left gets none */
	size_t welcome_count;
};

/*
 * ORDER_OK, and *epoch is the new one; _STALE, and it is the one that is on;
 * _NOT_NOW no epoch yet; _FAILED.  It is on the disk before others hear of it.
 */
enum order_result order_commit(struct order_member *member,
    const struct order_commit *commit, uint64_t *epoch);

/* To all others where to is NULL.  ORDER_OK, _NO_MEMBER. */
enum order_result order_message(struct order_member *member,
    const struct order_participant *to, struct kk_view message);

/* Others hear of a change.  source is below ORDER_SOURCES. */
void order_source_set(struct order_member *member, unsigned source,
    bool is_published);

/* How often: a bucket that fills by per_second up to burst.  All zero is full.
 */
struct order_rate {
	uint64_t used_us; /* of the bucket's time */
	uint64_t last_us;
};

/* True: it may, and was counted; else *retry_ms says when. */
bool order_rate_take(struct order_rate *rate, unsigned per_second,
    unsigned burst, uint64_t now_us, uint64_t *retry_ms);
