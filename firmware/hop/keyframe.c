/* keyframe.c - asking a sender for a key frame, not too often. */
#include "hop/keyframe.h"

void hop_keyframe_want(struct hop_keyframe *k)
{
	k->is_wanted = true;
	k->repeats = 0;
}

void hop_keyframe_came(struct hop_keyframe *k)
{
	k->is_wanted = k->is_awaited = false;
}

int64_t hop_keyframe_wait_us(const struct hop_keyframe *k, uint64_t now_us)
{
	uint64_t due_us = k->asked_us +
	    (k->is_awaited ? HOP_KEYFRAME_REPEAT_US : k->gap_us);

	if (!k->is_wanted)
		return -1;
	if (!k->has_asked || now_us >= due_us)
		return 0;
	return (int64_t)(due_us - now_us);
}

static uint64_t gap_next(const struct hop_keyframe *k, uint64_t now_us)
{
	if (!k->has_asked || now_us - k->asked_us >= HOP_KEYFRAME_QUIET_US)
		return HOP_KEYFRAME_GAP_MIN_US;
	return 2 * k->gap_us < HOP_KEYFRAME_GAP_MAX_US ?
	    2 * k->gap_us :
	    HOP_KEYFRAME_GAP_MAX_US;
}

bool hop_keyframe_ask(struct hop_keyframe *k, uint64_t now_us)
{
	if (hop_keyframe_wait_us(k, now_us) != 0)
		return false;
	k->gap_us = gap_next(k, now_us);
	k->has_asked = k->is_awaited = true;
	k->asked_us = now_us;
	if (++k->repeats >= HOP_KEYFRAME_REPEATS_MAX)
		k->is_wanted = k->is_awaited = false;
	return true;
}
