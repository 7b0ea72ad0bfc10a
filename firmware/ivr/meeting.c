/* meeting.c - a caller who waits, or is in the meeting. */
#include "ivr/ivr_private.h"

void ivr_meeting_wait(struct ivr *i, enum ivr_prompt prompt, uint64_t now_ms)
{
	if (i->state != STATE_WAITING) {
		i->due_ms = now_ms + IVR_WAIT_MAX_MS;
		ivr_do(i, IVR_MUSIC, true);
	}
	i->state = STATE_WAITING;
	ivr_play(i, prompt);
}

void ivr_meeting_enter(struct ivr *i)
{
	if (i->state == STATE_WAITING)
		ivr_do(i, IVR_MUSIC, false);
	i->state = STATE_IN;
	i->due_ms = UINT64_MAX;
	ivr_play(i, IVR_ENTERED);
	ivr_do(i, IVR_TALK, true);
}

static void mute_turn(struct ivr *i)
{
	if (i->is_muted_by_host) {
		ivr_play(i, IVR_MUTED_BY_HOST);
		return;
	}
	i->is_muted = !i->is_muted;
	ivr_do(i, IVR_MUTE, i->is_muted);
	ivr_play(i, i->is_muted ? IVR_MUTED : IVR_UNMUTED);
}

static void command(struct ivr *i, char key)
{
	if (key == '6') {
		mute_turn(i);
	} else if (key == '9') {
		i->has_hand = !i->has_hand;
		ivr_do(i, IVR_HAND, i->has_hand);
		ivr_play(i, i->has_hand ? IVR_HAND_UP : IVR_HAND_DOWN);
	} else if (key == '1') {
		ivr_play(i, IVR_HELP);
	}
}

/* While waiting, # alone means something. */
void ivr_meeting_key(struct ivr *i, char key, uint64_t now_ms)
{
	const bool is_command = i->has_star && now_ms < i->due_ms;

	if (key == '#') {
		ivr_bye(i, IVR_GOODBYE, now_ms);
		return;
	}
	if (i->state != STATE_IN)
		return;
	i->has_star = key == '*';
	i->due_ms = i->has_star ? now_ms + IVR_COMMAND_MS : UINT64_MAX;
	if (!is_command || i->has_star)
		return;
	ivr_hush(i);
	command(i, key);
}
