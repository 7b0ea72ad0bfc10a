/*
 * keyframe.h - asking a sender for a key frame, not too often.
 *
 * Many may ask; one request goes out, is repeated while no key frame comes, and
 * given up after a while, so that a source that stands still is left alone.
 * No socket, no clock, no heap.  Source: RFC 4585, 6.3.1; RFC 5104, 3.5.1.
 */
#pragma once
#include "base/base.h"

enum {
	HOP_KEYFRAME_EVERY_US = 500000, /* between two requests */
	HOP_KEYFRAME_REPEATS_MAX = 10
};

struct hop_keyframe { /* opaque; all zero is one that nobody has asked */
	bool is_wanted, has_asked;
	unsigned repeats;
	uint64_t asked_us;
};

void hop_keyframe_want(struct hop_keyframe *k); /* somebody needs one */
void hop_keyframe_came(struct hop_keyframe *k); /* one has begun */

/* True when a request is to be sent now; then it counts as sent. */
bool hop_keyframe_ask(struct hop_keyframe *k, uint64_t now_us);

/* Microseconds until hop_keyframe_ask() is true; -1: never. */
int64_t hop_keyframe_wait_us(const struct hop_keyframe *k, uint64_t now_us);
