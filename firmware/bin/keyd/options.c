/* options.c - the command line. */
#define _GNU_SOURCE /* getopt_long() */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "keyd.h"

enum {
	OPT_STATE = 256,
	OPT_NAME,
	OPT_WRAP_KEY,
	OPT_CHAIN,
	OPT_TRUST,
	OPT_CRL,
	OPT_REQUIRE_CRL,
	OPT_SOCKET,
	OPT_ALLOW
};

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
    "  --require-crl       refuse certificates without a valid list\n"
    "  --socket=ROLE:PATH  listen for policy, media or mix\n"
    "  --allow=ROLE:UID    who may connect there (default: our own user)\n"
    "  --help\n";

static const struct option table[] = {
	{ "state", required_argument, NULL, OPT_STATE },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "wrap-key", required_argument, NULL, OPT_WRAP_KEY },
	{ "chain", required_argument, NULL, OPT_CHAIN },
	{ "trust", required_argument, NULL, OPT_TRUST },
	{ "crl", required_argument, NULL, OPT_CRL },
	{ "require-crl", no_argument, NULL, OPT_REQUIRE_CRL },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "allow", required_argument, NULL, OPT_ALLOW },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum kk_err complain(const char *what, const char *of)
{
	(void)fprintf(stderr, "keyd: %s: %s\n", of, what);
	return KK_EINVAL;
}

static const char *const role_names[KEYD_ROLES] = { "policy", "media", "mix" };

/* Splits ROLE:REST; KEYD_ROLES where there is no such role. */
static unsigned role_take(const char *arg, const char **rest)
{
	for (unsigned i = 0; i < KEYD_ROLES; i++) {
		size_t n = strlen(role_names[i]);

		if (!strncmp(arg, role_names[i], n) && arg[n] == ':') {
			*rest = arg + n + 1;
			return i;
		}
	}
	return KEYD_ROLES;
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
		    strcmp(names[i], role_names[role]) != 0)
			role++;
		if (role < KEYD_ROLES && !o->paths[role] && o->fds[role] < 0)
			o->fds[role] = fd;
		else
			(void)close(fd);
		kk_free(names[i]);
	}
	kk_free(names);
}

static enum kk_err uid_add(struct keyd_options *o, unsigned role,
    const char *text)
{
	char *end = NULL;
	unsigned long uid = strtoul(text, &end, 10);

	if (!*text || *end || uid >= UINT32_MAX)
		return complain("not a number of a user", text);
	if (o->uid_counts[role] == CALL_LISTEN_UIDS_MAX)
		return complain("too many users", text);
	o->uids[role][o->uid_counts[role]++] = (uid_t)uid;
	return KK_OK;
}

static enum kk_err role_option(struct keyd_options *o, int c, const char *arg)
{
	const char *rest = "";
	unsigned role = role_take(arg, &rest);

	if (role == KEYD_ROLES)
		return complain("no such role", arg);
	if (c == OPT_ALLOW)
		return uid_add(o, role, rest);
	if (*rest != '/')
		return complain("not an absolute path", arg);
	o->paths[role] = rest;
	return KK_OK;
}

static enum kk_err option_take(struct keyd_options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_STATE:
		o->state = arg;
		return KK_OK;
	case OPT_NAME:
		o->name = arg;
		return KK_OK;
	case OPT_WRAP_KEY:
		o->wrap_key = arg;
		return KK_OK;
	case OPT_CHAIN:
		o->chain = arg;
		return KK_OK;
	case OPT_TRUST:
		o->trust = arg;
		return KK_OK;
	case OPT_CRL:
		if (o->crl_count == KK_ARRAY_LEN(o->crls))
			return complain("too many lists", arg);
		o->crls[o->crl_count++] = arg;
		return KK_OK;
	case OPT_REQUIRE_CRL:
		o->needs_crl = true;
		return KK_OK;
	case OPT_SOCKET:
	case OPT_ALLOW:
		return role_option(o, c, arg);
	case 'h':
		(void)fputs(help, stdout);
		o->is_done = true;
		return KK_OK;
	default:
		return KK_EINVAL; /* getopt_long() has said why */
	}
}

enum kk_err keyd_options_parse(struct keyd_options *o, int argc, char **argv)
{
	enum kk_err err = KK_OK;
	int c;

	*o = (struct keyd_options){ .state = getenv("STATE_DIRECTORY"),
		.name = "Konklave box",
		.fds = { -1, -1, -1 } };
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1)
		err = option_take(o, c, optarg);
	if (!err && optind < argc)
		err = complain("what is this for?", argv[optind]);
	if (!err && !o->is_done && !o->state)
		err = complain("needed", "--state");
	if (!err && !o->is_done)
		passed_take(o);
	for (unsigned role = 0; role < KEYD_ROLES; role++) {
		if (o->uid_counts[role] == 0)
			o->uids[role][o->uid_counts[role]++] = geteuid();
	}
	return err;
}
