/* disks.c - what a machine has: folders that look like its /sys and /proc. */
#define _GNU_SOURCE /* mkdtemp(), nftw() */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/tap.h"
#include "tools/flash/flash.h"

static char root[64];
static struct flash_disk disks[FLASH_DISKS_MAX];
static size_t count;

/* Adds a text to a file, and makes the folders above it. */
static void put(const char *path, const char *text)
{
	char whole[256];
	FILE *file;

	(void)snprintf(whole, sizeof(whole), "%s/%s", root, path);
	for (char *p = whole + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(whole, 0700);
		*p = '/';
	}
	file = fopen(whole, "ae");
	CHECK(file && fputs(text, file) >= 0);
	CHECK(file && fclose(file) == 0);
}

static void world_make(void)
{
	memcpy(root, "/tmp/kk-disks-XXXXXX", 21);
	CHECK(mkdtemp(root));
	put("proc/self/mounts", "proc /proc proc rw 0 0\n");
	put("proc/swaps", "Filename Type Size Used Priority\n");
}

static void attribute_add(const char *disk, const char *name, const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "sys/block/%s/%s", disk, name);
	put(path, text);
}

static void disk_add(const char *name, const char *sectors)
{
	attribute_add(name, "size", sectors);
	attribute_add(name, "size", "\n");
	attribute_add(name, "ro", "0\n");
	attribute_add(name, "removable", "1\n");
	attribute_add(name, "device/model", "Stick  \n");
}

static int entry_remove(const char *path, const struct stat *st, int kind,
    struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static void world_clear(void)
{
	CHECK_EQ(nftw(root, entry_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void list(void)
{
	CHECK_OK(flash_disks_list(root, disks, &count));
}

static const struct flash_disk *disk(const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(disks[i].name, name))
			return &disks[i];
	}
	tap_true(TAP_HERE, name, false);
	return NULL;
}

TEST(disks_are_listed_by_name_and_what_is_none_is_not)
{
	world_make();
	disk_add("sdb", "1000");
	disk_add("sda", "8");
	disk_add("loop0", "8");
	disk_add("sr0", "8");
	disk_add("zram0", "8");
	disk_add("sdc", "0"); /* a reader without a card */
	list();
	CHECK_EQ(count, 2);
	CHECK_STR(disks[0].name, "sda");
	CHECK_STR(disks[1].name, "sdb");
	CHECK_EQ(disks[1].bytes, 512000);
	CHECK_STR(disks[1].model, "Stick");
	CHECK(disks[1].is_removable);
	CHECK(!disks[1].is_used);
	world_clear();
}

TEST(mounts_swaps_and_holders_make_a_disk_used)
{
	world_make();
	disk_add("sda", "8");
	disk_add("sdb", "8");
	disk_add("sdc", "8");
	disk_add("nvme0n1", "8");
	disk_add("nvme1n1", "8");
	put("proc/self/mounts", "/dev/sda2 /mnt/stick ext4 rw 0 0\n");
	put("proc/self/mounts", "/dev/nvme0n1p3 / ext4 rw 0 0\n");
	put("proc/swaps", "/dev/sdb1 partition 1 0 -2\n");
	put("sys/block/nvme1n1/nvme1n1p1/holders/dm-0", "");
	list();
	CHECK(disk("sda")->is_used && !disk("sda")->is_system);
	CHECK_STR(disk("sda")->used_as, "/mnt/stick");
	CHECK(disk("sdb")->is_system); /* swap */
	CHECK(!disk("sdc")->is_used);
	CHECK(disk("nvme0n1")->is_system);
	CHECK_STR(disk("nvme1n1")->used_as, "dm-0");
	CHECK(disk("nvme1n1")->is_system);
	world_clear();
}

TEST(names_that_only_begin_alike_are_other_disks)
{
	world_make();
	disk_add("sda", "8");
	disk_add("sdaa", "8");
	disk_add("mmcblk1", "8");
	disk_add("mmcblk10", "8");
	put("proc/self/mounts", "/dev/sdaa1 / ext4 rw 0 0\n");
	put("proc/self/mounts", "/dev/mmcblk10p1 /mnt ext4 rw 0 0\n");
	list();
	CHECK(!disk("sda")->is_used);
	CHECK(disk("sdaa")->is_system);
	CHECK(disk("mmcblk10")->is_used);
	world_clear();
}

TEST(a_machine_without_block_devices_is_an_error)
{
	CHECK_ERR(flash_disks_list("/nonexistent", disks, &count), KK_EIO);
	CHECK_EQ(count, 0);
}

TEST(sizes_are_said_as_disks_are_sold)
{
	char text[16];

	CHECK(!setenv("KK_LANG", "en", 1));
	flash_size_text(text, 999);
	CHECK_STR(text, "0.9 kB");
	flash_size_text(text, 64000000000ULL);
	CHECK_STR(text, "64.0 GB");
	CHECK(!setenv("KK_LANG", "de", 1));
	flash_size_text(text, 4200000);
	CHECK_STR(text, "4,2 MB");
	CHECK(!unsetenv("KK_LANG"));
}

TEST(every_sentence_is_there_in_both_languages)
{
	for (unsigned i = 0; i < FLASH_WORDS; i++) {
		const char *english;

		CHECK(!setenv("KK_LANG", "en", 1));
		english = flash_word(i);
		CHECK(!setenv("KK_LANG", "de", 1));
		CHECK(english && flash_word(i));
	}
	CHECK(!unsetenv("KK_LANG"));
}
