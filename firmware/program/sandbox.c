/* sandbox.c - what a process gives up before it does anything else. */
#define _GNU_SOURCE /* MCL_ONFAULT */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "program.h"

/* With a limit below all memory, later allocations would fail for it. */
static void memory_lock(const struct kk_log *log)
{
	struct rlimit limit = { 0 };

	if (getrlimit(RLIMIT_MEMLOCK, &limit) ||
	    limit.rlim_cur != RLIM_INFINITY ||
	    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		kk_log(log, KK_LOG_WARNING,
		    "memory is not locked: RLIMIT_MEMLOCK is not infinite");
}

enum kk_err program_sandbox_enter(unsigned flags, const struct kk_log *log)
{
	const struct rlimit none = { 0, 0 };

	(void)umask(077);
	/* At debug level libsystemd would log what it reads, and libnice the
	 * passwords of TURN servers and the keys of its checks; OpenSSL writes
	 * session keys to the file that the second one names. */
	if (unsetenv("SYSTEMD_LOG_LEVEL") || unsetenv("SSLKEYLOGFILE") ||
	    unsetenv("NICE_DEBUG") || unsetenv("G_MESSAGES_DEBUG") ||
	    setrlimit(RLIMIT_CORE, &none) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return KK_EIO;
	if ((flags & PROGRAM_HOLDS_SECRETS) &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return KK_EIO;
	if (flags & PROGRAM_LOCKS_MEMORY)
		memory_lock(log);
	return KK_OK;
}
