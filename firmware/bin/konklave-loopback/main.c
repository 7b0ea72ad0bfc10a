/* main.c - konklave-loopback: begins a call, looks at it until it is held or
 * its time is over, and ends it. */
#define _GNU_SOURCE /* clock_gettime(), sigset_t */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "crypto/crypto.h"
#include "pipelines/loopback/tune.h"
#include "program/program.h"
#include "srtp/srtp.h"
#include "trial.h"

enum {
	US_PER_S = 1000000,
	NS_PER_US = 1000,
	LOOK_US = 100000,
	BARRIER_US = 5 * US_PER_S
};

uint64_t trial_now_us(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * US_PER_S +
	    (uint64_t)now.tv_nsec / NS_PER_US;
}

void trial_mark(struct trial *t, enum trial_mark mark)
{
	if (!t->marks_us[mark])
		t->marks_us[mark] = trial_now_us() - t->begun_us;
}

void trial_fail(struct trial *t, enum loopback_part part, const char *why)
{
	if (t->verdict.part != LOOPBACK_NOTHING)
		return;
	t->verdict.part = part;
	(void)snprintf(t->why, sizeof(t->why), "%s", why);
	(void)sd_event_exit(t->event, 0);
}

/* --- the look ------------------------------------------------------------- */

static bool both(const struct trial *t,
    bool (*is_so)(const struct loopback_seen *seen))
{
	return is_so(&t->ends[0].seen) && is_so(&t->ends[1].seen);
}

static bool has_opened(const struct loopback_seen *seen)
{
	return seen->opened > 0;
}

static bool has_heard(const struct loopback_seen *seen)
{
	return seen->sound_percent >= TUNE_HEARD_PERCENT;
}

static bool has_seen(const struct loopback_seen *seen)
{
	return seen->pictures >= LOOPBACK_PICTURES;
}

static void marks_set(struct trial *t)
{
	if (atomic_load(&t->ends[0].state) == LINK_CONNECTED &&
	    atomic_load(&t->ends[1].state) == LINK_CONNECTED)
		trial_mark(t, TRIAL_CONNECTED);
	if (both(t, has_opened))
		trial_mark(t, TRIAL_OPENED);
	if (both(t, has_heard))
		trial_mark(t, TRIAL_HEARD);
	if (both(t, has_seen))
		trial_mark(t, TRIAL_SEEN);
}

/* What is missing yet, of all. */
static struct loopback_verdict missing(const struct trial *t)
{
	struct loopback_verdict v = { LOOPBACK_NOTHING, "" };

	if (!t->port)
		return (struct loopback_verdict){ LOOPBACK_FORWARDER,
			"it does not say that it serves" };
	if (!t->is_connecting)
		return (struct loopback_verdict){ LOOPBACK_PICTURE,
			"the camera gives none" };
	if (!trial_ends_are_in(t))
		return (struct loopback_verdict){ LOOPBACK_MEETING,
			"the forwarder does not answer" };
	if (!t->marks_us[TRIAL_CONNECTED])
		return (struct loopback_verdict){ LOOPBACK_WAY,
			"there is no transport" };
	for (int i = 0; v.part == LOOPBACK_NOTHING && i < TRIAL_ENDS; i++)
		v = loopback_missing(&t->ends[i].seen);
	return v;
}

static void keys_give(struct trial *t)
{
	enum kk_err err;

	if (t->has_keys)
		return;
	t->has_keys = true;
	err = trial_keys_set(t);
	kk_wipe(&t->group, sizeof(t->group));
	if (err)
		trial_fail(t, LOOPBACK_GROUP, kk_err_text(err));
}

static void call_look(struct trial *t)
{
	struct loopback_verdict v;

	if (!trial_ends_are_in(t))
		return;
	keys_give(t);
	for (int i = 0; i < TRIAL_ENDS; i++) {
		struct trial_end *e = &t->ends[i];

		e->seen = loopback_look(e->loopback);
		v = loopback_broken(&e->seen);
		if (v.part != LOOPBACK_NOTHING)
			trial_fail(t, v.part, v.why);
		if (atomic_load(&e->state) == LINK_LOST)
			trial_fail(t, LOOPBACK_WAY, "there is no transport");
	}
	marks_set(t);
}

static void begin(struct trial *t)
{
	enum kk_err err;

	if (!t->is_prepared || t->is_connecting ||
	    !loopback_gives(t->ends[0].loopback))
		return;
	t->is_connecting = true;
	err = trial_ends_connect(t);
	if (err)
		trial_fail(t, LOOPBACK_MEETING, kk_err_text(err));
}

static int look(sd_event_source *source, uint64_t now_us, void *arg)
{
	struct trial *t = arg;
	struct loopback_verdict v;

	(void)now_us;
	begin(t);
	call_look(t);
	v = missing(t);
	if (v.part == LOOPBACK_NOTHING)
		(void)sd_event_exit(t->event, 0);
	else if (trial_now_us() - t->begun_us >=
	    (uint64_t)t->options.limit_s * US_PER_S)
		trial_fail(t, v.part, v.why);
	if (sd_event_source_set_time_relative(source, LOOK_US) < 0)
		return -1;
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* What takes long on a slow machine is done before a connection has to be kept
 * alive. */
void trial_begun(struct trial *t)
{
	enum kk_err err = trial_group_make(&t->group);

	if (err) {
		trial_fail(t, LOOPBACK_GROUP, kk_err_text(err));
		return;
	}
	trial_mark(t, TRIAL_GROUPED);
	for (int i = 0; !err && i < TRIAL_ENDS; i++)
		err = trial_media_prepare(&t->ends[i]);
	for (int i = 0; !err && i < TRIAL_ENDS; i++)
		err = trial_media_expect(&t->ends[i]);
	t->is_prepared = !err;
	if (err)
		trial_fail(t, LOOPBACK_MEETING, kk_err_text(err));
}

/* --- begin and end -------------------------------------------------------- */

static enum kk_err loop_make(struct trial *t)
{
	sigset_t blocked;

	if (sigemptyset(&blocked) || sigaddset(&blocked, SIGCHLD) ||
	    sigaddset(&blocked, SIGTERM) || sigaddset(&blocked, SIGINT) ||
	    pthread_sigmask(SIG_BLOCK, &blocked, NULL) ||
	    sd_event_new(&t->event) < 0 ||
	    sd_event_add_signal(t->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(t->event, NULL, SIGINT, NULL, NULL) < 0 ||
	    sd_event_add_time_relative(t->event, NULL, CLOCK_MONOTONIC, 0,
		LOOK_US / 10, look, t) < 0)
		return KK_EIO;
	return KK_OK;
}

static enum kk_err start(struct trial *t)
{
	enum kk_err err = program_sandbox_enter(PROGRAM_HOLDS_SECRETS, &t->log);

	if (!err)
		err = crypto_init();
	if (!err)
		err = srtp_library_init();
	if (!err)
		err = loop_make(t);
	if (!err)
		err = ws_new(&t->ws, t->event, &t->log);
	if (!err)
		err = trial_ends_init(t);
	return err ? err : trial_forwarder_start(t);
}

static void stop(struct trial *t)
{
	trial_ends_free(t);
	ws_free(t->ws);
	trial_forwarder_stop(t);
	sd_event_unref(t->event);
}

/* For konklave-health(8), which asks the service manager. */
static void status_tell(const struct trial *t)
{
	if (t->verdict.part == LOOPBACK_NOTHING)
		(void)sd_notify(0, "STATUS=held");
	else
		(void)sd_notifyf(0, "STATUS=%s: %s",
		    loopback_part_name(t->verdict.part), t->why);
	(void)sd_notify_barrier(0, BARRIER_US);
}

static int run(struct trial *t)
{
	enum kk_err err = start(t);

	if (err) {
		kk_log(&t->log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		stop(t);
		return EXIT_FAILURE;
	}
	if (sd_event_loop(t->event) < 0)
		trial_fail(t, LOOPBACK_FORWARDER, "the loop has failed");
	/* Also by a signal. */
	if (t->verdict.part == LOOPBACK_NOTHING &&
	    missing(t).part != LOOPBACK_NOTHING)
		trial_fail(t, missing(t).part, "it was ended before");
	status_tell(t);
	err = trial_tell(t);
	stop(t);
	return err || fflush(stdout) || t->verdict.part != LOOPBACK_NOTHING ?
	    EXIT_FAILURE :
	    EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct trial *t = kk_calloc(1, sizeof(*t));
	int status = 2;

	if (!t)
		return EXIT_FAILURE;
	t->log = (struct kk_log){ .fn = program_log_write,
		.module = "loopback",
		.level = KK_LOG_INFO };
	t->folder_fd = t->ready_fd = -1;
	t->begun_us = trial_now_us();
	if (!trial_options_parse(&t->options, argc, argv))
		status = t->options.is_done ? EXIT_SUCCESS : run(t);
	kk_free_wiped(t, sizeof(*t));
	return status;
}
