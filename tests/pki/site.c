/* site.c - a folder with a CA's tool, and openssl as its peer. */
#define _GNU_SOURCE /* mkdtemp() */
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SCRIPT_BYTES = 4096 };

void site_start(struct site *s)
{
	*s = (struct site){ .folder = "/tmp/kk-pki-XXXXXX" };
	CHECK(mkdtemp(s->folder) != NULL);
	site_run(s, "umask 077; echo 'a long passphrase' >pass; "
		    "echo 'another passphrase' >wrong");
}

void site_init(struct site *s)
{
	site_start(s);
	site_run(s, "$pki init --name='Site Süd' $with");
}

void site_end(struct site *s)
{
	folder_remove(s->folder);
}

_Noreturn static void script_exec(const struct site *s, const char *script,
    int out)
{
	char all[SCRIPT_BYTES];

	(void)snprintf(all, sizeof(all),
	    "set -e; with='--ca=ca --passphrase-file=pass'; %s", script);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0 ||
	    chdir(s->folder) || setenv("pki", process_path("konklave-pki"), 1) ||
	    setenv("KK_LANG", "en", 0))
		_exit(126);
	execl("/bin/sh", "sh", "-c", all, (char *)NULL);
	_exit(127);
}

int site_try(struct site *s, const char *script)
{
	int ends[2], status = 0;
	size_t bytes = 0;
	ssize_t n;
	pid_t pid;

	CHECK_EQ(pipe(ends), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		script_exec(s, script, ends[1]);
	CHECK_EQ(close(ends[1]), 0);
	while (bytes + 1 < sizeof(s->out) &&
	    (n = read(ends[0], s->out + bytes, sizeof(s->out) - 1 - bytes)) > 0)
		bytes += (size_t)n;
	s->out[bytes] = '\0';
	CHECK_EQ(close(ends[0]), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void site_run(struct site *s, const char *script)
{
	int status = site_try(s, script);

	if (status)
		tap_diag("%s\n%s", script, s->out);
	CHECK_EQ(status, 0);
}

void site_fails(struct site *s, int status, const char *says,
    const char *script)
{
	int got = site_try(s, script);

	if (got != status || !strstr(s->out, says))
		tap_diag("%s\n%s", script, s->out);
	CHECK_EQ(got, status);
	CHECK(strstr(s->out, says) != NULL);
}

void site_request(struct site *s, const char *name, const char *curve,
    const char *subject)
{
	char script[512];

	(void)snprintf(script, sizeof(script),
	    "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:%s -nodes "
	    "-utf8 -keyout %s.key -subj '%s' -out %s.csr 2>/dev/null",
	    curve, name, subject, name);
	site_run(s, script);
}
