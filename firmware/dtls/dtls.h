/*
 * dtls.h - DTLS-SRTP handshakes.  Zone: forward, media.
 *
 * A machine takes datagrams and the time, and gives datagrams and, in the end,
 * SRTP keys.  It has no socket and no clock.  Two libraries stand behind it; an
 * identity belongs to one of them, and its machines with it.
 *
 * What holds for both: DTLS 1.2 only; ECDHE-ECDSA with AES-GCM only; extended
 * master secret or nothing (RFC 7627); no renegotiation, no tickets, no
 * resumption.  The peer's certificate is what the expected fingerprint says,
 * or the handshake fails (RFC 8122, 5; RFC 5763, 5); its names and dates mean
 * nothing.
 *
 * What differs: OpenSSL knows all profiles, mbedTLS 3.6 only
 * DTLS_SRTP_AES128_CM_SHA1_80.  OpenSSL's objects (about 100 kB) are freed
 * when the handshake is done: what is left is under two kilobytes, with which
 * the machine itself repeats the last flight and says close_notify.  mbedTLS
 * has no way for that; its object lives as long as the machine.
 *
 * An identity may be shared by machines of several threads (OpenSSL) or of one
 * (mbedTLS) and must outlive them.  A machine belongs to one thread at a time.
 */
#pragma once
#include "base/base.h"

enum dtls_backend { DTLS_BACKEND_OPENSSL = 1, DTLS_BACKEND_MBEDTLS };

enum dtls_role {
	DTLS_CLIENT = 1, /* "active" in a=setup (RFC 4145) */
	DTLS_SERVER /* "passive" */
};

enum dtls_srtp { /* RFC 5764, 4.1.2; RFC 7714, 14.2 */
	DTLS_SRTP_AES128_CM_SHA1_80 = 0x0001,
	DTLS_SRTP_AEAD_AES_128_GCM = 0x0007,
	DTLS_SRTP_AEAD_AES_256_GCM = 0x0008
};

enum {
	DTLS_FINGERPRINT_BYTES = 32, /* SHA-256 */
	DTLS_FINGERPRINT_TEXT_BYTES = 96, /* "AB:CD:...", with the zero */
	DTLS_FINGERPRINTS_MAX = 8, /* of one peer */
	DTLS_ADDRESS_MAX_BYTES = 64,
	DTLS_COOKIE_SECRET_BYTES = 32,
	DTLS_PROFILES_MAX = 3,
	DTLS_MTU_DEFAULT_BYTES = 1200,
	DTLS_MTU_MIN_BYTES = 256,
	DTLS_DATAGRAM_MAX_BYTES = 2048, /* longer ones are junk */
	DTLS_QUEUE_MAX = 32, /* datagrams that wait to be taken */
	DTLS_SRTP_KEY_MAX_BYTES = 32,
	DTLS_SRTP_SALT_MAX_BYTES = 14,
	/* RFC 6347, 4.2.4.1: a second at first, doubled up to a minute. */
	DTLS_TIMEOUT_FIRST_MS = 1000,
	DTLS_TIMEOUT_MAX_MS = 60000,
	DTLS_GIVE_UP_MS = 120000, /* from the start to the end of trying */
	/* Twice the longest life of a datagram (RFC 793): how long a last
	 * flight is repeated for a peer that has not got it. */
	DTLS_LINGER_MS = 240000,
	DTLS_LINGER_REPEATS_MAX = 32,
	DTLS_LIFETIME_MAX_S = 366 * 86400
};

/* True for a backend that this build has. */
bool dtls_backend_is_here(enum dtls_backend backend);
const char *dtls_backend_name(enum dtls_backend backend); /* never NULL */

/*
 * A key pair (P-256) and a certificate signed by itself, made here and never
 * written anywhere.  Times are seconds since 1970.  Valid from a day before
 * now_s, for peers whose clocks are late, to now_s + lifetime_s.
 * On success *identityp is the caller's; on error it is left alone.
 * Errors: KK_EINVAL lifetime 0, over DTLS_LIFETIME_MAX_S, or now_s before
 * 1971 or after 2049; KK_EUNSUP the backend is not in this build; KK_ENOMEM;
 * KK_ECRYPTO.
 */
struct dtls_identity;
MUST_CHECK enum kk_err dtls_identity_new(struct dtls_identity **identityp,
    enum dtls_backend backend, uint64_t now_s, uint32_t lifetime_s);
void dtls_identity_free(struct dtls_identity *identity); /* wipes; NULL: fine */
const uint8_t *dtls_identity_fingerprint(const struct dtls_identity *identity);
const char *dtls_identity_fingerprint_text(
    const struct dtls_identity *identity); /* borrowed */
struct kk_view dtls_identity_certificate(
    const struct dtls_identity *identity); /* DER, borrowed */
uint64_t dtls_identity_expires_s(const struct dtls_identity *identity);
enum dtls_backend dtls_identity_backend(const struct dtls_identity *identity);

/*
 * The text of SDP's a=fingerprint:sha-256 (RFC 8122, 5).  Reading takes both
 * cases of letters.  text needs DTLS_FINGERPRINT_TEXT_BYTES.
 * Errors: KK_EFORMAT.
 */
void dtls_fingerprint_write(const uint8_t *fingerprint, char *text);
MUST_CHECK enum kk_err dtls_fingerprint_read(const char *text,
    uint8_t *fingerprint);

/* How a machine is to be.  All zero but role and fingerprints is a good one. */
struct dtls_config {
	enum dtls_role role;
	/* One of these is the peer's certificate; at least one. */
	const uint8_t (*fingerprints)[DTLS_FINGERPRINT_BYTES];
	size_t fingerprint_count;
	/* The best first; none: AEAD_AES_256_GCM, AEAD_AES_128_GCM,
	 * AES128_CM_SHA1_80, as far as the backend knows them. */
	enum dtls_srtp profiles[DTLS_PROFILES_MAX];
	size_t profile_count;
	size_t mtu_bytes; /* of our datagrams; 0: DTLS_MTU_DEFAULT_BYTES */
	uint32_t timeout_first_ms; /* 0: DTLS_TIMEOUT_FIRST_MS */
	uint32_t timeout_max_ms; /* 0: DTLS_TIMEOUT_MAX_MS */
	uint32_t give_up_ms; /* 0: DTLS_GIVE_UP_MS */
	/*
	 * Servers only: ask a peer by HelloVerifyRequest to prove its address
	 * (RFC 6347, 4.2.1) before anything is kept or computed for it.  The
	 * address is any bytes that name it; the secret is the site's, the
	 * same for all machines, DTLS_COOKIE_SECRET_BYTES.  Where a valid
	 * connectivity check has proved the address, leave this out.
	 */
	struct kk_view address;
	struct kk_view cookie_secret;
};

enum dtls_state {
	DTLS_WAITING, /* a server for its first ClientHello, a proved one if
		       * it has asked for a cookie; a client for its start */
	DTLS_SHAKING,
	DTLS_DONE, /* the fingerprint has matched, the keys are there */
	DTLS_CLOSED, /* by close_notify, ours or the peer's */
	DTLS_FAILED, /* dtls_error() says why */
	DTLS_STATE_COUNT
};

/*
 * Creates a machine.  config is copied.  identity is borrowed until the
 * machine is freed.  now_s (since 1970) is for the identity's lifetime.
 * On success *machinep is the caller's; on error it is left alone.
 * Errors: KK_EINVAL role, no or too many fingerprints, a profile twice or
 * unknown, MTU, times, address or secret of a wrong length or on a client;
 * KK_EUNSUP none of the profiles is known to the backend; KK_EEXPIRED the
 * identity; KK_ENOMEM.
 */
struct dtls;
MUST_CHECK enum kk_err dtls_new(struct dtls **machinep,
    const struct dtls_identity *identity, const struct dtls_config *config,
    uint64_t now_s);
void dtls_free(struct dtls *machine); /* wipes; NULL is fine */

/*
 * All times below are milliseconds of one clock that never goes back.
 *
 * Starts the handshake of a client.  Errors: KK_ESTATE a server, or started
 * before; KK_ENOMEM, KK_ECRYPTO: the machine has failed.
 */
MUST_CHECK enum kk_err dtls_start(struct dtls *machine, uint64_t now_ms);

/*
 * Takes one datagram, which is borrowed and unchanged.  What is no DTLS, too
 * long, or out of place is dropped and counted, and KK_OK.  An error is told
 * once, by the call that met it; the machine has failed then.
 * Errors: KK_EAUTH the certificate is none of the expected; KK_EVERIFY the peer
 * has not its key; KK_EUNSUP no common profile, no use_srtp, no extended master
 * secret, no common suite; KK_EDENIED the peer's alert; KK_EFORMAT the peer
 * broke the protocol; KK_ENOMEM; KK_ECRYPTO; KK_ESTATE the machine has failed
 * or closed before.
 */
MUST_CHECK enum kk_err dtls_input(struct dtls *machine, struct kk_view datagram,
    uint64_t now_ms);

/*
 * Gives the oldest datagram to be sent.  *out_bytes is the room on entry, the
 * bytes written on return, 0 on error.  Call until KK_ENOENT after each call
 * that may have made some.  Errors: KK_ENOENT none; KK_ENOSPC (it stays).
 */
MUST_CHECK enum kk_err dtls_take(struct dtls *machine, uint8_t *out,
    size_t *out_bytes);

/* Milliseconds until dtls_tick() has something to do; -1: never. */
int64_t dtls_timeout_ms(const struct dtls *machine, uint64_t now_ms);

/* Repeats what has not been answered in time.  May be called at any time.
 * Errors: KK_EIO no answer for give_up_ms; else as dtls_input(). */
MUST_CHECK enum kk_err dtls_tick(struct dtls *machine, uint64_t now_ms);

/* Queues close_notify where the state allows it.  May be called twice. */
void dtls_close(struct dtls *machine);

enum dtls_state dtls_state(const struct dtls *machine);
enum kk_err dtls_error(const struct dtls *machine); /* KK_OK unless failed */

/* SRTP keys of one direction each; lengths as the profile says (RFC 5764, 4.2;
 * RFC 7714, 12). */
struct dtls_srtp_keys {
	enum dtls_srtp profile;
	size_t key_bytes;
	size_t salt_bytes;
	uint8_t client_key[DTLS_SRTP_KEY_MAX_BYTES]; /* what the client sends */
	uint8_t client_salt[DTLS_SRTP_SALT_MAX_BYTES];
	uint8_t server_key[DTLS_SRTP_KEY_MAX_BYTES];
	uint8_t server_salt[DTLS_SRTP_SALT_MAX_BYTES];
};

/*
 * Takes the keys, once: the machine's copy is wiped.  The caller wipes its own
 * with kk_wipe().  Errors: KK_ESTATE not done, KK_ENOKEY taken before.
 */
MUST_CHECK enum kk_err dtls_keys_take(struct dtls *machine,
    struct dtls_srtp_keys *keys);

/* Without identifiers; they only grow. */
struct dtls_counts {
	uint32_t junk; /* no DTLS, truncated, oversized */
	uint32_t misplaced; /* DTLS, but not for this role or state */
	uint32_t repeats; /* flights sent again */
	uint32_t overflows; /* datagrams that the queue had no room for */
	uint32_t verifies; /* HelloVerifyRequests sent */
	uint64_t in_bytes;
	uint64_t out_bytes;
};
struct dtls_counts dtls_counts(const struct dtls *machine);

const char *dtls_state_name(enum dtls_state state); /* never NULL */
const char *dtls_srtp_name(enum dtls_srtp profile); /* IANA's; NULL unknown */
