/* options.c - the command line. */
#include <string.h>

#include "handler.h"

static const char help[] =
    "usage: konklave-boot [OPTION...] COMMAND\n"
    "\n"
    "Which slot starts, in the firmware's variables.  See konklave-boot(8).\n"
    "\n"
    "  started                  this boot is counted\n"
    "  setup                    makes the boot entries that are not there\n"
    "  confirm                  the slot that runs works\n"
    "  status                   what is recorded\n"
    "  get-current              the slot that runs\n"
    "  get-primary              the slot that starts next\n"
    "  set-primary SLOT\n"
    "  get-state SLOT           good or bad\n"
    "  set-state SLOT good|bad\n"
    "\n"
    "SLOT is a or b.\n"
    "\n"
    "  --efivars=FOLDER  the variables (/sys/firmware/efi/efivars)\n"
    "  --cmdline=FILE    the kernel's command line (/proc/cmdline)\n"
    "  --boot-id=FILE    differs in each boot\n"
    "                    (/proc/sys/kernel/random/boot_id)\n"
    "  --sys=FOLDER      (/sys)\n"
    "  --dev=FOLDER      links to partitions (/dev/disk)\n"
    "  --esp=LABEL       of the partition that is started from (esp)\n"
    "  --help\n";

enum kk_err handler_options_parse(struct handler_options *o, int argc,
    char **argv)
{
	const struct program_option table[] = {
		{ "efivars", .text = &o->efivars },
		{ "cmdline", .text = &o->cmdline },
		{ "boot-id", .text = &o->boot_id },
		{ "sys", .text = &o->sys },
		{ "dev", .text = &o->dev },
		{ "esp", .text = &o->esp },
	};
	const struct program_options options = { .program = "konklave-boot",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };
	const int first = program_options_count(argc, argv);
	enum kk_err err;

	*o = (struct handler_options){
		.efivars = "/sys/firmware/efi/efivars",
		.cmdline = "/proc/cmdline",
		.boot_id = "/proc/sys/kernel/random/boot_id",
		.sys = "/sys",
		.dev = "/dev/disk",
		.esp = "esp",
	};
	err = program_options_parse(&options, first, argv, &o->is_done);
	if (err || o->is_done)
		return err;
	if (argc - first < 1 || argc - first > HANDLER_WORDS_MAX)
		return program_options_complain("konklave-boot", "command",
		    "one of those that --help names");
	while (first + (int)o->words < argc) {
		o->word[o->words] = argv[first + (int)o->words];
		o->words++;
	}
	return KK_OK;
}
