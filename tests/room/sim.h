/*
 * sim.h - boxes, a server and keyds in a simulated time.
 *
 * The rooms are real.  The server orders as docs/protocol.md says.  A keyd is a
 * model without cryptography: a group is an epoch, a list of members, and a
 * hash of all commits that led to it.  Each process can be killed and started,
 * each link cut, at any time.  Checks end a test; what must never be (a commit
 * applied that the server did not accept) is checked at once.
 */
#pragma once
#include "harness/tap.h"
#include "room/room.h"

enum {
	SIM_BOXES = 8,
	SIM_LEAVES = 64,
	SIM_STAGED = 4,
	SIM_EPOCHS = 4096,
	SIM_ACCEPTED = 16384,
	SIM_EVENTS = 8192, /* to come, at a time */
	SIM_LOG = 256, /* commits that the server keeps */
	SIM_SLOTS = 64,
	SIM_CHANGES = 16,
	SIM_AGREED_BYTES = 2048
};

struct sim_agreed { /* the members' state, as conference_write() has it */
	uint8_t text[SIM_AGREED_BYTES];
	size_t bytes;
};

struct sim_leaf {
	bool is_used;
	uint64_t identity; /* the box, plus 1 */
	uint64_t package;
};

struct sim_group {
	uint64_t epoch, hash, past_hash;
	uint32_t own_leaf;
	struct sim_leaf leaves[SIM_LEAVES];
	struct sim_agreed agreed;
};

enum sim_phase { SIM_NONE, SIM_WAITING, SIM_JOINED, SIM_ENDED };

struct sim_staged {
	uint64_t handle; /* 0: free */
	uint64_t nonce;
	bool is_own, removes_us, is_lie;
	struct sim_group next;
};

struct sim_keyd { /* all but staged ones of others is on its disk */
	bool is_up;
	unsigned starts;
	enum sim_phase phase;
	struct sim_group group;
	uint64_t package, last_handle;
	struct sim_staged staged[SIM_STAGED];
};

struct sim_box {
	struct room *room; /* NULL: roomd is down */
	unsigned starts; /* of roomd */
	bool is_creator, has_token;
	uint8_t token[ROOM_TOKEN_BYTES];
	struct sim_keyd keyd;
	unsigned link; /* number of its connection; 0: none */
	bool link_is_up; /* at the server's side too */
	bool is_cut; /* no way to the server */
	uint64_t to_server_ms, to_box_ms; /* when the last message arrives */
	uint64_t to_keyd_ms;
	/* Its next commit says this, whatever its room wants. */
	const struct sim_agreed *lie;
};

struct sim_guest { /* at the server */
	bool said_hello, is_in;
	struct room_peer_id id;
	bool has[ROOM_SOURCE_COUNT];
	unsigned transports;
	/* Of slots with pictures: as wide as they are drawn. */
	uint16_t widths[SIM_SLOTS];
	bool is_loudest[SIM_SLOTS]; /* left to the server */
	bool tells_level; /* its microphone */
};

struct sim_commit {
	struct room_peer_id from;
	struct kk_bytes message;
};

struct sim_server {
	bool is_up, is_registered, has_epoch;
	uint8_t token_hash[ROOM_TOKEN_BYTES];
	uint64_t epoch, first; /* of the log */
	struct sim_commit log[SIM_EPOCHS];
	struct sim_guest guests[SIM_BOXES];
	size_t full_at; /* 0: never */
	bool has_other_token;
};

struct sim_event;

struct sim {
	uint64_t now_ms, rng, last_nonce, last_link;
	size_t count; /* of boxes */
	struct sim_box box[SIM_BOXES];
	struct sim_server server;
	struct sim_event *heap[SIM_EVENTS];
	size_t heap_count;
	uint64_t last_event;
	/* Nonces that the server accepted. */
	uint64_t accepted[SIM_ACCEPTED];
	size_t accepted_count;
	uint64_t commits;
	uint64_t refuses_one_in; /* keyd: too often; 0: never */
	size_t audio_slots; /* that the server gives; 0: as many as asked for */
	uint64_t watches; /* slots that boxes have asked to change */
	uint64_t lies_told, lies_applied; /* by others than the liar */
	bool allows_levels; /* the server */
	uint64_t restarts; /* of ICE, that boxes have asked for */
	bool refuses_restarts;
};

void sim_init(struct sim *sim, size_t count, uint64_t seed);
void sim_clear(struct sim *sim);
uint64_t sim_random(struct sim *sim, uint64_t below);
void sim_run(struct sim *sim, uint64_t ms); /* that long */
/* Until it is so; false: not within ms. */
bool sim_run_until(struct sim *sim, bool (*is_so)(struct sim *sim),
    uint64_t ms);

void sim_box_start(struct sim *sim, size_t i); /* roomd, keyd, mediad */
void sim_box_kill(struct sim *sim, size_t i); /* roomd: its link drops */
void sim_media_start(struct sim *sim, size_t i); /* mediad, both devices */
void sim_box_cut(struct sim *sim, size_t i, bool is_cut);
void sim_keyd_kill(struct sim *sim, size_t i);
void sim_keyd_start(struct sim *sim, size_t i);
void sim_keyd_lose(struct sim *sim, size_t i); /* its disk */
void sim_server_kill(struct sim *sim);
void sim_server_start(struct sim *sim);
void sim_server_lose(struct sim *sim); /* its disk */

/* All boxes that run are in, in one epoch of one group, and know each other,
 * and what each has on. */
bool sim_is_calm(struct sim *sim);
void sim_tell(struct sim *sim); /* how it stands, as diagnosis */
size_t sim_members(const struct sim *sim, size_t i);

/* Inside. */
enum { SIM_FRAME_BYTES = 2 };

struct sim_change { /* what travels instead of MLS messages */
	uint64_t hash, epoch, nonce, identity, package;
	uint32_t leaf;
	bool has_agreed, is_lie;
	struct sim_agreed agreed;
	size_t add_count, remove_count;
	struct sim_leaf adds[SIM_CHANGES];
	uint32_t removes[SIM_CHANGES];
};

void sim_after(struct sim *sim, uint64_t at_ms,
    void (*fn)(struct sim *sim, size_t box, unsigned link, void *data),
    void (*release)(void *data), size_t box, unsigned link, void *data);
void sim_drain(struct sim *sim, size_t i); /* does what its room wants */
void sim_server_request(struct sim *sim, size_t i, struct room_request *rq);
void sim_server_gone(struct sim *sim, size_t i);
void sim_server_say(struct sim *sim, size_t i, struct room_signal *s);
void sim_keyd_call(struct sim *sim, size_t i, const struct room_key_call *call);
void *sim_alloc(size_t count, size_t bytes); /* never NULL */
struct kk_bytes sim_message(unsigned kind, const void *data, size_t bytes);
void sim_accept(struct sim *sim, const struct kk_bytes *message);
bool sim_is_accepted(const struct sim *sim, uint64_t nonce);
