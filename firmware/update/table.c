/* table.c - every state and event. */
#include "update/update.h"

enum { NONE = 0 };

#define CELL(state, actions, says) \
	{ true, UPDATE_##state, (actions), UPDATE_SAYS_##says }

/* What is refused in one way, whatever the state. */
#define REFUSE(state, says)                       \
	[UPDATE_ASKED] = CELL(state, NONE, says), \
	[UPDATE_ASKED_BUSY] = CELL(state, NONE, says)

static const struct update_cell cells[UPDATE_STATES][UPDATE_EVENTS] = {
	[UPDATE_STARTING] = {
		[UPDATE_BOOTED] = CELL(UNCONFIRMED, UPDATE_DO_HEALTH, NOTHING),
		[UPDATE_BOOTED_BACK] =
		    CELL(UNCONFIRMED, UPDATE_DO_HEALTH, CAME_BACK),
		[UPDATE_BOOTED_TRY] = CELL(TRYING, UPDATE_DO_HEALTH, NOTHING),
		/* It was confirmed, and an update stands there, in this very
		 * boot: only the program was started again. */
		[UPDATE_INSTALLED] =
		    CELL(RESTARTING, UPDATE_DO_RESTART, NOTHING),
		[UPDATE_INSTALLED_BUSY] = CELL(WAITING, NONE, READY),
		REFUSE(STARTING, UNCONFIRMED),
	},
	[UPDATE_UNCONFIRMED] = {
		[UPDATE_HEALTHY] = CELL(CONFIRMING, UPDATE_DO_CONFIRM, NOTHING),
		/* Nothing better stands in the other slot: it goes on, and is
		 * not confirmed.  The boot record counts that. */
		[UPDATE_UNWELL] = CELL(UNCONFIRMED, NONE, UNWELL),
		[UPDATE_UNWELL_BUSY] = CELL(UNCONFIRMED, NONE, UNWELL),
		REFUSE(UNCONFIRMED, UNCONFIRMED),
	},
	[UPDATE_TRYING] = {
		[UPDATE_HEALTHY] = CELL(CONFIRMING, UPDATE_DO_CONFIRM, DONE),
		[UPDATE_UNWELL] = CELL(RETURNING, UPDATE_DO_RESTART, UNWELL),
		[UPDATE_UNWELL_BUSY] = CELL(SICK, NONE, UNWELL),
		REFUSE(TRYING, UNCONFIRMED),
	},
	[UPDATE_CONFIRMING] = {
		[UPDATE_CONFIRMED] = CELL(IDLE, NONE, NOTHING),
		[UPDATE_NOT_CONFIRMED] = CELL(UNCONFIRMED, NONE, NOT_CONFIRMED),
		REFUSE(CONFIRMING, UNCONFIRMED),
	},
	[UPDATE_SICK] = {
		[UPDATE_HEALTHY] = CELL(CONFIRMING, UPDATE_DO_CONFIRM, DONE),
		[UPDATE_FREE] = CELL(RETURNING, UPDATE_DO_RESTART, UNWELL),
		REFUSE(SICK, UNCONFIRMED),
	},
	[UPDATE_RETURNING] = {
		[UPDATE_MEETING] = CELL(SICK, UPDATE_DO_HOLD, UNWELL),
		REFUSE(RETURNING, UNCONFIRMED),
	},
	[UPDATE_IDLE] = {
		[UPDATE_ASKED] = CELL(CHECKING, UPDATE_DO_CHECK, NOTHING),
		[UPDATE_ASKED_BUSY] = CELL(IDLE, NONE, MEETING),
	},
	[UPDATE_CHECKING] = {
		[UPDATE_ACCEPTED] = CELL(WRITING, UPDATE_DO_WRITE, NOTHING),
		/* It was looked at, that is all: an update begins with its
		 * first write. */
		[UPDATE_ACCEPTED_BUSY] = CELL(IDLE, UPDATE_DO_DROP, MEETING),
		[UPDATE_REFUSED] = CELL(IDLE, UPDATE_DO_DROP, NOTHING),
		[UPDATE_CANCELLED] = CELL(IDLE, UPDATE_DO_DROP, CANCELLED),
		REFUSE(CHECKING, UNDER_WAY),
	},
	[UPDATE_WRITING] = {
		[UPDATE_WRITTEN] = CELL(COMMITTING, UPDATE_DO_COMMIT, NOTHING),
		[UPDATE_WRITE_FAILED] =
		    CELL(IDLE, UPDATE_DO_DROP, WRITE_FAILED),
		[UPDATE_CANCELLED] = CELL(IDLE, UPDATE_DO_DROP, CANCELLED),
		REFUSE(WRITING, UNDER_WAY),
	},
	[UPDATE_COMMITTING] = {
		[UPDATE_COMMITTED] =
		    CELL(RESTARTING, UPDATE_DO_RESTART, NOTHING),
		[UPDATE_COMMITTED_BUSY] = CELL(WAITING, NONE, READY),
		[UPDATE_COMMIT_FAILED] =
		    CELL(IDLE, UPDATE_DO_DROP, COMMIT_FAILED),
		REFUSE(COMMITTING, UNDER_WAY),
	},
	[UPDATE_WAITING] = {
		[UPDATE_FREE] = CELL(RESTARTING, UPDATE_DO_RESTART, NOTHING),
		[UPDATE_CANCELLED] = CELL(IDLE,
		    UPDATE_DO_TAKE_BACK | UPDATE_DO_DROP, CANCELLED),
		REFUSE(WAITING, READY),
	},
	[UPDATE_RESTARTING] = {
		[UPDATE_MEETING] = CELL(WAITING, UPDATE_DO_HOLD, READY),
		REFUSE(RESTARTING, UNDER_WAY),
	},
};

struct update_cell update_table(enum update_state state,
    enum update_event event)
{
	struct update_cell cell = cells[state][event];

	if (!cell.is_listed)
		cell.next = state;
	return cell;
}

enum update_event update_event_busy(enum update_event event)
{
	switch (event) {
	case UPDATE_INSTALLED:
		return UPDATE_INSTALLED_BUSY;
	case UPDATE_UNWELL:
		return UPDATE_UNWELL_BUSY;
	case UPDATE_ASKED:
		return UPDATE_ASKED_BUSY;
	case UPDATE_ACCEPTED:
		return UPDATE_ACCEPTED_BUSY;
	case UPDATE_COMMITTED:
		return UPDATE_COMMITTED_BUSY;
	default:
		return event;
	}
}

const char *update_state_name(enum update_state state)
{
	static const char *const names[UPDATE_STATES] = {
		[UPDATE_STARTING] = "starting",
		[UPDATE_UNCONFIRMED] = "unconfirmed",
		[UPDATE_TRYING] = "trying",
		[UPDATE_CONFIRMING] = "confirming",
		[UPDATE_SICK] = "sick",
		[UPDATE_RETURNING] = "returning",
		[UPDATE_IDLE] = "idle",
		[UPDATE_CHECKING] = "checking",
		[UPDATE_WRITING] = "writing",
		[UPDATE_COMMITTING] = "committing",
		[UPDATE_WAITING] = "waiting",
		[UPDATE_RESTARTING] = "restarting",
	};

	return names[state];
}

const char *update_event_name(enum update_event event)
{
	static const char *const names[UPDATE_EVENTS] = {
		[UPDATE_BOOTED] = "booted",
		[UPDATE_BOOTED_BACK] = "booted_back",
		[UPDATE_BOOTED_TRY] = "booted_try",
		[UPDATE_INSTALLED] = "installed",
		[UPDATE_INSTALLED_BUSY] = "installed_busy",
		[UPDATE_HEALTHY] = "healthy",
		[UPDATE_UNWELL] = "unwell",
		[UPDATE_UNWELL_BUSY] = "unwell_busy",
		[UPDATE_CONFIRMED] = "confirmed",
		[UPDATE_NOT_CONFIRMED] = "not_confirmed",
		[UPDATE_ASKED] = "asked",
		[UPDATE_ASKED_BUSY] = "asked_busy",
		[UPDATE_ACCEPTED] = "accepted",
		[UPDATE_ACCEPTED_BUSY] = "accepted_busy",
		[UPDATE_REFUSED] = "refused",
		[UPDATE_WRITTEN] = "written",
		[UPDATE_WRITE_FAILED] = "write_failed",
		[UPDATE_COMMITTED] = "committed",
		[UPDATE_COMMITTED_BUSY] = "committed_busy",
		[UPDATE_COMMIT_FAILED] = "commit_failed",
		[UPDATE_CANCELLED] = "cancelled",
		[UPDATE_MEETING] = "meeting",
		[UPDATE_FREE] = "free",
	};

	return names[event];
}

const char *update_reason_name(enum update_reason reason)
{
	static const char *const names[UPDATE_REASONS] = {
		[UPDATE_SAYS_NOTHING] = "nothing",
		[UPDATE_SAYS_MEETING] = "meeting",
		[UPDATE_SAYS_UNCONFIRMED] = "unconfirmed",
		[UPDATE_SAYS_UNDER_WAY] = "under_way",
		[UPDATE_SAYS_READY] = "ready",
		[UPDATE_SAYS_SIGNATURE] = "signature",
		[UPDATE_SAYS_BOARD] = "board",
		[UPDATE_SAYS_OLDER] = "older",
		[UPDATE_SAYS_SAME] = "same",
		[UPDATE_SAYS_FORMAT] = "format",
		[UPDATE_SAYS_WRITE_FAILED] = "write_failed",
		[UPDATE_SAYS_COMMIT_FAILED] = "commit_failed",
		[UPDATE_SAYS_CANCELLED] = "cancelled",
		[UPDATE_SAYS_UNWELL] = "unwell",
		[UPDATE_SAYS_CAME_BACK] = "came_back",
		[UPDATE_SAYS_NOT_CONFIRMED] = "not_confirmed",
		[UPDATE_SAYS_NO_SOURCE] = "no_source",
		[UPDATE_SAYS_NO_FETCHER] = "no_fetcher",
		[UPDATE_SAYS_UNREACHABLE] = "unreachable",
		[UPDATE_SAYS_CERTIFICATE] = "certificate",
		[UPDATE_SAYS_SERVER] = "server",
		[UPDATE_SAYS_NOT_OFFERED] = "not_offered",
		[UPDATE_SAYS_NO_ROOM] = "no_room",
		[UPDATE_SAYS_UNREADABLE] = "unreadable",
		[UPDATE_SAYS_FAILED_BEFORE] = "failed_before",
		[UPDATE_SAYS_DONE] = "done",
	};

	return names[reason];
}

const char *update_fetch_name(enum update_fetch fetch)
{
	static const char *const names[UPDATE_FETCHES] = {
		[UPDATE_FETCH_NONE] = "none",
		[UPDATE_FETCH_LOOKING] = "looking",
		[UPDATE_FETCH_LOADING] = "loading",
		[UPDATE_FETCH_READY] = "ready",
	};

	return names[fetch];
}
