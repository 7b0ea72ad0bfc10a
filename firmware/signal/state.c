/* state.c - which request when. */
#include "signal/signal.h"

#define IN(state) (1U << (state))

static const unsigned allowed[SIGNAL_TYPE_COUNT] = {
	[SIGNAL_HELLO] = IN(SIGNAL_NEW),
	[SIGNAL_REGISTER] = IN(SIGNAL_GREETED) | IN(SIGNAL_INSIDE),
	[SIGNAL_UNREGISTER] = IN(SIGNAL_GREETED) | IN(SIGNAL_INSIDE),
	[SIGNAL_ENTER] = IN(SIGNAL_GREETED),
	[SIGNAL_BEGIN] = IN(SIGNAL_INSIDE),
	[SIGNAL_COMMIT] = IN(SIGNAL_INSIDE),
	[SIGNAL_MESSAGE] = IN(SIGNAL_INSIDE),
	[SIGNAL_TRANSPORT] = IN(SIGNAL_INSIDE),
	[SIGNAL_RESTART] = IN(SIGNAL_INSIDE),
	[SIGNAL_CONNECT] = IN(SIGNAL_INSIDE),
	[SIGNAL_DISCONNECT] = IN(SIGNAL_INSIDE),
	[SIGNAL_PUBLISH] = IN(SIGNAL_INSIDE),
	[SIGNAL_UNPUBLISH] = IN(SIGNAL_INSIDE),
	[SIGNAL_SLOTS] = IN(SIGNAL_INSIDE),
	[SIGNAL_WATCH] = IN(SIGNAL_INSIDE),
	[SIGNAL_LEAVE] = IN(SIGNAL_INSIDE),
};

bool signal_is_allowed(enum signal_state state, enum signal_type type)
{
	return type < SIGNAL_TYPE_COUNT && (allowed[type] & IN(state)) != 0;
}

enum signal_state signal_state_after(enum signal_state state,
    enum signal_type type)
{
	if (!signal_is_allowed(state, type))
		return state;
	switch (type) {
	case SIGNAL_HELLO:
	case SIGNAL_LEAVE:
		return SIGNAL_GREETED;
	case SIGNAL_ENTER:
		return SIGNAL_INSIDE;
	default:
		return state;
	}
}
