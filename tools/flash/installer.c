/* installer.c - the program as a machine's first process, on a stick. */
#define _GNU_SOURCE /* O_CLOEXEC, readlink() */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/vfs.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bin/rootinit/rootinit.h"
#include "program/words.h"
#include "tools/flash/install.h"
#include "tools/flash/show.h"

#define TRUST "/trust.pem" /* in the signed initial file system */

enum {
	ROUND_MS = 100,
	STICK_ROUNDS = 1200, /* two minutes: it may be slow to come */
	SETTLE_S = 5, /* for the disks that come after it */
	COUNT_S = 30,
	ANSWER_BYTES = 16
};

/* What one installation has in its hands. */
struct installing {
	struct install_stick stick;
	struct flash_package package;
	struct kk_bytes record; /* the profile's text is in it */
	struct profile profile;
	struct flash_disk disks[FLASH_DISKS_MAX];
	size_t count;
};

void rootinit_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

static void say(enum flash_word word, const char *one, const char *two)
{
	flash_tell(stderr, word, one, two, "");
}

static void path_of(char path[64], const char *device)
{
	(void)snprintf(path, 64, "/dev/%.31s", device);
}

/* A line of the keyboard, or what was pressed within so many ms; false: none
 * was. */
static bool is_pressed(int ms, char *line, size_t room)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t n;

	line[0] = '\0';
	if (poll(&keys, 1, ms) <= 0)
		return false;
	n = read(STDIN_FILENO, line, room - 1);
	line[n > 0 ? n : 0] = '\0';
	/* A console that has nobody behind it is at its end at once. */
	if (n <= 0 && ms > 0)
		(void)sleep((unsigned)ms / 1000);
	return n > 0;
}

/* --- the stick ------------------------------------------------------------ */

static enum kk_err stick_wait(struct install_stick *stick)
{
	const struct timespec round = { .tv_nsec = ROUND_MS * 1000000L };
	enum kk_err err = KK_ENOENT;

	for (int i = 0; err == KK_ENOENT && i < STICK_ROUNDS; i++) {
		err = install_stick_find("", stick);
		if (err == KK_ENOENT)
			(void)nanosleep(&round, NULL);
	}
	(void)sleep(SETTLE_S);
	return err;
}

/* An empty place is no profile. */
static enum kk_err profile_read(struct installing *in)
{
	struct profile_problem problem;
	struct kk_view text;
	char path[64];
	enum kk_err err;

	path_of(path, in->stick.profile);
	err = flash_record_read(path, &in->record, &text);
	if (err == KK_ENOENT)
		return KK_OK;
	if (!err)
		err = profile_parse(&in->profile, text, &problem);
	if (!err)
		err = profile_check(&in->profile, &problem);
	if (!err && in->profile.values[PROFILE_LANGUAGE][0])
		err = setenv("KK_LANG", in->profile.values[PROFILE_LANGUAGE],
			  1) ?
		    KK_ENOMEM :
		    KK_OK;
	return err;
}

static bool stick_open(struct installing *in)
{
	char path[64];
	enum kk_err err = stick_wait(&in->stick);

	if (err) {
		say(err == KK_ESTATE ? WORD_STICKS : WORD_STICK_NONE, "", "");
		return false;
	}
	if (profile_read(in)) {
		say(WORD_STICK_PROFILE, "", "");
		return false;
	}
	path_of(path, in->stick.package);
	err = flash_package_open(&in->package, path, TRUST);
	if (err)
		say(err == KK_EUNTRUSTED || err == KK_EVERIFY ? WORD_UNTRUSTED :
								WORD_BROKEN,
		    path, "");
	else
		flash_package_show(stderr, &in->package, false);
	return !err;
}

/* --- the disk ------------------------------------------------------------- */

static enum install_choice disks_list(struct installing *in)
{
	if (flash_disks_list("", in->disks, &in->count))
		in->count = 0;
	for (size_t i = 0; i < in->count; i++) {
		char path[64];

		path_of(path, in->disks[i].name);
		flash_content_read(path, in->disks[i].content,
		    sizeof(in->disks[i].content));
	}
	return install_disks_keep(in->disks, &in->count, in->stick.disk,
	    in->package.manifest.image_bytes);
}

/* Whether nobody has pressed a key while it counted down. */
static bool is_left_alone(const struct flash_disk *disk)
{
	char left[16], line[ANSWER_BYTES];

	for (int i = COUNT_S; i > 0; i--) {
		(void)snprintf(left, sizeof(left), "%d", i);
		if (i == COUNT_S || i <= 10 || i % 10 == 0)
			say(WORD_COUNT, disk->name, left);
		if (is_pressed(1000, line, sizeof(line)))
			return false;
	}
	return true;
}

static bool disk_ask(struct installing *in, size_t *chosen)
{
	char line[ANSWER_BYTES];

	for (size_t i = 0; i < in->count; i++) {
		(void)fprintf(stderr, "%zu: ", i + 1);
		flash_disks_show(stderr, &in->disks[i], 1, false);
	}
	say(WORD_WHICH, "", "");
	while (!is_pressed(-1, line, sizeof(line)))
		(void)sleep(1);
	return !install_answer_take(line, in->count, chosen);
}

/* The choice has to be the same when the time is over: a disk that comes late
 * would make it a question. */
static bool disk_choose(struct installing *in, struct flash_disk *disk)
{
	enum install_choice choice = disks_list(in);
	size_t chosen = 0;

	if (choice == INSTALL_ONE) {
		*disk = in->disks[0];
		flash_disks_show(stderr, disk, 1, false);
		if (is_left_alone(disk)) {
			choice = disks_list(in);
			if (choice == INSTALL_ONE &&
			    !strcmp(in->disks[0].name, disk->name))
				return true;
		}
	}
	if (choice == INSTALL_ONE || choice == INSTALL_SEVERAL) {
		if (disk_ask(in, &chosen)) {
			*disk = in->disks[chosen];
			return true;
		}
		say(WORD_NOT_INSTALLED, "", "");
		return false;
	}
	say(choice == INSTALL_SMALL ? WORD_DISK_SMALL : WORD_DISK_NONE, "", "");
	return false;
}

/* --- writing -------------------------------------------------------------- */

static enum kk_err chunk_give(void *arg, size_t i, uint8_t *out)
{
	return flash_package_chunk(arg, i, out);
}

static bool disk_write(struct installing *in, const struct flash_disk *disk)
{
	const struct flash_source source = { &in->package.manifest, chunk_give,
		&in->package };
	struct flash_device device;
	struct flash_written written;
	struct flash_meter meter;
	const struct flash_progress progress = { flash_meter_tell, &meter };
	char path[64];
	enum kk_err err;

	path_of(path, disk->name);
	err = flash_device_open(&device, path, false);
	if (!err) {
		flash_meter_init(&meter);
		err = flash_write(&source, &device.target, false,
		    kk_bytes_view(&in->record), &progress, &written);
		flash_meter_end(&meter);
	}
	flash_device_close(&device);
	switch (err) {
	case KK_OK:
		say(WORD_DONE, disk->name, "");
		if (in->profile.values[PROFILE_NAME][0])
			say(WORD_PERSONAL, in->profile.values[PROFILE_NAME],
			    "");
		say(WORD_NEXT, "", "");
		return true;
	case KK_ENOENT:
		say(WORD_NO_PLACE, "", "");
		return false;
	default:
		say(WORD_INSTALL_FAILED, disk->name, kk_err_text(err));
		return false;
	}
}

static void install(struct installing *in)
{
	struct flash_disk disk;

	if (stick_open(in) && disk_choose(in, &disk) && disk_write(in, &disk))
		say(WORD_INSTALLED, "", "");
	flash_package_close(&in->package);
	kk_bytes_clear(&in->record);
	kk_wipe(&in->profile, sizeof(in->profile)); /* it has the box's token */
}

/* --- the machine ---------------------------------------------------------- */

static bool system_begin(void)
{
	return !mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, NULL) &&
	    !mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) &&
	    !mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		NULL) &&
	    !modules_load("/modules");
}

/* A key or five minutes, then off: started anew with the stick in it, it would
 * write the disk again. */
static void system_end(void)
{
	char line[ANSWER_BYTES];

	say(WORD_OFF, "", "");
	(void)tcflush(STDIN_FILENO, TCIFLUSH);
	for (int i = 0; i < 300 && !is_pressed(1000, line, sizeof(line)); i++)
		;
	sync();
	(void)reboot(RB_POWER_OFF);
}

bool install_is_wanted(const char *name)
{
	struct statfs root;

	return getpid() == 1 && name && !strcmp(name, "/init") &&
	    !statfs("/", &root) &&
	    (root.f_type == RAMFS_MAGIC || root.f_type == TMPFS_MAGIC) &&
	    !access(TRUST, R_OK) && !access("/modules", R_OK);
}

void install_run(void)
{
	struct installing *in = kk_calloc(1, sizeof(*in));
	int console;

	if (in)
		in->package.fd = -1;
	if (in && system_begin()) {
		console = open("/dev/console", O_RDWR | O_CLOEXEC);
		for (int i = 0; console >= 0 && i <= STDERR_FILENO; i++)
			(void)dup2(console, i);
		install(in);
	} else {
		rootinit_say("the installer's own files are not whole");
	}
	kk_free(in);
	for (;;)
		system_end();
}
