/* group_world.h - members of a group, for tests.  Checks end a test. */
#pragma once
#include "mls/mls.h"

enum { GROUP_WORLD_MEMBERS = 64, GROUP_NOW_S = 1800000000 };

struct group_member {
	struct crypto_key *signer;
	struct mls_client *client;
	struct mls_key_package *kp; /* the last one made */
	struct mls_group *group; /* NULL: outside */
	bool has_no_psk; /* its hook knows none */
	struct kk_bytes old_psk; /* what its hook gives of other groups */
};

struct group_world {
	const struct crypto_suite *suite;
	struct mls_client_config config; /* copied into each new member */
	struct group_member m[GROUP_WORLD_MEMBERS];
};

/* Clients alone; set config before the first member is made. */
void group_world_init(struct group_world *w, uint16_t suite);
void group_world_clear(struct group_world *w);
struct group_member *group_world_member(struct group_world *w, uint32_t i);

/* Members 0 to count - 1 in one group, made by the first. */
void group_world_start(struct group_world *w, uint32_t count);

/* The same with init, as most tests want it. */
void group_world_of(struct group_world *w, uint16_t suite, uint32_t count);

/* A fresh key package of a member's; the view lasts until the next one. */
struct kk_view group_member_offer(struct group_member *m);

/* Processes a message; a commit is checked and applied, data is dropped. */
enum kk_err group_member_take(struct group_member *m, struct kk_view message);

/* Processes application data and compares it. */
enum kk_err group_member_open(struct group_member *m, struct kk_view message,
    const char *text);

/* Joins with the last key package; tree may be empty. */
enum kk_err group_member_join(struct group_member *m, struct kk_view welcome,
    struct kk_view tree);

/* Commits, applies at once, and gives what was made. */
enum kk_err group_member_commit(struct group_member *m,
    const struct mls_commit_spec *spec, struct mls_commit_out *out);

/* All others of the first count members take it in. */
void group_world_spread(struct group_world *w, uint32_t count,
    const struct group_member *from, struct kk_view message);

/* All of the first count members that are in: same epoch, tree and secrets. */
void group_world_agree(struct group_world *w, uint32_t count);

/* What can be seen of a group, to be compared. */
struct group_look {
	uint64_t epoch;
	uint32_t members;
	uint8_t authenticator[CRYPTO_HASH_MAX_BYTES];
	uint8_t tree_hash[CRYPTO_HASH_MAX_BYTES];
	uint8_t exported[32];
	uint8_t extensions_hash[CRYPTO_HASH_MAX_BYTES];
};

struct group_look group_member_look(const struct group_member *m);
bool group_look_equal(const struct group_look *a, const struct group_look *b);

/* Saves and restores a group in place. */
void group_member_restart(struct group_member *m);

/* Sends text from one member to another, who must open it. */
void group_world_talk(struct group_member *from, struct group_member *to);

extern const uint8_t group_state_key[MLS_STATE_KEY_BYTES];
