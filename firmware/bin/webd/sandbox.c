/* sandbox.c - what the process gives up.  System calls are filtered by the
 * service manager (rootfs/units/webd.service). */
#define _GNU_SOURCE /* prctl() */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "webd.h"

enum kk_err webd_sandbox_enter(void)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	/* OpenSSL writes session keys to the file that this names. */
	if (unsetenv("SSLKEYLOGFILE") || setrlimit(RLIMIT_CORE, &none) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return KK_EIO;
	return KK_OK;
}
