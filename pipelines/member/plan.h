/*
 * plan.h - what roomd wants of a member's media (io.konklave.Room, Plan).
 * Plain data.
 */
#pragma once
#include <systemd/sd-json.h>

#include "base/base.h"
#include "conference/conference.h"
#include "pipelines/graphs/studio.h"
#include "pipelines/link/link.h"
#include "ring/ring.h"
#include "sframe/sframe.h"

enum {
	PLAN_MEETING_BYTES = 64,
	PLAN_CANDIDATES_MAX = LINK_CANDIDATES_MAX,
	PLAN_ADDRESS_BYTES = 64,
	PLAN_FOUNDATION_BYTES = 33,
	PLAN_CREDENTIAL_BYTES = 257, /* ufrag and pwd: RFC 8839, 5.4 */
	PLAN_FINGERPRINT_BYTES = 128,
	PLAN_HOST_BYTES = LINK_HOST_MAX_BYTES + 1,
	PLAN_LOGIN_BYTES = 512, /* user and password of TURN */
	PLAN_LANES_MAX = CONFERENCE_LINES_MAX
};

struct plan_candidate {
	char address[PLAN_ADDRESS_BYTES];
	char foundation[PLAN_FOUNDATION_BYTES];
	uint16_t port;
	uint32_t priority;
	bool is_tcp; /* else UDP */
};

struct plan_server {
	enum link_server_kind kind;
	char host[PLAN_HOST_BYTES];
	uint16_t port;
	char user[PLAN_LOGIN_BYTES], password[PLAN_LOGIN_BYTES];
};

struct plan_transport {
	char ufrag[PLAN_CREDENTIAL_BYTES], pwd[PLAN_CREDENTIAL_BYTES];
	char fingerprint[PLAN_FINGERPRINT_BYTES];
	struct plan_candidate candidates[PLAN_CANDIDATES_MAX];
	size_t candidate_count;
	struct plan_server servers[LINK_SERVERS_MAX];
	size_t server_count;
	bool is_relay_only;
	uint64_t restarts;
};

struct plan_slot {
	struct studio_slot slot;
	uint32_t rtx_ssrc; /* 0: none */
	uint8_t rtx_payload_type, vp9_rtx_payload_type;
};

/* Somebody else in the group.  A leaf may go to another one: then who, which is
 * made of all that is shown of somebody, differs. */
struct plan_other {
	uint32_t leaf;
	uint64_t who;
};

/* A telephone line of ours that is in the meeting: its lane (ring/ring.h). */
struct plan_lane {
	uint32_t lane;
	bool is_muted; /* by itself, or by a host */
};

struct plan {
	uint64_t generation;
	uint8_t meeting[PLAN_MEETING_BYTES];
	size_t meeting_bytes; /* 0: none */
	bool has_transport;
	struct plan_transport transport;
	struct studio_publish publish;
	uint64_t wanted; /* of the camera's sizes; 0: all */
	uint32_t rtx_ssrcs[SIZES_MAX]; /* of the camera's; 0: none */
	uint8_t rtx_payload_type;
	struct plan_slot slots[STUDIO_SLOTS_MAX];
	size_t slot_count;
	struct view view; /* has no more people than a screen */
	struct plan_other others[SFRAME_SENDERS_MAX];
	size_t other_count;
	struct plan_lane lanes[PLAN_LANES_MAX];
	size_t lane_count;
};

/* On error *plan is left alone.  Errors: KK_ENOENT, KK_EFORMAT, KK_ELIMIT,
 * KK_ENOMEM. */
MUST_CHECK enum kk_err plan_parse(struct plan *plan, sd_json_variant *in);
