/* disks.c - what disks and sticks the machine has.  Source: sysfs(5), proc(5).
 */
#define _GNU_SOURCE /* strtok_r(), realpath() */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/flash/flash.h"

enum {
	SECTOR_BYTES = 512, /* of sysfs' "size", whatever the disk's are */
	LINE_BYTES = 4096
};

/* A file's first line, or "" . */
static void line_read(const char *path, char *line, size_t room)
{
	FILE *file = fopen(path, "re");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, (int)room, file))
		line[0] = '\0';
	(void)fclose(file);
	line[strcspn(line, "\n")] = '\0';
	for (size_t end = strlen(line); end > 0 && line[end - 1] == ' ';)
		line[--end] = '\0';
}

static void attribute_read(const char *root, const char *disk, const char *name,
    char *line, size_t room)
{
	char path[FLASH_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/sys/block/%s/%s", root, disk,
	    name);
	line_read(path, line, room);
}

static bool is_disk(const char *name)
{
	static const char *const others[] = { ".", "loop", "ram", "zram", "dm-",
		"md", "sr", "fd", "nbd" };

	for (size_t i = 0; i < KK_ARRAY_LEN(others); i++) {
		if (!strncmp(name, others[i], strlen(others[i])))
			return false;
	}
	return strlen(name) < sizeof(((struct flash_disk *)NULL)->name);
}

/* Of a disk, or of one of its partitions: sda has sda1, nvme0n1 has
 * nvme0n1p1. */
static bool is_of(const char *device, const char *disk)
{
	const size_t bytes = strlen(disk);
	const char last = disk[bytes - 1];

	if (strncmp(device, disk, bytes) != 0)
		return false;
	device += bytes;
	if (last >= '0' && last <= '9' && *device == 'p')
		device++;
	return !device[strspn(device, "0123456789")];
}

static void use_note(struct flash_disk *d, const char *as)
{
	static const char *const systems[] = { "/", "/boot", "/boot/efi",
		"/efi", "/usr", "/var", "/home", "swap" };

	if (!d->is_used)
		(void)snprintf(d->used_as, sizeof(d->used_as), "%s", as);
	d->is_used = true;
	for (size_t i = 0; i < KK_ARRAY_LEN(systems); i++)
		d->is_system |= !strcmp(as, systems[i]);
}

/* Lines of mounts: "DEVICE POINT ..."; of swaps: "DEVICE ...". */
static void uses_read(const char *root, const char *file, const char *as,
    struct flash_disk *disks, size_t count)
{
	char path[FLASH_PATH_BYTES], line[LINE_BYTES];
	FILE *list;

	(void)snprintf(path, sizeof(path), "%s/proc/%s", root, file);
	list = fopen(path, "re");
	while (list && fgets(line, sizeof(line), list)) {
		char *rest = NULL, *device = strtok_r(line, " \t\n", &rest);
		const char *point = strtok_r(NULL, " \t\n", &rest);

		if (!device || strncmp(device, "/dev/", 5) != 0)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (is_of(device + 5, disks[i].name))
				use_note(&disks[i],
				    as        ? as :
					point ? point :
						"?");
		}
	}
	if (list)
		(void)fclose(list);
}

/* Device mapper, RAID and the like, which stand on a disk or a partition.  It
 * may be the system's own: nobody can tell from here. */
static void holders_read(const char *root, const char *folder,
    struct flash_disk *d)
{
	char path[FLASH_PATH_BYTES], name[64];
	const struct dirent *entry;
	DIR *holders;

	(void)snprintf(path, sizeof(path), "%s/sys/block/%s/holders", root,
	    folder);
	holders = opendir(path);
	while (holders && (entry = readdir(holders))) {
		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%.60s", entry->d_name);
		use_note(d, name);
		d->is_system = true;
	}
	if (holders)
		(void)closedir(holders);
}

static void parts_read(const char *root, struct flash_disk *d)
{
	char path[FLASH_PATH_BYTES];
	const struct dirent *entry;
	DIR *folder;

	holders_read(root, d->name, d);
	(void)snprintf(path, sizeof(path), "%s/sys/block/%s", root, d->name);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (strcmp(entry->d_name, d->name) == 0 ||
		    !is_of(entry->d_name, d->name))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", d->name,
		    entry->d_name);
		holders_read(root, path, d);
	}
	if (folder)
		(void)closedir(folder);
}

static bool is_by_usb(const char *root, const char *name)
{
	char path[FLASH_PATH_BYTES], real[FLASH_PATH_BYTES];

	(void)snprintf(path, sizeof(path), "%s/sys/block/%s", root, name);
	return realpath(path, real) && strstr(real, "/usb");
}

static void disk_read(const char *root, const char *name, struct flash_disk *d)
{
	char line[64];

	memset(d, 0, sizeof(*d));
	(void)snprintf(d->name, sizeof(d->name), "%s", name);
	attribute_read(root, name, "size", line, sizeof(line));
	d->bytes = strtoull(line, NULL, 10) * SECTOR_BYTES;
	attribute_read(root, name, "removable", line, sizeof(line));
	d->is_removable = line[0] == '1';
	attribute_read(root, name, "ro", line, sizeof(line));
	d->is_read_only = line[0] == '1';
	attribute_read(root, name, "device/model", d->model, sizeof(d->model));
	if (!kk_text_is_shown(kk_view_text(d->model)))
		d->model[0] = '\0';
	d->is_usb = is_by_usb(root, name);
}

static int by_name(const void *a, const void *b)
{
	const struct flash_disk *one = a, *two = b;

	return strcmp(one->name, two->name);
}

enum kk_err flash_disks_list(const char *root, struct flash_disk *disks,
    size_t *count)
{
	char path[FLASH_PATH_BYTES];
	const struct dirent *entry;
	DIR *folder;

	*count = 0;
	(void)snprintf(path, sizeof(path), "%s/sys/block", root);
	folder = opendir(path);
	if (!folder)
		return KK_EIO;
	while (*count < FLASH_DISKS_MAX && (entry = readdir(folder))) {
		if (!is_disk(entry->d_name))
			continue;
		disk_read(root, entry->d_name, &disks[*count]);
		*count += disks[*count].bytes > 0; /* a reader without card */
	}
	(void)closedir(folder);
	qsort(disks, *count, sizeof(*disks), by_name);
	for (size_t i = 0; i < *count; i++)
		parts_read(root, &disks[i]);
	uses_read(root, "self/mounts", NULL, disks, *count);
	uses_read(root, "swaps", "swap", disks, *count);
	return KK_OK;
}
