/* worker.c - what takes long, in a process of its own: it is ended, with all
 * that it has started, when it is not wanted any more. */
#define _GNU_SOURCE /* sigset_t, kill(), WEXITED */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "driver.h"

static enum update_reason work_do(struct driver *d, enum update_action work)
{
	const struct bundle_source from = { d->path, d->bundle };
	enum kk_err err;

	if (work == UPDATE_DO_CHECK)
		return bundle_check(&d->options, &from, d->board, &d->facts,
		    &d->shared->version);
	err = slot_write(&d->options, &d->facts, d->shared);
	if (err)
		kk_log(&d->log, KK_LOG_ERROR,
		    "the slot was not written err=%s (%s)", kk_err_name(err),
		    kk_err_text(err));
	return err ? UPDATE_SAYS_WRITE_FAILED : UPDATE_SAYS_NOTHING;
}

/* It ends with us. */
_Noreturn static void child(struct driver *d, enum update_action work,
    pid_t parent)
{
	sigset_t none;

	if (setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    getppid() != parent || sigemptyset(&none) ||
	    sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(EXIT_FAILURE);
	d->shared->reason = work_do(d, work);
	_exit(EXIT_SUCCESS);
}

static void check_ended(struct driver *d, enum update_reason why)
{
	d->offered = d->shared->version;
	driver_source_set(d, "", -1);
	if (why == UPDATE_SAYS_NOTHING && d->is_automatic &&
	    d->offered == d->failed)
		why = UPDATE_SAYS_FAILED_BEFORE;
	download_checked(d, why);
	if (why == UPDATE_SAYS_NOTHING)
		(void)driver_event(d, UPDATE_ACCEPTED);
	else
		(void)driver_refuse(d, why);
}

static int ended(sd_event_source *source, const siginfo_t *info, void *arg)
{
	struct driver *d = arg;
	const bool is_whole = info->si_code == CLD_EXITED &&
	    info->si_status == EXIT_SUCCESS;
	const enum update_reason why = is_whole ? d->shared->reason :
						  UPDATE_SAYS_WRITE_FAILED;

	(void)source;
	/* Of what it has started nothing is left behind. */
	(void)kill(-d->worker, SIGKILL);
	d->worker = 0;
	d->worker_end = sd_event_source_disable_unref(d->worker_end);
	if (d->work == UPDATE_DO_CHECK)
		check_ended(d, why);
	else
		(void)driver_event(d,
		    why == UPDATE_SAYS_NOTHING ? UPDATE_WRITTEN :
						 UPDATE_WRITE_FAILED);
	return 0;
}

enum kk_err worker_start(struct driver *d, enum update_action work)
{
	const pid_t parent = getpid();
	pid_t pid;

	*d->shared = (struct shared){ .reason = UPDATE_SAYS_WRITE_FAILED };
	pid = fork();
	if (pid == 0)
		child(d, work, parent);
	if (pid < 0)
		return KK_EIO;
	(void)setpgid(pid, pid); /* whichever of us is first */
	d->worker = pid;
	d->work = work;
	if (sd_event_add_child(d->event, &d->worker_end, pid, WEXITED, ended,
		d) >= 0)
		return KK_OK;
	worker_kill(d);
	return KK_EIO;
}

void worker_kill(struct driver *d)
{
	if (d->worker == 0)
		return;
	d->worker_end = sd_event_source_disable_unref(d->worker_end);
	(void)kill(-d->worker, SIGKILL);
	(void)kill(d->worker, SIGKILL);
	while (waitpid(d->worker, NULL, 0) < 0 && errno == EINTR)
		;
	d->worker = 0;
}
