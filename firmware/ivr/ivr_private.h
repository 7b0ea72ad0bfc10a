/* ivr_private.h - the machine's state. */
#pragma once
#include "ivr/ivr.h"

enum { ACTIONS_MAX = 16 };

enum ivr_state {
	STATE_NUMBER,
	STATE_PIN,
	STATE_ASKING,
	STATE_WAITING,
	STATE_IN,
	STATE_BYE, /* the last prompt plays */
	STATE_OVER
};

struct ivr {
	enum ivr_state state;
	uint64_t due_ms;
	char number[IVR_DIGITS_MAX + 1], pin[IVR_DIGITS_MAX + 1];
	unsigned tries, silences;
	bool is_playing, has_star, is_muted, is_muted_by_host, has_hand;
	struct ivr_action action[ACTIONS_MAX];
	size_t action_first, action_count;
};

/* ivr.c */
void ivr_action_add(struct ivr *i, const struct ivr_action *a);
void ivr_do(struct ivr *i, enum ivr_action_type type, bool is_on);
void ivr_play(struct ivr *i, enum ivr_prompt prompt);
void ivr_hush(struct ivr *i); /* stops prompts, where any play */
void ivr_bye(struct ivr *i, enum ivr_prompt prompt, uint64_t now_ms);

/* entry.c: number and PIN. */
void ivr_entry_begin(struct ivr *i, enum ivr_prompt first, uint64_t now_ms);
void ivr_entry_key(struct ivr *i, char key, uint64_t now_ms);
void ivr_entry_due(struct ivr *i, uint64_t now_ms);
void ivr_entry_wrong(struct ivr *i, uint64_t now_ms);

/* meeting.c: waiting, and in the meeting. */
void ivr_meeting_wait(struct ivr *i, enum ivr_prompt prompt, uint64_t now_ms);
void ivr_meeting_enter(struct ivr *i);
void ivr_meeting_key(struct ivr *i, char key, uint64_t now_ms);
