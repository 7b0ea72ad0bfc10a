/* esp.c - the kernel images in the ESP. */
#define _GNU_SOURCE /* openat(), syncfs(), O_NOFOLLOW, O_DIRECTORY */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver.h"

#define FOLDER "EFI/konklave"

enum { NAME_BYTES = 128 };

/* --- what a cut has left ---------------------------------------------------
 *
 * Clusters that no name leads to; a kernel image under a name of its own.
 * Nothing starts these, but they would keep their room for ever. */

/* Its status says also that something was wrong, and is right now; what it
 * cannot put right is found by who writes. */
void esp_repair(const struct driver_options *o)
{
	const char *const argv[] = { o->fsck, "-a", o->esp_device, NULL };

	(void)!program_run(argv, NULL, 0);
}

static bool is_kept(const char *name, const char *const keep[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcasecmp(name, keep[i])) /* as vfat has it */
			return true;
	}
	return false;
}

/* folder becomes ours.  What is a folder stays. */
static void others_remove(int folder, const char *const keep[], size_t count)
{
	DIR *dir = folder < 0 ? NULL : fdopendir(folder);
	const struct dirent *entry;

	if (!dir && folder >= 0)
		(void)close(folder);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR &&
		    !is_kept(entry->d_name, keep, count))
			(void)!unlinkat(folder, entry->d_name, 0);
	}
	if (dir)
		(void)closedir(dir);
}

static int folder_open(int esp, const char *name)
{
	return openat(esp, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* fsck.fat(8) keeps clusters that nothing had in files FSCKnnnn.REC. */
static bool is_salvaged(const char *name)
{
	const size_t length = strlen(name);

	return length > 8 && !strncasecmp(name, "FSCK", 4) &&
	    !strcasecmp(name + length - 4, ".REC");
}

static void salvaged_remove(int esp)
{
	DIR *dir = NULL;
	const int folder = folder_open(esp, ".");
	const struct dirent *entry;

	if (folder >= 0)
		dir = fdopendir(folder);
	if (!dir && folder >= 0)
		(void)close(folder);
	while (dir && (entry = readdir(dir))) {
		if (is_salvaged(entry->d_name))
			(void)!unlinkat(esp, entry->d_name, 0);
	}
	if (dir)
		(void)closedir(dir);
}

void esp_leftovers_remove(const struct driver_options *o, int esp)
{
	static const char *const slots[BOOT_SLOTS] = { "a.efi", "b.efi" };
	const char *name = strrchr(o->fallback, '/');
	char folder[NAME_BYTES];

	salvaged_remove(esp);
	others_remove(folder_open(esp, FOLDER), slots, BOOT_SLOTS);
	if (!name || (size_t)(name - o->fallback) >= sizeof(folder))
		return;
	memcpy(folder, o->fallback, (size_t)(name - o->fallback));
	folder[name - o->fallback] = '\0';
	name++;
	others_remove(folder_open(esp, folder), &name, 1);
}

/* --- kernel images ---------------------------------------------------------
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
enum kk_err esp_kernel_write(const struct driver_options *o, int esp,
    enum boot_slot slot)
{
	struct copy c = { .from = -1, .to = -1 };
	char name[8];
	enum kk_err err;
	int folder;

	(void)snprintf(name, sizeof(name), "%s.efi", boot_slot_name(slot));
	folder = folder_open(esp, FOLDER);
	if (folder < 0)
		return KK_EIO;
	err = copy_part_open(o, name, &c);
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
enum kk_err esp_fallback_follow(const struct driver_options *o, int esp,
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
