/* types.h - what a meeting's parts are called.  Zone: policy. */
#pragma once
#include "base/base.h"

enum {
	ROOM_ID_BYTES = 16, /* of a meeting, docs/protocol.md, "The link" */
	ROOM_SECRET_BYTES = 16,
	ROOM_TOKEN_BYTES = 32,
	ROOM_PEER_BYTES = 16,
	ROOM_PEERS_MAX = 1024, /* a server has at most 1000 in a meeting */
	ROOM_MEMBERS_MAX = 1024, /* sender bits of a KID: 10 */
	ROOM_NAME_BYTES = 256,
	ROOM_ICE_BYTES = 257, /* RFC 8839, 5.4: 256 and the final zero */
	ROOM_FINGERPRINT_BYTES = 256,
	ROOM_CANDIDATES_MAX = 32,
	ROOM_SLOTS_MAX = 32,
	ROOM_ENCODINGS_MAX = 3, /* of the camera */
	ROOM_MESSAGE_MAX_BYTES = 3 * 1024 * 1024
};

/* A participant: how the server calls somebody, new at each entering. */
struct room_peer_id {
	uint8_t bytes[ROOM_PEER_BYTES];
};

bool room_peer_equal(const struct room_peer_id *a,
    const struct room_peer_id *b);

/* Numbers are the streams of a frame's KID (docs/protocol.md). */
enum room_source {
	ROOM_MICROPHONE,
	ROOM_CAMERA,
	ROOM_SCREEN,
	ROOM_SOURCE_COUNT
};

const char *room_source_name(enum room_source source);
const char *room_kind_name(bool is_audio); /* "audio", "video" */
bool room_source_is_audio(enum room_source source);
/* ROOM_SOURCE_COUNT where there is no such source. */
enum room_source room_source_of(const char *name);

struct room_candidate {
	char address[64];
	uint16_t port;
	char protocol[8];
	uint64_t priority;
	char foundation[33]; /* RFC 8839, 5.1 */
	char type[8];
};

struct room_transport { /* of the server's end */
	uint64_t number;
	char ufrag[ROOM_ICE_BYTES];
	char pwd[ROOM_ICE_BYTES];
	char fingerprint[ROOM_FINGERPRINT_BYTES];
	struct room_candidate candidates[ROOM_CANDIDATES_MAX];
	size_t candidate_count;
};

/* One size of what is sent. */
struct room_encoding {
	uint32_t ssrc, rtx_ssrc; /* rtx_ssrc 0: none */
	uint16_t width, height; /* 0: not known */
};

struct room_slot {
	uint64_t slot;
	bool is_audio;
	uint32_t ssrc, rtx_ssrc; /* rtx_ssrc 0: none */
	uint8_t payload_type, rtx_payload_type;
	uint8_t vp9_payload_type, vp9_rtx_payload_type; /* 0: none */
};

/* What the server's errors are called, docs/protocol.md, "Signalling". */
enum room_error {
	ROOM_ERROR_NONE,
	ROOM_ERROR_VERSION,
	ROOM_ERROR_FORMAT,
	ROOM_ERROR_LIMIT,
	ROOM_ERROR_BUSY,
	ROOM_ERROR_STATE,
	ROOM_ERROR_DENIED,
	ROOM_ERROR_UNKNOWN_MEETING,
	ROOM_ERROR_FULL,
	ROOM_ERROR_STALE,
	ROOM_ERROR_UNKNOWN,
	ROOM_ERROR_INTERNAL,
	ROOM_ERROR_COUNT
};

const char *room_error_name(enum room_error error);
