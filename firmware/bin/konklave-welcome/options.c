/* options.c - the command line. */
#include <string.h>

#include "konklave_welcome.h"
#include "program/notice.h"

enum { PIXELS_MAX = 8192, LOST_MAX_S = 3600 };

static const char help[] =
    "usage: konklave-welcome [OPTION...] [COMMAND [FOLDER]]\n"
    "\n"
    "The first-boot screen of a box without a profile.  See "
    "konklave-welcome(8).\n"
    "\n"
    "  read FOLDER        takes over what a mounted stick has\n"
    "  write FOLDER       writes the certificate request there\n"
    "  look FOLDER        of a box that is set up: takes over certificates\n"
    "  ask FOLDER         and writes the requests there\n"
    "  enrol              takes what was found, once no meeting is on\n"
    "\n"
    "  --screen=KIND      still (the kernel's), or none\n"
    "  --picture=FILE.png in place of a screen, and FILE.json\n"
    "  --size=WxH         of that (1280x720)\n"
    "  --input=KIND       evdev, pipe:PATH or none\n"
    "  --keyd=SOCKET      where keyd's setup role listens\n"
    "  --lines-keyd=SOCKET  that of the telephone lines\n"
    "  --roomd=SOCKET     roomd's of role face\n"
    "  --lost=SECONDS     without roomd's word until no meeting is on (60)\n"
    "  --notices=FOLDER   for the room's picture (" PROGRAM_NOTICES ")\n"
    "  --folder=FOLDER    shared with the units that it starts\n"
    "  --profile=FILE     what the box has\n"
    "  --systemctl=FILE   the program\n"
    "  --tpm=FILE         there where the box has one (/dev/tpmrm0)\n"
    "  --help\n";

static const char *size_take(void *arg, const char *value)
{
	struct options *o = arg;
	uint64_t w = 0, h = 0;

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
	static const char *const with_stick[] = { "read", "write", "look",
		"ask" };

	for (size_t i = 0; i < KK_ARRAY_LEN(with_stick); i++) {
		if (!strcmp(o->verb, with_stick[i]))
			return o->stick != NULL;
	}
	return !o->stick && (!o->verb[0] || !strcmp(o->verb, "enrol"));
}

enum kk_err options_parse(struct options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "folder", .text = &o->folder },
		{ "input", .text = &o->input },
		{ "keyd", .text = &o->keyd },
		{ "lines-keyd", .text = &o->lines_keyd },
		{ "notices", .text = &o->notices },
		{ "lost", .number = &o->lost_s, .max = LOST_MAX_S },
		{ "picture", .text = &o->picture },
		{ "profile", .text = &o->profile },
		{ "roomd", .text = &o->roomd },
		{ "screen", .text = &o->screen },
		{ "size", .take = size_take },
		{ "systemctl", .text = &o->systemctl },
		{ "tpm", .text = &o->tpm },
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
		.lines_keyd = "/run/konklave/lines-keyd/setup",
		.roomd = "/run/konklave/roomd/face",
		.lost_s = 60,
		.notices = PROGRAM_NOTICES,
		.profile = "/var/lib/konklave/site/profile",
		.screen = "still",
		.systemctl = "/usr/bin/systemctl",
		.tpm = "/dev/tpmrm0",
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
