/* worker.c - the loading, in a process of its own: it is ended when nobody
 * wants it any more. */
#define _GNU_SOURCE /* sigset_t, close_range(), WEXITED */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetch.h"

/* It ends with us, and holds nobody's connection open. */
_Noreturn static void child(struct fetch *f, pid_t parent)
{
	sigset_t none;

	if (setpgid(0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL) ||
	    getppid() != parent || close_range(STDERR_FILENO + 1, ~0U, 0) ||
	    sigemptyset(&none) || sigprocmask(SIG_SETMASK, &none, NULL))
		_exit(EXIT_FAILURE);
	f->shared->reason = load_run(&f->options, &f->ask, f->shared);
	_exit(EXIT_SUCCESS);
}

static int ended(sd_event_source *source, const siginfo_t *info, void *arg)
{
	struct fetch *f = arg;

	(void)source;
	if (info->si_code != CLD_EXITED || info->si_status != EXIT_SUCCESS)
		f->shared->reason = UPDATE_SAYS_NO_FETCHER;
	(void)kill(-f->worker, SIGKILL); /* what it has started */
	f->worker = 0;
	f->worker_end = sd_event_source_disable_unref(f->worker_end);
	serve_end(f);
	return 0;
}

enum kk_err worker_start(struct fetch *f)
{
	const pid_t parent = getpid();
	pid_t pid;

	*f->shared = (struct fetch_shared){ .reason = UPDATE_SAYS_NO_FETCHER };
	pid = fork();
	if (pid == 0)
		child(f, parent);
	if (pid < 0)
		return KK_EIO;
	(void)setpgid(pid, pid); /* whichever of us is first */
	f->worker = pid;
	if (sd_event_add_child(f->event, &f->worker_end, pid, WEXITED, ended,
		f) >= 0)
		return KK_OK;
	worker_kill(f);
	return KK_EIO;
}

void worker_kill(struct fetch *f)
{
	if (f->worker == 0)
		return;
	f->worker_end = sd_event_source_disable_unref(f->worker_end);
	(void)kill(-f->worker, SIGKILL);
	(void)kill(f->worker, SIGKILL);
	while (waitpid(f->worker, NULL, 0) < 0 && errno == EINTR)
		;
	f->worker = 0;
}
