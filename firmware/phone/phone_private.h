/* phone_private.h - what a telephone's receiver is made of. */
#pragma once
#include "phone/phone.h"
#include "wire/rtp.h"

enum {
	STORE_SLOTS = 32,
	STORE_PAYLOAD_BYTES = 960, /* 120 ms of G.711 or G.722 */
	SAMPLES_PER_MS = CODEC_HZ / 1000
};

#define PHONE_KEYS "0123456789*#ABCD" /* events; RFC 4733, 3.2 */
enum { PHONE_EVENT_BYTES = 4 };

/*
 * digits.c: a row of digits, and events that become such (RFC 4733, 2.3).
 */
struct phone_digits {
	char digit[PHONE_DIGITS_MAX];
	size_t first, count;
	bool has_event; /* one was seen */
	uint32_t event_timestamp;
};

void phone_digits_add(struct phone_digits *d, char digit); /* oldest drops */
bool phone_digits_take(struct phone_digits *d, char *digit);
MUST_CHECK enum kk_err phone_digits_event(struct phone_digits *d,
    uint32_t timestamp, struct kk_view payload);

/* tones.c: digits as tones in the sound. */
/* That sound waits until it is known to be no digit: one is found 40 ms after
 * it began at the latest, and a tick is looked at as a whole. */
enum { PHONE_TONES_TICKS = 2 };
struct phone_tones;
struct phone_tones *phone_tones_new(unsigned hz); /* NULL: no memory */
void phone_tones_free(struct phone_tones *t);
/* pcm, of a tick, becomes what was heard PHONE_TONES_TICKS before, without
 * digits.  is_heard: none of it stands for what has not come. */
void phone_tones_hear(struct phone_tones *t, int16_t *pcm, bool is_heard,
    struct phone_digits *d);

/*
 * tx_keys.c: keys that are pressed for the telephone, tick by tick.
 */
struct phone_keys {
	int type; /* of telephone-event, or PHONE_NO_TYPE */
	uint16_t step; /* of durations, a tick */
	char digit[PHONE_SENT_MAX];
	size_t first, count;
	/* Of the first one: ticks that it was down, packets of its end, and
	 * ticks after that. */
	unsigned down, ends, pause;
	bool is_let_go; /* before its time */
	uint32_t timestamp; /* of its beginning */
};

void phone_keys_change(struct phone_keys *k, int type, uint16_t step);
MUST_CHECK enum kk_err phone_keys_add(struct phone_keys *k, const char *digits);
/* Whether the tick is a key's, and no sound is sent. */
bool phone_keys_tick(struct phone_keys *k, uint32_t timestamp,
    struct wire_rtp *rtp, uint8_t payload[PHONE_EVENT_BYTES]);
void phone_keys_held(struct phone_keys *k); /* nothing is sent in a tick */

/*
 * store.c: packets that came, until their time.  Times are in samples of
 * CODEC_HZ, without wrapping.
 */
struct phone_slot {
	bool is_used;
	int64_t at;
	uint32_t samples;
	uint16_t bytes;
};

struct phone_store { /* what is searched lies together */
	size_t used; /* slots */
	struct phone_slot slot[STORE_SLOTS];
	uint8_t payload[STORE_SLOTS][STORE_PAYLOAD_BYTES];
};

/* KK_EREPLAY: it is there.  Where all is full the oldest one goes. */
MUST_CHECK enum kk_err phone_store_put(struct phone_store *s, int64_t at,
    uint32_t samples, struct kk_view payload);
struct phone_slot *phone_store_oldest(struct phone_store *s); /* NULL: none */
struct kk_view phone_store_payload(const struct phone_store *s,
    const struct phone_slot *slot);
void phone_store_drop(struct phone_store *s, struct phone_slot *slot);
void phone_store_clear(struct phone_store *s);

/*
 * play.c: how long to wait for what is late, and what is heard now.
 */
enum { PLAY_SPANS = 5 };

struct phone_play {
	bool is_playing, was_quiet;
	bool pauses; /* it said so: what is missing was not sent */
	int64_t at; /* of the next sample that is decoded */
	int64_t first_us; /* when the first packet came that we wait with */
	unsigned missing; /* ticks in a row with nothing */
	int64_t spread;   /* samples; of arrivals, as of lately */
	int64_t least, least_before; /* transit, of two spans of time */
	int64_t span_us; /* when this span began */
	int64_t later[PLAY_SPANS]; /* the latest of each span, this one first */
	unsigned times; /* CODEC_HZ is the codec's rate, which pcm has */
	int16_t pcm[CODEC_PACKET_SAMPLES + CODEC_TICK_SAMPLES];
	size_t count; /* samples in pcm, as of CODEC_HZ */
	uint64_t concealed; /* samples */
	unsigned skipped; /* ticks in a row that were not decoded */
	uint16_t kept_bytes; /* of the last one of them; 0: none */
	uint8_t kept[STORE_PAYLOAD_BYTES];
};

void phone_play_came(struct phone_play *p, int64_t at, int64_t now_us);
int64_t phone_play_delay(const struct phone_play *p); /* samples */
void phone_play_stop(struct phone_play *p);
/* out has a tick at the codec's rate, where it was decoded. */
enum phone_kind phone_play_tick(struct phone_play *p, struct phone_store *s,
    struct codec_rx *codec, enum phone_want want, int16_t *out, int64_t now_us);

struct phone_rx {
	struct phone_config config;
	unsigned times; /* samples for each unit of a timestamp */
	size_t samples; /* of a tick, at the codec's rate */
	struct codec_rx *codec;
	struct codec_up *up;
	struct phone_tones *tones; /* NULL: it has events */
	struct phone_digits digits;
	bool has_stream;
	uint32_t ssrc;
	uint32_t timestamp; /* the last one, */
	int64_t at; /* and what it is without wrapping */
	int64_t quiet_us; /* until then a key is pressed: no sound */
	struct phone_store store;
	struct phone_play play;
	struct phone_stats stats;
};
