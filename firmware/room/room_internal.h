/* room_internal.h - what the room's files share. */
#pragma once
#include "room/letter.h"
#include "room/room.h"

enum {
	/* Of a host, that wait for their commit: all lines let in, and more. */
	ROOM_CHANGES_MAX = CONFERENCE_LINES_MAX + 32,
	ROOM_ACTIONS_MAX = 256,
	ROOM_ASKED_MAX = 256,
	ROOM_INBOX_MAX = 2048,
	/* The server keeps 256 commits; those of a large group have 0.2 MB. */
	ROOM_INBOX_MAX_BYTES = 64 * 1024 * 1024,
	ROOM_PACKAGE_MAX_BYTES = 64 * 1024,
	/* A commit by somebody else may have added who is pending here: time
	 * for it to say `here`. */
	ROOM_ADDED_MS = 1500,
	ROOM_RETRY_MS = 1000, /* after a refusal that passes */
	/* A `here` of an epoch that ends so soon may not be opened any more. */
	ROOM_HERE_MS = 1000,
	ROOM_TRIES_MAX = 3, /* of a call that may pass by itself */
	/* In a row, waiting twice as long each time: as long as the server
	 * keeps a transport that nobody uses any more. */
	ROOM_MEDIA_FAILS_MAX = 6,
	ROOM_REJOINS_MAX = 5, /* in ROOM_REJOINS_MS, then it is refused */
	ROOM_REJOINS_MS = 60000
};

/* What keyd has of this meeting. */
enum room_keys {
	KEYS_UNKNOWN, /* to be asked */
	KEYS_BROKEN, /* to be forgotten */
	KEYS_NONE, /* to be opened, or created */
	KEYS_WAITING, /* the secret, no group */
	KEYS_JOINED
};

enum room_own { /* our own commit */
	OWN_NONE,
	OWN_MAKING, /* keyd makes it */
	OWN_SENT, /* the server has to say */
	OWN_UNKNOWN, /* the link was lost before it said */
	OWN_ACCEPTED, /* to be applied */
	OWN_STALE /* to be dropped */
};

enum room_step { /* of entering */
	STEP_HELLO,
	STEP_READY,
	STEP_REGISTERING,
	STEP_ENTERING,
	STEP_ENTERED,
	STEP_RESETTING, /* registers anew */
	STEP_BEGINNING
};

enum room_media { /* of a transport */
	MEDIA_NONE,
	MEDIA_ASKED,
	MEDIA_SLOTS,
	MEDIA_READY, /* mediad has been told */
	MEDIA_CONNECTING,
	MEDIA_CONNECTED, /* published */
	MEDIA_RESTARTING /* mediad looks for another way */
};

struct room_asked {
	uint64_t id; /* 0: free */
	enum room_request_type type;
	uint64_t sent_ms;
	bool is_letter; /* a message that has to arrive */
};

struct room_mail { /* of the server, in its order */
	enum room_signal_type type; /* COMMIT, WELCOME, MESSAGE */
	uint64_t epoch;
	struct room_peer_id from;
	struct kk_bytes message;
};

struct room_add { /* somebody who wants to be added */
	struct room_peer_id peer;
	struct kk_bytes package;
	uint64_t from_ms; /* since when it is pending */
	bool is_taken; /* in our own commit */
};

struct room_member {
	struct room_key_member key;
	bool has_peer; /* it has said `here` */
	struct room_peer_id peer;
	uint64_t since_ms; /* since when it could have */
	bool is_new; /* it was added while we were in */
	bool has_lost_group; /* its participant asks to be added */
	bool is_gone; /* pending for removal */
	uint64_t gone_ms;
	bool has_microphone, has_camera, is_speaking;
	uint64_t screen; /* that it shares, as room_person has it */
	uint64_t began_ms, spoke_ms; /* to speak, and last; 0: never */
};

struct room_own_line {
	struct conference_line line;
	enum room_line_state state;
};

struct room_shown { /* who is in a slot */
	bool is_loudest; /* the server chooses, and says who it is */
	bool is_used;
	struct room_peer_id peer;
	enum room_source source;
	/* That the forwarder was told; 0: none. */
	uint16_t width;
	uint8_t priority;
};

struct room {
	struct room_config config;
	enum room_state state;
	enum room_trouble trouble;
	uint64_t version, dropped, now_ms;
	uint32_t jitter;

	struct room_action actions[ROOM_ACTIONS_MAX];
	size_t action_first, action_count;

	/* The link. */
	bool link_is_up, link_is_wanted;
	bool is_choked; /* too much at once: the link is given up */
	bool server_has_epoch;
	uint64_t connect_ms; /* when to try; 0: not */
	unsigned attempts;
	enum room_step step;
	bool allows_levels; /* the server: it may know how loud we are */
	bool is_registered; /* over this link */
	uint64_t last_id;
	struct room_asked asked[ROOM_ASKED_MAX];
	struct room_peer_id self;
	struct room_peer *peers;
	size_t peer_count;

	/* Keys. */
	bool key_is_up;
	enum room_keys keys;
	enum room_key_op op;
	struct room_key_call call;
	bool is_head_op; /* it is about the inbox's first */
	bool is_void_op; /* its group was given up meanwhile */
	uint64_t op_hold_ms;
	uint64_t op_again_ms; /* when to make the same call; 0: not */
	unsigned op_tries;
	bool needs_roster, needs_code, wants_group;
	uint64_t epoch;
	uint32_t own_leaf;
	char code[ROOM_CODE_BYTES];
	struct room_mail *inbox;
	size_t inbox_first, inbox_count, inbox_bytes;
	struct kk_bytes letter; /* that is being protected */
	enum room_letter_type letter_type;
	uint64_t letter_link; /* the link it is for */
	uint64_t links; /* how many there were */

	/* A commit that is being applied. */
	bool staged_adds;
	bool staged_is_own;
	uint32_t *staged_removed;
	size_t staged_removed_count;

	/* Our own commit. */
	enum room_own own;
	uint64_t own_handle, own_epoch;
	bool own_adds;
	size_t own_add_count; /* asked for */
	uint32_t *own_removed;
	size_t own_removed_count;

	/* The group. */
	struct room_member *members; /* rising by leaf */
	size_t member_count;
	uint64_t members_ms; /* when to look who is gone */
	struct room_add adds[ROOM_ADDS_MAX];
	size_t add_count;
	bool has_proposals, leaves_proposals, one_add;
	uint64_t proposals_ms, committed_ms, commit_hold_ms;
	bool wants_epoch;
	uint64_t wanted_ms; /* when an epoch was last made because of that */
	uint64_t rejoin_ms[ROOM_REJOINS_MAX];
	size_t rejoin_count;
	uint64_t join_ms, package_ms, refused_ms;
	enum room_trouble own_trouble; /* keeps it out, whatever the server says
					*/

	/* What the members agree on. */
	struct conference agreed; /* in this epoch */
	struct conference next; /* that is being made, or looked at */
	struct kk_bytes agreed_text; /* of our own commit */
	struct room_own_line own_lines[CONFERENCE_LINES_MAX];
	size_t own_line_count;
	struct room_change changes[ROOM_CHANGES_MAX];
	size_t change_count;
	bool wants_agreed; /* we want it otherwise */
	uint64_t agreed_ms; /* when we last committed because of that */
	uint8_t proposed_out[ROOM_MEMBERS_MAX / 8]; /* by kept proposals */

	/* What we say. */
	bool says_here, says_media, says_speaking;
	uint64_t here_ms, says_ms;
	bool has_microphone, has_camera, is_speaking;

	/* Media. */
	enum room_media media;
	uint64_t media_ms; /* when to ask for a transport; 0: not */
	unsigned media_fails; /* in a row */
	uint64_t generation;
	uint64_t restarts; /* of ICE, of this transport */
	struct room_transport transport;
	struct room_size sizes[ROOM_ENCODINGS_MAX]; /* that the camera has */
	size_t size_count;
	size_t wanted; /* of them, from the smallest on; 0: all */
	struct room_slot slots[ROOM_SLOTS_MAX];
	struct room_shown shown[ROOM_SLOTS_MAX];
	size_t slot_count;
	uint64_t screens; /* that were shared so far */
	bool looks_at_slots;
	uint64_t slots_ms; /* when to look at them anyway; UINT64_MAX: never */
};

/* action.c */
void room_do(struct room *room, enum room_action_type type);
/* A request, to be filled in before the input ends; NULL: no memory or too
 * many, and the link is given up. */
struct room_request *room_ask(struct room *room, enum room_request_type type);
void room_actions_clear(struct room *room);
struct room_asked *room_asked_find(struct room *room, uint64_t id);

/* state.c: the one place that changes the state, and what may come when. */
MUST_CHECK bool room_move(struct room *room, enum room_state to);
bool room_may_come(const struct room *room, enum room_signal_type type);
void room_trouble_set(struct room *room, enum room_trouble trouble);
void room_changed(struct room *room);

/* room.c */
void room_work(struct room *room);

/* enter.c */
void room_connect_plan(struct room *room);
void room_link_drop(struct room *room, const char *why);
void room_refuse(struct room *room, enum room_trouble trouble);
void room_enter_work(struct room *room);
void room_answer(struct room *room, struct room_signal *s);
void room_joining_begin(struct room *room);
void room_joining_work(struct room *room);
void room_in_begin(struct room *room);
void room_group_ready(struct room *room); /* keyd has one, while joining */

/* events.c */
void room_event(struct room *room, struct room_signal *s);

/* peers.c */
struct room_peer *room_peer_find(const struct room *room,
    const struct room_peer_id *id);
void room_peers_set(struct room *room, struct room_signal *s);
MUST_CHECK enum kk_err room_peer_add(struct room *room,
    const struct room_peer_id *id);
void room_peer_remove(struct room *room, const struct room_peer_id *id);
void room_peers_clear(struct room *room);

/* members.c */
struct room_member *room_member_find(const struct room *room, uint32_t leaf);
struct room_member *room_member_of(const struct room *room,
    const struct room_peer_id *peer);
MUST_CHECK enum kk_err room_members_set(struct room *room,
    struct room_key_result *r);
void room_members_clear(struct room *room);
void room_members_unheard(struct room *room); /* nobody has said `here` */
void room_members_look(struct room *room); /* who is gone */
void room_letter_take(struct room *room, uint32_t leaf,
    const struct room_peer_id *from, struct kk_view data);

/* group.c: what goes through keyd, one after another. */
void room_group_work(struct room *room);
void room_group_lost(struct room *room, const char *why);
void room_group_clear(struct room *room);
bool room_keys_are_idle(const struct room *room);
void room_say_all(struct room *room); /* who we are, and what we have on */
void room_inbox_add(struct room *room, struct room_signal *s);
void room_inbox_drop(struct room *room, bool keeps_head);
struct room_mail *room_inbox_head(struct room *room);
void room_inbox_pop(struct room *room);
bool room_key_call(struct room *room, enum room_key_op op);
enum room_trouble room_trouble_of(enum kk_err err); /* of a certificate */

/* commit.c: our own commit. */
bool room_commit_make(struct room *room); /* false: not now */
void room_commit_made(struct room *room, struct room_key_result *r);
void room_commit_answer(struct room *room, const struct room_signal *s);
void room_own_clear(struct room *room);
void room_own_stage(struct room *room); /* as what is applied next */
void room_epoch_entered(struct room *room, uint64_t epoch);
void room_adds_take(struct room *room, struct room_mail *mail);
void room_add_remove(struct room *room, size_t index);
void room_adds_clear(struct room *room);
void room_staged_clear(struct room *room);

/* agreed.c: what the members agree on. */
/* Takes what the roster says.  Errors: those of conference_parse(). */
MUST_CHECK enum kk_err room_agreed_take(struct room *room,
    const struct room_key_result *r);
void room_agreed_clear(struct room *room); /* with the group */
void room_agreed_epoch(struct room *room); /* another one has begun */
/* A member was removed: what was asked for it is not for whom has its leaf. */
void room_agreed_forget(struct room *room, uint32_t leaf);
/* The state of a new meeting, into the call.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err room_agreed_begin(struct room *room);
/* What a commit, whose adds and removes are in the call, makes of it. */
MUST_CHECK enum kk_err room_agreed_commit(struct room *room);
/* A proposal that will be in it, too. */
void room_agreed_propose(struct room *room, const struct room_key_result *r);
/* Whether a commit by committer may do what it does.  Errors: KK_EDENIED; those
 * of conference_parse(). */
MUST_CHECK enum kk_err room_agreed_check(struct room *room,
    const struct room_key_result *r, uint32_t committer);

/* turn.c: when it is ours to commit; UINT64_MAX: not. */
uint64_t room_turn_ms(const struct room *room);

/* media.c */
void room_media_work(struct room *room);
void room_media_begin(struct room *room);
void room_media_lost(struct room *room); /* with the link */
void room_media_answer(struct room *room, const struct room_asked *asked,
    struct room_signal *s);
void room_media_event(struct room *room, const struct room_signal *s);
void room_media_wanted(struct room *room, const struct room_signal *s);
void room_media_heard(struct room *room, const struct room_signal *s);

/* slots.c: brings shown up to who is there, and who speaks; of who comes in,
 * size and priority are 0. */
void room_slots_assign(const struct room *room, struct room_shown *shown);
/* When time alone changes that: somebody waits for a slot of one who has just
 * spoken.  UINT64_MAX: never. */
uint64_t room_slots_due(const struct room *room,
    const struct room_shown *shown);
bool room_shown_equal(const struct room_shown *a, const struct room_shown *b);
