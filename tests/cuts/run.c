/* run.c */
#define _GNU_SOURCE /* environ */
#include "tests/cuts/run.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/tap.h"

int cuts_run(const char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	CHECK_EQ(posix_spawn_file_actions_init(&actions), 0);
	CHECK_EQ(posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO,
		     "/dev/null", O_WRONLY, 0),
	    0);
	CHECK_EQ(posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO,
		     STDERR_FILENO),
	    0);
	/* execve(2) does not change the words, whatever its type says. */
	CHECK_EQ(posix_spawn(&pid, argv[0], &actions, NULL,
		     (char *const *)(uintptr_t)argv, environ),
	    0);
	(void)posix_spawn_file_actions_destroy(&actions);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}
