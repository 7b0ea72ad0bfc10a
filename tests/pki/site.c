/* site.c - a folder with a CA's tool, and openssl as its peer. */
#define _GNU_SOURCE /* mkdtemp() */
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_BYTES = 4096 };

void site_start(struct site *s)
{
	*s = (struct site){ .folder = "/tmp/kk-pki-XXXXXX" };
	CHECK(mkdtemp(s->folder) != NULL);
	site_run(s,
	    "umask 077; echo 'a long passphrase' >pass; "
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

int site_try(struct site *s, const char *script)
{
	char all[SCRIPT_BYTES];

	(void)snprintf(all, sizeof(all),
	    "pki=$bin/konklave-pki; export KK_LANG=${KK_LANG-en}; "
	    "with='--ca=ca --passphrase-file=pass'; %s",
	    script);
	return process_script(s->folder, all, s->out, sizeof(s->out));
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
