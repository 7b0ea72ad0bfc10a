/* cuts.c - the writing of a slot, ended at each call that changes a disk, a
 * write in its middle. */
#define _GNU_SOURCE /* syncfs(), renameat(), unlinkat() */
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "firmware/bin/konklave-update/driver.h"
#include "harness/tap.h"
#include "world.h"

enum { ENDED = 77, CALLS_MAX = 1000, PATHS = 8, PATH = 128 };

/* How many calls are left; below 0: no end. */
static int left = -1;

static bool is_end(void)
{
	return left >= 0 && left-- == 0;
}

/* clang-format off */
ssize_t __real_pwrite(int fd, const void *data, size_t bytes, off_t at);
ssize_t __wrap_pwrite(int fd, const void *data, size_t bytes, off_t at);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_syncfs(int fd);
int __wrap_syncfs(int fd);
int __real_renameat(int from, const char *a, int to, const char *b);
int __wrap_renameat(int from, const char *a, int to, const char *b);
int __real_unlinkat(int folder, const char *name, int flags);
int __wrap_unlinkat(int folder, const char *name, int flags);
/* clang-format on */

ssize_t __wrap_pwrite(int fd, const void *data, size_t bytes, off_t at)
{
	if (is_end()) {
		(void)!__real_pwrite(fd, data, bytes / 2, at);
		_exit(ENDED);
	}
	return __real_pwrite(fd, data, bytes, at);
}

int __wrap_fdatasync(int fd)
{
	if (is_end())
		_exit(ENDED);
	return __real_fdatasync(fd);
}

int __wrap_fsync(int fd)
{
	if (is_end())
		_exit(ENDED);
	return __real_fsync(fd);
}

int __wrap_syncfs(int fd)
{
	if (is_end())
		_exit(ENDED);
	return __real_syncfs(fd);
}

int __wrap_renameat(int from, const char *a, int to, const char *b)
{
	if (is_end())
		_exit(ENDED);
	return __real_renameat(from, a, to, b);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
	if (is_end())
		_exit(ENDED);
	return __real_unlinkat(folder, name, flags);
}

struct place {
	struct world w;
	char path[PATHS][PATH];
	struct driver_options options;
	struct facts facts;
};

static const char *in(struct place *p, size_t i, const char *name)
{
	(void)snprintf(p->path[i], PATH, "%s/%s", p->w.path, name);
	return p->path[i];
}

/* Slot b was good once; what the firmware starts without variables is old. */
static void place_open(struct place *p)
{
	world_open(&p->w);
	world_script(&p->w,
	    "./boot set-state a good; ./boot set-state b bad\n"
	    "./boot set-primary b");
	world_boot(&p->w, "b", 3);
	world_script(&p->w, "./boot set-state b good");
	world_boot(&p->w, "a", 3);
	world_script(&p->w,
	    "./boot set-state a good; ./boot set-primary a\n"
	    "echo very old >esp/EFI/BOOT/BOOTX64.EFI\n"
	    "mkdir state/new\n"
	    "head -c 250000 /dev/zero | tr '\\0' N >state/new/root.img\n"
	    "echo new b >state/new/b.efi\n"
	    "mkdir before; cp -a slot-a slot-b vars esp before");
	p->options = (struct driver_options){
		.state = in(p, 0, "state"),
		.boot = in(p, 1, "boot"),
		.slot = { in(p, 2, "slot-a"), in(p, 3, "slot-b") },
		.esp = in(p, 4, "esp"),
		.fallback = "EFI/BOOT/BOOTX64.EFI",
	};
	p->facts = (struct facts){ .running = BOOT_A, .next = BOOT_A };
}

static int write_until(struct place *p, int calls)
{
	int status;
	const pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		struct shared shared = { 0 };

		left = calls;
		_exit(slot_write(&p->options, &p->facts, &shared) ? 1 : 0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const char keeps[] =
    "cmp slot-a before/slot-a\n"
    "cmp esp/EFI/konklave/a.efi before/esp/EFI/konklave/a.efi\n"
    "test \"$(./boot get-primary)\" = a\n"
    "cmp esp/EFI/BOOT/BOOTX64.EFI esp/EFI/konklave/a.efi ||\n"
    "    grep -q -x 'very old' esp/EFI/BOOT/BOOTX64.EFI\n"
    "test ! -e esp/EFI/konklave/b.efi ||\n"
    "    grep -q -x 'old b\\|new b' esp/EFI/konklave/b.efi\n"
    "./boot status | grep -q '^b empty' ||\n"
    "    { cmp slot-b before/slot-b; diff -r esp before/esp; }\n";

static const char back[] = "rm -r esp vars slot-b\n"
			   "cp -a before/esp before/vars before/slot-b .\n";

TEST(slot_that_is_half_written_is_empty_and_the_running_one_is_as_it_was)
{
	struct place p;
	int calls = 0, status;

	place_open(&p);
	while ((status = write_until(&p, calls)) == ENDED) {
		world_script(&p.w, keeps);
		world_script(&p.w, back);
		CHECK(++calls < CALLS_MAX);
	}
	tap_diag("%d calls", calls);
	CHECK_EQ(status, 0);
	CHECK(calls > 12);
	world_script(&p.w, keeps);
	world_script(&p.w,
	    "cmp -n 250000 state/new/root.img slot-b\n"
	    "cmp state/new/b.efi esp/EFI/konklave/b.efi\n"
	    "cmp esp/EFI/BOOT/BOOTX64.EFI esp/EFI/konklave/a.efi\n"
	    "./boot status | grep -q '^b empty'");
	world_close(&p.w);
}

/* What a cut has left stands in nobody's way. */
TEST(slot_is_written_anew_after_any_cut)
{
	struct place p;
	int calls = 0;

	place_open(&p);
	while (write_until(&p, calls) == ENDED) {
		CHECK_EQ(write_until(&p, -1), 0);
		world_script(&p.w, keeps);
		world_script(&p.w, back);
		CHECK(++calls < CALLS_MAX);
	}
	CHECK(calls > 12);
	world_close(&p.w);
}

TEST(esp_keeps_nothing_but_kernel_images_of_slots_when_one_is_written)
{
	struct place p;

	place_open(&p);
	world_script(&p.w,
	    "cd esp/EFI; mkdir konklave/folder other\n"
	    "for name in konklave/b.efi.new konklave/AEFI~1.NEW \\\n"
	    "    BOOT/BOOTX64.EFI.new other/file; do echo half >$name; done\n"
	    "echo lost >../FSCK0000.REC; echo lost >../fsck0001.rec\n"
	    "echo kept >../FSCK; echo kept >../MOKLIST.REC\n"
	    "mv konklave/a.efi konklave/A.EFI; ln konklave/A.EFI konklave/a.efi");
	CHECK_EQ(write_until(&p, -1), 0);
	world_script(&p.w,
	    "cd esp/EFI; LC_ALL=C ls -d */* ../* >../../is\n"
	    "printf '%s\\n' ../EFI ../FSCK ../MOKLIST.REC BOOT/BOOTX64.EFI konklave/A.EFI konklave/a.efi "
	    "konklave/b.efi konklave/folder other/file | cmp - ../../is");
	world_script(&p.w, "cmp esp/EFI/konklave/b.efi state/new/b.efi");
	world_close(&p.w);
}

/* No file here can be mounted: what came before that is seen. */
TEST(esp_is_put_right_when_the_slot_is_empty_and_before_it_is_mounted)
{
	struct place p;

	place_open(&p);
	world_script(&p.w,
	    "echo image >device\n"
	    "{ echo '#!/bin/sh'; echo \"cd $PWD\"\n"
	    "  echo 'echo \"$@\" >>said; ./boot status >>said; exit 1'\n"
	    "} >fsck; chmod +x fsck");
	p.options.fsck = in(&p, 5, "fsck");
	p.options.esp_device = in(&p, 6, "device");
	CHECK_EQ(write_until(&p, -1), 1);
	world_script(&p.w,
	    "head -n 1 said | grep -q -x -e \"-a $PWD/device\"\n"
	    "grep -q '^b empty' said\n"
	    "cmp slot-b before/slot-b; diff -r esp before/esp");
	world_close(&p.w);
}
