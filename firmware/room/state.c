/* state.c - the room's state, and what may come in which. */
#include "room/room_internal.h"

#define STATE(state) (UINT32_C(1) << (state))

enum {
	UP = STATE(ROOM_CONNECTING) | STATE(ROOM_REFUSED) | STATE(ROOM_OFF),
	HERE = STATE(ROOM_JOINING) | STATE(ROOM_IN),
	LINKED = STATE(ROOM_ENTERING) | HERE
};

/* From which state to which. */
static const uint32_t moves[ROOM_STATE_COUNT] = {
	[ROOM_OFF] = STATE(ROOM_CONNECTING),
	[ROOM_CONNECTING] = UP | STATE(ROOM_ENTERING),
	[ROOM_ENTERING] = UP | HERE,
	[ROOM_JOINING] = UP | STATE(ROOM_IN),
	[ROOM_IN] = UP | STATE(ROOM_JOINING),
	[ROOM_REFUSED] = STATE(ROOM_CONNECTING) | STATE(ROOM_OFF),
};

static const uint32_t comes[ROOM_SIGNAL_COUNT] = {
	[ROOM_ANSWER] = LINKED,
	[ROOM_ANSWER_ERROR] = LINKED,
	[ROOM_JOINED] = HERE,
	[ROOM_LEFT] = HERE,
	[ROOM_PUBLISHED] = HERE,
	[ROOM_UNPUBLISHED] = HERE,
	[ROOM_COMMIT] = HERE,
	[ROOM_WELCOME] = STATE(ROOM_JOINING),
	[ROOM_MESSAGE] = HERE,
	[ROOM_TRANSPORT] = HERE,
	[ROOM_LOUDEST] = HERE,
	[ROOM_WANTED] = HERE,
	[ROOM_RESET] = LINKED,
	[ROOM_CLOSED] = LINKED,
};

static const char *const state_names[ROOM_STATE_COUNT] = {
	[ROOM_OFF] = "off",
	[ROOM_CONNECTING] = "connecting",
	[ROOM_ENTERING] = "connecting", /* nobody needs to know more */
	[ROOM_JOINING] = "joining",
	[ROOM_IN] = "in",
	[ROOM_REFUSED] = "refused",
};

static const char *const trouble_names[ROOM_TROUBLE_COUNT] = {
	[ROOM_UNREACHABLE] = "unreachable",
	[ROOM_UNTRUSTED] = "untrusted",
	[ROOM_VERSION] = "version",
	[ROOM_DENIED] = "denied",
	[ROOM_UNKNOWN_MEETING] = "unknown-meeting",
	[ROOM_FULL] = "full",
	[ROOM_WRONG_SECRET] = "wrong-secret",
	[ROOM_NOT_ADMITTED] = "not-admitted",
	[ROOM_EXPIRED] = "expired",
	[ROOM_FOREIGN] = "foreign",
	[ROOM_REVOKED] = "revoked",
	[ROOM_REMOVED] = "removed",
	[ROOM_INTERNAL] = "internal",
};

bool room_move(struct room *room, enum room_state to)
{
	if (!(moves[room->state] & STATE(to))) {
		room->dropped++;
		return false;
	}
	if (room->state != to)
		kk_log(room->config.log, KK_LOG_INFO, "state from=%s to=%s",
		    room_state_name(room->state), room_state_name(to));
	room->state = to;
	room_changed(room);
	return true;
}

bool room_may_come(const struct room *room, enum room_signal_type type)
{
	return comes[type] & STATE(room->state);
}

void room_trouble_set(struct room *room, enum room_trouble trouble)
{
	if (room->trouble == trouble)
		return;
	room->trouble = trouble;
	room_changed(room);
	if (trouble)
		kk_log(room->config.log, KK_LOG_WARNING, "trouble why=%s",
		    room_trouble_name(trouble));
}

void room_changed(struct room *room)
{
	room->version++;
}

const char *room_state_name(enum room_state state)
{
	return (size_t)state < ROOM_STATE_COUNT ? state_names[state] : "off";
}

const char *room_trouble_name(enum room_trouble trouble)
{
	return (size_t)trouble < ROOM_TROUBLE_COUNT ? trouble_names[trouble] :
						      NULL;
}
