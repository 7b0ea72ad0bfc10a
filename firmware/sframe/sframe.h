/*
 * sframe.h - sealing media frames.  Zone: media.  One thread per object.
 *
 * Wire layout of a sealed frame:
 *
 *     clear prefix | SFrame header | ciphertext | tag
 *
 * The prefix stays readable for forwarders and payload formats (VP8: 10 or 3
 * bytes, see sframe_vp8_clear_bytes(); everything else: none) and is the
 * metadata of RFC 9605, 4.4.3: authenticated as AAD behind the header.  The
 * receiver must know the prefix's length from the prefix itself; it does not
 * travel.
 *
 * Every member of the meeting has the base key, so a frame proves that a member
 * sent it, and that nobody outside did; it does not prove which member
 * (RFC 9605, 7.2).
 */
#pragma once
#include "base/base.h"

enum sframe_suite { /* RFC 9605, 8.1 and IANA's registry */
	SFRAME_AES_128_CTR_HMAC_SHA256_80 = 1,
	SFRAME_AES_128_CTR_HMAC_SHA256_64 = 2,
	SFRAME_AES_128_CTR_HMAC_SHA256_32 = 3,
	SFRAME_AES_128_GCM_SHA256_128 = 4,
	SFRAME_AES_256_GCM_SHA512_128 = 5, /* the product's default */
	SFRAME_AES_256_CTR_HMAC_SHA512_80 = 6, /* 6-8: later than the RFC */
	SFRAME_AES_256_CTR_HMAC_SHA512_64 = 7,
	SFRAME_AES_256_CTR_HMAC_SHA512_32 = 8
};

enum {
	SFRAME_OVERHEAD_BYTES = 33, /* header 17 (4.3) + longest tag 16 (4.5) */
	SFRAME_CLEAR_MAX_BYTES = 16, /* longest clear prefix; VP8 needs 10 */
	/* Far above any camera's frame, far below AES-CTR's 2^36 bytes. */
	SFRAME_FRAME_MAX_BYTES = 16 * 1024 * 1024,
	SFRAME_HASH_MAX_BYTES = 64, /* Nh of the SHA-512 suites */
	SFRAME_BASE_KEY_MAX_BYTES = 96, /* Nk of suites 6-8, the longest */
	SFRAME_TX_CONTEXTS_MAX = 64, /* senders of one sframe_epoch */
	SFRAME_RX_EPOCHS_MAX = 32, /* living epochs of one receiver */
	SFRAME_RX_KEYS_MAX = 8192, /* KIDs of one receiver, all epochs */
	SFRAME_REPLAY_FRAMES = 1024 /* how late a frame may come, per KID */
};

/* The label of the MLS exporter; its context is empty, its length
 * sframe_base_key_bytes().  Source: RFC 9605, 5.2. */
#define SFRAME_EXPORTER_LABEL "SFrame 1.0 Base Key"

/* AEAD.Nk of the suite; 0 for a suite that does not exist. */
size_t sframe_base_key_bytes(enum sframe_suite suite);
const char *sframe_suite_name(enum sframe_suite suite); /* NULL likewise */
size_t sframe_hash_bytes(enum sframe_suite suite); /* Nh; 0 likewise */

/*
 * KIDs.  From the low end: 8 bits of the epoch, 10 bits of the sender's leaf
 * index, then the context: 3 bits of the layer, and the stream above.  The
 * widths are fixed; a width computed from the group's size, as RFC 9605 has it,
 * would change the meaning of KIDs in mid-call.  With up to 8 streams a KID
 * takes 3 bytes on the wire.
 *
 * Source: RFC 9605, 5.2.
 */
enum {
	SFRAME_EPOCH_BITS = 8,
	SFRAME_SENDER_BITS = 10,
	SFRAME_LAYER_BITS = 3,
	SFRAME_SENDERS_MAX = 1 << SFRAME_SENDER_BITS,
	SFRAME_LAYERS_MAX = 1 << SFRAME_LAYER_BITS
};

struct sframe_kid {
	uint64_t epoch; /* whole when made, its low 8 bits when split */
	uint32_t sender; /* leaf index in the MLS tree */
	uint32_t stream; /* which of the sender's cameras, microphones, ... */
	uint32_t layer; /* simulcast or spatial layer of the stream */
};

/* Errors: KK_EINVAL sender or layer out of range. */
MUST_CHECK enum kk_err sframe_kid_make(uint64_t *kid,
    const struct sframe_kid *parts);
/* Errors: KK_EINVAL a stream number over 32 bits, which is never made. */
MUST_CHECK enum kk_err sframe_kid_split(struct sframe_kid *parts, uint64_t kid);

/*
 * The next base key of a hash ratchet: out has sframe_hash_bytes().  Both sides
 * then go on as with a new epoch.  base_key is borrowed; the caller wipes
 * it, which is the point.  Errors: KK_EINVAL suite or length of base_key.
 * Source: RFC 9605, 5.1.
 */
MUST_CHECK enum kk_err sframe_ratchet(enum sframe_suite suite,
    struct kk_view base_key, uint8_t *out);

/*
 * Sending.  An epoch holds the base key for our own leaf and hands out the
 * sender of each context once.  That, and a counter nobody can set, is what
 * keeps a nonce from repeating (RFC 9605, 9.1).  What no object can see: a
 * second sframe_epoch of the same base key and leaf would repeat all of them.
 * So a process that starts again while its epoch lasts must not seal under it;
 * it waits for the next one.
 */
struct sframe_epoch;
struct sframe_tx;

/*
 * base_key is borrowed; the caller wipes its own copy.  It has
 * sframe_base_key_bytes(), or sframe_hash_bytes() when ratcheted.  On success
 * *epochp is the caller's; on error it is left alone.
 * Errors: KK_EINVAL suite, sender or length of base_key, KK_ENOMEM.
 */
MUST_CHECK enum kk_err sframe_epoch_new(struct sframe_epoch **epochp,
    enum sframe_suite suite, uint64_t epoch, uint32_t sender,
    struct kk_view base_key);
void sframe_epoch_free(struct sframe_epoch *epoch); /* wipes; NULL is fine */

/*
 * Makes the sender of one layer of one stream.  On success *txp is the
 * caller's, and may outlive the epoch object; on error *txp is left alone and
 * the context is still to be had.
 * Errors: KK_EEXIST taken before, also when it has been freed since;
 * KK_EINVAL layer out of range; KK_ELIMIT over SFRAME_TX_CONTEXTS_MAX;
 * KK_ENOMEM.
 */
MUST_CHECK enum kk_err sframe_epoch_tx_take(struct sframe_epoch *epoch,
    uint32_t stream, uint32_t layer, struct sframe_tx **txp);

/*
 * Seals one frame into out, its first clear_bytes staying clear.  *out_bytes is
 * the room on entry, the bytes written on return, and 0 on error.  frame and
 * out must not overlap.  A frame may be empty.
 * Errors: KK_EINVAL clear_bytes over the frame or SFRAME_CLEAR_MAX_BYTES;
 * KK_ELIMIT over SFRAME_FRAME_MAX_BYTES; KK_ENOSPC less room than
 * frame.bytes + SFRAME_OVERHEAD_BYTES; KK_ESPENT the key has done its work,
 * ask for a new epoch.
 * Source: RFC 9605, 4.4.3.
 */
MUST_CHECK enum kk_err sframe_tx_seal(struct sframe_tx *tx,
    struct kk_view frame, size_t clear_bytes, uint8_t *out, size_t *out_bytes);

void sframe_tx_free(struct sframe_tx *tx); /* wipes the keys; NULL is fine */

/*
 * Receiving, from all members and under all living epochs.  Keys come into
 * being with the first authentic frame of their KID.
 */
struct sframe_rx;

struct sframe_source { /* what an authentic frame says of itself */
	struct sframe_kid kid; /* with the whole epoch */
	uint64_t ctr;
};

struct sframe_rx_stats { /* frames since the receiver was made */
	uint64_t opened_count;
	uint64_t malformed_count; /* no SFrame frame at all */
	uint64_t unknown_count; /* epoch not here, or sender no member */
	uint64_t replayed_count; /* seen before, or too late */
	uint64_t forged_count; /* tag wrong; watch it with short tags */
};

/* Errors: KK_EINVAL suite, KK_ENOMEM. */
MUST_CHECK enum kk_err sframe_rx_new(struct sframe_rx **rxp,
    enum sframe_suite suite);
void sframe_rx_free(struct sframe_rx *rx); /* wipes; NULL is fine */

/*
 * Adds an epoch.  Epochs come in rising order; an epoch never comes back, since
 * its replay windows would be empty.  members is a bitmap of leaf indices
 * that may send (leaf i: bit i % 8, from the low end, of byte i / 8; beyond its
 * end nobody); leave our own leaf out, and a frame of ours sent back to us is
 * refused.  base_key as in sframe_epoch_new().  An older epoch with the
 * same low 8 bits is wiped at once (RFC 9605, 5.2).
 * Errors: KK_EEPOCH not newer than all before; KK_EINVAL length of base_key or
 * a bitmap over SFRAME_SENDERS_MAX bits; KK_ELIMIT over SFRAME_RX_EPOCHS_MAX:
 * retire and expire some; KK_ENOMEM.  On error nothing has changed.
 */
MUST_CHECK enum kk_err sframe_rx_epoch_add(struct sframe_rx *rx, uint64_t epoch,
    struct kk_view base_key, struct kk_view members);

/*
 * Sets when the keys of an epoch go.  Until then its frames open as before.
 * A later call can bring the time forward, not put it off.
 * Errors: KK_ENOENT no such epoch here.
 */
MUST_CHECK enum kk_err sframe_rx_epoch_retire(struct sframe_rx *rx,
    uint64_t epoch, uint64_t deadline_ms);

/* Wipes the epochs whose time has come; returns how many. */
size_t sframe_rx_expire(struct sframe_rx *rx, uint64_t now_ms);

/* When sframe_rx_expire() has work next; false when no epoch is retired. */
bool sframe_rx_deadline_get(const struct sframe_rx *rx, uint64_t *deadline_ms);

/*
 * Opens one frame into out, its clear prefix in front again.  *out_bytes is
 * the room on entry (sealed.bytes is always enough), the bytes written on
 * return, and 0 on error.  sealed and out must not overlap.  source may be
 * NULL; it is written on success only.  After KK_EAUTH out holds nothing of
 * the frame.
 * Errors: KK_ETRUNC shorter than prefix, header and tag; KK_EMINIMAL header;
 * KK_ELIMIT too long a frame, or a new KID over SFRAME_RX_KEYS_MAX;
 * KK_EINVAL clear_bytes over SFRAME_CLEAR_MAX_BYTES; KK_ENOSPC; KK_ENOKEY
 * epoch not here or sender no member; KK_EREPLAY; KK_EAUTH; KK_ENOMEM.
 * After KK_ENOKEY the caller may keep the frame and try it again when the next
 * epoch is there.  A frame of no bytes is KK_ETRUNC and counted nowhere:
 * browsers let empty Opus frames by unsealed, which is no attack.
 * Source: RFC 9605, 4.4.4.
 */
MUST_CHECK enum kk_err sframe_rx_open(struct sframe_rx *rx,
    struct kk_view sealed, size_t clear_bytes, uint8_t *out, size_t *out_bytes,
    struct sframe_source *source);

/* Borrowed; changes with each frame. */
const struct sframe_rx_stats *sframe_rx_stats_get(const struct sframe_rx *rx);

/*
 * How many bytes of a VP8 frame stay clear: 10 of a key frame, 3 of another.
 * Read from the first byte, which stays clear itself, so that it says the same
 * on both sides.  frame is the frame before sealing, or the sealed one.
 * Errors: KK_ETRUNC shorter than its VP8 header, so no VP8 frame: not sent.
 * Source: RFC 6386, 9.1.
 */
MUST_CHECK enum kk_err sframe_vp8_clear_bytes(struct kk_view frame,
    size_t *clear_bytes);
