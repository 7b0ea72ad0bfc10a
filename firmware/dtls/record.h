/*
 * record.h - records and handshake fragments of DTLS 1.2, as far as they are
 * in clear.  Views into the datagram.  Source: RFC 6347, 4.1 and 4.2.2.
 */
#pragma once
#include "base/base.h"

enum {
	DTLS_RECORD_HEADER_BYTES = 13,
	DTLS_HANDSHAKE_HEADER_BYTES = 12,
	DTLS_VERSION_1_0 = 0xfeff,
	DTLS_VERSION_1_2 = 0xfefd,
	DTLS_RANDOM_BYTES = 32,
	DTLS_EXT_MASTER_SECRET = 23 /* RFC 7627, 5.1 */
};

enum dtls_content { /* RFC 5246, 6.2.1 */
	DTLS_CHANGE_CIPHER_SPEC = 20,
	DTLS_ALERT = 21,
	DTLS_HANDSHAKE = 22,
	DTLS_APPLICATION = 23
};

enum dtls_message { /* RFC 5246, 7.4; RFC 6347, 4.3.2 */
	DTLS_CLIENT_HELLO = 1,
	DTLS_SERVER_HELLO = 2,
	DTLS_HELLO_VERIFY_REQUEST = 3,
	DTLS_CERTIFICATE = 11,
	DTLS_SERVER_KEY_EXCHANGE = 12,
	DTLS_CERTIFICATE_REQUEST = 13,
	DTLS_SERVER_HELLO_DONE = 14,
	DTLS_CERTIFICATE_VERIFY = 15,
	DTLS_CLIENT_KEY_EXCHANGE = 16,
	DTLS_FINISHED = 20
};

struct dtls_record {
	uint8_t type;
	uint16_t version;
	uint16_t epoch;
	uint64_t seq; /* 48 bits */
	struct kk_view body;
	struct kk_view whole; /* with the header */
};

/* The next record of a datagram.  Errors: KK_ETRUNC, KK_EFORMAT (version or
 * content type of no DTLS 1.0 to 1.2, or an empty body). */
MUST_CHECK enum kk_err dtls_record_next(struct kk_reader *datagram,
    struct dtls_record *record);

/* KK_OK when a datagram is one or more whole records and nothing else. */
MUST_CHECK enum kk_err dtls_datagram_check(struct kk_view datagram);

struct dtls_fragment {
	uint8_t type;
	uint32_t length; /* of the whole message */
	uint16_t seq;
	uint32_t at;
	struct kk_view body;
};

/* The first fragment in the body of a handshake record in clear.
 * Errors: KK_ETRUNC, KK_EFORMAT (it reaches over its message's end). */
MUST_CHECK enum kk_err dtls_fragment_read(struct kk_view body,
    struct dtls_fragment *fragment);

/* The start of a ClientHello, which is in its first fragment. */
struct dtls_hello {
	struct kk_view random;
	struct kk_view cookie;
};
MUST_CHECK enum kk_err dtls_hello_read(struct kk_view body,
    struct dtls_hello *hello);

/* True when body is a whole ServerHello with that extension; random is a view
 * of its random then. */
bool dtls_server_hello_has(struct kk_view body, uint16_t extension,
    struct kk_view *random);

/* Puts a number of 48 bits into the header of a record. */
void dtls_record_number(uint8_t *record, uint64_t seq);
