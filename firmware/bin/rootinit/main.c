/* main.c - maps the verified root and gives the machine to its init. */
#define _GNU_SOURCE /* MS_MOVE */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rootinit.h"

enum {
	TEXT_BYTES = 4096,
	PATH_BYTES = 512,
	ROUND_MS = 100,
	ROUNDS = 1200, /* two minutes: a disk may be slow to come */
	REFUSED_ROUNDS = 50, /* for another one */
	MESSAGE_S =
	    5 /* a message can be read before the machine starts again */
};

void rootinit_say(const char *format, ...)
{
	char text[PATH_BYTES];
	int file = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (file < 0)
		return;
	(void)dprintf(file, "<3>rootinit: %s\n", text);
	(void)close(file);
}

/* Ends the attempt.  The firmware may know another slot. */
static void give_up(const char *why)
{
	rootinit_say("%s: not booted", why);
	(void)sleep(MESSAGE_S);
	(void)reboot(RB_AUTOBOOT);
}

static struct kk_view text_read(const char *path, char text[TEXT_BYTES])
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = file < 0 ? -1 : read(file, text, TEXT_BYTES);

	if (file >= 0)
		(void)close(file);
	return kk_view_of(text, n > 0 ? (size_t)n : 0);
}

/* Whether this device holds the root: then it is mounted on /root. */
static bool device_takes(const struct verity_root *root, const char *device)
{
	char path[PATH_BYTES];

	if (mapping_make(root, device, path, sizeof(path)))
		return false;
	if (!mount(path, "/root", "squashfs", MS_RDONLY, NULL)) {
		if (!mapping_harden(root, device))
			return true;
		(void)umount("/root");
	} else {
		rootinit_say("%s %s: %s", root->label, device, strerror(errno));
	}
	mapping_remove();
	return false;
}

/* Counts the partitions of the label; where is_trying, the first that holds the
 * root ends that, and *is_mounted says so. */
static unsigned devices_see(const struct verity_root *root, bool is_trying,
    bool *is_mounted)
{
	char path[PATH_BYTES], text[TEXT_BYTES], device[VERITY_DEVICE_BYTES];
	DIR *folder = opendir("/sys/class/block");
	const struct dirent *entry;
	struct kk_view uevent;
	unsigned seen = 0;

	while (folder && !*is_mounted && (entry = readdir(folder)) != NULL) {
		(void)snprintf(path, sizeof(path), "/sys/class/block/%s/uevent",
		    entry->d_name);
		uevent = text_read(path, text);
		if (!verity_uevent_is(uevent, root->label) ||
		    verity_uevent_device(uevent, device))
			continue;
		seen++;
		*is_mounted = is_trying && device_takes(root, device);
	}
	if (folder)
		(void)closedir(folder);
	return seen;
}

/*
 * Waits for the root.  There may be several partitions of the label, that of a
 * stick beside the disk's: the hash knows the right one.  Those that were
 * refused are asked again only with a new one.
 */
static bool root_mount(const struct verity_root *root, int watchdog)
{
	const struct timespec round = { .tv_nsec = ROUND_MS * 1000000L };
	unsigned seen, refused = 0;
	bool is_mounted = false;
	int left = ROUNDS;

	while (left-- > 0) {
		watchdog_feed(watchdog);
		seen = devices_see(root, false, &is_mounted);
		if (seen > refused) {
			(void)devices_see(root, true, &is_mounted);
			if (is_mounted)
				return true;
			refused = seen;
			left = REFUSED_ROUNDS;
		}
		(void)nanosleep(&round, NULL);
	}
	return false;
}

static bool kernel_mounts(void)
{
	return !mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL) &&
	    !mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) &&
	    !mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL);
}

static bool root_switch(void)
{
	static const char *const moved[] = { "/dev", "/proc", "/sys" };
	char to[PATH_BYTES];

	for (size_t i = 0; i < KK_ARRAY_LEN(moved); i++) {
		(void)snprintf(to, sizeof(to), "/root%s", moved[i]);
		if (mount(moved[i], to, NULL, MS_MOVE, NULL))
			return false;
	}
	initial_free();
	return !chdir("/root") && !mount(".", "/", NULL, MS_MOVE, NULL) &&
	    !chroot(".") && !chdir("/");
}

int main(void)
{
	char text[TEXT_BYTES];
	struct verity_root root;
	struct kk_view line;
	int watchdog;

	if (getpid() != 1) {
		(void)fprintf(stderr,
		    "rootinit is the first process of an "
		    "image, and nothing else\n");
		return 2;
	}
	if (!kernel_mounts() || modules_load("/modules"))
		give_up("the initial file system is not whole");
	line = text_read("/proc/cmdline", text);
	watchdog_start(&watchdog, line);
	boot_count();
	if (verity_root_parse(&root, line))
		give_up("the command line names no root");
	else if (!root_mount(&root, watchdog))
		give_up("no root of this image");
	else if (!root_switch())
		give_up("the root cannot be entered");
	else
		(void)execl("/usr/lib/systemd/systemd", "/sbin/init",
		    (char *)NULL);
	give_up("there is no init");
	return 1;
}
