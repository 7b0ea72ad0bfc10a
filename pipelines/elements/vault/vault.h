/*
 * vault.h - the frame keys of a meeting, for all threads that seal and open.
 *
 * Locked inside; nothing is called back under the lock.  Times are the
 * caller's, in milliseconds of any clock that rises.
 */
#pragma once
#include "sframe/sframe.h"

enum {
	VAULT_STREAMS = 3,
	VAULT_LAYERS = 3, /* encodings of one */
	VAULT_AHEAD_MAX = 8 /* epochs that a frame may be early */
};

/* docs/protocol.md, "Life of a group": the streams of a member. */
enum vault_stream { VAULT_MICROPHONE, VAULT_CAMERA, VAULT_SCREEN };

struct vault;

/* Empty: seals and opens nothing.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err vault_new(struct vault **vaultp);
void vault_free(struct vault *vault); /* wipes; NULL is fine */

/* What keyd tells of an epoch; all borrowed. */
struct vault_epoch {
	uint64_t epoch;
	enum sframe_suite suite;
	struct kk_view base_key;
	uint32_t own_leaf;
	struct kk_view members; /* a bitmap, as of sframe_rx_epoch_add() */
	uint64_t retire_ms; /* for the epochs before */
	bool may_seal;
};

/*
 * Enters an epoch: its frames are opened from now on, those of older ones until
 * retire_ms from now.  With may_seal the next frame is sealed under it; without
 * it none is, until an epoch with may_seal comes.  The epoch that is on, told
 * again with the same key, changes nothing.
 * Errors: KK_EEPOCH older than the one that is on, or the same with another key
 * or suite: the group was made anew, clear the vault first; those of
 * sframe_epoch_new() and sframe_rx_epoch_add(): nothing has changed.
 */
MUST_CHECK enum kk_err vault_epoch_set(struct vault *vault,
    const struct vault_epoch *epoch, uint64_t now_ms);

void vault_clear(struct vault *vault); /* forgets and wipes all epochs */
void vault_expire(struct vault *vault, uint64_t now_ms); /* wipes old keys */

bool vault_may_seal(struct vault *vault); /* an epoch is on, and is ours */
bool vault_has_epoch(struct vault *vault);

/*
 * Each encoding of a stream is a layer, with a key and a counter of its own.
 * As sframe_tx_seal(), and KK_ESTATE: we may not seal now; KK_EINVAL no such
 * layer.
 */
MUST_CHECK enum kk_err vault_seal(struct vault *vault, enum vault_stream stream,
    unsigned layer, struct kk_view frame, size_t clear_bytes, uint8_t *out,
    size_t *out_bytes);

/*
 * As sframe_rx_open(); KK_ENOKEY only where the key may still come: no epoch is
 * on, or the frame's is one of the next.  KK_EEPOCH: none comes any more, since
 * its epoch has gone by, or was before us, or its sender is not in it.
 */
MUST_CHECK enum kk_err vault_open(struct vault *vault, struct kk_view sealed,
    size_t clear_bytes, uint8_t *out, size_t *out_bytes,
    struct sframe_source *source);

struct sframe_rx_stats vault_stats(struct vault *vault);
