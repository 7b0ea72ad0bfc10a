/* options.c - the command line. */
#include "probe.h"

static const char help[] =
    "usage: konklave-health [OPTION...]\n"
    "\n"
    "Says whether this box works, and waits for it.  See konklave-health(8).\n"
    "\n"
    "  --unit=NAME       a service that has to run, or be off by a condition\n"
    "                    of its own; up to 16.  NAME@*.service: all that\n"
    "                    there are now\n"
    "  --keyd=SOCKET     keyd's, of role health\n"
    "  --roomd=SOCKET    roomd's, of role health\n"
    "  --forwarder=PORT  of the metrics of this box's own sfud\n"
    "  --sfud=FILE       the program (/usr/lib/konklave/sfud)\n"
    "  --call=UNIT       that holds a call, konklave-loopback.service\n"
    "  --limit=SECONDS   for each check (120)\n"
    "  --json\n"
    "  --manager=SOCKET  systemd's (/run/systemd/private)\n"
    "  --sys=FOLDER      (/sys)\n"
    "  --help\n";

enum { LIMIT_S = 120, LIMIT_MAX_S = 3600 };

static const char *unit_take(void *arg, const char *value)
{
	struct probe_options *o = arg;

	if (o->unit_count == PROBE_UNITS_MAX)
		return "too many";
	o->units[o->unit_count++] = value;
	return NULL;
}

enum kk_err probe_options_parse(struct probe_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "unit", .take = unit_take },
		{ "keyd", .text = &o->keyd },
		{ "roomd", .text = &o->roomd },
		{ "forwarder", .port = &o->forwarder_port, .min = 1 },
		{ "sfud", .text = &o->sfud },
		{ "call", .text = &o->call },
		{ "limit", .number = &o->limit_s, .min = 1,
		    .max = LIMIT_MAX_S },
		{ "json", .flag = &o->is_json },
		{ "manager", .text = &o->manager },
		{ "sys", .text = &o->sys },
	};
	const struct program_options options = { .program = "konklave-health",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	enum kk_err err;

	*o = (struct probe_options){ .sfud = "/usr/lib/konklave/sfud",
		.manager = "/run/systemd/private",
		.sys = "/sys",
		.limit_s = LIMIT_S };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	if (o->unit_count == 0)
		return program_options_complain("konklave-health", "--unit",
		    "needed");
	if (!o->keyd)
		return program_options_complain("konklave-health", "--keyd",
		    "needed");
	return KK_OK;
}
