/* slot.c - writing the slot that does not run. */
#define _GNU_SOURCE /* openat(), syncfs(), O_NOFOLLOW, O_DIRECTORY */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

#define FOLDER "EFI/konklave"

enum { NAME_BYTES = 128 };

static enum kk_err emptied(const struct driver_options *o, enum boot_slot slot)
{
	const char *const argv[] = { o->boot, "set-state", boot_slot_name(slot),
		"bad", NULL };

	return program_run(argv, NULL, 0) ? KK_ESTATE : KK_OK;
}

static enum kk_err part_open(const struct driver_options *o, const char *name,
    struct copy *c)
{
	char path[DRIVER_PATH_BYTES];
	const int n = snprintf(path, sizeof(path), "%s/new/%s", o->state, name);
	struct stat st;

	if (n < 0 || (size_t)n >= sizeof(path))
		return KK_EIO;
	c->from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (c->from < 0 || fstat(c->from, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size <= 0)
		return KK_EIO;
	c->bytes = (uint64_t)st.st_size;
	return KK_OK;
}

static void copy_close(struct copy *c)
{
	if (c->from >= 0)
		(void)close(c->from);
	if (c->to >= 0)
		(void)close(c->to);
	c->from = c->to = -1;
}

/* O_EXCL: of a device that somebody uses, as a root or by the device mapper,
 * the kernel gives none (open(2)). */
static enum kk_err root_write(const struct driver_options *o,
    enum boot_slot slot, struct shared *shared)
{
	struct copy c = { .from = -1, .to = -1, .shared = shared };
	enum kk_err err = part_open(o, "root.img", &c);
	off_t room = -1;

	if (!err) {
		c.to = open(o->slot[slot], O_RDWR | O_EXCL | O_CLOEXEC);
		room = c.to < 0 ? -1 : lseek(c.to, 0, SEEK_END);
		err = room < 0 ? KK_EIO : KK_OK;
	}
	if (!err && (uint64_t)room < c.bytes)
		err = KK_ENOSPC;
	if (!err)
		err = copy_bytes(&c);
	if (!err)
		err = copy_compare(&c);
	copy_close(&c);
	return err;
}

/* --- the ESP ---------------------------------------------------------------
 *
 * Whole under another name, on the disk, then renamed.  syncfs() has vfat write
 * all it has, but does not have the disk flush it: fsync() does. */

static enum kk_err file_put(int folder, const char *name, struct copy *c)
{
	char new[NAME_BYTES];
	const int n = snprintf(new, sizeof(new), "%s" PROGRAM_FILE_NEW, name);
	enum kk_err err;

	if (n < 0 || (size_t)n >= sizeof(new))
		return KK_EIO;
	(void)!unlinkat(folder, new, 0);
	c->to = openat(folder, new,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	err = c->to < 0 ? KK_EIO : copy_bytes(c);
	if (!err)
		err = copy_compare(c);
	if (!err &&
	    (renameat(folder, new, folder, name) || syncfs(folder) ||
		fsync(folder)))
		err = KK_EIO;
	return err;
}

/* The old one goes first: there need not be room for both, and nothing starts
 * it any more. */
static enum kk_err uki_write(const struct driver_options *o, int esp,
    enum boot_slot slot)
{
	struct copy c = { .from = -1, .to = -1 };
	char name[8];
	enum kk_err err;
	int folder;

	(void)snprintf(name, sizeof(name), "%s.efi", boot_slot_name(slot));
	folder = openat(esp, FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return KK_EIO;
	err = part_open(o, name, &c);
	if (!err && unlinkat(folder, name, 0) && errno != ENOENT)
		err = KK_EIO;
	if (!err)
		err = file_put(folder, name, &c);
	copy_close(&c);
	(void)close(folder);
	return err;
}

/*
 * What the firmware starts where it has lost its variables is the kernel image
 * of the slot that runs now: that of the other one is about to lose its root.
 */
static enum kk_err fallback_follow(const struct driver_options *o, int esp,
    enum boot_slot running)
{
	struct copy c = { .from = -1, .to = -1 };
	char own[NAME_BYTES];
	struct stat st;
	bool is_there;
	enum kk_err err;

	(void)snprintf(own, sizeof(own), FOLDER "/%s.efi",
	    boot_slot_name(running));
	c.from = openat(esp, own, O_RDONLY | O_CLOEXEC);
	if (c.from < 0 || fstat(c.from, &st) || st.st_size <= 0) {
		copy_close(&c);
		return KK_EIO;
	}
	c.bytes = (uint64_t)st.st_size;
	c.to = openat(esp, o->fallback, O_RDONLY | O_CLOEXEC);
	is_there = c.to >= 0 && !fstat(c.to, &st) &&
	    (uint64_t)st.st_size == c.bytes && !copy_compare(&c);
	if (c.to >= 0)
		(void)close(c.to);
	c.to = -1;
	err = is_there ? KK_OK : file_put(esp, o->fallback, &c);
	copy_close(&c);
	return err;
}

static enum kk_err esp_write(const struct driver_options *o,
    const struct facts *f, struct shared *shared)
{
	const enum boot_slot other = boot_slot_other(f->running);
	const int esp = open(o->esp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum kk_err err;

	if (esp < 0)
		return KK_EIO;
	err = fallback_follow(o, esp, f->running);
	if (!err)
		err = root_write(o, other, shared);
	if (!err)
		err = uki_write(o, esp, other);
	(void)close(esp);
	return err;
}

enum kk_err slot_write(const struct driver_options *o, const struct facts *f,
    struct shared *shared)
{
	enum kk_err err = emptied(o, boot_slot_other(f->running));

	if (err || !o->esp_device)
		return err ? err : esp_write(o, f, shared);
	(void)mkdir(o->esp, 0700);
	if (mount(o->esp_device, o->esp, "vfat",
		MS_NOSUID | MS_NODEV | MS_NOEXEC, "umask=0077"))
		return KK_EIO;
	err = esp_write(o, f, shared);
	return umount2(o->esp, UMOUNT_NOFOLLOW) && !err ? KK_EIO : err;
}
