/* offer_private.h - one stream as it stands in a text, before anything is
 * chosen.
 */
#pragma once
/* It asks for macros that are not defined. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#include <sofia-sip/base64.h>
#include <sofia-sip/hostdomain.h>
#include <sofia-sip/sdp.h>
#pragma GCC diagnostic pop

#include "offer/offer.h"

enum { OFFER_CRYPTOS_MAX = 8, OFFER_TYPE_MAX = 127 };

struct offer_keys { /* what sofia-sip does not get to see */
	struct kk_view values[OFFER_CRYPTOS_MAX]; /* behind a=crypto: */
	size_t count;
	bool has_feedback; /* the profile was RTP/AVPF or RTP/SAVPF */
	/* By payload type: a=fmtp: says useinbandfec=1. */
	bool retold[OFFER_TYPE_MAX + 1];
};

/* check.c: a text whose lines have their form.  clean is what sofia-sip gets,
 * for kk_bytes_clear(). */
struct offer_text {
	struct kk_bytes clean;
	struct offer_keys keys[OFFER_STREAMS_MAX]; /* of each m= line */
	size_t media_count;
};
MUST_CHECK enum kk_err offer_text_check(struct offer_text *out,
    struct kk_view text);

struct offer_line { /* an m= line with all that belongs to it */
	const sdp_media_t *media;
	bool is_audio; /* RTP sound that is not declined */
	bool is_secure; /* RTP/SAVP: no sound without a key */
	bool has_feedback; /* RTP/AVPF or RTP/SAVPF; none need be given */
	bool has_mux; /* a=rtcp-mux */
	const bool *retold; /* by payload type */
	const char *address; /* NULL: none that we could use */
	uint16_t rtcp_port;
	bool sends, hears;
	struct offer_crypto cryptos[OFFER_CRYPTOS_MAX];
	size_t crypto_count;
};

/* read.c.  The session is home's, which is deinitialised by the caller. */
bool offer_home_open(su_home_t *home); /* false: no memory */
MUST_CHECK enum kk_err offer_read(su_home_t *home,
    const struct offer_text *text, const sdp_session_t **session);
void offer_line_read(struct offer_line *line, const sdp_session_t *session,
    const sdp_media_t *media, const struct offer_keys *keys);
/* The first of our codecs that it has; false: none. */
bool offer_codec_choose(const struct offer_local *local,
    const struct offer_line *line, struct offer_stream *stream);

/* crypto.c: a=crypto (RFC 4568, 9.1).  False: one that we cannot use. */
bool offer_crypto_read(struct offer_crypto *crypto, struct kk_view value);
void offer_crypto_write(struct kk_writer *w, const struct offer_crypto *crypto);
/* Ours of a suite. */
struct offer_crypto offer_crypto_of(const struct offer_local *local,
    enum offer_suite suite, uint32_t tag);

/* write.c */
void offer_print(struct kk_writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void offer_session_write(struct kk_writer *w, const struct offer_local *local);
/* An m= line with our one stream: codecs as has_codec tells, payload types as
 * types tells. */
struct offer_media_text {
	bool has_codec[CODEC_COUNT];
	int types[CODEC_COUNT];
	struct {
		int type;
		unsigned hz;
	} events[2]; /* telephone-event, by clocks */
	size_t event_count;
	bool is_secure, has_feedback, has_mux, sends, hears;
	const struct offer_crypto *cryptos;
	size_t crypto_count;
};
void offer_media_write(struct kk_writer *w, const struct offer_local *local,
    const struct offer_media_text *text);
MUST_CHECK enum kk_err offer_text_take(struct kk_writer *w,
    struct kk_bytes *out);
