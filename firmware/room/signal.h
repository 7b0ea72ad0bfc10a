/*
 * signal.h - what the server says, and what it is asked.  Zone: policy.
 *
 * The reader checks types, sizes and what an event must have; whether it may
 * come now is for the state machine (room.h).
 * Source: docs/protocol.md, "Signalling".
 */
#pragma once
#include "room/types.h"

enum room_signal_type {
	ROOM_ANSWER,
	ROOM_ANSWER_ERROR,
	ROOM_JOINED,
	ROOM_LEFT,
	ROOM_PUBLISHED,
	ROOM_UNPUBLISHED,
	ROOM_COMMIT,
	ROOM_WELCOME,
	ROOM_MESSAGE,
	ROOM_TRANSPORT,
	ROOM_LOUDEST,
	ROOM_WANTED,
	ROOM_RESET,
	ROOM_CLOSED,
	ROOM_SIGNAL_OTHER, /* of a later version: to be ignored */
	ROOM_SIGNAL_COUNT
};

/* Who is there, and what it sends. */
struct room_peer {
	struct room_peer_id id;
	bool has[ROOM_SOURCE_COUNT];
	bool has_heard; /* our last `here`: the room's own note */
};

struct room_heard { /* a slot that the server has filled */
	uint64_t slot;
	bool has_peer; /* else it is empty */
	struct room_peer_id peer;
};

/*
 * One message.  What a type has not is zero; an answer has whatever fields of
 * all the answers there are were in it, and the has_ say which.
 */
struct room_signal {
	enum room_signal_type type;
	uint64_t id; /* of an answer or an error */
	enum room_error error;
	uint64_t retry_ms;
	bool has_epoch, has_peer, has_peers, has_transport, has_slots;
	bool is_behind;
	bool is_lost; /* a participant, a transport */
	bool is_unregistered; /* ROOM_CLOSED */
	uint64_t epoch;
	struct room_peer_id peer; /* whom it is about, or who sent it */
	enum room_source source;
	struct kk_bytes message;
	struct room_peer *peers;
	size_t peer_count;
	struct room_transport *transport; /* with its number alone in events */
	struct room_slot *slots;
	size_t slot_count;
	bool allows_levels; /* of the answer to hello */
	struct room_heard *heard; /* of ROOM_LOUDEST */
	size_t heard_count;
	size_t encodings; /* of ROOM_WANTED: so many of source's are drawn */
};

/*
 * Reads a message; text is zero-terminated behind bytes.  On success *s is to
 * be released with room_signal_clear(); on error it is empty.
 * Errors: KK_EFORMAT no such message, KK_ELIMIT too large, deep or many,
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err room_signal_parse(struct room_signal *s,
    const char *text, size_t bytes);
void room_signal_clear(struct room_signal *s); /* may be called twice */

/*
 * Requests.
 */
enum room_request_type {
	ROOM_ASK_HELLO,
	ROOM_ASK_REGISTER,
	ROOM_ASK_ENTER,
	ROOM_ASK_BEGIN,
	ROOM_ASK_COMMIT,
	ROOM_ASK_MESSAGE,
	ROOM_ASK_TRANSPORT,
	ROOM_ASK_RESTART,
	ROOM_ASK_CONNECT,
	ROOM_ASK_PUBLISH,
	ROOM_ASK_DISCONNECT,
	ROOM_ASK_SLOTS,
	ROOM_ASK_WATCH,
	ROOM_ASK_LEAVE,
	ROOM_ASK_COUNT
};

struct room_watch {
	uint64_t slot;
	bool is_loudest; /* the server chooses who comes into it */
	bool has_peer; /* else the slot becomes empty */
	struct room_peer_id peer;
	enum room_source source;
	uint16_t width, height; /* at which it is drawn; 0: not told */
	uint8_t priority;
};

enum {
	ROOM_ADDS_MAX = 64, /* of one commit, as keyd has it */
	ROOM_PARTICIPANTS = 250 /* that a box registers a meeting for */
};

struct room_request {
	enum room_request_type type;
	uint64_t id;
	/* Borrowed from the room; tokens are secrets. */
	struct kk_view meeting, token, token_hash, site_token;
	bool has_epoch, is_reset;
	uint64_t epoch;
	struct kk_bytes message, welcome;
	struct room_peer_id to[ROOM_ADDS_MAX]; /* of the welcome */
	size_t to_count;
	uint64_t transport;
	char fingerprint[ROOM_FINGERPRINT_BYTES];
	enum room_source source;
	struct room_encoding encodings[ROOM_ENCODINGS_MAX]; /* from small on */
	size_t encoding_count;
	bool tells_level; /* its packets say how loud they are: RFC 6464 */
	uint8_t payload_type, rtx_payload_type; /* of encodings with RTX */
	unsigned audio_slots, video_slots;
	struct room_watch watch[ROOM_SLOTS_MAX];
	size_t watch_count;
};

/*
 * Writes a request as JSON.  *text is the caller's, to be released with
 * kk_free_wiped(): it may have a token.  Errors: KK_ENOMEM.
 */
MUST_CHECK enum kk_err room_request_write(const struct room_request *rq,
    char **text);
const char *room_request_name(enum room_request_type type);
void room_request_free(struct room_request *rq); /* NULL is fine */
