/* rx.h - a receiver's inside.  Internal; for rx*.c and the tests. */
#pragma once
#include "sframe/key.h"
#include "sframe/replay.h"

enum { SFRAME_RX_LOW_EPOCHS = 1 << SFRAME_EPOCH_BITS };

struct sframe_rx_key { /* one KID, after its first authentic frame */
	uint64_t kid;
	struct sframe_key *key;
	struct sframe_replay replay;
};

struct sframe_rx_epoch {
	uint64_t epoch;
	bool is_retired;
	uint64_t deadline_ms; /* when is_retired */
	uint8_t secret[SFRAME_HASH_MAX_BYTES];
	uint8_t members[SFRAME_SENDERS_MAX / 8];
	struct sframe_rx_key **keys; /* in rising order of kid */
	size_t key_count;
	size_t key_room;
};

struct sframe_rx {
	const struct sframe_params *params;
	/* By the low bits, as KIDs name them: no two living epochs share
	 * them (RFC 9605, 5.2). */
	struct sframe_rx_epoch *epochs[SFRAME_RX_LOW_EPOCHS];
	size_t epoch_count;
	size_t key_count; /* of all epochs */
	bool has_newest;
	uint64_t newest; /* highest epoch ever added */
	struct sframe_rx_stats stats;
};

/* The KID's key, or NULL before its first authentic frame. */
struct sframe_rx_key *sframe_rx_key_get(const struct sframe_rx_epoch *epoch,
    uint64_t kid);

bool sframe_rx_is_member(const struct sframe_rx_epoch *epoch, uint32_t sender);

/*
 * Makes the KID's key without entering it, and room for entering it, so that
 * sframe_rx_key_give() cannot fail.  On error *keyp is left alone.
 * Errors: KK_ELIMIT, KK_ENOMEM.
 */
MUST_CHECK enum kk_err sframe_rx_key_new(struct sframe_rx_key **keyp,
    struct sframe_rx *rx, struct sframe_rx_epoch *epoch, uint64_t kid);
void sframe_rx_key_give(struct sframe_rx *rx, struct sframe_rx_epoch *epoch,
    struct sframe_rx_key *key);
void sframe_rx_key_free(struct sframe_rx_key *key); /* wipes; NULL is fine */

/* Wipes the epoch with these low bits, if there is one. */
void sframe_rx_epoch_drop(struct sframe_rx *rx, size_t low);
