/*
 * mix.h - the sound of telephone lines and of a conference put together: each
 * line hears all but itself, the conference hears the lines.  Zone: media.
 *
 * One tick is MIX_TICK_MS of sound, mono, 16 bits, at MIX_HZ.  Who calls hands
 * in what each line and the conference said in it, calls mix_tick(), and takes
 * what each is to hear.  Where sound costs something to make, it is enough to
 * tell how loud a line is, and to make the sound of those that are heard.  A
 * line that says nothing hears what all such lines hear: one and the same
 * frame, so that it has to be encoded only once.
 *
 * Each line goes through a gate, which keeps its noise out while nobody speaks
 * there, and a gain, which brings near and far telephones to one level.  Sums
 * are made of 32 bits and come back to 16 through a limiter; they never wrap.
 *
 * No socket, no clock.  One thread.  All memory is taken by mix_new().
 */
#pragma once
#include "base/base.h"

enum {
	MIX_HZ = 48000,
	MIX_TICK_MS = 20,
	MIX_SAMPLES = MIX_HZ / 1000 * MIX_TICK_MS,
	MIX_LINES_MAX = 1024,
	MIX_FAR_MAX = 1024 /* of the conference, in one tick */
};

struct mix;

struct mix_config {
	size_t lines; /* 1 to MIX_LINES_MAX */
	bool has_gate, has_gain; /* without: sums of what was handed in */
	/* So many lines are heard at once, at most; 0: all.  Who is heard stays
	 * so while it speaks, unless another one is much louder. */
	size_t heard;
};

/*
 * On success *mp is the caller's, for mix_free(); on error it is left alone.
 * About 4 kB a line.  Errors: KK_EINVAL no or too many lines; KK_ENOMEM.
 */
MUST_CHECK enum kk_err mix_new(struct mix **mp,
    const struct mix_config *config);
void mix_free(struct mix *m); /* wipes the sound; NULL is fine */

/* A line that was not there: it is silent, hears from the next tick on, and
 * *line is its number.  Errors: KK_ELIMIT all lines are taken. */
MUST_CHECK enum kk_err mix_line_add(struct mix *m, size_t *line);

/*
 * In all that follows line is one that mix_line_add() gave and that is not
 * removed; with another, nothing happens, and nothing is heard or talking.
 */
void mix_line_remove(struct mix *m, size_t line);

/* Whoever is muted hears, and is not heard; it fades, so nothing clicks. */
void mix_line_mute(struct mix *m, size_t line, bool is_muted);

/* What a line says in the coming tick, MIX_SAMPLES of it; of several the last
 * counts.  A line that is handed nothing is silent. */
void mix_line_put(struct mix *m, size_t line, const int16_t *pcm);

/*
 * Instead of that: how loud it is in the coming tick; or that nobody has looked
 * yet, but whether it speaks is known.
 */
void mix_line_tell(struct mix *m, size_t line, float level_db);
void mix_line_skip(struct mix *m, size_t line, bool is_speech);

/* In dB of a full-scale square wave; MIX_SILENCE_DB at the least. */
#define MIX_SILENCE_DB (-96.0f)
float mix_level_db(const int16_t *pcm, size_t samples);

/*
 * Decides who is heard in the coming tick; mix_tick() does it where nobody has.
 * Then mix_line_put() is for those alone whose sound is asked for.
 */
void mix_listen(struct mix *m);
bool mix_line_is_asked(const struct mix *m, size_t line);

/* What of a line is to be handed in from the next tick on. */
enum mix_want {
	MIX_WANT_ALL,
	MIX_WANT_SPEECH, /* it does not speak */
	MIX_WANT_LOOK /* it speaks, while enough others are heard */
};
enum mix_want mix_line_want(const struct mix *m, size_t line);

/* What a member of the conference says in the coming tick, MIX_SAMPLES; those
 * of several members add up.  Of more than MIX_FAR_MAX the rest is not heard.
 */
void mix_far_put(struct mix *m, const int16_t *pcm);

/* Mixes what was handed in since the last tick. */
void mix_tick(struct mix *m);

/*
 * What the line hears, MIX_SAMPLES, ours until the next mix_tick().  Lines that
 * were silent in this tick get the same frame, that of mix_common_get().
 * NULL: no such line.
 */
const int16_t *mix_line_get(const struct mix *m, size_t line);
const int16_t *mix_common_get(const struct mix *m);

/* What the conference hears of the lines; ours until the next mix_tick(). */
const int16_t *mix_lines_get(const struct mix *m);

/* Whether the line was heard in the last tick. */
bool mix_line_is_talking(const struct mix *m, size_t line);
