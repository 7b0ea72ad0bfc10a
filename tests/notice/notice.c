/* notice.c - what a box tells beside the meeting: its file, what counts, and
 * its words. */
#include "notice/notice.h"

#include <stdio.h>
#include <string.h>

#include "harness/tap.h"

static struct notice told(enum notice_kind kind, unsigned number, uint64_t at_s)
{
	return (struct notice){ .kind = kind, .number = number, .at_s = at_s };
}

TEST(each_kind_is_read_as_it_was_written)
{
	for (unsigned i = 0; i < NOTICE_KINDS; i++) {
		struct notice n = { (enum notice_kind)i, i * 7, 1000 + i,
			"konklave-1a_2B.pem" };
		struct notice again;
		char text[NOTICE_BYTES];
		size_t bytes = notice_format(&n, text);

		CHECK(bytes > 0);
		CHECK_OK(notice_parse(&again, kk_view_of(text, bytes)));
		CHECK(notice_is_equal(&n, &again));
		CHECK_EQ(n.at_s, again.at_s);
		n.name[0] = '\0';
		bytes = notice_format(&n, text);
		CHECK_OK(notice_parse(&again, kk_view_of(text, bytes)));
		CHECK(notice_is_equal(&n, &again));
	}
}

TEST(file_that_is_not_wholly_right_is_no_notice)
{
	static const char *const wrong[] = { "", "\n", "update-writing",
		"update-writing 4", "update-writing 4 7", "update-writing 4\n",
		"update-writing 10000 7\n", "update-writing 04 7\n",
		"update-writing -4 7\n", "update-writing 4 4294967296\n",
		"update-writing 4 7 \n", "update-writing 4 7 a b\n",
		"update-writing 4 7 a/b\n", "update-writing 4 7 \xc3\xa4\n",
		"update-writing 4 7\nx", "update-writing 4 7\n\n",
		" update-writing 4 7\n", "update-rewriting 4 7\n" };
	struct notice n;
	char text[NOTICE_BYTES + 1];

	for (size_t i = 0; i < KK_ARRAY_LEN(wrong); i++) {
		n = told(NOTICE_UPDATE_DONE, 1, 1);
		CHECK_ERR(notice_parse(&n, kk_view_text(wrong[i])), KK_EFORMAT);
		CHECK_EQ(n.kind, NOTICE_NONE);
	}
	CHECK_ERR(notice_parse(&n, kk_view_of(NULL, 0)), KK_EFORMAT);
	CHECK_OK(notice_parse(&n, kk_view_text("update-writing 4 7\n")));
	/* A name of which not all is kept. */
	memset(text, 'a', sizeof(text));
	memcpy(text, "update-writing 4 7 ", 19);
	text[19 + NOTICE_NAME_BYTES] = '\n';
	CHECK_ERR(notice_parse(&n, kk_view_of(text, 20 + NOTICE_NAME_BYTES)),
	    KK_EFORMAT);
	text[18 + NOTICE_NAME_BYTES] = '\n';
	CHECK_OK(notice_parse(&n, kk_view_of(text, 19 + NOTICE_NAME_BYTES)));
}

TEST(name_is_of_a_file_and_nothing_else)
{
	char name[NOTICE_NAME_BYTES + 1];

	CHECK(notice_is_name(""));
	CHECK(notice_is_name("konklave-x86_64-uefi.raucb"));
	CHECK(!notice_is_name("a b"));
	CHECK(!notice_is_name("../a"));
	CHECK(!notice_is_name("a\n"));
	memset(name, 'a', sizeof(name));
	name[NOTICE_NAME_BYTES] = '\0';
	CHECK(!notice_is_name(name));
	name[NOTICE_NAME_BYTES - 1] = '\0';
	CHECK(notice_is_name(name));
}

TEST(newest_ones_are_picked_and_the_oldest_falls_out)
{
	const struct notice all[] = { told(NOTICE_CERTIFICATE_TAKEN, 0, 20),
		told(NOTICE_NONE, 0, 90), told(NOTICE_STICK_NOTHING, 0, 10),
		told(NOTICE_UPDATE_CHECKING, 0, 30) };
	struct notices picked;

	notice_pick(&picked, all, KK_ARRAY_LEN(all), 40);
	CHECK_EQ(picked.count, NOTICES_SHOWN);
	CHECK_EQ(picked.list[0].kind, NOTICE_UPDATE_CHECKING);
	CHECK_EQ(picked.list[1].kind, NOTICE_CERTIFICATE_TAKEN);
	notice_pick(&picked, all, 3, 40);
	CHECK_EQ(picked.count, 2);
	CHECK_EQ(picked.list[0].kind, NOTICE_CERTIFICATE_TAKEN);
	CHECK_EQ(picked.list[1].kind, NOTICE_STICK_NOTHING);
	notice_pick(&picked, all, 0, 40);
	CHECK_EQ(picked.count, 0);
}

TEST(answer_ends_after_ten_minutes_and_what_waits_does_not)
{
	const struct notice all[] = { told(NOTICE_UPDATE_BOARD, 0, 100),
		told(NOTICE_UPDATE_CAME_BACK, 0, 50) };
	struct notices picked;

	notice_pick(&picked, all, 2, 699);
	CHECK_EQ(picked.count, 2);
	notice_pick(&picked, all, 2, 700);
	CHECK_EQ(picked.count, 1);
	CHECK_EQ(picked.list[0].kind, NOTICE_UPDATE_CAME_BACK);
	notice_pick(&picked, all, 2, UINT32_MAX);
	CHECK_EQ(picked.count, 1);
	/* A clock that is behind is no reason to be silent. */
	notice_pick(&picked, all, 1, 0);
	CHECK_EQ(picked.count, 1);
}

TEST(seconds_to_a_restart_are_counted_down_and_it_is_not_told_for_ever)
{
	const struct notice n = told(NOTICE_UPDATE_RESTARTING, 10, 100);
	struct notices picked;

	notice_pick(&picked, &n, 1, 100);
	CHECK_EQ(picked.list[0].number, 10);
	notice_pick(&picked, &n, 1, 107);
	CHECK_EQ(picked.list[0].number, 3);
	notice_pick(&picked, &n, 1, 111);
	CHECK_EQ(picked.list[0].number, 0);
	notice_pick(&picked, &n, 1, 300);
	CHECK_EQ(picked.count, 0);
}

TEST(that_a_stick_is_read_is_not_told_beside_what_was_on_it)
{
	struct notice all[] = { told(NOTICE_STICK_READING, 0, 100),
		told(NOTICE_UPDATE_CAME_BACK, 0, 50) };
	struct notices picked;

	notice_pick(&picked, all, 2, 101);
	CHECK_EQ(picked.count, 2);
	CHECK_EQ(picked.list[0].kind, NOTICE_STICK_READING);
	all[1] = told(NOTICE_UPDATE_CHECKING, 0, 100);
	notice_pick(&picked, all, 2, 101);
	CHECK_EQ(picked.count, 1);
	CHECK_EQ(picked.list[0].kind, NOTICE_UPDATE_CHECKING);
	notice_pick(&picked, all, 1, 160);
	CHECK_EQ(picked.count, 0);
}

TEST(each_kind_has_words_in_both_languages)
{
	char title[2][NOTICE_TITLE_BYTES], hint[2][NOTICE_HINT_BYTES];

	for (unsigned i = NOTICE_NONE + 1; i < NOTICE_KINDS; i++) {
		const struct notice n = { (enum notice_kind)i, 0, 0, "" };

		for (int german = 0; german < 2; german++) {
			notice_title(&n, german, title[german]);
			notice_hint(&n, german, hint[german]);
			CHECK(title[german][0] && hint[german][0]);
			/* All of it has room, with a name. */
			CHECK(strlen(title[german]) + 8 < NOTICE_TITLE_BYTES);
			CHECK(strlen(hint[german]) + NOTICE_NAME_BYTES <
			    NOTICE_HINT_BYTES);
		}
		CHECK(strcmp(title[0], title[1]) != 0);
		CHECK(strcmp(hint[0], hint[1]) != 0);
	}
}

TEST(number_and_name_stand_in_the_words)
{
	const struct notice writing = told(NOTICE_UPDATE_WRITING, 41, 0);
	struct notice board = told(NOTICE_UPDATE_BOARD, 0, 0);
	char title[NOTICE_TITLE_BYTES], hint[NOTICE_HINT_BYTES];

	notice_title(&writing, false, title);
	CHECK_STR(title, "An update is being installed: 41 %");
	notice_title(&writing, true, title);
	CHECK_STR(title, "Eine Aktualisierung wird installiert: 41 %");
	(void)snprintf(board.name, sizeof(board.name),
	    "konklave-x86_64-uefi.raucb");
	notice_hint(&board, false, hint);
	CHECK_STR(hint,
	    "Nothing was changed. This one needs the file "
	    "konklave-x86_64-uefi.raucb");
	CHECK(notice_is_for_meetings(NOTICE_UPDATE_BOARD));
	CHECK(!notice_is_for_meetings(NOTICE_UPDATE_CAME_BACK));
	CHECK(notice_needs_care(NOTICE_UPDATE_BOARD));
	CHECK(!notice_needs_care(NOTICE_UPDATE_WRITING));
}
