/*
 * room.h - a meeting, as a member of it lives through it.  Zone: policy.
 *
 * Pure: what happens comes in with the time, what is to be done is taken out.
 * Every input works off all that it can; then the caller takes the actions
 * until there are none, looks whether the version has risen (room_look()), and
 * comes back with room_tick() when the deadline is there.  One thread per room.
 *
 * Three peers speak with a room: the server (room_signal(), ROOM_DO_SEND), keyd
 * (room_key_result(), ROOM_DO_KEY, one call at a time) and mediad.  No input
 * can make a room grow without bound; what is too much costs the link.
 *
 * Source: docs/protocol.md, "Signalling" and "Life of a group".
 */
#pragma once
#include "conference/conference.h"
#include "room/link.h"
#include "room/signal.h"

enum room_state {
	ROOM_OFF,
	ROOM_CONNECTING, /* no link; it is tried again and again */
	ROOM_ENTERING, /* hello, register, enter */
	ROOM_JOINING, /* entered, without a group */
	ROOM_IN,
	ROOM_REFUSED, /* given up for a while */
	ROOM_STATE_COUNT
};

enum room_trouble { /* why it is not in, or what is wrong though it is */
	ROOM_TROUBLE_NONE,
	ROOM_UNREACHABLE,
	ROOM_UNTRUSTED,
	ROOM_VERSION,
	ROOM_DENIED,
	ROOM_UNKNOWN_MEETING,
	ROOM_FULL,
	ROOM_WRONG_SECRET,
	ROOM_NOT_ADMITTED,
	ROOM_EXPIRED,
	ROOM_FOREIGN,
	ROOM_REVOKED,
	ROOM_REMOVED,
	ROOM_INTERNAL,
	ROOM_TROUBLE_COUNT
};

const char *room_state_name(enum room_state state); /* phase of Plan() */
const char *room_trouble_name(enum room_trouble trouble); /* NULL for none */

enum { /* docs/protocol.md; the last ones are ours */
	ROOM_RANK_MS = 400,
	ROOM_ROTATE_MS = 30000,
	ROOM_ROTATE_RANK_MS = 2000,
	ROOM_UNHEARD_MS = 5000,
	ROOM_PACKAGE_MS = 3000,
	ROOM_JOIN_MS = 30000,
	ROOM_BACKOFF_MS = 200,
	ROOM_BACKOFF_MAX_MS = 5000,
	ROOM_ANSWER_MS = 10000, /* a server that takes longer is given up */
	ROOM_REFUSED_MS = 30000, /* then it tries again */
	ROOM_ALONE_MS = 2000, /* before a creator resets an empty meeting */
	ROOM_RESET_MS = 20000, /* and one in which nobody lets it in */
	ROOM_HOLD_MS = 2000, /* a slot is kept through a pause in speech */
	ROOM_PRIORITY_LARGE = 1, /* of the newest screen; 2: what is pinned */
	ROOM_AGREED_MS = 250, /* between two commits for the lines' sake */
	ROOM_AUDIO_SLOTS = 8,
	ROOM_VIDEO_SLOTS = 9,
	ROOM_OPUS = 111,
	ROOM_VP8 = 96,
	ROOM_VP8_RTX = 97
};

struct room_config {
	uint8_t id[ROOM_ID_BYTES];
	/* From an earlier run, else false: the keys tell it (ROOM_DO_SAVE). */
	bool has_token;
	uint8_t token[ROOM_TOKEN_BYTES], token_hash[ROOM_TOKEN_BYTES];
	bool has_site_token;
	uint8_t site_token[ROOM_TOKEN_BYTES];
	bool is_creator; /* may register, begin and reset the meeting */
	bool is_sound_only; /* sends and asks for no pictures */
	uint32_t microphone_ssrc; /* random, as are these: all differ */
	uint32_t camera_ssrcs[ROOM_ENCODINGS_MAX];
	uint32_t camera_rtx_ssrcs[ROOM_ENCODINGS_MAX]; /* 0: none */
	uint32_t seed; /* random, for the jitter of reconnecting */
	const struct kk_log *log; /* NULL: silent */
};

struct room;

/* config is copied.  Errors: KK_ENOMEM, KK_EINVAL equal SSRCs. */
MUST_CHECK enum kk_err room_new(struct room **roomp,
    const struct room_config *config);
void room_free(struct room *room); /* wipes; NULL is fine */

/*
 * Inputs.
 */
void room_start(struct room *room, uint64_t now_ms); /* out of ROOM_OFF */
void room_tick(struct room *room, uint64_t now_ms);

/* Says goodbye to the server.  The group is the caller's to forget. */
void room_leave(struct room *room, uint64_t now_ms);

enum room_link_loss {
	ROOM_LINK_LOST,
	ROOM_LINK_UNREACHABLE,
	ROOM_LINK_UNTRUSTED,
	ROOM_LINK_REFUSED /* no WebSocket of ours there */
};

void room_link_up(struct room *room, uint64_t now_ms);
void room_link_down(struct room *room, enum room_link_loss why,
    uint64_t now_ms);
/* s is the caller's; what the room keeps of it, it takes out. */
void room_signal(struct room *room, struct room_signal *s, uint64_t now_ms);
/* What could not be read: the link is given up. */
void room_signal_bad(struct room *room, enum kk_err err, uint64_t now_ms);

/* keyd: its link, and the outcome of the call that is on its way. */
enum room_key_op {
	ROOM_KEY_NONE,
	ROOM_KEY_ROSTER,
	ROOM_KEY_CODE,
	ROOM_KEY_OPEN,
	ROOM_KEY_CREATE,
	ROOM_KEY_FORGET,
	ROOM_KEY_PACKAGE,
	ROOM_KEY_JOIN,
	ROOM_KEY_COMMIT,
	ROOM_KEY_PROCESS,
	ROOM_KEY_APPLY,
	ROOM_KEY_DROP,
	ROOM_KEY_PROTECT,
	ROOM_KEY_OP_COUNT
};

const char *room_key_op_name(enum room_key_op op); /* keyd's method */

enum room_key_kind { /* of what was processed */
	ROOM_KIND_COMMIT,
	ROOM_KIND_OWN,
	ROOM_KIND_PROPOSAL,
	ROOM_KIND_APPLICATION
};

struct room_key_member {
	uint32_t leaf;
	char name[ROOM_NAME_BYTES];
	bool is_verified;
};

enum {
	ROOM_CODE_BYTES = 64, /* room for the code's text */
	ROOM_AGREED_MAX_BYTES = 32 * 1024 /* as keyd has it */
};

struct room_key_result {
	enum kk_err err; /* then nothing else counts */
	enum room_key_kind kind;
	uint64_t handle, epoch;
	bool has_sender, has_staged, is_ended, adds;
	uint32_t sender, own_leaf;
	uint64_t staged; /* our own commit that waits in keyd (Roster) */
	struct kk_bytes message; /* made, or said by a member */
	struct kk_bytes welcome;
	/* What the members agree on: now (Roster), or after a commit.  Empty:
	 * the group has no such state. */
	struct kk_bytes agreed;
	bool has_committer;
	uint32_t committer;
	uint8_t token[ROOM_TOKEN_BYTES], token_hash[ROOM_TOKEN_BYTES];
	char code[ROOM_CODE_BYTES];
	uint32_t *removed; /* leaves that a commit, or a proposal, removes */
	size_t removed_count;
	struct room_key_member *members; /* rising by leaf */
	size_t member_count;
};

void room_key_result_clear(struct room_key_result *r); /* wipes */

void room_key_up(struct room *room, uint64_t now_ms);
/* keyd is there, but the box's own identity proves nothing: no meeting is
 * entered before room_key_up(). */
void room_key_refuse(struct room *room, enum kk_err why, uint64_t now_ms);
void room_key_down(struct room *room, uint64_t now_ms);
/* r is the caller's; what the room keeps of it, it takes out. */
void room_key_result(struct room *room, struct room_key_result *r,
    uint64_t now_ms);

/*
 * mediad.  connect: its end of a generation's transport, and in which sizes the
 * camera goes out, from small to large; none: one that is not known.
 * Errors: KK_ESTATE not in, or not this generation (any more); KK_EINVAL the
 * fingerprint's length, too many sizes.
 */
struct room_end {
	uint64_t generation;
	const char *fingerprint; /* borrowed */
	struct room_size {
		uint16_t width, height;
	} sizes[ROOM_ENCODINGS_MAX];
	size_t size_count;
};

MUST_CHECK enum kk_err room_media_connect(struct room *room,
    const struct room_end *end, uint64_t now_ms);

struct room_report {
	uint64_t generation;
	/* The transport: it is lost, it hears nothing and looks for another
	 * way, it is up. */
	bool is_lost, is_silent, is_connected;
	bool is_speaking, has_microphone, has_camera;
	bool needs_epoch;
};

void room_media_report(struct room *room, const struct room_report *report,
    uint64_t now_ms);
void room_media_gone(struct room *room, uint64_t now_ms);

/*
 * What the members agree on (firmware/conference): telephone lines of our own,
 * and what a host may.  What is asked for is committed as soon as may be, and
 * again where another's commit comes first; what cannot be any more is dropped.
 */
enum room_line_state {
	ROOM_LINE_NONE, /* no such line */
	ROOM_LINE_COMING, /* to be told to the members, also after a rejoin */
	ROOM_LINE_WAITING, /* they know; the meeting is locked */
	ROOM_LINE_IN,
	ROOM_LINE_OUT, /* a host took it out, or lines are forbidden */
	ROOM_LINE_FULL /* the meeting has as many as it may */
};

/*
 * Puts a line of ours there, or changes whether one is muted by itself and has
 * its hand up; leaf, waits and is_muted_by_host do not count.
 * Errors: KK_ELIMIT CONFERENCE_LINES_MAX of our own; KK_EFORMAT its label;
 * KK_ESTATE it is OUT or FULL.
 */
MUST_CHECK enum kk_err room_line_put(struct room *room,
    const struct conference_line *line, uint64_t now_ms);
void room_line_drop(struct room *room, const uint8_t *id, uint64_t now_ms);
enum room_line_state room_line_look(const struct room *room, const uint8_t *id,
    bool *is_muted_by_host);

enum room_change_type {
	ROOM_CHANGE_MUTE, /* a line: is_on */
	ROOM_CHANGE_REMOVE, /* one that waits: refuses it */
	ROOM_CHANGE_ADMIT,
	ROOM_CHANGE_ALLOW, /* lines: is_on */
	ROOM_CHANGE_LOCK, /* is_on */
	ROOM_CHANGE_LABEL, /* is_on: lines may stay, else they are forbidden */
	ROOM_CHANGE_HOST /* a member: is_on */
};

struct room_change {
	enum room_change_type type;
	uint32_t leaf;
	uint8_t id[CONFERENCE_LINE_ID_BYTES];
	bool is_on;
	char label[CONFERENCE_LABEL_BYTES + 1];
};

/*
 * A host's change, to be committed.
 * Errors: KK_ESTATE not in a meeting, or who is to be host no more is the last
 * one; KK_EDENIED we are no host; KK_ENOENT no such line or member; KK_EINVAL a
 * member that is there for lines; KK_EFORMAT the label; KK_ELIMIT too many
 * wait, or hosts.
 */
MUST_CHECK enum kk_err room_change(struct room *room,
    const struct room_change *change, uint64_t now_ms);

/*
 * Outputs.
 */
enum room_action_type {
	ROOM_DO_CONNECT,
	ROOM_DO_DISCONNECT, /* after what was sent */
	ROOM_DO_SEND,
	ROOM_DO_KEY,
	ROOM_DO_SAVE /* token and token hash (room_token()) are known */
};

struct room_key_call {
	enum room_key_op op;
	struct kk_view message; /* Process, JoinByWelcome; Protect: the data */
	uint64_t handle;
	struct kk_view adds[ROOM_ADDS_MAX];
	size_t add_count;
	uint32_t removes[ROOM_ADDS_MAX];
	size_t remove_count;
	struct kk_view agreed; /* Create, Commit: from then on; empty: as it is
				*/
	bool without_proposals;
};

struct room_action {
	enum room_action_type type;
	struct room_request *request; /* SEND: the taker's to free */
	/* KEY: the room's, and so is what it points to; until the next input.
	 */
	const struct room_key_call *call;
};

/* The next thing to do; false: none. */
bool room_action_take(struct room *room, struct room_action *action);

/* When room_tick() is due; UINT64_MAX: never. */
uint64_t room_deadline(const struct room *room);

/* Rises with all that room_look() shows. */
uint64_t room_version(const struct room *room);

struct room_person {
	uint32_t leaf;
	const char *name;
	bool is_verified, is_self, has_microphone, has_camera, is_speaking;
	bool is_host;
	/* Its screen is in a slot: the newer it is the higher.  0: none. */
	uint64_t screen;
};

struct room_slot_view {
	const struct room_slot *slot;
	bool has_leaf;
	uint32_t leaf;
	enum room_source source;
};

/* Borrowed until the next input. */
struct room_view {
	enum room_state state;
	enum room_trouble trouble;
	uint64_t generation;
	uint64_t restarts; /* of its transport: ICE is begun anew */
	bool has_epoch;
	uint64_t epoch;
	const char *code; /* NULL: not known */
	const struct room_transport *transport; /* NULL: none */
	uint32_t microphone_ssrc; /* that we send */
	bool tells_level; /* its packets say how loud they are: RFC 6464 */
	/* ROOM_ENCODINGS_MAX, from small on; NULL: we send no pictures. */
	const uint32_t *camera_ssrcs;
	const uint32_t *camera_rtx_ssrcs; /* as many */
	size_t camera_wanted; /* so many of its sizes are drawn; 0: all */
	struct room_slot_view slots[ROOM_SLOTS_MAX];
	size_t slot_count;
	size_t person_count;
	const struct conference *agreed; /* NULL without has_epoch */
	uint32_t own_leaf; /* where has_epoch */
	size_t others; /* here, beside us and members that are for lines */
};

void room_look(const struct room *room, struct room_view *view);
/* index below person_count. */
void room_person(const struct room *room, size_t index,
    struct room_person *person);
const uint8_t *room_token(const struct room *room); /* secret, borrowed */
const uint8_t *room_token_hash(const struct room *room);

/* What was dropped: out of place, or not to be read. */
uint64_t room_dropped(const struct room *room);
