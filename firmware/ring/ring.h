/*
 * ring.h - sound between the process that speaks with telephones and the one
 * that mixes, in memory that both map.  Zones: telephone, mix.
 *
 * Each line has two lanes of RING_FRAMES frames: what its telephone says, and
 * what it is to hear.  What all silent lines hear is there once; a line's lane
 * then says "the common one of tick n", so that it can be encoded once for all.
 *
 * What a telephone says is at the rate of its codec.  Of one that is not heard
 * the mixer does not want everything: it says so (enum ring_want), and then
 * there may be a word in the lane in place of sound.
 *
 * Neither side trusts the other: each keeps its own positions to itself, reads
 * the other's as a number that may be anything, and copies sound out before it
 * looks at it.  Whatever the other writes, only sound is wrong.  The memory
 * has to be sealed against shrinking before it is mapped.
 *
 * One thread on each side.  No system calls: who fills a lane wakes the other.
 */
#pragma once
#include "base/base.h"

enum {
	RING_FRAMES = 8, /* of a lane: 160 ms */
	RING_SAMPLES = 960,
	RING_LINES_MAX = 1024
};

enum ring_side {
	RING_LINED, /* says what telephones say */
	RING_MIXD /* says what they are to hear */
};

struct ring;

/* How many bytes the memory of so many lines has. */
size_t ring_bytes(size_t lines);

/*
 * Makes empty lanes in memory of ring_bytes(), aligned as a page is, before the
 * other side sees it.  Errors: KK_EINVAL lines of 0 or above RING_LINES_MAX;
 * KK_ENOSPC fewer bytes than they need.
 */
MUST_CHECK enum kk_err ring_format(void *memory, size_t bytes, size_t lines);

/*
 * One side's view; the memory is borrowed until ring_free().  On error *rp is
 * left alone.  Errors: those of ring_format(); KK_EFORMAT the memory is not
 * laid out for so many lines; KK_ENOMEM.
 */
MUST_CHECK enum kk_err ring_new(struct ring **rp, enum ring_side side,
    void *memory, size_t bytes, size_t lines);
void ring_free(struct ring *r); /* wipes our copies; NULL is fine */

/*
 * Puts RING_SAMPLES for the other side.  Errors, and nothing has changed:
 * KK_ENOSPC the other side is RING_FRAMES behind; KK_EINVAL no such line.
 */
MUST_CHECK enum kk_err ring_put(struct ring *r, size_t line,
    const int16_t *pcm);

/* RING_LINED alone (else KK_ESTATE): a tick of fewer samples, of 8 or 16 kHz.
 * Errors: those of ring_put(); KK_EINVAL of another rate, too. */
MUST_CHECK enum kk_err ring_put_low(struct ring *r, size_t line,
    const int16_t *pcm, size_t samples);

enum ring_kind {
	RING_SOUND,
	RING_NOISE, /* a word: nobody speaks */
	RING_SPEECH /* likewise: somebody does */
};

/* RING_LINED alone: a word. */
MUST_CHECK enum kk_err ring_put_word(struct ring *r, size_t line,
    enum ring_kind kind);

/* What mixd wants of a line: it sets it, lined asks for it and need not obey.
 * Something else in the memory is RING_WANT_ALL. */
enum ring_want {
	RING_WANT_ALL, /* at first */
	RING_WANT_SPEECH, /* words do for noise, but for a look now and then */
	RING_WANT_LOOK /* for speech as well */
};

void ring_want_set(struct ring *r, size_t line, enum ring_want want);
enum ring_want ring_want(const struct ring *r, size_t line);

/*
 * RING_MIXD alone (else KK_ESTATE): what all silent lines hear from now on,
 * and that this line is to hear it.  Errors as of ring_put().
 */
MUST_CHECK enum kk_err ring_common_set(struct ring *r, const int16_t *pcm);
MUST_CHECK enum kk_err ring_put_common(struct ring *r, size_t line);

struct ring_frame {
	enum ring_kind kind; /* for RING_LINED always RING_SOUND */
	bool is_common;
	uint32_t
	    tick; /* where is_common: which; another one is another frame */
	size_t samples; /* for RING_LINED always RING_SAMPLES; of a word 0 */
	const int16_t *pcm; /* a copy, ours until the next ring_take() */
};

/*
 * Takes the oldest frame.  Errors: KK_ENOENT there is none; KK_EINVAL no such
 * line; KK_EFORMAT the other side does not keep to the layout: what it had put
 * there is dropped.  It is RING_SAMPLES of silence after each of them.
 */
MUST_CHECK enum kk_err ring_take(struct ring *r, size_t line,
    struct ring_frame *frame);

/* How many frames wait to be taken; 0 too where that cannot be. */
size_t ring_waiting(const struct ring *r, size_t line);

/* Drops what waits to be taken: a new call begins. */
void ring_drop(struct ring *r, size_t line);
