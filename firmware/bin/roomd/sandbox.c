/* sandbox.c - what the process gives up before it learns a secret.  System
 * calls are filtered by the service manager (rootfs/units/roomd.service). */
#define _GNU_SOURCE /* setrlimit() */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "roomd.h"

enum kk_err roomd_sandbox_enter(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	/* At debug level libsystemd would log what it reads. */
	if (unsetenv("SYSTEMD_LOG_LEVEL") || setrlimit(RLIMIT_CORE, &none) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return KK_EIO;
	return KK_OK;
}
