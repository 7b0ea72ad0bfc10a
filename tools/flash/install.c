/* install.c - what an installer stick is, and which disk it may write. */
#define _GNU_SOURCE /* readlink() */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/flash/install.h"

enum { TEXT_BYTES = 4096 };

/* The value of a line "NAME=VALUE" in a device's uevent, or "". */
static void uevent_read(const char *root, const char *device, const char *name,
    char *value, size_t room)
{
	char path[FLASH_PATH_BYTES], line[TEXT_BYTES];
	const size_t bytes = strlen(name);
	FILE *file;

	value[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/sys/class/block/%s/uevent", root,
	    device);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, name, bytes) && line[bytes] == '=' &&
		    strlen(line + bytes + 1) < room)
			(void)snprintf(value, room, "%s", line + bytes + 1);
	}
	if (file)
		(void)fclose(file);
}

/* A partition's folder is in its disk's, where its link leads to. */
static bool disk_of(const char *root, const char *part, char *disk, size_t room)
{
	char path[FLASH_PATH_BYTES], to[FLASH_PATH_BYTES];
	char *name;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/sys/class/block/%s", root, part);
	n = readlink(path, to, sizeof(to) - 1);
	if (n <= 0)
		return false;
	to[n] = '\0';
	name = strrchr(to, '/');
	if (!name)
		return false;
	*name = '\0';
	name = strrchr(to, '/');
	if (!name || strlen(name + 1) >= room)
		return false;
	(void)snprintf(disk, room, "%s", name + 1);
	return true;
}

/* How many partitions of this name there are, on the disk if one is said; the
 * last one's name goes to part. */
static size_t parts_find(const char *root, const char *label, const char *disk,
    char *part, size_t room)
{
	char path[FLASH_PATH_BYTES], name[64], on[32];
	const struct dirent *entry;
	size_t found = 0;
	DIR *folder;

	(void)snprintf(path, sizeof(path), "%s/sys/class/block", root);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		uevent_read(root, entry->d_name, "PARTNAME", name,
		    sizeof(name));
		if (strcmp(name, label) != 0 || strlen(entry->d_name) >= room ||
		    !disk_of(root, entry->d_name, on, sizeof(on)) ||
		    (disk && strcmp(on, disk) != 0))
			continue;
		(void)snprintf(part, room, "%s", entry->d_name);
		found++;
	}
	if (folder)
		(void)closedir(folder);
	return found;
}

enum kk_err install_stick_find(const char *root, struct install_stick *stick)
{
	struct install_stick s = { .disk = "" };
	const size_t found = parts_find(root, "konklave-package", NULL,
	    s.package, sizeof(s.package));

	if (found != 1)
		return found == 0 ? KK_ENOENT : KK_ESTATE;
	if (!disk_of(root, s.package, s.disk, sizeof(s.disk)) ||
	    parts_find(root, "profile", s.disk, s.profile, sizeof(s.profile)) !=
		1)
		return KK_EIO;
	*stick = s;
	return KK_OK;
}

enum install_choice install_disks_keep(struct flash_disk *disks, size_t *count,
    const char *stick, uint64_t image_bytes)
{
	size_t kept = 0;
	bool is_small = false;

	for (size_t i = 0; i < *count; i++) {
		const struct flash_disk *d = &disks[i];

		if (d->is_removable || d->is_usb || d->is_read_only ||
		    d->is_used || !strcmp(d->name, stick))
			continue;
		is_small |= d->bytes < image_bytes;
		if (d->bytes >= image_bytes)
			disks[kept++] = *d;
	}
	*count = kept;
	if (kept == 0)
		return is_small ? INSTALL_SMALL : INSTALL_NONE;
	return kept == 1 ? INSTALL_ONE : INSTALL_SEVERAL;
}

enum kk_err install_answer_take(const char *line, size_t count, size_t *chosen)
{
	const size_t digits = strspn(line, "0123456789");
	unsigned long number;

	if (digits == 0 || digits > 3 ||
	    line[digits + strspn(line + digits, "\r\n")] != '\0')
		return KK_EINVAL;
	number = strtoul(line, NULL, 10);
	if (number == 0 || number > count)
		return KK_EINVAL;
	*chosen = number - 1;
	return KK_OK;
}
