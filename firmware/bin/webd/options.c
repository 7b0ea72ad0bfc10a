/* options.c - the command line. */
#define _GNU_SOURCE /* getopt_long() */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "webd.h"

enum {
	OPT_ROOT = 256,
	OPT_LISTEN,
	OPT_CERT,
	OPT_KEY,
	OPT_LOOPBACK,
	OPT_SIGNAL,
	OPT_SIGNAL_LOOPBACK,
	OPT_SITE,
	OPT_TRUST,
	OPT_ICE_SERVER,
	OPT_TURN_SECRET,
	OPT_RELAY_ONLY
};

static const char help[] =
    "usage: webd --root=FOLDER [OPTION...]\n"
    "\n"
    "Serves the guest's page.  See webd(8).\n"
    "\n"
    "  --root=FOLDER              the built page\n"
    "  --listen=[ADDRESS:]PORT    HTTPS; an IPv6 address in brackets\n"
    "  --cert=FILE --key=FILE     PEM chain and key for it\n"
    "  --listen-loopback=PORT     plain HTTP on 127.0.0.1 and ::1\n"
    "  --signal-port=PORT         where sfud listens with TLS\n"
    "  --signal-loopback-port=PORT  and without, on loopback\n"
    "  --site=NAME                the site's name, shown by the page\n"
    "  --trust=FILE               PEM certificates of the site's CAs, for the\n"
    "                             page to know its members by\n"
    "  --ice-server=URI           stun:, turn: or turns:HOST[:PORT], with\n"
    "                             [?transport=udp|tcp], for browsers; up to 8\n"
    "  --turn-secret=FILE         the secret that passwords for TURN are made\n"
    "                             from, one for each visit\n"
    "  --relay-only               browsers send media by TURN servers alone\n"
    "  --help\n";

static const struct option table[] = {
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "listen-loopback", required_argument, NULL, OPT_LOOPBACK },
	{ "signal-port", required_argument, NULL, OPT_SIGNAL },
	{ "signal-loopback-port", required_argument, NULL,
	    OPT_SIGNAL_LOOPBACK },
	{ "site", required_argument, NULL, OPT_SITE },
	{ "trust", required_argument, NULL, OPT_TRUST },
	{ "ice-server", required_argument, NULL, OPT_ICE_SERVER },
	{ "turn-secret", required_argument, NULL, OPT_TURN_SECRET },
	{ "relay-only", no_argument, NULL, OPT_RELAY_ONLY },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum kk_err complain(const char *what, const char *of)
{
	(void)fprintf(stderr, "webd: %s: %s\n", of, what);
	return KK_EINVAL;
}

static enum kk_err port_take(const char *text, uint16_t *port)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n == 0 || n > UINT16_MAX)
		return complain("not a port from 1 to 65535", text);
	*port = (uint16_t)n;
	return KK_OK;
}

/* PORT, ADDRESS:PORT or [ADDRESS]:PORT. */
static enum kk_err listen_take(struct webd_options *o, const char *arg)
{
	const char *colon = strrchr(arg, ':'), *from = arg;
	size_t length = colon ? (size_t)(colon - arg) : 0;

	if (length && *arg == '[' && arg[length - 1] == ']') {
		from++;
		length -= 2;
	}
	if (colon && (length == 0 || length >= sizeof(o->address)))
		return complain("not ADDRESS:PORT", arg);
	memcpy(o->address, from, length);
	o->address[length] = '\0';
	return port_take(colon ? colon + 1 : arg, &o->port);
}

static enum kk_err ice_server_take(struct webd_options *o, const char *arg)
{
	switch (ice_config_server_add(&o->ice, arg)) {
	case KK_OK:
		return KK_OK;
	case KK_EUNSUP:
		return complain("browsers do not speak this", arg);
	case KK_EEXIST:
		return complain("given twice", arg);
	case KK_ELIMIT:
		return complain("too long, or too many", arg);
	default:
		return complain("not stun:, turn: or turns:HOST[:PORT] with "
				"[?transport=udp|tcp]",
		    arg);
	}
}

static enum kk_err option_take(struct webd_options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_ROOT:
		o->root = arg;
		return KK_OK;
	case OPT_LISTEN:
		return listen_take(o, arg);
	case OPT_CERT:
		o->cert = arg;
		return KK_OK;
	case OPT_KEY:
		o->key = arg;
		return KK_OK;
	case OPT_LOOPBACK:
		return port_take(arg, &o->loopback_port);
	case OPT_SIGNAL:
		return port_take(arg, &o->signal_port);
	case OPT_SIGNAL_LOOPBACK:
		return port_take(arg, &o->signal_loopback_port);
	case OPT_SITE:
		o->site = arg;
		return KK_OK;
	case OPT_TRUST:
		o->trust = arg;
		return KK_OK;
	case OPT_ICE_SERVER:
		return ice_server_take(o, arg);
	case OPT_TURN_SECRET:
		o->turn_secret = arg;
		return KK_OK;
	case OPT_RELAY_ONLY:
		o->ice.is_relay_only = true;
		return KK_OK;
	case 'h':
		(void)fputs(help, stdout);
		o->is_done = true;
		return KK_OK;
	default:
		return KK_EINVAL; /* getopt_long() has said why */
	}
}

static enum kk_err options_check(const struct webd_options *o)
{
	if (!o->root)
		return complain("needed", "--root");
	if (!o->port && !o->loopback_port)
		return complain("one is needed", "--listen, --listen-loopback");
	if (o->port && (!o->cert || !o->key))
		return complain("needs --cert and --key", "--listen");
	if (o->port && !o->signal_port)
		return complain("needs --signal-port", "--listen");
	if (o->loopback_port && !o->signal_loopback_port)
		return complain("needs --signal-loopback-port",
		    "--listen-loopback");
	return KK_OK;
}

enum kk_err webd_options_parse(struct webd_options *o, int argc, char **argv)
{
	enum kk_err err = KK_OK;
	int c;

	*o = (struct webd_options){ .site = "Konklave" };
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1)
		err = option_take(o, c, optarg);
	if (!err && optind < argc)
		err = complain("what is this for?", argv[optind]);
	if (!err && !o->is_done)
		err = options_check(o);
	return err;
}
