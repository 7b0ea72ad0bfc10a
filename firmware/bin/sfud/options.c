/* options.c - the command line. */
#define _GNU_SOURCE /* getopt_long() */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sfud.h"

enum {
	OPT_STATE = 256,
	OPT_SITE_TOKEN_HASH,
	OPT_MEDIA_PORT,
	OPT_WORKERS,
	OPT_ADDRESS,
	OPT_LISTEN,
	OPT_LISTEN_LOOPBACK,
	OPT_CERT,
	OPT_KEY
};

static const char help[] =
    "usage: sfud [OPTION...]\n"
    "\n"
    "Forwards sealed media and orders sealed key messages.  See sfud(8).\n"
    "\n"
    "  --state=FOLDER          where meetings are kept ($STATE_DIRECTORY)\n"
    "  --site-token-hash=FILE  32 bytes: SHA-256 of the site's token\n"
    "  --media-port=PORT       UDP, for all media (0: any); the second worker\n"
    "                          has the next one, and so on\n"
    "  --workers=COUNT         threads that forward (one for each core)\n"
    "  --address=ADDRESS       offered to clients for media; may be given 16\n"
    "                          times (all of this machine's)\n"
    "  --listen=[ADDRESS:]PORT signalling, over TLS; a v6 address in [ ]\n"
    "  --cert=FILE             PEM chain for --listen\n"
    "  --key=FILE              PEM private key of it\n"
    "  --listen-loopback=PORT  signalling on 127.0.0.1, without TLS\n"
    "  --help\n";

static const struct option table[] = {
	{ "state", required_argument, NULL, OPT_STATE },
	{ "site-token-hash", required_argument, NULL, OPT_SITE_TOKEN_HASH },
	{ "media-port", required_argument, NULL, OPT_MEDIA_PORT },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "address", required_argument, NULL, OPT_ADDRESS },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "listen-loopback", required_argument, NULL, OPT_LISTEN_LOOPBACK },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static enum kk_err complain(const char *what, const char *of)
{
	(void)fprintf(stderr, "sfud: %s: %s\n", of, what);
	return KK_EINVAL;
}

static enum kk_err port_take(uint16_t *port, const char *text)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > UINT16_MAX)
		return complain("not a port (0 to 65535)", text);
	*port = (uint16_t)n;
	return KK_OK;
}

/* [ADDRESS:]PORT; in an address of colons the brackets are left out. */
static enum kk_err listen_take(struct sfud_options *o, const char *text)
{
	const char *colon = strrchr(text, ':');
	const char *from = text;
	size_t bytes = colon ? (size_t)(colon - text) : 0;

	if (bytes >= 2 && from[0] == '[' && colon[-1] == ']') {
		from++;
		bytes -= 2;
	} else if (memchr(from, ':', bytes)) {
		return complain("put a v6 address into [ ]", text);
	}
	if (bytes >= sizeof(o->listen_address) || (colon && bytes == 0))
		return complain("not an address", text);
	memcpy(o->listen_address, from, bytes);
	o->listen_address[bytes] = '\0';
	o->has_listen = true;
	return port_take(&o->listen_port, colon ? colon + 1 : text);
}

static enum kk_err workers_take(uint16_t *workers, const char *text)
{
	char *end = NULL;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n == 0 ||
	    n > POOL_WORKERS_MAX)
		return complain("not a number of workers (1 to 64)", text);
	*workers = (uint16_t)n;
	return KK_OK;
}

static enum kk_err address_take(struct sfud_options *o, const char *text)
{
	if (o->address_count == SFUD_ADDRESSES_MAX)
		return complain("too many addresses", text);
	o->addresses[o->address_count++] = text;
	return KK_OK;
}

static enum kk_err option_take(struct sfud_options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_STATE:
		o->state = arg;
		return KK_OK;
	case OPT_SITE_TOKEN_HASH:
		o->site_token_hash = arg;
		return KK_OK;
	case OPT_MEDIA_PORT:
		return port_take(&o->media_port, arg);
	case OPT_WORKERS:
		return workers_take(&o->workers, arg);
	case OPT_ADDRESS:
		return address_take(o, arg);
	case OPT_LISTEN:
		return listen_take(o, arg);
	case OPT_LISTEN_LOOPBACK:
		o->has_loopback = true;
		return port_take(&o->loopback_port, arg);
	case OPT_CERT:
		o->cert = arg;
		return KK_OK;
	case OPT_KEY:
		o->key = arg;
		return KK_OK;
	case 'h':
		(void)fputs(help, stdout);
		o->is_done = true;
		return KK_OK;
	default:
		return KK_EINVAL; /* getopt_long() has said why */
	}
}

static enum kk_err options_check(const struct sfud_options *o)
{
	if (!o->state)
		return complain("needed: a folder of its own", "--state");
	if (!o->site_token_hash)
		return complain("needed: a file of 32 bytes",
		    "--site-token-hash");
	if (!o->has_listen && !o->has_loopback)
		return complain("needed, or --listen-loopback", "--listen");
	if (o->has_listen && (!o->cert || !o->key))
		return complain("needs --cert and --key", "--listen");
	return KK_OK;
}

enum kk_err sfud_options_parse(struct sfud_options *o, int argc, char **argv)
{
	enum kk_err err = KK_OK;
	int c;

	*o = (struct sfud_options){ .state = getenv("STATE_DIRECTORY") };
	while (!err && (c = getopt_long(argc, argv, "h", table, NULL)) != -1)
		err = option_take(o, c, optarg);
	if (!err && optind < argc)
		err = complain("what is this for?", argv[optind]);
	return err || o->is_done ? err : options_check(o);
}
