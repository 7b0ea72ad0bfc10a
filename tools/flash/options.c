/* options.c - the command line. */
#include <string.h>

#include "program/options.h"
#include "tools/flash/options.h"

#define PROGRAM "konklave-flash"
#define TRUST "/etc/konklave/trust.pem"

static const char help[] =
    "usage: konklave-flash list [--json]\n"
    "       konklave-flash show --image=FILE [OPTION...]\n"
    "       konklave-flash write --image=FILE --to=DISK [OPTION...]\n"
    "       konklave-flash pack --from=FILE --image=FILE --board=NAME\n"
    "           --release=VERSION --key=FILE --chain=FILE\n"
    "\n"
    "list: disks and sticks, and what is on them.  show: who signed an image,\n"
    "and what for.  write: puts it on a disk, reads it back and compares.\n"
    "pack: makes a signed image of a disk's content.\n"
    "\n"
    "  --image=FILE       the image package\n"
    "  --to=DISK          a name from the list, as sdb, or a file\n"
    "  --trust=FILE       who may sign, PEM (" TRUST ")\n"
    "  --board=NAME       write nothing that is for another board\n"
    "  --profile=FILE     what the box is to be: konklave-profile(5)\n"
    "  --units=FILE       the same of many boxes, CSV; with --unit\n"
    "  --unit=N           the Nth of them, from 1\n"
    "  --resume           keep what an earlier try has written\n"
    "  --yes              do not ask\n"
    "  --over=DISK        a disk that is in use: its name once more\n"
    "  --system           even a disk of the running system; with --over\n"
    "  --record=FILE      add a line of JSON about the unit\n"
    "  --json             say the outcome as JSON\n"
    "  --from=FILE        a disk's content\n"
    "  --release=VERSION  letters, digits, . _ -\n"
    "  --key=FILE         the signer's private key, PEM\n"
    "  --chain=FILE       its certificate and those above it, PEM\n"
    "  --help, --version\n"
    "\n"
    "Status: 0 done, 1 failed on the way, 2 wrong options, 3 refused before\n"
    "anything was written.\n";

static enum kk_err lacks(const char *option)
{
	return program_options_complain(PROGRAM, option, "is needed");
}

static enum kk_err command_check(const struct flash_options *o)
{
	static const char *const commands[] = { "list", "show", "write",
		"pack" };
	const char *command = o->command;
	bool is_known = false;

	for (size_t i = 0; command && i < KK_ARRAY_LEN(commands); i++)
		is_known |= !strcmp(command, commands[i]);
	if (!is_known)
		return program_options_complain(PROGRAM,
		    command ? command : "command",
		    "list, show, write or pack?");
	if (strcmp(command, "list") != 0 && !o->image)
		return lacks("--image");
	if (!strcmp(command, "write") && !o->to)
		return lacks("--to");
	if (!o->units != !o->unit)
		return lacks(o->units ? "--unit" : "--units");
	if (strcmp(command, "pack") != 0)
		return KK_OK;
	return !o->from ? lacks("--from") :
	    !o->board   ? lacks("--board") :
	    !o->release ? lacks("--release") :
	    !o->key     ? lacks("--key") :
	    !o->chain   ? lacks("--chain") :
			  KK_OK;
}

enum kk_err flash_options_parse(struct flash_options *o, int argc, char **argv)
{
	const struct program_option table[] = {
		{ "image", .text = &o->image },
		{ "to", .text = &o->to },
		{ "trust", .text = &o->trust },
		{ "board", .text = &o->board },
		{ "profile", .text = &o->profile },
		{ "units", .text = &o->units },
		{ "unit", .number = &o->unit, .min = 1, .max = 10000 },
		{ "resume", .flag = &o->resumes },
		{ "yes", .flag = &o->is_sure },
		{ "over", .text = &o->over },
		{ "system", .flag = &o->takes_system },
		{ "record", .text = &o->record },
		{ "json", .flag = &o->is_json },
		{ "from", .text = &o->from },
		{ "release", .text = &o->release },
		{ "key", .text = &o->key },
		{ "chain", .text = &o->chain },
	};
	const struct program_options options = { .program = PROGRAM,
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o,
		.word = &o->command,
		.version = flash_version() };
	enum kk_err err;

	*o = (struct flash_options){ .trust = TRUST };
	err = program_options_parse(&options, argc, argv, &o->is_done);
	return err || o->is_done ? err : command_check(o);
}
