/* disk.c - the partition that the firmware starts from. */
#define _GNU_SOURCE /* O_DIRECTORY, realpath() */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handler.h"

/* What Linux counts partitions in, whatever the disk's own sectors are. */
enum { LINUX_SECTOR_BYTES = 512, NAME_BYTES = 256, NUMBER_BYTES = 32 };

static enum kk_err path_make(char out[PATH_MAX], const char *a, const char *b,
    const char *c, const char *d)
{
	const int n = snprintf(out, PATH_MAX, "%s%s%s%s", a, b, c, d);

	return n < 0 || n >= PATH_MAX ? KK_ELIMIT : KK_OK;
}

/* "sda1", where a link of /dev/disk leads to. */
static enum kk_err device_name(const char *link, char out[NAME_BYTES])
{
	char path[PATH_MAX];
	const char *name;

	if (!realpath(link, path))
		return errno == ENOENT ? KK_ENOENT : KK_EIO;
	name = strrchr(path, '/') + 1;
	if (strlen(name) >= NAME_BYTES)
		return KK_ELIMIT;
	memcpy(out, name, strlen(name) + 1);
	return KK_OK;
}

static enum kk_err number_read(const struct handler_options *o,
    const char *device, const char *what, uint64_t max, uint64_t *out)
{
	char path[PATH_MAX], text[NUMBER_BYTES] = "";
	const char *at = text;
	enum kk_err err = path_make(path, o->sys, "/class/block/", device,
	    what);
	FILE *file;

	if (err)
		return err;
	file = fopen(path, "re");
	if (!file)
		return KK_EIO;
	if (!fgets(text, sizeof(text), file) ||
	    !program_number_take(&at, 0, max, out) || *at != '\n')
		err = KK_EFORMAT;
	(void)fclose(file);
	return err;
}

static bool is_same_device(const char *folder, const char *guid,
    const char *device)
{
	char path[PATH_MAX], name[NAME_BYTES];

	return !path_make(path, folder, "/", guid, "") &&
	    !device_name(path, name) && !strcmp(name, device);
}

static enum kk_err guid_find(const struct handler_options *o,
    const char *device, uint8_t guid[16])
{
	const struct dirent *entry;
	char folder[PATH_MAX];
	enum kk_err err = path_make(folder, o->dev, "/by-partuuid", "", "");
	DIR *links;

	if (err)
		return err;
	links = opendir(folder);
	if (!links)
		return KK_ENOENT;
	err = KK_ENOENT;
	while (err == KK_ENOENT &&
	    (entry = readdir(links)) != NULL) { /* NOLINT(*-mt-unsafe) */
		if (is_same_device(folder, entry->d_name, device))
			err = facts_guid_parse(entry->d_name, guid);
	}
	(void)closedir(links);
	return err;
}

/* GPT counts the disk's own blocks: Linux' sectors are divided by their size.
 */
static enum kk_err block_bytes(const struct handler_options *o,
    const char *device, uint64_t *bytes)
{
	const enum kk_err err = number_read(o, device,
	    "/../queue/logical_block_size", 65536, bytes);

	if (err)
		return err;
	return *bytes < LINUX_SECTOR_BYTES || *bytes % LINUX_SECTOR_BYTES ?
	    KK_EFORMAT :
	    KK_OK;
}

enum kk_err disk_find(const struct handler_options *o, struct boot_disk *disk)
{
	uint64_t number, start, sectors, bytes;
	char link[PATH_MAX], device[NAME_BYTES];
	enum kk_err err = path_make(link, o->dev, "/konklave/", o->esp, "");

	if (!err)
		err = device_name(link, device);
	if (!err)
		err = number_read(o, device, "/partition", UINT32_MAX, &number);
	if (!err)
		err = number_read(o, device, "/start", UINT64_MAX, &start);
	if (!err)
		err = number_read(o, device, "/size", UINT64_MAX, &sectors);
	if (!err)
		err = block_bytes(o, device, &bytes);
	if (!err)
		err = guid_find(o, device, disk->guid);
	if (err)
		return err;
	disk->number = (uint32_t)number;
	disk->start = start / (bytes / LINUX_SECTOR_BYTES);
	disk->sectors = sectors / (bytes / LINUX_SECTOR_BYTES);
	return KK_OK;
}
