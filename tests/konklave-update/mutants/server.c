/*
 * server.c - loaded into rauc before all else, it stops the program before its
 * main() and forks there for each request: so that 100,000 bundles meet the
 * program as it is, and not its start.
 *
 * Descriptor SERVER_FD: the number of bytes, then the words, each with its
 * zero; the answer is the status of wait(2).  What the program says goes to
 * SERVER_OUT_FD.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/konklave-update/mutants/server.h"

enum { CRYPTO_STRINGS = 2, ALL_CIPHERS = 4, ALL_DIGESTS = 8, CONFIG = 64 };

typedef int main_fn(int argc, char **argv, char **envp);
typedef int start_fn(main_fn *program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end);

start_fn __libc_start_main;

static main_fn *program_main;

static int child(char *words, size_t bytes, char **envp)
{
	char *argv[SERVER_WORDS + 1] = { NULL };
	int argc = 0;

	(void)close(SERVER_FD);
	if (dup2(SERVER_OUT_FD, STDOUT_FILENO) < 0)
		_exit(SERVER_FAILED);
	for (size_t at = 0; at < bytes && argc < SERVER_WORDS; argc++) {
		argv[argc] = words + at;
		while (at < bytes && words[at])
			at++;
		at++;
	}
	return program_main(argc, argv, envp);
}

/* What each run would do first, and alike: OpenSSL reads its settings.
 * Source: OPENSSL_init_crypto(3). */
static void warm_up(void)
{
	typedef int init_fn(uint64_t what, const void *settings);
	init_fn *const init = (init_fn *)dlsym(RTLD_DEFAULT,
	    "OPENSSL_init_crypto");

	if (init)
		(void)init(CRYPTO_STRINGS | ALL_CIPHERS | ALL_DIGESTS | CONFIG,
		    NULL);
}

static int serve(int argc, char **argv, char **envp)
{
	static char words[SERVER_BYTES + 1];
	uint32_t bytes;
	int status;

	(void)argc;
	(void)argv;
	if (unsetenv("LD_PRELOAD")) /* for what the program starts itself */
		return SERVER_FAILED;
	warm_up();
	while (read(SERVER_FD, &bytes, sizeof(bytes)) == sizeof(bytes) &&
	    bytes <= SERVER_BYTES &&
	    read(SERVER_FD, words, bytes) == (ssize_t)bytes) {
		const pid_t pid = fork();

		words[bytes] = '\0';
		if (pid == 0)
			return child(words, bytes, envp);
		if (pid < 0 || waitpid(pid, &status, 0) != pid ||
		    write(SERVER_FD, &status, sizeof(status)) != sizeof(status))
			return SERVER_FAILED;
	}
	_exit(0);
}

int __libc_start_main(main_fn *program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end)
{
	start_fn *const start = (start_fn *)dlsym(RTLD_NEXT,
	    "__libc_start_main");

	program_main = program;
	return start(serve, argc, argv, init, fini, rtld_fini, stack_end);
}
