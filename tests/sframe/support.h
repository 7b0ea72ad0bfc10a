/* support.h - what the SFrame tests share. */
#pragma once
#include "harness/tap.h"
#include "sframe/rx.h"
#include "sframe/tx.h"

enum {
	FIRST_SUITE = SFRAME_AES_128_CTR_HMAC_SHA256_80,
	LAST_SUITE = SFRAME_AES_256_CTR_HMAC_SHA512_32,
	PAIR_EPOCH = 0x1234,
	PAIR_SENDER = 9,
	PAIR_FRAME_MAX_BYTES = 4096
};

/* One member's sender and another's receiver in an epoch. */
struct pair {
	enum sframe_suite suite;
	uint8_t base_key[SFRAME_BASE_KEY_MAX_BYTES];
	struct sframe_epoch *epoch;
	struct sframe_tx *tx; /* stream 0, layer 0 */
	struct sframe_rx *rx;
};

/* A sealed frame and what it was. */
struct sealed {
	uint8_t plain[PAIR_FRAME_MAX_BYTES];
	size_t plain_bytes;
	size_t clear_bytes;
	uint8_t bytes[PAIR_FRAME_MAX_BYTES + SFRAME_OVERHEAD_BYTES];
	size_t len;
};

void pair_init(struct pair *p, enum sframe_suite suite);
void pair_clear(struct pair *p);
struct kk_view pair_base_key(const struct pair *p);
/* Adds a later epoch to the receiver, with its own base key and the same
 * members; *epochp is our leaf in it. */
void pair_next_epoch(struct pair *p, uint64_t epoch,
    struct sframe_epoch **epochp);

/* Bytes that look random and are the same in each run. */
void fill(void *out, size_t bytes, uint64_t seed);

/* Seals a frame of plain_bytes into *s. */
void seal(struct sealed *s, struct sframe_tx *tx, size_t plain_bytes,
    size_t clear_bytes);
/* Seals it with the counter put forward to ctr. */
void seal_at(struct sealed *s, struct sframe_tx *tx, uint64_t ctr);

/* Opens bytes, and checks on success that the plaintext is what it was, on
 * error that nothing of it came out. */
enum kk_err open_bytes(struct sframe_rx *rx, const struct sealed *s,
    const void *bytes, size_t len);
enum kk_err open_sealed(struct sframe_rx *rx, const struct sealed *s);
