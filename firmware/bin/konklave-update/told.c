/* told.c - how an update stands, for the room's picture. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC; libsystemd's macros ask for it */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "driver.h"

enum { PACE_US = 1000000, SLACK_US = 100000, WHOLE = 100 };

#define FILE_NAME "update"

/* What a server says, or does not, concerns who has asked for it by a command,
 * and is told there. */
static enum notice_kind reason_kind(enum update_reason why)
{
	static const enum notice_kind kinds[UPDATE_REASONS] = {
		[UPDATE_SAYS_MEETING] = NOTICE_UPDATE_MEETING,
		[UPDATE_SAYS_UNCONFIRMED] = NOTICE_UPDATE_UNCONFIRMED,
		[UPDATE_SAYS_SIGNATURE] = NOTICE_UPDATE_SIGNATURE,
		[UPDATE_SAYS_BOARD] = NOTICE_UPDATE_BOARD,
		[UPDATE_SAYS_OLDER] = NOTICE_UPDATE_OLDER,
		[UPDATE_SAYS_SAME] = NOTICE_UPDATE_SAME,
		[UPDATE_SAYS_FORMAT] = NOTICE_UPDATE_FORMAT,
		[UPDATE_SAYS_WRITE_FAILED] = NOTICE_UPDATE_NOT_WRITTEN,
		[UPDATE_SAYS_COMMIT_FAILED] = NOTICE_UPDATE_NOT_SET,
		[UPDATE_SAYS_CANCELLED] = NOTICE_UPDATE_CANCELLED,
		[UPDATE_SAYS_CAME_BACK] = NOTICE_UPDATE_CAME_BACK,
		[UPDATE_SAYS_UNREADABLE] = NOTICE_UPDATE_UNREADABLE,
		[UPDATE_SAYS_FAILED_BEFORE] = NOTICE_UPDATE_FAILED_BEFORE,
		[UPDATE_SAYS_DONE] = NOTICE_UPDATE_DONE,
	};

	return kinds[why];
}

static unsigned share_of(const struct download *n)
{
	return n->total > 0 && n->bytes <= n->total ?
	    (unsigned)(n->bytes * WHOLE / n->total) :
	    0;
}

/* What is loaded goes before what was said of another one. */
static struct notice idle_notice(const struct driver *d)
{
	struct notice n = { .kind = reason_kind(update_says(d->machine)) };

	if (d->download.state == UPDATE_FETCH_READY)
		n.kind = NOTICE_UPDATE_LOADED;
	if (d->download.state == UPDATE_FETCH_LOADING) {
		n.kind = NOTICE_UPDATE_LOADING;
		n.number = share_of(&d->download);
	}
	if (n.kind == NOTICE_UPDATE_BOARD)
		(void)snprintf(n.name, sizeof(n.name), "%s.raucb", d->board);
	return n;
}

static struct notice notice_of(const struct driver *d)
{
	static const enum notice_kind kinds[UPDATE_STATES] = {
		[UPDATE_TRYING] = NOTICE_UPDATE_TRYING,
		[UPDATE_SICK] = NOTICE_UPDATE_SICK,
		[UPDATE_RETURNING] = NOTICE_UPDATE_RETURNING,
		[UPDATE_CHECKING] = NOTICE_UPDATE_CHECKING,
		[UPDATE_WRITING] = NOTICE_UPDATE_WRITING,
		[UPDATE_COMMITTING] = NOTICE_UPDATE_WRITING,
		[UPDATE_WAITING] = NOTICE_UPDATE_WAITING,
		[UPDATE_RESTARTING] = NOTICE_UPDATE_RESTARTING,
	};
	const enum update_state state = update_state(d->machine);
	struct notice n = { .kind = kinds[state] };

	if (n.kind == NOTICE_NONE)
		return idle_notice(d);
	if (n.kind == NOTICE_UPDATE_WRITING)
		n.number = state == UPDATE_WRITING ?
		    update_percent(d->machine) :
		    WHOLE;
	if (n.kind == NOTICE_UPDATE_RESTARTING ||
	    n.kind == NOTICE_UPDATE_RETURNING)
		n.number = d->options.restart_seconds;
	return n;
}

/* The writing goes on without an event. */
static int pace_due(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct driver *d = arg;

	(void)source;
	(void)now_us;
	d->pace = sd_event_source_disable_unref(d->pace);
	told_update(d);
	return 0;
}

static void pace_keep(struct driver *d)
{
	if (update_state(d->machine) != UPDATE_WRITING)
		d->pace = sd_event_source_disable_unref(d->pace);
	else if (!d->pace &&
	    sd_event_add_time_relative(d->event, &d->pace, CLOCK_MONOTONIC,
		PACE_US, SLACK_US, pace_due, d) < 0)
		kk_log(&d->log, KK_LOG_WARNING, "the share is not told");
}

/* The time from which on it holds is that of its first telling. */
void told_update(struct driver *d)
{
	struct notice n;
	enum kk_err err;

	update_progress(d->machine, d->shared->percent);
	pace_keep(d);
	n = notice_of(d);
	if (d->is_told && notice_is_equal(&n, &d->told))
		return;
	err = program_notice_put(d->options.notices, FILE_NAME, &n);
	if (err && err != KK_ENOENT)
		kk_log(&d->log, KK_LOG_WARNING,
		    "the room's picture is not told err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	d->told = n;
	d->is_told = !err;
}

void told_again(struct driver *d)
{
	d->is_told = false;
}
