/*
 * fat.h - a FAT32 file system as firmware reads it: by paths, large letters
 * like small ones.  Source: Microsoft, FAT32 File System Specification, 1.03;
 * UEFI 2.10, 13.3.
 */
#pragma once
#include "tests/cuts/disk.h"

struct fat {
	const struct cuts_disk *disk;
	uint64_t table, data; /* sectors of the disk */
	uint32_t cluster_sectors, clusters, root;
};

enum { FAT_FILE_SECTORS = 1 << 16 }; /* 32 MiB */

struct fat_file {
	uint32_t first, bytes;
	const uint8_t **sector; /* places, to be freed */
	uint64_t sectors;
};

/* The partition's.  Errors: KK_EFORMAT. */
MUST_CHECK enum kk_err fat_open(struct fat *f, const struct cuts_disk *d,
    uint64_t at, uint64_t sectors);

/*
 * A file by its path, as "EFI/BOOT/BOOTX64.EFI".  *file is to be cleared.
 * Errors: KK_ENOENT; KK_EFORMAT its clusters end too early, or run in a circle;
 * KK_ELIMIT larger than anything that is started.
 */
MUST_CHECK enum kk_err fat_file_open(const struct fat *f, const char *path,
    struct fat_file *file);
void fat_file_clear(struct fat_file *file);

struct fat_use {
	uint32_t had; /* clusters of files and folders */
	uint32_t lost; /* taken in the table, and nothing has them */
	uint32_t shared; /* two have them, or one twice */
};

/* Who has the clusters that are taken. */
struct fat_use fat_use(const struct fat *f);
