/*
 * tune.h - a sound that cannot be there by chance: two seconds, again and
 * again, of twenty tones, each one of sixteen by a nonce.  And an ear for it.
 *
 * 48 kHz, mono, 16 bits.  Pure.
 */
#pragma once
#include "base/base.h"

enum {
	TUNE_TONES = 20,
	TUNE_NONCE_BYTES = TUNE_TONES / 2, /* four bits a tone */
	TUNE_SAMPLES = 96000,
	TUNE_HZ_FIRST = 200,
	TUNE_HZ_STEP = 14,
	/* Half of what is heard is enough: by chance a tone in sixteen is the
	 * right one, and has to be there at the right time. */
	TUNE_HEARD_PERCENT = 60
};

void tune_make(const uint8_t nonce[TUNE_NONCE_BYTES],
    int16_t samples[TUNE_SAMPLES]);

struct tune_ear;

/* Listens for the tune of this nonce.  Errors: KK_ENOMEM. */
MUST_CHECK enum kk_err tune_ear_new(struct tune_ear **earp,
    const uint8_t nonce[TUNE_NONCE_BYTES]);
void tune_ear_free(struct tune_ear *ear); /* NULL is fine */

/* What comes next; any number of samples. */
void tune_ear_hear(struct tune_ear *ear, const int16_t *samples, size_t count);
/* A second, all of it heard since the last call that said so. */
bool tune_ear_has_second(const struct tune_ear *ear);
/*
 * How much of that second is the tune, wherever in it that is: the highest
 * normalised cross-correlation with it, in percent; 0 to 100, and 0 for
 * silence.  The next second begins.
 */
unsigned tune_ear_judge(struct tune_ear *ear);
