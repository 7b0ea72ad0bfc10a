/* order_private.h - what the files of order share. */
#pragma once
#include "crypto/crypto.h"
#include "order/order.h"

enum {
	ORDER_BUCKETS = 1024,
	ORDER_CHAIN_BYTES = 16,
	ORDER_FILE_COMMITS = 2 * ORDER_LOG_COMMITS /* then it is written anew */
};

struct order_logged {
	struct order_participant from;
	struct kk_bytes message;
};

/* The last commits: those for epochs [first, first + count). */
struct order_log {
	struct order_logged ring[ORDER_LOG_COMMITS];
	uint64_t first;
	size_t at, count; /* at: the oldest one's place */
	size_t bytes;
};

struct order_member {
	struct order_meeting *meeting;
	struct order_participant id;
	void *owner;
	bool has[ORDER_SOURCES];
	size_t index; /* in the meeting's members */
};

struct order_meeting {
	struct order *order;
	struct order_meeting *next; /* in its bucket */
	uint8_t id[ORDER_MEETING_ID_MAX_BYTES];
	size_t id_bytes;
	uint8_t token_hash[ORDER_TOKEN_BYTES];
	uint16_t participants; /* most */
	struct order_epoch epoch;
	struct order_log *log; /* NULL until the first commit */
	struct order_member **members;
	struct order_member **others; /* room for a list to send to */
	size_t member_count, member_room;
	void *owner;
	bool was_used; /* since the last sweep */
	uint64_t idle_s; /* without anybody, as far as sweeps have seen */
	/* Of what is kept: */
	uint64_t kept_idle_s;
	uint8_t chain[ORDER_CHAIN_BYTES];
	size_t file_commits, file_bytes;
	bool is_listed; /* or unregistered, with members left */
	bool must_replace; /* what is there is old, cut or not certain */
};

struct order {
	struct order_hooks hooks;
	struct order_meeting *buckets[ORDER_BUCKETS];
	size_t meeting_count;
	size_t log_bytes; /* of all meetings */
	bool has_swept;
	uint64_t swept_s; /* when */
};

/* meeting.c */
struct order_meeting *order_meeting_find(const struct order *order,
    struct kk_view id);
MUST_CHECK enum kk_err order_meeting_new(struct order_meeting **meetingp,
    struct order *order, struct kk_view id);
void order_meeting_add(struct order_meeting *m);
void order_meeting_remove(struct order_meeting *m); /* and frees */
void order_meeting_free(struct order_meeting *m);
struct kk_view order_meeting_id(const struct order_meeting *m);
void order_tell(struct order_meeting *m, const struct order_member *but,
    const struct order_event *event);

/* log.c */
MUST_CHECK enum kk_err order_log_add(struct order_meeting *m, uint64_t epoch,
    const struct order_participant *from, struct kk_view message);
void order_log_clear(struct order_meeting *m);
const struct order_logged *order_log_get(const struct order_log *log,
    uint64_t epoch); /* NULL: not kept */

/* record.c: writes to the owner; nothing of m but its chain changes. */
MUST_CHECK enum kk_err order_keep_meeting(struct order_meeting *m);
MUST_CHECK enum kk_err order_keep_commit(struct order_meeting *m,
    const struct order_participant *from, struct kk_view message);
MUST_CHECK enum kk_err order_keep_idle(struct order_meeting *m);
