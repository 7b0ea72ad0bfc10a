/* daemon.c - starts, serves, ends. */
#define _GNU_SOURCE /* sigset_t, MAP_ANONYMOUS */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <systemd/sd-daemon.h>

#include "fetch.h"

static enum kk_err events_start(struct fetch *f)
{
	sigset_t ends;

	if (sd_event_new(&f->event) < 0 || sigemptyset(&ends) ||
	    sigaddset(&ends, SIGTERM) || sigaddset(&ends, SIGINT) ||
	    sigaddset(&ends, SIGCHLD) || sigprocmask(SIG_BLOCK, &ends, NULL) ||
	    sd_event_add_signal(f->event, NULL, SIGTERM, NULL, NULL) < 0 ||
	    sd_event_add_signal(f->event, NULL, SIGINT, NULL, NULL) < 0)
		return KK_EIO;
	return sd_event_set_watchdog(f->event, true) < 0 ? KK_EIO : KK_OK;
}

static enum kk_err start(struct fetch *f)
{
	enum kk_err err;

	f->shared = mmap(NULL, sizeof(*f->shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (f->shared == MAP_FAILED) {
		f->shared = NULL;
		return KK_ENOMEM;
	}
	err = events_start(f);
	return err ? err : serve_start(f);
}

/* A service that could not go its way says so at its start. */
static enum kk_err proxy_check(const struct fetch *f)
{
	struct net *net;
	const enum kk_err err = net_new(&net, &f->options);

	if (!err)
		net_free(net);
	else if (f->options.proxy)
		kk_log(&f->log, KK_LOG_ERROR,
		    "--proxy: the file is not a line of "
		    "http://[USER:PASSWORD@]HOST[:PORT], or others could "
		    "read it; make it mode 0600");
	return err;
}

static void stop(struct fetch *f)
{
	worker_kill(f);
	serve_stop(f);
	sd_event_unref(f->event);
	if (f->shared)
		(void)munmap(f->shared, sizeof(*f->shared));
}

int daemon_run(const struct fetch_options *o, const struct kk_log *log)
{
	struct fetch f = { .options = *o, .log = *log };
	enum kk_err err = program_sandbox_enter(0, log);
	int status = EXIT_FAILURE;

	if (!err)
		err = proxy_check(&f);
	if (!err)
		err = start(&f);
	if (err) {
		kk_log(log, KK_LOG_ERROR, "cannot start err=%s (%s)",
		    kk_err_name(err), kk_err_text(err));
		stop(&f);
		return status;
	}
	(void)sd_notify(0, "READY=1");
	kk_log(log, KK_LOG_INFO, "ready");
	if (sd_event_loop(f.event) >= 0)
		status = EXIT_SUCCESS;
	(void)sd_notify(0, "STOPPING=1");
	stop(&f);
	return status;
}
