/* options.c - the command line. */
#include <string.h>

#include "port.h"

enum { ANSWER_S = 20 };

static const char help[] =
    "usage: konklave-port [OPTION...] COMMAND [WORD]\n"
    "\n"
    "The wired port where the network asks by 802.1X who is there.  See\n"
    "konklave-port(8).\n"
    "\n"
    "  prepare            makes the box's key and its request, once\n"
    "  request            writes the request for a certificate\n"
    "  certificate FILE   checks what was issued, and keeps it\n"
    "  stick FOLDER       puts the request there, or takes the certificate\n"
    "  run PORT           lets the network know us, and tells how it stands\n"
    "  status             how the ports stand\n"
    "\n"
    "  --json             tells it as one JSON object\n"
    "  --answer=SECONDS   so long the network has to ask (20)\n"
    "  --supplicant=FILE  in place of /usr/sbin/wpa_supplicant\n"
    "  --root=FOLDER      in place of /\n"
    "  --help\n";

static const struct {
	const char *name;
	int words; /* after it */
} verbs[] = {
	{ "prepare", 0 },
	{ "request", 0 },
	{ "certificate", 1 },
	{ "stick", 1 },
	{ "run", 1 },
	{ "status", 0 },
};

static bool is_verb(const char *name, int words)
{
	for (size_t i = 0; i < KK_ARRAY_LEN(verbs); i++) {
		if (!strcmp(name, verbs[i].name))
			return words == verbs[i].words;
	}
	return false;
}

enum kk_err port_options_parse(struct port_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "json", .flag = &o->is_json },
		{ "answer", .number = &o->answer_s, .min = 1, .max = 600 },
		{ "supplicant", .text = &o->supplicant },
		{ "root", .text = &o->root },
	};
	const struct program_options options = { .program = "konklave-port",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	const int first = program_options_count(argc, argv);
	enum kk_err err;

	*o = (struct port_options){ .root = "",
		.supplicant = "/usr/sbin/wpa_supplicant",
		.answer_s = ANSWER_S };
	err = program_options_parse(&options, first, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	o->verb = first < argc ? argv[first] : "";
	o->word = first + 1 < argc ? argv[first + 1] : NULL;
	if (first == argc || !is_verb(o->verb, argc - first - 1))
		return program_options_complain("konklave-port", o->verb,
		    "not a command, or not with these words");
	return KK_OK;
}
