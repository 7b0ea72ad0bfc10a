/* process.c - programs of ours as children of a test. */
#define _GNU_SOURCE /* readlink(), O_CLOEXEC */
#include "harness/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/tap.h"

enum { READY_SECONDS = 60, READY_MESSAGES = 64, PATH_BYTES = 4096 };

const char *process_path(const char *name)
{
	static char path[PATH_BYTES + 64];
	char self[PATH_BYTES] = "", *end = self;

	CHECK(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	for (char *at = self; (at = strstr(at, "/tests/")); at++)
		end = at;
	CHECK(*end == '/' && end > self);
	*end = '\0';
	if (end - self > 4 && !strcmp(end - 4, "/gcc"))
		end[-4] = '\0';
	(void)snprintf(path, sizeof(path), "%s/bin/%s", self, name);
	return path;
}

void process_arg_add(struct process_args *args, const char *format, ...)
{
	va_list list;
	int n;

	CHECK(args->count < PROCESS_ARGS);
	va_start(list, format);
	n = vsnprintf(args->text[args->count++], PROCESS_ARG_BYTES, format,
	    list);
	va_end(list);
	CHECK(n >= 0 && n < PROCESS_ARG_BYTES);
}

static void ready_address(const struct process *p, struct sockaddr_un *at)
{
	*at = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(at->sun_path, sizeof(at->sun_path), "%s/ready",
	    p->folder);
}

static int ready_listen(const struct process *p)
{
	struct timeval limit = { .tv_sec = READY_SECONDS };
	struct sockaddr_un at;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	ready_address(p, &at);
	(void)unlink(at.sun_path);
	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)),
	    0);
	CHECK_EQ(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	return fd;
}

static _Noreturn void process_exec(const struct process *p, const char *program)
{
	const char *list[PROCESS_ARGS + 2] = { program };
	int log = open(p->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	for (size_t i = 0; i < p->args->count; i++)
		list[i + 1] = p->args->text[i];
	/* A test that fails leaves nobody behind. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || log < 0 ||
	    dup2(log, STDERR_FILENO) < 0 || (p->prepare && !p->prepare(p->arg)))
		_exit(127);
	execv(program, (char *const *)(uintptr_t)list);
	_exit(127);
}

/* With nothing to go on meanwhile the socket's own limit ends the wait. */
static bool ready_await(const struct process *p, pid_t pid, int fd,
    char ready[PROCESS_READY_BYTES])
{
	const int flags = p->turn ? MSG_DONTWAIT : 0;

	/* One that was started before may say how it goes. */
	for (unsigned i = 0; i < READY_MESSAGES; i++) {
		memset(ready, 0, PROCESS_READY_BYTES);
		while (recv(fd, ready, PROCESS_READY_BYTES - 1, flags) < 0) {
			if (!p->turn || waitpid(pid, NULL, WNOHANG) != 0)
				return false;
			p->turn(p->arg);
		}
		if (strstr(ready, "READY=1"))
			return true;
	}
	return false;
}

pid_t process_start(const struct process *p, char ready[PROCESS_READY_BYTES])
{
	const char *program = process_path(p->name);
	struct sockaddr_un at;
	int fd = ready_listen(p);
	bool is_ready;
	pid_t pid;

	memset(ready, 0, PROCESS_READY_BYTES);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		process_exec(p, program);
	is_ready = ready_await(p, pid, fd, ready);
	ready_address(p, &at);
	(void)unlink(at.sun_path);
	CHECK_EQ(close(fd), 0);
	if (!is_ready)
		file_show(p->log);
	CHECK(is_ready);
	return pid;
}

static int process_end(const struct process *p, pid_t *pid, int signal)
{
	int status = 0;
	pid_t ended = 0;

	CHECK_EQ(kill(*pid, signal), 0);
	while (p->turn && (ended = waitpid(*pid, &status, WNOHANG)) == 0)
		p->turn(p->arg);
	if (!p->turn)
		ended = waitpid(*pid, &status, 0);
	CHECK_EQ(ended, *pid);
	*pid = 0;
	return status;
}

void process_stop(const struct process *p, pid_t *pid)
{
	int status = process_end(p, pid, SIGTERM);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		file_show(p->log);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

void process_kill(const struct process *p, pid_t *pid)
{
	int status = process_end(p, pid, SIGKILL);

	/* Else it had ended by itself before. */
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* What a child says on both outputs, until it ends; gives its status. */
static int output_read(pid_t pid, int fd, char *out, size_t out_room)
{
	size_t bytes = 0;
	int status = 0;
	ssize_t n;

	while (bytes + 1 < out_room &&
	    (n = read(fd, out + bytes, out_room - 1 - bytes)) > 0)
		bytes += (size_t)n;
	out[bytes] = '\0';
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

int process_run(const char *name, const char *const args[], char *out,
    size_t out_room)
{
	const char *program = process_path(name);
	const char *list[PROCESS_ARGS + 2] = { program };
	int ends[2];
	pid_t pid;

	for (size_t i = 0; args[i] && i < PROCESS_ARGS; i++)
		list[i + 1] = args[i];
	CHECK_EQ(pipe(ends), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		if (dup2(ends[1], STDERR_FILENO) < 0 ||
		    dup2(ends[1], STDOUT_FILENO) < 0 || close(ends[0]))
			_exit(127);
		execv(program, (char *const *)(uintptr_t)list);
		_exit(127);
	}
	CHECK_EQ(close(ends[1]), 0);
	return output_read(pid, ends[0], out, out_room);
}

int process_script(const char *folder, const char *script, char *out,
    size_t out_room)
{
	int ends[2];
	pid_t pid;

	CHECK_EQ(pipe(ends), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		if (dup2(ends[1], STDERR_FILENO) < 0 ||
		    dup2(ends[1], STDOUT_FILENO) < 0 || close(ends[0]) ||
		    close(ends[1]) || setenv("bin", process_path("."), 1) ||
		    chdir(folder))
			_exit(126);
		execl("/bin/sh", "sh", "-ec", script, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(close(ends[1]), 0);
	return output_read(pid, ends[0], out, out_room);
}
