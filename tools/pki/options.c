/* options.c - the command line. */
#include <string.h>

#include "program/options.h"
#include "tools/pki/pki.h"

static const char help[] =
    "usage: konklave-pki init --ca=FOLDER --name=SITE [OPTION...]\n"
    "       konklave-pki issue KIND REQUEST [OPTION...]\n"
    "       konklave-pki renew SERIAL REQUEST [OPTION...]\n"
    "       konklave-pki revoke SERIAL --reason=REASON [OPTION...]\n"
    "       konklave-pki crl | list | log [OPTION...]\n"
    "       konklave-pki show SERIAL|REQUEST [OPTION...]\n"
    "       konklave-pki verify FILE [OPTION...]\n"
    "\n"
    "A site's own certificate authority, without a network.  See\n"
    "konklave-pki(8).  KIND is box, person, recorder, server, update or\n"
    "network.\n"
    "\n"
    "  --ca=FOLDER             where the CA is (this folder)\n"
    "  --name=TEXT             the site's name; issue: another than asked for\n"
    "  --san=DNS:NAME          issue: one more name; also IP: and email:\n"
    "  --days=N                how long it is good\n"
    "  --out=FILE              issue, renew, crl: a copy there\n"
    "  --reason=REASON         unspecified, keyCompromise, superseded,\n"
    "                          affiliationChanged, cessationOfOperation\n"
    "  --fingerprint=HEX       issue, renew: go on if the key is this one\n"
    "  --yes                   do not ask\n"
    "  --passphrase-file=FILE  of the CA's key (asked for)\n"
    "  --token=URI             init: the CA's key in a PKCS#11 token, as in\n"
    "                          pkcs11:token=NAME?module-path=/FILE.so\n"
    "  --pin-file=FILE         of the token (asked for)\n"
    "  --clock-is-right        go on although the clock seems wrong\n"
    "  --json                  answers for scripts\n"
    "  --help\n";

static const struct {
	const char *name;
	size_t words; /* with the command */
} commands[] = { { "init", 1 }, { "issue", 3 }, { "renew", 3 }, { "revoke", 2 },
	{ "crl", 1 }, { "list", 1 }, { "log", 1 }, { "show", 2 },
	{ "verify", 2 } };

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("konklave-pki", of, what);
}

static const char *san_take(void *arg, const char *value)
{
	struct pki_options *o = arg;

	if (o->name_count == PKI_NAMES_MAX)
		return "too many of them";
	o->names[o->name_count++] = value;
	return NULL;
}

/* Words to the front; what is left in argv are options. */
static enum kk_err words_take(struct pki_options *o, int *argc, char **argv)
{
	int left = 1;

	for (int i = 1; i < *argc; i++) {
		if (argv[i][0] == '-' && argv[i][1]) {
			argv[left++] = argv[i];
			continue;
		}
		if (o->words == PKI_WORDS_MAX)
			return complain(argv[i], "one word too many");
		o->word[o->words++] = argv[i];
	}
	argv[left] = NULL;
	*argc = left;
	return KK_OK;
}

static enum kk_err words_check(const struct pki_options *o)
{
	if (o->words == 0)
		return complain("a command is needed", "see --help");
	for (size_t i = 0; i < KK_ARRAY_LEN(commands); i++) {
		if (strcmp(commands[i].name, o->word[0]) != 0)
			continue;
		if (o->words == commands[i].words)
			return KK_OK;
		return complain(o->word[0],
		    o->words < commands[i].words ? "needs more, see --help" :
						   "one word too many");
	}
	return complain(o->word[0], "no such command, see --help");
}

enum kk_err pki_options_parse(struct pki_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "ca", .text = &o->folder },
		{ "name", .text = &o->name },
		{ "san", .take = san_take },
		{ "days", .number = &o->days, .min = 1, .max = PKI_DAYS_MAX },
		{ "out", .text = &o->out },
		{ "reason", .text = &o->reason },
		{ "fingerprint", .text = &o->fingerprint },
		{ "yes", .flag = &o->is_sure },
		{ "passphrase-file", .text = &o->passphrase },
		{ "token", .text = &o->token },
		{ "pin-file", .text = &o->pin },
		{ "clock-is-right", .flag = &o->is_clock_right },
		{ "json", .flag = &o->is_json },
	};
	const struct program_options options = { .program = "konklave-pki",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct pki_options){ .folder = "." };
	err = words_take(o, &argc, argv);
	if (!err)
		err = program_options_parse(&options, argc, argv, &o->is_done);
	return err || o->is_done ? err : words_check(o);
}
