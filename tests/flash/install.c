/* install.c - which stick it is, and which disk it may write. */
#define _GNU_SOURCE /* mkdtemp(), nftw() */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/tap.h"
#include "mock/alloc.h"
#include "tools/flash/install.h"

enum { GB = 1000000000 };

static char root[64];

/* --- a machine's /sys ----------------------------------------------------- */

static void folder_make(const char *path)
{
	char whole[512];

	(void)snprintf(whole, sizeof(whole), "%s/%s/", root, path);
	for (char *p = whole + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(whole, 0700);
		*p = '/';
	}
}

static void world_make(void)
{
	memcpy(root, "/tmp/kk-install-XXXXXX", 23);
	CHECK(mkdtemp(root));
	folder_make("sys/class/block");
}

/* A partition with a name, as sysfs has it; label NULL: none. */
static void part_add(const char *disk, const char *part, const char *label)
{
	char path[256], link[512];
	FILE *file;
	int closed;

	(void)snprintf(path, sizeof(path), "sys/devices/%s/%s", disk, part);
	folder_make(path);
	(void)snprintf(link, sizeof(link), "%s/%s/uevent", root, path);
	file = fopen(link, "we");
	CHECK(file);
	if (!file)
		return;
	CHECK(fprintf(file, "MAJOR=8\nDEVNAME=%s\n%s%s\n", part,
		  label ? "PARTNAME=" : "", label ? label : "") > 0);
	closed = fclose(file);
	CHECK(closed == 0);
	(void)snprintf(path, sizeof(path), "../../devices/%s/%s", disk, part);
	(void)snprintf(link, sizeof(link), "%s/sys/class/block/%s", root, part);
	CHECK(symlink(path, link) == 0);
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
	CHECK(nftw(root, entry_remove, 16, FTW_DEPTH | FTW_PHYS) == 0);
}

TEST(the_stick_is_the_disk_with_the_package_and_its_own_profile)
{
	struct install_stick stick;

	world_make();
	part_add("nvme0n1", "nvme0n1p1", "profile"); /* an installed box's */
	part_add("sdb", "sdb1", "esp");
	part_add("sdb", "sdb2", "profile");
	part_add("sdb", "sdb3", "konklave-package");
	part_add("sdc", "sdc1", NULL);
	CHECK_OK(install_stick_find(root, &stick));
	CHECK_STR(stick.disk, "sdb");
	CHECK_STR(stick.package, "sdb3");
	CHECK_STR(stick.profile, "sdb2");
	world_clear();
}

TEST(no_stick_two_sticks_and_half_a_stick_are_told_apart)
{
	struct install_stick stick;

	world_make();
	CHECK_ERR(install_stick_find(root, &stick), KK_ENOENT);
	part_add("sda", "sda1", "konklave-packag");
	part_add("sda", "sda2", "profile");
	CHECK_ERR(install_stick_find(root, &stick), KK_ENOENT);
	part_add("sdb", "sdb3", "konklave-package");
	CHECK_ERR(install_stick_find(root, &stick), KK_EIO);
	part_add("sdc", "sdc3", "konklave-package");
	CHECK_ERR(install_stick_find(root, &stick), KK_ESTATE);
	world_clear();
	CHECK_ERR(install_stick_find("/nonexistent", &stick), KK_ENOENT);
}

/* --- disks ---------------------------------------------------------------- */

static const struct flash_disk internal = { .name = "sda",
	.bytes = 64ULL * GB };

static struct flash_disk disks[4];
static size_t count;

static enum install_choice keep(void)
{
	return install_disks_keep(disks, &count, "sdb", GB);
}

TEST(the_only_disk_of_the_box_is_it)
{
	count = 1;
	disks[0] = internal;
	CHECK_EQ(keep(), INSTALL_ONE);
	CHECK_EQ(count, 1);
	CHECK_STR(disks[0].name, "sda");
}

/* Beside a good disk, one with this about it changes nothing; alone, there is
 * none. */
static void never(struct flash_disk disk, enum install_choice alone)
{
	for (int first = 0; first < 2; first++) {
		count = 2;
		disks[first] = internal;
		disks[!first] = disk;
		CHECK_EQ(keep(), INSTALL_ONE);
		CHECK_EQ(count, 1);
		CHECK_STR(disks[0].name, "sda");
	}
	count = 1;
	disks[0] = disk;
	CHECK_EQ(keep(), alone);
	CHECK_EQ(count, 0);
}

TEST(sticks_what_is_used_and_what_is_too_small_are_never_written)
{
	const struct flash_disk other = { .name = "sdc", .bytes = 9ULL * GB };
	struct flash_disk d = other;

	d.is_usb = true;
	never(d, INSTALL_NONE);
	d = other;
	d.is_removable = true;
	never(d, INSTALL_NONE);
	d = other;
	d.is_read_only = true;
	never(d, INSTALL_NONE);
	d = other;
	d.is_used = true;
	never(d, INSTALL_NONE);
	d = other;
	d.bytes = GB - 1;
	never(d, INSTALL_SMALL);
	d = other;
	(void)snprintf(d.name, sizeof(d.name), "sdb");
	never(d, INSTALL_NONE);
}

TEST(a_disk_just_large_enough_is_taken_and_two_are_a_question)
{
	count = 3;
	disks[0] = internal;
	disks[1] = internal;
	disks[1].is_usb = true;
	disks[2] = internal;
	(void)snprintf(disks[2].name, sizeof(disks[2].name), "nvme0n1");
	disks[2].bytes = GB;
	CHECK_EQ(keep(), INSTALL_SEVERAL);
	CHECK_EQ(count, 2);
	CHECK_STR(disks[0].name, "sda");
	CHECK_STR(disks[1].name, "nvme0n1");
	count = 0;
	CHECK_EQ(keep(), INSTALL_NONE);
}

TEST(an_answer_is_a_number_of_the_list_and_nothing_else)
{
	static const char *const wrong[] = { "", "\n", "0\n", "3\n", "-1\n",
		"+1\n", " 1\n", "1 \n", "1x\n", "x\n", "0001\n", "1\n2\n",
		"99999999999999999999\n" };
	size_t chosen = 7;

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_ERR(install_answer_take(wrong[i], 2, &chosen), KK_EINVAL);
	CHECK_EQ(chosen, 7);
	CHECK_OK(install_answer_take("1\n", 2, &chosen));
	CHECK_EQ(chosen, 0);
	CHECK_OK(install_answer_take("2\r\n", 2, &chosen));
	CHECK_EQ(chosen, 1);
	CHECK_OK(install_answer_take("02", 2, &chosen));
	CHECK_EQ(chosen, 1);
	CHECK_ERR(install_answer_take("1\n", 0, &chosen), KK_EINVAL);
}

/* --- the profile's place -------------------------------------------------- */

static char place[32];

/* A partition that begins with these bytes and has zeros behind. */
static void place_make(const uint8_t *data, size_t bytes, size_t zeros)
{
	static const uint8_t nothing[128];
	int file;

	memcpy(place, "/tmp/kk-record-XXXXXX", 22);
	file = mkstemp(place);
	CHECK(file >= 0);
	CHECK(write(file, data, bytes) == (ssize_t)bytes);
	CHECK(write(file, nothing, zeros) == (ssize_t)zeros);
	CHECK(close(file) == 0);
}

static enum kk_err place_read(void)
{
	struct kk_bytes record;
	struct kk_view text;
	enum kk_err err = flash_record_read(place, &record, &text);

	if (!err) {
		CHECK_EQ(text.bytes, 14);
		CHECK_MEM(text.data, "name = Room 4\n", 14);
	} else {
		CHECK(!record.data);
	}
	kk_bytes_clear(&record);
	return err;
}

TEST(a_record_comes_back_and_an_empty_place_is_none)
{
	struct kk_bytes record;
	enum kk_err err;

	CHECK_OK(flash_record_make(kk_view_text("name = Room 4\n"), &record));
	place_make(record.data, record.bytes, 100);
	CHECK_OK(place_read());
	ALLOC_FAULT_LOOP(err, place_read());
	CHECK_OK(err);
	CHECK(unlink(place) == 0);
	place_make(record.data, 0, 100);
	CHECK_ERR(place_read(), KK_ENOENT);
	CHECK(unlink(place) == 0);
	CHECK_ERR(place_read(), KK_EIO);
	kk_bytes_clear(&record);
}

TEST(no_record_with_a_turned_bit_or_without_its_end_comes_back)
{
	struct kk_bytes record;

	CHECK_OK(flash_record_make(kk_view_text("name = Room 4\n"), &record));
	for (size_t bit = 0; bit < record.bytes * 8; bit++) {
		record.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		place_make(record.data, record.bytes, 100);
		CHECK(place_read() != KK_OK);
		CHECK(unlink(place) == 0);
		record.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bytes = 0; bytes < record.bytes; bytes++) {
		place_make(record.data, bytes, 0);
		CHECK_ERR(place_read(), KK_ETRUNC);
		CHECK(unlink(place) == 0);
	}
	record.data[9] = 1; /* 64 KiB and a bit */
	place_make(record.data, record.bytes, 100);
	CHECK_ERR(place_read(), KK_ELIMIT);
	CHECK(unlink(place) == 0);
	kk_bytes_clear(&record);
}
