/* sandbox.c - what a process has given up, seen from inside of it. */
#define _GNU_SOURCE /* setenv() */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/tap.h"
#include "program/program.h"

/* What a process found; one bit each. */
enum {
	HAS_ENTERED = 1,
	HAS_NO_CORE = 2,
	HAS_NO_NEW_RIGHTS = 4,
	HAS_OWN_FILES = 8,
	HAS_CLEAN_ENVIRONMENT = 16,
	IS_CLOSED = 32, /* to debuggers */
	HAS_WARNED = 64,
	ALWAYS = HAS_ENTERED | HAS_NO_CORE | HAS_NO_NEW_RIGHTS | HAS_OWN_FILES |
	    HAS_CLEAN_ENVIRONMENT
};

static void line_keep(void *arg, enum kk_log_level level, const char *line)
{
	bool *has_warned = arg;

	if (level == KK_LOG_WARNING && strstr(line, "RLIMIT_MEMLOCK"))
		*has_warned = true;
}

static int look_around(void)
{
	struct rlimit core = { 1, 1 };
	int found = 0;

	if (!getrlimit(RLIMIT_CORE, &core) && !core.rlim_cur && !core.rlim_max)
		found |= HAS_NO_CORE;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		found |= HAS_NO_NEW_RIGHTS;
	if (umask(0) == 077)
		found |= HAS_OWN_FILES;
	if (!getenv("SYSTEMD_LOG_LEVEL") && !getenv("SSLKEYLOGFILE"))
		found |= HAS_CLEAN_ENVIRONMENT;
	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		found |= IS_CLOSED;
	return found;
}

/* In a process that may lock a page of its memory, and no more. */
static int child_run(unsigned flags)
{
	const struct rlimit page = { 4096, 4096 };
	bool has_warned = false;
	struct kk_log log = { .fn = line_keep,
		.arg = &has_warned,
		.module = "test",
		.level = KK_LOG_INFO };
	int found = 0;

	(void)umask(0);
	if (setenv("SYSTEMD_LOG_LEVEL", "debug", 1) ||
	    setenv("SSLKEYLOGFILE", "/tmp/keys", 1) ||
	    setrlimit(RLIMIT_MEMLOCK, &page))
		return 0;
	if (!program_sandbox_enter(flags, &log))
		found |= HAS_ENTERED;
	return found | look_around() | (has_warned ? HAS_WARNED : 0);
}

static int found_in_child(unsigned flags)
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(child_run(flags));
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(sandbox_leaves_no_core_no_new_rights_and_no_readable_files)
{
	CHECK_EQ(found_in_child(0), ALWAYS);
}

TEST(sandbox_of_secrets_is_closed_to_debuggers)
{
	CHECK_EQ(found_in_child(PROGRAM_HOLDS_SECRETS), ALWAYS | IS_CLOSED);
}

TEST(sandbox_warns_where_memory_cannot_be_locked)
{
	CHECK_EQ(found_in_child(PROGRAM_LOCKS_MEMORY), ALWAYS | HAS_WARNED);
	CHECK_EQ(found_in_child(PROGRAM_LOCKS_MEMORY | PROGRAM_HOLDS_SECRETS),
	    ALWAYS | HAS_WARNED | IS_CLOSED);
}
