/*
 * backend.h - what a library's half of a machine does.
 *
 * A session runs one handshake.  It writes datagrams by dtls_link_send(), asks
 * dtls_link_expects() about the peer's certificate while the handshake goes on,
 * and fills keys and is_done in the end.
 */
#pragma once
#include "dtls/queue.h"
#include "dtls/record.h"

enum {
	DTLS_KEYS_BLOCK_MAX_BYTES = 2 *
	    (DTLS_SRTP_KEY_MAX_BYTES + DTLS_SRTP_SALT_MAX_BYTES)
};

/* RFC 5764, 4.2 */
#define DTLS_EXPORTER_LABEL "EXTRACTOR-dtls_srtp"

/* What machine and session share; a part of the machine. */
struct dtls_link {
	enum dtls_role role;
	uint8_t fingerprints[DTLS_FINGERPRINTS_MAX][DTLS_FINGERPRINT_BYTES];
	size_t fingerprint_count;
	enum dtls_srtp profiles[DTLS_PROFILES_MAX]; /* known to the backend */
	size_t profile_count;
	size_t mtu_bytes;
	uint32_t timeout_first_ms;
	uint32_t timeout_max_ms;
	/* Number of the first ClientHello that counts: the HelloVerifyRequests
	 * that were needed; 0 without cookies. */
	uint16_t hello_seq;

	struct dtls_queue queue;
	struct dtls_counts counts;
	struct dtls_srtp_keys keys;
	bool has_matched; /* the certificate is an expected one */
	bool is_done;
	bool is_closed; /* by the peer */
	enum kk_err err; /* met inside a callback of the library */
};

struct dtls_ops {
	const char *name;
	enum dtls_srtp profiles[DTLS_PROFILES_MAX]; /* known, the best first */

	/* The library's context with key and certificate, for all sessions.
	 * Errors: KK_ENOMEM, KK_ECRYPTO. */
	enum kk_err (*identity_new)(void **ctxp, uint64_t from_s, uint64_t to_s,
	    struct kk_bytes *der);
	void (*identity_free)(void *ctx);
	enum kk_err (*sha256)(struct kk_view in, uint8_t *out);
	enum kk_err (*hmac)(struct kk_view key, struct kk_view in,
	    uint8_t *out); /* HMAC-SHA-256 */

	enum kk_err (*session_new)(void **sessionp, void *identity,
	    struct dtls_link *link);
	void (*session_free)(void *session);
	/* A datagram of whole records; an empty one starts a client. */
	enum kk_err (*input)(void *session, struct kk_view datagram,
	    uint64_t now_ms);
	int64_t (*timeout_ms)(const void *session, uint64_t now_ms);
	enum kk_err (*tick)(void *session, uint64_t now_ms);
	void (*close)(void *session); /* sends close_notify */
};

extern const struct dtls_ops dtls_ossl_ops;
extern const struct dtls_ops dtls_mbed_ops;

/* NULL for a backend that this build has not. */
const struct dtls_ops *dtls_ops_get(enum dtls_backend backend);

struct dtls_identity {
	enum dtls_backend backend;
	const struct dtls_ops *ops;
	void *ctx; /* the backend's */
	struct kk_bytes der;
	uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
	char text[DTLS_FINGERPRINT_TEXT_BYTES];
	uint64_t from_s;
	uint64_t to_s;
};

/* Queues a datagram; one that has no room is counted and lost, as it might be
 * on the way.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err dtls_link_send(struct dtls_link *link,
    struct kk_view datagram);

/* Does the certificate with this hash belong to the peer?  Looks at all. */
bool dtls_link_expects(struct dtls_link *link, const uint8_t *hash);

/* Key and salt lengths.  Errors: KK_EUNSUP an unknown profile. */
MUST_CHECK enum kk_err dtls_srtp_sizes(enum dtls_srtp profile,
    size_t *key_bytes, size_t *salt_bytes);

/* Splits what the exporter gave for the profile in keys.  Source: RFC 5764,
 * 4.2: client key, server key, client salt, server salt. */
void dtls_keys_split(struct dtls_srtp_keys *keys, const uint8_t *block);

/*
 * Cookies.  A cookie is HMAC(secret, address length, address, random): it holds
 * for one address and one ClientHello, and the server keeps nothing for it.
 * Source: RFC 6347, 4.2.1 (with the random for the client's parameters, so
 * that the first fragment is enough).
 */
struct dtls_cookies {
	const struct dtls_ops *ops;
	uint8_t address[DTLS_ADDRESS_MAX_BYTES];
	size_t address_bytes;
	uint8_t secret[DTLS_COOKIE_SECRET_BYTES];
};

/*
 * Looks at a datagram from an address that is not proved yet.  KK_OK: it starts
 * with a ClientHello that has the right cookie; *seq is its number.  Errors:
 * KK_ENOENT it asks for a cookie: answer has *answer_bytes to be sent, never
 * more than the datagram; KK_ESTATE it is something else; KK_ECRYPTO.
 */
enum { DTLS_VERIFY_BYTES = 60, DTLS_VERIFIES_MAX = 8 };
MUST_CHECK enum kk_err dtls_cookies_check(const struct dtls_cookies *cookies,
    struct kk_view datagram, uint8_t answer[DTLS_VERIFY_BYTES], uint16_t *seq);
