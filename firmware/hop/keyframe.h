/*
 * keyframe.h - asking a sender for a key frame, not too often.
 *
 * Many may ask.  Of who was left alone for a while one is asked for at once;
 * those who need one until it comes share it, and who comes after it waits for
 * the next request, which may be sent the later, the more there were: so many
 * who come one after the other share a few key frames, and a sender is never
 * made to send more than two a second for long.  A request that no key frame
 * follows is repeated, and given up after a while, so that a source that stands
 * still is left alone.
 *
 * No socket, no clock, no heap.  Source: RFC 4585, 6.3.1; RFC 5104, 3.5.1.
 */
#pragma once
#include "base/base.h"

enum {
	/* From a request to the next one, once its key frame has come; twice as
	 * long each time. */
	HOP_KEYFRAME_GAP_MIN_US = 50000,
	HOP_KEYFRAME_GAP_MAX_US = 500000,
	/* So long without a request: the next one counts as the first. */
	HOP_KEYFRAME_QUIET_US = 2000000,
	/* No key frame has come: there and back, a picture, and the 300 ms for
	 * which libwebrtc takes no further request. */
	HOP_KEYFRAME_REPEAT_US = 400000,
	HOP_KEYFRAME_REPEATS_MAX = 10
};

struct hop_keyframe { /* opaque; all zero is one that nobody has asked */
	bool is_wanted, has_asked;
	bool is_awaited; /* asked for, and has not come */
	unsigned repeats;
	uint64_t asked_us, gap_us;
};

void hop_keyframe_want(struct hop_keyframe *k); /* somebody needs one */
void hop_keyframe_came(struct hop_keyframe *k); /* one has begun */

/* True when a request is to be sent now; then it counts as sent. */
bool hop_keyframe_ask(struct hop_keyframe *k, uint64_t now_us);

/* Microseconds until hop_keyframe_ask() is true; -1: never. */
int64_t hop_keyframe_wait_us(const struct hop_keyframe *k, uint64_t now_us);
