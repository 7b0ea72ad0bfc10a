/*
 * phone.h - a telephone's sound and digits, between RTP packets and ticks of
 * 20 ms at CODEC_HZ.  Zone: telephone.
 *
 * What comes is put in order and delayed by as much as its jitter asks for,
 * longer or shorter only where nobody hears it; what is lost is concealed.
 * Digits come as events (RFC 4733), or as tones in the sound where the
 * telephone has no events.  Nobody hears them: sound under an event is silence,
 * and where digits are tones, all sound is 40 ms later, so that it is known in
 * time what is one.  What is sent to it has events alone.
 *
 * Packets have passed SRTP already, where the call has it; whose they are by
 * address is for the caller to say.  No socket, no clock: now_us never goes
 * back.  One thread for each object.  Packets take no heap.
 */
#pragma once
#include "codec/codec.h"

enum {
	PHONE_NO_TYPE = -1, /* for payload types that were not agreed on */
	PHONE_TYPE_CN = 13, /* RFC 3389 */
	PHONE_DELAY_MAX_MS = 300,
	PHONE_PACKET_BYTES = 12 + CODEC_PAYLOAD_BYTES /* of ours, at most */
};

struct phone_rx;

struct phone_config {
	enum codec_id codec;
	int payload_type; /* of the codec, 0 to 127 */
	int event_type; /* of telephone-event, or PHONE_NO_TYPE */
	/* Of events' durations; 0: as the sound's, as it should be (RFC 4733,
	 * 2.1), though some have 8 kHz beside Opus. */
	unsigned event_hz;
};

/* On success *rxp is the caller's; on error it is left alone.  Errors:
 * KK_EINVAL no such codec, types out of range or equal; KK_ENOMEM. */
MUST_CHECK enum kk_err phone_rx_new(struct phone_rx **rxp,
    const struct phone_config *config);
void phone_rx_free(struct phone_rx *rx); /* wipes the sound; NULL is fine */

/*
 * A packet has come at now_us: that of one which was held back for its key may
 * be before the last tick's.  Errors, all of them counted, and nothing else
 * changes: those of wire_rtp_parse(); KK_ENOENT of no type that was agreed on;
 * KK_EFORMAT its payload is none of the codec; KK_EREPLAY seen before;
 * KK_EEXPIRED too late.
 */
MUST_CHECK enum kk_err phone_rx_put(struct phone_rx *rx, struct kk_view packet,
    uint64_t now_us);

/* The next CODEC_TICK_SAMPLES; silence where nothing is there. */
void phone_rx_tick(struct phone_rx *rx, int16_t *pcm, uint64_t now_us);

/*
 * The same for who listens to many telephones, few of which are heard: at the
 * codec's own rate, and without decoding what says by itself what it is
 * (codec_rx_says()), as far as it is not wanted.  Who is heard again has lost
 * nothing: the packet before is decoded first.
 */
enum phone_want {
	PHONE_WANT_ALL,
	PHONE_WANT_SPEECH, /* of noise a look now and then */
	PHONE_WANT_LOOK /* and of speech as well */
};

enum {
	PHONE_LOOK_TICKS = 25, /* from look to look */
	PHONE_LOOK_SPEECH_TICKS = 10
};

enum phone_kind {
	PHONE_SOUND,
	PHONE_NOISE, /* not decoded; or there is nothing */
	PHONE_SPEECH /* likewise */
};

struct phone_sound {
	enum phone_kind kind;
	size_t samples; /* a tick; 0 where it was not decoded */
	int16_t pcm[CODEC_TICK_SAMPLES];
};

void phone_rx_take(struct phone_rx *rx, enum phone_want want,
    struct phone_sound *sound, uint64_t now_us);

/* Takes the oldest digit (0-9 * # A-D) that was pressed; false: none.  The last
 * PHONE_DIGITS_MAX are kept. */
enum { PHONE_DIGITS_MAX = 32 };
bool phone_rx_digit(struct phone_rx *rx, char *digit);

struct phone_stats {
	uint64_t packets; /* that were of use */
	uint64_t bad; /* refused for what is in them */
	uint64_t late; /* after their time, or twice */
	uint64_t concealed_ms;
	unsigned delay_ms; /* that the jitter asks for at the moment */
};

void phone_rx_stats(const struct phone_rx *rx, struct phone_stats *stats);

struct phone_tx;

/* As phone_rx_new().  ssrc, and where numbers begin, are random ones. */
MUST_CHECK enum kk_err phone_tx_new(struct phone_tx **txp,
    const struct phone_config *config, uint32_t ssrc, uint16_t seq,
    uint32_t timestamp);
void phone_tx_free(struct phone_tx *tx); /* wipes digits; NULL is fine */

/* The call was changed; numbers go on.  Digits that wait are dropped where
 * there are no events any more.  Errors: KK_EINVAL. */
MUST_CHECK enum kk_err phone_tx_change(struct phone_tx *tx,
    const struct phone_config *config);

/*
 * Keys that are pressed here, 0 to 9, * and #: they are sent one after the
 * other as events, in place of sound, as soon as packets are sent.
 * Errors, and none of them is taken: KK_EUNSUP the telephone has no events;
 * KK_EINVAL none, or others; KK_ELIMIT too many wait.
 * Source: RFC 4733, 2.5.1.
 */
enum { PHONE_SENT_MAX = 128 };
MUST_CHECK enum kk_err phone_tx_digits(struct phone_tx *tx, const char *digits);

/*
 * The packet of the next tick.  payload is one of codec_tx_encode() of the same
 * codec, so that several lines can share one; NULL: none, time goes on alone,
 * and digits wait.
 * *out_bytes is the room on entry, at least PHONE_PACKET_BYTES, then what was
 * written.  Errors: KK_ENOSPC, KK_EINVAL payload too long.
 */
MUST_CHECK enum kk_err phone_tx_packet(struct phone_tx *tx,
    const struct kk_view *payload, uint8_t *out, size_t *out_bytes);
/* Time went on by so many ticks without us. */
void phone_tx_skip(struct phone_tx *tx, uint32_t ticks);
