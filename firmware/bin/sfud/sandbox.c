/* sandbox.c - what the process gives up and needs before it listens. */
#include <sys/resource.h>

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
	/* It holds no secret of a meeting. */
	enum kk_err err = program_sandbox_enter(0, log);

	if (!err)
		files_raise(log);
	return err;
}
