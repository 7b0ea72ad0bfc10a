/* parse.c - what others say: konklave-boot, rauc, roomd, our own file. */
#include <stdio.h>
#include <string.h>

#include "firmware/bin/konklave-update/driver.h"
#include "harness/tap.h"

TEST(boot_status_tells_slot_floor_and_whether_it_was_confirmed)
{
	static const struct {
		const char *text;
		enum kk_err err;
		enum boot_slot running;
		uint64_t floor;
		bool is_try, is_confirmed;
	} rows[] = {
		{ "running a\npreferred a\nfloor 7\n"
		  "a good, 0 boots since it was confirmed\n"
		  "b empty, 0 boots since it was confirmed\n",
		    KK_OK, BOOT_A, 7, false, true },
		{ "running b\npreferred a\nfloor 0\n"
		  "a good, 0 boots since it was confirmed\n"
		  "b trying, 1 boots since it was confirmed\n",
		    KK_OK, BOOT_B, 0, true, false },
		{ "running b\nfloor 1\nb failed, 2 boots\n", KK_OK, BOOT_B, 1,
		    false, false },
		{ "running b\nfloor 1\nb good, 1 boots\n", KK_OK, BOOT_B, 1,
		    false, false },
		/* What has no boots was not started. */
		{ "running b\nfloor 1\nb failed, 0 boots\n", KK_OK, BOOT_B, 1,
		    false, false },
		{ "", KK_EFORMAT, 0, 0, false, false },
		{ "running c\nfloor 1\n", KK_EFORMAT, 0, 0, false, false },
		{ "running a\nfloor 1\n", KK_EFORMAT, 0, 0, false, false },
		{ "running a\na good, 0 boots\n", KK_EFORMAT, 0, 0, false,
		    false },
		{ "running a\nfloor -1\na good, 0 boots\n", KK_EFORMAT, 0, 0,
		    false, false },
		{ "running a\nfloor 1\na good\n", KK_EFORMAT, 0, 0, false,
		    false },
		{ "running a\nfloor 1\na good, 3 boots\n", KK_EFORMAT, 0, 0,
		    false, false },
	};

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		struct facts f = { 0 };

		CHECK_ERR(facts_status_parse(&f, rows[i].text), rows[i].err);
		if (rows[i].err)
			continue;
		CHECK_EQ(f.running, rows[i].running);
		CHECK_EQ(f.floor, rows[i].floor);
		CHECK_EQ(f.is_try, rows[i].is_try);
		CHECK_EQ(f.is_confirmed, rows[i].is_confirmed);
	}
}

TEST(version_and_board_are_what_the_image_says)
{
	char board[DRIVER_BOARD_BYTES], line[2 * DRIVER_BOARD_BYTES];

	CHECK_EQ(facts_version_parse("ro konklave.version=12 x\n"), 12);
	CHECK_EQ(facts_version_parse("konklave.version=12x"), 0);
	CHECK_EQ(facts_version_parse("xkonklave.version=12"), 0);
	CHECK_EQ(facts_version_parse(""), 0);
	CHECK_OK(facts_board_parse(board,
	    "ID=konklave\nIMAGE_ID=qemu-x86_64\nIMAGE_VERSION=1\n"));
	CHECK_STR(board, "konklave-qemu-x86_64");
	CHECK_ERR(facts_board_parse(board, "ID=konklave\n"), KK_EFORMAT);
	CHECK_ERR(facts_board_parse(board, "IMAGE_ID=\n"), KK_EFORMAT);
	CHECK_ERR(facts_board_parse(board, "IMAGE_ID=../x\n"), KK_EFORMAT);
	CHECK_ERR(facts_board_parse(board, "XIMAGE_ID=a\n"), KK_EFORMAT);
	(void)snprintf(line, sizeof(line), "IMAGE_ID=%071d\n", 0);
	CHECK_ERR(facts_board_parse(board, line), KK_EFORMAT);
	CHECK_STR(board, "");
	(void)snprintf(line, sizeof(line), "IMAGE_ID=%070d\n", 0);
	CHECK_OK(facts_board_parse(board, line));
}

TEST(bundle_info_is_of_the_verity_format_with_a_number_as_version)
{
	static const struct {
		const char *text;
		enum kk_err err;
	} rows[] = {
		{ "{\"compatible\":\"konklave-x\",\"version\":\"17\","
		  "\"format\":\"verity\",\"images\":[]}",
		    KK_OK },
		{ "{\"compatible\":\"konklave-x\",\"version\":\"17\","
		  "\"format\":\"plain\"}",
		    KK_EFORMAT },
		{ "{\"compatible\":\"konklave-x\",\"version\":\"1.7\","
		  "\"format\":\"verity\"}",
		    KK_EFORMAT },
		{ "{\"compatible\":\"konklave-x\",\"version\":\"0\","
		  "\"format\":\"verity\"}",
		    KK_EFORMAT },
		{ "{\"compatible\":\"konklave-x\",\"version\":null,"
		  "\"format\":\"verity\"}",
		    KK_EFORMAT },
		{ "{\"version\":\"17\",\"format\":\"verity\"}", KK_EFORMAT },
		{ "[]", KK_EFORMAT },
		{ "17", KK_EFORMAT },
		{ "", KK_EFORMAT },
		{ "{", KK_EFORMAT },
	};
	struct bundle_info info;

	for (size_t i = 0; i < KK_ARRAY_LEN(rows); i++) {
		CHECK_ERR(bundle_info_parse(&info, rows[i].text), rows[i].err);
		CHECK_EQ(info.version, rows[i].err ? 0 : 17);
		CHECK_STR(info.board, rows[i].err ? "" : "konklave-x");
	}
}

TEST(tried_is_one_line_and_nothing_else)
{
	static const char *const wrong[] = { "", "c 1 x\n", "a 1\n", "a 1 \n",
		"a 1 x", "a 1 x\ny", "a 0 x\n", "a -1 x\n", "a1 x\n" };
	char line[TRIED_BYTES];
	struct tried t;

	CHECK_OK(tried_parse(&t, "b 17 1111-2222\n"));
	CHECK_EQ(t.slot, BOOT_B);
	CHECK_EQ(t.version, 17);
	CHECK_STR(t.boot_id, "1111-2222");
	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++)
		CHECK_ERR(tried_parse(&t, wrong[i]), KK_EFORMAT);
	(void)snprintf(line, sizeof(line), "a 1 %063d\n", 0);
	CHECK_OK(tried_parse(&t, line));
	(void)snprintf(line, sizeof(line), "a 1 %064d\n", 0);
	CHECK_ERR(tried_parse(&t, line), KK_EFORMAT);
}
