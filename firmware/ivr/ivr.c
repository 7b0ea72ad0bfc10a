/* ivr.c - the machine around its parts. */
#include <string.h>

#include "ivr/ivr_private.h"

enum { BYE_MS = 15000 }; /* that the last prompt may take */

static const char *const names[IVR_PROMPT_COUNT] = {
	[IVR_WELCOME] = "welcome",
	[IVR_ASK_NUMBER] = "ask-number",
	[IVR_ASK_PIN] = "ask-pin",
	[IVR_WRONG] = "wrong",
	[IVR_CHECKING] = "checking",
	[IVR_WAIT] = "wait",
	[IVR_WAIT_ALONE] = "wait-alone",
	[IVR_ENTERED] = "entered",
	[IVR_MUTED] = "muted",
	[IVR_UNMUTED] = "unmuted",
	[IVR_MUTED_BY_HOST] = "muted-by-host",
	[IVR_HAND_UP] = "hand-up",
	[IVR_HAND_DOWN] = "hand-down",
	[IVR_HELP] = "help",
	[IVR_REFUSED] = "refused",
	[IVR_REMOVED] = "removed",
	[IVR_FULL] = "full",
	[IVR_FORBIDDEN] = "forbidden",
	[IVR_CLASSIFIED] = "classified",
	[IVR_ENDED] = "ended",
	[IVR_NO_ANSWER] = "no-answer",
	[IVR_TOO_MANY_TRIES] = "too-many-tries",
	[IVR_GOODBYE] = "goodbye",
	[IVR_JOINED] = "joined",
	[IVR_ENDING] = "ending",
};

const char *ivr_prompt_name(enum ivr_prompt prompt)
{
	return (unsigned)prompt < IVR_PROMPT_COUNT ? names[prompt] : NULL;
}

/*
 * Actions.
 */
void ivr_action_add(struct ivr *i, const struct ivr_action *a)
{
	/* No call makes as many, and they are taken after each. */
	if (i->action_count == ACTIONS_MAX)
		return;
	i->action[(i->action_first + i->action_count++) % ACTIONS_MAX] = *a;
}

void ivr_do(struct ivr *i, enum ivr_action_type type, bool is_on)
{
	const struct ivr_action a = { .type = type, .is_on = is_on };

	ivr_action_add(i, &a);
}

void ivr_play(struct ivr *i, enum ivr_prompt prompt)
{
	const struct ivr_action a = { .type = IVR_PLAY, .prompt = prompt };

	i->is_playing = true;
	ivr_action_add(i, &a);
}

void ivr_hush(struct ivr *i)
{
	if (i->is_playing)
		ivr_do(i, IVR_STOP, true);
	i->is_playing = false;
}

bool ivr_action_take(struct ivr *i, struct ivr_action *action)
{
	struct ivr_action *first = &i->action[i->action_first];

	if (i->action_count == 0)
		return false;
	*action = *first;
	kk_wipe(first, sizeof(*first));
	i->action_first = (i->action_first + 1) % ACTIONS_MAX;
	i->action_count--;
	return true;
}

/*
 * The call.
 */
enum kk_err ivr_new(struct ivr **ip, uint64_t now_ms)
{
	struct ivr *i = kk_calloc(1, sizeof(*i));

	if (!i)
		return KK_ENOMEM;
	ivr_entry_begin(i, IVR_WELCOME, now_ms);
	*ip = i;
	return KK_OK;
}

enum kk_err ivr_new_placed(struct ivr **ip, uint64_t now_ms)
{
	struct ivr *i = kk_calloc(1, sizeof(*i));

	(void)now_ms;
	if (!i)
		return KK_ENOMEM;
	i->state = STATE_ASKING;
	i->due_ms = UINT64_MAX;
	ivr_do(i, IVR_ASK, true);
	*ip = i;
	return KK_OK;
}

void ivr_free(struct ivr *i)
{
	kk_free_wiped(i, sizeof(*i));
}

void ivr_bye(struct ivr *i, enum ivr_prompt prompt, uint64_t now_ms)
{
	ivr_hush(i);
	if (i->state == STATE_WAITING)
		ivr_do(i, IVR_MUSIC, false);
	if (i->state == STATE_IN)
		ivr_do(i, IVR_TALK, false);
	i->state = STATE_BYE;
	i->due_ms = now_ms + BYE_MS;
	ivr_play(i, prompt);
}

static void over(struct ivr *i)
{
	i->state = STATE_OVER;
	i->due_ms = UINT64_MAX;
	ivr_do(i, IVR_HANG_UP, true);
}

bool ivr_is_over(const struct ivr *i)
{
	return i->state == STATE_OVER;
}

static bool is_key(char key)
{
	return (key >= '0' && key <= '9') || key == '*' || key == '#';
}

void ivr_key(struct ivr *i, char key, uint64_t now_ms)
{
	if (!is_key(key))
		return;
	if (i->state == STATE_NUMBER || i->state == STATE_PIN)
		ivr_entry_key(i, key, now_ms);
	else if (i->state == STATE_WAITING || i->state == STATE_IN)
		ivr_meeting_key(i, key, now_ms);
}

void ivr_played(struct ivr *i, uint64_t now_ms)
{
	i->is_playing = false;
	if (i->state == STATE_BYE)
		over(i);
	else if (i->state == STATE_NUMBER || i->state == STATE_PIN)
		i->due_ms = now_ms +
		    (i->state == STATE_PIN && i->pin[0] ? IVR_PAUSE_MS :
							  IVR_SILENCE_MS);
}

void ivr_tick(struct ivr *i, uint64_t now_ms)
{
	if (now_ms < i->due_ms)
		return;
	if (i->state == STATE_NUMBER || i->state == STATE_PIN) {
		ivr_entry_due(i, now_ms);
	} else if (i->state == STATE_WAITING) {
		ivr_bye(i, IVR_GOODBYE, now_ms);
	} else if (i->state == STATE_BYE) {
		over(i);
	} else {
		i->has_star = false;
		i->due_ms = UINT64_MAX;
	}
}

uint64_t ivr_due_ms(const struct ivr *i)
{
	return i->due_ms;
}

/*
 * What the box says.
 */
static enum ivr_prompt last_words(enum ivr_answer answer)
{
	static const enum ivr_prompt words[] = {
		[IVR_ANSWER_REFUSED] = IVR_REFUSED,
		[IVR_ANSWER_REMOVED] = IVR_REMOVED,
		[IVR_ANSWER_FULL] = IVR_FULL,
		[IVR_ANSWER_FORBIDDEN] = IVR_FORBIDDEN,
		[IVR_ANSWER_CLASSIFIED] = IVR_CLASSIFIED,
		[IVR_ANSWER_ENDED] = IVR_ENDED,
		[IVR_ANSWER_FAILED] = IVR_NO_ANSWER,
	};

	return words[answer];
}

static bool is_allowed(enum ivr_state state, enum ivr_answer answer)
{
	if (state == STATE_ASKING)
		return true;
	if (state == STATE_WAITING)
		return answer != IVR_ANSWER_WRONG;
	return state == STATE_IN && answer != IVR_ANSWER_WRONG &&
	    answer != IVR_ANSWER_IN;
}

bool ivr_answer(struct ivr *i, enum ivr_answer answer, uint64_t now_ms)
{
	if ((unsigned)answer > IVR_ANSWER_FAILED ||
	    !is_allowed(i->state, answer))
		return false;
	switch (answer) {
	case IVR_ANSWER_WRONG:
		ivr_entry_wrong(i, now_ms);
		break;
	case IVR_ANSWER_WAIT:
	case IVR_ANSWER_WAIT_ALONE:
		if (i->state == STATE_IN)
			ivr_do(i, IVR_TALK, false);
		ivr_meeting_wait(i,
		    answer == IVR_ANSWER_WAIT ? IVR_WAIT : IVR_WAIT_ALONE,
		    now_ms);
		break;
	case IVR_ANSWER_IN:
		ivr_meeting_enter(i);
		break;
	default:
		ivr_bye(i, last_words(answer), now_ms);
		break;
	}
	return true;
}

void ivr_mute(struct ivr *i, bool is_muted, uint64_t now_ms)
{
	(void)now_ms;
	if (i->state != STATE_IN || i->is_muted_by_host == is_muted)
		return;
	i->is_muted_by_host = is_muted;
	if (!is_muted && i->is_muted)
		return; /* it was so before, by its own will */
	ivr_do(i, IVR_MUTE, is_muted);
	ivr_play(i, is_muted ? IVR_MUTED_BY_HOST : IVR_UNMUTED);
}

void ivr_ending(struct ivr *i)
{
	if (i->state == STATE_IN || i->state == STATE_WAITING)
		ivr_play(i, IVR_ENDING);
}

/* One after the other says it: while it plays, more are not told of. */
void ivr_joined(struct ivr *i)
{
	if (i->state == STATE_IN && !i->is_playing)
		ivr_play(i, IVR_JOINED);
}
