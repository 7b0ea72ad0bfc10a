/* options.c - the command line. */
#define _GNU_SOURCE /* getopt_long() */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "roomd.h"

enum {
	OPT_STATE = 256,
	OPT_KEYD,
	OPT_SERVER,
	OPT_TRUST,
	OPT_SITE_TOKEN,
	OPT_PAGE,
	OPT_LINK,
	OPT_ICE_SERVER,
	OPT_TURN_LOGIN,
	OPT_TURN_SECRET,
	OPT_RELAY_ONLY,
	OPT_SOCKET,
	OPT_ALLOW
};

static const char help[] =
    "usage: roomd [OPTION...]\n"
    "\n"
    "Takes part in a meeting for the box.  See roomd(8).\n"
    "\n"
    "  --state=FOLDER      where the meeting is kept ($STATE_DIRECTORY)\n"
    "  --keyd=SOCKET       keyd's socket of role policy\n"
    "  --server=HOST:PORT  the forwarder's signalling\n"
    "  --trust=FILE        PEM certificates of the server's CA\n"
    "  --site-token=FILE   32 bytes that allow to make meetings\n"
    "  --page=URL          https://HOST[:PORT] of the page that links lead to\n"
    "  --link=LINK         the meeting to take part in\n"
    "  --ice-server=URI    stun:HOST[:PORT], or turn:HOST[:PORT] with\n"
    "                      [?transport=tcp], for the media; up to 8\n"
    "  --turn-login=FILE   USER:PASSWORD of TURN servers\n"
    "  --turn-secret=FILE  or the secret that passwords are made from\n"
    "  --relay-only        send media by TURN servers alone\n"
    "  --socket=ROLE:PATH  listen for media or face\n"
    "  --allow=ROLE:UID    who may connect there (default: our own user)\n"
    "  --help\n";

static const struct option table[] = {
	{ "state", required_argument, NULL, OPT_STATE },
	{ "keyd", required_argument, NULL, OPT_KEYD },
	{ "server", required_argument, NULL, OPT_SERVER },
	{ "trust", required_argument, NULL, OPT_TRUST },
	{ "site-token", required_argument, NULL, OPT_SITE_TOKEN },
	{ "page", required_argument, NULL, OPT_PAGE },
	{ "link", required_argument, NULL, OPT_LINK },
	{ "ice-server", required_argument, NULL, OPT_ICE_SERVER },
	{ "turn-login", required_argument, NULL, OPT_TURN_LOGIN },
	{ "turn-secret", required_argument, NULL, OPT_TURN_SECRET },
	{ "relay-only", no_argument, NULL, OPT_RELAY_ONLY },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "allow", required_argument, NULL, OPT_ALLOW },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static const char *const role_names[ROOMD_ROLES] = { "media", "face" };

static enum kk_err complain(const char *what, const char *of)
{
	(void)fprintf(stderr, "roomd: %s: %s\n", of, what);
	return KK_EINVAL;
}

/* Splits ROLE:REST; ROOMD_ROLES where there is no such role. */
static unsigned role_take(const char *arg, const char **rest)
{
	for (unsigned i = 0; i < ROOMD_ROLES; i++) {
		size_t n = strlen(role_names[i]);

		if (!strncmp(arg, role_names[i], n) && arg[n] == ':') {
			*rest = arg + n + 1;
			return i;
		}
	}
	return ROOMD_ROLES;
}

static enum kk_err uid_add(struct roomd_options *o, unsigned role,
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

static enum kk_err role_option(struct roomd_options *o, int c, const char *arg)
{
	const char *rest = "";
	unsigned role = role_take(arg, &rest);

	if (role == ROOMD_ROLES)
		return complain("no such role, give media: or face:", arg);
	if (c == OPT_ALLOW)
		return uid_add(o, role, rest);
	if (*rest != '/')
		return complain("not an absolute path", arg);
	o->paths[role] = rest;
	return KK_OK;
}

/* HOST:PORT is a page's address without its beginning. */
static enum kk_err server_option(struct roomd_options *o, const char *arg)
{
	char url[sizeof("https://") + ROOM_HOST_BYTES + 16];
	struct room_link at;
	int n = snprintf(url, sizeof(url), "https://%s", arg);

	if (n < 0 || (size_t)n >= sizeof(url) || !strrchr(arg, ':') ||
	    room_link_parse_page(&at, url))
		return complain("not HOST:PORT", arg);
	memcpy(o->server, at.host, sizeof(o->server));
	o->server_port = at.port;
	return KK_OK;
}

static enum kk_err ice_server_option(struct roomd_options *o, const char *arg)
{
	const struct ice_server *added;

	switch (ice_config_server_add(&o->ice, arg)) {
	case KK_OK:
		added = &o->ice.servers[o->ice.server_count - 1];
		return added->kind == ICE_TURN_TLS ?
		    complain("boxes speak TURN without TLS; give turn:", arg) :
		    KK_OK;
	case KK_EUNSUP:
		return complain("nothing here speaks this", arg);
	case KK_EEXIST:
		return complain("given twice", arg);
	case KK_ELIMIT:
		return complain("too long, or too many", arg);
	default:
		return complain("not stun:HOST[:PORT] or "
				"turn:HOST[:PORT][?transport=udp|tcp]",
		    arg);
	}
}

static enum kk_err option_take(struct roomd_options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_STATE:
		o->state = arg;
		return KK_OK;
	case OPT_KEYD:
		o->keyd = arg;
		return KK_OK;
	case OPT_SERVER:
		return server_option(o, arg);
	case OPT_TRUST:
		o->trust = arg;
		return KK_OK;
	case OPT_SITE_TOKEN:
		o->site_token = arg;
		return KK_OK;
	case OPT_PAGE:
		return room_link_parse_page(&o->page, arg) ?
		    complain("not https://HOST[:PORT]", arg) :
		    KK_OK;
	case OPT_LINK:
		o->link = arg;
		return KK_OK;
	case OPT_ICE_SERVER:
		return ice_server_option(o, arg);
	case OPT_TURN_LOGIN:
		o->turn_login = arg;
		return KK_OK;
	case OPT_TURN_SECRET:
		o->turn_secret = arg;
		return KK_OK;
	case OPT_RELAY_ONLY:
		o->ice.is_relay_only = true;
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

static enum kk_err options_check(const struct roomd_options *o)
{
	struct room_link link;
	enum kk_err err = KK_OK;

	if (!o->state)
		return complain("needed", "--state");
	if (!o->keyd)
		return complain("needed", "--keyd");
	if (!o->server[0])
		return complain("needed", "--server");
	if (o->site_token && !o->page.host[0])
		return complain("needed with --site-token", "--page");
	/* It is a secret: what is wrong with it is not repeated. */
	if (o->link && room_link_parse(&link, o->link))
		err = complain("not https://HOST[:PORT]/#1.ID.SECRET",
		    "--link");
	kk_wipe(&link, sizeof(link));
	return err;
}

enum kk_err roomd_options_parse(struct roomd_options *o, int argc, char **argv)
{
	enum kk_err err = KK_OK;
	int c;

	*o = (struct roomd_options){ .state = getenv("STATE_DIRECTORY") };
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1)
		err = option_take(o, c, optarg);
	if (!err && optind < argc)
		err = complain("what is this for?", argv[optind]);
	if (!err && !o->is_done)
		err = options_check(o);
	for (unsigned role = 0; role < ROOMD_ROLES; role++) {
		if (o->uid_counts[role] == 0)
			o->uids[role][o->uid_counts[role]++] = geteuid();
	}
	return err;
}
