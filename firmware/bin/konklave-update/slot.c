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

static enum kk_err emptied(const struct driver_options *o, enum boot_slot slot)
{
	const char *const argv[] = { o->boot, "set-state", boot_slot_name(slot),
		"bad", NULL };

	return program_run(argv, NULL, 0) ? KK_ESTATE : KK_OK;
}

enum kk_err copy_part_open(const struct driver_options *o, const char *name,
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

void copy_close(struct copy *c)
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
	enum kk_err err = copy_part_open(o, "root.img", &c);
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

static enum kk_err esp_write(const struct driver_options *o,
    const struct facts *f, struct shared *shared)
{
	const enum boot_slot other = boot_slot_other(f->running);
	const int esp = open(o->esp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum kk_err err;

	if (esp < 0)
		return KK_EIO;
	esp_leftovers_remove(o, esp);
	err = esp_fallback_follow(o, esp, f->running);
	if (!err)
		err = root_write(o, other, shared);
	if (!err)
		err = esp_kernel_write(o, esp, other);
	(void)close(esp);
	return err;
}

enum kk_err slot_write(const struct driver_options *o, const struct facts *f,
    struct shared *shared)
{
	enum kk_err err = emptied(o, boot_slot_other(f->running));

	if (err || !o->esp_device)
		return err ? err : esp_write(o, f, shared);
	esp_repair(o);
	(void)mkdir(o->esp, 0700);
	if (mount(o->esp_device, o->esp, "vfat",
		MS_NOSUID | MS_NODEV | MS_NOEXEC, "umask=0077"))
		return KK_EIO;
	err = esp_write(o, f, shared);
	return umount2(o->esp, UMOUNT_NOFOLLOW) && !err ? KK_EIO : err;
}
