/* options.c - the command line. */
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "keyd.h"

static const char help[] =
    "usage: keyd [OPTION...]\n"
    "\n"
    "Holds the box's identity key and its meetings' groups.  See keyd(8).\n"
    "\n"
    "  --state=FOLDER      where keys and groups are kept ($STATE_DIRECTORY)\n"
    "  --wrap-key=FILE     32 bytes that seal them\n"
    "                      ($CREDENTIALS_DIRECTORY/keyd.wrap-key)\n"
    "  --name=NAME         the name shown to others where there is no chain\n"
    "  --chain=FILE        PEM chain of the identity key, end entity first\n"
    "  --trust=FILE        PEM certificates of the site's CAs\n"
    "  --crl=FILE          revocation list; may be given 8 times\n"
    "  --keystore=WHERE    the identity's keys: file, tpm2,\n"
    "                      tpm2:device:/dev/NAME or\n"
    "                      pkcs11:token=NAME?module-path=/FILE.so (file)\n"
    "  --emulated-tpm      take tpm2:swtpm:WHERE too, for tests\n"
    "  --pin=FILE          of the token ($CREDENTIALS_DIRECTORY/keyd.pin)\n"
    "  --request           write a certificate request, and end\n"
    "  --suite=N           whose key it is for: 7 or 2 (7)\n"
    "  --install=FILE      take in the PEM chain that was issued, and end\n"
    "  --require-crl       refuse certificates without a valid list\n"
    "  --socket=ROLE:PATH  listen for policy, media, mix, setup or\n"
    "                      health\n"
    "  --allow=ROLE:UID    who may connect there (default: our own user)\n"
    "  --help\n";

static enum kk_err complain(const char *of, const char *what)
{
	return program_options_complain("keyd", of, what);
}

/* Sockets that were passed (sd_listen_fds(3)), by their names.  One that no
 * role has is closed; one of a role that has a path already, too. */
static void passed_take(struct keyd_options *o)
{
	char **names = NULL;
	int count = sd_listen_fds_with_names(true, &names);

	for (int i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		unsigned role = 0;

		while (role < KEYD_ROLES &&
		    strcmp(names[i], o->roles[role].name) != 0)
			role++;
		if (role < KEYD_ROLES && !o->roles[role].path &&
		    o->roles[role].fd < 0)
			o->roles[role].fd = fd;
		else
			(void)close(fd);
		kk_free(names[i]);
	}
	kk_free(names);
}

static const char *socket_take(void *arg, const char *value)
{
	struct keyd_options *o = arg;

	return program_role_socket(o->roles, KEYD_ROLES, value);
}

static const char *allow_take(void *arg, const char *value)
{
	struct keyd_options *o = arg;

	return program_role_allow(o->roles, KEYD_ROLES, value);
}

static const char *crl_take(void *arg, const char *value)
{
	struct keyd_options *o = arg;

	if (o->crl_count == KK_ARRAY_LEN(o->crls))
		return "too many lists";
	o->crls[o->crl_count++] = value;
	return NULL;
}

enum kk_err keyd_options_parse(struct keyd_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "state", .text = &o->state },
		{ "name", .text = &o->name },
		{ "wrap-key", .text = &o->wrap_key },
		{ "chain", .text = &o->chain },
		{ "trust", .text = &o->trust },
		{ "crl", .take = crl_take },
		{ "keystore", .text = &o->keystore },
		{ "pin", .text = &o->pin },
		{ "emulated-tpm", .flag = &o->allows_emulated },
		{ "request", .flag = &o->wants_request },
		{ "suite", .number = &o->suite, .min = 2, .max = 7 },
		{ "install", .text = &o->install },
		{ "require-crl", .flag = &o->needs_crl },
		{ "socket", .take = socket_take },
		{ "allow", .take = allow_take },
	};
	const struct program_options options = { .program = "keyd",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct keyd_options){ .state = getenv("STATE_DIRECTORY"),
		.name = "Konklave box",
		.keystore = "file",
		.suite = 7,
		.roles = { { .name = "policy", .fd = -1 },
		    { .name = "media", .fd = -1 }, { .name = "mix", .fd = -1 },
		    { .name = "setup", .fd = -1 },
		    { .name = "health", .fd = -1 } } };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	if (!o->state)
		return complain("--state", "needed");
	if (o->install && !o->trust)
		return complain("--install", "needs --trust");
	passed_take(o);
	program_roles_finish(o->roles, KEYD_ROLES);
	return KK_OK;
}
