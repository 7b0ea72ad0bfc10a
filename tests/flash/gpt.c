/* gpt.c - where a partition is. */
#include "flash/table.h"
#include "harness/tap.h"
#include "tools/flash/flash.h"

static uint8_t disk[TABLE_BYTES];

static enum kk_err find(const char *name, struct flash_part *part)
{
	return flash_gpt_find(kk_view_of(disk, sizeof(disk)), name, part);
}

static void two_make(void)
{
	memset(disk, 0, sizeof(disk));
	table_make(disk, 128);
	table_entry(disk, 0, "profiles", 34, 99);
	table_entry(disk, 5, "profile", 2048, 4095);
}

TEST(a_partition_is_found_by_its_whole_name)
{
	struct flash_part part;

	two_make();
	CHECK_OK(find("profile", &part));
	CHECK_EQ(part.at, 2048 * 512);
	CHECK_EQ(part.bytes, 2048 * 512);
	CHECK_ERR(find("prof", &part), KK_ENOENT);
	CHECK_ERR(find("data", &part), KK_ENOENT);
}

TEST(what_is_no_table_is_refused)
{
	struct flash_part part;

	two_make();
	disk[512] = 'X';
	CHECK_ERR(find("profile", &part), KK_EFORMAT);
	two_make();
	table_le(disk + 512 + 80, 257, 4); /* entries */
	CHECK_ERR(find("profile", &part), KK_EFORMAT);
	two_make();
	table_le(disk + 512 + 84, 127, 4); /* of an entry */
	CHECK_ERR(find("profile", &part), KK_EFORMAT);
	two_make();
	table_le(disk + 512 + 72, UINT64_MAX, 8); /* where they are */
	CHECK_ERR(find("profile", &part), KK_ETRUNC);
}

TEST(a_partition_that_cannot_be_is_refused)
{
	struct flash_part part;

	two_make();
	table_entry(disk, 5, "profile", 4096, 4095);
	CHECK_ERR(find("profile", &part), KK_EFORMAT);
	table_entry(disk, 5, "profile", 0, 4095);
	CHECK_ERR(find("profile", &part), KK_EFORMAT);
	table_entry(disk, 5, "profile", 1, UINT64_MAX);
	CHECK_ERR(find("profile", &part), KK_EFORMAT);
}

TEST(a_table_that_is_cut_is_refused)
{
	struct flash_part part;

	two_make();
	for (size_t i = 0; i < sizeof(disk); i += 97)
		CHECK_ERR(flash_gpt_find(kk_view_of(disk, i), "profile", &part),
		    KK_ETRUNC);
}
