/* seal.c - another program, which reads and writes what nobody else may see. */
#define _GNU_SOURCE /* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "port.h"

static bool spawn(const char *const argv[], int in, int out, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	bool is_done;

	if (posix_spawn_file_actions_init(&actions))
		return false;
	/* execve(2) does not change the words, whatever its type says. */
	is_done = !posix_spawn_file_actions_adddup2(&actions, in,
		      STDIN_FILENO) &&
	    !posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) &&
	    !posix_spawnp(pid, argv[0], &actions, NULL,
		(char *const *)(uintptr_t)argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return is_done;
}

/* What it is given has room in the pipe: nobody waits for anybody. */
static bool all_write(int fd, struct kk_view in)
{
	return in.bytes == 0 ||
	    write(fd, in.data, in.bytes) == (ssize_t)in.bytes;
}

static enum kk_err all_read(int fd, uint8_t *out, size_t *bytes)
{
	const size_t room = *bytes;
	uint8_t rest[256];
	bool is_whole = true;

	for (*bytes = 0;;) {
		const bool fits = out && *bytes < room;
		const ssize_t n = read(fd, fits ? out + *bytes : rest,
		    fits ? room - *bytes : sizeof(rest));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			kk_wipe(rest, sizeof(rest));
			return n < 0 ? KK_EIO : is_whole ? KK_OK : KK_ELIMIT;
		}
		if (fits)
			*bytes += (size_t)n;
		else
			is_whole = false;
	}
}

static enum kk_err end_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return KK_EIO;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? KK_OK : KK_EIO;
}

enum kk_err port_program_run(const char *const argv[], struct kk_view in,
    uint8_t *out, size_t *out_bytes)
{
	int to[2], from[2];
	size_t none = 0;
	enum kk_err err = KK_EIO, ended;
	pid_t pid;

	if (in.bytes > PORT_KEY_BYTES || pipe2(to, O_CLOEXEC))
		return KK_EIO;
	if (pipe2(from, O_CLOEXEC)) {
		(void)close(to[0]);
		(void)close(to[1]);
		return KK_EIO;
	}
	if (all_write(to[1], in) && spawn(argv, to[0], from[1], &pid))
		err = KK_OK;
	(void)close(to[0]);
	(void)close(to[1]);
	(void)close(from[1]);
	if (!err) {
		err = all_read(from[0], out, out ? out_bytes : &none);
		ended = end_of(pid);
		err = ended ? ended : err;
	}
	(void)close(from[0]);
	return err;
}
