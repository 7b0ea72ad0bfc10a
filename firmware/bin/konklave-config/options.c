/* options.c - the command line. */
#include <string.h>

#include "config.h"

static const char help[] =
    "usage: konklave-config [OPTION...] COMMAND [FILE]\n"
    "\n"
    "What makes a box this site's and this room's.  See konklave-config(8).\n"
    "\n"
    "  check FILE     whether FILE is a profile, and what is wrong\n"
    "  apply FILE     checks it and keeps it; it counts from the next start\n"
    "  take FILE      the same, where the box has none yet\n"
    "  show           what the box has, without its secrets\n"
    "  start          makes files below /run of it\n"
    "  stick FOLDER   does what a technician's stick says\n"
    "  reset [CODE|cancel]\n"
    "                 erases all that the box keeps, at its next start\n"
    "\n"
    "  --json         tells it as one JSON object\n"
    "  --root=FOLDER  in place of /\n"
    "  --help\n";

static const struct {
	const char *name;
	unsigned min, max; /* of words after it */
} verbs[] = {
	{ "check", 1, 1 },
	{ "apply", 1, 1 },
	{ "take", 1, 1 },
	{ "show", 0, 0 },
	{ "start", 0, 0 },
	{ "stick", 1, 1 },
	{ "reset", 0, 1 },
};

static bool is_verb(const char *name, unsigned after)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(verbs); i++) {
		if (!strcmp(name, verbs[i].name))
			return after >= verbs[i].min && after <= verbs[i].max;
	}
	return false;
}

enum kk_err config_options_parse(struct config_options *o, int argc,
    char **argv)
{
	const struct program_option table[] = {
		{ "json", .flag = &o->is_json },
		{ "root", .text = &o->root },
	};
	const struct program_options options = { .program = "konklave-config",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	const int first = program_options_count(argc, argv);
	enum kk_err err;

	*o = (struct config_options){ .root = "" };
	err = program_options_parse(&options, first, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	o->verb = first < argc ? argv[first] : "";
	o->file = first + 1 < argc ? argv[first + 1] : NULL;
	if (first == argc || !is_verb(o->verb, (unsigned)(argc - first) - 1))
		return program_options_complain("konklave-config", o->verb,
		    "not a command, or not with these words");
	return KK_OK;
}
