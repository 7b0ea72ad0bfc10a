/* entry.c - a meeting's number, then a PIN; both are asked about at once. */
#include <string.h>

#include "ivr/ivr_private.h"

static char *entered(struct ivr *i)
{
	return i->state == STATE_PIN ? i->pin : i->number;
}

void ivr_entry_begin(struct ivr *i, enum ivr_prompt first, uint64_t now_ms)
{
	kk_wipe(i->number, sizeof(i->number));
	kk_wipe(i->pin, sizeof(i->pin));
	i->state = STATE_NUMBER;
	i->silences = 0;
	i->due_ms = now_ms + IVR_SILENCE_MS;
	ivr_play(i, first);
	ivr_play(i, IVR_ASK_NUMBER);
}

static void ask(struct ivr *i)
{
	struct ivr_action a = { .type = IVR_ASK, .is_on = true };

	i->state = STATE_ASKING;
	i->due_ms = UINT64_MAX;
	ivr_play(i, IVR_CHECKING);
	memcpy(a.number, i->number, sizeof(a.number));
	memcpy(a.pin, i->pin, sizeof(a.pin));
	ivr_action_add(i, &a);
	kk_wipe(&a, sizeof(a));
	kk_wipe(i->number, sizeof(i->number));
	kk_wipe(i->pin, sizeof(i->pin));
}

static void done(struct ivr *i, uint64_t now_ms)
{
	if (i->state == STATE_PIN) {
		ask(i);
		return;
	}
	i->state = STATE_PIN;
	i->due_ms = now_ms + IVR_SILENCE_MS;
	ivr_play(i, IVR_ASK_PIN);
}

void ivr_entry_key(struct ivr *i, char key, uint64_t now_ms)
{
	char *text = entered(i);
	const size_t count = strlen(text);

	ivr_hush(i);
	i->silences = 0;
	i->due_ms = now_ms + IVR_PAUSE_MS;
	if (key == '*') {
		kk_wipe(text, count); /* from its beginning */
		i->due_ms = now_ms + IVR_SILENCE_MS;
	} else if (key == '#') {
		/* A PIN may be empty: some meetings have none. */
		if (count > 0 || i->state == STATE_PIN)
			done(i, now_ms);
	} else if (count < IVR_DIGITS_MAX) {
		text[count] = key;
	}
}

static void say_again(struct ivr *i, uint64_t now_ms)
{
	if (++i->silences >= IVR_SILENCES_MAX) {
		ivr_bye(i, IVR_GOODBYE, now_ms);
		return;
	}
	i->due_ms = now_ms + IVR_SILENCE_MS;
	ivr_play(i, i->state == STATE_PIN ? IVR_ASK_PIN : IVR_ASK_NUMBER);
}

/* Nobody has to answer while somebody still speaks. */
void ivr_entry_due(struct ivr *i, uint64_t now_ms)
{
	if (i->is_playing)
		i->due_ms = now_ms + IVR_SILENCE_MS;
	else if (entered(i)[0] != '\0')
		done(i, now_ms);
	else
		say_again(i, now_ms);
}

void ivr_entry_wrong(struct ivr *i, uint64_t now_ms)
{
	if (++i->tries >= IVR_TRIES_MAX)
		ivr_bye(i, IVR_TOO_MANY_TRIES, now_ms);
	else
		ivr_entry_begin(i, IVR_WRONG, now_ms);
}
