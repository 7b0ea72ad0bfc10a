/* state.c - the table of the machine's states. */
#include "dtls/state.h"

enum { NONE = DTLS_STATE_COUNT };

static const uint8_t next[DTLS_STATE_COUNT][DTLS_EVENT_COUNT] = {
	/* START, FINISHED, CLOSE, FAIL */
	[DTLS_WAITING] = { DTLS_SHAKING, NONE, DTLS_CLOSED, DTLS_FAILED },
	[DTLS_SHAKING] = { NONE, DTLS_DONE, DTLS_CLOSED, DTLS_FAILED },
	[DTLS_DONE] = { NONE, NONE, DTLS_CLOSED, NONE },
	[DTLS_CLOSED] = { NONE, NONE, NONE, NONE },
	[DTLS_FAILED] = { NONE, NONE, NONE, NONE },
};

enum kk_err dtls_state_change(enum dtls_state *state, enum dtls_event event)
{
	uint8_t to;

	if ((unsigned)*state >= DTLS_STATE_COUNT ||
	    (unsigned)event >= DTLS_EVENT_COUNT)
		return KK_EINVAL;
	to = next[*state][event];
	if (to == NONE)
		return KK_ESTATE;
	*state = (enum dtls_state)to;
	return KK_OK;
}

const char *dtls_state_name(enum dtls_state state)
{
	static const char *const names[DTLS_STATE_COUNT] = {
		[DTLS_WAITING] = "waiting",
		[DTLS_SHAKING] = "shaking",
		[DTLS_DONE] = "done",
		[DTLS_CLOSED] = "closed",
		[DTLS_FAILED] = "failed",
	};

	if ((unsigned)state >= DTLS_STATE_COUNT)
		return "unknown";
	return names[state];
}
