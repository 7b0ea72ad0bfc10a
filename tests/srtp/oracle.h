/*
 * oracle.h - SRTP a second time, written from the RFCs over OpenSSL, and
 * checked against their vectors.  Seals only; what it makes is what must be
 * made.
 *
 * Source: RFC 3711, 3.3, 3.4, 4.1.1, 4.2, 4.3; RFC 7714, 8, 9, 11.
 */
#pragma once
#include "srtp/srtp.h"

enum oracle_label { /* RFC 3711, 4.3.2 */
	ORACLE_RTP_KEY,
	ORACLE_RTP_AUTH,
	ORACLE_RTP_SALT,
	ORACLE_RTCP_KEY,
	ORACLE_RTCP_AUTH,
	ORACLE_RTCP_SALT
};

struct oracle { /* session keys of RTP or of RTCP */
	bool is_gcm;
	uint8_t key[32];
	size_t key_bytes;
	uint8_t auth[20];
	uint8_t salt[14];
};

/* The key derivation function; salt has 14 bytes, zeros behind a shorter. */
void oracle_kdf(struct kk_view key, const uint8_t *salt,
    enum oracle_label label, uint8_t *out, size_t out_bytes);

void oracle_init(struct oracle *rtp, struct oracle *rtcp,
    enum srtp_profile profile, struct kk_view key, struct kk_view salt);

/* Return the length; out has room for SRTP_OVERHEAD_BYTES more than packet. */
size_t oracle_rtp(const struct oracle *o, struct kk_view packet, uint32_t roc,
    uint8_t *out);
size_t oracle_rtcp(const struct oracle *o, struct kk_view packet,
    uint32_t index, uint8_t *out);
/* The same authentic, but not encrypted (RFC 3711, 3.4; RFC 7714, 9.3). */
size_t oracle_rtcp_clear(const struct oracle *o, struct kk_view packet,
    uint32_t index, uint8_t *out);
