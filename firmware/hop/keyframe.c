/* keyframe.c - asking a sender for a key frame, not too often. */
#include "hop/keyframe.h"

void hop_keyframe_want(struct hop_keyframe *k)
{
	k->is_wanted = true;
	k->repeats = 0;
}

void hop_keyframe_came(struct hop_keyframe *k)
{
	k->is_wanted = false;
}

int64_t hop_keyframe_wait_us(const struct hop_keyframe *k, uint64_t now_us)
{
	uint64_t due_us = k->asked_us + HOP_KEYFRAME_EVERY_US;

	if (!k->is_wanted)
		return -1;
	if (!k->has_asked || now_us >= due_us)
		return 0;
	return (int64_t)(due_us - now_us);
}

bool hop_keyframe_ask(struct hop_keyframe *k, uint64_t now_us)
{
	if (hop_keyframe_wait_us(k, now_us) != 0)
		return false;
	k->has_asked = true;
	k->asked_us = now_us;
	if (++k->repeats >= HOP_KEYFRAME_REPEATS_MAX)
		k->is_wanted = false;
	return true;
}
