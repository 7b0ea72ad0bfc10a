/* sandbox.c - what the process gives up before it listens.
 *
 * System calls are filtered by the service manager (rootfs/units/sfud.service):
 * the list stands there once for all programs. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sfud.h"

/* A socket for each connection, and no more than they may be. */
static void files_raise(const struct kk_log *log)
{
	struct rlimit limit = { 0 };

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < SFUD_FILES_MAX ? limit.rlim_max :
							   SFUD_FILES_MAX;
	if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < SFUD_FILES_MAX)
		kk_log(log, KK_LOG_WARNING,
		    "fewer connections than %d: RLIMIT_NOFILE is low",
		    SFUD_CONNECTIONS_MAX);
}

enum kk_err sfud_sandbox_enter(const struct kk_log *log)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	/* At debug level libsystemd would log what it reads. */
	if (unsetenv("SYSTEMD_LOG_LEVEL") || setrlimit(RLIMIT_CORE, &none) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return KK_EIO;
	files_raise(log);
	return KK_OK;
}
