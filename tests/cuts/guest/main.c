/*
 * main.c - the first process of a small machine whose kernel writes two updates
 * to its disk, by the code of konklave-update and with a file system of the
 * kernel's.  QEMU logs the writes; the variables, which are in memory, stand in
 * the same log as marks (tests/cuts/mark.h).
 */
#define _GNU_SOURCE /* O_DIRECT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "firmware/bin/konklave-update/driver.h"
#include "firmware/bin/rootinit/rootinit.h"
#include "tests/cuts/mark.h"

#define VARIABLES "/variables" /* over the processes of the machine */
#define DISK "/dev/vda"

enum { ROUNDS = 600, ROUND_US = 100000 };

void rootinit_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

_Noreturn static void end(const char *why)
{
	(void)fprintf(stderr, "recorder: %s\n", why);
	(void)fflush(stderr);
	if (getpid() != 1)
		_exit(EXIT_FAILURE);
	(void)reboot(RB_POWER_OFF);
	for (;;)
		(void)pause();
}

static void must(bool is_true, const char *what)
{
	if (!is_true)
		end(what);
}

/* --- the variables ---------------------------------------------------------
 */

struct marked { /* variables, of which each change is a mark */
	struct world w;
	struct boot_vars inner;
};

/* Not flushed: a mark has a place in the log, and changes nothing else. */
static void mark(const struct world *w)
{
	static _Alignas(4096) uint8_t sector[MARK_BYTES];
	const int fd = open(DISK, O_WRONLY | O_DIRECT | O_CLOEXEC);

	mark_write(w, sector);
	must(fd >= 0 &&
		pwrite(fd, sector, sizeof(sector),
		    (off_t)MARK_AT * MARK_BYTES) == sizeof(sector),
	    "no mark");
	(void)close(fd);
}

static enum kk_err marked_get(void *arg, const char *name, bool is_ours,
    uint8_t *data, size_t *bytes)
{
	const struct marked *m = arg;

	return m->inner.get(m->inner.arg, name, is_ours, data, bytes);
}

static enum kk_err marked_set(void *arg, const char *name, bool is_ours,
    const uint8_t *data, size_t bytes)
{
	struct marked *m = arg;
	const enum kk_err err = m->inner.set(m->inner.arg, name, is_ours, data,
	    bytes);

	mark(&m->w);
	return err;
}

static enum kk_err marked_erase(void *arg, const char *name)
{
	struct marked *m = arg;
	const enum kk_err err = m->inner.erase(m->inner.arg, name);

	mark(&m->w);
	return err;
}

static enum kk_err marked_entries(void *arg, uint16_t *numbers, size_t *count)
{
	const struct marked *m = arg;

	return m->inner.entries(m->inner.arg, numbers, count);
}

static void variables_read(struct marked *m)
{
	const int fd = open(VARIABLES, O_RDONLY | O_CLOEXEC);

	must(fd >= 0 && read(fd, &m->w, sizeof(m->w)) == sizeof(m->w),
	    "no variables");
	(void)close(fd);
	m->inner = world_vars(&m->w);
}

static void variables_write(const struct world *w)
{
	const int fd = open(VARIABLES, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, w, sizeof(*w)) == sizeof(*w),
	    "variables are not kept");
	(void)close(fd);
}

/* A command of konklave-boot's in the boot that is under way. */
static enum kk_err command(const char *name, enum boot_slot slot,
    enum boot_slot running, uint8_t boot_id)
{
	struct marked m;
	const struct boot_vars vars = { .get = marked_get,
		.set = marked_set,
		.erase = marked_erase,
		.entries = marked_entries,
		.arg = &m };
	struct boot b = world_boot_of(&vars, running, boot_id);
	enum kk_err err;

	variables_read(&m);
	b.version = boot_id;
	if (!strcmp(name, "started"))
		err = boot_started(&b);
	else if (!strcmp(name, "good"))
		err = boot_state_set(&b, slot, true);
	else if (!strcmp(name, "bad"))
		err = boot_state_set(&b, slot, false);
	else
		err = boot_primary_set(&b, slot);
	variables_write(&m.w);
	return err;
}

/* --- konklave-boot, as konklave-update calls it ----------------------------
 */

/* "set-state SLOT bad": which boot it is stands in the variables. */
static int boot_main(int argc, char **argv)
{
	struct boot_record r;
	struct marked m;
	enum boot_slot slot;

	if (argc != 4 || strcmp(argv[1], "set-state") != 0 ||
	    strcmp(argv[3], "bad") != 0)
		return 2;
	slot = argv[2][0] == 'a' ? BOOT_A : BOOT_B;
	variables_read(&m);
	if (boot_record_parse(&r,
		kk_view_of(m.w.var[WORLD_RECORD].data,
		    m.w.var[WORLD_RECORD].bytes)))
		return 1;
	return command("bad", slot, boot_slot_other(slot), r.boot_id[0]) ? 1 :
									   0;
}

/* --- a box's life ----------------------------------------------------------
 */

static enum boot_slot power_on(uint8_t boot_id)
{
	static const bool both[BOOT_SLOTS] = { true, true };
	struct marked m;
	enum boot_slot slot;

	variables_read(&m);
	slot = world_boot(&m.w, both);
	variables_write(&m.w);
	mark(&m.w);
	must(slot != BOOT_NO_SLOT, "nothing starts");
	must(!command("started", slot, slot, boot_id), "not counted");
	must(!command("good", slot, slot, boot_id), "not confirmed");
	return slot;
}

static void update(const char *state, enum boot_slot running, uint8_t boot_id)
{
	const struct driver_options o = { .state = state,
		.boot = "/init",
		.slot = { DISK "2", DISK "3" },
		.esp = "/esp",
		.esp_device = DISK "1",
		.fsck = "/usr/sbin/fsck.fat",
		.fallback = "EFI/BOOT/BOOTX64.EFI" };
	const struct facts f = { .running = running, .next = running };
	struct shared shared = { 0 };
	const enum kk_err err = slot_write(&o, &f, &shared);

	(void)fprintf(stderr, "recorder: %s: %s\n", state, kk_err_name(err));
	must(!err, "not written");
	must(!command("try", boot_slot_other(running), running, boot_id),
	    "not tried");
}

static void disk_wait(void)
{
	for (int i = 0; i < ROUNDS && access(DISK "3", F_OK); i++)
		(void)usleep(ROUND_US);
	must(!access(DISK "3", F_OK), "no disk");
}

static void console_open(void)
{
	const int fd = open("/dev/console", O_RDWR | O_CLOEXEC);

	for (int i = 0; fd >= 0 && i <= STDERR_FILENO; i++)
		(void)dup2(fd, i);
}

/* A disk that a cut has left says in its own mark which variables it had. */
static bool is_left(struct world *w)
{
	static _Alignas(4096) uint8_t sector[MARK_BYTES];
	const int fd = open(DISK, O_RDONLY | O_CLOEXEC);

	must(fd >= 0 &&
		pread(fd, sector, sizeof(sector),
		    (off_t)MARK_AT * MARK_BYTES) == sizeof(sector),
	    "the disk cannot be read");
	(void)close(fd);
	return mark_read(w, sector);
}

/* It starts, is updated, and starts the other slot. */
static void go_on(void)
{
	const enum boot_slot slot = power_on(101);

	update(slot == BOOT_A ? "/one" : "/two", slot, 101);
	must(power_on(102) == boot_slot_other(slot),
	    "the update does not start");
}

static void two_updates(void)
{
	enum boot_slot slot = power_on(1);

	update("/one", slot, 1);
	slot = power_on(2);
	must(slot == BOOT_B, "the first update does not start");
	update("/two", slot, 2);
	slot = power_on(3);
	must(slot == BOOT_A, "the second update does not start");
}

int main(int argc, char **argv)
{
	struct world w;
	bool goes_on;

	if (getpid() != 1)
		return boot_main(argc, argv);
	must(!mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) &&
		!mount("proc", "/proc", "proc", 0, NULL) &&
		!mount("sysfs", "/sys", "sysfs", 0, NULL),
	    "no file systems");
	console_open();
	must(!modules_load("/modules"), "no modules");
	disk_wait();
	goes_on = is_left(&w);
	if (!goes_on)
		world_init(&w);
	variables_write(&w);
	mark(&w);
	if (goes_on)
		go_on();
	else
		two_updates();
	end("done");
}
