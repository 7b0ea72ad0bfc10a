/* options.c - the command line. */
#include <string.h>

#include "driver.h"

#define SOCKET "/run/konklave/update/control"
#define FETCH "/run/konklave/fetch/control"
#define FETCHED "/var/lib/konklave/fetch/bundle.raucb"
#ifdef __aarch64__
#define FALLBACK "EFI/BOOT/BOOTAA64.EFI"
#else
#define FALLBACK "EFI/BOOT/BOOTX64.EFI"
#endif

static const char help[] =
    "usage: konklave-update [OPTION...] COMMAND\n"
    "\n"
    "Brings a new version to this box.  See konklave-update(8).\n"
    "\n"
    "  status           how it stands; --json for programs\n"
    "  install PATH     a bundle, or a folder with konklave-BOARD.raucb\n"
    "  install URL      https://HOST/PATH of a bundle\n"
    "  look             at the profile's server, and installs what is newer\n"
    "  stick FOLDER     installs what a stick has, if it has any\n"
    "  cancel           an update that is not running yet\n"
    "  mark-good        the health checks have passed\n"
    "  mark-bad         they have not\n"
    "  check PATH       looks at a bundle, and changes nothing\n"
    "  serve            does the work; started by the system\n"
    "\n"
    "  --socket=control:PATH  (" SOCKET ")\n"
    "  --allow=control:UID    who may connect\n"
    "  --roomd=SOCKET         tells whether a meeting is on\n"
    "  --fetch=SOCKET         konklave-fetch; (" FETCH ")\n"
    "  --fetched=FILE         what it leaves (" FETCHED ")\n"
    "  --notices=FOLDER       for the room's picture (" PROGRAM_NOTICES ")\n"
    "  --state=FOLDER         (/var/lib/konklave/update)\n"
    "  --rauc=PROGRAM --rauc-conf=FILE --boot=PROGRAM --reboot=PROGRAM\n"
    "  --slot-a=DEVICE --slot-b=DEVICE\n"
    "  --esp=FOLDER --esp-device=DEVICE --fallback=NAME --fsck=PROGRAM\n"
    "  --os-release=FILE --cmdline=FILE --boot-id=FILE\n"
    "  --health-seconds=N     to be marked good in (300)\n"
    "  --restart-seconds=N    from the decision to the restart (10)\n"
    "  --lost-seconds=N       without roomd there is no meeting (60)\n"
    "  --json --help\n";

static const struct {
	const char *name;
	size_t words; /* with the command itself */
} commands[] = {
	{ "status", 1 },
	{ "install", 2 },
	{ "look", 1 },
	{ "stick", 2 },
	{ "cancel", 1 },
	{ "mark-good", 1 },
	{ "mark-bad", 1 },
	{ "check", 2 },
	{ "serve", 1 },
};

static const char *socket_take(void *arg, const char *value)
{
	struct driver_options *o = arg;

	return program_role_socket(o->roles, DRIVER_ROLES, value);
}

static const char *allow_take(void *arg, const char *value)
{
	struct driver_options *o = arg;

	return program_role_allow(o->roles, DRIVER_ROLES, value);
}

static void defaults(struct driver_options *o)
{
	*o = (struct driver_options){
		.state = "/var/lib/konklave/update",
		.os_release = "/etc/os-release",
		.cmdline = "/proc/cmdline",
		.boot_id = "/proc/sys/kernel/random/boot_id",
		.rauc = "/usr/bin/rauc",
		.rauc_conf = "/etc/rauc/system.conf",
		.boot = "/usr/lib/konklave/konklave-boot",
		.reboot = "/usr/bin/systemctl",
		.slot = { "/dev/disk/konklave/root-a",
		    "/dev/disk/konklave/root-b" },
		.esp = "/run/konklave/update/esp",
		.fsck = "/usr/sbin/fsck.fat",
		.fallback = FALLBACK,
		.fetch = FETCH,
		.fetched = FETCHED,
		.notices = PROGRAM_NOTICES,
		.health_seconds = UPDATE_HEALTH_MS / 1000,
		.restart_seconds = DRIVER_RESTART_SECONDS,
		.lost_seconds = DRIVER_MEETING_LOST_SECONDS,
		.roles = { { .name = "control", .path = SOCKET, .fd = -1 } },
	};
}

static enum kk_err options_parse(struct driver_options *o, int argc,
    char **argv)
{
	const struct program_option table[] = {
		{ "state", .text = &o->state },
		{ "os-release", .text = &o->os_release },
		{ "cmdline", .text = &o->cmdline },
		{ "boot-id", .text = &o->boot_id },
		{ "rauc", .text = &o->rauc },
		{ "rauc-conf", .text = &o->rauc_conf },
		{ "boot", .text = &o->boot },
		{ "reboot", .text = &o->reboot },
		{ "slot-a", .text = &o->slot[BOOT_A] },
		{ "slot-b", .text = &o->slot[BOOT_B] },
		{ "esp", .text = &o->esp },
		{ "esp-device", .text = &o->esp_device },
		{ "fsck", .text = &o->fsck },
		{ "fallback", .text = &o->fallback },
		{ "roomd", .text = &o->roomd },
		{ "fetch", .text = &o->fetch },
		{ "fetched", .text = &o->fetched },
		{ "notices", .text = &o->notices },
		{ "health-seconds", .number = &o->health_seconds, .min = 1,
		    .max = 86400 },
		{ "restart-seconds", .number = &o->restart_seconds,
		    .max = 600 },
		{ "lost-seconds", .number = &o->lost_seconds, .max = 600 },
		{ "socket", .take = socket_take },
		{ "allow", .take = allow_take },
		{ "json", .flag = &o->is_json },
	};
	const struct program_options options = { .program = "konklave-update",
		.help = help,
		.table = table,
		.count = KK_ARRAY_LEN(table),
		.arg = o };

	return program_options_parse(&options, argc, argv, &o->is_done);
}

/* A word is no option; those may stand on both sides of it. */
static enum kk_err words_take(struct driver_options *o, int *argc, char **argv)
{
	int n = 1;

	for (int i = 1; i < *argc; i++) {
		if (argv[i][0] == '-') {
			argv[n++] = argv[i];
			continue;
		}
		if (o->words == DRIVER_WORDS_MAX)
			return program_options_complain("konklave-update",
			    argv[i], "one word too many");
		o->word[o->words++] = argv[i];
	}
	*argc = n;
	argv[n] = NULL;
	return KK_OK;
}

enum kk_err driver_options_parse(struct driver_options *o, int argc,
    char **argv)
{
	enum kk_err err;

	defaults(o);
	err = words_take(o, &argc, argv);
	if (!err)
		err = options_parse(o, argc, argv);
	if (err || o->is_done)
		return err;
	program_roles_finish(o->roles, DRIVER_ROLES);
	for (size_t i = 0; o->words && i < KK_ARRAY_LEN(commands); i++) {
		if (!strcmp(o->word[0], commands[i].name) &&
		    o->words == commands[i].words)
			return KK_OK;
	}
	return program_options_complain("konklave-update", "command",
	    "one of those that --help names, with its words");
}
