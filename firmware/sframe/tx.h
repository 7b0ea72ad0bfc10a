/* tx.h - a sender's inside.  Internal; for epoch.c and the tests. */
#pragma once
#include "sframe/key.h"

/*
 * How much one key may seal.  The nonce is a counter, so it never collides;
 * what is left is the block cipher's birthday bound, q blocks giving
 * an attacker an advantage of q^2 / 2^127.  2^34 blocks (256 GiB; at 8 Mbit/s
 * 3 days, while an epoch lasts 30 s) keep it below 2^-57, the figure
 * RFC 8446, 5.5 works with.  2^32 frames keep the CTR at 4 bytes; at 60 frames
 * a second they last 2 years.
 */
#define SFRAME_TX_BLOCKS_MAX (UINT64_C(1) << 34)
#define SFRAME_TX_FRAMES_MAX (UINT64_C(1) << 32)

struct sframe_tx {
	struct sframe_key *key;
	uint64_t next_ctr;
	uint64_t block_count;
};

/*
 * Makes the sender of a KID.  Whoever makes a second one of the same secret and
 * KID repeats nonces: that is why the public way leads through sframe_epoch.
 */
MUST_CHECK enum kk_err sframe_tx_new(struct sframe_tx **txp,
    const struct sframe_params *params, const uint8_t *secret, uint64_t kid);
