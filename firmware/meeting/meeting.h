/*
 * meeting.h - what follows from a meeting's secret.  Zone: keys, and the web
 * client's key core.  Pure: no clock, no socket, no state beside the keys.
 *
 * A meeting is a random id and a 128-bit secret.  From the two come an access
 * token for the forwarder (which is told its hash only), the key that wraps
 * every MLS message on its way, and a PSK for the group's key schedule.
 * docs/protocol.md has the derivation.  Objects belong to one thread.
 */
#pragma once
#include "base/base.h"

enum {
	MEETING_SECRET_BYTES = 16,
	MEETING_ID_MAX_BYTES = 64,
	MEETING_TOKEN_BYTES = 32,
	MEETING_TOKEN_HASH_BYTES = 32,
	MEETING_PSK_BYTES = 32,
	MEETING_PSK_ID_BYTES = 16,
	/* version, kind, nonce and tag around a message */
	MEETING_WRAP_BYTES = 1 + 1 + 12 + 16,
	/* Room for any MLS message that firmware/mls accepts by default. */
	MEETING_MESSAGE_MAX_BYTES = 8 * 1024 * 1024,
	/* A meeting outlasts certificates: who joins accepts members whose
	 * chain was good this long ago. */
	MEETING_EXPIRY_GRACE_S = 24 * 3600,
	MEETING_CODE_DIGITS = 30,
	MEETING_CODE_GROUP_DIGITS = 5,
	/* digits, a blank between the groups, and the final zero */
	MEETING_CODE_TEXT_BYTES = MEETING_CODE_DIGITS +
	    MEETING_CODE_DIGITS / MEETING_CODE_GROUP_DIGITS
};

enum meeting_kind { /* what is wrapped; numbers stand on the wire */
	MEETING_KEY_PACKAGE = 1,
	MEETING_WELCOME = 2,
	MEETING_GROUP_INFO = 3,
	MEETING_HANDSHAKE = 4, /* proposals and commits */
	MEETING_APPLICATION = 5,
	MEETING_KIND_COUNT = 6
};

struct meeting_keys;

/*
 * Derives the keys.  id and secret are borrowed; the caller wipes its own copy
 * of the secret.  On error *keysp is left alone.
 * Errors: KK_EINVAL an id that is empty or over MEETING_ID_MAX_BYTES, a secret
 * of another length than MEETING_SECRET_BYTES; KK_ENOMEM, KK_ECRYPTO.
 * Source: RFC 5869; docs/protocol.md, "The meeting's secret".
 */
MUST_CHECK enum kk_err meeting_keys_new(struct meeting_keys **keysp,
    struct kk_view id, struct kk_view secret);
void meeting_keys_free(struct meeting_keys *keys); /* wipes; NULL is fine */

/* Borrowed.  The token and the PSK are secrets, the other two are not. */
struct kk_view meeting_keys_id(const struct meeting_keys *keys);
struct kk_view meeting_keys_token(const struct meeting_keys *keys);
struct kk_view meeting_keys_psk(const struct meeting_keys *keys);
struct kk_view meeting_keys_psk_id(const struct meeting_keys *keys);

/* What the forwarder is told: SHA-256 of the token, into
 * MEETING_TOKEN_HASH_BYTES.  Errors: KK_ECRYPTO. */
MUST_CHECK enum kk_err meeting_token_hash(struct kk_view token, uint8_t *out);

/*
 * Wraps a message under a random nonce.  *out becomes the caller's; it is
 * empty on error.  A key may wrap 2^32 messages (NIST SP 800-38D, 8.3), which
 * no meeting reaches.
 * Errors: KK_EINVAL kind, KK_ELIMIT over MEETING_MESSAGE_MAX_BYTES, KK_ENOMEM,
 * KK_ECRYPTO.
 */
MUST_CHECK enum kk_err meeting_wrap(const struct meeting_keys *keys,
    enum meeting_kind kind, struct kk_view message, struct kk_bytes *out);

/*
 * Opens what meeting_wrap() made.  The kind is authenticated; a caller who
 * expects one compares.  *kind is written on success only; *out is empty on
 * error.
 * Errors: KK_ETRUNC, KK_EUNSUP another version, KK_EFORMAT unknown kind,
 * KK_ELIMIT, KK_EAUTH another meeting or secret, or altered; KK_ENOMEM.
 */
MUST_CHECK enum kk_err meeting_unwrap(const struct meeting_keys *keys,
    struct kk_view wrapped, enum meeting_kind *kind, struct kk_bytes *out);

/*
 * The security code that people compare: 30 digits in groups of 5, from the
 * group's epoch authenticator (RFC 9420, 8.7).  out has
 * MEETING_CODE_TEXT_BYTES, and is zero-terminated also on error.
 * Errors: KK_EINVAL an empty authenticator, KK_ECRYPTO.
 */
MUST_CHECK enum kk_err meeting_code(struct kk_view authenticator, char *out);
