/*
 * signal.h - the JSON of the signalling between a client and the forwarder.
 * Zones: forward, policy.  Pure; any thread.
 *
 * A request is parsed into one struct, whole, or refused with an error of the
 * protocol; writers make the texts of answers, errors and events.  All limits
 * stand here.
 *
 * Source: docs/protocol.md, "Signalling".
 */
#pragma once
#include "base/base.h"

#define SIGNAL_SUBPROTOCOL "konklave.1"

enum {
	SIGNAL_VERSION = 1,
	SIGNAL_TEXT_MAX_BYTES = 3 * 1024 * 1024, /* of a request */
	SIGNAL_DEPTH_MAX = 6,
	SIGNAL_VALUES_MAX = 16384,
	SIGNAL_MEETING_MAX_BYTES = 64,
	SIGNAL_TOKEN_BYTES = 32,
	SIGNAL_PARTICIPANT_BYTES = 16,
	SIGNAL_PARTICIPANTS_MIN = 2,
	SIGNAL_PARTICIPANTS_MAX = 1000,
	SIGNAL_CLIENT_MAX_BYTES = 64,
	SIGNAL_WELCOMES_MAX = 1000,
	SIGNAL_ENCODINGS_MAX = 3,
	SIGNAL_NAME_MAX_BYTES = 16, /* of a rid, a MID */
	SIGNAL_SIZE_MAX = 16384, /* of pictures and tiles */
	SIGNAL_PRIORITY_MAX = 255,
	SIGNAL_EXTENSIONS_MAX = 16,
	SIGNAL_EXTENSION_ID_MAX = 255, /* RFC 8285, 4.3 */
	SIGNAL_URI_MAX_BYTES = 255,
	SIGNAL_PAYLOAD_TYPE_MAX = 127, /* RFC 3550, 5.1 */
	SIGNAL_SLOTS_MAX = 16, /* of a kind */
	SIGNAL_WATCHES_MAX = 128,
	SIGNAL_FINGERPRINT_MAX_BYTES =
	    95 /* of SHA-256: 32 times "AB:" less one */
};

/* JavaScript keeps whole numbers up to here. */
#define SIGNAL_NUMBER_MAX ((UINT64_C(1) << 53) - 1)

enum signal_error {
	SIGNAL_OK,
	SIGNAL_EVERSION,
	SIGNAL_EFORMAT,
	SIGNAL_ELIMIT,
	SIGNAL_EBUSY,
	SIGNAL_ESTATE,
	SIGNAL_EDENIED,
	SIGNAL_EMEETING,
	SIGNAL_EFULL,
	SIGNAL_ESTALE,
	SIGNAL_EUNKNOWN,
	SIGNAL_EINTERNAL,
	SIGNAL_ERROR_COUNT
};

/* As it stands on the wire ("unknown-meeting"); NULL for SIGNAL_OK. */
const char *signal_error_name(enum signal_error error);

enum signal_type {
	SIGNAL_HELLO,
	SIGNAL_REGISTER,
	SIGNAL_UNREGISTER,
	SIGNAL_ENTER,
	SIGNAL_BEGIN,
	SIGNAL_COMMIT,
	SIGNAL_MESSAGE,
	SIGNAL_TRANSPORT,
	SIGNAL_RESTART,
	SIGNAL_CONNECT,
	SIGNAL_DISCONNECT,
	SIGNAL_PUBLISH,
	SIGNAL_UNPUBLISH,
	SIGNAL_SLOTS,
	SIGNAL_WATCH,
	SIGNAL_LEAVE,
	SIGNAL_TYPE_COUNT
};

const char *signal_type_name(enum signal_type type);

/* What a connection has come to (state.c). */
enum signal_state {
	SIGNAL_NEW, /* no hello yet */
	SIGNAL_GREETED,
	SIGNAL_INSIDE /* a meeting */
};

bool signal_is_allowed(enum signal_state state, enum signal_type type);
/* After a request that was answered, not refused. */
enum signal_state signal_state_after(enum signal_state state,
    enum signal_type type);

enum signal_kind { SIGNAL_AUDIO, SIGNAL_VIDEO };
enum signal_source {
	SIGNAL_MICROPHONE,
	SIGNAL_CAMERA,
	SIGNAL_SCREEN,
	SIGNAL_SOURCE_COUNT
};
enum signal_codec { SIGNAL_VP8, SIGNAL_VP9 };
enum signal_direction { SIGNAL_SEND = 1, SIGNAL_RECEIVE, SIGNAL_BOTH };

enum signal_kind signal_source_kind(enum signal_source source);

struct signal_meeting {
	uint8_t id[SIGNAL_MEETING_MAX_BYTES];
	size_t bytes;
};

struct signal_participant {
	uint8_t id[SIGNAL_PARTICIPANT_BYTES];
};

struct signal_epoch { /* "number or null" */
	bool is_set;
	uint64_t n;
};

struct signal_hello {
	uint64_t version;
	char client[SIGNAL_CLIENT_MAX_BYTES + 1];
};

struct signal_register {
	uint8_t site_token[SIGNAL_TOKEN_BYTES];
	struct signal_meeting meeting;
	uint8_t token_hash[SIGNAL_TOKEN_BYTES]; /* not of unregister */
	uint16_t participants;
	bool is_reset;
};

struct signal_enter {
	struct signal_meeting meeting;
	uint8_t token[SIGNAL_TOKEN_BYTES];
	struct signal_epoch epoch;
};

struct signal_welcome {
	struct signal_participant to;
	struct kk_bytes message;
};

struct signal_commit {
	uint64_t epoch;
	struct kk_bytes message;
	struct kk_bytes group_info; /* empty where it lacks */
	struct signal_welcome *welcomes;
	size_t welcome_count;
};

struct signal_message {
	struct kk_bytes message;
	bool has_to;
	struct signal_participant to;
};

struct signal_connect {
	uint32_t transport;
	char fingerprint[SIGNAL_FINGERPRINT_MAX_BYTES + 1];
	bool is_dtls_server; /* the client; else it is the DTLS client */
};

struct signal_encoding {
	uint32_t ssrc, rtx_ssrc; /* rtx_ssrc 0: none; ssrc 0: by rid */
	char rid[SIGNAL_NAME_MAX_BYTES + 1]; /* "": none */
	uint16_t max_width, max_height; /* 0: not known */
};

struct signal_extension {
	char uri[SIGNAL_URI_MAX_BYTES + 1];
	uint8_t id;
};

struct signal_publish {
	uint32_t transport;
	enum signal_source source;
	enum signal_kind kind; /* the source's */
	enum signal_codec codec; /* of video; VP8 where it lacks */
	char mid[SIGNAL_NAME_MAX_BYTES + 1]; /* "": none */
	uint8_t payload_type, rtx_payload_type; /* rtx 0: none */
	struct signal_encoding encodings[SIGNAL_ENCODINGS_MAX];
	size_t encoding_count;
	struct signal_extension extensions[SIGNAL_EXTENSIONS_MAX];
	size_t extension_count;
};

struct signal_slots {
	uint32_t transport;
	uint8_t audio, video;
	bool has_vp9; /* the client decodes it */
};

struct signal_watch {
	uint32_t slot;
	bool is_loudest; /* of audio: the forwarder chooses; no participant */
	bool has_participant;
	struct signal_participant participant;
	enum signal_source source;
	uint16_t width, height; /* of the tile; 0: not known */
	uint8_t priority; /* 0 where it lacks; higher ones come first */
};

struct signal_watches {
	struct signal_watch list[SIGNAL_WATCHES_MAX];
	size_t count;
};

struct signal_request {
	enum signal_type type;
	bool has_id; /* also of a request that is refused, for the answer */
	uint64_t id;
	bool is_object; /* or no JSON at all */
	union {
		struct signal_hello hello;
		struct signal_register reg; /* and unregister */
		struct signal_enter enter;
		uint64_t epoch; /* begin */
		struct signal_commit commit;
		struct signal_message message;
		enum signal_direction direction; /* transport */
		struct signal_connect connect;
		uint32_t transport; /* restart, disconnect */
		struct signal_publish publish;
		enum signal_source source; /* unpublish */
		struct signal_slots slots;
		struct signal_watches watches;
	};
};

/*
 * Parses a text, zero-terminated beyond bytes.  Whatever it gives, *rq is to be
 * cleared.  Work and memory are bounded before the text is taken apart.
 * Gives SIGNAL_OK, SIGNAL_EFORMAT, SIGNAL_ELIMIT, SIGNAL_EVERSION (a hello of
 * another version) or SIGNAL_EINTERNAL (no memory).
 */
enum signal_error signal_request_parse(struct signal_request *rq,
    const char *text, size_t bytes);
void signal_request_clear(struct signal_request *rq); /* wipes */

/*
 * Writers.  On success *out is the caller's: a text without a final zero.
 * Errors: KK_ENOMEM.
 */
struct signal_failure {
	const struct signal_request *rq; /* its id, where it has one; or NULL */
	enum signal_error error;
	const char *text; /* plain words, for people who look for a fault */
	uint64_t epoch; /* of SIGNAL_ESTALE */
	uint64_t retry_ms; /* of SIGNAL_EBUSY */
};

MUST_CHECK enum kk_err signal_write_error(struct kk_bytes *out,
    const struct signal_failure *failure);

/* An answer without fields. */
MUST_CHECK enum kk_err signal_write_done(struct kk_bytes *out, uint64_t id);
/* allows_levels: clients may tell how loud they are, and ask for the loudest.
 */
MUST_CHECK enum kk_err signal_write_hello(struct kk_bytes *out, uint64_t id,
    const char *server, bool allows_levels);
/* Of register and commit. */
MUST_CHECK enum kk_err signal_write_epoch(struct kk_bytes *out, uint64_t id,
    struct signal_epoch epoch);

struct signal_present { /* one who is there */
	struct signal_participant participant;
	bool has[SIGNAL_SOURCE_COUNT];
};

struct signal_entered {
	struct signal_participant participant;
	struct signal_epoch epoch;
	const struct signal_present *others;
	size_t other_count;
	bool is_behind;
};

MUST_CHECK enum kk_err signal_write_entered(struct kk_bytes *out, uint64_t id,
    const struct signal_entered *entered);

struct signal_candidate {
	const char *address, *foundation;
	uint16_t port;
	uint32_t priority;
	bool is_tcp; /* passive (RFC 6544); else of UDP */
};

struct signal_transport {
	uint32_t number;
	const char *ufrag, *pwd, *fingerprint;
	const struct signal_candidate *candidates;
	size_t candidate_count;
};

/* Of transport and restart. */
MUST_CHECK enum kk_err signal_write_transport(struct kk_bytes *out, uint64_t id,
    const struct signal_transport *transport);

struct signal_slot {
	uint32_t slot;
	enum signal_kind kind;
	const char *mid;
	uint32_t ssrc, rtx_ssrc;
	uint8_t payload_type, rtx_payload_type; /* rtx 0: none */
	uint8_t vp9_payload_type, vp9_rtx_payload_type; /* 0: none */
};

MUST_CHECK enum kk_err signal_write_slots(struct kk_bytes *out, uint64_t id,
    const struct signal_slot *slots, size_t count, const char *cname);

/* Events. */
enum signal_reason {
	SIGNAL_LEFT,
	SIGNAL_LOST,
	SIGNAL_UNREGISTERED,
	SIGNAL_SHUTDOWN
};

MUST_CHECK enum kk_err signal_write_joined(struct kk_bytes *out,
    const struct signal_participant *participant);
MUST_CHECK enum kk_err signal_write_left(struct kk_bytes *out,
    const struct signal_participant *participant, enum signal_reason reason);
MUST_CHECK enum kk_err signal_write_source(struct kk_bytes *out,
    const struct signal_participant *participant, enum signal_source source,
    bool is_published);
MUST_CHECK enum kk_err signal_write_reset(struct kk_bytes *out);
MUST_CHECK enum kk_err signal_write_closed(struct kk_bytes *out,
    enum signal_reason reason);
MUST_CHECK enum kk_err signal_write_transport_state(struct kk_bytes *out,
    uint32_t transport, bool is_connected);

struct signal_heard { /* a slot that the forwarder has filled */
	uint32_t slot;
	bool has_participant;
	struct signal_participant participant;
};

MUST_CHECK enum kk_err signal_write_loudest(struct kk_bytes *out,
    const struct signal_heard *heard, size_t count);

/* encodings: so many of them, from the smallest on, are drawn by anybody. */
MUST_CHECK enum kk_err signal_write_wanted(struct kk_bytes *out,
    enum signal_source source, size_t encodings);

struct signal_relayed {
	const struct signal_participant *from;
	uint64_t epoch; /* not of a message */
	struct kk_view message;
};

MUST_CHECK enum kk_err signal_write_commit(struct kk_bytes *out,
    const struct signal_relayed *relayed);
MUST_CHECK enum kk_err signal_write_welcome(struct kk_bytes *out,
    const struct signal_relayed *relayed);
MUST_CHECK enum kk_err signal_write_message(struct kk_bytes *out,
    const struct signal_relayed *relayed);
