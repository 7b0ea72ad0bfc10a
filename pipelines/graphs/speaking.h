/*
 * speaking.h - does somebody speak into the microphone?  By level above the
 * room's noise, which it follows.  No state but the caller's; no clock.
 */
#pragma once
#include "base/base.h"

struct speaking { /* all zero is the beginning */
	double noise; /* power of the quiet room */
	unsigned loud_blocks, hold_blocks;
	bool is_speaking;
};

/* The next 10 ms.  Says whether is_speaking changed. */
bool speaking_block(struct speaking *s, const int16_t *samples, size_t count);

/* How far below overload these are, in decibels: 0 to 127, which is silence
 * (RFC 6464, 3). */
uint8_t speaking_level(const int16_t *samples, size_t count);
