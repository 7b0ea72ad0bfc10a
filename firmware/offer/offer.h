/*
 * offer.h - which sound two ends of a telephone call send each other: offers
 * and answers (RFC 3264) over sofia-sip's parser.  Zone: telephone.
 *
 * One stream of sound; whatever else is offered is declined in its place.  The
 * codec is the first of ours (codec.h) that the other knows too.  SRTP keys are
 * in the text (RFC 4568), so it is a secret wherever they are.
 *
 * No socket, no clock.  Texts of others are bounded, and refused by name.
 * Source: RFC 8866, 3264, 3551, 3605, 4568, 4733, 5761, 7587, 7714.
 */
#pragma once
#include "codec/codec.h"

enum {
	OFFER_TEXT_MAX_BYTES = 16 * 1024,
	OFFER_STREAMS_MAX = 16,
	OFFER_ADDRESS_BYTES = 46, /* of IPv6 as text, with the final zero */
	OFFER_KEY_MAX_BYTES = 46, /* AES-256's key and salt */
	OFFER_EVENT_TYPE = 101, /* of ours, beside all but Opus */
	OFFER_EVENT_HZ = 8000,
	OFFER_OPUS_EVENT_TYPE = 102,
	OFFER_OPUS_TYPE = 111
};

enum offer_suite {
	OFFER_NO_SRTP,
	OFFER_AEAD_AES_128_GCM,
	OFFER_AEAD_AES_256_GCM,
	OFFER_AES_CM_128_SHA1_80,
	OFFER_AES_CM_128_SHA1_32,
	OFFER_SUITE_COUNT
};

/* Bytes of key and salt together; 0: no such suite, or none. */
size_t offer_suite_key_bytes(enum offer_suite suite);

struct offer_crypto {
	enum offer_suite suite;
	uint32_t tag; /* RFC 4568, 4.1: 1 to 9 digits */
	uint8_t key[OFFER_KEY_MAX_BYTES];
};

enum offer_srtp { OFFER_SRTP_NEVER, OFFER_SRTP_PREFER, OFFER_SRTP_REQUIRE };

/* Our end. */
struct offer_local {
	char address[OFFER_ADDRESS_BYTES];
	uint16_t port; /* even, of RTP */
	uint64_t session; /* random, the same for the whole call */
	uint64_t version; /* higher with each text that differs */
	enum offer_srtp srtp;
	bool has_codec[CODEC_COUNT]; /* which we take */
	bool is_holding; /* we neither send nor want to hear */
	/* Random key and salt; as much of it is used as a suite needs. */
	uint8_t key[OFFER_KEY_MAX_BYTES];
};

/* What both agree on. */
struct offer_stream {
	enum codec_id codec;
	int payload_type;
	/* It makes use of what is told again (RFC 7587, 6.1: useinbandfec). */
	bool is_retold;
	int event_type; /* -1: no telephone-event */
	unsigned event_hz; /* of its timestamps */
	char address[OFFER_ADDRESS_BYTES]; /* where it takes packets */
	uint16_t port, rtcp_port; /* the same: both on one (RFC 5761) */
	bool sends, hears; /* it does; seen from there */
	struct offer_crypto theirs, ours; /* suite OFFER_NO_SRTP: plain */
};

/*
 * Answers an offer.  On success *out, with a final zero, is the caller's, who
 * wipes it; on error it is empty, and *stream is wiped.
 * Errors: KK_ELIMIT too long, too many streams; KK_EFORMAT no SDP; KK_EUNSUP no
 * stream that we could take (no codec, no address); KK_EPOLICY only with SRTP,
 * or without, against our rule; KK_ENOMEM.
 */
MUST_CHECK enum kk_err offer_answer(const struct offer_local *local,
    struct kk_view offer, struct offer_stream *stream, struct kk_bytes *out);

/* Makes an offer; as above.  With OFFER_SRTP_PREFER keys are offered beside
 * plain RTP, as telephones understand it (no RFC 5939). */
MUST_CHECK enum kk_err offer_make(const struct offer_local *local,
    struct kk_bytes *out);

/* Reads the answer to offer_make(local).  Errors: as offer_answer(). */
MUST_CHECK enum kk_err offer_answer_take(const struct offer_local *local,
    struct kk_view answer, struct offer_stream *stream);
