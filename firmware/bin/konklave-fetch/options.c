/* options.c - the command line. */
#include <string.h>

#include "fetch.h"

#define SOCKET "/run/konklave/fetch/control"

static const char help[] =
    "usage: konklave-fetch [OPTION...]\n"
    "\n"
    "Loads bundles from a site's server for konklave-update; a service.\n"
    "See konklave-fetch(8).\n"
    "\n"
    "  --socket=control:PATH  (" SOCKET ")\n"
    "  --allow=control:UID    who may connect\n"
    "  --state=FOLDER         (/var/lib/konklave/fetch)\n"
    "  --source=URL           the site's index: https://HOST[:PORT]/PATH\n"
    "  --proxy=FILE           http://[USER:PASSWORD@]HOST[:PORT] to go by\n"
    "  --no-proxy=LIST        hosts and .DOMAINs that it does not go to by it\n"
    "  --trust=FILE           certificates (PEM) in place of the system's\n"
    "  --rauc=PROGRAM --rauc-conf=FILE\n"
    "  --rate=N               kB a second at most (500); 0: no bound\n"
    "  --tries=N              in a row that bring nothing (8)\n"
    "  --wait-ms=N            before the second; then twice as long (1000)\n"
    "  --stall-seconds=N      of less than 1 kB/s until a try ends (60)\n"
    "  --reserve=N            MB of the disk that stay free (64)\n"
    "  --help\n";

static const char *socket_take(void *arg, const char *value)
{
	struct fetch_options *o = arg;

	return program_role_socket(o->roles, FETCH_ROLES, value);
}

static const char *allow_take(void *arg, const char *value)
{
	struct fetch_options *o = arg;

	return program_role_allow(o->roles, FETCH_ROLES, value);
}

static const char *source_take(void *arg, const char *value)
{
	struct fetch_options *o = arg;

	o->source = value;
	return bundle_url_is_right(value) ? NULL : "not https://HOST/PATH";
}

enum kk_err fetch_options_parse(struct fetch_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "state", .text = &o->state },
		{ "source", .take = source_take },
		{ "proxy", .text = &o->proxy },
		{ "no-proxy", .text = &o->no_proxy },
		{ "trust", .text = &o->trust },
		{ "rauc", .text = &o->rauc },
		{ "rauc-conf", .text = &o->rauc_conf },
		{ "rate", .number = &o->rate_kb, .max = 1000000 },
		{ "tries", .number = &o->tries, .min = 1, .max = 100 },
		{ "wait-ms", .number = &o->wait_ms, .min = 1, .max = 60000 },
		{ "stall-seconds", .number = &o->stall_seconds, .min = 1,
		    .max = 3600 },
		{ "reserve", .number = &o->reserve_mb, .max = 1000000000 },
		{ "socket", .take = socket_take },
		{ "allow", .take = allow_take },
	};
	const struct program_options options = { .program = "konklave-fetch",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct fetch_options){
		.state = "/var/lib/konklave/fetch",
		.rauc = "/usr/bin/rauc",
		.rauc_conf = "/etc/rauc/system.conf",
		.rate_kb = 500,
		.tries = 8,
		.wait_ms = 1000,
		.stall_seconds = 60,
		.reserve_mb = 64,
		.roles = { { .name = "control", .path = SOCKET, .fd = -1 } },
	};
	err = program_options_parse(&options, argc, argv, &o->is_done);
	if (!err)
		program_roles_finish(o->roles, FETCH_ROLES);
	return err;
}
