/* world.h - a sender, its receiver, and packets between them. */
#pragma once
#include "harness/tap.h"
#include "srtp/srtp.h"

enum { WORLD_BYTES = 2048, WORLD_PROFILES = 3, WORLD_TX_SSRCS_MAX = 64 };

/* Who does the work: libsrtp2, or one engine of those that are built. */
#ifdef KK_CRYPTO_ENGINE_IPSEC_MB
enum { WORLD_BACKENDS = 3 };
#else
enum { WORLD_BACKENDS = 2 };
#endif
enum { WORLD_KINDS = WORLD_BACKENDS * WORLD_PROFILES };

extern const enum srtp_profile world_profiles[WORLD_PROFILES];

struct world_kind {
	const char *engine; /* NULL: libsrtp2 */
	enum srtp_profile profile;
};

struct world_kind world_kind(size_t index); /* less than WORLD_KINDS */

/* The set in which this engine serves; made once. */
struct engine_set *world_engines(const char *engine);

/* As srtp_tx_new() and so on, over what the kind says. */
enum kk_err world_tx_new(struct srtp_tx **txp, struct world_kind kind,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max);
enum kk_err world_rx_new(struct srtp_rx **rxp, struct world_kind kind,
    struct kk_view key, struct kk_view salt, size_t ssrcs_max);

struct world {
	struct world_kind kind;
	uint8_t material[SRTP_KEY_MAX_BYTES + SRTP_SALT_MAX_BYTES];
	struct kk_view key, salt;
	struct srtp_tx *tx;
	struct srtp_rx *rx;
	uint8_t plain[WORLD_BYTES], sealed[WORLD_BYTES], opened[WORLD_BYTES];
	size_t plain_bytes, sealed_bytes, opened_bytes;
};

/* seed makes the keys; ssrcs_max is the receiver's. */
void world_init(struct world *w, struct world_kind kind, uint8_t seed,
    size_t ssrcs_max);
void world_clear(struct world *w);

/* Make a packet in plain and return its length: RTP with so much payload, an
 * RR with so many reports. */
size_t world_rtp(struct world *w, uint32_t ssrc, uint16_t seq,
    size_t payload_bytes);
size_t world_rtcp(struct world *w, uint32_t ssrc, size_t report_count);

/* Seal plain into sealed; open sealed into opened.  What stands behind the room
 * that is asked for must not be touched. */
enum kk_err world_seal_rtp(struct world *w, size_t bytes);
enum kk_err world_seal_rtcp(struct world *w, size_t bytes);
enum kk_err world_open_rtp(struct world *w);
enum kk_err world_open_rtcp(struct world *w);

/* The last packet has been opened to what it was. */
void world_check_opened(const struct world *w);
