/* core_internal.h - what the files of the key core share.  Not for others. */
#pragma once
#include "crypto/x509.h"
#include "meeting/meeting.h"
#include "web/core/core.h"

enum core_kind {
	CORE_NONE,
	CORE_SIGNER, /* struct crypto_key */
	CORE_CLIENT, /* struct core_client */
	CORE_KEY_PACKAGE, /* struct mls_key_package */
	CORE_GROUP, /* struct mls_group */
	CORE_STAGED, /* struct mls_staged */
	CORE_MEETING /* struct meeting_keys */
};

struct core_psk {
	struct kk_bytes id, secret;
};

struct core_client {
	struct mls_client *mls;
	const struct crypto_suite *suite;
	struct crypto_x509_trust *trust;
	bool accepts_basic;
	int64_t now_s; /* of the call that runs */
	bool by_welcome; /* it joins a group that others are in */
	struct core_psk psks[CORE_PSKS_MAX];
	size_t psk_count;
	uint32_t psk_uses; /* how often the group asked for one */
};

/* A call that runs: what it reads and what it writes. */
struct core_io {
	struct core *core;
	struct kk_reader in;
	struct kk_writer out;
	uint32_t given; /* a handle in the answer, or 0 */
};

typedef enum kk_err core_fn(struct core_io *io);
#define OP(name) core_fn core_##name;
#include "web/core/ops.def"
#undef OP

/*
 * handles.c.  core_thing_add() owns thing from now on, also on error.  parent
 * is a handle that must not go before, or 0.  Errors: KK_ENOMEM, KK_ELIMIT.
 */
MUST_CHECK enum kk_err core_thing_add(struct core *core, enum core_kind kind,
    void *thing, uint32_t parent, uint32_t *handle);
/* NULL when there is none of this kind. */
void *core_thing(struct core *core, enum core_kind kind, uint32_t handle);
/* The handle goes; what it named is the caller's again. */
void core_thing_take(struct core *core, uint32_t handle);
void core_thing_release(struct core *core, uint32_t handle);
/* A staged join becomes its group, which stands on the client alone. */
void core_thing_become_group(struct core *core, uint32_t handle,
    struct mls_group *group);
/* The client of a client, key package, group or staged epoch; 0, NULL: none. */
uint32_t core_client_handle(struct core *core, uint32_t handle);
struct core_client *core_client_of(struct core *core, uint32_t handle);

/* client.c and credential.c */
enum kk_err core_hook_psk(void *arg, const struct mls_psk_id *id,
    struct kk_bytes *secret);
enum kk_err core_hook_credential(void *arg, const struct mls_leaf_fields *leaf,
    const struct mls_leaf_fields *old, struct crypto_checks *checks);
void core_client_free(struct core_client *client);
/* Errors: KK_EEXIST, KK_ELIMIT, KK_ENOMEM. */
MUST_CHECK enum kk_err core_client_psk_add(struct core_client *client,
    struct kk_view id, struct kk_view secret);

/*
 * Reading arguments.  Errors stick in io->in, so that a call reads everything
 * and asks once, with core_read_end().
 */
void *core_read_thing(struct core_io *io, enum core_kind kind,
    uint32_t *handle);
/* A time, which is also made known to the hooks of the client of handle. */
int64_t core_read_now(struct core_io *io, uint32_t handle);
const uint8_t *core_read_state_key(struct core_io *io);
struct mls_psk_want core_read_psk(struct core_io *io);
MUST_CHECK enum kk_err core_read_end(struct core_io *io);

/*
 * Writing results.  Where the work cannot be repeated, room for the answer is
 * reserved before.  Errors: KK_ENOMEM.
 */
MUST_CHECK enum kk_err core_reserve(struct core_io *io, size_t bytes);
void core_write_handle(struct core_io *io, uint32_t handle);
void core_write_leaf(struct core_io *io, const struct mls_leaf_fields *leaf);
/* A vector, whose memory is wiped and released. */
void core_write_bytes(struct core_io *io, struct kk_bytes *b);

/* Adds a thing and writes its handle. */
MUST_CHECK enum kk_err core_give(struct core_io *io, enum core_kind kind,
    void *thing, uint32_t parent);
