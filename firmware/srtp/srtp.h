/*
 * srtp.h - sealing and opening RTP and RTCP on one hop.  Zones: forward, media,
 * telephone.  Any thread; one thread per object.
 *
 * An object works in one direction under one master key, for all SSRCs of a
 * transport up to a number set when it is made.  New keys mean new objects:
 * nothing of the old ones goes over.
 *
 * Packets come in as they are and go out into another buffer; on any error the
 * output holds nothing of them.  A packet index is sealed once: the same
 * sequence number of an SSRC again is refused, because under these ciphers it
 * would give the key stream away.  So retransmission takes SSRCs of its own
 * (RFC 4588).
 *
 * Source: RFC 3711 (transform, replay list, rollover counter), RFC 7714 (GCM),
 * RFC 5764 (keys from DTLS).
 */
#pragma once
#include "base/base.h"

enum srtp_profile { /* RFC 5764, 4.1.2; RFC 7714, 14.2 */
	SRTP_PROFILE_AES128_CM_SHA1_80 = 0x0001,
	/* For telephones that have nothing better: never by DTLS here, and not
	 * over engines. */
	SRTP_PROFILE_AES128_CM_SHA1_32 = 0x0002,
	SRTP_PROFILE_AEAD_AES_128_GCM = 0x0007,
	SRTP_PROFILE_AEAD_AES_256_GCM = 0x0008
};

enum {
	SRTP_KEY_MAX_BYTES = 32,
	SRTP_SALT_MAX_BYTES = 14,
	SRTP_DTLS_MAX_BYTES = 2 * (32 + 12), /* AEAD_AES_256_GCM */
	SRTP_OVERHEAD_BYTES = 20, /* tag 16, and SRTCP's index 4 */
	SRTP_PACKET_MAX_BYTES = 4096, /* plain or sealed; a link's is 1500 */
	SRTP_SSRCS_MAX = 1024, /* of one object */
	/* RFC 3711, 3.3.2 asks for 64 at least; video in bursts needs more. */
	SRTP_REPLAY_PACKETS = 1024
};

/*
 * Once, before srtp_tx_new() and srtp_rx_new(), by one thread; again only takes
 * time.  Objects over engines need it not.  Errors: KK_ECRYPTO.
 */
MUST_CHECK enum kk_err srtp_library_init(void);

const char *srtp_profile_name(enum srtp_profile profile); /* NULL: unknown */
size_t srtp_key_bytes(enum srtp_profile profile); /* master key; 0 likewise */
size_t srtp_salt_bytes(enum srtp_profile profile);
/* What the exporter "EXTRACTOR-dtls_srtp" has to give; 0 likewise. */
size_t srtp_dtls_bytes(enum srtp_profile profile);

struct srtp_dtls_keys { /* views into the exported material */
	struct kk_view own_key, own_salt; /* for srtp_tx_new() */
	struct kk_view peer_key, peer_salt; /* for srtp_rx_new() */
};

/*
 * Splits what DTLS exported: client's key, server's key, client's salt,
 * server's salt.  Nothing is copied; the caller wipes the material when the
 * objects are made.
 * Errors: KK_EINVAL profile, or length of the material.
 * Source: RFC 5764, 4.2.
 */
MUST_CHECK enum kk_err srtp_dtls_split(struct srtp_dtls_keys *keys,
    enum srtp_profile profile, struct kk_view material, bool is_client);

struct srtp_tx;
struct srtp_rx;
struct engine_set; /* drivers/crypto-engine/engine.h */

/*
 * key and salt are borrowed; the caller wipes its own copies.  On success *txp
 * (*rxp) is the caller's; on error it is left alone.
 *
 * srtp_tx_new() and srtp_rx_new() make objects over libsrtp2, the others such
 * over the engines, which are borrowed while the objects live, and bring the
 * rule of one thread for all objects of a set.  A caller of the one kind alone
 * is not linked with the other.
 * Errors: KK_EINVAL profile, a length, or ssrcs_max of 0 or over
 * SRTP_SSRCS_MAX; KK_EUNSUP the engines have no such profile; KK_ENOMEM;
 * KK_ECRYPTO.
 */
MUST_CHECK enum kk_err srtp_tx_new(struct srtp_tx **txp,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max);
MUST_CHECK enum kk_err srtp_rx_new(struct srtp_rx **rxp,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt,
    size_t ssrcs_max);
MUST_CHECK enum kk_err srtp_tx_new_on(struct srtp_tx **txp,
    struct engine_set *engines, enum srtp_profile profile, struct kk_view key,
    struct kk_view salt, size_t ssrcs_max);
MUST_CHECK enum kk_err srtp_rx_new_on(struct srtp_rx **rxp,
    struct engine_set *engines, enum srtp_profile profile, struct kk_view key,
    struct kk_view salt, size_t ssrcs_max);
void srtp_tx_free(struct srtp_tx *tx); /* wipes the keys; NULL is fine */
void srtp_rx_free(struct srtp_rx *rx); /* likewise */

/*
 * Seal one packet into out.  *out_bytes is the room on entry, the bytes written
 * on return, and 0 on error.  packet and out must not overlap.  An RTCP packet
 * may be a compound or of reduced size.
 * Errors: KK_ETRUNC, KK_EFORMAT no RTP (RTCP) packet; KK_ELIMIT over
 * SRTP_PACKET_MAX_BYTES, or one SSRC too many; KK_ENOSPC less room than
 * packet.bytes + SRTP_OVERHEAD_BYTES; KK_EREPLAY this index was sealed before,
 * or is too old to tell; KK_ESPENT the key has done its work; KK_ENOMEM,
 * KK_ECRYPTO.
 * Source: RFC 3711, 3.3 and 3.4; RFC 7714, 7 to 9.
 */
MUST_CHECK enum kk_err srtp_tx_seal_rtp(struct srtp_tx *tx,
    struct kk_view packet, uint8_t *out, size_t *out_bytes);
MUST_CHECK enum kk_err srtp_tx_seal_rtcp(struct srtp_tx *tx,
    struct kk_view packet, uint8_t *out, size_t *out_bytes);

/*
 * Seals an RTP packet from a header of its own and a payload that many share;
 * as above.  Errors, besides: KK_EFORMAT header has more than a header.
 */
MUST_CHECK enum kk_err srtp_tx_seal_parts(struct srtp_tx *tx,
    struct kk_view header, struct kk_view payload, uint8_t *out,
    size_t *out_bytes);

struct srtp_seal { /* one of many */
	struct srtp_tx *tx;
	struct kk_view header, payload;
	uint8_t *out;
	size_t out_bytes; /* room, then what was written; 0 on error */
	enum kk_err err; /* as of srtp_tx_seal_parts() */
};

/*
 * Seals packets of many objects at once, which engines may do side by side.
 * An object may be there several times: its packets count in their order.
 */
void srtp_seal_many(struct srtp_seal *seals, size_t count);

/*
 * Open one packet into out; sizes as above, and a room of packet.bytes is
 * always enough.  Only an authentic packet takes an SSRC, moves the rollover
 * counter or the replay window.  What comes out is authentic, not well-formed:
 * parse it.
 * Errors: KK_ETRUNC, KK_EFORMAT no such packet; KK_ELIMIT as above; KK_ENOSPC
 * less room than packet.bytes; KK_EAUTH; KK_EREPLAY seen before, or older than
 * SRTP_REPLAY_PACKETS; KK_ESPENT; KK_ENOMEM, KK_ECRYPTO.
 */
MUST_CHECK enum kk_err srtp_rx_open_rtp(struct srtp_rx *rx,
    struct kk_view packet, uint8_t *out, size_t *out_bytes);
MUST_CHECK enum kk_err srtp_rx_open_rtcp(struct srtp_rx *rx,
    struct kk_view packet, uint8_t *out, size_t *out_bytes);

/*
 * Forgets a source: it takes no place any more, and starts anew should it come
 * back.  That its old packets open again then is the price, so this is for
 * sources that whoever is above has given up.  One that is not there is fine.
 */
void srtp_rx_forget(struct srtp_rx *rx, uint32_t ssrc);

/*
 * Forgets, of the sources that is_held() does not want to keep, the one whose
 * last authentic packet is the longest ago: for when KK_ELIMIT says that there
 * is no place for another.  False: all are kept.
 */
bool srtp_rx_forget_oldest(struct srtp_rx *rx,
    bool (*is_held)(const void *arg, uint32_t ssrc), const void *arg);
