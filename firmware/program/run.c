/* run.c - other programs. */
#define _GNU_SOURCE /* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

/* It has nothing of ours but its words. */
static enum kk_err actions_make(posix_spawn_file_actions_t *actions, int out)
{
	return posix_spawn_file_actions_addopen(actions, STDIN_FILENO,
		   "/dev/null", O_RDONLY, 0) ||
		posix_spawn_file_actions_adddup2(actions, out, STDOUT_FILENO) ?
	    KK_ENOMEM :
	    KK_OK;
}

/* We have blocked the signals that end us; it is to end by them. */
static enum kk_err attributes_make(posix_spawnattr_t *attributes)
{
	sigset_t none;

	return sigemptyset(&none) ||
		posix_spawnattr_setsigmask(attributes, &none) ||
		posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK) ?
	    KK_ENOMEM :
	    KK_OK;
}

static enum kk_err spawn(const char *const argv[], int out, pid_t *pid)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin", lang[] = "LC_ALL=C";
	char *const environment[] = { path, lang, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	enum kk_err err;

	if (posix_spawn_file_actions_init(&actions))
		return KK_ENOMEM;
	if (posix_spawnattr_init(&attributes)) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return KK_ENOMEM;
	}
	err = actions_make(&actions, out);
	if (!err)
		err = attributes_make(&attributes);
	/* execve(2) does not change the words, whatever its type says. */
	if (!err &&
	    posix_spawn(pid, argv[0], &actions, &attributes,
		(char *const *)(uintptr_t)argv, environment))
		err = KK_EIO;
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return err;
}

/* To its end, even where it is too much: who writes must not wait for us. */
static enum kk_err listen_to(int fd, char *out, size_t room_bytes)
{
	char rest[4096] = { 0 };
	size_t at = 0;
	bool is_whole = true;

	for (;;) {
		const bool fits = out && at < room_bytes - 1;
		const ssize_t n = read(fd, fits ? out + at : rest,
		    fits ? room_bytes - 1 - at : sizeof(rest));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return KK_EIO;
		if (n == 0)
			break;
		if (fits)
			at += (size_t)n;
		else
			is_whole = !out;
	}
	if (out)
		out[at] = '\0';
	return is_whole ? KK_OK : KK_ELIMIT;
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

enum kk_err program_run(const char *const argv[], char *out, size_t room_bytes)
{
	enum kk_err err, ended;
	int ends[2];
	pid_t pid;

	if (out)
		out[0] = '\0';
	if (pipe2(ends, O_CLOEXEC))
		return KK_EIO;
	err = spawn(argv, ends[1], &pid);
	(void)close(ends[1]);
	if (!err) {
		err = listen_to(ends[0], out, room_bytes);
		ended = end_of(pid);
		err = ended ? ended : err;
	}
	(void)close(ends[0]);
	return err;
}
