/* worker.c - tests of a thread whose loop fails. */
#include "bin/sfud/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/tap.h"

static void line_write(void *arg, enum kk_log_level level, const char *line)
{
	const int *fd = arg;

	(void)level;
	CHECK_EQ(write(*fd, line, strlen(line)), strlen(line));
}

/* As if the system had no more of what it needs to wait. */
static void loop_break(void *arg)
{
	CHECK_EQ(close(sd_event_get_fd(arg)), 0);
}

static void child_run(int fd)
{
	const struct kk_log log = { .fn = line_write,
		.arg = &fd,
		.module = "test" };
	struct worker *worker = NULL;

	CHECK_OK(worker_new(&worker, "broken", &log));
	worker_call(worker, loop_break, worker_event(worker));
	for (;;)
		(void)pause();
}

TEST(a_thread_whose_loop_fails_ends_the_process_and_says_so)
{
	char line[256] = { 0 };
	size_t bytes = 0;
	int fds[2], status = -1;
	ssize_t n;
	pid_t pid;

	CHECK_EQ(pipe(fds), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		child_run(fds[1]);
	CHECK_EQ(close(fds[1]), 0);
	while ((n = read(fds[0], line + bytes, sizeof(line) - 1 - bytes)) > 0)
		bytes += (size_t)n;
	CHECK_EQ(close(fds[0]), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), EXIT_FAILURE);
	CHECK(strstr(line, "thread=broken") != NULL);
}
