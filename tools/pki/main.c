/* main.c - konklave-pki: a site's certificate authority. */
#include <stdlib.h>
#include <string.h>

#include "program/program.h"
#include "program/words.h"
#include "tools/pki/pki.h"

static const struct {
	const char *name;
	enum kk_err (*run)(struct pki *p);
} commands[] = { { "init", pki_init }, { "issue", pki_issue },
	{ "renew", pki_renew }, { "revoke", pki_revoke }, { "crl", pki_crl },
	{ "show", pki_show }, { "list", pki_list }, { "log", pki_log },
	{ "verify", pki_verify } };

static enum kk_err run(struct pki *p)
{
	enum kk_err err = pki_clock_read(p);

	for (size_t i = 0; !err && i < KK_ARRAY_LEN(commands); i++)
		if (!strcmp(commands[i].name, p->o.word[0])) {
			err = commands[i].run(p);
			pki_folder_log(p, !err);
		}
	return err;
}

int main(int argc, char **argv)
{
	const struct kk_log log = { .fn = program_log_write,
		.module = "konklave-pki",
		.level = KK_LOG_ERROR };
	struct pki p = { .folder = -1, .issued = -1 };
	enum kk_err err;

	if (pki_options_parse(&p.o, argc, argv))
		return PKI_USAGE;
	if (p.o.is_done)
		return EXIT_SUCCESS;
	p.is_german = program_wants_german();
	if (program_sandbox_enter(PROGRAM_HOLDS_SECRETS | PROGRAM_LOCKS_MEMORY,
		&log) ||
	    crypto_init())
		return PKI_FAILED;
	err = run(&p);
	pki_folder_close(&p);
	if (fflush(stdout) && !err)
		return PKI_FAILED;
	if (!err)
		return PKI_DONE;
	return p.exit ? (int)p.exit : PKI_FAILED;
}
