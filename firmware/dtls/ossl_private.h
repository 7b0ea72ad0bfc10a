/*
 * ossl_private.h - the halves of an OpenSSL session.
 *
 * OpenSSL's own timer reads the system's clock, so it never fires here; its
 * flights are kept and repeated by this code (ossl_flight.c).  A repeated
 * record needs a number of its own, or the peer takes it for a replay
 * (RFC 6347, 4.1.2.6).  Records in clear are simply numbered anew; the one
 * sealed record of a flight, Finished, is sealed again (ossl_tail.c) with the
 * connection's keys.  With the same code a session that is done lives on
 * without its SSL object.
 */
#pragma once
#include <openssl/ssl.h>

#include "dtls/backend.h"

enum {
	OSSL_FINISHED_BYTES = 24, /* handshake header, verify_data */
	OSSL_SEALED_EXTRA_BYTES = 24, /* explicit nonce 8, tag 16 */
	OSSL_FLIGHT_MAX_BYTES = 16384
};

/* What is left of a connection: its record keys. */
struct ossl_tail {
	bool has_keys;
	size_t key_bytes; /* 16 or 32 */
	uint8_t own_key[32];
	uint8_t own_iv[4];
	uint8_t peer_key[32];
	uint8_t peer_iv[4];
	uint64_t nonce; /* of OpenSSL's first record */
	uint64_t sealed; /* records of ours */
	uint8_t finished[OSSL_FINISHED_BYTES];
};

/* Reads the keys out of a connection whose master secret is known, and
 * proves them by opening finished, the record that OpenSSL has just sealed.
 * Errors: KK_ECRYPTO. */
MUST_CHECK enum kk_err ossl_tail_init(struct ossl_tail *tail, const SSL *ssl,
    enum dtls_role role, const struct dtls_record *finished);
/* Seals a body of up to OSSL_FINISHED_BYTES.  out has room for the header, the
 * body and OSSL_SEALED_EXTRA_BYTES. */
MUST_CHECK enum kk_err ossl_tail_seal(struct ossl_tail *tail, uint8_t type,
    struct kk_view body, uint8_t *out, size_t *out_bytes);
/* Opens the peer's record.  Errors: KK_EAUTH, KK_ELIMIT longer than room. */
MUST_CHECK enum kk_err ossl_tail_open(const struct ossl_tail *tail,
    const struct dtls_record *record, uint8_t *out, size_t *out_bytes);

/* The last flight, as records one after another, and its timer. */
struct ossl_flight {
	struct kk_writer records;
	bool is_fresh; /* made by the call that runs */
	bool has_timer;
	uint64_t start_ms;
	uint32_t timeout_ms;
	uint64_t seq; /* of the next record in clear */
};

struct ossl_session {
	struct dtls_link *link;
	SSL *ssl; /* NULL once done */
	struct kk_view in; /* what OpenSSL may read now */
	bool is_muted; /* what OpenSSL writes is dropped */
	uint64_t done_ms;
	uint32_t lingered; /* answers since then */
	struct ossl_flight flight;
	struct ossl_tail tail;
};

/* Takes what OpenSSL writes.  Errors: KK_ENOMEM, KK_ELIMIT. */
MUST_CHECK enum kk_err ossl_flight_write(struct ossl_session *s,
    struct kk_view bytes);
/* Before and after OpenSSL runs: a flight it has made is sent and timed. */
void ossl_flight_begin(struct ossl_session *s);
MUST_CHECK enum kk_err ossl_flight_end(struct ossl_session *s, uint64_t now_ms);
/* Sends it again, with new numbers. */
MUST_CHECK enum kk_err ossl_flight_repeat(struct ossl_session *s);
int64_t ossl_flight_timeout_ms(const struct ossl_session *s, uint64_t now_ms);
MUST_CHECK enum kk_err ossl_flight_tick(struct ossl_session *s,
    uint64_t now_ms);
/* Sends an alert of our own, sealed where there are keys. */
MUST_CHECK enum kk_err ossl_flight_alert(struct ossl_session *s, uint8_t level,
    uint8_t what);

/* ossl_identity.c */
struct ossl_identity {
	SSL_CTX *ctx;
	BIO_METHOD *method;
};
enum kk_err ossl_identity_new(void **ctxp, uint64_t from_s, uint64_t to_s,
    struct kk_bytes *der);
void ossl_identity_free(void *ctx);
enum kk_err ossl_sha256(struct kk_view in, uint8_t *out);
enum kk_err ossl_hmac(struct kk_view key, struct kk_view in, uint8_t *out);

/* ossl.c: what the library calls back. */
BIO_METHOD *ossl_method_new(void);
int ossl_on_certificate(X509_STORE_CTX *store, void *arg);
int ossl_on_hello(SSL *ssl, void *arg);
int ossl_on_cookie_make(SSL *ssl, unsigned char *cookie, unsigned int *bytes);
int ossl_on_cookie_check(SSL *ssl, const unsigned char *cookie,
    unsigned int bytes);
