/* world.c - boxes: keyd as a program, with clients. */
#define _GNU_SOURCE /* mkdtemp(), readlink() */
#include "world.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	READY_SECONDS = 60,
	PASSED_FD = 3,
	ARGS = 24,
	FILE_MAX_BYTES = 65536,
	TAIL_BYTES = sizeof("/tests/keyd") - 1
};

static const char *const role_names[BOX_ROLES] = { "policy", "media", "mix" };

/* build/tests/.. of our own variant: build/gcc/tests/keyd goes with
 * build/bin/keyd, build/asan/tests/keyd with build/asan/bin/keyd. */
const char *keyd_path(void)
{
	static char path[4200];
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t end;

	CHECK(n > TAIL_BYTES);
	end = (size_t)n - TAIL_BYTES;
	CHECK(!strncmp(self + end, "/tests/keyd", TAIL_BYTES));
	self[end] = '\0';
	if (end > 4 && !strcmp(self + end - 4, "/gcc"))
		self[end - 4] = '\0';
	(void)snprintf(path, sizeof(path), "%s/bin/keyd", self);
	return path;
}

void file_write(const char *path, off_t at, const void *data, size_t bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, data, bytes, at), bytes);
	CHECK_EQ(close(fd), 0);
}

char *file_text(const char *path)
{
	char *text = calloc(1, FILE_MAX_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	CHECK(text != NULL);
	CHECK(fd >= 0);
	CHECK(read(fd, text, FILE_MAX_BYTES - 1) >= 0);
	CHECK_EQ(close(fd), 0);
	return text;
}

void box_make(struct box *b)
{
	static const char key[32] = "a wrapping key of 32 bytes .....";
	char path[96];

	*b = (struct box){ .folder = "/tmp/kk-keyd-XXXXXX" };
	CHECK(mkdtemp(b->folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/wrap", b->folder);
	file_write(path, 0, key, sizeof(key));
	(void)snprintf(path, sizeof(path), "%s/state", b->folder);
	CHECK_EQ(mkdir(path, 0700), 0);
	(void)snprintf(b->log, sizeof(b->log), "%s/log", b->folder);
	for (int i = 0; i < BOX_ROLES; i++)
		(void)snprintf(b->paths[i], sizeof(b->paths[i]), "%s/%s",
		    b->folder, role_names[i]);
}

/* Where the program says that it is ready (sd_notify(3)). */
static int ready_listen(const struct box *b)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval limit = { .tv_sec = READY_SECONDS };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/ready", b->folder);
	(void)unlink(at.sun_path);
	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	CHECK_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)),
	    0);
	CHECK_EQ(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	return fd;
}

void rights_drop(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct none[2] = { { 0 }, { 0 } };

	/* Who is not root has neither the right nor the need. */
	if ((prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0) &&
		geteuid() == 0) ||
	    syscall(SYS_capset, &head, none))
		_exit(2);
}

/* As the service manager passes a socket (sd_listen_fds(3)). */
static bool socket_pass(int fd)
{
	char pid[16];

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	/* It may have that number already, and would be closed by exec(). */
	return dup2(fd, PASSED_FD) >= 0 && !fcntl(PASSED_FD, F_SETFD, 0) &&
	    !setenv("LISTEN_PID", pid, 1) && !setenv("LISTEN_FDS", "1", 1) &&
	    !setenv("LISTEN_FDNAMES", role_names[POLICY], 1);
}

static _Noreturn void keyd_exec(const struct box *b, const char *program)
{
	char options[BOX_ROLES + 2][128];
	const char *args[ARGS] = { program };
	size_t n = 1;
	int log = open(b->log, O_WRONLY | O_CREAT | O_APPEND, 0600);

	(void)snprintf(options[BOX_ROLES], 128, "--state=%s/state", b->folder);
	(void)snprintf(options[BOX_ROLES + 1], 128, "--wrap-key=%s/wrap",
	    b->folder);
	for (int i = 0; i < BOX_ROLES; i++)
		(void)snprintf(options[i], 128, "--socket=%s:%s", role_names[i],
		    b->paths[i]);
	for (size_t i = b->passed_fd ? 1 : 0; i < BOX_ROLES + 2; i++)
		args[n++] = options[i];
	for (size_t i = 0; b->options[i]; i++)
		args[n++] = b->options[i];
	if (b->has_no_rights)
		rights_drop();
	if (log < 0 || dup2(log, STDERR_FILENO) < 0 ||
	    (b->passed_fd && !socket_pass(b->passed_fd)))
		_exit(127);
	execv(program, (char *const *)(uintptr_t)args);
	_exit(127);
}

void box_start(struct box *b)
{
	const char *program = keyd_path();
	char text[64] = "";
	int ready = ready_listen(b);

	b->pid = fork();
	CHECK(b->pid >= 0);
	if (b->pid == 0)
		keyd_exec(b, program);
	if (recv(ready, text, sizeof(text) - 1, 0) < 0) {
		char *log = box_log(b);

		tap_diag("%s", log);
		free(log);
	}
	close(ready);
	CHECK(strstr(text, "READY=1") != NULL);
	for (int i = 0; i < BOX_ROLES; i++)
		CHECK(sd_varlink_connect_address(&b->link[i], b->paths[i]) >=
		    0);
}

static int box_end(struct box *b, int signal)
{
	int status = 0;

	for (int i = 0; i < BOX_ROLES; i++)
		b->link[i] = sd_varlink_close_unref(b->link[i]);
	CHECK_EQ(kill(b->pid, signal), 0);
	CHECK_EQ(waitpid(b->pid, &status, 0), b->pid);
	b->pid = 0;
	return status;
}

void box_kill(struct box *b)
{
	int status = box_end(b, SIGKILL);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

void box_stop(struct box *b)
{
	int status = box_end(b, SIGTERM);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		char *log = box_log(b);

		tap_diag("%s", log);
		free(log);
	}
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
}

char *box_log(const struct box *b)
{
	return file_text(b->log);
}

void world_start(struct world *w, size_t count)
{
	*w = (struct world){ 0 };
	for (size_t i = 0; i < count; i++) {
		box_make(&w->box[i]);
		box_start(&w->box[i]);
	}
}

static void folder_remove(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", path, (char *)NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

void world_end(struct world *w)
{
	for (size_t i = 0; i < WORLD_BOXES; i++) {
		if (w->box[i].pid)
			box_stop(&w->box[i]);
		if (w->box[i].folder[0])
			folder_remove(w->box[i].folder);
	}
	while (w->kept_count > 0)
		sd_json_variant_unref(w->kept[--w->kept_count]);
}
