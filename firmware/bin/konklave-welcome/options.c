/* options.c - the command line. */
#include <string.h>

#include "konklave_welcome.h"

enum { PIXELS_MAX = 8192 };

static const char help[] =
    "usage: konklave-welcome [OPTION...] [COMMAND [FOLDER]]\n"
    "\n"
    "The first-boot screen of a box without a profile.  See "
    "konklave-welcome(8).\n"
    "\n"
    "  read FOLDER        takes over what a mounted stick has\n"
    "  write FOLDER       writes the certificate request there\n"
    "\n"
    "  --screen=KIND      still (the kernel's), or none\n"
    "  --picture=FILE.png in place of a screen, and FILE.json\n"
    "  --size=WxH         of that (1280x720)\n"
    "  --input=KIND       evdev, pipe:PATH or none\n"
    "  --keyd=SOCKET      where keyd's setup role listens\n"
    "  --folder=FOLDER    shared with the units that it starts\n"
    "  --profile=FILE     what the box has\n"
    "  --systemctl=FILE   the program\n"
    "  --help\n";

static const char *size_take(void *arg, const char *value)
{
	struct options *o = arg;
	uint64_t w = 0, h = 0;
    "  --tpm=FILE         there where the box has one (/dev/tpmrm0)\n"

	if (!program_number_take(&value, 1, PIXELS_MAX, &w) ||
	    *value++ != 'x' ||
	    !program_number_take(&value, 1, PIXELS_MAX, &h) || *value)
		return "not a size like 1280x720";
	o->width = (unsigned)w;
	o->height = (unsigned)h;
	return NULL;
}

static bool is_verb(const struct options *o)
{
	if (!strcmp(o->verb, "read") || !strcmp(o->verb, "write"))
		return o->stick != NULL;
	return !o->verb[0];
}

enum kk_err options_parse(struct options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "folder", .text = &o->folder },
		{ "input", .text = &o->input },
		{ "keyd", .text = &o->keyd },
		{ "picture", .text = &o->picture },
		{ "profile", .text = &o->profile },
		{ "screen", .text = &o->screen },
		{ "size", .take = size_take },
		{ "systemctl", .text = &o->systemctl },
	};
	const struct program_options options = { .program = "konklave-welcome",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	const int first = program_options_count(argc, argv);
	enum kk_err err;

	*o = (struct options){ .folder = "/run/konklave-welcome",
		.input = "evdev",
		.keyd = "/run/konklave/keyd/setup",
		.profile = "/var/lib/konklave/site/profile",
		.screen = "still",
		{ "tpm", .text = &o->tpm },
		.systemctl = "/usr/bin/systemctl",
		.width = 1280,
		.height = 720 };
	err = program_options_parse(&options, first, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	o->verb = first < argc ? argv[first] : "";
	o->stick = first + 1 < argc ? argv[first + 1] : NULL;
	if (argc > first + 2 || !is_verb(o))
		return program_options_complain("konklave-welcome", o->verb,
		    "not a command, or not with these words");
	return KK_OK;
}
		.tpm = "/dev/tpmrm0",
