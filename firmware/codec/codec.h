/*
 * codec.h - telephones' codecs, to and from CODEC_HZ, mono, 16 bits.  Zone:
 * telephone.
 *
 * G.711 and G.722 have spandsp's coders, Opus has libopus'.  One thread for
 * each object.  What comes from a telephone costs bounded work and can do no
 * more than sound bad.
 */
#pragma once
#include "base/base.h"

enum {
	CODEC_HZ = 48000,
	CODEC_TICK_SAMPLES = 960, /* 20 ms: what codec_tx_encode() takes */
	CODEC_PACKET_SAMPLES = 5760, /* 120 ms: the longest packet */
	CODEC_PAYLOAD_BYTES = 400, /* of 20 ms, at most */
	CODEC_PAYLOAD_MAX_BYTES = 1500, /* of what comes */
	CODEC_TYPE_DYNAMIC = -1
};

enum codec_id { CODEC_OPUS, CODEC_G722, CODEC_PCMA, CODEC_PCMU, CODEC_COUNT };

struct codec_format {
	const char *name; /* as in a=rtpmap (RFC 8866, 6.6) */
	int payload_type; /* RFC 3551, table 4; or CODEC_TYPE_DYNAMIC */
	unsigned rtp_hz; /* of RTP timestamps; of G.722 half the truth */
	unsigned pcm_hz; /* of the sound */
	unsigned channels; /* as in a=rtpmap */
	bool is_stateless; /* each payload stands for itself */
	bool can_retell; /* codec_tx_retell() changes something */
};

/* What a codec is like; NULL: no such codec.  In the order of our liking. */
const struct codec_format *codec_format(enum codec_id id);

struct codec_tx;

/* On success *txp is the caller's; on error it is left alone.  Errors:
 * KK_EINVAL no such codec; KK_ENOMEM. */
MUST_CHECK enum kk_err codec_tx_new(struct codec_tx **txp, enum codec_id id);
void codec_tx_free(struct codec_tx *tx); /* NULL is fine */

/*
 * Encodes CODEC_TICK_SAMPLES.  *out_bytes is the room on entry, at least
 * CODEC_PAYLOAD_BYTES, then what was written.  Opus has a constant rate.
 * Errors: KK_ENOSPC; KK_EIO the coder failed.
 */
MUST_CHECK enum kk_err codec_tx_encode(struct codec_tx *tx, const int16_t *pcm,
    uint8_t *out, size_t *out_bytes);

/* Whether what was said before is told again in each payload, for those who
 * have lost one (RFC 6716, 2.1.7); at first it is, where the codec can.  Where
 * it is not, there is more room for the rest, and it costs a quarter. */
void codec_tx_retell(struct codec_tx *tx, bool is_on);

/*
 * For telephones that hear now this coder, now another of the same codec, so
 * that nothing clicks where they change over.
 *
 * codec_tx_follow(): tx goes on from where of stands, whose last tick was
 * before, and tells again what of does; where before is NULL, tx may not
 * encode: it keeps the place for others. codec_tx_restart(): the next payload
 * leans on what came before it as little as the codec can; before, unless it is
 * NULL, is what those who hear it had last.
 */
void codec_tx_follow(struct codec_tx *tx, const struct codec_tx *of,
    const int16_t *before);
void codec_tx_restart(struct codec_tx *tx, const int16_t *before);

struct codec_rx;

/* As codec_tx_new(). */
MUST_CHECK enum kk_err codec_rx_new(struct codec_rx **rxp, enum codec_id id);
/* One whose samples, below, are of the codec's own rate: no more than
 * CODEC_PACKET_SAMPLES / (CODEC_HZ / pcm_hz) of them are in a packet. */
MUST_CHECK enum kk_err codec_rx_new_plain(struct codec_rx **rxp,
    enum codec_id id);
void codec_rx_free(struct codec_rx *rx); /* NULL is fine */

/* How long a payload lasts, in samples of CODEC_HZ; 0: it is none. */
size_t codec_rx_samples(const struct codec_rx *rx, struct kk_view payload);

/* Whether it says that nothing follows for a while (RFC 7587, 3.1.3: DTX). */
bool codec_rx_is_pause(const struct codec_rx *rx, struct kk_view payload);

/* What a payload says by itself; of most codecs it is nothing. */
enum codec_says { CODEC_SAYS_NOTHING, CODEC_SAYS_NOISE, CODEC_SAYS_SPEECH };

/*
 * Whether somebody speaks in it, without decoding it.  Where it says something,
 * codec_rx_skip() serves for it.  Source: RFC 6716, 4.2.3 (SILK's VAD flag;
 * Opus of 20 ms, mono, in one frame).
 */
enum codec_says codec_rx_says(const struct codec_rx *rx,
    struct kk_view payload);

/* Payloads were left out, though they came: the next one's sound is not to be
 * used, but serves to find into what follows. */
void codec_rx_skip(struct codec_rx *rx);

/*
 * Decodes a payload into pcm, which has room for CODEC_PACKET_SAMPLES; *samples
 * is what codec_rx_samples() says.  Errors, *samples is 0: KK_EFORMAT it is
 * none, or lasts longer than CODEC_PACKET_SAMPLES.
 */
MUST_CHECK enum kk_err codec_rx_decode(struct codec_rx *rx,
    struct kk_view payload, int16_t *pcm, size_t *samples);

/*
 * Something like what was lost, as far as one can say; it fades out when more
 * and more is lost.  samples: a multiple of 2.5 ms up to CODEC_PACKET_SAMPLES
 * (else KK_EINVAL).  next is the payload that follows the gap where it is there
 * already: with Opus it may tell what was lost (RFC 6716, 2.1.7); else empty.
 */
MUST_CHECK enum kk_err codec_rx_conceal(struct codec_rx *rx,
    struct kk_view next, int16_t *pcm, size_t samples);

/*
 * From a lower rate to CODEC_HZ, a tick at a time; 2 ms late (16 kHz: 1).
 */
struct codec_up;

/* hz: 8000, 16000 or CODEC_HZ, with which nothing is changed or late.  On
 * success *up is the caller's.  Errors: KK_EINVAL another rate; KK_ENOMEM. */
MUST_CHECK enum kk_err codec_up_new(struct codec_up **up, unsigned hz);
void codec_up_free(struct codec_up *u); /* NULL is fine */

/* hz / 50 samples become CODEC_TICK_SAMPLES. */
void codec_up_run(struct codec_up *u, const int16_t *low, int16_t *pcm);
void codec_up_restart(struct codec_up *u); /* nothing was before */
