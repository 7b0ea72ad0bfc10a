/* notice.c - what programs tell on the room's picture, as files. */
#define _GNU_SOURCE /* mkdtemp() */
#include "program/notice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/process.h"
#include "harness/tap.h"

enum { ROOM = 4, PATH = 96 };

static char *folder_new(void)
{
	static char folder[32];

	(void)snprintf(folder, sizeof(folder), "/tmp/kk-notice-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	return folder;
}

static const char *path_of(const char *folder, const char *name)
{
	static char path[PATH];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void text_put(const char *folder, const char *name, const char *text)
{
	file_write(path_of(folder, name), (const uint8_t *)text, strlen(text));
}

TEST(notice_is_read_by_all_users_as_it_was_told)
{
	const char *folder = folder_new();
	const mode_t mask = umask(077);
	struct notice n = { .kind = NOTICE_UPDATE_WRITING, .number = 41 };
	struct notice all[ROOM];
	struct stat st;
	uint64_t before_s;

	before_s = program_notice_now_s();
	CHECK_OK(program_notice_put(folder, "update", &n));
	(void)umask(mask);
	CHECK_EQ(stat(path_of(folder, "update"), &st), 0);
	CHECK_EQ(st.st_mode & 0777, 0644);
	CHECK_EQ(program_notices_read(folder, all, ROOM), 1);
	CHECK(notice_is_equal(&all[0], &n));
	CHECK(all[0].at_s >= before_s);
	CHECK(all[0].at_s <= program_notice_now_s());
	folder_remove(folder);
}

TEST(notice_has_the_last_part_of_a_path_and_no_name_that_is_none)
{
	const char *folder = folder_new();
	struct notice all[ROOM];

	CHECK_OK(program_notice_tell(folder, "stick", NOTICE_UPDATE_BOARD,
	    "/run/stick/konklave-test.raucb"));
	CHECK_EQ(program_notices_read(folder, all, ROOM), 1);
	CHECK_STR(all[0].name, "konklave-test.raucb");
	CHECK_OK(program_notice_tell(folder, "stick", NOTICE_UPDATE_BOARD,
	    "a b\n"));
	CHECK_EQ(program_notices_read(folder, all, ROOM), 1);
	CHECK_EQ(all[0].kind, NOTICE_UPDATE_BOARD);
	CHECK_STR(all[0].name, "");
	CHECK_OK(program_notice_tell(folder, "stick", NOTICE_STICK_READING,
	    NULL));
	CHECK_EQ(program_notices_read(folder, all, ROOM), 1);
	CHECK_EQ(all[0].kind, NOTICE_STICK_READING);
	folder_remove(folder);
}

TEST(what_is_no_notice_is_left_out_and_there_is_room_for_so_many)
{
	const char *folder = folder_new();
	struct notice all[ROOM];
	char large[NOTICE_BYTES + 2];

	memset(large, 'a', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	text_put(folder, "large", large);
	text_put(folder, "empty", "");
	text_put(folder, "wrong", "update-done 0\n");
	text_put(folder, "half.new", "update-done 0 1\n");
	CHECK_EQ(symlink("half.new", path_of(folder, "link")), 0);
	CHECK_EQ(mkdir(path_of(folder, "folder"), 0700), 0);
	CHECK_EQ(program_notices_read(folder, all, ROOM), 0);
	text_put(folder, "right", "update-done 0 1\n");
	CHECK_EQ(program_notices_read(folder, all, ROOM), 1);
	text_put(folder, "one", "update-done 0 1\n");
	text_put(folder, "two", "update-done 0 1\n");
	CHECK_EQ(program_notices_read(folder, all, 2), 2);
	folder_remove(folder);
}

TEST(without_a_folder_nobody_is_told)
{
	struct notice all[ROOM];

	CHECK_ERR(program_notice_tell("/nowhere/notice", "stick",
		      NOTICE_STICK_READING, NULL),
	    KK_ENOENT);
	CHECK_EQ(program_notices_read("/nowhere/notice", all, ROOM), 0);
}
