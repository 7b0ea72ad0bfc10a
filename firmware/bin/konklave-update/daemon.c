/* daemon.c - konklave-update serve: starts, serves, ends. */
#define _GNU_SOURCE /* sigset_t, MAP_ANONYMOUS, O_DIRECTORY */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "driver.h"

static enum kk_err events_start(struct driver *d)
{
	sigset_t ends;

	if (sd_event_new(&d->event) < 0 || sigemptyset(&ends) ||
	    sigaddset(&ends, SIGTERM) || sigaddset(&ends, SIGINT) ||
	    sigaddset(&ends, SIGCHLD) || sigprocmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(d->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(d->event, NULL, SIGINT, NULL, NULL) < 0)
		return KK_EIO;
	return sd_event_set_watchdog(d->event, true) < 0 ? KK_EIO : KK_OK;
}

static enum kk_err start(struct driver *d)
{
	enum kk_err err = KK_OK;

	d->shared = mmap(NULL, sizeof(*d->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (d->shared == MAP_FAILED) {
		d->shared = NULL;
		return KK_ENOMEM;
	}
	d->folder = open(d->options.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->folder < 0)
		err = KK_EIO;
	if (!err)
		err = events_start(d);
	if (!err)
		err = update_new(&d->machine);
	if (!err)
		err = meeting_watch(d);
	return err ? err : serve_start(d);
}

static void stop(struct driver *d)
{
	worker_kill(d);
	(void)download_end(d, UPDATE_SAYS_NOTHING);
	driver_source_set(d, "", -1);
	serve_stop(d);
	meeting_forget(d);
	sd_event_source_disable_unref(d->health);
	sd_event_source_disable_unref(d->restart);
	sd_event_source_disable_unref(d->pace);
	update_free(d->machine);
	sd_event_unref(d->event);
	if (d->shared)
		(void)munmap(d->shared, sizeof(*d->shared));
	if (d->folder >= 0)
		(void)close(d->folder);
}

int daemon_run(const struct driver_options *o, const struct kk_log *log)
{
	struct driver d = { .options = *o,
		.log = *log,
		.folder = -1,
		.bundle = -1 };
	enum kk_err err = program_sandbox_enter(0, log);
	int status = EXIT_FAILURE;

	if (!err)
		err = start(&d);
	if (err) {
		kk_log(log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		stop(&d);
		return status;
	}
	/* A box whose firmware tells nothing takes no updates; the rest of it
	 * works. */
	err = driver_begin(&d);
	if (err)
		kk_log(log, KK_LOG_ERROR,
		    "it is not known how this boot came err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
	told_update(&d);
	(void)sd_notify(0, "READY=1");
	kk_log(log, KK_LOG_INFO, "ready");
	if (sd_event_loop(d.event) >= 0)
		status = EXIT_SUCCESS;
	(void)sd_notify(0, "STOPPING=1");
	stop(&d);
	return status;
}
