/*
 * line.h - one telephone call: what its caller hears and can do, from packets
 * and frames of the conference to packets and frames.  Zone: telephone.
 *
 * A line has the telephone's codec, its digits, the voice menu and the prompts.
 * What it hears is the conference, prompts over it, music, or silence.  What
 * several lines hear alike is encoded once for all of them (struct line_voice).
 *
 * No socket, no clock: times never go back.  One thread for all lines of a
 * voice.  Packets are those inside SRTP.
 */
#pragma once
#include "ivr/ivr.h"
#include "phone/phone.h"

enum {
	LINE_HANG_TICKS = 10, /* before a line changes over to a shared coder */
	LINE_DUCK = 4 /* what is under a prompt is as many times softer */
};

/*
 * Coders that lines share.
 */
enum line_source { /* all lines hear the same at the same tick */
	LINE_CONFERENCE, /* what silent lines hear */
	LINE_MUSIC,
	LINE_SILENCE,
	LINE_SOURCE_COUNT
};

struct line_voice;

/* On success *vp is the caller's.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err line_voice_new(struct line_voice **vp);
void line_voice_free(struct line_voice *v); /* NULL is fine */

/* How many ticks were encoded for all, and for one line. */
struct line_voice_stats {
	uint64_t shared, own;
};
void line_voice_stats(const struct line_voice *v,
    struct line_voice_stats *stats);

/*
 * Lines.
 */
struct line_sound { /* 48 kHz; borrowed */
	const int16_t *pcm;
	size_t samples; /* 0: nothing is heard of it */
};

struct line_sounds { /* of a language; outlive their lines */
	struct line_sound prompt[IVR_PROMPT_COUNT];
	struct line_sound music; /* again and again */
};

struct line_config {
	struct phone_config phone;
	const struct line_sounds *sounds;
	struct line_voice *voice; /* outlives the line */
	bool is_placed; /* by us: it is not asked for number and PIN */
	uint32_t ssrc, timestamp; /* random */
	uint16_t seq; /* likewise */
};

enum line_event_type {
	LINE_ASK, /* number and pin: line_answer() follows */
	LINE_TALK, /* it hears the conference from now on, or no more */
	LINE_TELL, /* is_muted or has_hand_up is another */
	LINE_HANG_UP
};

struct line_event {
	enum line_event_type type;
	bool is_on, is_muted, has_hand_up;
	char number[IVR_DIGITS_MAX + 1], pin[IVR_DIGITS_MAX + 1];
};

struct line;

/* On success *lp is the caller's; on error it is left alone.  Errors: those of
 * phone_rx_new(). */
MUST_CHECK enum kk_err line_new(struct line **lp,
    const struct line_config *config, uint64_t now_ms);
void line_free(struct line *l); /* wipes; NULL is fine */

/*
 * The call was changed: another codec or other payload types (RFC 3264, 8).
 * Errors: those of phone_rx_new(); then nothing has changed.
 */
MUST_CHECK enum kk_err line_change(struct line *l,
    const struct phone_config *phone);

/* Whether packets are to be sent to it (not while it holds us).  Its keys count
 * all the same. */
void line_hold(struct line *l, bool is_held);

/* Whether it was called and has not answered: it is heard, and hears nothing.
 * Prompts wait until then; keys count for nothing. */
void line_early(struct line *l, bool is_early);

/* Whether the telephone may lose what is sent to it: then each packet tells
 * again what was in the one before, where the codec can.  At first it does. */
void line_retell(struct line *l, bool is_on);

/* Keys for the other end, as phone_tx_digits(), which has the errors. */
MUST_CHECK enum kk_err line_press(struct line *l, const char *digits);

/* A packet came.  Errors: those of phone_rx_put(). */
MUST_CHECK enum kk_err line_put(struct line *l, struct kk_view packet,
    uint64_t now_us);

/* The next tick of what the telephone says, as phone_rx_take() has it.  True:
 * it is for the conference; else it is what nobody is to hear. */
bool line_say(struct line *l, enum phone_want want, struct phone_sound *said,
    uint64_t now_us);

struct line_frame { /* of the conference */
	const int16_t *pcm; /* a tick */
	bool is_common; /* the same in all lines with this ... */
	uint32_t tick;
};

/*
 * The packet of tick number tick, which rises by 1.  frame is NULL where the
 * conference has none.  *out_bytes is the room on entry, at least
 * PHONE_PACKET_BYTES, then what was written; 0: none is to be sent.
 * Errors: KK_ENOSPC; KK_EIO the coder failed.
 */
MUST_CHECK enum kk_err line_hear(struct line *l, const struct line_frame *frame,
    uint32_t tick, uint64_t now_ms, uint8_t *out, size_t *out_bytes);

/* We were held up for so many ticks, of which nothing is sent any more: what
 * follows has its own time. */
void line_skip(struct line *l, uint32_t ticks);

/* Of what came from the telephone. */
void line_stats(const struct line *l, struct phone_stats *stats);

/* What the box says; as in ivr.h. */
bool line_answer(struct line *l, enum ivr_answer answer, uint64_t now_ms);
void line_mute(struct line *l, bool is_muted, uint64_t now_ms);
void line_others(struct line *l); /* another caller has come in */
void line_ending(struct line *l); /* its time is over in a minute */

/* Takes the oldest event; false: none.  The caller wipes it. */
bool line_event_take(struct line *l, struct line_event *event);
bool line_is_talking(const struct line *l); /* it hears the conference */
