/* rauc.c */
#define _GNU_SOURCE /* memfd_create() */
#include "tests/konklave-update/mutants/rauc.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/konklave-update/mutants/server.h"

_Noreturn static void child(int to, int out, const char *program,
    const char *server)
{
	const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(nothing, STDERR_FILENO) < 0 || dup2(to, SERVER_FD) < 0 ||
	    dup2(out, SERVER_OUT_FD) < 0 || setenv("LD_PRELOAD", server, 1))
		_exit(SERVER_FAILED);
	(void)execl(program, program, (char *)NULL);
	_exit(SERVER_FAILED);
}

enum kk_err rauc_start(struct rauc *r, const char *program, const char *server)
{
	int ends[2];

	r->out = memfd_create("out", MFD_CLOEXEC);
	if (r->out < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return KK_EIO;
	r->pid = fork();
	if (r->pid == 0)
		child(ends[1], r->out, program, server);
	(void)close(ends[1]);
	r->to = ends[0];
	return r->pid < 0 ? KK_EIO : KK_OK;
}

void rauc_stop(struct rauc *r)
{
	(void)close(r->to);
	(void)close(r->out);
	(void)waitpid(r->pid, NULL, 0);
}

static enum kk_err ask(const struct rauc *r, const char *const argv[],
    int *status)
{
	char words[SERVER_BYTES];
	uint32_t bytes = 0;

	for (size_t i = 0; argv[i]; i++) {
		const size_t length = strlen(argv[i]) + 1;

		if (length > sizeof(words) - bytes)
			return KK_ELIMIT;
		memcpy(words + bytes, argv[i], length);
		bytes += (uint32_t)length;
	}
	return write(r->to, &bytes, sizeof(bytes)) == sizeof(bytes) &&
		write(r->to, words, bytes) == (ssize_t)bytes &&
		read(r->to, status, sizeof(*status)) == sizeof(*status) ?
	    KK_OK :
	    KK_EIO;
}

enum kk_err rauc_run(const struct rauc *r, const char *const argv[], char *out,
    size_t room_bytes)
{
	enum kk_err err;
	ssize_t n;
	int status;

	if (ftruncate(r->out, 0) || lseek(r->out, 0, SEEK_SET) < 0)
		return KK_EIO;
	err = ask(r, argv, &status);
	if (err || !out)
		return !err && status ? KK_EIO : err;
	n = pread(r->out, out, room_bytes - 1, 0);
	out[n > 0 ? n : 0] = '\0';
	return n < 0 || status ? KK_EIO : KK_OK;
}
