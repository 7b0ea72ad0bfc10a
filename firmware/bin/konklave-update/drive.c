/* drive.c - what happens becomes events, and the machine's actions are done. */
#define _GNU_SOURCE /* CLOCK_MONOTONIC */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

enum { US_PER_MS = 1000, MS_PER_S = 1000, SLACK_US = 100000 };

static uint64_t now_ms(const struct driver *d)
{
	uint64_t us = 0;

	(void)sd_event_now(d->event, CLOCK_MONOTONIC, &us);
	return us / US_PER_MS;
}

static enum kk_err boot_run(const struct driver *d, const char *one,
    enum boot_slot slot, const char *two)
{
	const char *const argv[] = { d->options.boot, one, boot_slot_name(slot),
		two, NULL };

	return program_run(argv, NULL, 0);
}

/* --- the actions -----------------------------------------------------------
 */

/* It may have been confirmed without us. */
static int health_due(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct driver *d = arg;

	(void)source;
	(void)now_us;
	driver_look(d);
	if (!d->facts.is_confirmed)
		(void)driver_event(d, UPDATE_UNWELL);
	return 0;
}

static void health_begin(struct driver *d)
{
	d->health = sd_event_source_disable_unref(d->health);
	if (sd_event_add_time_relative(d->event, &d->health, CLOCK_MONOTONIC,
		(uint64_t)d->options.health_seconds * MS_PER_S * US_PER_MS,
		SLACK_US, health_due, d) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "no end for the health checks");
}

static enum update_event confirm(struct driver *d)
{
	d->health = sd_event_source_disable_unref(d->health);
	if (boot_run(d, "set-state", d->facts.running, "good"))
		return UPDATE_NOT_CONFIRMED;
	tried_remove(d->folder);
	d->facts.is_confirmed = true;
	d->facts.is_try = false;
	d->facts.next = d->facts.running;
	if (d->facts.version > d->facts.floor)
		d->facts.floor = d->facts.version;
	return UPDATE_CONFIRMED;
}

/* What is tried stands on the disk before it can be tried. */
static enum update_event commit(struct driver *d)
{
	struct tried t = { .slot = boot_slot_other(d->facts.running),
		.version = d->offered };

	_Static_assert(sizeof(t.boot_id) == sizeof(d->facts.boot_id), "alike");
	for (size_t i = 0; i < sizeof(t.boot_id); i++)
		t.boot_id[i] = d->facts.boot_id[i];
	bundle_drop(&d->options);
	if (tried_write(d->folder, &t))
		return UPDATE_COMMIT_FAILED;
	if (boot_run(d, "set-primary", t.slot, NULL)) {
		tried_remove(d->folder);
		return UPDATE_COMMIT_FAILED;
	}
	d->facts.next = t.slot;
	return UPDATE_COMMITTED;
}

static int restart_due(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct driver *d = arg;
	const char *const argv[] = { d->options.reboot, "reboot", NULL };

	(void)source;
	(void)now_us;
	kk_log(&d->log, KK_LOG_INFO, "restarts");
	if (program_run(argv, NULL, 0))
		kk_log(&d->log, KK_LOG_ERROR, "it does not restart");
	return 0;
}

static void restart_begin(struct driver *d)
{
	d->restart = sd_event_source_disable_unref(d->restart);
	if (sd_event_add_time_relative(d->event, &d->restart, CLOCK_MONOTONIC,
		(uint64_t)d->options.restart_seconds * MS_PER_S * US_PER_MS,
		SLACK_US, restart_due, d) < 0)
		kk_log(&d->log, KK_LOG_ERROR, "it cannot restart");
}

static void take_back(struct driver *d)
{
	if (boot_run(d, "set-primary", d->facts.running, NULL)) {
		kk_log(&d->log, KK_LOG_ERROR,
		    "the update was not taken back, and may be tried");
		return;
	}
	d->facts.next = d->facts.running;
	tried_remove(d->folder);
}

static void act(struct driver *d, enum update_action action)
{
	switch (action) {
	case UPDATE_DO_HEALTH:
		health_begin(d);
		break;
	case UPDATE_DO_CONFIRM:
		(void)driver_event(d, confirm(d));
		break;
	case UPDATE_DO_CHECK:
		if (worker_start(d, action))
			(void)driver_refuse(d, UPDATE_SAYS_WRITE_FAILED);
		break;
	case UPDATE_DO_WRITE:
		if (worker_start(d, action))
			(void)driver_event(d, UPDATE_WRITE_FAILED);
		break;
	case UPDATE_DO_COMMIT:
		(void)driver_event(d, commit(d));
		break;
	case UPDATE_DO_RESTART:
		restart_begin(d);
		break;
	case UPDATE_DO_HOLD:
		d->restart = sd_event_source_disable_unref(d->restart);
		break;
	case UPDATE_DO_TAKE_BACK:
		take_back(d);
		break;
	case UPDATE_DO_DROP:
		worker_kill(d);
		bundle_drop(&d->options);
		driver_source_set(d, "", -1);
		break;
	}
}

/* --- the events ------------------------------------------------------------
 */

void driver_pump(struct driver *d)
{
	enum update_action action;

	while (update_action_take(d->machine, &action))
		act(d, action);
	download_try(d);
	told_update(d); /* who is answered may look at it */
	serve_answer(d);
}

bool driver_may_begin(const struct driver *d)
{
	return update_state(d->machine) == UPDATE_IDLE &&
	    !update_is_in_meeting(d->machine) && d->worker == 0;
}

void driver_source_set(struct driver *d, const char *path, int fd)
{
	const size_t bytes = strlen(path) + 1;

	if (d->bundle >= 0)
		(void)close(d->bundle);
	d->bundle = fd;
	if (bytes <= sizeof(d->path))
		memcpy(d->path, path, bytes);
}

static void told(struct driver *d, const char *event, enum update_state before)
{
	const enum update_state after = update_state(d->machine);

	if (before != after)
		kk_log(&d->log, KK_LOG_INFO, "%s event=%s says=%s",
		    update_state_name(after), event,
		    update_reason_name(update_says(d->machine)));
	driver_pump(d);
}

bool driver_event(struct driver *d, enum update_event event)
{
	const enum update_state before = update_state(d->machine);
	const bool is_taken = update_event(d->machine, event, now_ms(d));

	told(d, update_event_name(event), before);
	return is_taken;
}

bool driver_refuse(struct driver *d, enum update_reason why)
{
	const enum update_state before = update_state(d->machine);
	const bool is_taken = update_refuse(d->machine, why, now_ms(d));

	told(d, update_event_name(UPDATE_REFUSED), before);
	return is_taken;
}

/* --- how this boot came ----------------------------------------------------
 */

/* Installed in this very boot, by the program that ran before us. */
static bool still_waits(const struct driver *d, const struct tried *t)
{
	return d->facts.is_confirmed && d->facts.next == t->slot &&
	    t->slot == boot_slot_other(d->facts.running);
}

static enum update_event boot_event(struct driver *d)
{
	struct tried t;
	const enum kk_err err = tried_read(d->folder, &t);

	if (d->facts.is_try)
		return UPDATE_BOOTED_TRY;
	if (err == KK_ENOENT)
		return UPDATE_BOOTED;
	if (!err && strcmp(t.boot_id, d->facts.boot_id) != 0) {
		if (t.slot == d->facts.running)
			return UPDATE_BOOTED;
		if (failed_write(d->folder, t.version))
			kk_log(&d->log, KK_LOG_WARNING,
			    "it is not kept that this version has failed");
		return UPDATE_BOOTED_BACK;
	}
	if (!err && still_waits(d, &t)) {
		d->offered = t.version;
		return UPDATE_INSTALLED;
	}
	tried_remove(d->folder);
	return UPDATE_BOOTED;
}

enum kk_err driver_begin(struct driver *d)
{
	enum kk_err err = facts_board_read(&d->options, d->board);

	bundle_drop(&d->options);
	if (!err)
		err = facts_read(&d->options, &d->facts);
	if (err)
		return err;
	d->has_facts = true;
	(void)driver_event(d, boot_event(d));
	d->failed = failed_read(d->folder);
	/* We were started again. */
	if (d->facts.is_confirmed &&
	    update_state(d->machine) != UPDATE_WAITING &&
	    update_state(d->machine) != UPDATE_RESTARTING)
		(void)driver_event(d, UPDATE_HEALTHY);
	return KK_OK;
}

void driver_look(struct driver *d)
{
	const enum update_state state = update_state(d->machine);
	struct facts f;

	if (state != UPDATE_UNCONFIRMED && state != UPDATE_TRYING &&
	    state != UPDATE_SICK)
		return;
	if (facts_read(&d->options, &f) || !f.is_confirmed)
		return;
	d->facts = f;
	(void)driver_event(d, UPDATE_HEALTHY);
}
